//! Asking for acts, and how they stand.

use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use complaint_channels::LiveChannels;
use complaint_inbox::{AbortPoint, ActRecord, Ask, Asked, ComplaintKey, Deed, Store, StoreError};
use http::{HeaderMap, HeaderValue, Request, StatusCode, header};
use protocol_core::channel::Act;

use super::Desk;
use super::bounds::{BODY_TIMEOUT, MAX_IDEMPOTENCY_KEY, MAX_REQUEST_BODY};
use super::documents::{ActDocument, json_response};
use super::query::Segments;
use super::refusal::Refusal;
use crate::engine::account_of;
use crate::tokens::Bearer;

/// `POST /api/complaints/{channel}/{merchant}/{id}/acts`
pub(crate) async fn ask<S: Store>(
    State(desk): State<Arc<Desk<S>>>,
    path: Segments<(String, String, String)>,
    Extension(bearer): Extension<Bearer>,
    request: Request<Body>,
) -> Result<Response, Refusal> {
    if !bearer.may_act() {
        return Err(Refusal::MayNotAct);
    }
    let (head, body) = request.into_parts();
    let idempotency_key = idempotency_key(&head.headers)?;
    let seen = seen(&head.headers)?;
    let body = desk.bodies.collect(body, MAX_REQUEST_BODY, BODY_TIMEOUT).await.map_err(Refusal::Body)?;
    let act: Act = serde_json::from_slice(&body).map_err(|error| no_act(&error))?;
    drop(body);
    let complaint: ComplaintKey = path.into();
    let Some(seen) = seen else {
        // A request that is repeated gets its act, whatever else is wrong with it.
        let same = desk.store.act(&idempotency_key).await?;
        let same = same.filter(|record| record.ask.complaint == complaint && record.ask.act == act);
        return same.map(|record| accepted(&record)).ok_or(Refusal::NotSeen);
    };
    if !desk.has_account(&complaint) && desk.store.act(&idempotency_key).await?.is_none() {
        return Err(Refusal::NoAccount);
    }
    let ask = Ask { key: idempotency_key, complaint, act, seen, by: bearer.name().to_owned() };
    match desk.ask(ask).await? {
        Asked::New(record) | Asked::Same(record) => Ok(accepted(&record)),
        Asked::OtherContent => Err(Refusal::OtherContent),
        Asked::InHand { key } => Err(Refusal::InHand { act: key }),
        Asked::Stale { version } => Err(Refusal::Stale { version }),
        Asked::UnknownComplaint => Err(Refusal::NotFound("complaint")),
    }
}

/// `GET /api/acts/{key}`
pub(crate) async fn one<S: Store>(
    State(desk): State<Arc<Desk<S>>>,
    Segments(key): Segments<String>,
) -> Result<Response, Refusal> {
    let record = desk.store.act(&key).await?.ok_or(Refusal::NotFound("act"))?;
    Ok(json_response(StatusCode::OK, &ActDocument::new(&record)))
}

impl<S: Store> Desk<S> {
    /// Whether the configuration has the account that would carry out an act, as far as this desk knows
    /// it.
    pub(crate) fn has_account(&self, complaint: &ComplaintKey) -> bool {
        let has = |live: &LiveChannels| account_of(&live.current(), &complaint.source()).is_some();
        self.channels.as_ref().is_none_or(has)
    }

    /// Takes a request for an act, and wakes those who carry it out.
    pub(crate) async fn ask(&self, ask: Ask) -> Result<Asked, StoreError> {
        let asked = self.store.ask(ask).await?;
        AbortPoint::ActAsked.reach();
        if let Asked::New(record) = &asked {
            self.work.ring();
            let mut deed = Deed::new(&*record.ask.by, "act-asked").about(record.ask.complaint.clone());
            deed.detail = Some(record.ask.act.kind().as_str().to_owned());
            // The act itself has its asker and its time: it stands without the journal, too.
            drop(self.store.note(deed).await);
        }
        Ok(asked)
    }
}

fn accepted(record: &ActRecord) -> Response {
    let mut response = json_response(StatusCode::ACCEPTED, &ActDocument::new(record));
    if let Ok(place) = HeaderValue::try_from(format!("/api/acts/{}", record.ask.key)) {
        response.headers_mut().insert(header::LOCATION, place);
    }
    response
}

/// The asker's key. It stands in addresses, so it has no character that is escaped there.
fn idempotency_key(headers: &HeaderMap) -> Result<String, Refusal> {
    let key = single(headers, IDEMPOTENCY_KEY)?.filter(|key| is_idempotency_key(key));
    key.map(str::to_owned).ok_or_else(|| {
        Refusal::malformed(
            "send the header Idempotency-Key, one for each act: 1 to 128 letters, digits or characters of -._~:, such as a UUID",
        )
    })
}

/// Whether a text has the form of an asker's key.
pub(crate) fn is_idempotency_key(key: &str) -> bool {
    (1..=MAX_IDEMPOTENCY_KEY).contains(&key.len())
        && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b':'))
}

/// The number of the last event that the asker saw; `None` if there is no `If-Match`.
fn seen(headers: &HeaderMap) -> Result<Option<i64>, Refusal> {
    let Some(text) = single(headers, header::IF_MATCH.as_str())? else { return Ok(None) };
    let digits = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    let digits = digits.filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
    let seen = digits.and_then(|digits| digits.parse().ok());
    seen.map(Some).ok_or_else(|| Refusal::malformed("If-Match is the complaint's version in quotes, such as \"7\""))
}

/// A header that stands once at most.
fn single<'h>(headers: &'h HeaderMap, name: &str) -> Result<Option<&'h str>, Refusal> {
    let mut values = headers.get_all(name).iter();
    let first = values.next().map(|value| value.to_str().unwrap_or_default());
    if values.next().is_some() {
        return Err(Refusal::malformed(format!("the header {name} stands twice; send it once")));
    }
    Ok(first)
}

/// The reason why a body is no act. The parser's own words may quote a person's.
fn no_act(error: &serde_json::Error) -> Refusal {
    Refusal::malformed(format!(
        "line {}, column {}: the body is one act, such as {{\"reply\":{{\"text\":\"…\"}}}} or {{\"complete\":{{}}}}, without \
         other members; the API's document lists them",
        error.line(),
        error.column()
    ))
}

const IDEMPOTENCY_KEY: &str = "idempotency-key";
