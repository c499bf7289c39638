//! Replayed responses: a response does not say which request it belongs to.

use std::num::NonZeroUsize;

use allinpay_adapter::{Client, Effect, Error};
use protocol_core::Delivery;
use protocol_core::allinpay::{ResponseError, SignType, WxComplaintDetail};

use crate::acts::{replies_go, said};
use crate::calls::{one, resp};
use crate::complaints::Case;
use crate::platform::{CUSID, Fault, Gateway, NOW};

/// A client that remembers a number of responses, for the gateway of another.
fn remembering(gateway: &Gateway, responses: usize) -> Client<Gateway> {
    gateway.builder().refuse_replays(NonZeroUsize::new(responses).unwrap()).build_over(gateway.clone())
}

#[tokio::test(start_paused = true)]
async fn a_response_that_came_before_confirms_no_act() {
    for (done, said_twice) in [(true, 2), (false, 1)] {
        let (_, gateway) = one();
        let client = remembering(&gateway, 100);
        replies_go(&gateway, [Fault::None, Fault::Replayed { done }]);
        assert_eq!(client.send(&resp()).await.unwrap(), Effect::Confirmed);
        let second = client.send(&resp()).await;
        if done {
            assert_eq!(second.unwrap(), Effect::Found);
        } else {
            let error = second.unwrap_err();
            assert!(matches!(error, Error::Response(ResponseError::Replayed)), "{error}");
            assert_eq!((error.failure().delivery, error.failure().is_retryable), (Delivery::Unknown, false));
        }
        // It is looked for, and not sent a third time.
        assert_eq!((said(&gateway), gateway.count("complaintsResp")), (said_twice, 2), "{done}");
    }
    // Without the memory, TLS alone keeps it from being believed.
    let (client, gateway) = one();
    replies_go(&gateway, [Fault::None, Fault::Replayed { done: false }]);
    client.send(&resp()).await.unwrap();
    assert_eq!(client.send(&resp()).await.unwrap(), Effect::Confirmed);
    assert_eq!(said(&gateway), 1);
}

#[tokio::test(start_paused = true)]
async fn the_last_responses_are_remembered_for_all_merchants_of_a_client() {
    let (_, gateway) = one();
    let client = remembering(&gateway, 2);
    let detail = WxComplaintDetail::new("1");
    let replayed = |result: Result<_, Error>| matches!(result, Err(Error::Response(ResponseError::Replayed)));
    client.send(&detail).await.unwrap();
    client.send(&detail).await.unwrap();
    gateway.faults([Fault::Replayed { done: true }, Fault::Replayed { done: true }]);
    assert!(replayed(client.send(&detail).await), "the last but one");
    let about = client.about(CUSID).unwrap();
    assert!(replayed(about.send(&detail).await), "of the same client");
    // One more than the memory holds.
    client.send(&detail).await.unwrap();
    gateway.faults([Fault::Replayed { done: true }]);
    client.send(&detail).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn retries_are_no_replays_and_what_does_not_verify_is_not_remembered() {
    for sign_type in [SignType::Sm2, SignType::Rsa] {
        let gateway = Gateway::new(sign_type);
        gateway.world().cases.push(Case::filed(1, NOW));
        let client = remembering(&gateway, 100);
        let faults = [Fault::Lost { done: true }, Fault::Html { done: true }];
        gateway.faults(faults);
        client.send(&WxComplaintDetail::new("1")).await.unwrap();
        assert_eq!(gateway.count("wxcomplaintdetail"), 3, "the client sent it again");
        // The same request gets the same content again, under another signature.
        for _ in 0..3 {
            client.send(&WxComplaintDetail::new("1")).await.unwrap();
        }
        gateway.faults([Fault::Forged, Fault::Forged]);
        for _ in 0..2 {
            let error = client.send(&WxComplaintDetail::new("1")).await.unwrap_err();
            assert!(matches!(error, Error::Response(ResponseError::BadSignature)), "{error}");
        }
    }
}
