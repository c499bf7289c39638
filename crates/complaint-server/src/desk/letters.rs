//! Letters: messages that were the platform's and could not be read. Their content is personal: one who
//! may act is shown it, and each time is recorded.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use complaint_inbox::{Deed, Letter, Store};
use http::{StatusCode, Uri};
use serde::Serialize;

use super::Desk;
use super::documents::{LetterDocument, LetterRow, json_response};
use super::query::{Query, Segments};
use super::refusal::Refusal;
use crate::tokens::Bearer;

/// `GET /api/letters`
pub(crate) async fn list<S: Store>(State(desk): State<Arc<Desk<S>>>, uri: Uri) -> Result<Response, Refusal> {
    let query = Query::read(&uri, &["after", "limit"])?;
    let letters = desk.store.letters(query.after()?, query.limit()?).await?;
    let letters = letters.iter().map(LetterRow::new).collect();
    Ok(json_response(StatusCode::OK, &List { letters }))
}

#[derive(Serialize)]
struct List<'r> {
    letters: Vec<LetterRow<'r>>,
}

/// `POST /api/letters/{number}/content`
pub(crate) async fn show<S: Store>(
    State(desk): State<Arc<Desk<S>>>,
    Segments(number): Segments<String>,
    Extension(bearer): Extension<Bearer>,
) -> Result<Response, Refusal> {
    if !bearer.may_act() {
        return Err(Refusal::MayNotAct);
    }
    let letter = shown_letter(&desk, &number, bearer.name()).await?;
    Ok(json_response(StatusCode::OK, &LetterDocument::new(&letter)))
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
    remove_letter(&desk, &number, bearer.name()).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// A letter, whole, for one who may act; the look is on record.
pub(crate) async fn shown_letter<S: Store>(desk: &Desk<S>, number: &str, by: &str) -> Result<Letter, Refusal> {
    let number: i64 = number.parse().map_err(|_| NONE)?;
    let letter = desk.store.letters(number.saturating_sub(1), 1).await?.pop();
    let letter = letter.filter(|letter| letter.number == number).ok_or(NONE)?;
    // It is shown only if that is on record.
    desk.store.note(Deed::new(by, LETTER_SHOWN).with_detail(number.to_string())).await?;
    Ok(letter)
}

/// Removes a letter that one who may act has dealt with.
pub(crate) async fn remove_letter<S: Store>(desk: &Desk<S>, number: &str, by: &str) -> Result<(), Refusal> {
    let number = number.parse().map_err(|_| NONE)?;
    if desk.store.remove_letter(number, by).await? { Ok(()) } else { Err(NONE) }
}

const NONE: Refusal = Refusal::NotFound("letter");

/// The word in the journal for a look at a letter's content. The detail is its number.
const LETTER_SHOWN: &str = "letter-shown";
