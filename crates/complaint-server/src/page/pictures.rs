//! The pictures of a complaint: each from this server, never from where it came.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use complaint_inbox::{ComplaintRecord, PictureRecord, PictureState, Store};
use complaint_texts::Language;
use http::{HeaderMap, Uri};

use super::foreign::Foreign;
use super::reason::told;
use super::visitor::Visitor;
use crate::desk::{Desk, Refusal, Segments, picture};
use crate::engine::places_of_entries;
use crate::url::complaint_path;

/// A picture on the page.
pub(crate) struct PictureView {
    /// Its address, if it is kept.
    pub(crate) href: Option<String>,
    /// Its name; or the reason why it is not there.
    pub(crate) words: Foreign,
    /// The words of the link to it.
    pub(crate) open: String,
}

/// The pictures of a complaint, told apart by where they are shown.
pub(crate) struct Pictures<'r> {
    language: Language,
    record: &'r ComplaintRecord,
    /// The places of each entry's.
    of_entries: HashMap<String, Vec<String>>,
}

impl<'r> Pictures<'r> {
    pub(crate) fn new(language: Language, record: &'r ComplaintRecord) -> Self {
        let document = record.document.as_ref().map_or("", |document| document.expose());
        Self { language, record, of_entries: places_of_entries(document, &record.entries) }
    }

    /// Those of an entry of the history.
    pub(crate) fn of_entry(&self, id: &str) -> Vec<PictureView> {
        let places = self.of_entries.get(id).map_or(&[][..], Vec::as_slice);
        views(self.language, self.record, |picture| places.contains(&picture.place))
    }

    /// Those of the payer's complaint, and those that no entry shows.
    pub(crate) fn of_complaint(&self) -> Vec<PictureView> {
        let is_shown = |place: &String| self.of_entries.values().any(|places| places.contains(place));
        views(self.language, self.record, |picture| picture.place.starts_with(PAYERS) || !is_shown(&picture.place))
    }
}

fn views(language: Language, record: &ComplaintRecord, is_meant: impl Fn(&PictureRecord) -> bool) -> Vec<PictureView> {
    let key = &record.summary.key;
    let path = complaint_path(&key.channel, &key.merchant, &key.id);
    let view = |picture: &PictureRecord| {
        let number = [("number", picture.number.into())];
        let words = match picture.state {
            PictureState::Kept => language.text_with("picture-one", number.clone()),
            PictureState::GivenUp => {
                let reason = picture.reason.as_ref().map_or_else(String::new, |reason| told(language, reason));
                let values = [("number", picture.number.into()), ("reason", reason.into())];
                language.text_with("picture-given-up", values)
            }
            _ => language.text_with("picture-wanted", number.clone()),
        };
        PictureView {
            href: (picture.state == PictureState::Kept).then(|| format!("{path}/pictures/{}", picture.number)),
            words: Foreign::new(language, &words),
            open: language.text_with("picture-large", number),
        }
    };
    record.pictures.iter().filter(|picture| is_meant(picture)).map(view).collect()
}

/// `GET /complaints/{channel}/{merchant}/{id}/pictures/{number}`
pub(super) async fn one<S: Store>(
    State(desk): State<Arc<Desk<S>>>,
    _: Visitor,
    path: Segments<(String, String, String, String)>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    picture(&desk, path, &uri, &headers).await
}

/// The places of the pictures that a payer filed a complaint with, on WeChat Pay.
const PAYERS: &str = "USER_COMPLAINT_IMAGE ";
