//! Canaries in every place that holds a secret or personal data: none shows in a `Debug` or an
//! error.

use std::future::{Ready, ready};
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use http_transport::{SendError, SendErrorKind};
use protocol_core::Secret;
use protocol_core::call::OutsideError;
use protocol_core::mini_program::{AccessToken, ResponseError, UploadTempMedia};
use tower_service::Service;
use wechat_adapter::mini_program::{Client, Error, StableToken, TokenSource as _};

use crate::acts::respond;
use crate::calls::detail;
use crate::platform::{BROKEN, ORIGIN, Scripted, says};

const CANARY: &str = "canary13900001234";

#[track_caller]
fn silent(shown: impl std::fmt::Debug) {
    let text = format!("{shown:?} {shown:#?}");
    assert!(!text.contains("canary"), "a canary sings in: {text}");
}

#[track_caller]
fn silent_error(error: &(dyn std::error::Error + 'static)) {
    silent(error);
    assert!(!error.to_string().contains("canary"), "a canary sings in: {error}");
    if let Some(source) = error.source() {
        silent_error(source);
    }
}

#[tokio::test(start_paused = true)]
async fn neither_secret_nor_token_nor_words_are_shown() {
    let platform = Scripted::new([
        says(format!(r#"{{"access_token":"{CANARY}","expires_in":7200}}"#)),
        says(format!(r#"{{"errcode":10001,"errmsg":"{CANARY}"}}"#)),
        BROKEN,
        BROKEN,
        BROKEN,
        BROKEN,
        says(format!(r#"{{"errcode":0,"media_id":["{CANARY}"]}}"#)),
    ]);
    let builder = StableToken::builder("wx1", Secret::new(CANARY.as_bytes().to_vec())).origin(ORIGIN);
    silent(&builder);
    let tokens = builder.build_over(platform.clone());
    silent(&tokens);
    let building = Client::builder(tokens.clone()).origin(ORIGIN);
    silent(&building);
    let client = building.build_over(platform.clone());
    silent(&client);
    let token = tokens.token().await.unwrap();
    assert_eq!(token.expose(), CANARY);
    silent(&token);

    let error = client.send(&detail()).await.unwrap_err();
    assert!(matches!(&error, Error::Response(ResponseError::Refused { words: Some(_), .. })), "{error:?}");
    silent_error(&error);
    let mut response = respond();
    response.content = Some(CANARY.to_owned().into());
    let error = client.send(&response).await.unwrap_err();
    silent_error(&error);
    let picture = UploadTempMedia::new("a.png", b"\x89PNG").unwrap();
    let error = client.send(&picture).await.unwrap_err();
    assert!(matches!(&error, Error::Response(ResponseError::Malformed(_))), "{error:?}");
    silent_error(&error);
    assert!(platform.requests()[1].uri().query().unwrap().contains(CANARY), "but it was sent");
}

#[tokio::test(start_paused = true)]
async fn errors_about_tokens_show_none() {
    // A secret that cannot be sent, a refusal that quotes it, an impossible token, an origin that
    // is none.
    let canaries = [
        ("a b canary", "", ORIGIN),
        (CANARY, r#"{"errcode":40125,"errmsg":"invalid appsecret canary"}"#, ORIGIN),
        (CANARY, r#"{"access_token":"canary \n","expires_in":7200}"#, ORIGIN),
        (CANARY, r#"{"access_token":{"canary":1}}"#, ORIGIN),
        (CANARY, "", "no origin"),
    ];
    for (secret, response, origin) in canaries {
        let builder = StableToken::builder("wx1", Secret::new(secret.as_bytes().to_vec())).origin(origin);
        let tokens = builder.build_over(Scripted::new([says(response), says(response), says(response)]));
        let error: OutsideError = tokens.token().await.unwrap_err();
        silent_error(&error);
        silent_error(&Error::Credential(error));
    }
    let token = || async { AccessToken::new(CANARY).map_err(OutsideError::before_sending) };
    let client = Client::builder(token).origin("no origin").build_over(Scripted::new([]));
    silent_error(&client.send(&detail()).await.unwrap_err());
}

/// A transport whose errors quote the target, or some of it, one error beneath another.
#[derive(Clone)]
struct Telltale {
    quote: fn(&http::Uri) -> String,
    is_sent: bool,
}

#[derive(Debug, thiserror::Error)]
#[error("the request failed")]
struct Outer(#[source] std::io::Error);

impl Service<Request<Bytes>> for Telltale {
    type Response = Response<Bytes>;
    type Error = SendError;
    type Future = Ready<Result<Response<Bytes>, SendError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), SendError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Bytes>) -> Self::Future {
        let cause = Outer(std::io::Error::other((self.quote)(request.uri())));
        let error = if self.is_sent { SendError::unknown } else { SendError::not_sent };
        ready(Err(error(SendErrorKind::Io, cause)))
    }
}

#[tokio::test(start_paused = true)]
async fn a_transport_that_tells_the_target_is_not_quoted() {
    let token = || async { AccessToken::new(CANARY).map_err(OutsideError::before_sending) };
    let token_alone: fn(&http::Uri) -> String = |uri| uri.query().unwrap().rsplit('=').next().unwrap().to_owned();
    for quote in [|uri: &http::Uri| uri.to_string(), token_alone] {
        for is_sent in [false, true] {
            let client = Client::builder(token).origin(ORIGIN).build_over(Telltale { quote, is_sent });
            let error = client.send(&detail()).await.unwrap_err();
            silent_error(&error);
            let Error::Send(error) = &error else { panic!("{error:?}") };
            let error = error.cause::<SendError>().unwrap();
            assert_eq!((error.kind(), error.may_have_been_sent()), (SendErrorKind::Io, is_sent));
        }
    }
    // An error that does not quote the token is shown.
    let client =
        Client::builder(token).origin(ORIGIN).build_over(Telltale { quote: |_| "EPIPE".to_owned(), is_sent: true });
    let error = client.send(&detail()).await.unwrap_err();
    assert!(format!("{error:?}").contains("EPIPE"), "{error:?}");
}
