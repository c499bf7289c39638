//! The platform's limits, as far as they are documented.

use crate::rate::{Rate, Rates};

/// The limits that an older FAQ of the platform gives for each merchant, per minute: 200 for lists
/// and for histories, 60 for replies and for uploads, 1500 for completions. Other operations have no
/// documented limit.
///
/// The FAQ also gives 60 for a "feedback" interface. No interface of today has that name.
///
/// ```
/// use protocol_core::rate::{Rate, RateGroup};
/// use protocol_core::wechat_pay::{RATES, SUPPORTED_REPLIES};
///
/// assert_eq!(RATES.of(RateGroup::Reply), Some(Rate::per_minute(60)));
/// let faster = RATES.with(RateGroup::Reply, Some(SUPPORTED_REPLIES));
/// # assert_ne!(faster, RATES);
/// ```
pub const RATES: Rates = Rates {
    list: Some(Rate::per_minute(200)),
    history: Some(Rate::per_minute(200)),
    reply: Some(Rate::per_minute(60)),
    upload: Some(Rate::per_minute(60)),
    complete: Some(Rate::per_minute(1_500)),
    ..Rates::NONE
};

/// The limit of replies that the platform's support gave later: 25 a second. *Not confirmed* for
/// every account, so it is not the default.
pub const SUPPORTED_REPLIES: Rate = Rate::per_second(25);
