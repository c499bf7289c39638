//! The act that a form makes, within the bounds of its channel.

use protocol_core::Personal;
use protocol_core::allinpay::AlipayProcessCode;
use protocol_core::channel::{
    Act, Evidence, ImmediateReply, Processing, RefundApproval, RefundDecision, RefundEvidence, RefundRejection, Reply,
};

use super::possible::FormKind;
use super::replies::open_placeholder;
use super::upload_form::{MAX_PICTURES, UploadForm};
use super::wrong::Wrong;

/// The act of a form that was filled in, with the ids of its pictures.
///
/// # Errors
/// [`Wrong`]: something is missing, or beyond its bound.
pub(crate) fn act(channel: &str, form: FormKind, fields: &UploadForm, images: Vec<String>) -> Result<Act, Wrong> {
    let text = checked(channel, fields.text("text"), text_limit(form).unwrap_or_default())?;
    let remark = checked(channel, fields.text("remark"), remark_limit(channel, form).unwrap_or_default())?;
    let optional = |text: &str| Some(text).filter(|text| !text.is_empty()).map(Personal::<String>::from);
    let has_pictures = !images.is_empty();
    let needs_text = match form {
        FormKind::Reply => channel != MINI_PROGRAM || !has_pictures,
        FormKind::ReplyImmediately | FormKind::RejectRefund => true,
        _ => false,
    };
    if needs_text && text.is_empty() {
        return Err(Wrong::Empty);
    }
    Ok(match form {
        FormKind::Reply => {
            let mut reply = Reply::new(text);
            reply.images = images;
            if needs_consent(channel, form) {
                reply.agrees = Some(match fields.text("agrees") {
                    "yes" => true,
                    "no" => false,
                    _ => return Err(Wrong::Choice),
                });
            }
            reply.into()
        }
        FormKind::ReplyImmediately => {
            let mut reply = ImmediateReply::new(fields.text("key"), text);
            reply.images = images;
            reply.into()
        }
        FormKind::Complete => Act::Complete,
        FormKind::ApproveRefund => {
            let days = fields.text("days").trim().parse().ok().filter(|days| *days <= MAX_REFUND_DAYS);
            let mut approval = RefundApproval::default();
            approval.launch_refund_day = Some(days.ok_or(Wrong::Days { most: MAX_REFUND_DAYS })?);
            approval.remark = optional(remark);
            Act::DecideRefund(RefundDecision::from(approval))
        }
        FormKind::RejectRefund => {
            let mut rejection = RefundRejection::new(text);
            rejection.images = images;
            rejection.remark = optional(remark);
            Act::DecideRefund(RefundDecision::from(rejection))
        }
        FormKind::SupplyProof | FormKind::Appeal | FormKind::SupplyRefund if text.is_empty() && !has_pictures => {
            return Err(Wrong::Nothing);
        }
        FormKind::SupplyProof | FormKind::Appeal => {
            let mut evidence = Evidence::default();
            (evidence.text, evidence.images) = (optional(text), images);
            if form == FormKind::Appeal { Act::Appeal(evidence) } else { Act::SupplyProof(evidence) }
        }
        FormKind::SupplyRefund => {
            let mut evidence = RefundEvidence::default();
            (evidence.text, evidence.images) = (optional(text), images);
            evidence.return_id = Some(fields.text("return_id").to_owned()).filter(|id| !id.is_empty());
            let code = fields.text("accept_return").trim();
            evidence.accept_return =
                Some(code).filter(|code| !code.is_empty()).map(str::parse).transpose().map_err(|_| Wrong::Choice)?;
            Act::SupplyRefund(evidence)
        }
        FormKind::Process => {
            let code = fields.text("outcome");
            if !AlipayProcessCode::KNOWN.iter().any(|known| known.as_str() == code) {
                return Err(Wrong::Choice);
            }
            let mut processing = Processing::new(code);
            processing.remark = optional(remark);
            processing.into()
        }
    })
}

/// The pictures that an act names.
pub(crate) fn images(act: &Act) -> &[String] {
    match act {
        Act::Reply(reply) => &reply.images,
        Act::ReplyImmediately(reply) => &reply.images,
        Act::DecideRefund(RefundDecision::Reject(rejection)) => &rejection.images,
        Act::SupplyProof(evidence) | Act::Appeal(evidence) => &evidence.images,
        Act::SupplyRefund(evidence) => &evidence.images,
        _ => &[],
    }
}

/// Most pictures of a form.
pub(crate) const fn max_pictures(form: FormKind) -> usize {
    match form {
        FormKind::Complete | FormKind::ApproveRefund | FormKind::Process => 0,
        _ => MAX_PICTURES,
    }
}

/// A text without blanks around it, within what the platform takes.
fn checked<'t>(channel: &str, text: &'t str, limit: usize) -> Result<&'t str, Wrong> {
    let text = text.trim();
    let count = text.chars().count();
    if count > limit {
        return Err(Wrong::Long { count, limit });
    }
    if let Some(character) = text.chars().find(|character| channel == WECHAT_PAY && *character > '\u{ffff}') {
        return Err(Wrong::Emoji(character));
    }
    open_placeholder(text).map_or(Ok(text), |placeholder| Err(Wrong::Placeholder(placeholder)))
}

/// Longest text of a form in characters; `None` if it has none.
pub(super) const fn text_limit(form: FormKind) -> Option<usize> {
    match form {
        FormKind::Reply | FormKind::ReplyImmediately => Some(MAX_REPLY),
        FormKind::RejectRefund => Some(MAX_REASON),
        FormKind::SupplyProof | FormKind::SupplyRefund | FormKind::Appeal => Some(MAX_EVIDENCE),
        FormKind::Complete | FormKind::ApproveRefund | FormKind::Process => None,
    }
}

/// Longest note for the merchant itself; `None` if the channel takes none with this form.
pub(super) fn remark_limit(channel: &str, form: FormKind) -> Option<usize> {
    match form {
        FormKind::ApproveRefund if channel == WECHAT_PAY => Some(MAX_REASON),
        FormKind::RejectRefund => Some(MAX_REASON),
        FormKind::Process => Some(MAX_REPLY),
        _ => None,
    }
}

/// Whether the form asks if the merchant settles.
pub(super) fn needs_consent(channel: &str, form: FormKind) -> bool {
    form == FormKind::Reply && channel == MINI_PROGRAM
}

const WECHAT_PAY: &str = "wechat-pay";
const MINI_PROGRAM: &str = "mini-program";

/// Longest reply, and longest note to Alipay, in characters: every channel's bound.
const MAX_REPLY: usize = 500;

/// Longest reason of a rejection, and longest note on a refund, in characters.
const MAX_REASON: usize = 200;

/// Longest evidence for the Mini Program, in characters. The platform documents no bound.
const MAX_EVIDENCE: usize = 2_000;

/// Most working days until a refund starts.
const MAX_REFUND_DAYS: u32 = 30;

#[cfg(test)]
mod tests {
    use protocol_core::allinpay::{self, AlipayProcessFinish};
    use protocol_core::channel::ComplaintRef;
    use protocol_core::{Stamp, UnixTime, wechat_pay};

    use super::*;

    const STAMP: Stamp<'_> = Stamp { now: UnixTime(1_741_936_166), nonce: "593BEC0C930BF1AFEB40B4A08C8FB242" };

    /// Builds the request of an act, as it would be sent.
    struct Built;

    impl wechat_pay::ActVisitor for Built {
        type Output = bool;

        fn visit<O: wechat_pay::Operation>(self, operation: O) -> bool {
            operation.request(&STAMP).is_ok()
        }
    }

    impl allinpay::ActVisitor for Built {
        type Output = bool;

        fn visit<O: allinpay::Operation>(self, operation: O) -> bool {
            operation.request(&STAMP).is_ok()
        }
    }

    #[cfg(feature = "virtual-payment")]
    impl protocol_core::virtual_payment::ActVisitor for Built {
        type Output = bool;

        fn visit<O: protocol_core::virtual_payment::Operation>(self, operation: O) -> bool {
            operation.request(protocol_core::virtual_payment::Env::Production, &STAMP).is_ok()
        }
    }

    /// Whether the core sends an act through a channel.
    fn is_sent(channel: &str, act: &Act) -> bool {
        let mut complaint = ComplaintRef::new("1");
        complaint.complainted_mchid = Some("1900012181".to_owned());
        match channel {
            "wechat-pay" => wechat_pay::ActOperation::new(&complaint, act).unwrap().visit(Built),
            "allinpay" => allinpay::ActOperation::new(&complaint, act).unwrap().visit(Built),
            #[cfg(feature = "virtual-payment")]
            "virtual-payment" => {
                protocol_core::virtual_payment::ActOperation::new(&complaint, act).unwrap().visit(Built)
            }
            _ => allinpay::Operation::request(&AlipayProcessFinish::of_act("7", act).unwrap(), &STAMP).is_ok(),
        }
    }

    fn words(count: usize) -> String {
        "字".repeat(count)
    }

    fn fields(fields: &[(&str, &str)]) -> UploadForm {
        UploadForm::with(fields)
    }

    /// The act of a form with a text and a note of these lengths.
    fn made(channel: &str, form: FormKind, text: usize, remark: usize, images: usize) -> Result<Act, Wrong> {
        let (text, remark) = (words(text), words(remark));
        let fields =
            fields(&[("text", &text), ("remark", &remark), ("outcome", "REFUND"), ("days", "1"), ("key", "k")]);
        act(channel, form, &fields, vec!["1".to_owned(); images])
    }

    #[test]
    fn what_a_form_takes_the_core_sends() {
        for (channel, form, text, remark) in [
            ("wechat-pay", FormKind::Reply, MAX_REPLY, 0),
            ("allinpay", FormKind::Reply, MAX_REPLY, 0),
            #[cfg(feature = "virtual-payment")]
            ("virtual-payment", FormKind::Reply, MAX_REPLY, 0),
            ("wechat-pay", FormKind::ReplyImmediately, MAX_REPLY, 0),
            ("wechat-pay", FormKind::RejectRefund, MAX_REASON, MAX_REASON),
            ("allinpay", FormKind::RejectRefund, MAX_REASON, MAX_REASON),
            ("wechat-pay", FormKind::ApproveRefund, 0, MAX_REASON),
            ("allinpay", FormKind::ApproveRefund, 0, 0),
            ("allinpay-alipay", FormKind::Process, 0, MAX_REPLY),
        ] {
            let images = max_pictures(form);
            let largest = made(channel, form, text, remark, images).unwrap();
            assert_eq!(super::images(&largest).len(), images);
            assert!(is_sent(channel, &largest), "{channel} {form:?}");
            let limits = [(text, text + 1, remark), (remark, text, remark + 1)];
            for (limit, text, remark) in limits {
                let long = made(channel, form, text, remark, images);
                assert_eq!(long, Err(Wrong::Long { count: limit + 1, limit }), "{channel} {form:?}");
            }
        }
    }

    #[test]
    fn what_a_form_refuses_the_core_refuses() {
        for channel in ["wechat-pay", "allinpay"] {
            let mut reply = Reply::new(words(MAX_REPLY + 1));
            assert!(!is_sent(channel, &reply.clone().into()), "{channel}");
            (reply.text, reply.images) = (words(1).into(), vec!["1".to_owned(); MAX_PICTURES + 1]);
            assert!(!is_sent(channel, &reply.into()), "{channel}");
            let mut rejection = RefundRejection::new(words(MAX_REASON + 1));
            assert!(!is_sent(channel, &Act::DecideRefund(rejection.clone().into())), "{channel}");
            (rejection.reason, rejection.remark) = (words(1).into(), Some(words(MAX_REASON + 1).into()));
            assert!(!is_sent(channel, &Act::DecideRefund(rejection.into())), "{channel}");
        }
        assert!(!is_sent("wechat-pay", &Reply::new("😀").into()) && is_sent("allinpay", &Reply::new("😀").into()));
        let emoji = fields(&[("text", " 好😀 ")]);
        assert_eq!(act("wechat-pay", FormKind::Reply, &emoji, Vec::new()), Err(Wrong::Emoji('😀')));
        assert!(act("allinpay", FormKind::Reply, &emoji, Vec::new()).is_ok());
        let mut processing = Processing::new("REFUND");
        processing.remark = Some(words(MAX_REPLY + 1).into());
        assert!(!is_sent("allinpay-alipay", &processing.into()));
    }

    #[test]
    fn what_is_missing_is_named() {
        let wrong = |channel: &str, form: FormKind, given: &[(&str, &str)]| {
            act(channel, form, &fields(given), Vec::new()).unwrap_err()
        };
        assert_eq!(wrong("wechat-pay", FormKind::Reply, &[("text", " \n")]), Wrong::Empty);
        assert_eq!(wrong("wechat-pay", FormKind::RejectRefund, &[]), Wrong::Empty);
        assert_eq!(wrong(MINI_PROGRAM, FormKind::Reply, &[("text", "a")]), Wrong::Choice);
        assert_eq!(wrong(MINI_PROGRAM, FormKind::Appeal, &[]), Wrong::Nothing);
        assert_eq!(
            wrong(MINI_PROGRAM, FormKind::SupplyRefund, &[("text", "a"), ("accept_return", "x")]),
            Wrong::Choice
        );
        assert_eq!(wrong("allinpay-alipay", FormKind::Process, &[]), Wrong::Choice);
        let days = |days: &str| act("wechat-pay", FormKind::ApproveRefund, &fields(&[("days", days)]), Vec::new());
        let (most, wrong) = (MAX_REFUND_DAYS, Err(Wrong::Days { most: MAX_REFUND_DAYS }));
        assert_eq!(days(" 0 "), Ok(Act::DecideRefund(RefundDecision::approve(0))));
        assert_eq!(days(&most.to_string()), Ok(Act::DecideRefund(RefundDecision::approve(most))));
        assert_eq!((days(&(most + 1).to_string()), days("")), (wrong.clone(), wrong));
        let evidence =
            |count: usize| act(MINI_PROGRAM, FormKind::Appeal, &fields(&[("text", &words(count))]), Vec::new());
        assert!(evidence(MAX_EVIDENCE).is_ok());
        let limit = MAX_EVIDENCE;
        assert_eq!(evidence(limit + 1), Err(Wrong::Long { count: limit + 1, limit }));
    }

    #[test]
    fn a_proof_during_a_return_names_it() {
        let given = fields(&[("text", "a"), ("return_id", "77"), ("accept_return", "1")]);
        let Ok(Act::SupplyRefund(evidence)) = act(MINI_PROGRAM, FormKind::SupplyRefund, &given, Vec::new()) else {
            panic!("a proof");
        };
        assert_eq!((evidence.return_id.as_deref(), evidence.accept_return), (Some("77"), Some(1)));
    }
}
