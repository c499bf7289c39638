//! OpenSSL's own client against the listener.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use http_transport::ListenerConfig;

use crate::peer::{SITE, Serving, echo_path};

#[tokio::test]
async fn openssl_talks_to_the_listener() {
    if Command::new("openssl").arg("version").stdout(Stdio::null()).status().is_err() {
        eprintln!("skipped: openssl is not installed");
        return;
    }
    let listener = Serving::new(ListenerConfig::default().with_tls(SITE.tls()), echo_path).await;
    let root = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("openssl-root.pem");
    std::fs::write(&root, &SITE.chain).unwrap();
    for version in ["-tls1_2", "-tls1_3"] {
        let (root, address) = (root.clone(), listener.address.to_string());
        let output = tokio::task::spawn_blocking(move || {
            let mut process = Command::new("openssl")
                .args(["s_client", "-quiet", "-verify_return_error", "-servername", "localhost"])
                .args(["-verify_hostname", "localhost", "-connect", &address, version, "-CAfile"])
                .arg(root)
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap();
            let request = b"GET /from-openssl HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
            process.stdin.as_mut().unwrap().write_all(request).unwrap();
            process.wait_with_output().unwrap()
        })
        .await
        .unwrap();
        let response = String::from_utf8_lossy(&output.stdout);
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(
            response.starts_with("HTTP/1.1 200 OK\r\n") && response.ends_with("\r\n\r\n/from-openssl"),
            "{response}{told}"
        );
    }
}
