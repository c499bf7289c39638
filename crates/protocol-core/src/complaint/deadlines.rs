//! When the merchant has to act, as a value: two deadlines, and their status at a time.
//!
//! The rules stand beside the documents: [`Complaint::deadlines`](super::Complaint::deadlines),
//! [`OrderComplaint::deadlines`](super::OrderComplaint::deadlines) and Alipay's.

use serde::{Deserialize, Serialize};

use super::values::Timestamp;
use crate::time::UnixTime;

/// Seconds from filing to the merchant's first reply: 24 hours, by WeChat Pay's customer service
/// ([`DeadlineSource::WechatPayCustomerService`]). The source counts "to the hour", which is read as
/// 24 × 3600 seconds, never rounded up to a full hour.
pub const REPLY_WITHIN_SECONDS: u32 = 24 * 60 * 60;

/// Seconds from filing to completion: 72 hours, by the same source.
pub const FINISH_WITHIN_SECONDS: u32 = 72 * 60 * 60;

/// Default distance of [`DeadlineStatus::Near`]: 6 hours.
pub const NEAR_SECONDS: u32 = 6 * 60 * 60;

/// The merchant's deadlines of one complaint.
///
/// A late merchant is held liable: WeChat Pay takes the money from the merchant's account and
/// refunds the payer (kf.qq.com/faq/210603YzmIra2106037zUB3i.html).
///
/// ```
/// use protocol_core::UnixTime;
/// use protocol_core::complaint::{Complaint, DeadlineStatus};
///
/// # fn main() -> Result<(), protocol_core::DecodeError> {
/// let row = br#"{"complaint_id":"1","complaint_time":"2025-03-14T15:09:26+08:00",
///     "complaint_state":"PENDING","user_complaint_times":1}"#;
/// let deadlines = Complaint::decode(row)?.trust_anyway().deadlines();
///
/// let filed = UnixTime(1_741_936_166);
/// let hours = |hours: u32| filed.plus(hours * 3600);
/// assert_eq!(deadlines.reply.at(), Some(hours(24)));
/// assert_eq!(deadlines.finish.at(), Some(hours(72)));
/// assert_eq!(deadlines.status(hours(17)), DeadlineStatus::Open);
/// assert_eq!(deadlines.status(hours(18)), DeadlineStatus::Near);
/// assert_eq!(deadlines.status(hours(24)), DeadlineStatus::Over);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Deadlines {
    /// The merchant's first reply since the complaint was filed or last continued.
    pub reply: Deadline,
    /// The end of the merchant's work: completion, or the proof or processing that the platform
    /// asks for.
    pub finish: Deadline,
}

impl Deadlines {
    pub(crate) const fn new(reply: Deadline, finish: Deadline) -> Self {
        Self { reply, finish }
    }

    /// The deadline to look at first: one that is unknown, else the earlier one. Lists are sorted by
    /// it.
    #[must_use]
    pub fn next(&self) -> Deadline {
        self.reply.min(self.finish)
    }

    /// The status of [`next`](Self::next) at a time, near in the last [`NEAR_SECONDS`].
    #[must_use]
    pub fn status(&self, now: UnixTime) -> DeadlineStatus {
        self.next().status(now, NEAR_SECONDS)
    }

    /// Both at a time, for programs.
    #[must_use]
    pub fn told(&self, now: UnixTime) -> ToldDeadlines {
        ToldDeadlines { reply: self.reply.told(now), finish: self.finish.told(now) }
    }

    /// The same deadlines on a channel for which no source names any: taken as WeChat Pay's, not
    /// confirmed. A complaint whose orders are virtual payment's has them so already.
    #[must_use]
    pub const fn taken_as_wechat_pays(mut self) -> Self {
        self.reply.source = DeadlineSource::TakenAsWechatPays;
        self.finish.source = DeadlineSource::TakenAsWechatPays;
        self
    }
}

/// One deadline. Ordered by [`Due`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Deadline {
    /// The time it is due, if that is known.
    pub due: Due,
    /// The source of the rule.
    pub source: DeadlineSource,
}

impl Deadline {
    pub(crate) const fn new(due: Due, source: DeadlineSource) -> Self {
        Self { due, source }
    }

    /// The due time, if it is known and the deadline is not met.
    #[must_use]
    pub const fn at(&self) -> Option<UnixTime> {
        match self.due {
            Due::At { time, .. } => Some(time),
            Due::Lapsed { time } => time,
            Due::Unknown(_) | Due::Met => None,
        }
    }

    /// The status at a time: near from `near_seconds` before the due time on, over from the due
    /// time on. It depends on `now` alone, so it can change back if the clock is set back.
    #[must_use]
    pub const fn status(&self, now: UnixTime, near_seconds: u32) -> DeadlineStatus {
        match self.due {
            Due::Met => DeadlineStatus::Met,
            Due::Unknown(_) => DeadlineStatus::Unknown,
            Due::Lapsed { .. } => DeadlineStatus::Over,
            Due::At { time, .. } if time.0 <= now.0 => DeadlineStatus::Over,
            Due::At { time, .. } if time.0 <= now.plus(near_seconds).0 => DeadlineStatus::Near,
            Due::At { .. } => DeadlineStatus::Open,
        }
    }

    /// The deadline at a time, for programs; near in the last [`NEAR_SECONDS`].
    #[must_use]
    pub fn told(&self, now: UnixTime) -> ToldDeadline {
        let since = match self.due {
            Due::At { counted_from: CountedFrom::Filing(start) | CountedFrom::Continuation(start), .. } => Some(start),
            _ => None,
        };
        ToldDeadline {
            status: self.status(now, NEAR_SECONDS).as_str(),
            due: self.at().map(Timestamp::from),
            since: since.map(Timestamp::from),
            source: self.source.reference(),
        }
    }

    /// Whether it is due at this time or before. `true` if the due time is unknown.
    #[must_use]
    pub const fn is_due_by(&self, time: UnixTime) -> bool {
        match self.due {
            Due::Met => false,
            Due::Unknown(_) | Due::Lapsed { .. } => true,
            Due::At { time: due, .. } => due.0 <= time.0,
        }
    }
}

/// The time of a deadline. Ordered by urgency: unknown, lapsed, by time, met. Exhaustive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Due {
    /// The document does not tell.
    Unknown(UnknownDue),
    /// The platform says that it is over.
    Lapsed {
        /// The due time, if the document has it.
        time: Option<UnixTime>,
    },
    /// Due at a time.
    At {
        /// The due time.
        time: UnixTime,
        /// The start of the period.
        counted_from: CountedFrom,
    },
    /// Met, or nothing is due from the merchant.
    Met,
}

/// The reason why a due time is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum UnknownDue {
    /// The payer may have continued the complaint, and the document does not tell when: read the
    /// history.
    Continued,
    /// The time is absent or cannot be read, or the platform gives none.
    Time,
    /// The platform gives a time that is not the merchant's.
    NotTheMerchants,
    /// The state is absent, unknown to this version, or cannot be read.
    State,
}

/// The start of a deadline's period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CountedFrom {
    /// The filing.
    Filing(UnixTime),
    /// The payer's last continuation of the complaint. It is not confirmed that the period starts
    /// anew then.
    Continuation(UnixTime),
    /// None: the platform gives the due time itself.
    GivenTime,
}

/// The source of a deadline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum DeadlineSource {
    /// WeChat Pay's customer service, not the documentation of its interfaces.
    WechatPayCustomerService,
    /// A member of the complaint.
    Document,
    /// None for this channel: taken as WeChat Pay's, not confirmed.
    TakenAsWechatPays,
}

impl DeadlineSource {
    /// The source in words, with the address of its page.
    #[must_use]
    pub const fn reference(self) -> &'static str {
        match self {
            Self::WechatPayCustomerService => {
                "WeChat Pay's customer service, https://kf.qq.com/faq/230125a6NbmA230125vMNZnE.html"
            }
            Self::Document => "the platform, in the complaint itself",
            Self::TakenAsWechatPays => "taken as WeChat Pay's; not confirmed for this channel",
        }
    }
}

/// The status of a deadline at a time. Exhaustive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DeadlineStatus {
    /// Due later.
    Open,
    /// Due soon.
    Near,
    /// Not met in time.
    Over,
    /// Met, or nothing is due.
    Met,
    /// Not known, and so never called over.
    Unknown,
}

impl DeadlineStatus {
    /// The status in one word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Near => "near",
            Self::Over => "over",
            Self::Met => "met",
            Self::Unknown => "unknown",
        }
    }
}

/// Both deadlines of a complaint at a time, as programs read them in JSON.
///
/// ```
/// use protocol_core::UnixTime;
/// use protocol_core::complaint::Complaint;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let row = br#"{"complaint_id":"1","complaint_time":"2025-03-14T15:09:26+08:00",
///     "complaint_state":"PROCESSING","user_complaint_times":1}"#;
/// let told = Complaint::decode(row)?.trust_anyway().deadlines().told(UnixTime(1_741_936_166));
/// let told = serde_json::to_value(&told)?;
/// assert_eq!(told["reply"]["status"], "met");
/// assert_eq!(told["finish"]["due"], "2025-03-17T07:09:26Z");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ToldDeadlines {
    /// The merchant's first reply.
    pub reply: ToldDeadline,
    /// The end of the merchant's work.
    pub finish: ToldDeadline,
}

/// One deadline at a time. Times are RFC 3339 in UTC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ToldDeadline {
    /// [`DeadlineStatus`] in one word.
    pub status: &'static str,
    /// The due time, as [`Deadline::at`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due: Option<Timestamp>,
    /// The start of the period, where the platform does not give the time itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// The source in words, with the address of its page.
    pub source: &'static str,
}
