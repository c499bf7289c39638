//! Strangers: `curl`, a plain `openssl` client, slow heads, endless bodies. The listener survives
//! them.

use std::process::Stdio;
use std::time::Duration;

use http_transport::ListenerConfig;
use platform_sandbox::SignedNotification;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::Command;
use wechat_adapter::{Notifications, Webhook};

use crate::world::{Inbox, Listening, PATIENCE, World, account, installed, listen, patient, store};

struct Folder(std::path::PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("wechat-adapter-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn write(&self, name: &str, content: &[u8]) -> String {
        let path = self.0.join(name);
        std::fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

async fn listening(world: &World, inbox: &Inbox) -> Listening {
    listening_with(world, inbox, patient()).await
}

async fn listening_with(world: &World, inbox: &Inbox, config: ListenerConfig) -> Listening {
    let webhook = Webhook::builder(Notifications::of(account(&world.sandbox)), store(), inbox.handler()).build();
    listen(&world.sandbox, config, webhook).await
}

fn signed(world: &World) -> SignedNotification {
    let mchid = &world.sandbox.merchant().mchid;
    world.sandbox.signed_notification(mchid, "200201820200101080076610000", "CREATE_COMPLAINT", None).unwrap()
}

/// Runs `curl` with these arguments. Returns the HTTP status, 0 if there was none.
async fn curl(world: &World, folder: &Folder, listening: &Listening, arguments: &[&str]) -> u16 {
    curl_counting(world, folder, listening, arguments).await.0
}

/// Returns also the number of bytes of the body that it could send.
async fn curl_counting(world: &World, folder: &Folder, listening: &Listening, arguments: &[&str]) -> (u16, u64) {
    let root = folder.write("root.pem", world.sandbox.root_certificate().as_bytes());
    let resolve = format!("merchant.example:{}:127.0.0.1", listening.address.port());
    let output = Command::new("curl")
        .args(["--silent", "--output", "/dev/null", "--write-out", "%{http_code} %{size_upload}", "--max-time", "120"])
        .args(["--noproxy", "*", "--cacert", &root, "--resolve", &resolve])
        .args(arguments)
        .arg(&listening.url)
        .output()
        .await
        .expect("curl is installed");
    let said = String::from_utf8(output.stdout).unwrap();
    let (status, uploaded) = said.trim().split_once(' ').unwrap();
    (status.parse().unwrap(), uploaded.parse().unwrap())
}

#[tokio::test]
async fn curl_posts_a_notification_made_by_hand() {
    if !installed("curl") {
        return;
    }
    let (world, inbox, folder) = (World::new().await, Inbox::default(), Folder::new("curl"));
    let listening = listening(&world, &inbox).await;
    let notification = signed(&world);
    let body = format!("@{}", folder.write("body.json", &notification.body));
    let headers: Vec<_> = notification.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    let mut arguments: Vec<&str> = headers.iter().flat_map(|header| ["--header", &**header]).collect();
    arguments.extend(["--data-binary", &body]);
    assert_eq!(curl(&world, &folder, &listening, &arguments).await, 204);
    assert_eq!(inbox.ids(), [notification.id]);
    let changed = folder.write("changed.json", &[notification.body.as_slice(), b"\n"].concat());
    let changed = format!("@{changed}");
    let last = arguments.len() - 1;
    arguments[last] = &changed;
    assert_eq!(curl(&world, &folder, &listening, &arguments).await, 401);
    assert_eq!(curl(&world, &folder, &listening, &["--data-binary", "{}"]).await, 401);
    assert_eq!(curl(&world, &folder, &listening, &[]).await, 405);
    assert_eq!(inbox.ids().len(), 1);
}

#[tokio::test]
async fn a_gigabyte_is_refused_unread() {
    if !installed("curl") {
        return;
    }
    let (world, inbox, folder) = (World::new().await, Inbox::default(), Folder::new("gigabyte"));
    let listening = listening(&world, &inbox).await;
    let file = std::fs::File::create(folder.0.join("gigabyte")).unwrap();
    file.set_len(1 << 30).unwrap();
    let path = folder.0.join("gigabyte").to_str().unwrap().to_owned();
    let notification = signed(&world);
    let headers: Vec<_> = notification.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    let signed: Vec<&str> = headers.iter().flat_map(|header| ["--header", &**header]).collect();
    // With its length, the upload streamed in chunks, and with a signature's headers so that it is
    // worth reading at all.
    for (arguments, expected) in [
        ([&signed[..], &["--request", "POST", "--upload-file", &path]].concat(), 413),
        (
            [&signed[..], &["--request", "POST", "--header", "Transfer-Encoding: chunked", "--upload-file", &path]]
                .concat(),
            413,
        ),
        (vec!["--request", "POST", "--upload-file", &path], 401),
    ] {
        let (status, uploaded) = curl_counting(&world, &folder, &listening, &arguments).await;
        // The response comes before the body has ended; a client that goes on writing may meet a
        // closed connection instead, which `curl` reports as no status, or as the 100 that came
        // before.
        assert!(status == expected || matches!(status, 0 | 100), "{status}");
        // The buffers in between hold this much.
        assert!(uploaded < 64 << 20, "{uploaded}");
    }
    let body = format!("@{}", folder.write("body.json", &notification.body));
    let genuine = [&signed[..], &["--data-binary", &body]].concat();
    assert_eq!(curl(&world, &folder, &listening, &genuine).await, 204, "the listener lives");
    let resident = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak = resident.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    let peak: u64 = peak.trim().trim_end_matches(" kB").parse().unwrap();
    assert!(peak < 500_000, "{peak} kB");
}

#[tokio::test]
async fn a_plain_openssl_client_speaks_to_it() {
    if !installed("openssl") {
        return;
    }
    let (world, inbox, folder) = (World::new().await, Inbox::default(), Folder::new("openssl"));
    let listening = listening(&world, &inbox).await;
    let root = folder.write("root.pem", world.sandbox.root_certificate().as_bytes());
    let notification = signed(&world);
    let mut request = format!(
        "POST /notify HTTP/1.1\r\nHost: merchant.example\r\nConnection: close\r\nContent-Length: {}\r\n",
        notification.body.len()
    );
    for (name, value) in &notification.headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    request.push_str("\r\n");
    for version in ["-tls1_2", "-tls1_3"] {
        let mut client = Command::new("openssl")
            .args(["s_client", "-quiet", "-verify_return_error", "-CAfile", &root, "-servername", "merchant.example"])
            .args(["-verify_hostname", "merchant.example", version, "-connect", &listening.address.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("openssl is installed");
        let mut stdin = client.stdin.take().unwrap();
        stdin.write_all(request.as_bytes()).await.unwrap();
        stdin.write_all(&notification.body).await.unwrap();
        stdin.flush().await.unwrap();
        let mut response = String::new();
        let read = client.stdout.take().unwrap().read_to_string(&mut response).await;
        drop(stdin);
        read.unwrap();
        assert!(response.starts_with("HTTP/1.1 204 No Content\r\n"), "{version}: {response}");
        client.wait().await.unwrap();
    }
    assert_eq!(inbox.ids(), [notification.id], "the second was a copy");
}

#[tokio::test]
async fn slow_heads_and_silent_connections_do_not_delay_others() {
    if !installed("curl") {
        return;
    }
    let (world, inbox, folder) = (World::new().await, Inbox::default(), Folder::new("slow"));
    // Fewer connections than there are silent strangers, so that a delay would show.
    let config = ListenerConfig::default().with_header_timeout(Duration::from_millis(500)).with_max_connections(20);
    let listening = listening_with(&world, &inbox, config).await;
    let mut silent = Vec::new();
    for _ in 0..50 {
        silent.push(tokio::net::TcpStream::connect(listening.address).await.unwrap());
    }
    let notification = signed(&world);
    let body = format!("@{}", folder.write("body.json", &notification.body));
    let headers: Vec<_> = notification.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    let mut arguments: Vec<&str> = headers.iter().flat_map(|header| ["--header", &**header]).collect();
    arguments.extend(["--data-binary", &body]);
    // On a machine that stalls, `curl` itself may be too slow for the listener.
    let mut attempts = 0;
    while curl(&world, &folder, &listening, &arguments).await != 204 {
        attempts += 1;
        assert!(attempts < 100, "it is served");
    }
    // The silent ones are cut off.
    for mut connection in silent {
        let mut byte = [0];
        let cut = tokio::time::timeout(PATIENCE, connection.read(&mut byte)).await.expect("cut off");
        assert!(matches!(cut, Ok(0) | Err(_)));
    }
}
