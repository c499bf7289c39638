//! Errors from outside the library.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use crate::error::{Delivery, Fault};
use crate::failure::Failure;

/// An error of something outside the library: a transport, a source of tokens, a key service, a
/// webhook's handler.
///
/// `Display` is that of its cause, which must show no secret. `Debug` shows the `Display` of the
/// cause and its sources, never their `Debug`: a derived `Debug` could show a row that was not
/// stored, or a refused token. Clones share the cause.
///
/// ```
/// use protocol_core::call::OutsideError;
/// use protocol_core::{Delivery, Failure, Fault};
///
/// let reset = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
/// let failure = Failure::new(Fault::Network, Delivery::Unknown).with_is_retryable(true);
/// let error = OutsideError::new(failure, reset);
/// assert_eq!(error.to_string(), "connection reset");
/// assert_eq!(
///     error.cause::<std::io::Error>().map(|cause| cause.kind()),
///     Some(std::io::ErrorKind::ConnectionReset)
/// );
/// ```
#[derive(Clone)]
pub struct OutsideError {
    failure: Failure,
    cause: Arc<dyn Error + Send + Sync>,
}

impl OutsideError {
    /// An error with this cause and this meaning for the call.
    #[must_use]
    pub fn new(failure: Failure, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { failure, cause: Arc::from(cause.into()) }
    }

    /// An error before anything was sent: this machine is at fault, and a retry may help.
    ///
    /// ```
    /// use protocol_core::call::OutsideError;
    ///
    /// assert_eq!(
    ///     OutsideError::before_sending("there is no token in Redis").to_string(),
    ///     "there is no token in Redis"
    /// );
    /// ```
    #[must_use]
    pub fn before_sending(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::new(Failure::new(Fault::Local, Delivery::NotSent).with_is_retryable(true), cause)
    }

    /// The meaning for the call.
    #[must_use]
    pub const fn failure(&self) -> Failure {
        self.failure
    }

    /// The cause, if it is of this type.
    #[must_use]
    pub fn cause<E: Error + 'static>(&self) -> Option<&E> {
        self.cause.downcast_ref()
    }
}

impl fmt::Debug for OutsideError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OutsideError({}", self.cause)?;
        let mut cause = self.cause.source();
        while let Some(link) = cause {
            write!(f, ": {link}")?;
            cause = link.source();
        }
        f.write_str(")")
    }
}

impl fmt::Display for OutsideError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.cause, f)
    }
}

impl Error for OutsideError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.cause.source()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An error whose `Debug` repeats what was not stored.
    #[derive(Debug, thiserror::Error)]
    #[error("the database is away")]
    struct NotStored {
        row: &'static str,
    }

    #[derive(Debug, thiserror::Error)]
    #[error("no reply was stored")]
    struct Within(#[source] NotStored);

    #[test]
    fn debug_shows_the_display_of_the_chain() {
        let error = OutsideError::before_sending(NotStored { row: "canary" });
        assert_eq!(
            format!("{error:?} {error:#?}"),
            "OutsideError(the database is away) OutsideError(the database is away)"
        );
        assert_eq!(error.cause::<NotStored>().map(|cause| cause.row), Some("canary"));
        let within = OutsideError::before_sending(Within(NotStored { row: "canary" }));
        assert_eq!(format!("{within:?}"), "OutsideError(no reply was stored: the database is away)");
    }
}
