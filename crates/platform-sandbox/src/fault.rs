//! Faults to inject into responses, notifications and pushes.

use std::time::Duration;

use protocol_core::{OperationInfo, UnixTime};

/// A fault of a response. A kind that a platform cannot have is used up there without effect: the
/// Mini Program's responses are not signed, and Allinpay's signature has neither time nor serial.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum FaultKind {
    /// The connection ends without a response.
    DropConnection,
    /// The response begins after this time.
    SlowResponse(Duration),
    /// The response stops in the middle of its body for this time. Without a body, it begins after
    /// this time.
    SlowBody(Duration),
    /// The connection ends in the middle of the body. Without a body, it ends without a response.
    TruncatedBody,
    /// The body is padded with blanks to this many bytes, and signed.
    OversizeBody(usize),
    /// The signature belongs to other bytes. Not for the Mini Program.
    ForgedSignature,
    /// No `Wechatpay-*` header; no `sign` from Allinpay. Not for the Mini Program.
    NoSignature,
    /// A signature that begins with `WECHATPAY/SIGNTEST/`. For WeChat Pay only.
    Probe,
    /// The id of an unknown key. For WeChat Pay only.
    UnknownSerial,
    /// A valid signature that is ten minutes old. For WeChat Pay only.
    StaleTimestamp,
    /// 429 `FREQUENCY_LIMITED`; `errcode` 45009 of the Mini Program. Not for Allinpay.
    RateLimited {
        /// The seconds in `Retry-After`; `None` for no such header.
        retry_after: Option<u64>,
        /// Whether the response is signed.
        signed: bool,
    },
    /// 500 `SYSTEM_ERROR`, signed; `errcode` -1 of the Mini Program, an unsigned 500 of Allinpay.
    ServerError,
    /// A gateway's HTML page with this status, unsigned.
    GatewayHtml(u16),
    /// An empty body with this status, unsigned.
    EmptyBody(u16),
    /// 202 with an empty object, signed: accepted, not finished. For WeChat Pay only.
    Status202,
    /// Signed JSON of an undocumented shape.
    MalformedJson,
    /// This body with status 200, signed; for Allinpay, these `records`. The operation takes effect
    /// only with [`Fault::after_effect`].
    Body(String),
    /// This `handlestate` beside SUCCESS. The operation takes effect only with
    /// [`Fault::after_effect`]. For Allinpay only.
    HandleState(String),
}

impl FaultKind {
    /// Whether the response still reports the platform's own outcome. The operation then always
    /// takes effect.
    pub(crate) const fn always_takes_effect(&self) -> bool {
        matches!(
            self,
            Self::SlowResponse(_)
                | Self::SlowBody(_)
                | Self::TruncatedBody
                | Self::OversizeBody(_)
                | Self::MalformedJson
        )
    }
}

/// A fault of the next notification. A retry after a refusal has no fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotificationFault {
    /// It is sent once more after it was acknowledged.
    Duplicate,
    /// This many copies are sent at the same time.
    DuplicateAtOnce(usize),
    /// It is held back until another one was sent.
    OutOfOrder,
    /// The signature belongs to other bytes.
    ForgedSignature,
    /// A signature that begins with `WECHATPAY/SIGNTEST/`.
    Probe,
    /// The id of an unknown key.
    UnknownSerial,
    /// A valid signature that is ten minutes old.
    Stale,
    /// No `Wechatpay-*` header.
    NoSignature,
    /// Encrypted with another APIv3 key, and signed.
    WrongKey,
    /// A blank was added after signing.
    ChangedBody,
}

/// A fault of the Mini Program's next push. A retry after a refusal has no fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PushFault {
    /// It is sent once more after it was acknowledged, byte for byte.
    Duplicate,
    /// This many copies are sent at the same time.
    DuplicateAtOnce(usize),
    /// Signed with another token.
    Forged,
    /// In clear where the mode encrypts, encrypted where it does not; signed for the wrong mode.
    WrongMode,
    /// For another application, and signed.
    WrongAppid,
    /// A valid signature that is ten minutes old.
    Stale,
    /// The message ends in its middle. The envelope is whole and signed.
    Truncated,
    /// The product's name has raw control characters.
    ControlCharacters,
    /// The message is a small XML document that expands to a large one.
    EntityBomb,
    /// A document type with an external entity stands before the body.
    Doctype,
}

/// A fault of Allinpay's next notice. A retry after a refusal has no fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum NoticeFault {
    /// It is sent once more after it was acknowledged, byte for byte.
    Duplicate,
    /// This many copies are sent at the same time.
    DuplicateAtOnce(usize),
    /// The signature belongs to another string.
    Forged,
    /// No `sign`.
    NoSignature,
    /// A field that no document has, and signed.
    UnknownField,
    /// A field was added after signing.
    UnsignedField,
    /// A field was left out after signing.
    MissingField,
    /// For another merchant, and signed: the platform has one key for all.
    WrongMerchant,
}

/// A fault to inject: its kind, the operation it waits for, how often it happens, and when.
///
/// ```
/// use platform_sandbox::{Fault, FaultKind};
/// use protocol_core::wechat_pay::Respond;
///
/// let fault = Fault::once(FaultKind::DropConnection).on::<Respond>().after_effect();
/// ```
///
/// A misspelled operation does not compile:
///
/// ```compile_fail,E0425
/// # use platform_sandbox::{Fault, FaultKind};
/// use protocol_core::wechat_pay::Respond;
///
/// let fault = Fault::once(FaultKind::DropConnection).on::<Respnd>();
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Fault {
    kind: FaultKind,
    /// The operation it waits for; `None` for any of any platform.
    operation: Option<&'static str>,
    times: u32,
    after_effect: bool,
}

impl Fault {
    /// A fault that happens once, to any operation of any platform, before the effect. A fault of
    /// the transfer alone, such as a slow response, never undoes the effect.
    pub const fn once(kind: FaultKind) -> Self {
        Self { kind, operation: None, times: 1, after_effect: false }
    }

    /// Waits for this operation of the library.
    pub const fn on<O: OperationInfo>(mut self) -> Self {
        self.operation = Some(O::NAME);
        self
    }

    /// Happens this many times.
    pub const fn times(mut self, times: u32) -> Self {
        self.times = times;
        self
    }

    /// Runs the operation first; only its response suffers.
    pub const fn after_effect(mut self) -> Self {
        self.after_effect = true;
        self
    }

    pub(crate) const fn on_name(mut self, operation: Option<&'static str>) -> Self {
        self.operation = operation;
        self
    }
}

/// The faults that have not happened yet.
#[derive(Debug, Clone, Default)]
pub(crate) struct Faults {
    injected: Vec<Fault>,
    /// The status of every response until a time: an outage, or a limit of the rate.
    spell: Option<(Spell, UnixTime)>,
}

/// A fault of every response for some time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spell {
    /// 503 with a gateway's page.
    Outage,
    /// As [`FaultKind::RateLimited`], with the time that is left in `Retry-After`.
    RateLimit,
}

/// A fault that happens to the request in hand.
#[derive(Debug, Clone)]
pub(crate) struct ActiveFault {
    pub(crate) kind: FaultKind,
    pub(crate) after_effect: bool,
}

impl Faults {
    pub(crate) fn add(&mut self, fault: Fault) {
        self.injected.push(fault);
    }

    /// Begins a fault of every response until this time, in place of an earlier one.
    pub(crate) fn begin(&mut self, spell: Spell, until: UnixTime) {
        self.spell = Some((spell, until));
    }

    /// The fault of a response to this operation now: that of the time, or else the oldest one that
    /// waits for it, counted down.
    pub(crate) fn take(&mut self, operation: &str, now: UnixTime) -> Option<ActiveFault> {
        if let Some((spell, until)) = self.spell.filter(|(_, until)| now < *until) {
            let kind = match spell {
                Spell::Outage => FaultKind::GatewayHtml(503),
                Spell::RateLimit => FaultKind::RateLimited { retry_after: Some(now.distance(until)), signed: true },
            };
            return Some(ActiveFault { kind, after_effect: false });
        }
        self.injected.retain(|fault| fault.times > 0);
        let fault = self.injected.iter_mut().find(|fault| fault.operation.is_none_or(|name| name == operation))?;
        fault.times -= 1;
        Some(ActiveFault { kind: fault.kind.clone(), after_effect: fault.after_effect })
    }
}

#[cfg(test)]
mod tests {
    use protocol_core::wechat_pay::Respond;

    use super::*;

    #[test]
    fn a_fault_waits_for_its_operation_and_is_used_up() {
        let mut faults = Faults::default();
        faults.add(Fault::once(FaultKind::ServerError).on::<Respond>().times(2));
        const NOW: UnixTime = UnixTime(1_741_936_166);
        assert!(faults.take("complete", NOW).is_none());
        assert!(faults.take("respond", NOW).is_some());
        assert!(faults.take("respond", NOW).is_some());
        assert!(faults.take("respond", NOW).is_none());
    }

    #[test]
    fn a_spell_lasts_until_its_end_and_uses_up_no_fault() {
        let mut faults = Faults::default();
        faults.add(Fault::once(FaultKind::ServerError));
        faults.begin(Spell::Outage, UnixTime(100));
        let kind = |faults: &mut Faults, now| faults.take("respond", UnixTime(now)).map(|fault| fault.kind);
        assert_eq!(kind(&mut faults, 99), Some(FaultKind::GatewayHtml(503)));
        faults.begin(Spell::RateLimit, UnixTime(100));
        let limited = FaultKind::RateLimited { retry_after: Some(10), signed: true };
        assert_eq!(kind(&mut faults, 90), Some(limited));
        assert_eq!(kind(&mut faults, 100), Some(FaultKind::ServerError));
        assert_eq!(kind(&mut faults, 100), None);
    }
}
