//! The style, the script and the icon, from the binary.

use axum::body::Body;
use axum::response::Response;
use http::{HeaderValue, header};

/// `GET /page.css`
pub(super) async fn style() -> Response {
    asset("text/css; charset=utf-8", concat!(include_str!("assets/page.css"), include_str!("assets/complaint.css")))
}

/// `GET /page.js`
pub(super) async fn script() -> Response {
    asset(
        "text/javascript; charset=utf-8",
        concat!(include_str!("assets/page.js"), include_str!("assets/complaint.js")),
    )
}

/// `GET /page.svg`
pub(super) async fn icon() -> Response {
    asset("image/svg+xml", include_str!("assets/page.svg"))
}

fn asset(kind: &'static str, text: &'static str) -> Response {
    let mut response = Response::new(Body::from(text));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}
