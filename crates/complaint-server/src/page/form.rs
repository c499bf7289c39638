//! Forms: read within bounds, and accepted from this page alone.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::FromRequest;
use axum::response::{IntoResponse as _, Response};
use complaint_inbox::Store;
use http::{HeaderMap, HeaderValue, Request, StatusCode, header};

use super::visitor::Visitor;
use crate::desk::{BODY_TIMEOUT, Desk, MAX_REQUEST_BODY, Refusal};

/// A form of a person who is logged in, from a page that this server drew for the same session.
pub(crate) struct Form {
    pub(crate) visitor: Visitor,
}

impl<S: Store> FromRequest<Arc<Desk<S>>> for Form {
    type Rejection = Response;

    async fn from_request(request: Request<Body>, desk: &Arc<Desk<S>>) -> Result<Self, Response> {
        let (parts, body) = request.into_parts();
        let visitor = Visitor::of(desk, &parts).await?;
        let fields =
            Fields::read(desk, Request::from_parts(parts, body)).await.map_err(|refusal| refusal.into_response())?;
        visitor.check_token(fields.text(TOKEN_FIELD)).map_err(|refusal| refusal.into_response())?;
        Ok(Self { visitor })
    }
}

/// The fields of a form. An absent one is empty.
pub(crate) struct Fields(BTreeMap<String, String>);

impl Fields {
    /// Reads the body of a `POST` that a page of this server sent.
    pub(crate) async fn read<S: Store>(desk: &Desk<S>, request: Request<Body>) -> Result<Self, Refusal> {
        require_origin(request.headers())?;
        let body = desk.bodies().collect(request.into_body(), MAX_REQUEST_BODY, BODY_TIMEOUT).await;
        let body = body.map_err(Refusal::Body)?;
        let mut fields = BTreeMap::new();
        for (name, value) in form_urlencoded::parse(&body) {
            if fields.insert(name.into_owned(), value.into_owned()).is_some() {
                return Err(Refusal::malformed("a field of the form stands twice; send it once"));
            }
        }
        Ok(Self(fields))
    }

    /// The text of a field; empty if it is absent.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }
}

/// Refuses a `POST` without `Origin`. Browsers send it with each one, and a foreign one was refused
/// before.
pub(crate) fn require_origin(headers: &HeaderMap) -> Result<(), Refusal> {
    if headers.contains_key(header::ORIGIN) { Ok(()) } else { Err(Refusal::NoOrigin) }
}

/// Sends the browser to another address of this page, by `GET`.
pub(crate) fn redirect(to: &str) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    let place = HeaderValue::try_from(to).unwrap_or(HeaderValue::from_static("/"));
    response.headers_mut().insert(header::LOCATION, place);
    response
}

/// An address of this page; the list, if the text is none. A text from outside leads to no other
/// site.
pub(crate) fn local(to: &str) -> &str {
    let is_local =
        to.starts_with('/') && !to.starts_with("//") && to.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if is_local { to } else { "/" }
}

/// The field with the session's token.
pub(crate) const TOKEN_FIELD: &str = "token";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_stays_on_this_site() {
        for to in ["/", "/complaints/wechat-pay/1/2", "/?open=true&q=%E4%BD%A0"] {
            assert_eq!(local(to), to);
        }
        for to in ["", "//evil.example", "/\\evil.example", "https://evil.example", "evil", "/\t/evil.example", "/你"]
        {
            assert_eq!(local(to), "/", "{to}");
        }
    }
}
