//! A form that was sent after its session had ended: what was typed waits on the log-in page, and is
//! filled in again after the log-in. It is never sent by itself.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::response::Response;
use complaint_inbox::{ComplaintKey, ComplaintRecord, Store};
use http::{Request, StatusCode};
use tokio::time::timeout;

use super::complaint::Drawing;
use super::form::Fields;
use super::possible::FormKind;
use super::upload_form::{UPLOAD_FORM_TIMEOUT, UploadForm, parts_of};
use super::visitor::Visitor;
use crate::desk::Desk;

/// The words of a form, and the complaint that they are about.
pub(super) struct Draft {
    pub(super) complaint: ComplaintKey,
    fields: UploadForm,
}

impl Draft {
    /// Reads a form, and past its pictures; `None` if it is no form of this page, or longer than what a
    /// platform takes. A stranger may have sent it: it takes little memory, whatever is sent.
    pub(super) async fn read(complaint: ComplaintKey, request: Request<Body>) -> Option<Self> {
        let mut parts = parts_of(request)?;
        let reading = async {
            let (mut fields, mut length) = (BTreeMap::new(), 0);
            while let Some(mut part) = parts.next_field().await.ok()? {
                let name = KEPT.into_iter().find(|name| part.name() == Some(*name));
                let name = if part.file_name().is_some() { None } else { name };
                let (mut content, mut is_empty) = (Vec::new(), true);
                while let Some(chunk) = part.chunk().await.ok()? {
                    is_empty &= chunk.is_empty();
                    if name.is_some() {
                        length += chunk.len();
                    }
                    if name.is_some() && length <= MAX_KEPT {
                        content.extend_from_slice(&chunk);
                    }
                }
                if let Some(name) = name {
                    fields.insert(name, String::from_utf8(content).ok()?);
                } else if part.file_name().is_some() && !is_empty {
                    fields.insert(PICTURES, YES.to_owned());
                }
            }
            Some(fields).filter(|_| length <= MAX_KEPT)
        };
        let fields = timeout(UPLOAD_FORM_TIMEOUT, reading).await.ok()??;
        Self::of(complaint, |name| fields.get(name).map_or("", String::as_str))
    }

    /// The draft that a log-in has, if it has one.
    pub(super) fn of_log_in(fields: &Fields) -> Option<Self> {
        let [channel, merchant, id] = COMPLAINT.map(|name| fields.text(name));
        Self::of(ComplaintKey::new(channel, merchant, id), |name| fields.text(&field_name(name)))
    }

    fn of<'f>(complaint: ComplaintKey, value: impl Fn(&str) -> &'f str) -> Option<Self> {
        let fields = KEPT.into_iter().chain([PICTURES]);
        let fields = UploadForm::of_fields(fields.map(|name| (name.to_owned(), value(name).to_owned())));
        FormKind::from_name(fields.text("form"))?;
        let draft = Self { complaint, fields };
        let length = draft.hidden().iter().map(|(_, value)| encoded_length(value)).sum::<usize>();
        (length <= MAX_KEPT).then_some(draft)
    }

    /// Names and values of the fields by which the log-in keeps it.
    pub(super) fn hidden(&self) -> Vec<(String, String)> {
        let ComplaintKey { channel, merchant, id } = &self.complaint;
        let complaint = COMPLAINT.into_iter().zip([channel, merchant, id]);
        let fields =
            KEPT.into_iter().chain([PICTURES]).map(|name| (field_name(name), self.fields.text(name).to_owned()));
        complaint
            .map(|(name, value)| (name.to_owned(), value.clone()))
            .chain(fields)
            .filter(|(_, value)| !value.is_empty())
            .collect()
    }

    /// The page of the complaint with the form as it was filled in.
    pub(super) fn draw<S: Store>(&self, desk: &Desk<S>, visitor: &Visitor, record: &ComplaintRecord) -> Response {
        let had_pictures = self.fields.text(PICTURES) == YES;
        not_sent(StatusCode::OK, desk, visitor, record, &self.fields, had_pictures)
    }
}

/// The page of a complaint with a form that was sent for a session that is over.
pub(super) fn not_sent<S: Store>(
    status: StatusCode,
    desk: &Desk<S>,
    visitor: &Visitor,
    record: &ComplaintRecord,
    fields: &UploadForm,
    had_pictures: bool,
) -> Response {
    let language = visitor.language();
    // The form tells of pictures that came with it; those of a draft are gone.
    let is_told = !fields.pictures.is_empty();
    let wrong = (had_pictures && !is_told).then(|| language.text("form-pictures-again"));
    let drawing = Drawing {
        notice: Some(language.text("notice-kept")),
        seen: fields.text("entries").parse().ok(),
        filled: FormKind::from_name(fields.text("form")).map(|form| (form, fields, wrong.into_iter().collect())),
        ..Drawing::default()
    };
    drawing.draw(status, desk, visitor, record)
}

fn field_name(name: &str) -> String {
    format!("kept-{name}")
}

/// The length of a value in the body of the log-in, where a line ends with CR LF.
fn encoded_length(value: &str) -> usize {
    form_urlencoded::byte_serialize(value.replace('\n', "\r\n").as_bytes()).map(str::len).sum()
}

/// The fields that people fill in, the form that they stand in, and how much of the history it showed.
const KEPT: [&str; 8] = ["form", "entries", "text", "remark", "agrees", "days", "outcome", "accept_return"];

/// Says that pictures were chosen, which are not kept.
const PICTURES: &str = "pictures";
const YES: &str = "yes";

/// The fields of the log-in that name the complaint.
const COMPLAINT: [&str; 3] = ["kept-channel", "kept-merchant", "kept-id"];

/// Longest draft, in bytes as a form encodes them: room for the longest text that a platform takes, with
/// its note. A log-in with it stays within [`MAX_REQUEST_BODY`](crate::MAX_REQUEST_BODY).
const MAX_KEPT: usize = 48 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    fn request(text: &str) -> Request<Body> {
        let field = |name: &str, value: &str| {
            format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        };
        let picture = "--b\r\nContent-Disposition: form-data; name=\"pictures\"; filename=\"a\"\r\n\r\nx\r\n";
        let body = [&field("token", "t"), &field("form", "reply"), &field("text", text), picture, "--b--\r\n"].concat();
        Request::post("/").header("content-type", "multipart/form-data; boundary=b").body(body.into()).unwrap()
    }

    #[tokio::test]
    async fn what_was_typed_is_kept_within_a_bound() {
        let key = || ComplaintKey::new("wechat-pay", "1", "2");
        let kept = Draft::read(key(), request("一\r\n二")).await.unwrap().hidden();
        let kept: Vec<_> = kept.iter().map(|(name, value)| (&**name, &**value)).collect();
        assert_eq!(
            kept,
            [
                ("kept-channel", "wechat-pay"),
                ("kept-merchant", "1"),
                ("kept-id", "2"),
                ("kept-form", "reply"),
                ("kept-text", "一\n二"),
                ("kept-pictures", "yes"),
            ]
        );
        let rest = kept.iter().filter(|(name, _)| *name != "kept-text").map(|(_, value)| value.len()).sum::<usize>();
        for (letter, bytes) in [("a", 1), ("\n", 6), ("字", 9)] {
            let most = (MAX_KEPT - rest) / bytes;
            assert!(Draft::read(key(), request(&letter.repeat(most))).await.is_some(), "{letter:?}");
            assert!(Draft::read(key(), request(&letter.repeat(most + 1))).await.is_none(), "{letter:?}");
        }
        for text in ["x".repeat(MAX_KEPT), "x".repeat(10 * MAX_KEPT)] {
            assert!(Draft::read(key(), request(&text)).await.is_none());
        }
    }

    #[tokio::test]
    async fn what_is_no_form_is_none() {
        let key = || ComplaintKey::new("wechat-pay", "1", "2");
        for (kind, body) in [
            ("text/plain", "--b--\r\n"),
            ("multipart/form-data; boundary=b", "--b--\r\n"),
            ("multipart/form-data; boundary=b", "--b\r\nno header"),
            (
                "multipart/form-data; boundary=b",
                "--b\r\nContent-Disposition: form-data; name=\"form\"\r\n\r\nrefund\r\n--b--\r\n",
            ),
        ] {
            let request = Request::post("/").header("content-type", kind).body(Body::from(body)).unwrap();
            assert!(Draft::read(key(), request).await.is_none(), "{body}");
        }
    }
}
