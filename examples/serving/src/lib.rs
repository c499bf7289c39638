//! The surroundings of an example server: the address that it listens at, from its environment, and
//! files for its own user alone.

mod listening;
mod private;

pub use crate::listening::{Listening, ListeningError, TlsFiles};
pub use crate::private::{beside, private_database, private_file};
