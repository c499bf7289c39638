//! Requests wait for their turns, and an act is dated when it is sent.

use std::time::Duration;

use protocol_core::complaint::Timestamp;
use protocol_core::rate::{Rate, RateGroup, Rates};
use protocol_core::wechat_pay::{Complete, GetComplaint, RATES};
use protocol_core::{Delivery, Fault, UnixTime};
use tokio::time::Instant;
use wechat_adapter::{Client, Effect, Error};

use crate::acts::respond;
use crate::platform::{BROKEN, NOW, Reaction, Scripted, builder, merchant, merchant_signer, signed};

const SECOND: Duration = Duration::from_secs(1);

fn done(count: usize) -> Vec<Reaction> {
    (0..count).map(|_| signed(204, "")).collect()
}

fn client(rates: Rates, script: Vec<Reaction>) -> (Client<Scripted>, Scripted) {
    let scripted = Scripted::new(script);
    (builder().rates(rates).build_over(scripted.clone()), scripted)
}

async fn seconds_of(client: &Client<Scripted>) -> u64 {
    let began = Instant::now();
    client.send(&respond()).await.unwrap();
    began.elapsed().as_secs()
}

#[tokio::test(start_paused = true)]
async fn clones_share_their_turns_and_merchants_do_not() {
    let rates = Rates::NONE.with(RateGroup::Reply, Some(Rate::per_second(1)));
    let (client, _) = client(rates, done(5));
    assert_eq!(seconds_of(&client).await, 0);
    assert_eq!(seconds_of(&client.clone()).await, 1);
    let another = client.for_merchant(merchant("1900000001"), merchant_signer());
    assert_eq!([seconds_of(&another).await, seconds_of(&another).await], [0, 1]);
    let same = another.with_certificates(crate::platform::api_v3_key());
    assert_eq!(seconds_of(&same).await, 1);
}

#[tokio::test(start_paused = true)]
async fn the_documented_rates_are_on_until_they_are_turned_off() {
    for (rates, seconds) in [(RATES, 1), (Rates::NONE, 0)] {
        let scripted = Scripted::new(done(7));
        let (own, by_default) = (builder().rates(rates), builder());
        let client = if rates == RATES { by_default } else { own }.build_over(scripted);
        for _ in 0..6 {
            assert_eq!(seconds_of(&client).await, 0);
        }
        assert_eq!(seconds_of(&client).await, seconds, "{rates:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_reply_whose_turn_comes_too_late_is_not_sent() {
    let rates = Rates::NONE.with(RateGroup::Reply, Some(Rate::per_second(1))).with_max_wait(SECOND / 2);
    let (client, platform) = client(rates, [done(1), vec![signed(200, r#"{"complaint_id":"1"}"#)]].concat());
    client.send(&respond()).await.unwrap();
    let error = client.send(&respond()).await.unwrap_err();
    assert!(matches!(error, Error::OverRate { wait } if wait == SECOND), "{error:?}");
    let failure = error.failure();
    assert_eq!((failure.fault, failure.delivery, failure.retry_after), (Fault::Local, Delivery::NotSent, Some(SECOND)));
    assert_eq!(platform.asked().len(), 1);
    client.send(&GetComplaint::new("1")).await.unwrap();
}

/// An entry that was written while the act waited for its turn is not the act.
#[tokio::test(start_paused = true)]
async fn an_act_is_dated_when_it_is_sent_not_when_it_waits() {
    let complete = Complete::new("1", "1900007291");
    for (written_before, is_found) in [(30, false), (0, true)] {
        let time = Timestamp::from(UnixTime(NOW.0 - written_before));
        let entry = format!(r#"{{"log_id":"1","operate_time":"{time}","operate_type":"MERCHANT_CONFIRM_COMPLETE"}}"#);
        let look = || [signed(200, format!(r#"{{"data":[{entry}]}}"#)), signed(200, r#"{"data":[]}"#)];
        let script = [signed(204, ""), BROKEN].into_iter().chain((0..3).flat_map(|_| look())).collect();
        let rate = Rate::new(1, SECOND * 50);
        let (client, _) = client(Rates::NONE.with(RateGroup::Complete, Some(rate)), script);
        client.send(&complete).await.unwrap();
        match client.send(&complete).await {
            Ok(effect) => assert!(is_found && effect == Effect::Found),
            Err(error) => assert!(!is_found && error.failure().delivery == Delivery::Unknown, "{error}"),
        }
    }
}
