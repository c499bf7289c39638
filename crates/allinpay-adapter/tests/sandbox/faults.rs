//! Each fault, with the right outcome.

use std::time::Duration;

use allinpay_adapter::Effect;
use platform_sandbox::{Fault, FaultKind, NewComplaint};
use protocol_core::Delivery;
use protocol_core::allinpay::{ComplaintsResp, WxComplaintDetail};

use crate::world::{client, sandbox};

#[tokio::test]
async fn a_read_gets_over_what_passes_and_tells_what_lasts() {
    let sandbox = sandbox().await;
    let account = sandbox.allinpay_sm2();
    let client = client(&sandbox, &account);
    let id = sandbox.file_allinpay_complaint(NewComplaint::default(), &account.cusid).unwrap();
    let detail = WxComplaintDetail::new(id);
    for kind in [
        FaultKind::DropConnection,
        FaultKind::SlowResponse(Duration::from_millis(50)),
        FaultKind::TruncatedBody,
        FaultKind::GatewayHtml(502),
        FaultKind::EmptyBody(503),
        FaultKind::ServerError,
    ] {
        sandbox.inject(Fault::once(kind.clone()).on::<WxComplaintDetail>());
        client.send(&detail).await.unwrap_or_else(|error| panic!("{kind:?}: {error}"));
    }
    for kind in [FaultKind::ForgedSignature, FaultKind::NoSignature, FaultKind::MalformedJson] {
        sandbox.inject(Fault::once(kind.clone()).on::<WxComplaintDetail>().times(3));
        client.send(&detail).await.unwrap_err();
        // The rest of the fault is used up.
        while client.send(&detail).await.is_err() {}
    }
}

#[tokio::test]
async fn a_reply_is_written_at_most_once_and_lost_only_if_it_is_said() {
    let sandbox = sandbox().await;
    let account = sandbox.allinpay_sm2();
    let client = client(&sandbox, &account);
    for kind in [
        FaultKind::DropConnection,
        FaultKind::TruncatedBody,
        FaultKind::GatewayHtml(502),
        FaultKind::ForgedSignature,
        FaultKind::NoSignature,
    ] {
        for after_effect in [false, true] {
            let id = sandbox.file_allinpay_complaint(NewComplaint::default(), &account.cusid).unwrap();
            let fault = Fault::once(kind.clone()).on::<ComplaintsResp>();
            sandbox.inject(if after_effect { fault.after_effect() } else { fault });
            let reply = ComplaintsResp::new(id.clone(), "已退款");
            let outcome = client.send(&reply).await;
            let written =
                sandbox.history(&id).iter().filter(|entry| entry["operate_type"] == "MERCHANT_RESPONSE").count();
            match outcome {
                Ok(effect) => {
                    assert_eq!(written, 1, "{kind:?} after effect: {after_effect}");
                    if after_effect {
                        assert_eq!(effect, Effect::Found, "{kind:?}");
                    }
                }
                Err(error) => {
                    assert_eq!((error.failure().delivery, written), (Delivery::Unknown, 0), "{kind:?}: {error}")
                }
            }
        }
    }
}
