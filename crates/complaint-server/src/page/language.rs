//! The language of the page: Chinese, or English by choice.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use complaint_inbox::Store;
use complaint_texts::Language;
use http::{HeaderMap, Request, header};

use super::cookie::{cookie, is_https, set_cookie};
use super::form::{Fields, local, redirect};
use crate::desk::{Desk, Refusal};

/// The language that a browser has chosen. Default: Chinese.
pub(super) fn language_of(headers: &HeaderMap) -> Language {
    cookie(headers, COOKIE).and_then(Language::from_code).unwrap_or_default()
}

/// `POST /language`: keeps the choice in a cookie. It changes nothing else, so it needs no session.
pub(super) async fn choose<S: Store>(
    State(desk): State<Arc<Desk<S>>>,
    request: Request<Body>,
) -> Result<Response, Refusal> {
    let is_https = is_https(request.headers());
    let fields = Fields::read(&desk, request).await?;
    let language = Language::from_code(fields.text("language")).unwrap_or_default();
    let mut response = redirect(local(fields.text("to")));
    if let Some(cookie) = set_cookie(COOKIE, language.code(), YEAR, is_https) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

const COOKIE: &str = "language";
const YEAR: u32 = 365 * 86_400;
