//! A WeChat Mini Program's server, simulated: the message push, access tokens, the complaint calls, media.

mod account;
mod delivery;
mod document;
mod handle;
mod new_order;
mod operations;
mod order;
mod push;
mod response;
mod serve;
mod state;
mod token;
mod url_check;

pub use account::MiniProgramAccount;
pub use delivery::SentPush;
pub use new_order::NewOrderComplaint;
pub use push::{PushConfig, PushFormat, PushMode, SignedPush};

pub(crate) use delivery::deliver;
pub(crate) use handle::set_push;
pub(crate) use push::sign_message;
pub(crate) use serve::is_path;
pub(crate) use state::MiniProgram;
