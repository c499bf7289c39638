//! A refusal as a page.

use askama::Template;
use axum::body::Body;
use axum::middleware::Next;
use axum::response::Response;
use complaint_texts::Language;
use http::Request;

use super::frame::{Frame, bound, show};
use super::language::language_of;
use crate::desk::{Reason, accepts};

/// Draws a refusal for a browser, in its language. Programs get the API's
/// [`Refusal`](crate::desk::Refusal), which handlers return.
pub(crate) async fn draw(request: Request<Body>, next: Next) -> Response {
    let language = language_of(request.headers());
    let is_page = accepts(request.headers(), "text/html") && !is_of_api(request.uri().path());
    let refused = next.run(request).await;
    let Some(Reason(code)) = refused.extensions().get().copied().filter(|_| is_page) else { return refused };
    let page = show(refused.status(), &Problem::new(language, code));
    let (mut head, (page, body)) = (refused.into_parts().0, page.into_parts());
    head.headers.extend(page.headers);
    let mut response = Response::from_parts(head, body);
    bound(&mut response);
    response
}

fn is_of_api(path: &str) -> bool {
    path == "/metrics" || path == "/api" || path.starts_with("/api/")
}

#[derive(Template)]
#[template(path = "problem.html")]
struct Problem {
    frame: Frame,
    words: String,
    /// The words of the way back, if there is one under this name of the server.
    back: Option<String>,
}

impl Problem {
    fn new(language: Language, code: &str) -> Self {
        let words = language.known_word("problem", code).unwrap_or_else(|| language.text("problem-other"));
        let back = (code != "unknown-host").then(|| language.text("problem-back"));
        Self { frame: Frame::outside(language, language.text("problem-title"), "/"), words, back }
    }
}
