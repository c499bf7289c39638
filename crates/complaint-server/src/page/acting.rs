//! Asking for an act by a form: once, whatever is clicked twice, and never past what the payer wrote.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use complaint_inbox::{ActRecord, Ask, Asked, ComplaintKey, ComplaintRecord, Store};
use complaint_texts::Language;
use http::{Request, StatusCode};

use super::act_form::{act, images, max_pictures};
use super::case::Case;
use super::complaint::{Drawing, record};
use super::draft::not_sent;
use super::form::{TOKEN_FIELD, redirect};
use super::login;
use super::possible::{FormKind, possible};
use super::upload_form::UploadForm;
use super::uploading::{check, upload};
use super::visitor::Visitor;
use super::wrong::Wrong;
use crate::desk::{Desk, Refusal, Segments, is_idempotency_key};
use crate::moments::china_time;
use crate::url::complaint_path;

/// `POST /complaints/{channel}/{merchant}/{id}/acts`
pub(super) async fn ask<S: Store>(
    State(desk): State<Arc<Desk<S>>>,
    path: Segments<(String, String, String)>,
    request: Request<Body>,
) -> Result<Response, Refusal> {
    let complaint: ComplaintKey = path.into();
    let (parts, body) = request.into_parts();
    let Some(visitor) = Visitor::known(&desk, &parts).await? else {
        return Ok(login::keep(&desk, complaint, parts, body).await);
    };
    visitor.require_act()?;
    let fields = UploadForm::read(&desk, Request::from_parts(parts, body)).await?;
    let sent = Sent::of(&fields)?;
    let before = record(&desk, &complaint).await?;
    if visitor.check_token(fields.text(TOKEN_FIELD)).is_err() {
        let had_pictures = !fields.pictures.is_empty();
        return Ok(not_sent(StatusCode::FORBIDDEN, &desk, &visitor, &before, &fields, had_pictures));
    }
    let path = complaint_path(&complaint.channel, &complaint.merchant, &complaint.id);
    let place = |more: &str| redirect(&format!("{path}?act={key}{more}#act-{key}", key = sent.key));
    let problem = match send(&desk, &visitor, &sent, &before).await {
        Ok(Outcome::New) => return Ok(place("")),
        Ok(Outcome::Again) => return Ok(place("&again=1")),
        Err(problem) => problem,
    };
    // What the payer did meanwhile is shown, and the words that were typed stay.
    let after = record(&desk, &complaint).await?;
    let language = visitor.language();
    let mut wrong = Vec::new();
    let mut drawing = Drawing::default();
    let status = match &problem {
        Problem::Wrong(fault) => {
            wrong.push(fault.words(language));
            if fault.is_of_upload() { StatusCode::BAD_GATEWAY } else { StatusCode::UNPROCESSABLE_ENTITY }
        }
        Problem::Stale => {
            drawing.notice = Some(language.text("notice-stale"));
            drawing.seen = Some(sent.entries);
            StatusCode::PRECONDITION_FAILED
        }
        Problem::InHand(record) => {
            drawing.notice = Some(in_hand(language, record.as_deref()));
            drawing.act = record.as_ref().map(|record| record.ask.key.clone());
            StatusCode::CONFLICT
        }
        Problem::OtherContent => {
            drawing.notice = Some(language.text("notice-other-content"));
            drawing.act = Some(sent.key.to_owned());
            StatusCode::CONFLICT
        }
        Problem::Store => {
            drawing.notice = Some(language.text("notice-failed"));
            StatusCode::SERVICE_UNAVAILABLE
        }
        Problem::Refused(refusal) => return Err(refusal.clone()),
    };
    drawing.filled = Some((sent.form, &fields, wrong));
    Ok(drawing.draw(status, &desk, &visitor, &after))
}

/// A form, as far as each has the same fields.
struct Sent<'f> {
    form: FormKind,
    key: &'f str,
    /// The number of the last event of the page that had the form.
    seen: i64,
    /// The number of entries of that page.
    entries: usize,
    fields: &'f UploadForm,
}

impl<'f> Sent<'f> {
    fn of(fields: &'f UploadForm) -> Result<Self, Refusal> {
        let key = fields.text("key");
        let form = FormKind::from_name(fields.text("form")).filter(|_| is_idempotency_key(key));
        let numbers = fields.text("seen").parse().ok().zip(fields.text("entries").parse().ok());
        let whole = form.zip(numbers).map(|(form, (seen, entries))| Self { form, key, seen, entries, fields });
        whole.ok_or_else(|| Refusal::malformed("the form is not whole; load the page again"))
    }

    fn act(&self, channel: &str, images: Vec<String>) -> Result<protocol_core::channel::Act, Wrong> {
        act(channel, self.form, self.fields, images)
    }

    /// Whether an act is what this form asks for. Pictures have other ids each time they are sent.
    fn is(&self, complaint: &ComplaintKey, record: &ActRecord) -> bool {
        let images = images(&record.ask.act);
        record.ask.complaint == *complaint
            && images.len() == self.fields.pictures.len()
            && self.act(&complaint.channel, images.to_vec()).is_ok_and(|act| act == record.ask.act)
    }
}

/// The act was asked for: now, or by the same form before.
enum Outcome {
    New,
    Again,
}

/// The reason why nothing was asked for.
enum Problem {
    Wrong(Wrong),
    /// The payer has done something since.
    Stale,
    /// Another act of the kind has not ended.
    InHand(Option<Box<ActRecord>>),
    /// The same form was sent with other content.
    OtherContent,
    /// The store.
    Store,
    Refused(Refusal),
}

impl From<Wrong> for Problem {
    fn from(wrong: Wrong) -> Self {
        Self::Wrong(wrong)
    }
}

async fn send<S: Store>(
    desk: &Desk<S>,
    visitor: &Visitor,
    sent: &Sent<'_>,
    before: &ComplaintRecord,
) -> Result<Outcome, Problem> {
    let complaint = &before.summary.key;
    // A form that is sent again gets its act, whatever else has changed.
    if let Some(record) = desk.store().act(sent.key).await.map_err(|_| Problem::Store)? {
        return if sent.is(complaint, &record) { Ok(Outcome::Again) } else { Err(Problem::OtherContent) };
    }
    if !possible(&complaint.channel, &Case::of(before), before.summary.is_closed).contains(&sent.form) {
        return Err(Wrong::NotPossible.into());
    }
    if !desk.has_account(complaint) {
        return Err(Wrong::NoAccount.into());
    }
    let pictures = &sent.fields.pictures;
    check(&complaint.channel, max_pictures(sent.form), pictures)?;
    // Its words are checked before its pictures are sent.
    sent.act(&complaint.channel, vec![String::new(); pictures.len()])?;
    let ids = upload(desk.channels().as_deref(), &complaint.source(), pictures).await?;
    let act = sent.act(&complaint.channel, ids)?;
    let (key, by) = (sent.key.to_owned(), visitor.name().to_owned());
    let ask = Ask { key, complaint: complaint.clone(), act, seen: sent.seen, by };
    match desk.ask(ask).await.map_err(|_| Problem::Store)? {
        Asked::New(_) => Ok(Outcome::New),
        Asked::Same(_) => Ok(Outcome::Again),
        // Two clicks at once sent the same pictures twice.
        Asked::OtherContent => match desk.store().act(sent.key).await {
            Ok(Some(record)) if sent.is(complaint, &record) => Ok(Outcome::Again),
            _ => Err(Problem::OtherContent),
        },
        Asked::InHand { key } => {
            let record = desk.store().act(&key).await.ok().flatten();
            Err(Problem::InHand(record.map(Box::new)))
        }
        Asked::Stale { .. } => Err(Problem::Stale),
        Asked::UnknownComplaint => Err(Problem::Refused(Refusal::NotFound("complaint"))),
    }
}

/// Who asked for the act in hand, and when.
fn in_hand(language: Language, record: Option<&ActRecord>) -> String {
    let by = record.map_or("?", |record| &*record.ask.by);
    let time = record.map_or_else(String::new, |record| china_time(record.asked_at));
    language.text_with("notice-in-hand", [("by", by.into()), ("time", time.into())])
}
