//! The stable token: one request for all waiting callers, renewed in time, replaced by force as the
//! last resort.

use std::time::Duration;

use protocol_core::call::OutsideError;
use protocol_core::mini_program::AccessToken;
use protocol_core::{Fault, Secret};
use tokio::time::{Instant, advance};
use wechat_adapter::mini_program::{Client, Error, StableToken, TokenSource as _};

use crate::calls::detail;
use crate::platform::{BROKEN, ORIGIN, Reaction, Scripted, says, status};

const OLD_TOKEN: &str = r#"{"errcode":42001,"errmsg":"access_token expired"}"#;

fn issued(token: &str, seconds: u64) -> Reaction {
    says(format!(r#"{{"access_token":"{token}","expires_in":{seconds}}}"#))
}

fn source(script: impl IntoIterator<Item = Reaction>) -> (StableToken<Scripted>, Scripted) {
    let platform = Scripted::new(script);
    let builder = StableToken::builder("wx1", Secret::new(b"s3cret".to_vec())).origin(ORIGIN);
    (builder.build_over(platform.clone()), platform)
}

async fn now(tokens: &StableToken<Scripted>) -> String {
    tokens.token().await.unwrap().expose().to_owned()
}

/// `force_refresh` of each request so far.
fn forced(platform: &Scripted) -> Vec<bool> {
    let force = |request: http::Request<bytes::Bytes>| {
        assert_eq!(request.uri(), "https://mini.example/cgi-bin/stable_token");
        let body: serde_json::Value = serde_json::from_slice(request.body()).unwrap();
        assert_eq!((&body["appid"], &body["secret"]), (&"wx1".into(), &"s3cret".into()));
        body["force_refresh"].as_bool().unwrap()
    };
    platform.requests().into_iter().map(force).collect()
}

async fn seconds(seconds: u64) {
    advance(Duration::from_secs(seconds)).await;
}

/// Lets background tasks end.
async fn settle() {
    tokio::time::sleep(Duration::from_secs(1)).await;
}

/// A number of simultaneous callers. Returns the different tokens that they got.
async fn crowd(tokens: &StableToken<Scripted>, size: usize) -> Vec<Result<String, String>> {
    let calls = (0..size).map(|_| {
        let tokens = tokens.clone();
        tokio::spawn(async move { tokens.token().await })
    });
    let mut got = Vec::new();
    for call in calls.collect::<Vec<_>>() {
        let outcome = call.await.unwrap();
        got.push(outcome.map(|token| token.expose().to_owned()).map_err(|error| error.to_string()));
    }
    got.dedup();
    got
}

#[tokio::test(start_paused = true)]
async fn a_thousand_callers_make_one_request() {
    let (tokens, platform) = source([issued("T1", 7200), issued("T2", 7200)]);
    assert_eq!(crowd(&tokens, 1000).await, [Ok("T1".to_owned())]);
    assert_eq!(platform.count(), 1);
    // Expired: no caller gets the old one, and again one request is made.
    seconds(7201).await;
    assert_eq!(crowd(&tokens, 1000).await, [Ok("T2".to_owned())]);
    assert_eq!(forced(&platform), [false, false]);
}

#[tokio::test(start_paused = true)]
async fn a_thousand_callers_share_a_failure() {
    let (tokens, platform) = source([says(r#"{"errcode":40125,"errmsg":"invalid appsecret"}"#), issued("T1", 7200)]);
    let refused = "the server refused with code 40125".to_owned();
    assert_eq!(crowd(&tokens, 1000).await, [Err(refused.clone())]);
    // Nor does a loop of callers hammer the platform.
    assert_eq!(crowd(&tokens, 10).await, [Err(refused)]);
    assert_eq!(platform.count(), 1);
    seconds(2).await;
    assert_eq!(now(&tokens).await, "T1");
}

#[tokio::test(start_paused = true)]
async fn a_token_is_renewed_before_it_expires_while_the_old_one_serves() {
    let (tokens, platform) = source([issued("T1", 7200), BROKEN, BROKEN, BROKEN, issued("T2", 7200)]);
    assert_eq!(now(&tokens).await, "T1");
    seconds(7200 - 300 - 1).await;
    assert_eq!((now(&tokens).await.as_str(), platform.count()), ("T1", 1));
    seconds(1).await;
    // The margin has begun. No caller waits, and a failure affects none.
    let began = Instant::now();
    assert_eq!(crowd(&tokens, 100).await, [Ok("T1".to_owned())]);
    assert_eq!(began.elapsed(), Duration::ZERO);
    settle().await;
    assert_eq!((now(&tokens).await.as_str(), platform.count()), ("T1", 4), "three attempts, then a pause");
    settle().await;
    settle().await;
    assert_eq!(now(&tokens).await, "T1");
    settle().await;
    assert_eq!((now(&tokens).await.as_str(), platform.count()), ("T2", 5));
    assert!(platform.is_played_out());
}

#[tokio::test(start_paused = true)]
async fn a_token_with_little_time_left_is_not_asked_for_with_every_call() {
    let (tokens, platform) = source([issued("T1", 200), issued("T2", 7200)]);
    assert_eq!(now(&tokens).await, "T1");
    seconds(99).await;
    assert_eq!((now(&tokens).await.as_str(), platform.count()), ("T1", 1));
    seconds(1).await;
    assert_eq!(now(&tokens).await, "T1");
    settle().await;
    assert_eq!((now(&tokens).await.as_str(), platform.count()), ("T2", 2));
}

#[tokio::test(start_paused = true)]
async fn a_token_lives_two_hours_whatever_is_said() {
    let (tokens, platform) = source([issued("T1", u64::from(u32::MAX)), issued("T2", 7200)]);
    assert_eq!(now(&tokens).await, "T1");
    seconds(7200).await;
    assert_eq!((now(&tokens).await.as_str(), platform.count()), ("T2", 2));
}

#[tokio::test(start_paused = true)]
async fn a_refused_token_is_replaced_once_and_only_if_it_is_the_current_one() {
    let (tokens, platform) = source([issued("T1", 7200), issued("T2", 7200)]);
    let old = tokens.token().await.unwrap();
    let (one, two) = (tokens.clone(), tokens.clone());
    tokio::join!(one.rejected(&old), two.rejected(&old));
    assert_eq!(crowd(&tokens, 100).await, [Ok("T2".to_owned())]);
    // Calls that were on their way with the old one meet the refusal later.
    tokens.rejected(&old).await;
    tokens.rejected(&AccessToken::new("T0").unwrap()).await;
    assert_eq!(crowd(&tokens, 100).await, [Ok("T2".to_owned())]);
    assert_eq!(forced(&platform), [false, false]);
}

#[tokio::test(start_paused = true)]
async fn a_late_refusal_of_an_old_token_does_not_bring_a_refused_one_back() {
    let (tokens, platform) = source([issued("T1", 7200), issued("T2", 7200), issued("T3", 7200)]);
    let first = tokens.token().await.unwrap();
    tokens.rejected(&first).await;
    let second = tokens.token().await.unwrap();
    tokens.rejected(&second).await;
    tokens.rejected(&first).await;
    assert_eq!(now(&tokens).await, "T3");
    assert!(platform.is_played_out());
}

#[tokio::test(start_paused = true)]
async fn force_is_used_where_the_platform_only_has_the_refused_token() {
    let (tokens, platform) = source([issued("T1", 7200), issued("T1", 7100), issued("T2", 7200)]);
    let first = tokens.token().await.unwrap();
    tokens.rejected(&first).await;
    assert_eq!(crowd(&tokens, 100).await, [Ok("T2".to_owned())]);
    assert_eq!(forced(&platform), [false, false, true]);

    // Refused again at once: not twice within 30 seconds.
    platform.then(issued("T2", 7200));
    let second = tokens.token().await.unwrap();
    tokens.rejected(&second).await;
    let error = tokens.token().await.unwrap_err();
    assert_eq!((error.failure().fault, error.failure().is_retryable), (Fault::Platform, true));
    assert_eq!(forced(&platform), [false]);
    // A token that another service made the platform issue is taken.
    seconds(2).await;
    platform.then(issued("T3", 7200));
    assert_eq!(now(&tokens).await, "T3");
    let third = tokens.token().await.unwrap();
    tokens.rejected(&third).await;
    seconds(28).await;
    [issued("T3", 7200), issued("T4", 7200)].into_iter().for_each(|reaction| platform.then(reaction));
    assert_eq!(now(&tokens).await, "T4");
    assert_eq!(forced(&platform), [false, false, true]);
}

/// Runs for a number of seconds, with a call every five; each token is refused at once. Returns the
/// times after the start at which a new one was forced.
async fn refused_for(tokens: &StableToken<Scripted>, platform: &Scripted, last: u64) -> Vec<u64> {
    let (began, mut times) = (Instant::now(), Vec::new());
    let mut number = 0;
    while began.elapsed() < Duration::from_secs(last) {
        platform.requests();
        // It issues the same token until it is forced to issue another.
        [number, number + 1].into_iter().for_each(|number| platform.then(issued(&format!("R{number}"), 7200)));
        let elapsed = began.elapsed().as_secs();
        if let Ok(token) = tokens.token().await {
            tokens.rejected(&token).await;
        }
        if forced(platform).contains(&true) {
            number += 1;
            times.push(elapsed);
        }
        platform.forget_script();
        tokio::time::sleep(Duration::from_secs(5)).await;
    }
    times
}

#[tokio::test(start_paused = true)]
async fn force_is_used_less_and_less_where_it_does_not_help() {
    let (tokens, platform) = source([]);
    let times = refused_for(&tokens, &platform, 24 * 3600).await;
    assert!(times.len() <= 20, "{times:?}");
    let pauses: Vec<_> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let expected = [30, 60, 120, 240, 480, 960, 1920, 3840, 7200, 7200];
    for (pause, expected) in pauses.iter().zip(expected) {
        assert!((expected..expected + 10).contains(pause), "{pauses:?}");
    }
    // One that lasts ends that.
    tokio::time::sleep(Duration::from_secs(7200)).await;
    [issued("G1", 7200), issued("G2", 7200)].into_iter().for_each(|reaction| platform.then(reaction));
    assert_eq!(now(&tokens).await, "G1");
    tokio::time::sleep(Duration::from_secs(7201)).await;
    assert_eq!(now(&tokens).await, "G2");
    tokens.rejected(&AccessToken::new("G2").unwrap()).await;
    [issued("G2", 7200), issued("G3", 7200)].into_iter().for_each(|reaction| platform.then(reaction));
    assert_eq!(now(&tokens).await, "G3");
    tokens.rejected(&AccessToken::new("G3").unwrap()).await;
    seconds(30).await;
    [issued("G3", 7200), issued("G4", 7200)].into_iter().for_each(|reaction| platform.then(reaction));
    assert_eq!(now(&tokens).await, "G4");
}

#[tokio::test(start_paused = true)]
async fn the_refused_token_is_not_taken_though_force_brings_it_back() {
    let (tokens, platform) = source([issued("T1", 7200), issued("T1", 7200), issued("T1", 7200)]);
    let first = tokens.token().await.unwrap();
    tokens.rejected(&first).await;
    let error = tokens.token().await.unwrap_err();
    assert_eq!((error.failure().fault, error.failure().is_retryable), (Fault::Platform, true));
    assert_eq!(forced(&platform), [false, false, true]);
}

#[tokio::test(start_paused = true)]
async fn force_is_never_tried_twice() {
    let (tokens, platform) = source([issued("T1", 7200), issued("T1", 7200), status(502, "")]);
    let first = tokens.token().await.unwrap();
    tokens.rejected(&first).await;
    tokens.token().await.unwrap_err();
    assert_eq!(forced(&platform), [false, false, true]);
}

#[tokio::test(start_paused = true)]
async fn a_caller_who_hangs_up_does_not_end_the_request_for_others() {
    let (tokens, platform) = source([issued("T1", 7200)]);
    let hasty = tokio::time::timeout(Duration::from_millis(1), tokens.token());
    assert!(hasty.await.is_err());
    assert_eq!((now(&tokens).await.as_str(), platform.count()), ("T1", 1));
}

#[tokio::test(start_paused = true)]
async fn a_transport_that_panics_is_an_error_and_not_the_end() {
    let (tokens, platform) = source([]);
    let error = tokens.token().await.unwrap_err();
    assert_eq!(error.to_string(), "the request for a token was cut off");
    platform.then(issued("T1", 7200));
    assert_eq!(now(&tokens).await, "T1");
}

#[test]
fn a_runtime_that_has_shut_down_is_an_error_and_not_a_standstill() {
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let handle = runtime.handle().clone();
        drop(runtime);
        let _inside = handle.enter();
        let (tokens, _) = source([]);
        let calls = [(); 2].map(|()| futures_util::FutureExt::now_or_never(tokens.token()));
        let errors = calls.map(|outcome| outcome.map(|outcome| outcome.unwrap_err().to_string()));
        tell.send(errors).unwrap();
    });
    let errors = told.recv_timeout(Duration::from_secs(120)).expect("it does not wait for itself");
    assert_eq!(errors, [(); 2].map(|()| Some("the request for a token was cut off".to_owned())));
}

#[tokio::test(start_paused = true)]
async fn a_thousand_calls_with_an_expired_token_refresh_it_once() {
    let (tokens, issuer) = source([issued("T1", 7200), issued("T2", 7200)]);
    assert_eq!(now(&tokens).await, "T1");
    let api = Scripted::new((0..2000).map(|number| says(if number < 1000 { OLD_TOKEN } else { r#"{"errcode":0}"# })));
    let client = Client::builder(tokens).origin(ORIGIN).build_over(api.clone());
    let calls: Vec<_> = (0..1000)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.send(&detail()).await.map(drop) })
        })
        .collect();
    for call in calls {
        call.await.unwrap().unwrap();
    }
    assert_eq!(forced(&issuer), [false, false], "one for the start, one for all thousand");
    let asked = api.asked();
    assert_eq!(asked.iter().filter(|line| line.ends_with("access_token=T1")).count(), 1000);
    assert_eq!(asked.iter().filter(|line| line.ends_with("access_token=T2")).count(), 1000);
}

#[tokio::test(start_paused = true)]
async fn without_a_token_nothing_is_sent() {
    let (tokens, _) = source([says(r#"{"errcode":40164,"errmsg":"invalid ip rid: a-b"}"#)]);
    let api = Scripted::new([]);
    let client = Client::builder(tokens).origin(ORIGIN).build_over(api.clone());
    let error = client.send(&detail()).await.unwrap_err();
    assert_eq!(error.to_string(), "no access token: the server refused with code 40164");
    assert!(
        matches!(&error, Error::Credential(error) if error.failure().fault == Fault::Caller && !error.failure().is_retryable)
    );
    assert_eq!((error.failure().delivery, api.count()), (protocol_core::Delivery::NotSent, 0));
    assert!(OutsideError::before_sending("x").failure().is_retryable);
}
