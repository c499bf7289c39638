//! Letters: messages that were the platform's and could not be read.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use complaint_inbox::Store;
use http::{StatusCode, Uri};
use serde::Serialize;

use super::Desk;
use super::documents::{LetterDocument, json_response};
use super::query::{Query, Segments};
use super::refusal::Refusal;
use crate::tokens::Bearer;

/// `GET /api/letters`
pub(crate) async fn list<S: Store>(State(desk): State<Arc<Desk<S>>>, uri: Uri) -> Result<Response, Refusal> {
    let query = Query::read(&uri, &["after", "limit"])?;
    let letters = desk.store.letters(query.after()?, query.limit()?).await?;
    let letters = letters.iter().map(LetterDocument::new).collect();
    Ok(json_response(StatusCode::OK, &List { letters }))
}

#[derive(Serialize)]
struct List<'r> {
    letters: Vec<LetterDocument<'r>>,
}

/// `DELETE /api/letters/{number}`
pub(crate) async fn remove<S: Store>(
    State(desk): State<Arc<Desk<S>>>,
    Segments(number): Segments<String>,
    Extension(bearer): Extension<Bearer>,
) -> Result<Response, Refusal> {
    if !bearer.may_act() {
        return Err(Refusal::MayNotAct);
    }
    let Ok(number) = number.parse() else { return Err(Refusal::NotFound("letter")) };
    if desk.store.remove_letter(number).await? {
        Ok(StatusCode::NO_CONTENT.into_response())
    } else {
        Err(Refusal::NotFound("letter"))
    }
}
