//! Sets or removes the notification URL or the violation URL, whatever it is now.

use http_transport::Transport;
use protocol_core::wechat_pay::{EnsureOutcome, EnsureStep, EnsureUrl, NotificationUrl, RegisteredUrl};

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
        self.ensure_url(url).await
    }

    /// Removes the notification URL. Succeeds too if the platform proves that none is registered.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn delete_notification_url(&self) -> Result<(), Error> {
        self.delete_url::<NotificationUrl>().await
    }

    /// As [`ensure_notification_url`](Self::ensure_notification_url), for either URL. The violation
    /// URL is registered by service providers.
    ///
    /// ```no_run
    /// use wechat_adapter::protocol_core::wechat_pay::ViolationUrl;
    ///
    /// # async fn example(client: &wechat_adapter::Client) -> Result<(), wechat_adapter::Error> {
    /// let now: ViolationUrl = client.ensure_url("https://pay.example.com/wechat/violations").await?;
    /// assert_eq!(now.notify_url, "https://pay.example.com/wechat/violations");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error`].
    pub async fn ensure_url<U: RegisteredUrl>(&self, url: &str) -> Result<U, Error> {
        let mut ensure = EnsureUrl::new(url)?;
        let mut is_read_only = true;
        loop {
            let step = ensure.step();
            is_read_only &= step == EnsureStep::Query;
            let outcome = match step {
                EnsureStep::Create => self.send(&U::create(url)).await,
                EnsureStep::Update => self.send(&U::update(url)).await,
                _ => self.send(&U::QUERY).await,
            };
            let heard = match &outcome {
                Ok(there) => EnsureOutcome::Url(there.url()),
                Err(error) if is_not_there(error) => EnsureOutcome::NotThere,
                Err(error) if error.failure().may_have_happened => EnsureOutcome::Unknown,
                Err(_) => EnsureOutcome::Refused,
            };
            match (ensure.heard(heard), outcome) {
                (EnsureStep::Done, Ok(there)) => return Ok(there),
                (EnsureStep::GiveUp, Err(error)) if is_read_only => return Err(error.unprepared(U::CALLED)),
                (EnsureStep::GiveUp, Err(error)) => return Err(error),
                (EnsureStep::GiveUp | EnsureStep::Done, _) => return Err(Error::NotConverged { what: U::CALLED }),
                _ => {}
            }
        }
    }

    /// As [`delete_notification_url`](Self::delete_notification_url), for either URL.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn delete_url<U: RegisteredUrl>(&self) -> Result<(), Error> {
        match self.send(&U::DELETE).await {
            Err(error) if is_not_there(&error) && is_proven_refusal(&error) => Ok(()),
            deleted => deleted,
        }
    }
}
