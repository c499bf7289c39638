//! What a message of a platform is for the inbox: a decision, without I/O.

use std::fmt::Display;

use allinpay_adapter::Noticed;
use complaint_inbox::{ComplaintKey, EventKind, Message, NewLetter, Reason, Source};
use protocol_core::UnixTime;
use protocol_core::allinpay::AlipayComplaintStatus;
use protocol_core::complaint::Timestamp;
use protocol_core::wechat_pay::{ActionType, ComplaintEvent, Notification, Resource};
use wechat_adapter::{Received, Unreadable};

/// The meaning of a message.
#[derive(Debug, PartialEq)]
pub(super) enum Arrival {
    /// It is about a complaint.
    Message(Message, Proof),
    /// A person has to look at it.
    Letter(NewLetter),
    /// A complaint was filed whose number only a list tells.
    #[cfg(feature = "virtual-payment")]
    Unnumbered,
    /// It is none of the inbox's business.
    Other,
}

/// The event that a message about a complaint proves by itself. The reading tells the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Proof {
    pub(super) kind: Option<EventKind>,
    /// The time at which the platform made the message, if it says so.
    pub(super) sent: Option<UnixTime>,
}

impl Proof {
    /// That the complaint was filed, if it does prove it. A complaint is filed once, at whatever time.
    fn of_filing(is_proven: bool) -> Self {
        Self { kind: is_proven.then_some(EventKind::Filed), sent: None }
    }
}

/// The meaning of a notification.
pub(super) fn of_notification(received: &Received) -> Arrival {
    let Notification { event_type, resource, .. } = &received.notification;
    let source = Source::new(WECHAT_PAY, &*received.mchid);
    match resource {
        Resource::Complaint(event) => complaint(received, event),
        Resource::Violation(violation) => match serde_json::to_vec(violation) {
            Ok(content) => {
                Arrival::Letter(NewLetter::new(source, Reason::new("penalty", event_type.as_str()), content))
            }
            Err(_) => Arrival::Other,
        },
        Resource::Other(content) if OURS.iter().any(|family| event_type.as_str().starts_with(family)) => {
            let content = content.get().as_bytes().to_vec();
            Arrival::Letter(NewLetter::new(source, Reason::new("unknown-form", event_type.as_str()), content))
        }
        _ => Arrival::Other,
    }
}

/// The families of notifications that are the inbox's.
const OURS: [&str; 2] = ["COMPLAINT.", "VIOLATION."];

fn complaint(received: &Received, event: &ComplaintEvent) -> Arrival {
    let key = ComplaintKey::new(WECHAT_PAY, &*received.mchid, &event.complaint_id);
    let action = event.action_type.as_ref();
    let mut message = Message::new(received.dedup_key(), key);
    message.kind =
        Some(action.map_or_else(|| received.notification.event_type.as_str(), ActionType::as_str).to_owned());
    let sent = received.notification.create_time.as_ref().and_then(Timestamp::to_unix);
    Arrival::Message(message, Proof { kind: action.and_then(proven), sent })
}

/// The event that an act proves. The merchant's own acts are told by the reading.
const fn proven(action: &ActionType) -> Option<EventKind> {
    match action {
        ActionType::CreateComplaint => Some(EventKind::Filed),
        ActionType::ContinueComplaint => Some(EventKind::Continued),
        ActionType::UserResponse => Some(EventKind::PayerResponded),
        _ => None,
    }
}

/// A notification that cannot be read.
pub(super) fn of_unreadable(Unreadable { mchid, notification, .. }: &Unreadable) -> NewLetter {
    let source = Source::new(WECHAT_PAY, mchid.as_deref().unwrap_or_default());
    let content = notification.document.expose().as_bytes().to_vec();
    let mut letter = NewLetter::new(source, reason_of(&notification.error), content);
    // Without the merchant it is not known whose complaint it is.
    letter.complaint_id = notification.complaint_id.clone().filter(|_| mchid.is_some());
    letter
}

/// The meaning of a notice of Allinpay's. It is about a complaint of Alipay's.
pub(super) fn of_notice(Noticed { cusid, notice, .. }: &Noticed) -> Arrival {
    let Some(task) = notice.task_id.as_deref() else {
        let reason = Reason::new("no-number", "a notice without `task_id`: of a violation, perhaps");
        // A document that was read can be written.
        let content = serde_json::to_vec(&**notice).unwrap_or_default();
        return Arrival::Letter(NewLetter::new(Source::new(ALIPAY, &**cusid), reason, content));
    };
    let mut message = Message::new(&*notice.dedup_key, ComplaintKey::new(ALIPAY, &**cusid, task));
    message.kind = notice.status.as_ref().map(|status| status.as_str().to_owned());
    message.accused = Some(notice.cusid.clone()).filter(|accused| **accused != **cusid);
    let waits = notice.status == Some(AlipayComplaintStatus::WaitProcess);
    Arrival::Message(message, Proof::of_filing(waits))
}

/// A notice that cannot be read.
pub(super) fn of_unreadable_notice(unreadable: allinpay_adapter::Unreadable) -> NewLetter {
    let allinpay_adapter::Unreadable { cusid, notice, .. } = unreadable;
    let content = notice.document.expose().as_bytes().to_vec();
    NewLetter::new(Source::new(ALIPAY, &*cusid), reason_of(&notice.error), content)
}

/// The reason of a letter that cannot be read. The error quotes none of it. Texts for people have the
/// names `reason-CODE`.
pub(super) fn reason_of(error: &impl Display) -> Reason {
    Reason::new("unreadable", error.to_string())
}

/// The channel's name in the inbox.
pub(super) const WECHAT_PAY: &str = "wechat-pay";

/// The name in the inbox of Alipay's complaints through Allinpay. WeChat's have that of the section,
/// `allinpay`: the two have numbers, states and acts of their own.
pub(crate) const ALIPAY: &str = "allinpay-alipay";

#[cfg(feature = "mini-program")]
pub(super) use pushes::{of_push, of_unreadable_push};

#[cfg(feature = "mini-program")]
mod pushes {
    use protocol_core::Personal;
    use protocol_core::mini_program::{OptionType, Push};
    #[cfg(feature = "virtual-payment")]
    use protocol_core::virtual_payment::Notice;
    use wechat_adapter::mini_program::{Pushed, Unreadable};

    use super::*;

    /// The meaning of a push.
    pub(in crate::engine) fn of_push(pushed: &Pushed) -> Arrival {
        let push = pushed.received.push();
        let Some(complaint) = push.complaint() else { return of_virtual_payment(pushed, push) };
        // A complaint without a number is a letter before it comes here.
        let Some(number) = &complaint.complaint_order_id else { return Arrival::Other };
        let key = ComplaintKey::new(MINI_PROGRAM, &*pushed.appid, number);
        let mut message = Message::new(pushed.dedup_key(), key);
        message.kind = complaint.status.map(|status| status.code().to_string());
        let is_first = complaint.option_type == Some(OptionType::FirstSubmission);
        Arrival::Message(message, Proof::of_filing(is_first))
    }

    #[cfg(feature = "virtual-payment")]
    fn of_virtual_payment(pushed: &Pushed, push: &Push) -> Arrival {
        let source = Source::new(VIRTUAL_PAYMENT, &*pushed.appid);
        let letter = |source, reason: Reason| {
            let content = match &push.content {
                protocol_core::mini_program::Event::Other(document) => document.as_str().as_bytes().to_vec(),
                _ => Vec::new(),
            };
            Arrival::Letter(NewLetter::new(source, reason, content))
        };
        match Notice::of(push) {
            None => Arrival::Other,
            Some(Err(error)) => letter(source, reason_of(&error)),
            Some(Ok(Notice::Complaint(notice))) => match notice.number() {
                Some(number) => {
                    let key = ComplaintKey::new(VIRTUAL_PAYMENT, &*pushed.appid, number);
                    let mut message = Message::new(pushed.dedup_key(), key);
                    message.kind = push.event.clone();
                    Arrival::Message(message, Proof::of_filing(true))
                }
                None => Arrival::Unnumbered,
            },
            Some(Ok(_)) => letter(source, Reason::new("restriction", push.event.as_deref().unwrap_or_default())),
        }
    }

    #[cfg(not(feature = "virtual-payment"))]
    fn of_virtual_payment(_: &Pushed, _: &Push) -> Arrival {
        Arrival::Other
    }

    /// A push that cannot be read.
    pub(in crate::engine) fn of_unreadable_push(unreadable: &Unreadable) -> NewLetter {
        let source = Source::new(MINI_PROGRAM, &*unreadable.appid);
        let content: Personal<Vec<u8>> = unreadable.document.as_str().as_bytes().to_vec().into();
        let mut letter = NewLetter::new(source, reason_of(&unreadable.error), content);
        letter.complaint_id = unreadable.complaint_order_id.clone();
        letter
    }

    /// The channel's name in the inbox.
    pub(in crate::engine) const MINI_PROGRAM: &str = "mini-program";

    /// The channel's name in the inbox.
    #[cfg(feature = "virtual-payment")]
    pub(in crate::engine) const VIRTUAL_PAYMENT: &str = "virtual-payment";
}

#[cfg(test)]
mod tests {
    use protocol_core::wechat_pay::{EventType, Violation};

    use super::*;

    const MCHID: &str = "1900000001";

    fn received(event_type: &str, resource: Resource) -> Received {
        Received::new(MCHID, Notification::new("EV-1", EventType::from(event_type), resource))
    }

    fn event(more: &str) -> Resource {
        let event = format!(r#"{{"complaint_id":"1"{more}}}"#);
        Resource::Complaint(Box::new(ComplaintEvent::decode(event.as_bytes()).unwrap().trust_anyway()))
    }

    #[test]
    fn a_notification_proves_the_payers_deeds_and_no_others() {
        let proven = |action: &str| {
            let resource = event(&format!(r#","action_type":"{action}""#));
            match of_notification(&received("COMPLAINT.CREATE", resource)) {
                Arrival::Message(message, proof) => {
                    assert_eq!(message.complaint, ComplaintKey::new(WECHAT_PAY, MCHID, "1"));
                    assert_eq!((message.kind.as_deref(), message.content), (Some(action), None));
                    proof.kind
                }
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(proven("CREATE_COMPLAINT"), Some(EventKind::Filed));
        assert_eq!(proven("CONTINUE_COMPLAINT"), Some(EventKind::Continued));
        assert_eq!(proven("USER_RESPONSE"), Some(EventKind::PayerResponded));
        for action in ["MERCHANT_CONFIRM_COMPLETE", "REFUND_SUCCESS", "SOMETHING_NEW"] {
            assert_eq!(proven(action), None, "{action}");
        }
        let unnamed = of_notification(&received("COMPLAINT.CREATE", event("")));
        let Arrival::Message(message, proof) = unnamed else { panic!("a message") };
        assert_eq!((message.kind.as_deref(), proof.kind), (Some("COMPLAINT.CREATE"), None));
    }

    /// Whether a reason has words in each language.
    fn words(code: &str) -> bool {
        complaint_texts::Language::ALL.into_iter().all(|language| language.known_word("reason", code).is_some())
    }

    #[test]
    fn penalties_and_unknown_forms_are_letters_without_their_content_in_the_reason() {
        let violation = Violation::decode(br#"{"sub_mchid":"1900000109","company_name":"canary"}"#).unwrap();
        let violation = Resource::Violation(Box::new(violation.trust_anyway()));
        let form = || serde_json::value::RawValue::from_string(r#"{"canary":1}"#.to_owned()).unwrap();
        for (event_type, resource) in [
            ("VIOLATION.PUNISH", violation),
            ("VIOLATION.SOMETHING_NEW", Resource::Other(form())),
            ("COMPLAINT.SOMETHING_NEW", Resource::Other(form())),
        ] {
            let Arrival::Letter(letter) = of_notification(&received(event_type, resource)) else {
                panic!("{event_type} is a letter")
            };
            assert_eq!(letter.source, Source::new(WECHAT_PAY, MCHID));
            assert!(letter.reason.code.as_ref().is_some_and(|code| words(code)));
            assert_eq!(letter.reason.words, event_type, "and none of the content");
            assert!(String::from_utf8_lossy(letter.content.expose()).contains("canary"));
        }
        let paid = of_notification(&received("TRANSACTION.SUCCESS", Resource::Other(form())));
        assert_eq!(paid, Arrival::Other, "another service's");
    }

    #[cfg(feature = "virtual-payment")]
    #[test]
    fn pushes_of_virtual_payment_are_told_apart() {
        use protocol_core::mini_program::{Push, Received};
        use wechat_adapter::mini_program::Pushed;

        let arrival = |push: &str| {
            let push = Push::decode(push.as_bytes()).unwrap();
            of_push(&Pushed::new("wx1", Received::Unverified(push)))
        };
        let numbered = arrival(r#"{"Event":"xpay_complaint_notify","ComplaintId":"7"}"#);
        let Arrival::Message(message, proof) = numbered else { panic!("a message") };
        assert_eq!(message.complaint, ComplaintKey::new("virtual-payment", "wx1", "7"));
        assert_eq!(proof.kind, Some(EventKind::Filed));
        assert_eq!(arrival(r#"{"Event":"xpay_complaint_notify","WxOrderId":"MP1"}"#), Arrival::Unnumbered);
        assert!(matches!(arrival(r#"{"Event":"xpay_wxpay_callback_notify"}"#), Arrival::Letter(_)));
        assert_eq!(arrival(r#"{"Event":"user_enter_tempsession"}"#), Arrival::Other);
    }

    #[cfg(feature = "mini-program")]
    #[test]
    fn a_push_proves_a_first_submission_alone() {
        use protocol_core::mini_program::{Push, Received};
        use wechat_adapter::mini_program::Pushed;

        for (option_type, proven) in [("1", Some(EventKind::Filed)), ("2", None)] {
            let push = format!(
                r#"{{"Event":"complaint_callback","complaint_order_id":"8","option_type":"{option_type}","status":"201"}}"#
            );
            let push = Push::decode(push.as_bytes()).unwrap();
            let Arrival::Message(message, proof) = of_push(&Pushed::new("wx1", Received::Unverified(push))) else {
                panic!("a message")
            };
            assert_eq!(message.complaint, ComplaintKey::new("mini-program", "wx1", "8"));
            assert_eq!((message.kind.as_deref(), proof.kind), (Some("201"), proven));
        }
    }
}
