//! Secrets stay out of everything that is shown.

use std::error::Error;
use std::fmt::Debug;

use http_transport::{ListenerConfig, Proxy, SendError};
use tokio::io::AsyncReadExt;

use crate::peer::{PLATFORM, SITE, Scripted, client, post, trusting};

const SECRETS: [&str; 4] = ["canary", "Y2FuYXJ5", "PRIVATE KEY", "BEGIN CERTIFICATE"];

fn clean(shown: &str) {
    for secret in SECRETS {
        assert!(!shown.contains(secret), "{shown}");
    }
}

fn shown(value: &impl Debug) {
    clean(&format!("{value:?} {value:#?}"));
}

fn clean_error(error: &SendError) {
    shown(error);
    let mut next: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = next {
        clean(&format!("{error} {error:?}"));
        next = error.source();
    }
}

#[tokio::test]
async fn nothing_shows_a_secret() {
    let refusing = Scripted::plain(|_, mut stream| async move {
        let _ = stream.read(&mut [0; 1024]).await;
    })
    .await;
    let url = format!("http://canary:canary@127.0.0.1:{}", refusing.address.port());
    let proxy = Proxy::parse(&url).unwrap();
    shown(&proxy);
    let config = trusting().with_proxy(proxy);
    shown(&config);
    let proxied = client(config);
    shown(&proxied);
    shown(&SITE.tls());
    shown(&ListenerConfig::default().with_tls(SITE.tls()));

    let request = |url: String| {
        let mut request = post(url, "canary");
        request.headers_mut().insert("authorization", "canary".parse().unwrap());
        request
    };
    let errors = [
        proxied.send(request(format!("https://{PLATFORM}/?token=canary"))).await,
        client(trusting()).send(request("https://nobody.invalid/?token=canary".to_owned())).await,
        client(trusting()).send(request("http://localhost/?token=canary".to_owned())).await,
        client(trusting()).send(request(format!("{}?token=canary", refusing.url("/")))).await,
        client(trusting()).send(request(Scripted::responding("canary\r\n\r\n").await.url("/?token=canary"))).await,
        client(trusting())
            .send(request(Scripted::responding("HTTP/1.1 200 OK\r\ncanary\r\n\r\n").await.url("/")))
            .await,
    ];
    for error in errors {
        clean_error(&error.unwrap_err());
    }
}
