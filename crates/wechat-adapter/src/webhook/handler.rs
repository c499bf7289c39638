//! What a service does with a message.

/// What a service does with a message of a platform. Every `async` function from the message to a `Result` is one.
///
/// It returns once the message is stored. The platforms wait a few seconds: store first, work later. It may be called again with the
/// same message (after it failed, after the store of ids failed, or after a restart), so it is idempotent by complaint and action.
///
/// ```
/// use wechat_adapter::{Handler, Received};
///
/// # struct Database;
/// # impl Database {
/// #     async fn insert_unless_there(&self, _: &str, _: &str) -> Result<(), std::io::Error> { Ok(()) }
/// # }
/// struct Inbox {
///     database: Database,
/// }
///
/// impl Handler<Received> for Inbox {
///     type Error = std::io::Error;
///
///     async fn handle(&self, received: Received) -> Result<(), Self::Error> {
///         // The key is the row's: the same message again inserts nothing. The complaint itself is read later, by a worker.
///         let stored = self.database.insert_unless_there(&received.dedup_key(), &received.mchid).await;
///         stored.inspect_err(|error| eprintln!("not stored: {error}"))
///     }
/// }
/// # let _ = Inbox { database: Database };
/// ```
pub trait Handler<M>: Send + Sync + 'static {
    /// What went wrong. The handler's own to log: nothing is done with it here but that the platform sends again.
    type Error: Send;

    /// Stores the message.
    fn handle(&self, message: M) -> impl Future<Output = Result<(), Self::Error>> + Send;
}

impl<M, F, Fut, E> Handler<M> for F
where
    F: Fn(M) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<(), E>> + Send,
    E: Send,
{
    type Error = E;

    fn handle(&self, message: M) -> impl Future<Output = Result<(), E>> + Send {
        self(message)
    }
}
