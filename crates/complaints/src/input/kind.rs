//! The kind of a document, by its members: a refusal is not an empty page, nor a complaint a list.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use protocol_core::wechat_pay::ApiError;
use serde_json::value::RawValue;

use crate::error::{Code, Error};

/// The kind of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A refusal, with its code and words.
    Refusal(String),
    Complaint,
    ComplaintPage,
    HistoryEntry,
    History,
    Certificates,
    Notification,
    Push,
    /// A response of Allinpay's.
    Allinpay,
    /// A list outside of a page.
    List,
    /// A gateway's page.
    Html,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Refusal(words) => return write!(f, "a refusal: {words}"),
            Self::Complaint => "one complaint; `complaints decode complaint` reads it",
            Self::ComplaintPage => "a page of complaints; `complaints decode complaint-page` reads it",
            Self::HistoryEntry => "one entry of a history; give the page that has it under `data`",
            Self::History => "a page of a history; `complaints decode history` reads it",
            Self::Certificates => "a list of certificates; `complaints open wechat-pay-certificates` opens it",
            Self::Notification => "a notification of WeChat Pay; `complaints open wechat-pay` opens it",
            Self::Push => "a message pushed to a Mini Program; `complaints decode push` reads it",
            Self::Allinpay => "a response of Allinpay's; `complaints open allinpay` opens it",
            Self::List => "a list; give the page that has it under `data`",
            Self::Html => "HTML, as gateways and proxies write it",
        })
    }
}

type Members<'j> = BTreeMap<String, &'j RawValue>;

impl Kind {
    /// The kind of a document. `None` if it is unclear, or cannot be read.
    pub(crate) fn of(bytes: &[u8]) -> Option<Self> {
        let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes).trim_ascii_start();
        let begins =
            |start: &str| bytes.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start.as_bytes()));
        match bytes.first()? {
            b'<' if begins("<!doctype html") || begins("<html") => Some(Self::Html),
            b'<' if begins("<xml") => Some(Self::Push),
            b'[' => Self::refusal_in(bytes)
                .or_else(|| serde_json::from_slice::<Vec<&RawValue>>(bytes).ok().map(|_| Self::List)),
            b'"' => Self::refusal_in(bytes),
            b'{' => match serde_json::from_slice(bytes) {
                Ok(members) => {
                    Self::of_object(&members).or_else(|| Self::refusal_in(bytes)).or_else(|| Self::unclear(members))
                }
                Err(_) => Self::refusal_in(bytes),
            },
            _ => None,
        }
    }

    /// The refusal that the core finds in a document, list or string, or among control characters.
    fn refusal_in(bytes: &[u8]) -> Option<Self> {
        let error = ApiError::decode(bytes).filter(|error| !is_success(error.code.as_str()))?;
        Some(Self::refusal(error.code.as_str(), error.message.map(|words| words.expose().clone())))
    }

    /// A refusal with an unreadable code, or behind a code of success.
    fn unclear(mut members: Members<'_>) -> Option<Self> {
        if let Some(success) = members.get("success")
            && ["false", "0", "\"false\"", "\"0\""].contains(&success.get())
        {
            return Some(Self::Refusal("`success` is false".to_owned()));
        }
        for name in ["code", "errcode"] {
            let is_odd = |json: &str| {
                json.starts_with('t') || json.starts_with('f') || json.len() > 2 && json.starts_with(['{', '['])
            };
            if members.get(name).is_some_and(|value| is_odd(value.get())) {
                return Some(Self::Refusal(format!("its `{name}` cannot be read")));
            }
        }
        members.remove("code")?;
        Self::refusal_in(&serde_json::to_vec(&members).ok()?)
    }

    fn of_object(members: &Members<'_>) -> Option<Self> {
        let has = |name: &str| members.contains_key(name);
        if let Some(kind) = rows_of_data(members).iter().find_map(Self::of_row) {
            return Some(kind);
        }
        if has("complaint_id") && !has("Event") {
            return Some(if has("log_id") { Self::HistoryEntry } else { Self::Complaint });
        }
        let retcode = text(members, "retcode");
        if let Some(code) = retcode.as_deref().filter(|code| *code != "SUCCESS") {
            return Some(Self::refusal(code, text(members, "retmsg")));
        }
        // A page may have members of any name beside its list.
        if has("data") || has("total_count") {
            return None;
        }
        if has("Event") || has("MsgType") || has("Encrypt") {
            return Some(Self::Push);
        }
        if retcode.is_some() {
            return Some(Self::Allinpay);
        }
        if has("event_type") || has("resource") {
            return Some(Self::Notification);
        }
        (has("log_id") || has("operate_type")).then_some(Self::HistoryEntry)
    }

    /// The kind of a list, by one of its rows.
    fn of_row(row: &Members<'_>) -> Option<Self> {
        let has = |name: &str| row.contains_key(name);
        match () {
            () if has("encrypt_certificate") => Some(Self::Certificates),
            () if has("log_id") => Some(Self::History),
            () if has("complaint_id") => Some(Self::ComplaintPage),
            () if has("operate_type") => Some(Self::History),
            () => None,
        }
    }

    fn refusal(code: &str, words: Option<String>) -> Self {
        /// Longest code and words that are shown, in characters.
        const MAX_CODE: usize = 64;
        const MAX_WORDS: usize = 300;

        let code: String = code.chars().take(MAX_CODE).collect();
        let words: Option<String> = words.map(|words| words.chars().take(MAX_WORDS).collect());
        Self::Refusal(words.map_or(code.clone(), |words| format!("{code}: {words}")))
    }

    /// Refuses a document of another kind. Decode it first: a document with the expected content is
    /// of that kind, whatever its other members.
    pub(crate) fn expect(bytes: &[u8], wanted: &Self, name: &str) -> Result<(), Error> {
        match Self::of(bytes) {
            Some(kind) if kind != *wanted => Err(kind.instead_of(name)),
            _ => Ok(()),
        }
    }

    /// The error of a document of another kind.
    pub(crate) fn instead_of(&self, name: &str) -> Error {
        let code = if matches!(self, Self::Refusal(_)) { Code::Rejected } else { Code::Malformed };
        Error::new(code, format_args!("the document is not {name}: it is {self}"))
    }
}

/// A member's text, or the source of a number.
fn text(members: &Members<'_>, name: &str) -> Option<String> {
    let json = members.get(name)?.get();
    match json.as_bytes().first()? {
        b'"' => serde_json::from_str(json).ok(),
        b'-' | b'0'..=b'9' => Some(json.to_owned()),
        _ => None,
    }
}

/// The members of each row under `data`, which may be one object or a list.
fn rows_of_data<'j>(members: &Members<'j>) -> Vec<Members<'j>> {
    let data = members.get("data").map_or("", |data| data.get());
    if data.starts_with('{') {
        return serde_json::from_str(data).ok().into_iter().collect();
    }
    let list: Vec<&RawValue> = serde_json::from_str(data).unwrap_or_default();
    list.iter().filter_map(|row| serde_json::from_str(row.get()).ok()).collect()
}

/// Whether a code is empty or says success.
fn is_success(code: &str) -> bool {
    let code = code.trim();
    code.is_empty()
        || code == "10000"
        || ["SUCCESS", "OK"].iter().any(|word| code.eq_ignore_ascii_case(word))
        || code.starts_with('0') && code.parse() == Ok(0.0)
}

/// Whether a document is empty.
pub(crate) fn is_blank(bytes: &[u8]) -> bool {
    bytes
        .strip_prefix("\u{feff}".as_bytes())
        .unwrap_or(bytes)
        .iter()
        .all(|byte| byte.is_ascii_whitespace() || *byte == 0)
}

/// Refuses an empty document.
pub(crate) fn check_blank(bytes: &[u8], path: &Path) -> Result<(), Error> {
    if !is_blank(bytes) {
        return Ok(());
    }
    let name = if path == Path::new("-") { "standard input".to_owned() } else { path.display().to_string() };
    Err(Error::new(Code::Malformed, format_args!("{name} is empty: it holds no document")))
}

/// Adds the body's kind to an error, if that says more.
pub(crate) fn told<T>(opened: Result<T, Error>, body: &[u8]) -> Result<T, Error> {
    opened.map_err(|error| match Kind::of(body) {
        _ if is_blank(body) => error.and("the body is empty"),
        Some(kind @ (Kind::Refusal(_) | Kind::Html)) if error.code == Code::Malformed => {
            error.and(format_args!("it is {kind}"))
        }
        _ => error,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_says_what_it_is() {
        for (text, kind) in [
            (r#"{"code":"PARAM_ERROR","message":"参数错误"}"#, Kind::Refusal("PARAM_ERROR: 参数错误".to_owned())),
            ("\u{feff}\n {\"code\":\"NO_AUTH\"}", Kind::Refusal("NO_AUTH".to_owned())),
            (r#"{"code":40001,"message":"x","detail":{"data":1}}"#, Kind::Refusal("40001: x".to_owned())),
            (r#"{"errcode":-1,"errmsg":"system error"}"#, Kind::Refusal("-1: system error".to_owned())),
            (r#"{"data":[],"code":"NO_AUTH"}"#, Kind::Refusal("NO_AUTH".to_owned())),
            (r#"{"data":null,"errcode":"-1","Event":"x"}"#, Kind::Refusal("-1".to_owned())),
            (r#"{"total_count":0,"code":"NO_AUTH","resource":{}}"#, Kind::Refusal("NO_AUTH".to_owned())),
            ("{\"code\":\"NO_AUTH\",\"message\":\"a\nb\"}", Kind::Refusal("NO_AUTH: a\nb".to_owned())),
            (r#"[{"code":"NO_AUTH","message":"x"}]"#, Kind::Refusal("NO_AUTH: x".to_owned())),
            (r#""{\"code\":\"NO_AUTH\"}""#, Kind::Refusal("NO_AUTH".to_owned())),
            (
                r#"{"alipay_x_query_response":{"code":"40006","msg":"x"},"sign":"y"}"#,
                Kind::Refusal("40006: x".to_owned()),
            ),
            (r#"{"code":"SUCCESS","errcode":40001,"errmsg":"x"}"#, Kind::Refusal("40001: x".to_owned())),
            (r#"{"data":[],"success":false}"#, Kind::Refusal("`success` is false".to_owned())),
            (r#"{"data":[],"code":{"a":1}}"#, Kind::Refusal("its `code` cannot be read".to_owned())),
            (r#"{"retcode":"FAIL","retmsg":"商户不存在"}"#, Kind::Refusal("FAIL: 商户不存在".to_owned())),
            (r#"{"data":[],"retcode":"FAIL"}"#, Kind::Refusal("FAIL".to_owned())),
            (r#"{"retcode":"SUCCESS","records":""}"#, Kind::Allinpay),
            (r#"{"complaint_id":"1","code":"x"}"#, Kind::Complaint),
            (r#"{"data":[{"complaint_id":"1"}]}"#, Kind::ComplaintPage),
            (r#"{"data":{"complaint_id":"1"},"offset":0}"#, Kind::ComplaintPage),
            (r#"{"data":[{},{"complaint_id":"1","operate_type":"x"}],"Event":"x"}"#, Kind::ComplaintPage),
            (r#"{"data":[{"complaint_id":"1"}],"resource":{},"code":"X"}"#, Kind::ComplaintPage),
            (r#"{"complaint_id":"1","operate_type":"x","resource":{}}"#, Kind::Complaint),
            (r#"{"data":[null,{"log_id":"1"}]}"#, Kind::History),
            (r#"{"log_id":"1","operate_type":"x"}"#, Kind::HistoryEntry),
            (r#"{"data":[{"serial_no":"1","encrypt_certificate":{}}]}"#, Kind::Certificates),
            (r#"{"id":"1","event_type":"x","resource":{}}"#, Kind::Notification),
            (r#"{"Event":"complaint_callback","complaint_id":"1"}"#, Kind::Push),
            ("<xml><a/></xml>", Kind::Push),
            ("<!DOCTYPE html><p>502", Kind::Html),
            ("[]", Kind::List),
        ] {
            assert_eq!(Kind::of(text.as_bytes()), Some(kind), "{text}");
        }
        for text in [
            "",
            "{}",
            "{",
            "null",
            r#"{"data":[]}"#,
            r#"{"data":[],"Event":"x","resource":{},"event_type":"x"}"#,
            r#"{"total_count":0}"#,
            r#"{"code":"OK","total_count":0}"#,
            r#"{"code":"SUCCESS"}"#,
            r#"{"code":"success","errcode":0}"#,
            r#"{"code":10000,"data":[]}"#,
            r#"{"code":null,"errcode":"0"}"#,
            r#"{"code":{},"errcode":[],"success":true}"#,
            r#"{"alipay_x_query_response":{"code":"10000","msg":"Success"}}"#,
            r#"{"errcode":0}"#,
        ] {
            assert_eq!(Kind::of(text.as_bytes()), None, "{text}");
        }
    }
}
