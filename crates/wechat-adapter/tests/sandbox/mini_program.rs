//! The Mini Program's server calls against the simulated platform: happy path, every documented and
//! observed error, each fault.

use std::time::Duration;

use futures_util::{StreamExt as _, TryStreamExt as _};
use http_transport::HttpsClient;
use platform_sandbox::{Fault, FaultKind, NewOrderComplaint, Sandbox};
use protocol_core::complaint::CallbackStatus;
use protocol_core::mini_program::{
    Appeal, BussiHandle, GetOrderDetail, GetPenaltyList, RespondComplaint, ResponseError, SubmitRefund, SupplyProof,
    UploadTempMedia,
};
use protocol_core::{Delivery, Personal, Secret};
use wechat_adapter::mini_program::{Client, Error, StableToken};
use wechat_adapter::{Effect, Transport};

use crate::world::{QUICK, started as sandbox, transport};

type App = Client<HttpsClient, StableToken<HttpsClient>>;

fn client(sandbox: &Sandbox) -> App {
    let account = sandbox.mini_program();
    client_with(sandbox, &account.app_secret, transport(sandbox))
}

fn client_with<S: Transport>(sandbox: &Sandbox, secret: &str, transport: S) -> Client<S, StableToken<S>> {
    let account = sandbox.mini_program();
    let tokens = StableToken::builder(account.appid, Secret::new(secret.as_bytes().to_vec()))
        .origin(sandbox.base_url())
        .build_over(transport.clone());
    Client::builder(tokens).origin(sandbox.base_url()).retry(QUICK).build_over(transport)
}

fn words(text: &str) -> Option<Personal<String>> {
    Some(Personal::new(text.to_owned()))
}

fn response(id: &str) -> RespondComplaint {
    RespondComplaint::new(id, BussiHandle::Agree).with_content("已退款")
}

fn get(id: &str) -> GetOrderDetail {
    GetOrderDetail::new(id)
}

fn status(sandbox: &Sandbox, id: &str) -> i64 {
    let complaint = sandbox.order_complaint(id).unwrap();
    complaint["complaintOrder"]["status"].as_i64().or_else(|| complaint["status"].as_i64()).unwrap()
}

/// The code of a refusal.
#[track_caller]
fn code<T: std::fmt::Debug>(outcome: Result<T, Error>) -> i64 {
    match outcome.unwrap_err() {
        Error::Response(ResponseError::Refused { code: Some(code), .. }) => code.code(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_complaint_gets_a_response_a_proof_and_an_appeal() {
    let sandbox = sandbox().await;
    let client = client(&sandbox);
    let id = sandbox.file_order_complaint(NewOrderComplaint::default().with_content("没发货"));
    let detail = client.send(&get(&id)).await.unwrap().trust_anyway();
    let complaint = detail.complaint_order.unwrap();
    assert_eq!(
        (complaint.complaint_order_id.as_deref(), complaint.status),
        (Some(&*id), Some(CallbackStatus::WaitingForMerchant))
    );
    assert_eq!(complaint.customer_material.unwrap().content, words("没发货"));

    let media = client.send(&UploadTempMedia::new("proof.png", b"\x89PNG").unwrap()).await.unwrap().trust_anyway();
    let with_picture = response(&id).with_media_id_list(vec![media.media_id.clone()]);
    assert_eq!(client.send(&with_picture).await.unwrap(), Effect::Confirmed);
    assert_eq!(status(&sandbox, &id), 203);
    assert_eq!(code(client.send(&response(&id)).await), 309, "another state than 201");

    let penalties = client.send(&GetPenaltyList::new(0)).await.unwrap().trust_anyway();
    assert_eq!((penalties.total_num, penalties.appeal_list.len()), (0, 0));
    sandbox.order_status(&id, 106).unwrap();
    let proof = SupplyProof::new(&id).with_content("物流单号");
    assert_eq!(client.send(&proof).await.unwrap(), Effect::Confirmed);
    sandbox.order_status(&id, 206).unwrap();
    let refund = SubmitRefund::new(&id).with_media_id_list(vec![media.media_id]).with_content("已退");
    assert_eq!(client.send(&refund).await.unwrap(), Effect::Confirmed);
    assert_eq!(status(&sandbox, &id), 207);
    let appeal = Appeal::new(&id).with_content("不是我们的责任");
    assert_eq!(code(client.send(&appeal).await), 1002, "nothing to appeal against yet");
    sandbox.order_appeal_state(&id, 401).unwrap();
    assert_eq!(client.send(&appeal).await.unwrap(), Effect::Confirmed);
}

#[tokio::test]
async fn penalties_name_every_complaint_that_was_lost() {
    let sandbox = sandbox().await;
    let client = client(&sandbox);
    let listed = async || client.penalties().try_collect::<Vec<_>>().await;
    assert_eq!(listed().await.unwrap().len(), 0);
    // More than a page of them, and some that are open.
    let ids: Vec<_> = (0..130).map(|_| sandbox.file_order_complaint(NewOrderComplaint::default())).collect();
    ids[..123].iter().for_each(|id| sandbox.order_status(id, 202).unwrap());
    sandbox.inject(Fault::once(FaultKind::DropConnection).on::<GetPenaltyList>());
    let penalties = listed().await.unwrap();
    let mut named: Vec<_> = penalties.into_iter().filter_map(|penalty| penalty.complaint_order_id).collect();
    named.sort();
    let mut lost = ids[..123].to_vec();
    lost.sort();
    assert_eq!(named, lost);
    // A penalty that cannot be read costs itself; fewer than the count are told.
    let body = r#"{"errcode":0,"totalNum":3,"appealList":[{"illegalOrderId":"1","complaintOrderId":"2"},7]}"#;
    sandbox.inject(Fault::once(FaultKind::Body(body.to_owned())).on::<GetPenaltyList>());
    // The rest of this walk, and all of another.
    let rest = r#"{"errcode":0,"totalNum":3,"appealList":[]}"#;
    sandbox.inject(Fault::once(FaultKind::Body(rest.to_owned())).on::<GetPenaltyList>().times(2));
    let rows: Vec<_> = client.penalties().collect().await;
    let [Ok(penalty), Err(Error::Unreadable(_)), Err(Error::Incomplete { met: 2, counted: 3 })] = &*rows else {
        panic!("{rows:?}")
    };
    assert_eq!(penalty.complaint_order_id.as_deref(), Some("2"));
}

#[tokio::test]
async fn documented_refusals_are_told_apart() {
    let sandbox = sandbox().await;
    let client = client(&sandbox);
    assert_eq!(code(client.send(&get("99999999")).await), 1, "no such complaint");
    let id = sandbox.file_order_complaint(NewOrderComplaint::default());
    let unknown_picture = response(&id).with_media_id_list(vec!["never".to_owned()]);
    assert!([2, 10001, 40007].contains(&code(client.send(&unknown_picture).await)));
    let wrong_secret = client_with(&sandbox, "wrong", transport(&sandbox));
    let error = wrong_secret.send(&get(&id)).await.unwrap_err();
    assert!(matches!(error, Error::Credential(_)), "{error:?}");
    assert_eq!(error.failure().delivery, Delivery::NotSent);
    assert!(!format!("{error} {error:?}").contains("wrong"));
}

#[tokio::test]
async fn an_expired_token_is_renewed_once_for_sixty_callers() {
    an_expired_token_is_renewed_once(60).await;
}

#[tokio::test]
#[ignore = "a long load"]
async fn an_expired_token_is_renewed_once_for_a_thousand_callers() {
    an_expired_token_is_renewed_once(1_000).await;
}

async fn an_expired_token_is_renewed_once(callers: usize) {
    let sandbox = sandbox().await;
    let client = client(&sandbox);
    let id = sandbox.file_order_complaint(NewOrderComplaint::default());
    client.send(&get(&id)).await.unwrap();
    sandbox.expire_tokens();
    let issued = || sandbox.requests().iter().filter(|request| request.operation == "get_stable_token").count();
    let before = issued();
    let calls = (0..callers).map(|_| {
        let (client, id) = (client.clone(), id.clone());
        tokio::spawn(async move { client.send(&get(&id)).await.map(drop) })
    });
    for call in futures_util::future::join_all(calls).await {
        call.unwrap().unwrap();
    }
    assert_eq!(issued(), before + 1);
}

#[tokio::test]
async fn reads_get_over_what_passes() {
    let sandbox = sandbox().await;
    let client = client(&sandbox);
    let id = sandbox.file_order_complaint(NewOrderComplaint::default());
    for kind in [
        FaultKind::DropConnection,
        FaultKind::SlowResponse(Duration::from_millis(50)),
        FaultKind::TruncatedBody,
        FaultKind::GatewayHtml(502),
        FaultKind::EmptyBody(503),
        FaultKind::ServerError,
    ] {
        sandbox.inject(Fault::once(kind.clone()).on::<GetOrderDetail>());
        client.send(&get(&id)).await.unwrap_or_else(|error| panic!("{kind:?}: {error}"));
    }
}

#[tokio::test]
async fn a_response_is_sent_once_whatever_happens_to_its_response() {
    let sandbox = sandbox().await;
    let client = client(&sandbox);
    for kind in [FaultKind::DropConnection, FaultKind::GatewayHtml(502), FaultKind::EmptyBody(504)] {
        for after_effect in [false, true] {
            let id = sandbox.file_order_complaint(NewOrderComplaint::default());
            let fault = Fault::once(kind.clone()).on::<RespondComplaint>();
            sandbox.inject(if after_effect { fault.after_effect() } else { fault });
            let asked = || sandbox.requests().iter().filter(|request| request.operation == "respond_complaint").count();
            let before = asked();
            match client.send(&response(&id)).await {
                Ok(effect) => assert_eq!((effect, after_effect), (Effect::Found, true), "{kind:?}"),
                Err(error) => {
                    assert_eq!(
                        (error.failure().delivery, after_effect),
                        (Delivery::Unknown, false),
                        "{kind:?}: {error}"
                    )
                }
            }
            assert_eq!(asked(), before + 1, "{kind:?}: never sent again");
            assert_eq!(status(&sandbox, &id), if after_effect { 203 } else { 201 });
        }
    }
}
