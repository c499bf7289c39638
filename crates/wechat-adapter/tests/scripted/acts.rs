//! Acts whose outcome is unknown: the complaint is read before the act is sent again.

use protocol_core::channel::ActKind;
use protocol_core::complaint::Timestamp;
use protocol_core::wechat_pay::{ACTS, Complete, Operation, Respond, UpdateRefundProgress};
use protocol_core::{Delivery, UnixTime};
use wechat_adapter::{Effect, Error};

use crate::platform::{BROKEN, NOW, Reaction, UNREACHED, client, signed, signed_by, unsigned, with};

const TEXT: &str = "已与用户沟通解决";
const EXISTS: &str = r#"{"code":"INVALID_REQUEST","message":"m"}"#;
const NOT_THERE: &str = r#"{"code":"RESOURCE_NOT_EXISTS","message":"m"}"#;
const URL: &str = "https://merchant.example/notify";

pub fn respond() -> Respond {
    Respond::new("1", "1900007291", TEXT)
}

fn complete() -> Complete {
    Complete::new("1", "1900007291")
}

/// A history with one entry, written `seconds` from now.
fn history(operate_type: &str, text: &str, seconds: i64) -> Reaction {
    let time = Timestamp::from(UnixTime(NOW.0 + seconds));
    signed(
        200,
        format!(
            r#"{{"data":[{{"log_id":"1","operate_time":"{time}","operate_type":"{operate_type}","operate_details":"{text}"}}]}}"#
        ),
    )
}

fn nothing_new() -> Reaction {
    history("USER_CREATE_COMPLAINT", TEXT, 0)
}

/// The end of every history: an empty page.
fn end() -> Reaction {
    signed(200, r#"{"data":[]}"#)
}

/// Three looks that find nothing.
fn in_vain() -> Vec<Reaction> {
    (0..3).flat_map(|_| [nothing_new(), end()]).collect()
}

fn script(parts: impl IntoIterator<Item = Vec<Reaction>>) -> Vec<Reaction> {
    parts.into_iter().flatten().collect()
}

/// Every act, and the type of the entry that shows it. A new act is a row here.
#[tokio::test(start_paused = true)]
async fn an_act_whose_response_was_lost_is_looked_for() {
    let (approve, reject) = (UpdateRefundProgress::approve("1", 0), UpdateRefundProgress::reject("1", TEXT));
    let kinds = [
        is_looked_for(ActKind::Reply, &respond(), "MERCHANT_RESPONSE").await,
        is_looked_for(ActKind::Complete, &complete(), "MERCHANT_CONFIRM_COMPLETE").await,
        is_looked_for(ActKind::DecideRefund, &approve, "MERCHANT_APPROVE_REFUND").await,
        is_looked_for(ActKind::DecideRefund, &reject, "MERCHANT_REFUSE_RERUND").await,
    ];
    // The platform takes an id of the caller's for an immediate reply: it is sent again at once.
    let acts = ACTS.into_iter().filter(|kind| *kind != ActKind::ReplyImmediately);
    assert!(acts.into_iter().all(|kind| kinds.contains(&kind)), "each has a row");
}

/// The entry is there; it is not, or it is an older one; it has no time.
async fn is_looked_for<O: Operation<Response = Effect> + Sync>(kind: ActKind, act: &O, operate_type: &str) -> ActKind {
    let (there, platform) = client([BROKEN, history(operate_type, TEXT, 0)]);
    assert_eq!(there.send(act).await.unwrap(), Effect::Found, "{}", O::NAME);
    assert!(platform.is_played_out());
    let older = || vec![history(operate_type, TEXT, -90), end()];
    for looks in [in_vain(), script([older(), older(), older()])] {
        let (not_there, platform) = client(script([vec![BROKEN], looks, vec![signed(204, "")]]));
        assert_eq!(not_there.send(act).await.unwrap(), Effect::Confirmed, "{}", O::NAME);
        assert!(platform.is_played_out());
    }
    let undated = || {
        let entry = format!(r#"{{"log_id":"1","operate_type":"{operate_type}","operate_details":"{TEXT}"}}"#);
        vec![signed(200, format!(r#"{{"data":[{entry}]}}"#)), end()]
    };
    let (unclear, platform) = client(script([vec![BROKEN], undated(), undated(), undated()]));
    let error = unclear.send(act).await.unwrap_err();
    assert_eq!(error.failure().delivery, Delivery::Unknown, "{}", O::NAME);
    assert!(platform.is_played_out());
    kind
}

#[tokio::test(start_paused = true)]
async fn a_reply_whose_response_was_lost_is_found() {
    let forged = with(signed(204, ""), "Wechatpay-Nonce", "another");
    for lost in [BROKEN, unsigned(502, ""), forged, signed(500, "{}"), signed(202, "")] {
        let (client, platform) = client([lost, history("MERCHANT_RESPONSE", TEXT, 0)]);
        assert_eq!(client.send(&respond()).await.unwrap(), Effect::Found);
        let expected = [
            "POST one.example complaints-v2/1/response",
            "GET one.example complaints-v2/1/negotiation-historys?limit=100&offset=0",
        ];
        assert_eq!(platform.asked(), expected);
    }
}

#[tokio::test(start_paused = true)]
async fn a_reply_that_comes_late_is_found_before_it_is_sent_again() {
    let (client, platform) =
        client([BROKEN, nothing_new(), end(), nothing_new(), end(), history("MERCHANT_RESPONSE", TEXT, 0)]);
    assert_eq!(client.send(&respond()).await.unwrap(), Effect::Found);
    assert!(platform.is_played_out());
}

/// The reply may be the entry, or the member, that cannot be read: it is not sent a second time.
#[tokio::test(start_paused = true)]
async fn a_reply_that_may_stand_in_what_cannot_be_read_is_not_sent_again() {
    let time = Timestamp::from(NOW);
    for entry in [
        format!(r#"{{"log_id":{{}},"operate_time":"{time}","operate_type":"MERCHANT_RESPONSE"}}"#),
        r#""MERCHANT_RESPONSE""#.to_owned(),
        format!(r#"{{"log_id":"2","operate_time":"{time}","operate_type":["MERCHANT_RESPONSE"]}}"#),
        format!(r#"{{"log_id":"2","operate_time":"{time}","operate_type":1.5e300,"operate_details":"{TEXT}"}}"#),
        r#"{"log_id":"2","operate_time":true,"operate_type":"USER_RESPONSE"}"#.to_owned(),
        format!(r#"{{"log_id":"2","operate_time":"{time}","operate_type":"A","operate_type":"MERCHANT_RESPONSE"}}"#),
        format!(
            r#"{{"log_id":"2","operate_time":"{time}","operate_type":"MERCHANT_RESPONSE","operate_details":[[1]]}}"#
        ),
    ] {
        let unclear = || {
            let filed = format!(r#"{{"log_id":"1","operate_time":"{time}","operate_type":"USER_CREATE_COMPLAINT"}}"#);
            vec![signed(200, format!(r#"{{"data":[{filed},{entry}]}}"#)), end()]
        };
        let (client, platform) = client(script([vec![BROKEN], unclear(), unclear(), unclear()]));
        assert_eq!(client.send(&respond()).await.unwrap_err().failure().delivery, Delivery::Unknown, "{entry}");
        assert!(platform.is_played_out());
        // Unreadable rows count in the arithmetic of pages.
        assert!(platform.asked()[2].ends_with("offset=2"), "{:?}", platform.asked());
    }
}

/// A state that cannot be read closes nothing.
#[tokio::test(start_paused = true)]
async fn a_complaint_whose_state_cannot_be_read_is_not_taken_for_complete() {
    for (state, found) in [(r#""PROCESSED""#, true), (r#"["PROCESSED"]"#, false), ("{}", false), ("true", false)] {
        let detail = signed(200, format!(r#"{{"complaint_id":"1","complaint_state":{state}}}"#));
        let (client, platform) = client([signed(400, EXISTS), detail]);
        assert_eq!(client.send(&complete()).await.is_ok(), found, "{state}");
        assert!(platform.is_played_out());
    }
}

#[tokio::test(start_paused = true)]
async fn what_the_platform_is_still_at_is_never_sent_again() {
    let (client, platform) = client(script([vec![signed(202, "{}")], in_vain()]));
    let error = client.send(&respond()).await.unwrap_err();
    assert_eq!(error.failure().delivery, Delivery::Unknown);
    assert!(platform.is_played_out());
}

#[tokio::test(start_paused = true)]
async fn the_same_words_with_other_blanks_are_this_reply() {
    let (blanks, _) = client([BROKEN, history("MERCHANT_RESPONSE", &format!("  {TEXT} "), 0)]);
    assert_eq!(blanks.send(&respond()).await.unwrap(), Effect::Found);
}

#[tokio::test(start_paused = true)]
async fn a_completion_that_the_payer_went_on_after_is_not_this_one() {
    let continued = || {
        let entry = |id: u8, kind: &str, seconds: i64| {
            let time = Timestamp::from(UnixTime(NOW.0 + seconds));
            format!(r#"{{"log_id":"{id}","operate_type":"{kind}","operate_time":"{time}"}}"#)
        };
        let [completed, continued] =
            [entry(1, "MERCHANT_CONFIRM_COMPLETE", -40), entry(2, "USER_CONTINUE_COMPLAINT", -20)];
        vec![signed(200, format!(r#"{{"data":[{completed},{continued}]}}"#)), end()]
    };
    let (client, platform) = client(script([vec![BROKEN], continued(), continued(), continued()]));
    assert_eq!(client.send(&complete()).await.unwrap_err().failure().delivery, Delivery::Unknown);
    assert!(platform.is_played_out(), "it is not sent again either");
}

#[tokio::test(start_paused = true)]
async fn another_reply_of_the_same_time_is_not_written_over() {
    let other = || vec![history("MERCHANT_RESPONSE", "您好", 0), end()];
    let (client, platform) = client(script([vec![BROKEN], other(), other(), other()]));
    assert_eq!(client.send(&respond()).await.unwrap_err().failure().delivery, Delivery::Unknown);
    assert!(platform.is_played_out());
}

#[tokio::test(start_paused = true)]
async fn where_even_the_history_is_out_of_reach_the_outcome_stays_unknown() {
    let away = || unsigned(401, "{}");
    let (client, platform) = client([BROKEN, away(), away(), away()]);
    let error = client.send(&respond()).await.unwrap_err();
    assert_eq!(error.failure().delivery, Delivery::Unknown);
    assert!(matches!(error, Error::Send(_)) && platform.is_played_out());
}

#[tokio::test(start_paused = true)]
async fn a_reply_is_tried_three_times_at_most() {
    let attempt = || script([vec![BROKEN], in_vain()]);
    let (client, platform) = client(script([attempt(), attempt(), attempt()]));
    assert_eq!(client.send(&respond()).await.unwrap_err().failure().delivery, Delivery::Unknown);
    assert!(platform.is_played_out());
}

#[tokio::test(start_paused = true)]
async fn an_earlier_attempt_is_not_forgotten_because_the_last_was_not_sent() {
    let unreached = vec![UNREACHED, UNREACHED, UNREACHED];
    let (client, platform) = client(script([vec![BROKEN], in_vain(), unreached, in_vain()]));
    let error = client.send(&respond()).await.unwrap_err();
    assert_eq!(error.failure().delivery, Delivery::Unknown, "{error}");
    assert!(matches!(error, Error::AfterUnknown(_)) && platform.is_played_out(), "{error:?}");
}

#[tokio::test(start_paused = true)]
async fn a_wish_to_wait_for_long_ends_the_call() {
    let busy = with(unsigned(429, r#"{"code":"FREQUENCY_LIMITED"}"#), "Retry-After", "3600");
    let (client, platform) = client(script([vec![busy], in_vain()]));
    client.send(&respond()).await.unwrap_err();
    assert!(platform.is_played_out());
}

#[tokio::test(start_paused = true)]
async fn a_refused_reply_is_refused() {
    for refusal in [signed(400, EXISTS), unsigned(401, "{}"), signed(403, "{}"), unsigned(404, "<html>")] {
        let (client, platform) = client([refusal]);
        client.send(&respond()).await.unwrap_err();
        assert!(platform.is_played_out());
    }
}

#[tokio::test(start_paused = true)]
async fn a_reply_is_looked_for_on_every_page() {
    let entry = |number: u32| format!(r#"{{"log_id":"{number}","operate_type":"USER_RESPONSE"}}"#);
    let full = (0..100).map(entry).collect::<Vec<_>>().join(",");
    let full = signed(200, format!(r#"{{"data":[{full}]}}"#));
    let (client, platform) = client([BROKEN, full, history("MERCHANT_RESPONSE", TEXT, 0)]);
    assert_eq!(client.send(&respond()).await.unwrap(), Effect::Found);
    assert!(platform.asked()[2].ends_with("limit=100&offset=100"));
}

#[tokio::test(start_paused = true)]
async fn completing_twice_is_completing() {
    let state = |state: &str| signed(200, format!(r#"{{"complaint_id":"1","complaint_state":"{state}"}}"#));
    let (done, _) = client([signed(204, "")]);
    assert_eq!(done.send(&complete()).await.unwrap(), Effect::Confirmed);
    let (before, _) = client([signed(400, EXISTS), state("PROCESSED")]);
    assert_eq!(before.send(&complete()).await.unwrap(), Effect::Found);
    let (lost, _) = client([BROKEN, history("MERCHANT_CONFIRM_COMPLETE", "", 0)]);
    assert_eq!(lost.send(&complete()).await.unwrap(), Effect::Found);
    let (again, platform) = client(script([vec![BROKEN], in_vain(), vec![signed(204, "")]]));
    assert_eq!(again.send(&complete()).await.unwrap(), Effect::Confirmed);
    assert!(platform.is_played_out());
    let (refused, _) = client([signed(400, EXISTS), state("PROCESSING")]);
    refused.send(&complete()).await.unwrap_err();
    let (not_ours, platform) = client([signed(403, r#"{"code":"NO_AUTH"}"#)]);
    not_ours.send(&complete()).await.unwrap_err();
    assert!(platform.is_played_out());
}

#[tokio::test(start_paused = true)]
async fn a_lost_decision_is_found_and_a_repeated_one_is_told() {
    let approve = UpdateRefundProgress::approve("1", 0);
    let (lost, platform) = client([BROKEN, history("MERCHANT_APPROVE_REFUND", "", 0)]);
    assert_eq!(lost.send(&approve).await.unwrap(), Effect::Found);
    assert!(platform.is_played_out());
    // The other decision was made: it is not ours, and ours is refused.
    let refusals = || (0..3).flat_map(|_| [history("MERCHANT_REFUSE_RERUND", "", 0), end()]).collect::<Vec<_>>();
    let (other, platform) = client(script([vec![BROKEN], refusals(), vec![signed(400, EXISTS)], refusals()]));
    let error = other.send(&approve).await.unwrap_err();
    assert_eq!(error.failure().delivery, Delivery::Unknown);
    assert!(platform.is_played_out());
    // Refused at once: no attempt of ours can have done it.
    let (repeated, platform) = client([signed(400, EXISTS)]);
    repeated.send(&UpdateRefundProgress::reject("1", "已发货")).await.unwrap_err();
    assert!(platform.is_played_out());
}

#[tokio::test(start_paused = true)]
async fn the_url_becomes_the_wanted_one_whatever_it_is() {
    let url = |url: &str| signed(200, format!(r#"{{"mchid":"1900007291","url":"{url}"}}"#));
    let other = "https://other.example/notify";
    for (script, methods) in [
        (vec![url(URL)], "GET"),
        (vec![signed(400, NOT_THERE), url(URL)], "GET POST"),
        (vec![signed(404, NOT_THERE), url(URL)], "GET POST"),
        (vec![url(other), url(URL)], "GET PUT"),
        (vec![signed(400, NOT_THERE), signed(400, EXISTS), url(other), url(URL)], "GET POST GET PUT"),
        (vec![signed(400, NOT_THERE), BROKEN, url(URL)], "GET POST GET"),
        (vec![url(other), signed(400, NOT_THERE), url(URL)], "GET PUT POST"),
    ] {
        let (client, platform) = client(script);
        assert_eq!(client.ensure_notification_url(URL).await.unwrap().url, URL);
        let asked: Vec<_> = platform.asked().iter().map(|line| line.split(' ').next().unwrap().to_owned()).collect();
        assert_eq!(asked.join(" "), methods);
    }
    let (refused, _) = client([signed(403, r#"{"code":"NO_AUTH"}"#)]);
    refused.ensure_notification_url(URL).await.unwrap_err();
    let (quarrel, _) = client(std::iter::repeat_with(|| url(other)).take(8));
    assert!(matches!(quarrel.ensure_notification_url(URL).await, Err(Error::NotConverged { .. })));
    let (bad, platform) = client([]);
    assert!(matches!(bad.ensure_notification_url("http://merchant.example").await, Err(Error::Build(_))));
    assert_eq!(platform.asked().len(), 0, "a URL the platform refuses is not sent");
}

#[tokio::test(start_paused = true)]
async fn deleting_what_is_not_there_is_done() {
    let (merchant, platform) = client([signed(204, ""), BROKEN, signed(400, NOT_THERE)]);
    merchant.delete_notification_url().await.unwrap();
    merchant.delete_notification_url().await.unwrap();
    assert!(platform.is_played_out());

    // A proxy could have written this, and notifications would go on.
    for unproven in [unsigned(400, NOT_THERE), signed_by("7777", 400, NOT_THERE)] {
        let (merchant, _) = client([unproven]);
        merchant.delete_notification_url().await.unwrap_err();
    }
}
