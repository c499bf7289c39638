//! Who looks at the page.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::response::{IntoResponse as _, Response};
use complaint_inbox::Store;
use complaint_texts::Language;
use http::request::Parts;
use http::{Method, Uri};
use http_transport::Proof;
use subtle::ConstantTimeEq as _;

use super::language::language_of;
use super::login;
use super::sessions::{self, Ticket};
use super::users::User;
use crate::desk::{Desk, Refusal};
use crate::tokens::May;

/// A person who is logged in. As an extractor it sends everybody else to the log-in.
#[derive(Clone)]
pub(crate) struct Visitor {
    name: String,
    may: May,
    language: Language,
    token: String,
    digest: [u8; 32],
}

impl Visitor {
    /// The visitor of a request; the response for everybody else.
    pub(crate) async fn of<S: Store>(desk: &Desk<S>, parts: &Parts) -> Result<Self, Response> {
        match Self::known(desk, parts).await {
            Ok(Some(visitor)) => Ok(visitor),
            Ok(None) if login::came_by_a_link(parts) => Err(login::arrive(parts)),
            Ok(None) => Err(login::lead(parts)),
            Err(refusal) => Err(refusal.into_response()),
        }
    }

    /// The visitor of a request; `None` without an open session.
    pub(super) async fn known<S: Store>(desk: &Desk<S>, parts: &Parts) -> Result<Option<Self>, Refusal> {
        let Some(ticket) = Ticket::of(&parts.headers) else { return Ok(None) };
        let Some(user) = desk.page().user(ticket.name()) else { return Ok(None) };
        let digest = ticket.digest(&user);
        // A script that looks for news is no use of the session.
        let is_script = parts.headers.contains_key("x-live") || parts.uri.path() == "/live";
        let is_open = if is_script {
            sessions::is_open_still(desk, &ticket).await
        } else {
            sessions::is_open(desk, &digest, &user).await?
        };
        if !is_open {
            return Ok(None);
        }
        // Its connection is not closed for a stranger's.
        Proof::mark(&parts.extensions);
        Ok(Some(Self::new(user, &ticket, language_of(&parts.headers))))
    }

    /// The visitor of an open session.
    pub(super) fn new(user: User, ticket: &Ticket, language: Language) -> Self {
        let (token, digest) = (ticket.form_token(), ticket.digest(&user));
        Self { name: user.name, may: user.may, language, token, digest }
    }

    /// The name of the user.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Whether the user may act.
    pub(crate) fn may_act(&self) -> bool {
        self.may == May::Act
    }

    /// Refuses a user who may only read.
    pub(crate) fn require_act(&self) -> Result<(), Refusal> {
        if self.may_act() { Ok(()) } else { Err(Refusal::MayNotAct) }
    }

    /// The language that the browser has chosen.
    pub(crate) const fn language(&self) -> Language {
        self.language
    }

    /// The token of the session, for the field [`TOKEN_FIELD`](super::form::TOKEN_FIELD) of each form.
    pub(crate) fn token(&self) -> &str {
        &self.token
    }

    /// Refuses a form that another page made. The time that it takes does not depend on the token.
    pub(crate) fn check_token(&self, token: &str) -> Result<(), Refusal> {
        if bool::from(self.token.as_bytes().ct_eq(token.as_bytes())) { Ok(()) } else { Err(Refusal::StaleForm) }
    }

    /// The digest of the session.
    pub(super) const fn session(&self) -> &[u8; 32] {
        &self.digest
    }
}

impl<S: Store> FromRequestParts<Arc<Desk<S>>> for Visitor {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, desk: &Arc<Desk<S>>) -> Result<Self, Response> {
        Self::of(desk, parts).await
    }
}

/// Path and query of the page that a request is for, or was sent from.
pub(super) fn page_of(parts: &Parts) -> &str {
    if parts.method != Method::POST {
        return here(&parts.uri);
    }
    // A form stands on the page above its own address.
    let page = parts.uri.path().rsplit_once('/').map_or("", |(page, _)| page);
    if page.is_empty() { "/" } else { page }
}

/// Path and query of a request.
pub(super) fn here(uri: &Uri) -> &str {
    uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str)
}
