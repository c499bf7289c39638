//! Acts on a complaint, as data: a service queues them, logs them and passes them to the
//! complaint's channel.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::secret::Personal;

/// Defines, from a table of acts and their names in JSON: `Act`, `ActKind`, and their methods.
macro_rules! acts {
    (
        $(#[$meta:meta])*
        pub enum Act {
            $($(#[$act_meta:meta])* $act:ident $(($content:ty))? = $name:literal,)+
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[non_exhaustive]
        pub enum Act {
            $($(#[$act_meta])* #[serde(rename = $name)] $act $(($content))?,)+
        }

        impl Act {
            /// The kind of the act.
            #[must_use]
            pub const fn kind(&self) -> ActKind {
                match self {
                    $(Self::$act { .. } => ActKind::$act,)+
                }
            }
        }

        /// The kinds of [`Act`].
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[non_exhaustive]
        pub enum ActKind {
            $(
                #[doc = concat!("[`Act::", stringify!($act), "`].")]
                #[serde(rename = $name)]
                $act,
            )+
        }

        impl ActKind {
            /// Every kind.
            pub const ALL: [Self; [$($name),+].len()] = [$(Self::$act),+];

            /// The name of the kind in an act's JSON.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$act => $name,)+
                }
            }
        }
    };
}

acts! {
    /// An act on a complaint. Each channel maps it to its own operations and says which kinds it
    /// takes: `ACTS` and `ActOperation` in [`wechat_pay`](crate::wechat_pay),
    /// [`allinpay`](crate::allinpay), [`mini_program`](crate::mini_program) and
    /// [`virtual_payment`](crate::virtual_payment).
    ///
    /// Its `Debug` shows no words. Its JSON is complete, for storing. Unknown members are refused,
    /// so that an act is never sent with less than was asked for.
    ///
    /// ```
    /// use protocol_core::channel::{Act, ActKind, Reply};
    ///
    /// # fn main() -> Result<(), serde_json::Error> {
    /// let act = Act::from(Reply::new("已退款"));
    /// assert_eq!(serde_json::to_string(&act)?, r#"{"reply":{"text":"已退款"}}"#);
    /// assert_eq!(serde_json::from_str::<Act>(r#"{"complete":{}}"#)?.kind(), ActKind::Complete);
    /// assert!(serde_json::from_str::<Act>(r#"{"reply":{"text":"已退款","picture":"1"}}"#).is_err());
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias("投诉处理"))]
    pub enum Act {
        /// Sends a message to the payer.
        Reply(Reply) = "reply",
        /// Sends a message to a payer who waits for immediate service.
        ReplyImmediately(ImmediateReply) = "reply_immediately",
        /// Completes the complaint.
        #[serde(with = "nothing")]
        Complete = "complete",
        /// Decides on a refund that the payer asks for.
        DecideRefund(RefundDecision) = "refund",
        /// Supplies the proof that the platform asks for.
        SupplyProof(Evidence) = "supply_proof",
        /// Supplies proof of a refund or of another remedy.
        SupplyRefund(RefundEvidence) = "supply_refund",
        /// Appeals against the platform's decision.
        Appeal(Evidence) = "appeal",
        /// Tells how the complaint was dealt with, and thereby completes it. Alipay's complaints
        /// alone have it.
        Process(Processing) = "process",
    }
}

impl From<Reply> for Act {
    fn from(reply: Reply) -> Self {
        Self::Reply(reply)
    }
}

impl From<ImmediateReply> for Act {
    fn from(reply: ImmediateReply) -> Self {
        Self::ReplyImmediately(reply)
    }
}

impl From<RefundDecision> for Act {
    fn from(decision: RefundDecision) -> Self {
        Self::DecideRefund(decision)
    }
}

/// A reply to the payer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
#[doc(alias("回复", "response"))]
pub struct Reply {
    /// The text, at most 500 characters, none outside the basic multilingual plane. May be empty if
    /// there are pictures and the channel allows it (the Mini Program).
    #[serde(default)]
    pub text: Personal<String>,
    /// Ids of uploaded pictures, at most 4.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub images: Vec<String>,
    /// A link under the text. Only WeChat Pay takes one, from accounts that are allowed links.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<Link>,
    /// Whether the merchant agrees to settle. The Mini Program requires it; no other channel takes
    /// it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agrees: Option<bool>,
}

impl Reply {
    /// A reply of words alone.
    #[must_use]
    pub fn new(text: impl Into<Personal<String>>) -> Self {
        Self { text: text.into(), images: Vec::new(), link: None, agrees: None }
    }
}

/// A link in a reply.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Link {
    /// `https`, at most 512 characters.
    pub url: String,
    /// Its caption, at most 10 characters.
    pub caption: String,
}

impl Link {
    /// A link with its caption.
    #[must_use]
    pub fn new(url: impl Into<String>, caption: impl Into<String>) -> Self {
        Self { url: url.into(), caption: caption.into() }
    }
}

/// A reply to a payer who waits for immediate service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
#[doc(alias("即时服务", "response-immediate-service"))]
pub struct ImmediateReply {
    /// The caller's id of the reply, at most 128 characters. The platform processes each id once.
    pub idempotent_id: String,
    /// The text.
    pub text: Personal<String>,
    /// Ids of uploaded pictures.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub images: Vec<String>,
}

impl ImmediateReply {
    /// A reply of words alone.
    #[must_use]
    pub fn new(idempotent_id: impl Into<String>, text: impl Into<Personal<String>>) -> Self {
        Self { idempotent_id: idempotent_id.into(), text: text.into(), images: Vec::new() }
    }
}

/// A decision on a refund that the payer asks for. It moves no money. Exhaustive: a refund is
/// approved or rejected.
///
/// ```
/// use protocol_core::channel::{RefundDecision, RefundRejection};
///
/// let yes = RefundDecision::approve(3);
/// let mut no = RefundRejection::new("已发货");
/// no.remark = Some("SF1234".into());
/// assert_ne!(yes, RefundDecision::Reject(no));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[doc(alias("退款审批", "update-refund-progress"))]
pub enum RefundDecision {
    /// The refund will be made.
    Approve(RefundApproval),
    /// The refund will not be made.
    Reject(RefundRejection),
}

impl RefundDecision {
    /// An approval: the refund starts in this number of working days; 0 is today.
    #[must_use]
    pub const fn approve(launch_refund_day: u32) -> Self {
        Self::Approve(RefundApproval { launch_refund_day: Some(launch_refund_day), remark: None })
    }
}

impl From<RefundApproval> for RefundDecision {
    fn from(approval: RefundApproval) -> Self {
        Self::Approve(approval)
    }
}

impl From<RefundRejection> for RefundDecision {
    fn from(rejection: RefundRejection) -> Self {
        Self::Reject(rejection)
    }
}

/// A refund that will be made.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct RefundApproval {
    /// The number of working days until the refund starts; 0 is today. Allinpay requires it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub launch_refund_day: Option<u32>,
    /// A note for the merchant itself, at most 200 characters. Only WeChat Pay takes one with an
    /// approval.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remark: Option<Personal<String>>,
}

/// A refund that will not be made, and the reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct RefundRejection {
    /// The reason, 1 to 200 characters; the payer reads it.
    pub reason: Personal<String>,
    /// Ids of uploaded pictures, at most 4.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub images: Vec<String>,
    /// A note for the merchant itself, at most 200 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remark: Option<Personal<String>>,
}

impl RefundRejection {
    /// A rejection for this reason, 1 to 200 characters; the payer reads it.
    #[must_use]
    pub fn new(reason: impl Into<Personal<String>>) -> Self {
        Self { reason: reason.into(), images: Vec::new(), remark: None }
    }
}

/// A merchant's evidence for the platform. Words or pictures are required.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
#[doc(alias("举证", "申诉"))]
pub struct Evidence {
    /// The words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<Personal<String>>,
    /// Ids of uploaded pictures.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub images: Vec<String>,
}

/// Proof of a refund or of another remedy. Words or pictures are required.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct RefundEvidence {
    /// The words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<Personal<String>>,
    /// Ids of uploaded pictures.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub images: Vec<String>,
    /// During a return of goods: whether they arrived. The values are not documented.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accept_return: Option<i64>,
    /// During a return of goods: the number of the return, as the detail has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub return_id: Option<String>,
}

/// How a complaint of Alipay's was dealt with. It moves no money.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
#[doc(alias("alicomplaintprocessfinish"))]
pub struct Processing {
    /// Alipay's code, such as `REFUND`: `AlipayProcessCode` of [`allinpay`](crate::allinpay) has the
    /// known ones.
    pub code: String,
    /// A note in words, at most 500 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remark: Option<Personal<String>>,
}

impl Processing {
    /// This code, without a note.
    #[must_use]
    pub fn new(code: impl Into<String>) -> Self {
        Self { code: code.into(), remark: None }
    }
}

impl From<Processing> for Act {
    fn from(processing: Processing) -> Self {
        Self::Process(processing)
    }
}

/// Writes an act without members as `{}`, so that every act has the same form.
mod nothing {
    use super::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Nothing {}

    pub(super) fn serialize<S: Serializer>(serializer: S) -> Result<S::Ok, S::Error> {
        Nothing {}.serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<(), D::Error> {
        Nothing::deserialize(deserializer).map(|Nothing {}| ())
    }
}

/// Acts of every kind with every member, for the tests of this file and of each channel.
#[cfg(test)]
pub(crate) mod samples {
    use super::Act;

    /// Stands in each member that holds a person's words.
    pub(crate) const CANARY: &str = "canary";

    pub(crate) const JSON: [&str; 9] = [
        r#"{"reply":{"text":"canary","images":["1"],"link":{"url":"https://a.example","caption":"b"},"agrees":true}}"#,
        r#"{"reply_immediately":{"idempotent_id":"1","text":"canary","images":["1"]}}"#,
        r#"{"complete":{}}"#,
        r#"{"refund":{"approve":{"launch_refund_day":3,"remark":"canary"}}}"#,
        r#"{"refund":{"reject":{"reason":"canary","images":["1"],"remark":"canary"}}}"#,
        r#"{"supply_proof":{"text":"canary","images":["1"]}}"#,
        r#"{"supply_refund":{"text":"canary","images":["1"],"accept_return":1,"return_id":"2"}}"#,
        r#"{"appeal":{"text":"canary","images":["1"]}}"#,
        r#"{"process":{"code":"REFUND","remark":"canary"}}"#,
    ];

    #[cfg(any(feature = "wechat-pay", feature = "mini-program", feature = "allinpay"))]
    pub(crate) fn acts_of_each_kind() -> impl Iterator<Item = Act> {
        JSON.into_iter().map(|json| serde_json::from_str(json).unwrap())
    }

    /// The members of an act that hold a person's words, by their number.
    #[cfg(any(feature = "wechat-pay", feature = "mini-program", feature = "allinpay"))]
    pub(crate) fn canaries_of(act: &Act) -> usize {
        canaries(&serde_json::to_string(act).unwrap())
    }

    #[cfg(any(feature = "wechat-pay", feature = "mini-program", feature = "allinpay"))]
    pub(crate) fn canaries(text: &str) -> usize {
        text.matches(CANARY).count()
    }
}

#[cfg(test)]
mod tests {
    use super::samples::{CANARY, JSON};
    use super::*;

    #[test]
    fn every_kind_has_a_sample() {
        for kind in ActKind::ALL {
            let begins = format!("{{\"{}\":", kind.as_str());
            assert!(JSON.iter().any(|json| json.starts_with(&begins)), "{kind:?}");
        }
    }

    #[test]
    fn an_act_is_stored_and_read_again_under_the_name_of_its_kind() {
        for json in JSON {
            let act: Act = serde_json::from_str(json).unwrap();
            assert_eq!(serde_json::to_string(&act).unwrap(), json);
            assert!(json.starts_with(&format!("{{\"{}\":", act.kind().as_str())), "{json}");
            assert_eq!(serde_json::to_string(&act.kind()).unwrap(), format!("\"{}\"", act.kind().as_str()));
        }
    }

    #[test]
    fn an_act_shows_no_words() {
        for json in JSON {
            let shown = format!("{:?}", serde_json::from_str::<Act>(json).unwrap());
            assert!(!shown.contains(CANARY), "{shown}");
        }
    }

    #[test]
    fn an_act_with_more_than_it_has_is_refused() {
        for json in JSON {
            let more = json.replacen("{}", r#"{"more":1}"#, 1).replacen(r#"":{""#, r#"":{"more":1,""#, 1);
            assert_ne!(more, json);
            assert!(serde_json::from_str::<Act>(&more).is_err(), "{more}");
        }
    }
}
