//! The errors of a sandbox itself.

/// An error of the sandbox itself: it did not start, or it cannot do what the test asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SandboxError {
    /// A key or a certificate could not be made.
    #[error("a key or certificate of the sandbox could not be made: {0}")]
    Identity(String),
    /// The port could not be bound.
    #[error("the sandbox cannot listen: {0}")]
    Listen(String),
    /// The file of its memory cannot be read or written.
    #[error("{path}, the sandbox's memory: {reason}")]
    Memory {
        /// The file.
        path: String,
        /// The reason, and what to do.
        reason: String,
    },
    /// The sandbox has no complaint with this id.
    #[error("the sandbox has no complaint {0}")]
    UnknownComplaint(String),
    /// The sandbox has no merchant with this number.
    #[error("the sandbox has no merchant {0}")]
    UnknownMerchant(String),
    /// No operation of any simulated platform has this name.
    #[error("the sandbox has no operation {name}; a fault waits for one of {}", .known.join(", "))]
    UnknownOperation {
        /// The name as given.
        name: String,
        /// The names there are.
        known: Vec<&'static str>,
    },
    /// The URL for pushes did not pass its verification.
    #[error("the URL for pushes was not verified: {0}")]
    Url(String),
    /// The sandbox has no such story.
    #[error("there is no story {name}; there are {}", .known.join(", "))]
    UnknownStory {
        /// The name as given.
        name: String,
        /// The names there are.
        known: Vec<&'static str>,
    },
    /// The story does not take this detail, or not this value.
    #[error("the story {story}: {reason}")]
    Story {
        /// The story.
        story: &'static str,
        /// The reason, and what to do.
        reason: String,
    },
    /// The complaint's state does not allow the act.
    #[error("the complaint does not allow this: {0}")]
    State(&'static str),
}
