//! A payer's telephone number: decrypted for one who may act, and recorded.

use axum::body::Body;
use complaint_channels::LiveChannels;
use complaint_inbox::{ComplaintKey, Message, Reading, SqliteStore, Store};
use complaint_server::{Desk, Hosts, Metrics, router};
use platform_sandbox::{NewComplaint, Sandbox, SandboxConfig};
use serde_json::json;
use tempfile::TempDir;
use tower_service::Service as _;

use crate::world::{HOST, NOW, Seen, World, address, memory, phone, sqlite};

const PHONE: &str = "13900001234";

/// A desk that has the keys of a simulated merchant, and that merchant's complaint with a phone number.
struct Setting<S> {
    world: World<S>,
    live: LiveChannels,
    address: String,
    _folder: TempDir,
}

async fn setting<S: Store>(mut world: World<S>, configuration: impl Fn(String) -> String) -> Setting<S> {
    let sandbox = Sandbox::offline(&SandboxConfig::default()).unwrap();
    let folder = TempDir::new().unwrap();
    sandbox.write_configuration(folder.path()).unwrap();
    let path = folder.path().join("complaints.toml");
    std::fs::write(&path, configuration(std::fs::read_to_string(&path).unwrap())).unwrap();
    let live = LiveChannels::from_file(&path).unwrap();
    world.desk = router(
        Desk::new(world.store.clone(), world.tokens.clone(), Hosts::of(HOST.parse().unwrap()))
            .with_channels(live.clone())
            .with_metrics(Metrics::default()),
    );
    let id = sandbox.file_complaint(NewComplaint::default().with_payer_phone(PHONE));
    let document = sandbox.complaint(&id).unwrap().to_string();
    assert!(!document.contains(PHONE));
    let key = ComplaintKey::new("wechat-pay", sandbox.merchant().mchid.clone(), &id);
    keep(&world, &key, document).await;
    let address = format!("/api/complaints/wechat-pay/{}/{id}", key.merchant);
    Setting { world, live, address, _folder: folder }
}

async fn keep<S: Store>(world: &World<S>, key: &ComplaintKey, document: String) {
    world.store.hear(Message::new(format!("{} {}", key.channel, key.id), key.clone())).await.unwrap();
    let claim = world.store.claim(&key.source(), 9, 60).await.unwrap().remove(0);
    assert!(world.store.keep_reading(&claim, Reading::new(document)).await.unwrap());
}

async fn shown<S: Store>(Setting { world, address, .. }: Setting<S>) {
    let looks = async || world.get(&address).await.ok()["phone_looks"].take();
    assert_eq!(looks().await, json!({"times": 0, "latest": []}));
    let seen: Seen = world.post(&format!("{address}/phone"), &[], "").await;
    assert_eq!(seen.ok(), json!({ "phone": PHONE }));
    assert_eq!(seen.header("cache-control"), "no-store");
    assert_eq!(looks().await, json!({"times": 1, "latest": [{"by": "actor", "at": "2025-03-14T07:09:26Z"}]}));
    // Neither the document nor any other response has it.
    let whole = world.get(&address).await;
    assert!(!whole.text.contains(PHONE));
    let metrics = world.get("/metrics").await.text;
    assert!(metrics.contains("complaints_desk_phone_looks_total{by=\"actor\"} 1\n"), "{metrics}");
    assert!(!metrics.contains(PHONE));
}

#[tokio::test]
async fn a_number_is_decrypted_for_one_who_may_act_and_recorded() {
    shown(setting(memory(), |text| text).await).await;
    shown(setting(sqlite(), |text| text).await).await;
}

#[tokio::test]
async fn a_number_is_not_shown_if_that_cannot_be_recorded() {
    let Setting { world, live, address, .. } = setting(sqlite(), |text| text).await;
    let store = SqliteStore::open_to_read(world.tokens_file.parent().unwrap().join("inbox.db")).unwrap();
    let desk = Desk::new(store, world.tokens.clone(), Hosts::of(HOST.parse().unwrap())).with_channels(live);
    let request = world.request("POST", &format!("{address}/phone"), &world.actor).body(Body::empty()).unwrap();
    let refused = Seen::of(router(desk).call(request).await.unwrap()).await;
    refused.is_refused(503, "store");
    assert!(!refused.text.contains(PHONE));
}

#[tokio::test]
async fn a_number_without_its_key_is_refused_and_not_recorded() {
    // Another merchant's section, and none of WeChat Pay's.
    let renamed = setting(memory(), |text| text.replacen("mchid = \"", "mchid = \"9", 1)).await;
    let none = setting(memory(), |_| String::new()).await;
    for Setting { world, address, .. } in [renamed, none] {
        world.post(&format!("{address}/phone"), &[], "").await.is_refused(409, "no-account");
        assert_eq!(world.get(&address).await.ok()["phone_looks"]["times"], 0);
    }
    let Setting { world, address, .. } = setting(memory(), |text| text).await;
    let (merchant, id) = address.rsplit_once('/').map(|(before, _)| (before.rsplit('/').next().unwrap(), "2")).unwrap();
    let document = r#"{"complaint_id":"2","payer_phone":"bm9uZSBvZiBvdXJz"}"#;
    keep(&world, &ComplaintKey::new("wechat-pay", merchant, id), document.to_owned()).await;
    let address = format!("/api/complaints/wechat-pay/{merchant}/{id}");
    world.post(&format!("{address}/phone"), &[], "").await.is_refused(409, "no-key");
    assert_eq!(world.get(&address).await.ok()["phone_looks"]["times"], 0);
}

/// The Mini Program and Allinpay send it in clear.
#[tokio::test]
async fn a_number_in_clear_is_hidden_from_tokens_that_may_not_act() {
    let world = memory();
    for (channel, document) in [
        ("mini-program", r#"{"complaintOrder":{"complaintOrderId":"1","phoneNumber":"13900001234"},"n":1.00}"#),
        ("allinpay", r#"{"complaint_id":"1","payer_phone":"13900001234","n":1.00}"#),
        ("allinpay-alipay", r#"{"id":"1","contact":"13900001234","n":1.00}"#),
    ] {
        let key = ComplaintKey::new(channel, "1", "1");
        keep(&world, &key, document.to_owned()).await;
        let claim = |key: &ComplaintKey| format!("/api/complaints/{}/{}/{}", key.channel, key.merchant, key.id);
        let seen = world.get(&claim(&key)).await;
        assert!(!seen.text.contains(PHONE) && seen.text.contains("\"n\":1.00"), "{}", seen.text);
        assert!(seen.text.contains(&document.replace(PHONE, "***")), "{}", seen.text);
        let request = world.request("GET", &claim(&key), &world.actor).body(Body::empty()).unwrap();
        assert!(Seen::of(world.send(request).await).await.text.contains(document));
    }
}

#[tokio::test]
async fn an_act_that_no_account_could_carry_out_is_refused_unless_it_was_taken_before() {
    let Setting { mut world, address, .. } = setting(memory(), |_| String::new()).await;
    let acts = format!("{address}/acts");
    let ask = [("idempotency-key", "K"), ("if-match", "\"0\"")];
    world.post(&acts, &ask, r#"{"complete":{}}"#).await.is_refused(409, "no-account");
    assert_eq!(world.store.act("K").await.unwrap(), None);
    let without = Desk::new(world.store.clone(), world.tokens.clone(), Hosts::of(HOST.parse().unwrap()));
    let with = std::mem::replace(&mut world.desk, router(without));
    assert_eq!(world.post(&acts, &ask, r#"{"complete":{}}"#).await.status, 202);
    world.desk = with;
    assert_eq!(world.post(&acts, &ask, r#"{"complete":{}}"#).await.status, 202);
}

#[tokio::test]
async fn a_complaint_without_a_number_has_none_to_show() {
    let world = memory();
    world.post(&phone("1"), &[], "").await.is_refused(404, "not-found");
    world.hear("1", &[]).await;
    world.post(&phone("1"), &[], "").await.is_refused(404, "no-phone");
    world.file("1", Reading::new(r#"{"complaint_id":"1"}"#)).await;
    world.post(&phone("1"), &[], "").await.is_refused(404, "no-phone");
    assert_eq!(world.get(&address("1")).await.ok()["phone_looks"]["times"], 0);
    assert!(world.store.complaint(&crate::world::complaint("1")).await.unwrap().unwrap().summary.read_at == Some(NOW));
}
