//! The part of a webhook that a service writes.

use std::error::Error;

/// A service's part: it stores a message of a platform. Every `async` function from the message to
/// a `Result` is a handler.
///
/// It returns once the message is stored. The platforms wait a few seconds: store first, work
/// later. It may be called again with the same message (after it failed, after the store of keys
/// failed, or after a restart). Make it idempotent by the message's id: a copy with the same id
/// stores nothing new. Complaint and action are not enough: two messages of one payer may share
/// them.
///
/// ```
/// use webhook_service::Handler;
///
/// # struct Database;
/// # impl Database {
/// #     async fn insert_unless_there(&self, _: &str, _: &str) -> Result<(), std::io::Error> { Ok(()) }
/// # }
/// # struct Message { key: String, complaint_id: String }
/// struct Inbox {
///     database: Database,
/// }
///
/// impl Handler<Message> for Inbox {
///     type Error = std::io::Error;
///
///     async fn handle(&self, message: Message) -> Result<(), Self::Error> {
///         // The key is the row's: a copy of the message inserts nothing. A worker reads the
///         // complaint later.
///         self.database.insert_unless_there(&message.key, &message.complaint_id).await
///     }
/// }
/// # let _ = Inbox { database: Database };
/// ```
pub trait Handler<M>: Send + Sync + 'static {
    /// Why the message was not stored: an error, or text. The platform retries. The webhook shows
    /// its `Display` to the observer and in traces, so it must hold no personal data: name the
    /// database and the fault, never the row.
    type Error: Into<Box<dyn Error + Send + Sync>> + Send;

    /// Stores the message.
    fn handle(&self, message: M) -> impl Future<Output = Result<(), Self::Error>> + Send;
}

impl<M, F, Fut, E> Handler<M> for F
where
    F: Fn(M) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<(), E>> + Send,
    E: Into<Box<dyn Error + Send + Sync>> + Send,
{
    type Error = E;

    fn handle(&self, message: M) -> impl Future<Output = Result<(), E>> + Send {
        self(message)
    }
}
