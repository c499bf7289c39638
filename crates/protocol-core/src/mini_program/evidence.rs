//! An act on a complaint is recognised in its detail by counting.
//!
//! The detail does not quote the merchant's words, so acts of a kind look alike. Acts of the kind
//! are counted, this client's other acts that look alike are subtracted, and no act is ever sent a
//! second time.

use std::hash::DefaultHasher;
use std::hash::{Hash as _, Hasher as _};
use std::time::Duration;

use super::GetOrderDetail;
use super::operation::Operation;
use super::response_error::ResponseError;
use super::sent_acts::{ActKey, CLOCK_TOLERANCE, SentActs};
use crate::call::{self, Before, CallError, Doubt, Look, Looked, Moment, Setback, Sight};
use crate::complaint::{AppealState, OrderDetail, OrderItemType};
use crate::request::Stamp;
use crate::time::UnixTime;

/// The kind of an act, by the item of the detail (`itemType`) that reports it. An appeal is
/// recognised by other members.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Evidence,
    Responded,
    SubmittedProof,
    Appeal,
}

impl Kind {
    const fn item_type(self) -> Option<OrderItemType> {
        match self {
            Self::Evidence => Some(OrderItemType::MerchantEvidence),
            Self::Responded => Some(OrderItemType::MerchantResponded),
            Self::SubmittedProof => Some(OrderItemType::MerchantSubmittedProof),
            Self::Appeal => None,
        }
    }
}

/// The evidence of an act: see [`Evidence::among`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    complaint_order_id: String,
    kind: Kind,
    key: ActKey,
}

impl Evidence {
    pub(super) fn of<O: Operation>(act: &O, complaint_order_id: &str, kind: Kind) -> Self {
        Self { complaint_order_id: complaint_order_id.to_owned(), kind, key: key(act, complaint_order_id) }
    }

    /// This act among those that a client has sent.
    ///
    /// An item of the act's kind that was written since it was sent, by the platform's own clock,
    /// is taken for the act. Items that the client's other acts of the kind may have left are
    /// subtracted. An appeal that is under way has no time of its own and counts too, unless an
    /// item says that it is older. If the platform refuses by state (309, 1002), items since the
    /// first attempt at the very same act are counted.
    #[must_use]
    pub fn among(self, acts: &SentActs) -> Counted<'_> {
        Counted { evidence: self, number: acts.number(), acts, began: None }
    }

    /// The doubt that a failed send of an act leaves.
    #[must_use]
    pub fn setback(error: &CallError<ResponseError>) -> Setback {
        let is_about_state = error.response().is_some_and(ResponseError::is_state_error);
        Setback::new(error.failure(), Doubt::Settled).with_is_about_state(is_about_state)
    }

    /// The number of acts of the kind, of all or of those since `since`.
    fn count(&self, detail: &OrderDetail, since: Option<UnixTime>) -> usize {
        let is_recent = |time: Option<UnixTime>| since.is_none_or(|since| time.is_some_and(|time| time >= since));
        match self.kind.item_type() {
            None => appeals(detail, since),
            kind => detail.item.iter().filter(|item| item.item_type == kind && is_recent(item.time)).count(),
        }
    }
}

/// [`Evidence`] of one act among those of a client.
#[derive(Debug)]
pub struct Counted<'a> {
    evidence: Evidence,
    acts: &'a SentActs,
    /// The call's own number.
    number: u64,
    /// The time when the act was sent.
    began: Option<Duration>,
}

impl Counted<'_> {
    fn sight(&self, detail: &OrderDetail, moment: &Moment<'_>) -> Sight {
        let (Some(began), true) = (self.began, detail.misfits().is_empty()) else { return Sight::Unclear };
        let count = match moment.before {
            Some(Before::Count(before)) => self.evidence.count(detail, None).saturating_sub(*before),
            _ if moment.is_restored => 0,
            // The platform's clock when it was sent: its clock now, less what has passed here. No
            // two clocks are compared.
            _ => moment.platform_time.map_or(0, |now| {
                let ago = |time: Duration| i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
                let elapsed = ago(moment.now.saturating_sub(began));
                let since = now.0.saturating_sub(elapsed).saturating_sub(ago(CLOCK_TOLERANCE));
                self.evidence.count(detail, Some(UnixTime(since)))
            }),
        };
        // Counted last, since another act may have been sent while the detail was read.
        if count > self.acts.others(self.number, self.evidence.key, began) { Sight::Found } else { Sight::Unclear }
    }
}

impl call::Evidence for Counted<'_> {
    type Query = GetOrderDetail;
    type Response = OrderDetail;

    const AFTER_CRASH: Doubt = Doubt::Settled;

    fn ask(&mut self, look: Look, _: Option<&Before>) -> Option<GetOrderDetail> {
        self.began = match look {
            Look::Before => Some(Duration::ZERO),
            Look::After => self.acts.sent_at(self.number),
            // A refusal by state may be due to our own earlier attempt.
            Look::State => self.acts.first_sent(self.evidence.key),
        };
        self.began.map(|_| GetOrderDetail::new(self.evidence.complaint_order_id.clone()))
    }

    fn take(&mut self, detail: OrderDetail, moment: Moment<'_>) -> Looked<GetOrderDetail> {
        if moment.look == Look::Before {
            let count = || Before::Count(self.evidence.count(&detail, None));
            return Looked::Before(detail.misfits().is_empty().then(count));
        }
        Looked::Sight(self.sight(&detail, &moment))
    }

    /// Noted before the act is sent, since a call that is dropped may have sent it.
    fn sending(&mut self, now: Duration) {
        self.acts.remember(self.number, self.evidence.key, now);
    }

    fn restored(&mut self, now: Duration) {
        self.acts.remember(self.number, self.evidence.key, now);
    }

    fn had_no_effect(&mut self) {
        self.acts.had_no_effect(self.number);
    }

    fn done(&mut self, now: Duration) {
        self.acts.done(self.number, self.evidence.key, now);
    }
}

fn appeals(detail: &OrderDetail, since: Option<UnixTime>) -> usize {
    let in_progress = Some(AppealState::InProgress);
    let times = || detail.item.iter().filter(|item| item.appeal_item_type == in_progress).filter_map(|item| item.time);
    let under_way = detail.complaint_order.as_ref().is_some_and(|complaint| complaint.appeal_state == in_progress);
    let is_dated = times().next().is_some();
    if is_dated {
        times().filter(|time| since.is_none_or(|since| *time >= since)).count()
    } else {
        usize::from(under_way)
    }
}

/// The key of an act: the bytes that are sent tell one act from another; acts of one kind on one
/// complaint look alike in the detail.
fn key<O: Operation>(act: &O, complaint_order_id: &str) -> ActKey {
    let mut hasher = DefaultHasher::new();
    (O::NAME, complaint_order_id).hash(&mut hasher);
    let alike = hasher.finish();
    // An act that cannot be built is not sent.
    if let Ok(parts) = act.request(&Stamp { now: UnixTime(0), nonce: "n" }) {
        (parts.target, parts.body.bytes()).hash(&mut hasher);
    }
    ActKey { alike, same: hasher.finish() }
}
