//! The journal: who did what, and when.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use complaint_inbox::{DeedRecord, Store};
use complaint_texts::Language;
use http::{StatusCode, Uri};

use super::foreign::Foreign;
use super::frame::{Frame, Section, show};
use super::visitor::Visitor;
use crate::desk::{Desk, Query, Refusal};
use crate::moments::Moment;
use crate::url::complaint_path;

/// `GET /journal`
pub(super) async fn open<S: Store>(
    State(desk): State<Arc<Desk<S>>>,
    visitor: Visitor,
    uri: Uri,
) -> Result<Response, Refusal> {
    let query = Query::read(&uri, &["before"])?;
    let deeds = desk.store().deeds(query.number("before", 1..=i64::MAX)?, ROWS).await?;
    let language = visitor.language();
    let next = deeds.last().filter(|_| deeds.len() == ROWS as usize);
    let next = next.map(|last| format!("/journal?before={}", last.number));
    let deeds = deeds.iter().map(|deed| DeedView::new(language, deed)).collect();
    let frame = Frame::of(&visitor, Section::Journal, language.text("journal-heading"), &uri);
    Ok(show(StatusCode::OK, &Journal { frame, deeds, next }))
}

#[derive(Template)]
#[template(path = "journal.html")]
struct Journal {
    frame: Frame,
    deeds: Vec<DeedView>,
    next: Option<String>,
}

struct DeedView {
    at: Moment,
    who: Foreign,
    what: Foreign,
    /// The number of the complaint, and its page.
    complaint: Option<(Foreign, String)>,
    detail: Option<Foreign>,
}

impl DeedView {
    fn new(language: Language, record: &DeedRecord) -> Self {
        let deed = &record.deed;
        let complaint = deed.complaint.as_ref();
        let complaint = complaint
            .map(|key| (Foreign::new(language, &key.id), complaint_path(&key.channel, &key.merchant, &key.id)));
        // The detail of an act is its kind.
        let detail = deed.detail.as_deref().map(|detail| language.word("act", detail));
        Self {
            at: Moment::new(record.at),
            who: Foreign::new(language, &deed.user),
            what: Foreign::new(language, &language.word("deed", &deed.word)),
            complaint,
            detail: Foreign::of(language, detail.as_deref()),
        }
    }
}

/// Deeds of a page.
const ROWS: u32 = 50;

#[cfg(test)]
mod tests {
    use complaint_inbox::Deed;

    use super::*;

    #[test]
    fn each_deed_has_words() {
        let words = ["log-in", "log-in-failed", "log-out", "act-asked", "letter-done", "export", Deed::PHONE_SHOWN];
        for (language, word) in Language::ALL.into_iter().flat_map(|language| words.map(|word| (language, word))) {
            assert!(language.known_word("deed", word).is_some(), "{language} {word}");
        }
    }
}
