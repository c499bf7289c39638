//! Sets or removes the notification URL, whatever it is now.

use http_transport::Transport;
use protocol_core::wechat_pay::{
    CreateNotificationUrl, DeleteNotificationUrl, EnsureNotificationUrl, EnsureOutcome, EnsureStep, NotificationUrl,
    QueryNotificationUrl, UpdateNotificationUrl,
};

use crate::wechat_pay::client::Client;
use crate::wechat_pay::error::{Error, is_not_there, is_proven_refusal};

impl<S: Transport> Client<S> {
    /// Makes `url` the notification URL: creates it, replaces another, or keeps it. After an
    /// unknown outcome, the URL is read.
    ///
    /// ```no_run
    /// # async fn example(client: &wechat_adapter::Client) -> Result<(), wechat_adapter::Error> {
    /// let now =
    ///     client.ensure_notification_url("https://pay.example.com/wechat/complaints").await?;
    /// assert_eq!(now.url, "https://pay.example.com/wechat/complaints");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error`].
    pub async fn ensure_notification_url(&self, url: &str) -> Result<NotificationUrl, Error> {
        let mut ensure = EnsureNotificationUrl::new(url)?;
        let mut is_read_only = true;
        loop {
            let step = ensure.step();
            is_read_only &= step == EnsureStep::Query;
            let outcome = match step {
                EnsureStep::Create => self.send(&CreateNotificationUrl::new(url)).await,
                EnsureStep::Update => self.send(&UpdateNotificationUrl::new(url)).await,
                _ => self.send(&QueryNotificationUrl).await,
            };
            let heard = match &outcome {
                Ok(there) => EnsureOutcome::Url(&there.url),
                Err(error) if is_not_there(error) => EnsureOutcome::NotThere,
                Err(error) if error.failure().may_have_happened => EnsureOutcome::Unknown,
                Err(_) => EnsureOutcome::Refused,
            };
            match (ensure.heard(heard), outcome) {
                (EnsureStep::Done, Ok(there)) => return Ok(there),
                (EnsureStep::GiveUp, Err(error)) if is_read_only => {
                    return Err(error.unprepared("the notification URL"));
                }
                (EnsureStep::GiveUp, Err(error)) => return Err(error),
                (EnsureStep::GiveUp | EnsureStep::Done, _) => {
                    return Err(Error::NotConverged { what: "the notification URL" });
                }
                _ => {}
            }
        }
    }

    /// Removes the notification URL. Succeeds too if the platform proves that none is registered.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn delete_notification_url(&self) -> Result<(), Error> {
        match self.send(&DeleteNotificationUrl).await {
            Err(error) if is_not_there(&error) && is_proven_refusal(&error) => Ok(()),
            deleted => deleted,
        }
    }
}
