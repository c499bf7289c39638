//! What can go wrong with a sandbox itself.

/// The sandbox could not be started, or was asked for something that cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SandboxError {
    /// A key or a certificate could not be made.
    #[error("a key or certificate of the sandbox could not be made: {0}")]
    Identity(String),
    /// The port could not be bound.
    #[error("the sandbox cannot listen: {0}")]
    Listen(String),
    /// No complaint has this id.
    #[error("the sandbox has no complaint {0}")]
    UnknownComplaint(String),
    /// The sandbox has no merchant of this number.
    #[error("the sandbox has no merchant {0}")]
    UnknownMerchant(String),
    /// The address was tried, and did not answer as an address for pushes does.
    #[error("the address was not verified: {0}")]
    Url(String),
    /// The complaint's state does not allow it.
    #[error("the complaint does not allow this: {0}")]
    State(&'static str),
}
