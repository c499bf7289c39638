//! The reader: whatever there is reason to read is read from the platform and stored, whole.

use std::time::{Duration, SystemTime};

use futures_util::StreamExt as _;
use protocol_core::complaint::Complaint;
use protocol_core::mini_program::GetOrderDetail;
use protocol_core::wechat_pay::{GetComplaint, ListComplaints};
use protocol_core::{UnixTime, Unverified};
use tokio::time::{MissedTickBehavior, interval};
use wechat_adapter::Client;

use crate::document::Document;
use crate::inbox::{Channel, Inbox, InboxError};
use crate::platforms::MiniProgram;

/// Days that a sweep looks back, by the day of filing; the platform lists 30 at most.
const SWEPT_DAYS: i64 = 30;

/// Why a complaint is not up to date. It stays due.
#[derive(Debug, thiserror::Error)]
enum ReadError {
    #[error(transparent)]
    WechatPay(#[from] wechat_adapter::Error),
    #[error(transparent)]
    MiniProgram(#[from] wechat_adapter::mini_program::Error),
    /// It was heard of by an earlier configuration.
    #[error("[mini-program] is no longer in the configuration")]
    NoMiniProgram,
    #[error(transparent)]
    Inbox(#[from] InboxError),
    #[error("the complaint cannot be written as JSON")]
    Json(#[from] serde_json::Error),
}

impl ReadError {
    /// Whether nothing is wrong with the question: it is asked again as soon as there is an
    /// occasion.
    fn is_retryable(&self) -> bool {
        match self {
            Self::WechatPay(error) => error.failure().is_retryable,
            Self::MiniProgram(error) => error.failure().is_retryable,
            Self::Inbox(_) => true,
            Self::NoMiniProgram | Self::Json(_) => false,
        }
    }
}

/// Keeps the inbox as the platforms have it.
#[derive(Debug)]
pub struct Reader {
    inbox: Inbox,
    wechat_pay: Client,
    mini_program: Option<MiniProgram>,
}

impl Reader {
    /// A reader for an inbox.
    #[must_use]
    pub const fn new(inbox: Inbox, wechat_pay: Client, mini_program: Option<MiniProgram>) -> Self {
        Self { inbox, wechat_pay, mini_program }
    }

    /// Reads as soon as something is heard, and looks every so often for what was never pushed,
    /// first of all now. It runs until it is dropped, which may be at any await: what was not read
    /// stays due.
    pub async fn run(&self, sweep_every: Duration) {
        let mut sweeps = interval(sweep_every);
        sweeps.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = sweeps.tick() => {
                    if let Err(error) = self.sweep().await {
                        tracing::warn!(%error, "the list could not be read to its end");
                    }
                }
                () = self.inbox.news() => {}
            }
            self.read_due(Channel::WechatPay).await;
            self.read_due(Channel::MiniProgram).await;
        }
    }

    /// Reads what is due. One that cannot be read keeps none of the others back; the next sweep
    /// tries it again, or a later one where the platform refused it.
    async fn read_due(&self, channel: Channel) {
        // The inbox logs its own errors.
        let Ok(due) = self.inbox.due(channel).await else { return };
        for due in due {
            let number = due.number.clone();
            let read = async {
                let document = match channel {
                    Channel::WechatPay => self.complaint(&number).await?,
                    Channel::MiniProgram => self.order_complaint(&number).await?,
                };
                Ok::<(), ReadError>(self.inbox.store(channel, due.clone(), document).await?)
            };
            match read.await {
                Ok(()) => tracing::info!(channel = channel.as_str(), number, "stored"),
                Err(error) => {
                    tracing::warn!(channel = channel.as_str(), number, %error, "to be read later");
                    if !error.is_retryable() {
                        let _ = self.inbox.postpone(channel, due).await;
                    }
                }
            }
        }
    }

    async fn complaint(&self, number: &str) -> Result<Document, ReadError> {
        let complaint = self.wechat_pay.send(&GetComplaint::new(number)).await?;
        Ok(Document::of_complaint(&complaint)?)
    }

    async fn order_complaint(&self, number: &str) -> Result<Document, ReadError> {
        let client = self.mini_program.as_ref().ok_or(ReadError::NoMiniProgram)?;
        let detail = client.send(&GetOrderDetail::new(number)).await?;
        // TLS and the host's name vouch for it: there is no signature.
        Ok(Document::of_order(&detail.trust_anyway())?)
    }

    /// The backstop: what the list has and the inbox has not, or has otherwise, becomes due; and
    /// what is on no list.
    async fn sweep(&self) -> Result<(), ReadError> {
        let (begin_date, end_date) = (day(-SWEPT_DAYS + 1), day(0));
        self.inbox.tidy(now(), &begin_date).await?;
        let list = ListComplaints::new(begin_date, end_date);
        let mut listed = std::pin::pin!(self.wechat_pay.complaints(list));
        while let Some(complaint) = listed.next().await {
            let complaint = match complaint {
                Ok(complaint) => complaint,
                // It comes after all others: by its number it may be readable.
                Err(error) if error.leaves_the_others() => {
                    tracing::error!(%error, "a complaint of the list cannot be read");
                    if let Some(number) = error.unreadable().and_then(|row| row.complaint_id().map(str::to_owned)) {
                        self.inbox.sight(Channel::WechatPay, number).await?;
                    }
                    continue;
                }
                Err(error) => return Err(error.into()),
            };
            let number = complaint.complaint_id.clone();
            let stored = self.inbox.document(Channel::WechatPay, number.clone()).await?;
            let stored = stored.and_then(|document| Complaint::decode(document.as_bytes()).ok());
            let stored = stored.map(Unverified::trust_anyway);
            if stored.is_none_or(|stored| standing(&stored) != standing(&complaint)) {
                self.inbox.sight(Channel::WechatPay, number).await?;
            }
        }
        Ok(())
    }
}

/// How a complaint stands, as far as the list shows it.
fn standing(complaint: &Complaint) -> impl PartialEq + '_ {
    // Absent and unreadable are not the same.
    (complaint.complaint_state(), complaint.incoming_user_response(), complaint.user_complaint_times())
}

fn now() -> UnixTime {
    SystemTime::now().into()
}

/// A day in China, so many days from today.
fn day(days: i64) -> String {
    let time = jiff::Timestamp::now().saturating_add(jiff::SignedDuration::from_hours(24 * days));
    let time = time.unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    jiff::tz::Offset::constant(8).to_datetime(time).date().to_string()
}
