//! The webhook: the trial of the URL, the three modes in both formats, refusals, and the handler's
//! outcomes.

use std::convert::Infallible;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body::Frame;
use http_body_util::{BodyExt as _, Full, StreamBody};
use protocol_core::limits::{MAX_ID, MAX_PUSH_BODY};
use protocol_core::mini_program::{EncodingAesKey, Event, Format, Mode, PushError, Received, Receiver, push_signature};
use protocol_core::replay::{Deduplicate, Key, Lease, MemoryDeduplicate, Reservation};
use protocol_core::{Secret, UnixTime};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tower_service::Service;
use wechat_adapter::http_transport::{BodyBudget, Listener, ListenerConfig};
use wechat_adapter::mini_program::{Pushed, Pushes};
use wechat_adapter::webhook_service::Reason;
use wechat_adapter::{Clock, Handler, Webhook, WebhookBuilder, WebhookError, WebhookTimeouts};

use crate::platform::NOW;

pub const APPID: &str = "wxb6cb90b2dd";
pub const TOKEN: &str = "T0ken";
const KEY: &str = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C";
const RANDOM: &[u8; 16] = b"0123456789abcdef";
const MODES: [Mode; 3] = [Mode::Plain, Mode::Compatible, Mode::Secure];
const FORMATS: [Format; 2] = [Format::Xml, Format::Json];

const EVENT_JSON: &str =
    include_str!("../../../protocol-core/tests/vectors/wechat-mp/events/ComplaintCallbackEvent.1.json");
const EVENT_XML: &str =
    include_str!("../../../protocol-core/tests/vectors/wechat-mp/events/ComplaintCallbackEvent.xml");
const OTHER_EVENT: &str =
    include_str!("../../../protocol-core/tests/vectors/wechat-mp/events/AftersaleComplaintUpdateOrderStateEvent.xml");
const MALFORMED_EVENT: &str =
    include_str!("../../../protocol-core/tests/vectors/wechat-mp/events/seed-sample-verbatim-malformed.xml");
const SEALED: &str = include_str!("../../../protocol-core/tests/vectors/wechat-mp/crypto/msgcrypt-vectors.json");
const SIGNED: &str = include_str!("../../../protocol-core/tests/vectors/wechat-mp/crypto/plain-signature-vectors.json");

fn receiver_of(appid: &str, mode: Mode) -> Receiver {
    let key = (mode != Mode::Plain).then(|| EncodingAesKey::read(KEY).unwrap());
    Receiver::new(appid, Secret::new(TOKEN.into()), mode, key).unwrap()
}

pub fn receiver(mode: Mode) -> Receiver {
    receiver_of(APPID, mode)
}

/// A complaint of this application: the published events, their application replaced by ours.
pub fn event(format: Format) -> String {
    match format {
        Format::Json => EVENT_JSON.to_owned(),
        Format::Xml => EVENT_XML.replace("<appid>123</appid>", &format!("<appid>{APPID}</appid>")),
    }
}

/// Query and body of a push of this message.
pub fn push_at(mode: Mode, format: Format, message: &str, time: UnixTime) -> (String, String) {
    let sealed = || receiver(Mode::Secure).secure_push(format, message, RANDOM, time, "n0nce").unwrap();
    match mode {
        Mode::Secure => sealed(),
        Mode::Compatible => {
            // The clear members and the ciphertext in one document.
            let (query, body) = sealed();
            let body = match format {
                Format::Xml => body.replace("</xml>", "<Event>complaint_callback</Event><status>209</status></xml>"),
                Format::Json => body.replacen('{', r#"{"Event":"complaint_callback","status":"209","#, 1),
            };
            (query, body)
        }
        Mode::Plain => {
            let time = time.to_string();
            let signature = push_signature(TOKEN.as_bytes(), &time, "n0nce", None);
            (format!("signature={signature}&timestamp={time}&nonce=n0nce&openid=o"), message.to_owned())
        }
    }
}

fn push(mode: Mode, format: Format, message: &str) -> (String, String) {
    push_at(mode, format, message, NOW)
}

pub fn post((query, body): &(String, String)) -> Request<Full<Bytes>> {
    let uri = format!("https://merchant.example/push?{query}");
    Request::post(uri).body(Full::from(body.clone())).unwrap()
}

fn get(query: &str) -> Request<Full<Bytes>> {
    Request::get(format!("https://merchant.example/push?{query}")).body(Full::default()).unwrap()
}

pub fn store() -> MemoryDeduplicate {
    MemoryDeduplicate::new(NonZeroUsize::new(1000).unwrap(), 60)
}

pub type Building<H> = WebhookBuilder<Pushes, H, MemoryDeduplicate>;

pub fn building<H: Handler<Pushed>>(mode: Mode, handler: H) -> Building<H> {
    building_for(Pushes::of(receiver(mode)), handler)
}

fn building_for<H: Handler<Pushed>>(pushes: Pushes, handler: H) -> Building<H> {
    Webhook::builder(pushes, store(), handler).clock(Clock::new(|| NOW))
}

/// The reason why a push is refused.
pub type PushRefusal = WebhookError<PushError>;

pub async fn response<W, B>(webhook: &W, request: Request<B>) -> (u16, String)
where
    W: Service<Request<B>, Response = Response<Full<Bytes>>, Error = Infallible> + Clone,
{
    let response = webhook.clone().call(request).await.unwrap();
    assert_eq!(response.headers()["Content-Type"], "text/plain; charset=utf-8");
    assert_eq!(response.headers()["X-Content-Type-Options"], "nosniff");
    let status = response.status().as_u16();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    assert!(!body.is_empty(), "an empty body would acknowledge");
    (status, String::from_utf8(body.to_vec()).unwrap())
}

pub async fn status<W, B>(webhook: &W, request: Request<B>) -> u16
where
    W: Service<Request<B>, Response = Response<Full<Bytes>>, Error = Infallible> + Clone,
{
    let (status, body) = response(webhook, request).await;
    assert_eq!(status == 200, body == "success", "{status}: {body}");
    status
}

pub type Heard = Arc<Mutex<Vec<Pushed>>>;

/// A handler that keeps what it gets.
pub fn keeping() -> (Heard, impl Handler<Pushed>) {
    let heard = Heard::default();
    let ear = Arc::clone(&heard);
    let handler = move |pushed: Pushed| {
        ear.lock().unwrap().push(pushed);
        async { Ok::<(), Infallible>(()) }
    };
    (heard, handler)
}

pub type Refusals = Arc<Mutex<Vec<PushRefusal>>>;

pub fn watching() -> (Refusals, impl Fn(&PushRefusal) + Send + Sync) {
    let refusals = Refusals::default();
    let eye = Arc::clone(&refusals);
    (refusals, move |refusal: &PushRefusal| eye.lock().unwrap().push(refusal.clone()))
}

fn vectors(text: &'static str) -> Vec<Value> {
    serde_json::from_str(text).unwrap()
}

fn text<'v>(vector: &'v Value, name: &str) -> &'v str {
    vector[name].as_str().unwrap_or_else(|| panic!("{name} of {}", vector["name"]))
}

fn named<'v>(vectors: &'v [Value], name: &str) -> &'v Value {
    vectors.iter().find(|vector| vector["name"] == name).unwrap()
}

/// A webhook for the application, token, key and time of a published vector.
fn webhook_of<H: Handler<Pushed>>(vector: &Value, mode: Mode, handler: H) -> Webhook<Pushes, H, MemoryDeduplicate> {
    let key = vector["encodingAESKey"].as_str().map(|key| EncodingAesKey::read(key).unwrap());
    let appid = vector["receive_id"].as_str().unwrap_or("wxba5fad812f8e6fb9");
    let receiver = Receiver::new(appid, Secret::new(text(vector, "token").into()), mode, key).unwrap();
    let now = UnixTime(text(vector, "timestamp").parse().unwrap());
    building_for(Pushes::of(receiver), handler).clock(Clock::new(move || now)).build()
}

#[tokio::test]
async fn the_trial_of_the_url_is_echoed_word_for_word() {
    let vectors = vectors(SIGNED);
    let vector = named(&vectors, "official-doc-get-verify");
    let query = format!(
        "signature={}&echostr={}&timestamp={}&nonce={}",
        text(vector, "signature"),
        text(vector, "echostr"),
        text(vector, "timestamp"),
        text(vector, "nonce")
    );
    let (heard, handler) = keeping();
    let webhook = webhook_of(vector, Mode::Plain, handler);
    assert_eq!(response(&webhook, get(&query)).await, (200, text(vector, "echostr").to_owned()));
    for (query, expected) in [
        (query.replace("signature=f", "signature=0"), 401),
        (query.replace("echostr=", "echo="), 401),
        (query.replace("1714036504", "1714036804"), 401),
        (String::new(), 401),
    ] {
        assert_eq!(response(&webhook, get(&query)).await.0, expected, "{query}");
    }
    assert!(heard.lock().unwrap().is_empty());
    // In every mode, `echostr` is in clear.
    for mode in MODES {
        let (_, handler) = keeping();
        let time = NOW.to_string();
        let signature = push_signature(TOKEN.as_bytes(), &time, "n0nce", None);
        let query = format!("signature={signature}&timestamp={time}&nonce=n0nce&echostr=%3Cb%3E");
        assert_eq!(response(&building(mode, handler).build(), get(&query)).await, (200, "<b>".to_owned()));
    }
}

#[tokio::test]
async fn published_pushes_are_acknowledged() {
    let plain = vectors(SIGNED);
    let plain = named(&plain, "official-doc-plaintext-post");
    let (heard, handler) = keeping();
    let query = format!(
        "signature={}&timestamp={}&nonce={}",
        text(plain, "signature"),
        text(plain, "timestamp"),
        text(plain, "nonce")
    );
    let webhook = webhook_of(plain, Mode::Plain, handler);
    assert_eq!(status(&webhook, post(&(query, text(plain, "body").to_owned()))).await, 200);
    assert!(
        matches!(&heard.lock().unwrap()[0].received, Received::Unverified(push) if push.peek().event.as_deref() == Some("debug_demo"))
    );

    let sealed = vectors(SEALED);
    for name in ["official-doc-json-secure-push", "wxbizmsgcrypt-work-recv"] {
        let vector = named(&sealed, name);
        let encrypt = text(vector, "encrypt");
        let query = format!(
            "timestamp={}&nonce={}&openid=o&encrypt_type=aes&msg_signature={}",
            text(vector, "timestamp"),
            text(vector, "nonce"),
            text(vector, "msg_signature")
        );
        let json = format!(r#"{{"ToUserName":"gh_1","Encrypt":"{encrypt}"}}"#);
        let xml = format!("<xml><ToUserName>gh_1</ToUserName><Encrypt><![CDATA[{encrypt}]]></Encrypt></xml>");
        for mode in [Mode::Compatible, Mode::Secure] {
            for body in [&json, &xml] {
                let (heard, handler) = keeping();
                let webhook = webhook_of(vector, mode, handler);
                assert_eq!(status(&webhook, post(&(query.clone(), body.clone()))).await, 200, "{name}");
                let heard = heard.lock().unwrap();
                let Received::Verified(push) = &heard[0].received else { panic!("signed") };
                let Event::Other(document) = &push.content else { panic!("no complaint") };
                assert_eq!(document.as_str().trim(), text(vector, "plaintext").trim());
            }
        }
    }
    // The whole published request, unchanged.
    let vector = named(&sealed, "official-doc-json-secure-push");
    let (_, query) = text(vector, "url").split_once('?').unwrap();
    let (_, handler) = keeping();
    let webhook = webhook_of(vector, Mode::Secure, handler);
    assert_eq!(status(&webhook, post(&(query.to_owned(), text(vector, "body_json").to_owned()))).await, 200);
}

#[tokio::test]
async fn a_complaint_arrives_once_in_every_mode_and_format() {
    for mode in MODES {
        for format in FORMATS {
            let (heard, handler) = keeping();
            let webhook = building(mode, handler).build();
            let message = event(format);
            for time in [NOW, NOW, NOW.plus(15)] {
                assert_eq!(status(&webhook, post(&push_at(mode, format, &message, time))).await, 200);
            }
            let heard = heard.lock().unwrap();
            assert_eq!((heard.len(), &*heard[0].appid), (1, APPID), "{mode:?} {format:?}");
            let is_verified = matches!(heard[0].received, Received::Verified(_));
            assert_eq!(is_verified, mode != Mode::Plain, "what vouches for it stays visible");
            let complaint = heard[0].received.push().complaint().unwrap();
            assert_eq!(complaint.appid.as_deref(), Some(APPID));
            assert_ne!(complaint.status.map(|status| status.code()), Some(209), "the clear copy is not read");
            assert!(heard[0].dedup_key().starts_with("wxb6cb90b2dd/push:"));
        }
    }
}

#[tokio::test]
async fn another_change_is_another_push() {
    let (heard, handler) = keeping();
    let webhook = building(Mode::Secure, handler).build();
    let first = event(Format::Json);
    let moved = first.replace("\"201\"", "\"203\"");
    let said_more = first.replace("\"content\": \"content\"", "\"content\": \"more\"");
    assert_ne!(said_more, first);
    for message in [first, moved, said_more] {
        for _ in 0..2 {
            assert_eq!(status(&webhook, post(&push(Mode::Secure, Format::Json, &message))).await, 200);
        }
    }
    assert_eq!(heard.lock().unwrap().len(), 3);
}

#[tokio::test]
async fn other_events_are_handed_over_once_too() {
    let (heard, handler) = keeping();
    let webhook = building(Mode::Secure, handler).build();
    let later = OTHER_EVENT.replace("</CreateTime>", "0</CreateTime>");
    assert_ne!(later, OTHER_EVENT);
    for message in [OTHER_EVENT, OTHER_EVENT, &later, "success"] {
        assert_eq!(status(&webhook, post(&push(Mode::Secure, Format::Xml, message))).await, 200);
    }
    let heard = heard.lock().unwrap();
    assert_eq!(heard.len(), 3);
    assert!(heard.iter().all(|pushed| pushed.received.push().complaint().is_none()));
    let key = heard[0].dedup_key();
    assert!(key.starts_with("wxb6cb90b2dd/push:") && key.len() == "wxb6cb90b2dd/push:".len() + 40, "{key}");
}

#[tokio::test]
async fn what_is_not_the_platforms_is_refused_and_not_delivered() {
    let (heard, handler) = keeping();
    let (refusals, eye) = watching();
    let webhook = building(Mode::Secure, handler).on_refusal(eye).build();
    let message = event(Format::Json);
    let (query, body) = push(Mode::Secure, Format::Json, &message);
    let msg_signature = query.split("msg_signature=").nth(1).unwrap();
    let forged = query.replace(msg_signature, &"0".repeat(40));
    let sealed_with = |token: &str, appid: &str| {
        let key = Some(EncodingAesKey::read(KEY).unwrap());
        let other = Receiver::new(appid, Secret::new(token.into()), Mode::Secure, key).unwrap();
        other.secure_push(Format::Json, &message, RANDOM, NOW, "n0nce").unwrap()
    };
    for (case, request) in [
        ("no query", (String::new(), body.clone())),
        ("a forged signature", (forged, body.clone())),
        ("the clear signature alone", push(Mode::Plain, Format::Json, &body)),
        ("a message in clear", push(Mode::Plain, Format::Json, &message)),
        ("a message in clear under a good query", (query.clone(), message.clone())),
        ("another ciphertext", (query.clone(), body.replace("Encrypt\":\"", "Encrypt\":\"A"))),
        ("another nonce", (query.replace("n0nce", "n1nce"), body.clone())),
        ("two times", (format!("{query}&timestamp=1"), body.clone())),
        ("another token", sealed_with("other", APPID)),
        ("another application", sealed_with(TOKEN, "wx0")),
        ("another application inside", push(Mode::Secure, Format::Json, &message.replace(APPID, "wx0"))),
        ("too old", push_at(Mode::Secure, Format::Json, &message, UnixTime(NOW.0 - 300))),
        ("from the future", push_at(Mode::Secure, Format::Json, &message, NOW.plus(300))),
    ] {
        assert_eq!(status(&webhook, post(&request)).await, 401, "{case}");
    }
    assert!(heard.lock().unwrap().is_empty());
    {
        let refusals = refusals.lock().unwrap();
        let names: Vec<_> = refusals.iter().map(PushRefusal::name).collect();
        assert_eq!(names[9..], ["wrong-appid", "wrong-appid", "stale-timestamp", "stale-timestamp"]);
        assert!(names[..9].iter().all(|name| *name == "unverified"), "{names:?}");
        let alarms = refusals.iter().filter(|refusal| refusal.wants_attention()).count();
        assert_eq!((refusals.len(), alarms), (13, 2), "only a wrong configuration raises an alarm");
    }
    assert_eq!(status(&webhook, post(&(query, body))).await, 200, "none of them spoiled it");
}

#[tokio::test]
async fn a_wrong_configuration_is_not_acknowledged() {
    let message = event(Format::Xml);
    let (_, handler) = keeping();
    let (refusals, eye) = watching();
    // Encrypted, where plain is configured; sealed with another key.
    let webhook = building(Mode::Plain, handler).on_refusal(eye).build();
    assert_eq!(status(&webhook, post(&push(Mode::Secure, Format::Xml, &message))).await, 500);
    let (_, handler) = keeping();
    let (more, eye) = watching();
    let webhook = building(Mode::Secure, handler).on_refusal(eye).build();
    let key = Some(EncodingAesKey::read(&"A".repeat(43)).unwrap());
    let other = Receiver::new(APPID, Secret::new(TOKEN.into()), Mode::Secure, key).unwrap();
    let sealed = other.secure_push(Format::Xml, &message, RANDOM, NOW, "n0nce").unwrap();
    assert_eq!(status(&webhook, post(&sealed)).await, 500);
    let all: Vec<_> = refusals.lock().unwrap().iter().chain(more.lock().unwrap().iter()).cloned().collect();
    let [PushRefusal::Unreadable(encrypted), PushRefusal::Unreadable(sealed)] = &all[..] else { panic!("{all:?}") };
    assert_eq!([&encrypted.error, &sealed.error], [&PushError::Encrypted, &PushError::DecryptFailed]);
    assert!(all.iter().all(PushRefusal::wants_attention));
}

#[tokio::test]
async fn what_cannot_be_read_is_kept_and_not_acknowledged_where_it_is_the_platforms() {
    let bomb = format!(
        "<!DOCTYPE xml [<!ENTITY a \"{}\"><!ENTITY b \"{}\">]><xml><Event>complaint_callback</Event><a>&b;</a></xml>",
        "x".repeat(1000),
        "&a;".repeat(1000)
    );
    for message in [MALFORMED_EVENT, &bomb, r#"{"Event":"complaint_callback","complaint_order_id":{"a":1}}"#] {
        let (heard, handler) = keeping();
        let (refusals, eye) = watching();
        let webhook = building(Mode::Secure, handler).on_refusal(eye).build();
        // An envelope is not proven.
        let (query, _) = push(Mode::Secure, Format::Xml, "{}");
        let in_clear = status(&webhook, post(&(query, message.to_owned()))).await;
        assert!(matches!(in_clear, 400 | 401), "{in_clear}");
        // The encrypted message is the platform's: the observer gets it.
        assert_eq!(status(&webhook, post(&push(Mode::Secure, Format::Xml, message))).await, 500);
        let refusals = std::mem::take(&mut *refusals.lock().unwrap());
        assert!(!refusals[0].wants_attention() && refusals[1].wants_attention());
        let PushRefusal::Unreadable(Reason { error: PushError::Unreadable { document, .. }, .. }) = &refusals[1] else {
            panic!("{refusals:?}")
        };
        assert_eq!(document.as_str().trim(), message.trim_start_matches('\u{feff}').trim());
        assert!(heard.lock().unwrap().is_empty());

        let (_, handler) = keeping();
        let (refusals, eye) = watching();
        let plain = building(Mode::Plain, handler).on_refusal(eye).build();
        assert_eq!(status(&plain, post(&push(Mode::Plain, Format::Xml, message))).await, 500);
        assert!(refusals.lock().unwrap().iter().all(PushRefusal::wants_attention));
    }
}

#[tokio::test(start_paused = true)]
async fn a_dead_letter_that_is_kept_is_acknowledged() {
    for mode in MODES {
        for (kept, expected) in [(Some(true), 200), (Some(false), 500), (None, 500)] {
            let (heard, handler) = keeping();
            let letters = Arc::new(Mutex::new(Vec::new()));
            let box_of = Arc::clone(&letters);
            let webhook = building(mode, handler)
                .dead_letters(move |unreadable| {
                    box_of.lock().unwrap().push(unreadable);
                    async move {
                        match kept {
                            Some(kept) => kept,
                            None => std::future::pending().await,
                        }
                    }
                })
                .timeouts(WebhookTimeouts::default().with_handler(Duration::from_millis(50)))
                .build();
            assert_eq!(status(&webhook, post(&push(mode, Format::Xml, MALFORMED_EVENT))).await, expected);
            {
                let letters = letters.lock().unwrap();
                let [letter] = &letters[..] else { panic!("{letters:?}") };
                assert_eq!(letter.document.as_str().trim(), MALFORMED_EVENT.trim_start_matches('\u{feff}').trim());
                assert_eq!(matches!(letter.document, Received::Verified(_)), mode != Mode::Plain);
            }
            assert!(heard.lock().unwrap().is_empty());
            // An unproven message is no letter.
            let (query, _) = push(mode, Format::Xml, "{}");
            let forged = query.replace("signature=", "signature=0");
            status(&webhook, post(&(forged, MALFORMED_EVENT.to_owned()))).await;
            if mode != Mode::Plain {
                status(&webhook, post(&(query, MALFORMED_EVENT.to_owned()))).await;
            }
            assert_eq!(letters.lock().unwrap().len(), 1);
        }
    }
}

#[tokio::test]
async fn a_complaint_that_does_not_say_which_one_it_is_is_a_dead_letter() {
    for number in ["", " ", &"1".repeat(MAX_ID + 1)] {
        let message = format!(r#"{{"Event":"complaint_callback","appid":"{APPID}","complaint_order_id":"{number}"}}"#);
        for mode in MODES {
            let (heard, handler) = keeping();
            let letters = Arc::new(Mutex::new(Vec::new()));
            let tray = Arc::clone(&letters);
            let builder = building(mode, handler).dead_letters(move |letter| {
                tray.lock().unwrap().push(letter);
                async { true }
            });
            assert_eq!(status(&builder.build(), post(&push(mode, Format::Json, &message))).await, 200);
            assert!(heard.lock().unwrap().is_empty());
            let letters = letters.lock().unwrap();
            assert!(matches!(&letters[..], [letter] if letter.document.as_str() == message), "{letters:?}");
        }
    }
}

#[tokio::test]
async fn requests_that_are_no_push() {
    let (_, handler) = keeping();
    let pushes = Pushes::default().receiver_at("/push", receiver(Mode::Secure));
    let webhook = building_for(pushes, handler).build();
    let good = push(Mode::Secure, Format::Json, &event(Format::Json));
    for method in ["PUT", "HEAD", "DELETE"] {
        let mut request = post(&good);
        *request.method_mut() = method.parse().unwrap();
        let response = webhook.clone().call(request).await.unwrap();
        assert_eq!((response.status().as_u16(), &response.headers()["Allow"]), (405, &"GET, POST".parse().unwrap()));
    }
    for uri in ["/push/", "/", "/other"] {
        let mut elsewhere = post(&good);
        *elsewhere.uri_mut() = format!("{uri}?{}", good.0).parse().unwrap();
        assert_eq!(status(&webhook, elsewhere).await, 404);
    }
    assert_eq!(status(&webhook, post(&good)).await, 200);
}

#[tokio::test(start_paused = true)]
async fn bodies_are_bounded_in_size_and_time_and_not_read_for_strangers() {
    let (_, handler) = keeping();
    let webhook = building(Mode::Secure, handler)
        .timeouts(WebhookTimeouts::default().with_body(Duration::from_millis(50)))
        .build();
    let (query, _) = push(Mode::Secure, Format::Json, "{}");
    let sized = |size: usize| post(&(query.clone(), " ".repeat(size)));
    assert_eq!(status(&webhook, sized(MAX_PUSH_BODY + 1)).await, 413);
    assert_eq!(status(&webhook, sized(MAX_PUSH_BODY)).await, 400);
    let never = |query: &str| {
        let body = StreamBody::new(futures_util::stream::pending::<Result<Frame<Bytes>, Infallible>>());
        Request::post(format!("/push?{query}")).body(body).unwrap()
    };
    assert_eq!(status(&webhook, never(&query)).await, 408);
    let (_, handler) = keeping();
    let plain =
        building(Mode::Plain, handler).timeouts(WebhookTimeouts::default().with_body(Duration::from_secs(60))).build();
    let strange = push(Mode::Plain, Format::Json, "{}").0.replace("signature=", "signature=0");
    let waited = tokio::time::timeout(Duration::from_secs(5), status(&plain, never(&strange))).await;
    assert_eq!(waited, Ok(401), "a request without a signature is not waited for");
}

#[tokio::test(start_paused = true)]
async fn a_failed_handler_gets_the_next_copy() {
    for failure in ["error", "panic in the future", "panic in the call", "too slow"] {
        let calls = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&calls);
        let (refusals, eye) = watching();
        let webhook = building(Mode::Secure, move |_: Pushed| {
            let first = counter.fetch_add(1, Ordering::Relaxed) == 0;
            assert!(!(first && failure == "panic in the call"), "a scripted panic");
            async move {
                match failure {
                    "error" if first => Err("scripted"),
                    "panic in the future" if first => panic!("a scripted panic"),
                    "too slow" if first => std::future::pending().await,
                    _ => Ok(()),
                }
            }
        })
        .timeouts(WebhookTimeouts::default().with_handler(Duration::from_millis(50)))
        .on_refusal(eye)
        .build();
        let good = push(Mode::Secure, Format::Json, &event(Format::Json));
        for expected in [500, 200, 200] {
            assert_eq!(status(&webhook, post(&good)).await, expected, "{failure}");
        }
        assert_eq!(calls.load(Ordering::Relaxed), 2, "{failure}");
        let refusals = refusals.lock().unwrap();
        assert!(refusals.len() == 1 && refusals[0].wants_attention(), "{refusals:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_handler_has_three_seconds() {
    let webhook = building(Mode::Secure, |_: Pushed| std::future::pending::<Result<(), Infallible>>()).build();
    let began = tokio::time::Instant::now();
    let good = push(Mode::Secure, Format::Json, &event(Format::Json));
    assert_eq!(status(&webhook, post(&good)).await, 500);
    assert!((3000..3100).contains(&began.elapsed().as_millis()), "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_copy_that_comes_while_the_first_is_in_hand_is_told_to_come_again() {
    let (go, calls) = (Arc::new(Notify::new()), Arc::new(AtomicUsize::new(0)));
    let (waits, counter) = (Arc::clone(&go), Arc::clone(&calls));
    let webhook = building(Mode::Secure, move |_: Pushed| {
        let waits = Arc::clone(&waits);
        counter.fetch_add(1, Ordering::Relaxed);
        async move {
            waits.notified().await;
            Ok::<(), Infallible>(())
        }
    })
    .build();
    let good = push(Mode::Secure, Format::Json, &event(Format::Json));
    let first = tokio::spawn({
        let (webhook, request) = (webhook.clone(), post(&good));
        async move { status(&webhook, request).await }
    });
    while calls.load(Ordering::Relaxed) == 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(status(&webhook, post(&good)).await, 503);
    go.notify_one();
    assert_eq!(first.await.unwrap(), 200);
    assert_eq!(status(&webhook, post(&good)).await, 200);
    assert_eq!(calls.load(Ordering::Relaxed), 1);
}

/// A store that fails on request.
struct Failing(&'static str, MemoryDeduplicate);

impl Deduplicate for Failing {
    type Error = &'static str;

    async fn reserve(&self, key: Key<'_>, lease: Lease, now: UnixTime) -> Result<Reservation, &'static str> {
        if self.0 == "reserve" { Err("down") } else { self.1.reserve(key, lease, now).await.map_err(|_| "full") }
    }

    async fn commit(&self, key: Key<'_>, lease: Lease) -> Result<bool, &'static str> {
        match self.0 {
            "commit" => Err("down"),
            "lapsed" => Ok(false),
            _ => self.1.commit(key, lease).await.map_err(|_| "full"),
        }
    }

    async fn release(&self, key: Key<'_>, lease: Lease) -> Result<(), &'static str> {
        self.1.release(key, lease).await.map_err(|_| "full")
    }
}

#[tokio::test]
async fn nothing_is_acknowledged_that_is_not_committed() {
    for failing in ["reserve", "commit", "lapsed"] {
        let (_, handler) = keeping();
        let webhook = Webhook::builder(Pushes::of(receiver(Mode::Secure)), Failing(failing, store()), handler);
        let webhook = webhook.clock(Clock::new(|| NOW)).build();
        let good = push(Mode::Secure, Format::Json, &event(Format::Json));
        assert_eq!(status(&webhook, post(&good)).await, 503, "{failing}");
    }
}

#[tokio::test(start_paused = true)]
async fn unverified_bodies_share_a_budget_and_verified_ones_do_not() {
    for mode in MODES {
        let budget = BodyBudget::new(BodyBudget::FIRST_PIECE);
        let seen = budget.clone();
        let webhook = building(mode, move |_| {
            assert_eq!(seen.left(), BodyBudget::FIRST_PIECE, "the verified body is given back");
            async { Ok::<(), Infallible>(()) }
        })
        .body_budget(budget.clone())
        .build();
        let good = push(mode, Format::Json, &event(Format::Json));
        let never =
            post(&good).map(|_| StreamBody::new(futures_util::stream::pending::<Result<Frame<Bytes>, Infallible>>()));
        let stranger = webhook.clone();
        let stranger = tokio::spawn(async move { status(&stranger, never).await });
        while budget.left() > 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(status(&webhook, post(&good)).await, 200, "{mode:?}");
        assert_eq!(stranger.await.unwrap(), 503, "{mode:?}: the larger body gave way");
        assert_eq!(budget.left(), BodyBudget::FIRST_PIECE);
        let webhook = building(mode, keeping().1).body_budget(BodyBudget::new(9)).build();
        assert_eq!(status(&webhook, post(&(good.0, "0123456789".to_owned()))).await, 503, "{mode:?}");
    }
}

#[tokio::test]
async fn a_verified_push_keeps_its_connection() {
    for mode in MODES {
        let (begun, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (beginning, going_on) = (Arc::clone(&begun), Arc::clone(&go_on));
        let webhook = building(mode, move |_| {
            beginning.notify_one();
            let going_on = Arc::clone(&going_on);
            async move {
                going_on.notified().await;
                Ok::<(), Infallible>(())
            }
        })
        .timeouts(WebhookTimeouts::default().with_handler(Duration::from_secs(120)))
        .build();
        let config = ListenerConfig::default().with_max_connections(1).with_pressed_timeout(Duration::from_secs(120));
        let listener = Listener::bind(([127, 0, 0, 1], 0).into(), config).await.unwrap();
        let address = listener.local_addr();
        tokio::spawn(listener.serve(webhook, std::future::pending()));
        let (query, body) = push(mode, Format::Json, &event(Format::Json));
        let length = body.len();
        let request = format!("POST /push?{query} HTTP/1.1\r\nHost: h\r\nContent-Length: {length}\r\n\r\n{body}");
        let mut genuine = TcpStream::connect(address).await.unwrap();
        genuine.write_all(request.as_bytes()).await.unwrap();
        begun.notified().await;
        // The only slot is taken.
        let mut stranger = TcpStream::connect(address).await.unwrap();
        assert!(matches!(stranger.read(&mut [0]).await, Ok(0) | Err(_)), "{mode:?}");
        go_on.notify_one();
        let mut response = [0; 12];
        genuine.read_exact(&mut response).await.unwrap();
        assert_eq!(&response, b"HTTP/1.1 200", "{mode:?}");
    }
}

#[tokio::test]
async fn a_push_that_is_not_verified_yet_keeps_none() {
    for mode in MODES {
        let budget = BodyBudget::default();
        let webhook = building(mode, keeping().1).body_budget(budget.clone()).build();
        let config = ListenerConfig::default().with_max_connections(1).with_pressed_timeout(Duration::from_secs(120));
        let listener = Listener::bind(([127, 0, 0, 1], 0).into(), config).await.unwrap();
        let address = listener.local_addr();
        tokio::spawn(listener.serve(webhook, std::future::pending()));
        let (query, body) = push(mode, Format::Json, &event(Format::Json));
        let length = body.len();
        let request = format!("POST /push?{query} HTTP/1.1\r\nHost: h\r\nContent-Length: {length}\r\n\r\n{body}");
        let (all_but_one, _) = request.as_bytes().split_at(request.len() - 1);
        let mut stranger = TcpStream::connect(address).await.unwrap();
        stranger.write_all(all_but_one).await.unwrap();
        while budget.left() == BodyBudget::DEFAULT {
            tokio::task::yield_now().await;
        }
        let mut genuine = TcpStream::connect(address).await.unwrap();
        genuine.write_all(request.as_bytes()).await.unwrap();
        let mut response = [0; 12];
        genuine.read_exact(&mut response).await.unwrap();
        assert_eq!(&response, b"HTTP/1.1 200", "{mode:?}");
        assert!(matches!(stranger.read(&mut [0]).await, Ok(0) | Err(_)), "{mode:?}");
    }
}

#[tokio::test]
async fn mini_programs_share_a_listener_by_path() {
    let (heard, handler) = keeping();
    let pushes = Pushes::default()
        .receiver_at("/push/one", receiver_of("wx1", Mode::Secure))
        .receiver_at("/push/two", receiver_of("wx2", Mode::Secure))
        .receiver(receiver_of("wx3", Mode::Secure));
    let webhook = building_for(pushes, handler).build();
    let at = |path: &str, appid: &str| {
        let message = event(Format::Json).replace(APPID, appid);
        let sealed = receiver_of(appid, Mode::Secure).secure_push(Format::Json, &message, RANDOM, NOW, "n0nce");
        let (query, body) = sealed.unwrap();
        Request::post(format!("{path}?{query}")).body(Full::<Bytes>::from(body)).unwrap()
    };
    for (path, appid, expected) in [
        ("/push/one", "wx1", 200),
        ("/push/two", "wx2", 200),
        ("/anywhere", "wx3", 200),
        ("/push/one", "wx2", 401),
        ("/anywhere", "wx1", 401),
    ] {
        assert_eq!(status(&webhook, at(path, appid)).await, expected, "{path} {appid}");
    }
    // The same complaint of another Mini Program is another one.
    let appids: Vec<_> = heard.lock().unwrap().iter().map(|pushed| pushed.appid.to_string()).collect();
    assert_eq!(appids, ["wx1", "wx2", "wx3"]);
}

#[tokio::test]
async fn it_is_a_service_of_axum() {
    let (heard, handler) = keeping();
    let service = building(Mode::Secure, handler).build();
    let app: axum::Router = axum::Router::new().route_service("/push", service);
    let good = post(&push(Mode::Secure, Format::Json, &event(Format::Json))).map(axum::body::Body::new);
    let response = app.clone().call(good).await.unwrap();
    assert_eq!((response.status().as_u16(), heard.lock().unwrap().len()), (200, 1));
}

#[tokio::test]
async fn nothing_personal_and_no_secret_is_shown() {
    const CANARY: &str = "canary13900001234";
    let (heard, handler) = keeping();
    let (refusals, eye) = watching();
    let key = Some(EncodingAesKey::read(KEY).unwrap());
    let receiver = Receiver::new(APPID, Secret::new(CANARY.into()), Mode::Secure, key).unwrap();
    let message = event(Format::Json)
        .replace("oR2XT5Z70fuusMRK", CANARY)
        .replace("oR2XT5TrHrdQ1PBpMpEtJ3h9MU4", CANARY)
        .replace("1396", CANARY);
    let good = receiver.secure_push(Format::Json, &message, RANDOM, NOW, "n0nce").unwrap();
    let unreadable =
        format!(r#"{{"Event":"complaint_callback","open_id":"{CANARY}","complaint_order_id":["{CANARY}"]}}"#);
    let unreadable = receiver.secure_push(Format::Json, &unreadable, RANDOM, NOW, "n0nce").unwrap();
    let building = building_for(Pushes::of(receiver), handler);
    let mut shown = format!("{building:?}");
    let webhook = building.on_refusal(eye).build();
    shown += &format!("{webhook:?}");
    assert_eq!(status(&webhook, post(&good)).await, 200);
    assert_eq!(status(&webhook, post(&unreadable)).await, 500);
    let heard = heard.lock().unwrap();
    assert!(heard[0].received.push().complaint().unwrap().open_id.as_ref().unwrap().expose() == CANARY);
    shown += &format!("{heard:#?} {} {:?}", heard[0].dedup_key(), refusals.lock().unwrap());
    assert!(!shown.contains("canary"), "{shown}");
}
