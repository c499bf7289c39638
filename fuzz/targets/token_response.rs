//! The response to a request for an access token, and the same bytes as every channel's refusal. A
//! token is one that a query can hold, as any other reader has it there; whatever is told of a
//! refusal is bounded and quotes no value.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use protocol_core::limits::{MAX_REFUSAL_CAUSES, MAX_REFUSAL_ISSUE, MAX_REFUSAL_NAME};
use protocol_core::mini_program::{
    GetOrderDetail, GetStableToken, MAX_ACCESS_TOKEN, Operation, Response, ResponseError,
};
use protocol_core::wechat_pay::{ApiError, Cause};
use protocol_core::{Delivery, Secret};
use serde_json::Value;

static TOKEN: LazyLock<GetStableToken> =
    LazyLock::new(|| GetStableToken::new("wxba5fad812f8e6fb9", Secret::new(b"c0ffee".to_vec())));

/// A detail's text is short and moves no cursor.
fn bounded(causes: &[Cause]) {
    assert!(causes.len() <= MAX_REFUSAL_CAUSES);
    let fits = |text: &str, most: usize| text.chars().count() <= most && !text.chars().any(char::is_control);
    for cause in causes {
        assert!(cause.field.as_deref().is_none_or(|field| fits(field, MAX_REFUSAL_NAME)));
        assert!(cause.location.as_deref().is_none_or(|place| fits(place, MAX_REFUSAL_NAME)));
        assert!(cause.issue.as_ref().is_none_or(|issue| fits(issue.expose(), MAX_REFUSAL_ISSUE)));
    }
}

fn refused(error: &ResponseError) {
    fuzz::quiet(error);
    assert!(error.rid().is_none_or(|rid| rid.len() <= 256 && rid.is_ascii()));
    // Both methods agree on what the platform did.
    assert!(!error.is_token_error() || error.code().is_some());
    assert!(error.failure().delivery != Delivery::NotSent);
}

fuzz_target!(|bytes: &[u8]| {
    for status in [200, 401, 500] {
        match fuzz::within(512, bytes.len(), || TOKEN.receive(Response::new(status, bytes))) {
            Ok(issued) => {
                let issued = issued.trust_anyway();
                let token = issued.access_token.expose();
                assert!(
                    (1..=MAX_ACCESS_TOKEN).contains(&token.len()) && token.bytes().all(|byte| byte.is_ascii_graphic())
                );
                // A mark of bytes before the document is passed over here, and half a character is
                // mended.
                if let Ok(Value::Object(members)) = serde_json::from_slice::<Value>(bytes) {
                    let named = &members["access_token"];
                    assert!(named.as_str().map_or_else(|| named.to_string(), str::to_owned) == token);
                    assert!(members.get("errcode").is_none_or(|code| matches!(code.as_str(), Some("" | "0"))
                        || code.is_null()
                        || code.as_f64() == Some(0.0)
                        || code.as_str().is_some_and(|code| code.trim().is_empty() || code.trim() == "0")));
                }
                assert!(!format!("{issued:?}").contains(token) || token.len() < 16);
            }
            Err(error) => refused(&error),
        }
        let detail = || GetOrderDetail::new("1").receive(Response::new(status, bytes));
        if let Err(error) = fuzz::within(512, bytes.len(), detail) {
            refused(&error);
        }
    }
    if let Some(error) = fuzz::within(512, bytes.len(), || ApiError::decode(bytes))
        && let Some(detail) = &error.detail
    {
        bounded(&fuzz::within(512, bytes.len(), || detail.causes()));
    }
});
