//! A refusal as a page.

use askama::Template;
use axum::body::Body;
use axum::middleware::Next;
use axum::response::Response;
use complaint_texts::Language;
use http::{Request, header};

use super::frame::{Frame, show};
use super::language::language_of;
use crate::desk::Reason;

/// Draws what a handler refused, in the language of the browser. Handlers return the API's
/// [`Refusal`](crate::desk::Refusal).
pub(super) async fn draw(request: Request<Body>, next: Next) -> Response {
    let language = language_of(request.headers());
    let refused = next.run(request).await;
    let Some(reason) = refused.extensions().get::<Reason>().copied() else { return refused };
    let mut response = show(refused.status(), &Problem::new(language, reason.0));
    if let Some(wait) = refused.headers().get(header::RETRY_AFTER) {
        response.headers_mut().insert(header::RETRY_AFTER, wait.clone());
    }
    response.extensions_mut().insert(reason);
    response
}

#[derive(Template)]
#[template(path = "problem.html")]
struct Problem {
    frame: Frame,
    words: String,
    back: String,
}

impl Problem {
    fn new(language: Language, code: &str) -> Self {
        let words = language.known_word("problem", code).unwrap_or_else(|| language.text("problem-other"));
        let back = language.text("problem-back");
        Self { frame: Frame::outside(language, language.text("problem-title"), "/"), words, back }
    }
}
