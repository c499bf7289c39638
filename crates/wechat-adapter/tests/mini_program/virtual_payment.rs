//! Virtual payment over a Mini Program's client: its requests, its acts, its face, its pictures.

use std::time::Duration;

use futures_util::TryStreamExt as _;
use protocol_core::call::OutsideError;
use protocol_core::channel::{ActKind, ComplaintChannel, ComplaintRef, Picture, RefundDecision, Reply};
use protocol_core::complaint::Timestamp;
use protocol_core::rate::{Rate, RateGroup, Rates};
use protocol_core::virtual_payment::{
    ACTS, CompleteComplaint, Env, Merchant, Operation, ResponseComplaint, ServerCode, pay_sig,
};
use protocol_core::{Delivery, Secret, UnixTime};
use tokio::time::Instant;
use wechat_adapter::Effect;
use wechat_adapter::virtual_payment::{Client, Error};

use crate::platform::{BROKEN, Elsewhere, NOW, OK, Reaction, Scripted, UNREACHED, says, status};
use crate::row::Row;

const ID: &str = "200000020250609150295416690";
const TEXT: &str = "已退款";
const PICTURE: &str = "https://api.mch.weixin.qq.com/v3/merchant-service/images/Cj%3D";
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

fn client(script: impl IntoIterator<Item = Reaction>) -> (Client<Scripted, Elsewhere>, Scripted) {
    let (mini_program, platform) = crate::platform::client(script);
    let merchant = Merchant::new(Secret::new(b"12345".to_vec()), Env::Production).unwrap();
    (Client::builder(mini_program, merchant).image_origin("https://images.example").build(), platform)
}

/// No rate is documented. One that is set counts apart from the Mini Program's.
#[tokio::test(start_paused = true)]
async fn a_rate_that_is_set_is_kept() {
    let rates = |seconds| Rates::NONE.with(RateGroup::Reply, Some(Rate::new(1, Duration::from_secs(seconds))));
    let platform = Scripted::new((0..4).map(|_| says(OK)));
    let mini_program = wechat_adapter::mini_program::Client::builder(Elsewhere::default()).rates(rates(50));
    let mini_program = mini_program.build_over(platform);
    let merchant = Merchant::new(Secret::new(b"12345".to_vec()), Env::Production).unwrap();
    let client = Client::builder(mini_program.clone(), merchant).rates(rates(5)).build();
    mini_program.send_without_looking(&crate::acts::respond()).await.unwrap();
    let began = Instant::now();
    for _ in 0..3 {
        client.clone().send(&reply()).await.unwrap();
    }
    assert_eq!(began.elapsed().as_secs(), 10);
}

fn reply() -> ResponseComplaint {
    ResponseComplaint::new(ID, TEXT)
}

fn complete() -> CompleteComplaint {
    CompleteComplaint::new(ID)
}

/// A history with one entry, written `seconds` from now.
fn history(operate_type: &str, text: &str, seconds: i64) -> Vec<Reaction> {
    let time = Timestamp::from(UnixTime(NOW.0 + seconds));
    let entry = format!(
        r#"{{"log_id":"1","operate_time":"{time}","operate_type":"{operate_type}","operate_details":"{text}"}}"#
    );
    vec![says(format!(r#"{{"errcode":0,"total":1,"history":[{entry}]}}"#)), says(r#"{"errcode":0,"total":1}"#)]
}

fn state(state: &str) -> Reaction {
    says(format!(r#"{{"errcode":0,"complaint":{{"complaint_id":"{ID}","complaint_state":"{state}"}}}}"#))
}

fn script(parts: impl IntoIterator<Item = Vec<Reaction>>) -> Vec<Reaction> {
    parts.into_iter().flatten().collect()
}

/// The names of the operations that were asked for.
fn names(platform: &Scripted) -> Vec<String> {
    let requests = platform.requests();
    requests.iter().map(|request| request.uri().path().trim_start_matches('/').replace('/', "_")).collect()
}

#[tokio::test(start_paused = true)]
async fn a_request_is_signed_and_goes_out_under_the_mini_programs_token() {
    let (client, platform) = client([says(r#"{"errcode":42001}"#), says(OK)]);
    assert_eq!(client.send(&reply()).await.unwrap(), Effect::Confirmed);
    let requests = platform.requests();
    assert_eq!(requests.len(), 2, "a refused token had no effect");
    for (request, token) in requests.iter().zip(["T1", "T2"]) {
        let signature = pay_sig(b"12345", "/xpay/response_complaint", request.body());
        let target = format!("/xpay/response_complaint?pay_sig={signature}&access_token={token}");
        assert_eq!(request.uri().path_and_query().unwrap().as_str(), target);
    }
}

#[tokio::test(start_paused = true)]
async fn an_act_whose_response_was_lost_is_found() {
    is_looked_for(ActKind::Reply, &reply(), "MERCHANT_RESPONSE").await;
    is_looked_for(ActKind::Complete, &complete(), "MERCHANT_CONFIRM_COMPLETE").await;
    assert_eq!(ACTS, [ActKind::Reply, ActKind::Complete], "each has a row");
}

/// The entry is there; it is not, or it is an older one; it has no time.
async fn is_looked_for<O: Operation<Response = Effect> + Sync>(kind: ActKind, act: &O, operate_type: &str) {
    for lost in [BROKEN, status(502, "<html>"), says(""), says(r#"{"errcode":-1}"#)] {
        let (client, platform) = client(script([vec![lost], history(operate_type, TEXT, 0)]));
        assert_eq!(client.send(act).await.unwrap(), Effect::Found, "{kind:?}");
        assert_eq!(names(&platform), [O::NAME, "xpay_get_negotiation_history"]);
    }
    let undated = || {
        let entry = format!(r#"{{"log_id":"1","operate_type":"{operate_type}","operate_details":"{TEXT}"}}"#);
        vec![says(format!(r#"{{"errcode":0,"history":[{entry}]}}"#)), says(r#"{"errcode":0,"total":1}"#)]
    };
    for look in [|_: &str| history("USER_RESPONSE", TEXT, 0), |kind: &str| history(kind, TEXT, -90)] {
        is_unknown(act, script((0..3).map(|_| look(operate_type)))).await;
    }
    is_unknown(act, script((0..3).map(|_| undated()))).await;
}

/// No look shows it: it is not sent a second time.
async fn is_unknown<O: Operation<Response = Effect> + Sync>(act: &O, looks: Vec<Reaction>) {
    let (client, platform) = client(script([vec![BROKEN], looks]));
    let error = client.send(act).await.unwrap_err();
    assert_eq!(error.failure().delivery, Delivery::Unknown);
    assert!(platform.is_played_out());
    assert_eq!(names(&platform).iter().filter(|name| *name == O::NAME).count(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_act_that_was_never_sent_is_sent_again() {
    let (client, platform) = client([UNREACHED, says(OK)]);
    assert_eq!(client.send(&reply()).await.unwrap(), Effect::Confirmed);
    assert_eq!(names(&platform).len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_completion_of_a_complete_complaint_succeeds() {
    let refusal = || says(r#"{"errcode":268490002,"errmsg":"m"}"#);
    let (there, platform) = client([refusal(), state("PROCESSED")]);
    assert_eq!(there.send(&complete()).await.unwrap(), Effect::Found);
    assert!(platform.is_played_out());
    let (open, platform) = client([refusal(), state("PROCESSING")]);
    let error = open.send(&complete()).await.unwrap_err();
    assert_eq!(error.response().and_then(|error| error.code()), Some(ServerCode::BadMember));
    assert!(platform.is_played_out());
}

#[tokio::test(start_paused = true)]
async fn looks_may_be_left_out() {
    let (mini_program, platform) = crate::platform::client([BROKEN]);
    let merchant = Merchant::new(Secret::new(b"12345".to_vec()), Env::Production).unwrap();
    let client = Client::builder(mini_program, merchant).recheck_delays([] as [Duration; 0]).build();
    assert!(matches!(client.send(&reply()).await.unwrap_err(), Error::Send(_)));
    assert!(platform.is_played_out());
}

#[tokio::test(start_paused = true)]
async fn the_face_of_every_channel() {
    let complaint = |id: u32| format!(r#"{{"complaint_id":"{id}"}}"#);
    let page = |ids: std::ops::Range<u32>, total: u32| {
        let rows: Vec<_> = ids.map(complaint).collect();
        says(format!(r#"{{"errcode":0,"total":{total},"complaints":[{}]}}"#, rows.join(",")))
    };
    let (client, platform) = client(script([
        vec![page(0..50, 51), page(50..51, 51)],
        vec![state("PENDING")],
        history("USER_CREATE_COMPLAINT", TEXT, 0),
    ]));
    let channel: &dyn ComplaintChannel = &client;
    let listed: Vec<_> = channel.list("2025-06-01", "2025-06-09").try_collect().await.unwrap();
    assert_eq!((listed.len(), &*listed[50].complaint_id), (51, "50"));
    let about = ComplaintRef::new(ID);
    assert_eq!(channel.show(&about).await.unwrap().complaint_id, ID);
    let entries: Vec<_> = channel.history(&about).try_collect().await.unwrap();
    assert_eq!(entries.len(), 1);

    platform.forget_script();
    for reaction in [
        says(r#"{"errcode":0,"file_id":"file_1"}"#),
        says(OK),
        says(OK),
        says(r#"{"errcode":0,"sign":"WECHATPAY2-SHA256-RSA2048 mchid=\"1\""}"#),
        status(200, PNG),
    ] {
        platform.then(reaction);
    }
    platform.requests();
    let file = channel.upload_image(Picture::new("a.png", PNG)).await.unwrap();
    let mut words = Reply::new(TEXT);
    words.images = vec![file];
    assert_eq!(channel.reply(&about, &words).await.unwrap(), Effect::Confirmed);
    assert_eq!(channel.complete(&about).await.unwrap(), Effect::Confirmed);
    let image = channel.download_image(&about, PICTURE).await.unwrap();
    assert_eq!(image.trust_anyway().expose(), PNG);
    let requests = platform.requests();
    let image = requests.last().unwrap();
    assert_eq!(image.uri(), "https://images.example/v3/merchant-service/images/Cj%3D");
    assert_eq!(image.headers()["Authorization"], "WECHATPAY2-SHA256-RSA2048 mchid=\"1\"");
    assert!(image.headers().contains_key("User-Agent"));

    // Nothing is sent for an act that the channel does not take.
    let error = channel.decide_refund(&about, &RefundDecision::approve(1)).await.unwrap_err();
    assert_eq!(error.failure().delivery, Delivery::NotSent);
    let error = channel.download_image(&about, "https://evil.example/a").await.unwrap_err();
    assert_eq!(error.failure().delivery, Delivery::NotSent);
    assert_eq!(platform.count(), 0);
}

#[tokio::test(start_paused = true)]
async fn nothing_secret_is_shown() {
    let (client, _) = client([BROKEN]);
    let error = client.send_without_looking(&reply()).await.unwrap_err();
    let shown = format!("{client:?} {error:?} {error} {:?}", OutsideError::from(error.clone()));
    assert!(!shown.contains("12345") && !shown.contains("access_token"), "{shown}");
}

#[tokio::test(start_paused = true)]
async fn a_stored_act_that_certainly_did_not_happen_can_be_sent_by_the_next_call() {
    let mut row = Row::default();
    let filed = || history("USER_CREATE_COMPLAINT", TEXT, 0);
    let (first, platform) = client(script([filed(), vec![UNREACHED, UNREACHED, UNREACHED]]));
    let error = first.send_stored(&reply(), &mut row).await.unwrap_err();
    assert!(!error.failure().may_have_happened && row.is_empty(), "{error}");
    assert!(platform.is_played_out());
    let (next, _) = client(script([filed(), vec![says(OK)]]));
    assert_eq!(next.send_stored(&reply(), &mut row).await.unwrap(), Effect::Confirmed);
    // The next process finds the act by its state.
    assert!(!row.is_empty(), "its owner removes it");
}
