//! The penalties as a stream: page after page, each once.

use futures_util::stream::{Stream, StreamExt as _, unfold};
use http_transport::Transport;
use protocol_core::call::Rows;
use protocol_core::mini_program::{GetPenaltyList, Penalty};

use super::client::Client;
use super::error::Error;
use super::token_source::TokenSource;

impl<S: Transport, T: TokenSource> Client<S, T> {
    /// Every penalty, each once: the complaints that were decided against the merchant. It is the
    /// only list that names complaints of a Mini Program, so it finds, late, those whose push was
    /// lost.
    ///
    /// Penalties that cannot be read come at the end, each as an [`Error::Unreadable`] with its
    /// complaint's number, then [`Error::Incomplete`] if fewer came than the platform counts. Read
    /// on after these. Any other error is the last item.
    ///
    /// ```no_run
    /// use futures_util::{StreamExt as _, pin_mut};
    ///
    /// # async fn example(client: &wechat_adapter::mini_program::Client) -> Result<(), wechat_adapter::mini_program::Error> {
    /// let penalties = client.penalties();
    /// pin_mut!(penalties);
    /// while let Some(penalty) = penalties.next().await {
    ///     if let Some(complaint) = penalty?.complaint_order_id {
    ///         println!("read complaint {complaint} if it is not stored");
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn penalties(&self) -> impl Stream<Item = Result<Penalty, Error>> + Send + use<S, T> {
        unfold((self.clone(), Rows::new(vec![GetPenaltyList::new(0)])), async |(client, mut rows)| {
            let sender = &client;
            let ask = |page| async move { sender.send_without_looking(&page).await };
            rows.next(ask, |_| false).await.map(|row| (row, (client, rows)))
        })
        .fuse()
    }
}
