//! Acts whose state is stored: another process looks for the act, and never sends it again.

use allinpay_adapter::{Effect, Error};
use protocol_core::channel::{Act, ComplaintChannel, ComplaintRef, Reply};

use crate::acts::{replies_go, said};
use crate::calls::{one, resp};
use crate::platform::Fault;
use crate::row::{Mood, Row, crashes};

#[tokio::test(start_paused = true)]
async fn a_stored_reply_is_sent_after_a_look() {
    let (client, gateway) = one();
    assert_eq!(client.send_stored(&resp(), &mut Row::default()).await.unwrap(), Effect::Confirmed);
    assert_eq!(gateway.asked(), ["wxcomplainthistory", "complaintsResp"]);
}

#[tokio::test(start_paused = true)]
async fn a_reply_that_was_sent_is_found_by_the_next_process() {
    let mut row = Row::default();
    let (client, gateway) = one();
    replies_go(&gateway, [Fault::Lost { done: true }]);
    crashes(client.send_stored(&resp(), &mut row)).await;
    assert_eq!(gateway.client().send_stored(&resp(), &mut row).await.unwrap(), Effect::Found);
    assert_eq!((said(&gateway), gateway.count("complaintsResp")), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_reply_that_is_not_found_is_left_to_a_person() {
    // It was kept and not sent, or sent and lost.
    for (mood, sends) in [(Mood::DiesOnceKept, 0), (Mood::Works, 1)] {
        let row = Row::default();
        let (client, gateway) = one();
        replies_go(&gateway, [Fault::Lost { done: false }]);
        crashes(client.send_stored(&resp(), &mut row.that(mood))).await;
        assert!(!row.is_empty());
        let error = gateway.client().send_stored(&resp(), &mut row.clone()).await.unwrap_err();
        assert!(matches!(error, Error::Unresolved), "{error}");
        assert_eq!((said(&gateway), gateway.count("complaintsResp")), (0, sends));
    }
}

#[tokio::test(start_paused = true)]
async fn an_act_is_stored_through_the_interface_of_every_channel() {
    let row = Row::default();
    let (client, gateway) = one();
    let (complaint, act) = (ComplaintRef::new("1"), Act::from(Reply::new("已退款")));
    let channel: &dyn ComplaintChannel = &client;
    crashes(channel.perform_stored(&complaint, &act, &mut row.that(Mood::DiesOnceKept))).await;
    let error = channel.perform_stored(&complaint, &act, &mut row.clone()).await.unwrap_err();
    assert!(matches!(error.cause::<Error>(), Some(Error::Unresolved)), "{error}");
    assert_eq!(gateway.count("complaintsResp"), 0);
}

#[tokio::test(start_paused = true)]
async fn a_store_that_fails_sends_nothing() {
    let (client, gateway) = one();
    for mood in [Mood::CannotLoad, Mood::CannotKeep] {
        assert!(client.send_stored(&resp(), &mut Row::default().that(mood)).await.is_err());
    }
    assert_eq!(gateway.count("complaintsResp"), 0);
}

#[tokio::test(start_paused = true)]
async fn a_reply_that_certainly_did_not_happen_can_be_sent_by_the_next_call() {
    let mut row = Row::default();
    let (client, gateway) = one();
    replies_go(&gateway, [Fault::Unreached, Fault::Unreached, Fault::Unreached]);
    let error = client.send_stored(&resp(), &mut row).await.unwrap_err();
    assert!(!error.failure().may_have_happened && row.is_empty(), "{error}");
    assert_eq!(client.send_stored(&resp(), &mut row).await.unwrap(), Effect::Confirmed);
    assert_eq!(said(&gateway), 1);
}
