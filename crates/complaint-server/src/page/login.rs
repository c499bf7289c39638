//! Log-in, by password or by the one-time link, and log-out.
//!
//! The forms before a session have no token: a request is only taken with this page's own `Origin`,
//! which each browser sends with a form, and which no other page can name. A token would need a
//! session for each stranger.

use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use complaint_inbox::{ComplaintKey, Deed, Store};
use complaint_texts::Language;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, Uri, header};

use super::cookie::is_https;
use super::draft::Draft;
use super::failures::Attempt;
use super::form::{Fields, Form, local, redirect};
use super::frame::{Frame, show};
use super::language::language_of;
use super::sessions;
use super::users::User;
use super::visitor::{Visitor, here, page_of};
use crate::desk::{Desk, Query, Refusal};

/// `GET /login`
pub(super) async fn ask<S: Store>(
    State(desk): State<Arc<Desk<S>>>,
    request: Request<Body>,
) -> Result<Response, Refusal> {
    let (parts, _) = request.into_parts();
    let query = Query::read(&parts.uri, &["to"])?;
    let to = local(query.text("to").unwrap_or_default());
    if Visitor::known(&desk, &parts).await?.is_some() {
        return Ok(redirect(to));
    }
    let page = LogIn::new(&desk, language_of(&parts.headers), to, None);
    Ok(show(StatusCode::OK, &page))
}

/// `POST /login`
pub(super) async fn enter<S: Store>(
    State(desk): State<Arc<Desk<S>>>,
    request: Request<Body>,
) -> Result<Response, Refusal> {
    let (parts, body) = request.into_parts();
    let fields = Fields::read(&desk, Request::from_parts(parts.clone(), body)).await?;
    let (name, to) = (fields.text("name").trim(), local(fields.text("to")));
    let language = language_of(&parts.headers);
    let attempt = Attempt::new(name, &parts.headers, &parts.extensions);
    let draft = Draft::of_log_in(&fields);
    let mut page = LogIn::new(&desk, language, to, draft.as_ref());
    if let Err(seconds) = desk.page().failures.attempt(&attempt, desk.clock().now()) {
        page.problem = Some(match seconds {
            ..60 => language.text_with("login-wait-seconds", [("seconds", seconds.into())]),
            _ => language.text_with("login-wait", [("minutes", seconds.div_ceil(60).into())]),
        });
        let mut response = show(StatusCode::TOO_MANY_REQUESTS, &page);
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        return Ok(response);
    }
    let user = desk.page().users.find(name);
    let hash = user.as_ref().map(|user| user.stamp.clone());
    let is_right = desk.page().verifier.is_right(fields.text("password").to_owned(), hash).await;
    match user {
        Some(user) if is_right => {
            desk.page().failures.succeeded(&attempt);
            opened(&desk, user, &parts.headers, to, draft).await
        }
        user => {
            // A name that is unknown may be a password in the wrong field.
            if let Some(user) = user {
                desk.store().note(Deed::new(user.name, "log-in-failed")).await?;
            }
            page.problem = Some(language.text("login-wrong"));
            Ok(show(StatusCode::FORBIDDEN, &page))
        }
    }
}

/// `GET /enter`: the one-time link. It is used up by the form alone: programs that look at links in
/// messages do not send forms.
pub(super) async fn ask_by_link(uri: Uri, headers: HeaderMap) -> Result<Response, Refusal> {
    let query = Query::read(&uri, &["token"])?;
    let language = language_of(&headers);
    let frame = Frame::outside(language, language.text("login-title"), here(&uri));
    let token = query.text("token").unwrap_or_default().to_owned();
    Ok(show(StatusCode::OK, &ByLink { frame, token }))
}

/// `POST /enter`
pub(super) async fn enter_by_link<S: Store>(
    State(desk): State<Arc<Desk<S>>>,
    request: Request<Body>,
) -> Result<Response, Refusal> {
    let headers = request.headers().clone();
    let fields = Fields::read(&desk, request).await?;
    let user = desk.page().setup_user().ok_or(Refusal::UsedLink)?;
    if !desk.page().link.take(fields.text("token"), desk.clock().now()) {
        return Err(Refusal::UsedLink);
    }
    opened(&desk, user, &headers, "/", None).await
}

/// `POST /logout`
pub(super) async fn leave<S: Store>(
    State(desk): State<Arc<Desk<S>>>,
    Form { visitor }: Form,
) -> Result<Response, Refusal> {
    desk.store().close_session(visitor.session()).await?;
    desk.store().note(Deed::new(visitor.name(), "log-out")).await?;
    let mut response = redirect("/login");
    response.headers_mut().extend(sessions::forgotten().map(|cookie| (Some(header::SET_COOKIE), cookie)));
    Ok(response)
}

/// Opens a session, and leads on: to an address, or to the form that was sent before the log-in.
async fn opened<S: Store>(
    desk: &Desk<S>,
    user: User,
    headers: &HeaderMap,
    to: &str,
    draft: Option<Draft>,
) -> Result<Response, Refusal> {
    let (ticket, cookie) = sessions::open(desk, &user, is_https(headers)).await?;
    desk.store().note(Deed::new(&user.name, "log-in")).await?;
    let record = match &draft {
        Some(draft) => desk.store().complaint(&draft.complaint).await?,
        None => None,
    };
    let visitor = Visitor::new(user, &ticket, language_of(headers));
    let mut response = match draft.zip(record) {
        Some((draft, record)) if visitor.may_act() => draft.draw(desk, &visitor, &record),
        _ => redirect(to),
    };
    response.headers_mut().append(header::SET_COOKIE, cookie);
    Ok(response)
}

/// Sends a person to the log-in, which leads back.
pub(super) fn lead(parts: &Parts) -> Response {
    let to: String = form_urlencoded::byte_serialize(page_of(parts).as_bytes()).collect();
    redirect(&format!("/login?to={to}"))
}

/// The log-in for one who has sent a form about a complaint. It keeps what was typed.
pub(super) async fn keep<S: Store>(desk: &Desk<S>, complaint: ComplaintKey, parts: Parts, body: Body) -> Response {
    let (language, to, led) = (language_of(&parts.headers), page_of(&parts).to_owned(), lead(&parts));
    match Draft::read(complaint, Request::from_parts(parts, body)).await {
        Some(draft) => show(StatusCode::FORBIDDEN, &LogIn::new(desk, language, &to, Some(&draft))),
        None => led,
    }
}

/// Whether a link of another site led here. Its request has no cookie, since ours are `SameSite=Strict`,
/// though the person may be logged in.
pub(super) fn came_by_a_link(parts: &Parts) -> bool {
    parts.method == Method::GET && parts.headers.get("sec-fetch-site").is_some_and(|site| site == "cross-site")
}

/// A page that asks for the same address once more: that request comes from here, with the cookies.
pub(super) fn arrive(parts: &Parts) -> Response {
    let (language, here) = (language_of(&parts.headers), here(&parts.uri));
    let frame = Frame::outside(language, language.text("page-title"), here);
    show(StatusCode::OK, &Arrival { frame })
}

#[derive(Template)]
#[template(path = "login.html")]
struct LogIn {
    frame: Frame,
    to: String,
    has_users: bool,
    problem: Option<String>,
    /// Names and values of the fields of a form that was not sent.
    kept: Vec<(String, String)>,
}

impl LogIn {
    fn new<S: Store>(desk: &Desk<S>, language: Language, to: &str, draft: Option<&Draft>) -> Self {
        let frame = Frame::outside(language, language.text("login-title"), "/login");
        let (has_users, problem) = (!desk.page().users.is_empty(), draft.map(|_| language.text("login-kept")));
        let kept = draft.map(Draft::hidden).unwrap_or_default();
        Self { frame, to: to.to_owned(), has_users, problem, kept }
    }
}

#[derive(Template)]
#[template(path = "link.html")]
struct ByLink {
    frame: Frame,
    token: String,
}

#[derive(Template)]
#[template(path = "arrival.html")]
struct Arrival {
    frame: Frame,
}
