//! The codes of a complaint push that its detail does not have. The set may grow.

use crate::open_enum::open_code;

open_code! {
    /// The occasion of a push.
    pub enum OptionType {
        /// The first submission of a complaint. Every other code counts as progress: the platform's
        /// code for that is not confirmed.
        FirstSubmission = 1,
    }
}
