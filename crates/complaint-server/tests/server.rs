//! The server of a configuration: what it refuses to start with, and what it has once it runs.
#![allow(clippy::unwrap_used, reason = "a test states what must hold")]

use std::convert::Infallible;
use std::net::TcpListener;
use std::time::Duration;

use bytes::Bytes;
use complaint_channels::{SettingError, SettingErrorKind};
use complaint_inbox::{Event, SqliteStore};
use complaint_server::{May, Server, Tokens};
use http_transport::{ClientConfig, HttpsClient, Resolve, Roots, carry};
use platform_sandbox::{Sandbox, SandboxConfig, WEBHOOK_HOST};
use tempfile::TempDir;

const SERVE: &str = "[serve]\nwebhooks = \"127.0.0.1:0\"\ndesk = \"127.0.0.1:0\"\n";

/// A folder with the configuration of a simulated platform, and these sections.
async fn configured(sections: &str) -> TempDir {
    let folder = TempDir::new().unwrap();
    let sandbox = Sandbox::start(SandboxConfig::default()).await.unwrap();
    sandbox.write_configuration(folder.path()).unwrap();
    let file = folder.path().join("complaints.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, format!("{text}\n{sections}")).unwrap();
    folder
}

async fn open(folder: &TempDir) -> Result<Server<SqliteStore>, SettingError> {
    Server::from_file(folder.path().join("complaints.toml")).await
}

fn refusal(opened: Result<Server<SqliteStore>, SettingError>, kind: SettingErrorKind) -> String {
    let error = opened.unwrap_err();
    assert_eq!(error.kind(), kind, "{error}");
    error.to_string()
}

#[tokio::test]
async fn a_fault_of_the_configuration_is_named() {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("complaints.toml"), SERVE).unwrap();
    let error = refusal(open(&folder).await, SettingErrorKind::Missing);
    assert!(error.contains("has no merchant and no application; add a section"), "{error}");

    let taken = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let holding = TcpListener::bind(taken).unwrap();
    let folder = configured(&format!("[serve]\nwebhooks = \"{taken}\"\n")).await;
    let error = refusal(open(&folder).await, SettingErrorKind::Value);
    assert!(error.starts_with(&format!("[serve]: cannot listen on {taken}, which `webhooks` names")), "{error}");
    drop(holding);

    let pair = "tls_certificate = \"sandbox_webhook.key\"\ntls_key = \"sandbox_webhook.pem\"\n";
    let folder = configured(&format!("{SERVE}{pair}")).await;
    let error = refusal(open(&folder).await, SettingErrorKind::Value);
    assert!(error.starts_with("[serve]: `tls_certificate` and `tls_key`: "), "{error}");

    let folder = configured(&format!(
        "{SERVE}[onward]\nname = \"shop\"\nurl = \"http://127.0.0.1:9\"\nsecret_file = \"sandbox_apiv3.key\"\n"
    ))
    .await;
    let error = refusal(open(&folder).await, SettingErrorKind::Value);
    assert!(error.ends_with("it is `secret_file` of [[onward]] shop"), "{error}");

    let folder = configured(SERVE).await;
    let file = folder.path().join("complaints.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("mode = \"secure\"", "mode = \"plain\"")).unwrap();
    let error = open(&folder).await.unwrap().start().unwrap_err();
    assert!(error.to_string().contains("are not signed"), "{error}");

    let folder = configured(SERVE).await;
    let first = open(&folder).await.unwrap();
    let error = refusal(open(&folder).await, SettingErrorKind::File);
    assert!(error.starts_with("[inbox]: ") && error.contains("another process"), "{error}");
    let error = refusal(first.with_desk().await, SettingErrorKind::File);
    assert!(error.contains("tokens.toml"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_desk_is_there_if_it_is_asked_for_and_knows_every_endpoint() {
    let folder = configured(SERVE).await;
    let token = Tokens::add(folder.path().join("tokens.toml"), "crm", May::Act).unwrap();
    let server = open(&folder).await.unwrap();
    assert_eq!((server.desk_url(), server.tokens().is_none()), (None, true));
    let server = server.with_desk().await.unwrap();
    let server = server.handler("crm", async |_, _: Event| Ok::<_, Infallible>(())).unwrap();
    let desk = server.desk_url().unwrap();
    assert!(server.webhooks_url().starts_with("http://127.0.0.1:") && server.tokens().is_some());
    let running = server.start().unwrap();

    let client = HttpsClient::new(ClientConfig::default().with_allow_http(true)).unwrap();
    let bearer = format!("Bearer {}", String::from_utf8(token.expose().to_vec()).unwrap());
    for (endpoint, status) in [("crm", 200), ("shop", 404)] {
        let request = http::Request::post(format!("{desk}/api/onward/{endpoint}/replay"));
        let request = request.header("authorization", &bearer).body(br#"{"after":0}"#.to_vec());
        let agent = http::HeaderValue::from_static("test");
        let response = carry(&client, agent, request, 4096).await.unwrap();
        assert_eq!(response.status(), status, "{endpoint}");
    }
    running.stop().await;
}

/// Replaces a part of the configuration.
fn edit(folder: &TempDir, from: &str, to: &str) {
    let file = folder.path().join("complaints.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.contains(from), "{text}");
    std::fs::write(file, text.replacen(from, to, 1)).unwrap();
}

const ONWARD: &str = "[[onward]]\nname = \"shop\"\nurl = \"http://127.0.0.1:9\"\nsecret_file = \"shop.secret\"\n";

const NOTICE: &str = "[[notice]]\nname = \"log\"\nkind = \"command\"\ncommand = [\"/bin/true\"]\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_reload_changes_the_endpoints_as_a_whole() {
    let folder = configured(&format!("{SERVE}{ONWARD}")).await;
    std::fs::write(folder.path().join("shop.secret"), "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n").unwrap();
    let token = Tokens::add(folder.path().join("tokens.toml"), "ops", May::Act).unwrap();
    let server = open(&folder).await.unwrap().with_desk().await.unwrap();
    let server = server.handler("crm", async |_, _: Event| Ok::<_, Infallible>(())).unwrap();
    let (channels, desk) = (server.channels().clone(), server.desk_url().unwrap());
    let running = server.start().unwrap();
    let client = HttpsClient::new(ClientConfig::default().with_allow_http(true)).unwrap();
    let bearer = format!("Bearer {}", String::from_utf8(token.expose().to_vec()).unwrap());
    let send = async |request: http::request::Builder, body: &str| {
        let request = request.header("authorization", &bearer).body(body.as_bytes().to_vec());
        let response = carry(&client, http::HeaderValue::from_static("test"), request, 4096).await.unwrap();
        response.status().as_u16()
    };
    let replay = |name: &str| http::Request::post(format!("{desk}/api/onward/{name}/replay"));
    let is_known = async |name: &str| send(replay(name), r#"{"after":0}"#).await == 200;
    let known = async || {
        let mut known = Vec::new();
        for name in ["crm", "log", "shop", "store"] {
            known.extend(is_known(name).await.then_some(name));
        }
        known
    };
    assert_eq!(known().await, ["crm", "shop"]);
    // One section has a fault, so that none is taken.
    edit(&folder, ONWARD, &format!("{}{NOTICE}", ONWARD.replace("shop\"", "store\"").replace("shop.", "gone.")));
    let error = channels.reload().unwrap_err().to_string();
    assert!(error.contains("secret_file") && !error.contains("MfKQ"), "{error}");
    assert_eq!(known().await, ["crm", "shop"]);
    edit(&folder, "gone.secret", "shop.secret");
    edit(&folder, "name = \"log\"", "name = \"crm\"");
    let error = channels.reload().unwrap_err().to_string();
    assert!(error.contains("two endpoints have the name crm"), "{error}");
    assert_eq!(known().await, ["crm", "shop"]);
    edit(&folder, "name = \"crm\"", "name = \"log\"");
    channels.reload().unwrap();
    assert_eq!(known().await, ["crm", "log", "store"]);
    // The one that went is forgotten by a person, and no other can be.
    let forget = |name: &str| http::Request::delete(format!("{desk}/api/onward/{name}"));
    assert_eq!((send(forget("store"), "").await, send(forget("shop"), "").await), (409, 204));
    running.stop().await;
}

#[cfg(feature = "page")]
#[tokio::test(flavor = "multi_thread")]
async fn a_reload_changes_the_templates_as_a_whole() {
    use complaint_inbox::{ComplaintKey, Message, Reading, Store as _};

    let folder = configured(&format!("{SERVE}replies_file = \"replies.toml\"\n")).await;
    let write = |name: &str| {
        let text = format!("[[reply]]\nname = \"{name}\"\ntext = \"{{complaint}}\"\n");
        std::fs::write(folder.path().join("replies.toml"), text).unwrap();
    };
    write("before");
    Tokens::add(folder.path().join("tokens.toml"), "ops", May::Act).unwrap();
    let server = open(&folder).await.unwrap().with_desk().await.unwrap();
    let key = ComplaintKey::new("wechat-pay", "1", "7");
    server.store().hear(Message::new("EV-1", key.clone())).await.unwrap();
    let claim = server.store().claim(&key.source(), 1, 60).await.unwrap().remove(0);
    server.store().keep_reading(&claim, Reading::new(r#"{"complaint_id":"7"}"#)).await.unwrap();
    let (channels, desk, link) = (server.channels().clone(), server.desk_url().unwrap(), server.link_url().unwrap());
    let running = server.start().unwrap();

    let client = HttpsClient::new(ClientConfig::default().with_allow_http(true)).unwrap();
    let send = async |request: http::request::Builder, body: &str| {
        let request = request.body(body.as_bytes().to_vec());
        carry(&client, http::HeaderValue::from_static("test"), request, 65536).await.unwrap()
    };
    let link = std::str::from_utf8(link.expose()).unwrap().split_once('?').unwrap().1;
    let entered = send(http::Request::post(format!("{desk}/enter")).header("origin", &desk), link).await;
    let cookie = entered.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let offers = async |name: &str| {
        let page = http::Request::get(format!("{desk}/complaints/wechat-pay/1/7")).header("cookie", &cookie);
        let page = String::from_utf8(send(page, "").await.body().to_vec()).unwrap();
        page.contains(&format!(">{name}</option>"))
    };
    let offered = async || (offers("before").await, offers("after").await);
    assert_eq!(offered().await, (true, false));
    write("after");
    channels.reload().unwrap();
    assert_eq!(offered().await, (false, true));
    std::fs::write(folder.path().join("replies.toml"), "[[reply]]\nname = \"before\"\n").unwrap();
    let error = channels.reload().unwrap_err().to_string();
    assert!(error.contains("replies.toml: line 1: missing field `text`"), "{error}");
    assert_eq!(offered().await, (false, true));
    edit(&folder, "replies_file = \"replies.toml\"\n", "");
    channels.reload().unwrap();
    assert_eq!(offered().await, (false, false));
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewed_certificate_is_taken_without_a_restart() {
    let pair = "tls_certificate = \"sandbox_webhook.pem\"\ntls_key = \"sandbox_webhook.key\"\n";
    let folder = configured(&format!("{SERVE}{pair}")).await;
    let former = std::fs::read(folder.path().join("sandbox_root.pem")).unwrap();
    let other = Sandbox::start(SandboxConfig::default()).await.unwrap();
    let server = open(&folder).await.unwrap();
    let (channels, port) = (server.channels().clone(), server.webhooks().port());
    let running = server.start().unwrap();
    let is_shown = async |root: &[u8]| {
        let config = ClientConfig::default()
            .with_roots(Roots::Pem(root.to_vec()))
            .with_resolve(Resolve::To([127, 0, 0, 1].into()));
        let request = http::Request::get(format!("https://{WEBHOOK_HOST}:{port}/none")).body(Bytes::new()).unwrap();
        HttpsClient::new(config).unwrap().send(request).await.is_ok()
    };
    let shown = async || (is_shown(&former).await, is_shown(other.root_certificate().as_bytes()).await);
    assert_eq!(shown().await, (true, false));
    // One of the two files alone does not fit the other.
    let (chain, key) = other.webhook_identity();
    std::fs::write(folder.path().join("sandbox_webhook.pem"), chain).unwrap();
    let error = channels.reload().unwrap_err().to_string();
    assert!(error.starts_with("[serve]: `tls_certificate` and `tls_key`: "), "{error}");
    assert_eq!(shown().await, (true, false));
    std::fs::write(folder.path().join("sandbox_webhook.key"), key).unwrap();
    channels.reload().unwrap();
    assert_eq!(shown().await, (false, true));
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sweep_is_counted_by_its_outcome() {
    // The platform of the second folder is gone.
    let sandbox = Sandbox::start(SandboxConfig::default()).await.unwrap();
    let folder = TempDir::new().unwrap();
    sandbox.write_configuration(folder.path()).unwrap();
    let file = folder.path().join("complaints.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, format!("{text}\n{SERVE}")).unwrap();
    for (folder, outcome) in [(folder, "whole"), (configured(SERVE).await, "broken-off")] {
        let token = Tokens::add(folder.path().join("tokens.toml"), "ops", May::Read).unwrap();
        let bearer = format!("Bearer {}", String::from_utf8(token.expose().to_vec()).unwrap());
        let server = open(&folder).await.unwrap().with_desk().await.unwrap();
        let metrics = format!("{}/metrics", server.desk_url().unwrap());
        let running = server.start().unwrap();
        let client = HttpsClient::new(ClientConfig::default().with_allow_http(true)).unwrap();
        let start = "complaints_sweeps_total{channel=\"wechat-pay\",merchant=\"1900000001\",outcome=";
        let counted = async {
            loop {
                let request = http::Request::get(&metrics).header("authorization", &bearer).body(Vec::new());
                let response = carry(&client, http::HeaderValue::from_static("test"), request, 65536).await.unwrap();
                let text = String::from_utf8(response.body().to_vec()).unwrap();
                if let Some(line) = text.lines().find_map(|line| line.strip_prefix(start)) {
                    return line.to_owned();
                }
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        };
        let counted = tokio::time::timeout(Duration::from_secs(300), counted).await.unwrap();
        assert_eq!(counted, format!("\"{outcome}\"}} 1"));
        running.stop().await;
    }
}

#[cfg(feature = "page")]
#[tokio::test(flavor = "multi_thread")]
async fn the_page_has_a_link_while_there_is_no_user_and_knows_addresses() {
    let folder = configured(SERVE).await;
    Tokens::add(folder.path().join("tokens.toml"), "crm", May::Act).unwrap();
    let server = open(&folder).await.unwrap();
    assert!(server.link_url().is_none() && server.users().is_none());
    let server = server.with_desk().await.unwrap();
    let link = server.link_url().unwrap();
    let link = std::str::from_utf8(link.expose()).unwrap();
    let desk = server.desk_url().unwrap();
    assert!(link.starts_with(&format!("{desk}/enter?token=")) && server.users().unwrap().is_empty());
    assert!(!format!("{server:?}").contains(link.split_once('=').unwrap().1));
    let running = server.start().unwrap();

    let client = HttpsClient::new(ClientConfig::default().with_allow_http(true)).unwrap();
    let send = async |request: http::request::Builder, body: &str| {
        let request = request.body(body.as_bytes().to_vec());
        carry(&client, http::HeaderValue::from_static("test"), request, 65536).await.unwrap()
    };
    let page = send(http::Request::get(link), "").await;
    assert_eq!(
        (page.status().as_u16(), page.headers()["content-type"].to_str().unwrap()),
        (200, "text/html; charset=utf-8")
    );
    // The listener tells the peer: this machine, where a proxy says who came.
    let log_in = async |from: &str| {
        let request = http::Request::post(format!("{desk}/login")).header("origin", &desk);
        send(request.header("x-forwarded-for", from), "name=wang&password=wrong").await.status().as_u16()
    };
    for _ in 0..5 {
        assert_eq!(log_in("192.0.2.1").await, 403);
    }
    assert_eq!((log_in("192.0.2.1").await, log_in("192.0.2.2").await), (429, 403));
    running.stop().await;

    let folder = configured(SERVE).await;
    Tokens::add(folder.path().join("tokens.toml"), "crm", May::Act).unwrap();
    complaint_server::Users::add(folder.path().join("users.toml"), "wang", May::Act, "correct horse battery").unwrap();
    let server = open(&folder).await.unwrap().with_desk().await.unwrap();
    assert!(server.link_url().is_none());
    assert_eq!(server.users().unwrap().list(), [("wang".to_owned(), May::Act)]);
}
