//! Faults on command: what goes wrong, with which operation, how often.

use std::time::Duration;

use protocol_core::OperationInfo;

/// What goes wrong with a response. The Mini Program's and Allinpay's answers have no headers that are signed: what can only
/// befall WeChat Pay's wears out there without effect.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum FaultKind {
    /// The connection ends without a response.
    DropConnection,
    /// The response begins only after this time.
    SlowResponse(Duration),
    /// The response stops in the middle of its body for this time; without a body, before it begins.
    SlowBody(Duration),
    /// The connection ends in the middle of the body; without a body, without a response.
    TruncatedBody,
    /// The body is filled up with blanks to so many bytes, rightly signed.
    OversizeBody(usize),
    /// The signature belongs to other bytes. Not of the Mini Program.
    ForgedSignature,
    /// No `Wechatpay-*` header; no `sign` from Allinpay. Not of the Mini Program.
    NoSignature,
    /// A signature that begins with `WECHATPAY/SIGNTEST/`. Of WeChat Pay only.
    Probe,
    /// The key's id is one nobody knows. Of WeChat Pay only.
    UnknownSerial,
    /// Rightly signed, ten minutes ago. Of WeChat Pay only.
    StaleTimestamp,
    /// 429 `FREQUENCY_LIMITED`; `errcode` 45009 of the Mini Program. Not of Allinpay.
    RateLimited {
        /// Seconds in `Retry-After`, if it is there.
        retry_after: Option<u64>,
        /// Whether the response is signed.
        signed: bool,
    },
    /// 500 `SYSTEM_ERROR`, signed; `errcode` -1 of the Mini Program, an unsigned 500 of Allinpay.
    ServerError,
    /// A gateway's page of HTML with this status, unsigned.
    GatewayHtml(u16),
    /// Nothing but this status, unsigned.
    EmptyBody(u16),
    /// 202 with an empty object, signed: accepted, not finished. Of WeChat Pay only.
    Status202,
    /// Signed JSON that is not of the documented shape.
    MalformedJson,
    /// This body with status 200, rightly signed; Allinpay's `records`. Nothing is done, unless after the effect.
    Body(String),
    /// This `handlestate` beside SUCCESS. Nothing is done, unless after the effect. Of Allinpay only.
    HandleState(String),
}

impl FaultKind {
    /// Whether the response is the platform's own, rightly signed: then what it says was done is always done.
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

/// What goes wrong with the next notification. What follows after a refusal is a right delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotificationFault {
    /// It comes once more after it was acknowledged.
    Duplicate,
    /// So many copies come at the same time.
    DuplicateAtOnce(usize),
    /// It is held back until another one went out.
    OutOfOrder,
    /// The signature belongs to other bytes.
    ForgedSignature,
    /// A signature that begins with `WECHATPAY/SIGNTEST/`.
    Probe,
    /// The key's id is one nobody knows.
    UnknownSerial,
    /// Rightly signed, ten minutes ago.
    Stale,
    /// No `Wechatpay-*` header.
    NoSignature,
    /// Sealed with another APIv3 key, rightly signed.
    WrongKey,
    /// A blank was added after signing.
    ChangedBody,
}

/// What goes wrong with the next push of the Mini Program. What follows after a refusal is a right delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PushFault {
    /// It comes once more after it was acknowledged, byte for byte.
    Duplicate,
    /// So many copies come at the same time.
    DuplicateAtOnce(usize),
    /// Signed with another token.
    Forged,
    /// In clear where it has to be encrypted, and the other way round; rightly signed for that.
    WrongMode,
    /// For another application, rightly signed.
    WrongAppid,
    /// Rightly signed, ten minutes ago.
    Stale,
    /// The message ends in its middle; its envelope is whole and rightly signed.
    Truncated,
    /// The message has raw control characters in the product's name.
    ControlCharacters,
    /// The message is a small XML document that means a large one.
    EntityBomb,
    /// A document type with an external entity stands before the body.
    Doctype,
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
    /// A fault that happens once, to any operation of any platform, before the effect. A fault of the transfer alone, such
    /// as a slow response, never undoes the effect.
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
pub(crate) struct Faults(Vec<Fault>);

/// A fault that happens to the request in hand.
#[derive(Debug, Clone)]
pub(crate) struct ActiveFault {
    pub(crate) kind: FaultKind,
    pub(crate) after_effect: bool,
}

impl Faults {
    pub(crate) fn add(&mut self, fault: Fault) {
        self.0.push(fault);
    }

    /// The oldest fault that waits for this operation, counted down.
    pub(crate) fn take(&mut self, operation: &str) -> Option<ActiveFault> {
        self.0.retain(|fault| fault.times > 0);
        let fault = self.0.iter_mut().find(|fault| fault.operation.is_none_or(|name| name == operation))?;
        fault.times -= 1;
        Some(ActiveFault { kind: fault.kind.clone(), after_effect: fault.after_effect })
    }
}

#[cfg(test)]
mod tests {
    use protocol_core::wechat_pay::Respond;

    use super::*;

    #[test]
    fn a_fault_waits_for_its_operation_and_wears_out() {
        let mut faults = Faults::default();
        faults.add(Fault::once(FaultKind::ServerError).on::<Respond>().times(2));
        assert!(faults.take("complete").is_none());
        assert!(faults.take("respond").is_some());
        assert!(faults.take("respond").is_some());
        assert!(faults.take("respond").is_none());
    }
}
