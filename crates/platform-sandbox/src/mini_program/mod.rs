//! A WeChat Mini Program's server, simulated: the message push, access tokens, the complaint
//! operations, media.

mod account;
mod authenticate;
mod delivery;
mod document;
mod message;
mod new_order;
mod operations;
mod order;
mod push;
mod push_config;
mod push_url;
mod request;
mod response;
mod routes;
mod sandbox;
mod serve;
mod state;
mod token;

pub use account::MiniProgramAccount;
pub use new_order::NewOrderComplaint;
pub use push::SignedPush;
pub use push_config::{PushConfig, PushFormat, PushMode};

pub(crate) use delivery::deliver;
pub(crate) use document::{cdata, plain};
pub(crate) use message::Message;
pub(crate) use order::Order;
pub(crate) use push::{sign, sign_message};
pub(crate) use push_url::set_push;
pub(crate) use request::Request;
pub(crate) use response::Refusal;
pub(crate) use routes::operation_names;
pub(crate) use serve::is_path;
pub(crate) use state::MiniProgram;
