//! The page of one complaint: sheet, history, acts and forms.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use complaint_inbox::{ComplaintKey, ComplaintRecord, Store};
use complaint_texts::Language;
use http::{StatusCode, Uri};

use super::asked::AskedView;
use super::case::Case;
use super::due::{self, DueLine};
use super::foreign::{Foreign, visible};
use super::form::Form;
use super::form_view::FormView;
use super::frame::{Frame, Section, show};
use super::merchants::Merchants;
use super::pictures::{PictureView, Pictures};
use super::possible::{FormKind, possible};
use super::sheet::Sheet;
use super::timeline::{self, EntryView};
use super::upload_form::UploadForm;
use super::visitor::{Visitor, here};
use crate::desk::{Desk, Query, Refusal, Segments, shown_phone};
use crate::moments::china_time;
use crate::url::complaint_path;

/// `GET /complaints/{channel}/{merchant}/{id}`
pub(super) async fn open<S: Store>(
    State(desk): State<Arc<Desk<S>>>,
    visitor: Visitor,
    path: Segments<(String, String, String)>,
    uri: Uri,
) -> Result<Response, Refusal> {
    let query = Query::read(&uri, &["template", "act", "again"])?;
    let record = record(&desk, &path.into()).await?;
    let language = visitor.language();
    let act = query.text("act").filter(|key| record.acts.iter().any(|act| act.ask.key == **key));
    let drawing = Drawing {
        notice: act.map(|_| match query.text("again") {
            Some(_) => language.text("notice-again"),
            None => language.text("notice-asked"),
        }),
        act: act.map(str::to_owned),
        template: query.text("template").map(str::to_owned),
        here: Some(here(&uri).to_owned()),
        ..Drawing::default()
    };
    Ok(drawing.draw(StatusCode::OK, &desk, &visitor, &record))
}

/// `POST /complaints/{channel}/{merchant}/{id}/phone`: the page with the telephone number in clear.
pub(super) async fn phone<S: Store>(
    State(desk): State<Arc<Desk<S>>>,
    path: Segments<(String, String, String)>,
    form: Form,
) -> Result<Response, Refusal> {
    form.visitor.require_act()?;
    let key: ComplaintKey = path.into();
    let phone = shown_phone(&desk, &key, form.visitor.name()).await?;
    let record = record(&desk, &key).await?;
    let drawing = Drawing { phone: Some(phone.into_exposed()), ..Drawing::default() };
    Ok(drawing.draw(StatusCode::OK, &desk, &form.visitor, &record))
}

/// A complaint; a refusal if the inbox has none of this key.
pub(super) async fn record<S: Store>(desk: &Desk<S>, key: &ComplaintKey) -> Result<ComplaintRecord, Refusal> {
    desk.store().complaint(key).await?.ok_or(Refusal::NotFound("complaint"))
}

/// What differs between two looks at one complaint.
#[derive(Default)]
pub(super) struct Drawing<'f> {
    /// A sentence above everything.
    pub(super) notice: Option<String>,
    /// The key of the act that the notice is about.
    pub(super) act: Option<String>,
    /// A form that was not sent: what was filled in, and what is wrong with it.
    pub(super) filled: Option<(FormKind, &'f UploadForm, Vec<String>)>,
    /// Entries that the sender of that form had seen.
    pub(super) seen: Option<usize>,
    /// The template of a reply to begin with.
    pub(super) template: Option<String>,
    /// The telephone number in clear.
    pub(super) phone: Option<String>,
    /// Path and query of the page; `None` if a form led to it.
    pub(super) here: Option<String>,
}

impl Drawing<'_> {
    pub(super) fn draw<S: Store>(
        self,
        status: StatusCode,
        desk: &Desk<S>,
        visitor: &Visitor,
        record: &ComplaintRecord,
    ) -> Response {
        let (language, now) = (visitor.language(), desk.clock().now());
        let key = &record.summary.key;
        let path = complaint_path(&key.channel, &key.merchant, &key.id);
        // Isolated: the number is the platform's.
        let title = language.text_with("complaint-title", [("id", format!("\u{2068}{}\u{2069}", key.id).into())]);
        // Another language leads to this page, also from a form that was not sent.
        let here = self.here.as_deref().unwrap_or(&path).parse().unwrap_or_default();
        let frame = Frame::of(visitor, Section::Complaints, title, &here);
        let (case, pictures) = (Case::of(record), Pictures::new(language, record));
        let mut kinds = possible(&key.channel, &case, record.summary.is_closed);
        // What was typed stays, though the complaint takes it no longer.
        let filled = self.filled.as_ref().map(|(kind, ..)| *kind);
        kinds.splice(0..0, filled.filter(|kind| !kinds.contains(kind)));
        let replies = desk.page().replies();
        let template = |name: &str| {
            let text = replies.text(name, |placeholder| case.value(placeholder, record)).unwrap_or_default();
            let is_chosen = self.template.as_deref() == Some(name);
            ReplyTemplate { name: name.to_owned(), text: visible(&text), is_chosen }
        };
        let templates: Vec<ReplyTemplate> = replies.names().iter().map(|name| template(name)).collect();
        let text = templates.iter().find(|template| template.is_chosen).map(|template| &template.text);
        let form = |(place, kind): (usize, &FormKind)| {
            let filled = self.filled.as_ref().filter(|(filled, ..)| filled == kind);
            let mut form = FormView::new(language, &key.channel, &case, *kind, filled.map(|(_, fields, _)| *fields));
            form.wrong = filled.map(|(_, _, wrong)| wrong.clone()).unwrap_or_default();
            form.is_open = filled.is_some() || (self.filled.is_none() && place == 0);
            if let (Some(text), Some(field), true) = (text, form.texts.first_mut(), form.has_templates) {
                field.value.clone_from(text);
            }
            form
        };
        let forms: Vec<FormView> =
            if visitor.may_act() { kinds.iter().enumerate().map(form).collect() } else { Vec::new() };
        let page = Page {
            brief: brief(language, record, &case),
            templates,
            sheet: Sheet::new(language, record, &case, &Merchants::of(desk, language)),
            due: due::lines(language, &record.summary, now),
            phone: PhoneView::new(language, record, &case, self.phone.as_deref(), visitor.may_act()),
            pictures: pictures.of_complaint(),
            no_entries: language.text(match case {
                Case::Alipay(_) => "timeline-no-history",
                _ => "timeline-empty",
            }),
            shown_entries: record.entries.len(),
            entries: timeline::entries(language, record, &pictures, self.seen),
            asked: record.acts.iter().rev().map(|act| AskedView::new(language, act)).collect(),
            no_forms: no_forms(language, visitor, &case),
            forms,
            version: record.summary.version,
            shown_act: record
                .acts
                .iter()
                .find(|act| self.act.as_ref() == Some(&act.ask.key))
                .map(|act| AskedView::new(language, act)),
            notice: self.notice,
            path,
            frame,
        };
        show(status, &page)
    }
}

#[derive(Template)]
#[template(path = "complaint.html")]
struct Page {
    frame: Frame,
    path: String,
    notice: Option<String>,
    shown_act: Option<AskedView>,
    brief: Option<Foreign>,
    sheet: Sheet,
    due: Vec<DueLine>,
    phone: PhoneView,
    pictures: Vec<PictureView>,
    no_entries: String,
    shown_entries: usize,
    entries: Vec<EntryView>,
    asked: Vec<AskedView>,
    no_forms: String,
    forms: Vec<FormView>,
    templates: Vec<ReplyTemplate>,
    version: i64,
}

/// A template of a reply, filled in for the complaint.
struct ReplyTemplate {
    name: String,
    text: String,
    is_chosen: bool,
}

/// The payer's telephone number, as far as it is shown.
struct PhoneView {
    /// `None` if it is hidden.
    words: Option<Foreign>,
    /// It is the number itself, which this page alone shows.
    is_clear: bool,
    may_ask: bool,
    looks: Option<Foreign>,
}

impl PhoneView {
    fn new(language: Language, record: &ComplaintRecord, case: &Case, clear: Option<&str>, may_act: bool) -> Self {
        let none = language.text("sheet-phone-none");
        let words = match (clear, case.has_phone()) {
            (Some(clear), _) => Some(clear),
            (None, true) => None,
            (None, false) => Some(&*none),
        };
        let looks = &record.phone_looks;
        let looks = looks.latest.first().map(|last| {
            let values =
                [("times", looks.times.into()), ("by", last.by.as_str().into()), ("time", china_time(last.at).into())];
            Foreign::new(language, &language.text_with("sheet-phone-looks", values))
        });
        let may_ask = may_act && words.is_none();
        Self { words: words.map(|words| Foreign::new(language, words)), is_clear: clear.is_some(), may_ask, looks }
    }
}

/// The amount and the order, for a narrow screen, on which the sheet is far below.
fn brief(language: Language, record: &ComplaintRecord, case: &Case) -> Option<Foreign> {
    let values = ["amount", "order"].map(|name| case.value(name, record));
    let values: Vec<String> = values.into_iter().flatten().collect();
    Foreign::of(language, Some(&values.join(" · ")))
}

/// The reason why there is no form.
fn no_forms(language: Language, visitor: &Visitor, case: &Case) -> String {
    language.text(match case {
        _ if !visitor.may_act() => "act-read-only",
        Case::Unread => "act-unread",
        _ => "act-nothing",
    })
}
