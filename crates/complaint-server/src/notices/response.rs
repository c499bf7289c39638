//! The response of a robot, read: delivered, to be sent again, or refused. Pure functions.
//!
//! The status alone says nothing: an unknown token responds with 200 and a code.

use complaint_channels::NoticeKind;
use http::StatusCode;
use serde_json::{Map, Value};

/// What a message came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Told {
    /// The robot has it.
    Delivered,
    /// It may be sent again.
    Later {
        /// The rest that the robot needs, in seconds, if that is known.
        rest: Option<u32>,
        /// The platform's code and words, or the failure.
        reason: String,
    },
    /// It is not sent again.
    Refused {
        /// The platform's code and words.
        reason: String,
    },
}

/// Reads the response of a robot. `retry_after` has the seconds of its headers.
pub(super) fn read(kind: NoticeKind, status: StatusCode, retry_after: Option<u32>, body: &[u8]) -> Told {
    let document: Option<Map<String, Value>> = serde_json::from_slice(body).ok();
    let member = |name: &str| document.as_ref().and_then(|document| document.get(name));
    let code = match kind {
        NoticeKind::Feishu => member("code").or_else(|| member("StatusCode")),
        _ => member("errcode"),
    };
    let code = code.and_then(number);
    let words = ["errmsg", "msg", "StatusMessage"].into_iter().find_map(|name| member(name)?.as_str());
    match code {
        Some(0) if status.is_success() => Told::Delivered,
        Some(code) if code != 0 => {
            let reason = format!("{code} {}", words.map(bounded).unwrap_or_default()).trim_end().to_owned();
            match rest(kind, code) {
                Some(rest) => Told::Later { rest: retry_after.or(rest), reason },
                None if is_transient(status) => Told::Later { rest: retry_after, reason },
                None => Told::Refused { reason },
            }
        }
        // The wall in front of DingTalk, which says how many minutes it stands.
        _ if member("status").and_then(number) == Some(WALL_STATUS) => {
            let minutes = member("wait").and_then(number).and_then(|minutes| u32::try_from(minutes).ok());
            let rest = minutes.unwrap_or(WALL_MINUTES).clamp(1, MAX_WALL_MINUTES) * 60;
            Told::Later { rest: Some(rest), reason: format!("status {WALL_STATUS}: too many calls from this address") }
        }
        _ => {
            let reason = format!("status {}, and no code of a robot", status.as_u16());
            let is_refused = status.is_redirection() || status.is_client_error();
            if is_refused && !is_transient(status) {
                Told::Refused { reason }
            } else {
                Told::Later { rest: retry_after, reason }
            }
        }
    }
}

/// The rest after a code with which a platform asks for another attempt: `Some(None)` if its length is
/// not documented. `None`: the code is a refusal.
fn rest(kind: NoticeKind, code: i64) -> Option<Option<u32>> {
    match (kind, code) {
        (NoticeKind::Wecom | NoticeKind::Dingtalk, -1) | (NoticeKind::Wecom, 45033) => Some(None),
        (NoticeKind::Wecom, 45009) => Some(Some(WECOM_REST_SECONDS)),
        (NoticeKind::Dingtalk, 130_101 | 410_100) => Some(Some(DINGTALK_REST_SECONDS)),
        (NoticeKind::Feishu, 11232 | 99_991_400) => Some(Some(FEISHU_REST_SECONDS)),
        _ => None,
    }
}

/// Whether the server, and not the message, is at fault.
fn is_transient(status: StatusCode) -> bool {
    status.is_server_error() || matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT)
}

/// A whole number, or its digits as a text.
fn number(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.trim().parse().ok())
}

/// A platform's words: without the hint, which has the address of this machine, and bounded.
fn bounded(words: &str) -> String {
    let words = words.split(", hint:").next().unwrap_or_default().trim();
    words.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).take(MAX_WORDS).collect()
}

/// The `status` of DingTalk's wall against an address.
const WALL_STATUS: i64 = 1111;

/// How long the wall stands, if it does not say.
const WALL_MINUTES: u32 = 5;

/// Longest time for which the wall is believed.
const MAX_WALL_MINUTES: u32 = 60;

/// A block of WeCom's lasts about as long as its window.
const WECOM_REST_SECONDS: u32 = 60;

/// After too many messages in a minute, DingTalk takes none for ten.
pub(super) const DINGTALK_REST_SECONDS: u32 = 600;

/// The window of Feishu's limit.
const FEISHU_REST_SECONDS: u32 = 60;

/// Most characters of a platform's words.
const MAX_WORDS: usize = 200;

#[cfg(test)]
mod tests {
    use NoticeKind::{Dingtalk, Feishu, Wecom};
    use proptest::prelude::*;

    use super::*;

    fn told(kind: NoticeKind, status: u16, body: &str) -> Told {
        read(kind, StatusCode::from_u16(status).unwrap(), None, body.as_bytes())
    }

    fn later(rest: impl Into<Option<u32>>, reason: &str) -> Told {
        Told::Later { rest: rest.into(), reason: reason.to_owned() }
    }

    fn refused(reason: &str) -> Told {
        Told::Refused { reason: reason.to_owned() }
    }

    #[test]
    fn a_code_of_zero_is_delivered() {
        for (kind, body) in [
            (Wecom, r#"{"errcode":0,"errmsg":"ok"}"#),
            (Wecom, r#"{"errcode":"0","errmsg":"ok"}"#),
            (Dingtalk, r#"{"errcode":0,"errmsg":"ok"}"#),
            (Feishu, r#"{"code":0,"msg":"success","data":{},"StatusCode":0,"StatusMessage":"success"}"#),
            (Feishu, r#"{"Extra":null,"StatusCode":0,"StatusMessage":"success"}"#),
        ] {
            assert_eq!(told(kind, 200, body), Told::Delivered, "{body}");
            assert_ne!(told(kind, 500, body), Told::Delivered, "{body}");
        }
    }

    #[test]
    fn a_status_of_200_with_a_code_is_no_delivery() {
        for (kind, body, reason) in [
            (
                Wecom,
                r#"{"errcode":93000,"errmsg":"invalid webhook url, hint: [1700000000], from ip: 203.0.113.7, more"}"#,
                "93000 invalid webhook url",
            ),
            (Wecom, r#"{"errcode":"40058"}"#, "40058"),
            (Dingtalk, r#"{"errcode":300005,"errmsg":"token is not exist"}"#, "300005 token is not exist"),
            (Dingtalk, r#"{"errcode":310000,"errmsg":"sign not match"}"#, "310000 sign not match"),
            (
                Feishu,
                r#"{"code":19021,"msg":"sign match fail or timestamp is not within one hour from current time"}"#,
                "19021 sign match fail or timestamp is not within one hour from current time",
            ),
            (Feishu, r#"{"code":19001,"StatusCode":0}"#, "19001"),
        ] {
            assert_eq!(told(kind, 200, body), refused(reason), "{body}");
        }
    }

    #[test]
    fn only_documented_codes_are_retried() {
        for (kind, code, rest) in [
            (Wecom, -1, None),
            (Wecom, 45033, None),
            (Wecom, 45009, Some(60)),
            (Dingtalk, -1, None),
            (Dingtalk, 130_101, Some(600)),
            (Dingtalk, 410_100, Some(600)),
        ] {
            assert_eq!(told(kind, 200, &format!(r#"{{"errcode":{code}}}"#)), later(rest, &code.to_string()));
        }
        assert_eq!(
            told(Feishu, 200, r#"{"code":11232,"msg":"frequency limited psm[a]"}"#),
            later(60, "11232 frequency limited psm[a]")
        );
        assert_eq!(told(Feishu, 400, r#"{"code":99991400}"#), later(60, "99991400"));
        // The code of another platform is a refusal.
        assert_eq!(told(Dingtalk, 200, r#"{"errcode":45009}"#), refused("45009"));
        let asked = read(Feishu, StatusCode::TOO_MANY_REQUESTS, Some(7), br#"{"code":99991400}"#);
        assert_eq!(asked, later(7, "99991400"));
    }

    #[test]
    fn dingtalks_wall_has_no_code() {
        let wall =
            |wait: &str| told(Dingtalk, 200, &format!(r#"{{"status":1111,{wait}"source":"x5","punish":"deny"}}"#));
        let reason = "status 1111: too many calls from this address";
        assert_eq!(wall(r#""wait":5,"#), later(300, reason));
        assert_eq!(wall(""), later(300, reason));
        for (minutes, seconds) in [(0, 60), (60, 3600), (61, 3600), (-1, 300)] {
            assert_eq!(wall(&format!(r#""wait":{minutes},"#)), later(seconds, reason), "{minutes}");
        }
    }

    #[test]
    fn a_body_without_a_code_is_a_failure() {
        for body in
            ["", "<html>ok</html>", "[]", "0", r#"{"errcode":null}"#, r#"{"errcode":[0]}"#, r#"{"errcode":"ok"}"#]
        {
            assert_eq!(told(Wecom, 200, body), later(None, "status 200, and no code of a robot"), "{body}");
            assert_eq!(told(Wecom, 404, body), refused("status 404, and no code of a robot"), "{body}");
            assert_eq!(told(Wecom, 302, body), refused("status 302, and no code of a robot"), "{body}");
            for status in [408, 429, 500, 502] {
                assert!(matches!(told(Feishu, status, body), Told::Later { .. }), "{status} {body}");
            }
        }
    }

    #[test]
    fn a_platforms_words_are_bounded() {
        let of = |words: &str| told(Wecom, 200, &format!(r#"{{"errcode":1,"errmsg":"{words}"}}"#));
        assert_eq!(of(&"投".repeat(MAX_WORDS)), refused(&format!("1 {}", "投".repeat(MAX_WORDS))));
        assert_eq!(of(&"投".repeat(MAX_WORDS + 1)), refused(&format!("1 {}", "投".repeat(MAX_WORDS))));
        assert_eq!(of("a\\u001b[2Jb"), refused("1 a [2Jb"));
    }

    proptest! {
        /// Only a code of zero delivers, whatever a stranger responds with.
        #[test]
        fn any_response_is_read(
            kind in prop::sample::select(vec![Wecom, Dingtalk, Feishu]),
            status in 100_u16..600,
            body in prop_oneof![
                prop::collection::vec(any::<u8>(), 0..64),
                "(?s)\\{\"(errcode|code|StatusCode|status)\":\"?-?[0-9]{1,20}\"?(,\"errmsg\":\"[^\"\\\\]{0,20}\")?\\}".prop_map(String::into_bytes),
            ],
        ) {
            let told = read(kind, StatusCode::from_u16(status).unwrap(), None, &body);
            if told == Told::Delivered {
                prop_assert!((200..300).contains(&status));
                let document: Map<String, Value> = serde_json::from_slice(&body).unwrap();
                prop_assert!(document.values().any(|value| number(value) == Some(0)));
            }
        }
    }
}
