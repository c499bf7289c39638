//! The service in Python: a process, beside a server that hands events on to it.

use std::net::TcpListener;
use std::process::Command;

use complaint_inbox::{Replay, SqliteStore, Store as _};
use complaint_server::{May, Server, SigningSecret, Tokens};
use platform_sandbox::NewComplaint;

use crate::world::{Process, World};

/// A port that is free.
fn port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

async fn serve(port: u16) -> (World, Server<SqliteStore>) {
    let onward = format!("[onward]\nurl = \"http://127.0.0.1:{port}/\"\nsecret_file = \"onward.secret\"\n");
    let world = World::new(&onward).await;
    std::fs::write(world.file("onward.secret"), SigningSecret::generate().unwrap().to_text().expose()).unwrap();
    let token = Tokens::add(world.file("tokens.toml"), "first-reply", May::Act).unwrap();
    std::fs::write(world.file("api.token"), token.expose()).unwrap();
    let server = Server::from_file(world.file("complaints.toml")).await.unwrap().with_desk().await.unwrap();
    (world, server)
}

fn start(world: &World, desk: String, port: u16) -> Process {
    let mut command = Command::new("python3");
    command
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/first_reply.py"))
        .env("DESK", desk)
        .env("PORT", port.to_string())
        .env("TOKEN_FILE", world.file("api.token"))
        .env("SECRET_FILE", world.file("onward.secret"));
    Process::start(&mut command, "events are received at ").0
}

#[tokio::test(flavor = "multi_thread")]
async fn each_complaint_has_one_reply_though_events_are_handed_on_twice() {
    let port = port();
    let (world, server) = serve(port).await;
    let (store, webhooks, desk) = (server.store().clone(), server.webhooks(), server.desk_url().unwrap());
    let service = start(&world, desk, port);
    let running = server.start().unwrap();
    world.register(webhooks).await;
    let id = world.sandbox.file_complaint(NewComplaint::default());
    world.until(async || !world.replies(&id).is_empty()).await;
    // Every event once more.
    let is_done = async || store.figures().await.unwrap().handovers == 0;
    world.until(is_done).await;
    assert!(store.replay("onward", Replay::After(0)).await.unwrap() > 0);
    world.until(is_done).await;
    assert_eq!(world.replies(&id), ["您好，您的投诉已收到，我们会在 24 小时内处理。"]);
    assert_eq!(store.figures().await.unwrap().dead, 0);
    drop(service);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_the_server_did_not_sign_is_refused() {
    let port = port();
    let (world, server) = serve(port).await;
    let _service = start(&world, server.desk_url().unwrap(), port);
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    // By another implementation. An old message is refused, though it was signed.
    let signed = |timestamp: u64, secret: &str| {
        let text = "import base64,hmac,sys; secret = base64.b64decode(open(sys.argv[1]).read()[6:]); \
                    print(base64.b64encode(hmac.digest(secret, sys.argv[2].encode(), 'sha256')).decode())";
        let message = format!("evt_1.{timestamp}.{BODY}");
        let output = Command::new("python3").args(["-c", text]).arg(world.file(secret)).arg(message).output().unwrap();
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    std::fs::write(world.file("other.secret"), SigningSecret::generate().unwrap().to_text().expose()).unwrap();
    for (timestamp, secret, status) in
        [(now, "onward.secret", "204"), (now - 400, "onward.secret", "401"), (now, "other.secret", "401")]
    {
        assert_eq!(post(port, timestamp, &signed(timestamp, secret)), status, "{secret}");
    }
    assert_eq!(post(port, now, "é"), "401");
}

const BODY: &str = r#"{"type":"complaint.updated","data":{"channel":"wechat-pay","merchant":"1","id":"1"}}"#;

/// Posts it; the status.
fn post(port: u16, timestamp: u64, signature: &str) -> String {
    let output = Command::new("curl")
        .args(["-sS", "-o", "/dev/null", "-w", "%{http_code}", "-d", BODY, "-H", "webhook-id: evt_1"])
        .args(["-H", &format!("webhook-timestamp: {timestamp}"), "-H", &format!("webhook-signature: v1,{signature}")])
        .arg(format!("http://127.0.0.1:{port}/"))
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}
