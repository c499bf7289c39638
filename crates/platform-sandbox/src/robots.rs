//! The group robots of WeCom, DingTalk and Feishu, simulated without a socket.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::{Method, Request, Response};
use protocol_core::UnixTime;
use serde_json::{Value, json};
use sha2::Sha256;

use crate::form;

/// The group robots of WeCom, DingTalk and Feishu, one each, with the checks that their documents
/// describe: token, signature, clock, keyword, size and rate. They respond with the documented codes,
/// in responses of status 200.
///
/// ```
/// use bytes::Bytes;
/// use platform_sandbox::{RobotKind, Robots};
/// use protocol_core::UnixTime;
///
/// let robots = Robots::default();
/// let url = format!("http://127.0.0.1{}", RobotKind::Wecom.path());
/// let body = r#"{"msgtype":"text","text":{"content":"a complaint"}}"#;
/// let request = http::Request::post(url).body(Bytes::from(body)).unwrap();
/// let response = robots.handle(&request, UnixTime(1_700_000_000));
/// assert_eq!(response.body(), r#"{"errcode":0,"errmsg":"ok"}"#);
/// assert_eq!(robots.texts(RobotKind::Wecom), ["a complaint"]);
/// ```
#[derive(Default)]
pub struct Robots(Mutex<BTreeMap<RobotKind, Robot>>);

/// A platform with robots.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum RobotKind {
    /// WeCom: no signature exists.
    Wecom,
    /// DingTalk: signature and keyword.
    Dingtalk,
    /// Feishu: signature and keyword.
    Feishu,
}

impl RobotKind {
    /// Every platform.
    pub const ALL: [Self; 3] = [Self::Wecom, Self::Dingtalk, Self::Feishu];

    /// Path and query of the robot's URL.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::Wecom => "/cgi-bin/webhook/send?key=wecom-robot-key",
            Self::Dingtalk => "/robot/send?access_token=dingtalk-robot-token",
            Self::Feishu => "/open-apis/bot/v2/hook/feishu-robot-token",
        }
    }

    /// The secret that it verifies with. WeCom has none.
    #[must_use]
    pub const fn secret(self) -> &'static str {
        match self {
            Self::Wecom => "",
            Self::Dingtalk => "SECsandbox-robot-secret",
            Self::Feishu => "sandbox-robot-secret",
        }
    }
}

/// One robot.
#[derive(Default)]
struct Robot {
    /// The messages that it showed.
    texts: Vec<String>,
    /// The times of the calls that counted.
    calls: Vec<UnixTime>,
    /// DingTalk's: no message is taken before.
    blocked: Option<UnixTime>,
}

/// A refusal: the code and the platform's words.
type Refused = (i64, &'static str);

impl Robots {
    /// Responds to a request at a time.
    #[must_use]
    pub fn handle(&self, request: &Request<Bytes>, now: UnixTime) -> Response<Bytes> {
        let path = request.uri().path();
        let kind = match path {
            "/cgi-bin/webhook/send" => RobotKind::Wecom,
            "/robot/send" => RobotKind::Dingtalk,
            _ if path.starts_with("/open-apis/bot/v2/hook/") => RobotKind::Feishu,
            _ => return response(404, "<html>404</html>".to_owned()),
        };
        let taken = self.take(kind, request, now);
        let (code, words) = taken.err().unwrap_or((0, if kind == RobotKind::Feishu { "success" } else { "ok" }));
        let document = match kind {
            RobotKind::Feishu => json!({"code": code, "msg": words, "data": {}}),
            _ => json!({"errcode": code, "errmsg": words}),
        };
        response(200, document.to_string())
    }

    /// The texts that a robot showed, oldest first.
    #[must_use]
    pub fn texts(&self, kind: RobotKind) -> Vec<String> {
        self.robots().get(&kind).map(|robot| robot.texts.clone()).unwrap_or_default()
    }

    fn take(&self, kind: RobotKind, request: &Request<Bytes>, now: UnixTime) -> Result<(), Refused> {
        if request.method() != Method::POST {
            return Err(if kind == RobotKind::Feishu { (9499, "Bad Request") } else { (43002, "require POST method") });
        }
        let document: Value = serde_json::from_slice(request.body()).unwrap_or_default();
        let text = match kind {
            RobotKind::Wecom => wecom(request, &document)?,
            RobotKind::Dingtalk => dingtalk(request, &document, now)?,
            RobotKind::Feishu => feishu(request, &document, now)?,
        };
        let mut robots = self.robots();
        let robot = robots.entry(kind).or_default();
        robot.count(kind, now)?;
        robot.texts.push(text.to_owned());
        Ok(())
    }

    fn robots(&self) -> MutexGuard<'_, BTreeMap<RobotKind, Robot>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Robot {
    /// Counts a call, and refuses it above the rate.
    fn count(&mut self, kind: RobotKind, now: UnixTime) -> Result<(), Refused> {
        if self.blocked.is_some_and(|until| now < until) {
            return Err((410_100, "send too fast"));
        }
        self.calls.retain(|at| at.0 > now.0 - 60);
        let in_second = self.calls.iter().filter(|at| at.0 == now.0).count();
        let refusal = match kind {
            RobotKind::Wecom if self.calls.len() >= 20 => (45009, "api freq out of limit"),
            RobotKind::Dingtalk if self.calls.len() >= 20 => {
                self.blocked = Some(now.plus(600));
                (130_101, "send too fast, exceed 20 times per minute")
            }
            RobotKind::Feishu if in_second >= 5 || self.calls.len() >= 100 => (11232, "frequency limited"),
            _ => {
                self.calls.push(now);
                return Ok(());
            }
        };
        Err(refusal)
    }
}

/// The numbers of messages, without their words.
impl fmt::Debug for Robots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.robots().iter().map(|(kind, robot)| (kind, robot.texts.len()))).finish()
    }
}

/// The text of a message that WeCom's robot shows.
fn wecom<'d>(request: &Request<Bytes>, document: &'d Value) -> Result<&'d str, Refused> {
    if parameter(request, "key").as_deref() != Some("wecom-robot-key") {
        return Err((93000, "invalid webhook url, hint: [1], from ip: 192.0.2.1"));
    }
    let text = text_at(document, "/text/content").filter(|text| text.len() <= WECOM_BYTES);
    text.ok_or((40058, "text.content exceed max length 2048"))
}

/// The text of a message that DingTalk's robot shows.
fn dingtalk<'d>(request: &Request<Bytes>, document: &'d Value, now: UnixTime) -> Result<&'d str, Refused> {
    let secret = RobotKind::Dingtalk.secret();
    if parameter(request, "access_token").as_deref() != Some("dingtalk-robot-token") {
        return Err((300_005, "token is not exist"));
    }
    let milliseconds = parameter(request, "timestamp").and_then(|text| text.parse::<i64>().ok());
    let in_time = |milliseconds: &i64| milliseconds.abs_diff(now.0 * 1000) <= CLOCK_SECONDS * 1000;
    let milliseconds = milliseconds.filter(in_time).ok_or((310_000, "invalid timestamp"))?;
    if parameter(request, "sign") != Some(hmac(secret, &format!("{milliseconds}\n{secret}"))) {
        return Err((310_000, "sign not match"));
    }
    if request.body().len() > DINGTALK_BYTES {
        return Err((460_101, "message too long, exceed 20000 bytes"));
    }
    let text = text_at(document, "/text/content").ok_or((40035, "missing parameter text"))?;
    has_keyword(text).then_some(text).ok_or((310_000, "keywords not in content"))
}

/// The text of a message that Feishu's bot shows.
fn feishu<'d>(request: &Request<Bytes>, document: &'d Value, now: UnixTime) -> Result<&'d str, Refused> {
    if !request.uri().path().ends_with("/feishu-robot-token") {
        return Err((19001, "param invalid: incoming webhook access token invalid"));
    }
    if request.body().len() > FEISHU_BYTES {
        return Err((9499, "Bad Request"));
    }
    let seconds = text_at(document, "/timestamp").and_then(|text| text.parse::<i64>().ok());
    let is_signed = seconds.is_some_and(|seconds| {
        let sign = hmac(&format!("{seconds}\n{}", RobotKind::Feishu.secret()), "");
        seconds.abs_diff(now.0) <= CLOCK_SECONDS && text_at(document, "/sign") == Some(&*sign)
    });
    if !is_signed {
        return Err((19021, "sign match fail or timestamp is not within one hour from current time"));
    }
    let text = text_at(document, "/content/text").ok_or((9499, "Bad Request"))?;
    has_keyword(text).then_some(text).ok_or((19024, "Key Words Not Found"))
}

fn text_at<'d>(document: &'d Value, path: &str) -> Option<&'d str> {
    document.pointer(path)?.as_str()
}

/// A parameter of the query.
fn parameter(request: &Request<Bytes>, name: &str) -> Option<String> {
    let pairs = form::pairs(request.uri().query()?)?;
    pairs.into_iter().find(|(key, _)| key == name).map(|(_, value)| value)
}

fn has_keyword(text: &str) -> bool {
    KEYWORDS.iter().any(|keyword| text.contains(keyword))
}

fn hmac(key: &str, message: &str) -> String {
    // HMAC takes a key of any length.
    let Ok(mac) = Hmac::<Sha256>::new_from_slice(key.as_bytes()) else { return String::new() };
    STANDARD.encode(mac.chain_update(message).finalize().into_bytes())
}

fn response(status: u16, body: String) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = http::StatusCode::from_u16(status).unwrap_or_default();
    response
}

/// The keywords of DingTalk's and Feishu's robots: a message has one.
const KEYWORDS: [&str; 2] = ["投诉", "complaint"];

/// The clocks of DingTalk and Feishu allow an hour.
const CLOCK_SECONDS: u64 = 3600;

const WECOM_BYTES: usize = 2048;
const DINGTALK_BYTES: usize = 20_000;
const FEISHU_BYTES: usize = 20 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixTime = UnixTime(1_700_000_000);

    /// The code of a response.
    fn code(robots: &Robots, path: &str, body: &Value, now: UnixTime) -> i64 {
        let request = Request::post(format!("http://127.0.0.1{path}")).body(Bytes::from(body.to_string())).unwrap();
        let document: Value = serde_json::from_slice(robots.handle(&request, now).body()).unwrap();
        document.get("errcode").or(document.get("code")).unwrap().as_i64().unwrap()
    }

    fn text(text: &str) -> Value {
        json!({"msgtype": "text", "text": {"content": text}})
    }

    fn dingtalk_path(milliseconds: i64, secret: &str) -> String {
        let sign = hmac(secret, &format!("{milliseconds}\n{secret}"));
        let sign = sign.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
        format!("{}&timestamp={milliseconds}&sign={sign}", RobotKind::Dingtalk.path())
    }

    fn feishu_body(seconds: i64, secret: &str, text: &str) -> Value {
        json!({"timestamp": seconds.to_string(), "sign": hmac(&format!("{seconds}\n{secret}"), ""),
            "msg_type": "text", "content": {"text": text}})
    }

    /// Of the samples in the platforms' documents.
    #[test]
    fn signatures_are_the_published_ones() {
        let string = "1577262236757\nthis is secret";
        assert_eq!(hmac("this is secret", string), "hmPWwU+7lVdm3ZZz0r9tSfx0L4Q26jWOZr9+Gs6EZQM=");
        assert_eq!(hmac("1599360473\ndemo", ""), "l1N0gAcBjdwBvGm1xMjOF0XSyaLRpR7tuO5dHfhAYc8=");
    }

    #[test]
    fn tokens_signatures_and_clocks_are_checked() {
        let robots = Robots::default();
        let dingtalk_code = |path: &str| code(&robots, path, &text("投诉"), NOW);
        let hour = 3_600_000;
        assert_eq!(dingtalk_code(&dingtalk_path(NOW.0 * 1000 - hour, RobotKind::Dingtalk.secret())), 0);
        assert_eq!(dingtalk_code(&dingtalk_path(NOW.0 * 1000 - hour - 1, RobotKind::Dingtalk.secret())), 310_000);
        assert_eq!(dingtalk_code(&dingtalk_path(NOW.0 * 1000, "SECother")), 310_000);
        assert_eq!(dingtalk_code(RobotKind::Dingtalk.path()), 310_000);
        assert_eq!(dingtalk_code("/robot/send?access_token=other"), 300_005);
        let feishu_code = |body: &Value| code(&robots, RobotKind::Feishu.path(), body, NOW);
        let secret = RobotKind::Feishu.secret();
        assert_eq!(feishu_code(&feishu_body(NOW.0 + 3600, secret, "投诉")), 0);
        assert_eq!(feishu_code(&feishu_body(NOW.0 + 3601, secret, "投诉")), 19021);
        assert_eq!(feishu_code(&feishu_body(NOW.0, "other", "投诉")), 19021);
        assert_eq!(feishu_code(&feishu_body(NOW.0, secret, "hello")), 19024);
        assert_eq!(code(&robots, "/open-apis/bot/v2/hook/other", &feishu_body(NOW.0, secret, "投诉"), NOW), 19001);
        assert_eq!(code(&robots, "/cgi-bin/webhook/send?key=other", &text("投诉"), NOW), 93000);
        assert_eq!(robots.texts(RobotKind::Feishu), ["投诉"]);
        let get = Request::get("http://127.0.0.1/robot/send").body(Bytes::new()).unwrap();
        assert!(robots.handle(&get, NOW).body().starts_with(br#"{"errcode":43002"#));
    }

    #[test]
    fn sizes_and_rates_are_bounded() {
        let robots = Robots::default();
        let wecom = |bytes: usize, now| code(&robots, RobotKind::Wecom.path(), &text(&"a".repeat(bytes)), now);
        assert_eq!([wecom(2048, NOW), wecom(2049, NOW)], [0, 40058]);
        let path = |now: UnixTime| dingtalk_path(now.0 * 1000, RobotKind::Dingtalk.secret());
        let sent = |robots: &Robots, now: UnixTime| code(robots, &path(now), &text("投诉"), now);
        for _ in 0..20 {
            assert_eq!(sent(&robots, NOW), 0);
        }
        assert_eq!(sent(&robots, NOW), 130_101);
        assert_eq!([sent(&robots, NOW.plus(599)), sent(&robots, NOW.plus(600))], [410_100, 0]);
        for _ in 1..20 {
            assert_eq!(wecom(1, NOW), 0);
        }
        assert_eq!([wecom(1, NOW.plus(59)), wecom(1, NOW.plus(60))], [45009, 0]);
        let feishu = |now: UnixTime| {
            code(&robots, RobotKind::Feishu.path(), &feishu_body(now.0, RobotKind::Feishu.secret(), "投诉"), now)
        };
        for _ in 0..5 {
            assert_eq!(feishu(NOW), 0);
        }
        assert_eq!([feishu(NOW), feishu(NOW.plus(1))], [11232, 0]);
    }
}
