//! Messages of the platforms that could not be read, to be dealt with by hand.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use complaint_inbox::{ComplaintKey, Letter, Store};
use complaint_texts::Language;
use http::{StatusCode, Uri};

use super::foreign::Foreign;
use super::form::{Form, redirect};
use super::frame::{Frame, Section, show};
use super::reason::told;
use super::visitor::Visitor;
use crate::desk::{Desk, Query, Refusal, Segments, remove_letter, shown_letter};
use crate::moments::Moment;
use crate::url::complaint_path;

/// `GET /letters`
pub(super) async fn open<S: Store>(
    State(desk): State<Arc<Desk<S>>>,
    visitor: Visitor,
    uri: Uri,
) -> Result<Response, Refusal> {
    let query = Query::read(&uri, &["after"])?;
    let letters = desk.store().letters(query.after()?, ROWS).await?;
    let language = visitor.language();
    let next = letters.last().filter(|_| letters.len() == ROWS as usize);
    let next = next.map(|last| format!("/letters?after={}", last.number));
    let letters = letters.iter().map(|letter| LetterView::new(language, letter, None)).collect();
    let may_act = visitor.may_act();
    let frame = Frame::of(&visitor, Section::Letters, language.text("letter-heading"), &uri);
    Ok(show(StatusCode::OK, &Letters { frame, letters, next, may_act }))
}

/// `POST /letters/{number}/content`: one letter with its content.
pub(super) async fn content<S: Store>(
    State(desk): State<Arc<Desk<S>>>,
    Segments(number): Segments<String>,
    form: Form,
) -> Result<Response, Refusal> {
    form.visitor.require_act()?;
    let letter = shown_letter(&desk, &number, form.visitor.name()).await?;
    let language = form.visitor.language();
    let content = ContentView::new(language, letter.letter.content.expose());
    let letters = vec![LetterView::new(language, &letter, Some(content))];
    // Another language leads to the list: a look is asked for.
    let uri = Uri::from_static("/letters");
    let frame = Frame::of(&form.visitor, Section::Letters, language.text("letter-heading"), &uri);
    Ok(show(StatusCode::OK, &Letters { frame, letters, next: None, may_act: true }))
}

/// `POST /letters/{number}`: a person has dealt with it.
pub(super) async fn finish<S: Store>(
    State(desk): State<Arc<Desk<S>>>,
    Segments(number): Segments<String>,
    form: Form,
) -> Result<Response, Refusal> {
    form.visitor.require_act()?;
    remove_letter(&desk, &number, form.visitor.name()).await?;
    Ok(redirect("/letters"))
}

#[derive(Template)]
#[template(path = "letters.html")]
struct Letters {
    frame: Frame,
    letters: Vec<LetterView>,
    next: Option<String>,
    may_act: bool,
}

struct LetterView {
    number: i64,
    title: String,
    at: Moment,
    channel: String,
    merchant: Foreign,
    reason: Foreign,
    /// The number of the complaint, and its page.
    complaint: Option<(Foreign, String)>,
    size: String,
    /// `None` unless it was asked for.
    content: Option<ContentView>,
}

struct ContentView {
    is_binary: bool,
    text: Foreign,
    is_cut: bool,
}

impl LetterView {
    fn new(language: Language, letter: &Letter, content: Option<ContentView>) -> Self {
        let Letter { number, at, letter } = letter;
        let source = &letter.source;
        let complaint = letter.complaint_id.as_deref().map(|id| {
            let ComplaintKey { channel, merchant, id } = ComplaintKey::new(&*source.channel, &*source.merchant, id);
            (Foreign::new(language, &id), complaint_path(&channel, &merchant, &id))
        });
        Self {
            number: *number,
            title: language.text_with("letter-number", [("number", (*number).into())]),
            at: Moment::new(*at),
            channel: language.word("channel", &source.channel).into_owned(),
            merchant: Foreign::new(language, &source.merchant),
            reason: Foreign::new(language, &told(language, &letter.reason)),
            complaint,
            size: language.text_with("letter-content", [("bytes", letter.content.expose().len().into())]),
            content,
        }
    }
}

impl ContentView {
    fn new(language: Language, content: &[u8]) -> Self {
        let start = content.get(..MAX_SHOWN_BYTES).unwrap_or(content);
        let text = readable(start);
        Self {
            is_binary: text.is_none(),
            text: Foreign::new(language, &text.map_or_else(|| STANDARD.encode(start), str::to_owned)),
            is_cut: start.len() < content.len(),
        }
    }
}

/// The text that bytes are; `None` if they are none. A character that is cut at the end is left out.
fn readable(bytes: &[u8]) -> Option<&str> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => std::str::from_utf8(bytes.get(..error.valid_up_to())?).ok()?,
        Err(_) => return None,
    };
    (!text.contains('\0')).then_some(text)
}

/// Letters of a page.
const ROWS: u32 = 20;

/// Bytes of a letter that the page shows.
const MAX_SHOWN_BYTES: usize = 32 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    fn view(content: &[u8]) -> ContentView {
        ContentView::new(Language::English, content)
    }

    #[test]
    fn a_content_is_text_or_base64() {
        let letter = view("<b>投诉</b>".as_bytes());
        assert_eq!((letter.is_binary, letter.is_cut), (false, false));
        assert!(letter.text.to_string().contains("&#60;b&#62;投诉&#60;/b&#62;"));
        for binary in [&b"\xff\xfe"[..], b"a\0b"] {
            let letter = view(binary);
            assert!(letter.is_binary);
            assert!(letter.text.to_string().contains(&STANDARD.encode(binary)));
        }
    }

    #[test]
    fn a_long_content_is_cut() {
        let letter = |bytes: usize| view("投".repeat(bytes).as_bytes().get(..bytes).unwrap());
        assert!(!letter(MAX_SHOWN_BYTES).is_cut);
        let long = letter(MAX_SHOWN_BYTES + 1);
        assert!(long.is_cut && !long.is_binary);
        assert_eq!(long.text.to_string().matches('投').count(), MAX_SHOWN_BYTES / 3);
    }
}
