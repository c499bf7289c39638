//! Refusals behind the gateway, and unknown states.

use std::sync::{Arc, Mutex};

use allinpay_adapter::{Effect, Error};
use futures_util::TryStreamExt as _;
use protocol_core::Delivery;
use protocol_core::allinpay::{ResponseError, WxComplaintList};

use crate::calls::{approve, complete, one, resp};
use crate::platform::{Fault, Gateway};

const FREQUENCY: &str = r#"{"code":"FREQUENCY_LIMITED","message":"频率超限"}"#;
const NO_AUTH: &str = r#"{"code":"NO_AUTH","message":"无权限"}"#;
const ERRCODE: &str = r#"{"errcode":40001,"errmsg":"invalid credential"}"#;
const SYSTEM: &str = r#"{"code":"SYSTEM_ERROR","message":"系统错误"}"#;

fn goes(gateway: &Gateway, name: &'static str, fault: Fault) {
    gateway.world().broken.insert(name, fault);
}

fn list() -> WxComplaintList {
    WxComplaintList::new("2025-03-01 00:00:00", "2025-03-14 23:59:59")
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_no_empty_list() {
    for refusal in [FREQUENCY, NO_AUTH, ERRCODE] {
        let (client, gateway) = one();
        goes(&gateway, "wxcomplaintlistquery", Fault::Records(refusal));
        goes(&gateway, "wxcomplainthistory", Fault::Records(refusal));
        let listed = client.complaints(list()).try_collect::<Vec<_>>().await;
        let read = client.negotiation_history("1").try_collect::<Vec<_>>().await;
        for error in [listed.unwrap_err(), read.unwrap_err()] {
            assert!(matches!(error, Error::Response(ResponseError::Refused(_))), "{refusal}: {error:?}");
        }
        // A temporary refusal is retried.
        let attempts = if refusal == FREQUENCY { 3 } else { 1 };
        assert_eq!(gateway.count("wxcomplaintlistquery"), attempts, "{refusal}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_refused_act_is_not_confirmed() {
    for refusal in [NO_AUTH, ERRCODE] {
        let (client, gateway) = one();
        for name in ["complaintsResp", "complaintsComplete", "wxcomplaintsrefundprogress"] {
            goes(&gateway, name, Fault::Records(refusal));
        }
        for error in [
            client.send(&resp()).await.unwrap_err(),
            client.send(&complete()).await.unwrap_err(),
            client.send(&approve()).await.unwrap_err(),
        ] {
            assert!(matches!(error, Error::Response(ResponseError::Refused(_))), "{refusal}: {error:?}");
            assert_eq!(error.failure().delivery, Delivery::Processed);
        }
        assert_eq!(gateway.count("complaintsResp"), 1);
        assert_eq!(gateway.world().case("1").state, "PENDING");
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_systems_failure_left_is_looked_for() {
    let (client, gateway) = one();
    gateway.world().hook = Some(Box::new(|world, name| {
        if name == "complaintsResp" {
            let now = world.now;
            world.case("1").write("MERCHANT_RESPONSE", &resp().response_content, now);
            world.faults = [Fault::Records(SYSTEM)].into();
        }
    }));
    assert_eq!(client.send(&resp()).await.unwrap(), Effect::Found);
    assert_eq!(gateway.count("complaintsResp"), 1);
}

#[tokio::test(start_paused = true)]
async fn an_act_beside_an_unknown_state_is_looked_for_and_never_sent_again() {
    for state in ["2008", "0", "SUCCESS"] {
        let (client, gateway) = one();
        goes(&gateway, "complaintsResp", Fault::State { state, done: true });
        goes(&gateway, "complaintsComplete", Fault::State { state, done: true });
        assert_eq!(client.send(&resp()).await.unwrap(), Effect::Found, "{state}");
        assert_eq!(client.send(&complete()).await.unwrap(), Effect::Found, "{state}");
        goes(&gateway, "complaintsResp", Fault::State { state, done: false });
        let error = client.send(&resp()).await.unwrap_err();
        assert!(matches!(error, Error::Response(ResponseError::Unclear(_))), "{error:?}");
        assert_eq!((error.failure().delivery, gateway.count("complaintsResp")), (Delivery::Unknown, 2));
        assert!(!format!("{error} {error:?}").contains("CANARY"));
        // Looked for as long as it may take.
        assert_eq!(gateway.asked().iter().rev().take_while(|name| *name == "wxcomplainthistory").count(), 3);
    }
    let (client, gateway) = one();
    goes(&gateway, "complaintsResp", Fault::State { state: "0000", done: true });
    assert_eq!(client.send(&resp()).await.unwrap(), Effect::Confirmed);
}

#[tokio::test(start_paused = true)]
async fn documents_beside_an_unknown_state_are_read_and_the_state_is_heard() {
    let (_, gateway) = one();
    let heard = Arc::new(Mutex::new(Vec::new()));
    let hear = Arc::clone(&heard);
    let client = gateway.builder().on_handled(move |operation, handled| {
        hear.lock().unwrap().push((operation, handled.clone()));
    });
    let client = client.build_over(gateway.clone());
    goes(&gateway, "wxcomplaintlistquery", Fault::State { state: "2008", done: true });
    let listed = client.complaints(list()).try_collect::<Vec<_>>().await.unwrap();
    assert_eq!(listed.len(), 1);
    let (operation, handled) = heard.lock().unwrap().remove(0);
    assert_eq!((operation, handled.is_unclear()), ("wxcomplaintlistquery", true));
    assert_eq!(handled.retmsg.unwrap().expose(), "处理成功");
    // Words beside SUCCESS decide nothing.
    client.send(&resp()).await.unwrap();
    assert!(heard.lock().unwrap().iter().any(|(operation, _)| *operation == "complaintsResp"));
}
