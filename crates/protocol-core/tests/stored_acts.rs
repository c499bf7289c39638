//! Acts that survive a crash: what a stored state and a look prove, in each channel.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test's helpers fail by panicking")]

use std::time::Duration;

use protocol_core::call::{ActOnce, ActState, ActStep, Before, Evidence, RECHECK_DELAYS};
use protocol_core::codec::decode_json;
use protocol_core::complaint::{NegotiationHistory, OrderDetail};
use protocol_core::mini_program::{BussiHandle, RespondComplaint, SentActs};
use protocol_core::retry::RetryPolicy;
use protocol_core::wechat_pay::{Complete, Respond};
use protocol_core::{Effect, UnixTime, allinpay, mini_program, virtual_payment, wechat_pay};

const NOW: UnixTime = UnixTime(1_741_936_166);

const FILED: &str = r#"{"log_id":"1","operate_type":"USER_CREATE_COMPLAINT"}"#;
const SAID_BEFORE: &str = r#"{"log_id":"2","operate_type":"MERCHANT_RESPONSE","operate_details":"您好"}"#;
const SAID_AGAIN: &str = r#"{"log_id":"3","operate_type":"MERCHANT_RESPONSE","operate_details":"您好"}"#;
const OTHER: &str = r#"{"log_id":"3","operate_type":"MERCHANT_RESPONSE","operate_details":"再见"}"#;
const UNREADABLE: &str = r#"{"log_id":"3","operate_type":["MERCHANT_RESPONSE"]}"#;
const COMPLETED: &str = r#"{"log_id":"4","operate_type":"MERCHANT_CONFIRM_COMPLETE"}"#;

fn history(entries: &[&str]) -> NegotiationHistory {
    let json = format!(r#"{{"data":[{}]}}"#, entries.join(","));
    NegotiationHistory::decode(json.as_bytes()).unwrap().trust_anyway()
}

fn stored(state: &ActState) -> ActState {
    serde_json::from_str(&serde_json::to_string(state).unwrap()).unwrap()
}

/// Responds to every query until there is another step.
fn look<E: Evidence>(act: &mut ActOnce<E>, respond: impl Fn(E::Query) -> E::Response) -> ActStep<()> {
    loop {
        match act.step() {
            ActStep::Wait(_) => act.waited(),
            ActStep::Look(query) => act.looked(Some(respond(query)), Some(NOW), Duration::ZERO),
            ActStep::Keep => return ActStep::Keep,
            ActStep::Send => return ActStep::Send,
            ActStep::Done(effect) => return ActStep::Done(effect),
            ActStep::GiveUp => return ActStep::GiveUp,
        }
    }
}

fn wechat_pay(entries: &[&str]) -> impl Fn(wechat_pay::EvidenceQuery) -> wechat_pay::EvidenceResponse {
    move |query| match query {
        wechat_pay::EvidenceQuery::History(page) if page.offset == 0 => {
            wechat_pay::EvidenceResponse::History(history(entries))
        }
        wechat_pay::EvidenceQuery::History(_) => wechat_pay::EvidenceResponse::History(history(&[])),
        wechat_pay::EvidenceQuery::Complaint(_) => {
            let complaint = decode_json("a complaint", br#"{"complaint_id":"1","complaint_state":"PROCESSING"}"#);
            wechat_pay::EvidenceResponse::Complaint(Box::new(complaint.unwrap().trust_anyway()))
        }
    }
}

fn allinpay(entries: &[&str]) -> impl Fn(allinpay::EvidenceQuery) -> allinpay::EvidenceResponse {
    move |query| match query {
        allinpay::EvidenceQuery::History(page) if page.offset == 0 => {
            allinpay::EvidenceResponse::History(history(entries))
        }
        allinpay::EvidenceQuery::History(_) => allinpay::EvidenceResponse::History(history(&[])),
        allinpay::EvidenceQuery::Complaint(_) => panic!("a reply has no state"),
    }
}

fn reply() -> wechat_pay::Evidence {
    wechat_pay::Operation::evidence(&Respond::new("1", "1900007291", "您好")).unwrap().0
}

/// The state before the first send of an act that looked at these entries.
fn wechat_pay_state(entries: &[&str]) -> ActState {
    let mut act = ActOnce::stored(reply(), RetryPolicy::default(), &RECHECK_DELAYS);
    assert_eq!(look(&mut act, wechat_pay(entries)), ActStep::Keep);
    stored(act.state())
}

fn restored<E: Evidence>(evidence: E, state: &ActState) -> ActOnce<E> {
    ActOnce::restored(evidence, RetryPolicy::default(), &RECHECK_DELAYS, stored(state), Duration::ZERO)
}

#[test]
fn a_reply_that_was_stored_is_known_by_what_was_there_before() {
    let state = wechat_pay_state(&[FILED, SAID_BEFORE]);
    assert_eq!(state.before(), Some(&Before::Ids(["1".to_owned(), "2".to_owned()].into())));
    assert_eq!((state.attempt(), state.platform_time()), (1, Some(NOW)));
    for (entries, next) in [
        // No entry has a time: the ids tell.
        (&[FILED, SAID_BEFORE, SAID_AGAIN][..], ActStep::Done(Effect::Found)),
        (&[FILED, SAID_BEFORE], ActStep::Keep),
        (&[FILED, SAID_BEFORE, OTHER], ActStep::GiveUp),
        (&[FILED, SAID_BEFORE, UNREADABLE], ActStep::GiveUp),
        (&[FILED], ActStep::GiveUp),
        (&[], ActStep::GiveUp),
    ] {
        let mut act = restored(reply(), &state);
        assert_eq!(act.step(), ActStep::Wait(RECHECK_DELAYS[0]), "it looks before it sends");
        assert_eq!(look(&mut act, wechat_pay(entries)), next, "{entries:?}");
        assert!(act.may_have_happened());
        assert_eq!(act.state().attempt(), if next == ActStep::Keep { 2 } else { 1 });
    }
}

#[test]
fn a_reply_that_was_stored_without_a_look_is_sent_again_only_where_nothing_like_it_is_there() {
    let unseen = ActOnce::new(reply(), RetryPolicy::default(), &RECHECK_DELAYS);
    assert_eq!(unseen.step(), ActStep::Keep);
    for (entries, next) in [
        (&[FILED][..], ActStep::Keep),
        (&[FILED, SAID_BEFORE], ActStep::GiveUp),
        (&[FILED, OTHER], ActStep::GiveUp),
        (&[FILED, UNREADABLE], ActStep::GiveUp),
    ] {
        let mut act = restored(reply(), unseen.state());
        assert_eq!(look(&mut act, wechat_pay(entries)), next, "{entries:?}");
    }
}

/// If the first look could not be read in full, no entry is known to be old.
#[test]
fn a_look_before_that_cannot_be_read_leaves_the_platforms_time_alone() {
    let state = wechat_pay_state(&[FILED, UNREADABLE]);
    assert_eq!((state.before(), state.platform_time()), (None, Some(NOW)));
}

#[test]
fn a_completion_that_was_stored_is_not_taken_for_an_earlier_one() {
    let evidence = || wechat_pay::Operation::evidence(&Complete::new("1", "1900007291")).unwrap().0;
    let mut act = ActOnce::stored(evidence(), RetryPolicy::default(), &RECHECK_DELAYS);
    assert_eq!(look(&mut act, wechat_pay(&[FILED, COMPLETED])), ActStep::Keep);
    let mut again = restored(evidence(), act.state());
    assert_eq!(look(&mut again, wechat_pay(&[FILED, COMPLETED])), ActStep::Keep);
}

#[test]
fn at_allinpay_a_stored_reply_is_never_sent_again() {
    let evidence = || allinpay::Operation::evidence(&allinpay::ComplaintsResp::new("1", "您好")).unwrap().0;
    let mut act = ActOnce::new(evidence(), RetryPolicy::default(), &RECHECK_DELAYS);
    assert_eq!(look(&mut act, allinpay(&[FILED, SAID_BEFORE])), ActStep::Keep);
    for (entries, next) in [
        (&[FILED, SAID_BEFORE, SAID_AGAIN][..], ActStep::Done(Effect::Found)),
        (&[FILED, SAID_BEFORE], ActStep::GiveUp),
        (&[FILED, SAID_BEFORE, UNREADABLE], ActStep::GiveUp),
    ] {
        let mut again = restored(evidence(), act.state());
        assert_eq!(look(&mut again, allinpay(entries)), next, "{entries:?}");
    }
}

#[test]
fn in_virtual_payment_a_stored_reply_is_never_sent_again() {
    let evidence =
        || virtual_payment::Operation::evidence(&virtual_payment::ResponseComplaint::new("1", "您好")).unwrap().0;
    let respond = |entries: &[&str]| {
        let json = history(entries);
        move |query| match query {
            virtual_payment::EvidenceQuery::History(page) if page.offset == 0 => {
                virtual_payment::EvidenceResponse::History(json.clone())
            }
            virtual_payment::EvidenceQuery::History(_) => virtual_payment::EvidenceResponse::History(history(&[])),
            virtual_payment::EvidenceQuery::Complaint(_) => panic!("the state proves nothing"),
        }
    };
    let mut act = ActOnce::stored(evidence(), RetryPolicy::default(), &RECHECK_DELAYS);
    assert_eq!(look(&mut act, respond(&[FILED, SAID_BEFORE])), ActStep::Keep);
    for (entries, next) in [
        (&[FILED, SAID_BEFORE, SAID_AGAIN][..], ActStep::Done(Effect::Found)),
        (&[FILED, SAID_BEFORE], ActStep::GiveUp),
        (&[FILED, SAID_BEFORE, UNREADABLE], ActStep::GiveUp),
    ] {
        let mut again = restored(evidence(), act.state());
        assert_eq!(look(&mut again, respond(entries)), next, "{entries:?}");
    }
}

#[test]
fn in_a_mini_program_a_stored_response_is_counted_and_never_sent_again() {
    let detail = |responses: usize| -> OrderDetail {
        let items = vec![r#"{"itemType":109}"#; responses].join(",");
        decode_json("a detail", format!(r#"{{"errcode":0,"item":[{items}]}}"#).as_bytes()).unwrap().trust_anyway()
    };
    let evidence = || {
        let respond = RespondComplaint::new("1", BussiHandle::Agree).with_content("您好");
        mini_program::Operation::evidence(&respond).unwrap().0
    };
    let (before, after) = (SentActs::default(), SentActs::default());
    let mut act = ActOnce::stored(evidence().among(&before), RetryPolicy::default(), &RECHECK_DELAYS);
    assert_eq!(look(&mut act, |_| detail(1)), ActStep::Keep);
    for (responses, next) in [(2, ActStep::Done(Effect::Found)), (1, ActStep::GiveUp)] {
        let mut again = restored(evidence().among(&after), act.state());
        assert_eq!(look(&mut again, |_| detail(responses)), next, "{responses}");
    }
    // There was no count before: it is unknown when it was said.
    let unseen = ActOnce::new(evidence().among(&before), RetryPolicy::default(), &RECHECK_DELAYS);
    let mut again = restored(evidence().among(&after), unseen.state());
    assert_eq!(look(&mut again, |_| detail(1)), ActStep::GiveUp);
}
