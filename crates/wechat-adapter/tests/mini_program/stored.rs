//! Acts whose state is stored: another process looks for the act, and never sends it again.

use protocol_core::channel::{Act, ComplaintRef, Reply};
use wechat_adapter::Effect;
use wechat_adapter::mini_program::Error;

use crate::acts::respond;
use crate::platform::{BROKEN, OK, Reaction, Scripted, UNREACHED, client, says};
use crate::row::{Mood, Row, crashes};

/// A detail with this number of responses.
fn detail(responses: usize) -> Reaction {
    says(format!(r#"{{"errcode":0,"item":[{}]}}"#, vec![r#"{"itemType":109}"#; responses].join(",")))
}

fn posts(platform: &Scripted) -> usize {
    platform.asked().iter().filter(|line| line.starts_with("POST bussiRespondComplaint")).count()
}

/// The rows of an act that was kept and not sent, and of one that was sent.
async fn rows() -> [Row; 2] {
    let (kept, mut sent) = (Row::default(), Row::default());
    let (first, platform) = client([detail(1)]);
    crashes(first.send_stored(&respond(), &mut kept.that(Mood::DiesOnceKept))).await;
    assert_eq!(posts(&platform), 0);
    let (first, platform) = client([detail(1), BROKEN]);
    crashes(first.send_stored(&respond(), &mut sent)).await;
    assert_eq!(posts(&platform), 1);
    assert!(!kept.is_empty() && !sent.is_empty());
    [kept, sent]
}

#[tokio::test(start_paused = true)]
async fn a_stored_act_is_sent_after_a_look() {
    let (client, platform) = client([detail(0), says(OK)]);
    assert_eq!(client.send_stored(&respond(), &mut Row::default()).await.unwrap(), Effect::Confirmed);
    assert_eq!(posts(&platform), 1);
}

#[tokio::test(start_paused = true)]
async fn an_act_that_was_sent_is_found_by_the_next_process() {
    for mut row in rows().await {
        let (client, platform) = client([detail(2)]);
        assert_eq!(client.send_stored(&respond(), &mut row).await.unwrap(), Effect::Found);
        assert_eq!(posts(&platform), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn an_act_that_is_not_found_is_left_to_a_person() {
    let mut act = Reply::new("已退款");
    act.agrees = Some(true);
    let (complaint, act) = (ComplaintRef::new("8622001"), Act::from(act));
    for mut row in rows().await {
        let (client, platform) = client((0..3).map(|_| detail(1)));
        let error = client.perform_stored(&complaint, &act, &mut row).await.unwrap_err();
        assert!(matches!(error, Error::Unresolved), "{error}");
        assert_eq!(posts(&platform), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_that_fails_sends_nothing() {
    let (client, platform) = client([detail(0)]);
    for mood in [Mood::CannotLoad, Mood::CannotKeep] {
        assert!(client.send_stored(&respond(), &mut Row::default().that(mood)).await.is_err());
    }
    assert_eq!(posts(&platform), 0);
}

#[tokio::test(start_paused = true)]
async fn an_act_that_certainly_did_not_happen_can_be_sent_by_the_next_call() {
    let mut row = Row::default();
    let (first, platform) = client([detail(0), UNREACHED, UNREACHED, UNREACHED]);
    let error = first.send_stored(&respond(), &mut row).await.unwrap_err();
    assert!(!error.failure().may_have_happened && row.is_empty(), "{error}");
    assert!(platform.is_played_out());
    let (next, _) = client([detail(0), says(OK)]);
    assert_eq!(next.send_stored(&respond(), &mut row).await.unwrap(), Effect::Confirmed);
}
