//! Bad responses: whose fault they are, and whether the act happened.

use allinpay_adapter::Error;
use protocol_core::allinpay::{ComplaintsResp, ResponseError};
use protocol_core::{Delivery, Fault as Blame};

use crate::calls::{one, resp};
use crate::platform::Fault;

#[tokio::test(start_paused = true)]
async fn errors_tell_whose_fault_it_is_and_what_may_have_happened() {
    let cases = [
        (Fault::Unreached, Blame::Network, Delivery::NotSent, true),
        (Fault::Lost { done: true }, Blame::Network, Delivery::Unknown, true),
        (Fault::Slow { done: true }, Blame::Network, Delivery::Unknown, true),
        (Fault::Status(502), Blame::Platform, Delivery::Unknown, true),
        (Fault::Status(404), Blame::Caller, Delivery::Unknown, false),
        (Fault::Status(302), Blame::Peer, Delivery::Unknown, false),
        (Fault::Html { done: true }, Blame::Platform, Delivery::Unknown, true),
        // A refusal is not signed: it proves nothing.
        (Fault::Refused { done: false }, Blame::Caller, Delivery::Unknown, false),
        (Fault::Failed, Blame::Platform, Delivery::Processed, false),
        (Fault::Forged, Blame::Peer, Delivery::Unknown, false),
        (Fault::Unsigned, Blame::Peer, Delivery::Unknown, false),
        (Fault::WrongAppid, Blame::Peer, Delivery::Unknown, false),
    ];
    for (fault, blame, delivery, again) in cases {
        let (client, gateway) = one();
        gateway.faults([fault; 3]);
        let error = client.send_without_looking(&resp()).await.unwrap_err();
        assert_eq!(
            (error.failure().fault, error.failure().delivery, error.failure().is_retryable),
            (blame, delivery, again),
            "{fault:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn the_words_of_a_refusal_are_there_as_unproven() {
    let (client, gateway) = one();
    gateway.faults([Fault::Refused { done: false }]);
    let Err(Error::Response(ResponseError::Rejected { retmsg: Some(words), .. })) =
        client.send_without_looking(&resp()).await
    else {
        panic!("a refusal");
    };
    assert_eq!(words.peek().expose(), "处理失败 CANARY");
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_built_is_not_sent() {
    let (client, gateway) = one();
    let empty = ComplaintsResp::new(resp().complaint_id, "");
    let error = client.send(&empty).await.unwrap_err();
    assert!(matches!(error, Error::Build(_)));
    assert_eq!(
        (error.failure().fault, error.failure().delivery, error.failure().is_retryable),
        (Blame::Caller, Delivery::NotSent, false)
    );
    client.send(&empty).await.unwrap_err();
    assert_eq!(gateway.asked(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_signer_of_the_other_kind_is_refused() {
    let (_, gateway) = one();
    let merchant = protocol_core::allinpay::Merchant::new("00000051", "1", protocol_core::allinpay::SignType::Rsa);
    let client = gateway.builder_for(merchant.unwrap()).build_over(gateway.clone());
    assert!(matches!(
        client.send_without_looking(&resp()).await,
        Err(Error::Build(protocol_core::BuildError::Algorithm("RSA")))
    ));
}
