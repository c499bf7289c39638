//! The common part of every channel's operations, and the effect of an act.

use serde::{Deserialize, Serialize};

use crate::limits::MAX_RESPONSE_BODY;
use crate::rate::RateGroup;

/// The common part of every channel's operations. Each channel adds a trait `Operation` with the
/// same two methods: `request` makes the request, `receive` verifies and reads the response. Their
/// signatures differ, since the channels' bodies and proofs do.
///
/// | | [`wechat_pay`](crate::wechat_pay) | [`allinpay`](crate::allinpay) | [`mini_program`](crate::mini_program) | [`virtual_payment`](crate::virtual_payment) |
/// |---|---|---|---|---|
/// | `request` returns | `RequestParts` | `Form` | `RequestParts` | `RequestParts` |
/// | a request is proven by | `Merchant::sign` | `Merchant::sign` | `ServerRequest::sign` | `Merchant::sign` |
/// | `receive` takes `Response` | status, headers, body, keys, time | body, merchant, key | status, body | status, body |
///
/// In every channel a `Response` holds the bytes that arrived and everything that verifies them.
pub trait OperationInfo {
    /// The content of its response. For an act it is [`Effect`], or becomes one.
    type Response: Send;

    /// Its name, for traces and tables. Allinpay's names are the last segments of paths.
    const NAME: &'static str;

    /// The effect of sending it twice.
    const IDEMPOTENCY: Idempotency;

    /// The limit that the operation counts against.
    const RATE: RateGroup = RateGroup::Other;

    /// Largest response, in bytes.
    const MAX_RESPONSE: usize = MAX_RESPONSE_BODY;
}

/// The effect of sending an operation twice. Exhaustive: a rule for retries decides on each of the
/// three.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Idempotency {
    /// None: the operation only reads.
    Safe,
    /// The same as sending it once.
    Idempotent,
    /// A second effect, such as another message to the payer. After an unknown outcome, read the
    /// complaint before sending the operation again.
    Unsafe,
}

/// Setters of an operation's optional members. Its public fields document them.
#[cfg(any(feature = "wechat-pay", feature = "mini-program", feature = "allinpay"))]
macro_rules! setters {
    (
        impl $operation:ty;
        $($setter:ident($member:ident: $value:ty) $set:block)+
    ) => {
        impl $operation {
            $(
                #[doc = concat!("Sets [`", stringify!($member), "`](Self::", stringify!($member), ").")]
                #[must_use]
                pub fn $setter(mut self, $member: $value) -> Self {
                    self.$member = $set;
                    self
                }
            )+
        }
    };
}

#[cfg(any(feature = "wechat-pay", feature = "mini-program", feature = "allinpay"))]
pub(crate) use setters;

/// How an act is known to have happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Effect {
    /// The platform's response confirmed it.
    Confirmed,
    /// The response was lost or not proven, but the complaint shows the act.
    Found,
}
