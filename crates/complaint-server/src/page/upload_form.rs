//! A form with pictures: read within bounds.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::time::Duration;

use axum::body::{Body, Bytes};
use complaint_inbox::Store;
use futures_util::stream;
use http::{HeaderMap, Request, header};
use protocol_core::limits::MAX_UPLOAD;

use super::form::require_origin;
use crate::desk::{Desk, Refusal};

/// The fields and the files of a form. An absent field is empty.
pub(crate) struct UploadForm {
    fields: BTreeMap<String, String>,
    /// The contents of the pictures that were chosen.
    pub(crate) pictures: Vec<Bytes>,
}

impl UploadForm {
    /// Reads the body of a `POST` with `multipart/form-data`.
    pub(crate) async fn read<S: Store>(desk: &Desk<S>, request: Request<Body>) -> Result<Self, Refusal> {
        require_origin(request.headers())?;
        let (head, body) = request.into_parts();
        let boundary = boundary(&head.headers).ok_or_else(malformed)?;
        let body = desk.bodies().collect(body, MAX_UPLOAD_FORM, UPLOAD_FORM_TIMEOUT).await.map_err(Refusal::Body)?;
        let bytes = Bytes::copy_from_slice(&body);
        // The budget counts the form until it was read.
        let form = Self::of(bytes, boundary).await;
        drop(body);
        form
    }

    async fn of(bytes: Bytes, boundary: String) -> Result<Self, Refusal> {
        let mut parts = multer::Multipart::new(stream::iter([Ok::<_, Infallible>(bytes)]), boundary);
        let mut form = Self { fields: BTreeMap::new(), pictures: Vec::new() };
        let mut count = 0;
        while let Some(part) = parts.next_field().await.map_err(|_| malformed())? {
            count += 1;
            if count > MAX_PARTS {
                return Err(malformed());
            }
            let name = part.name().map(str::to_owned).ok_or_else(malformed)?;
            let is_file = part.file_name().is_some();
            let content = part.bytes().await.map_err(|_| malformed())?;
            if is_file {
                // A browser sends an empty file where none was chosen.
                if !content.is_empty() {
                    form.pictures.push(content);
                }
                continue;
            }
            let text = String::from_utf8(content.to_vec()).map_err(|_| malformed())?;
            if form.fields.insert(name, in_characters(&text)).is_some() {
                return Err(malformed());
            }
        }
        Ok(form)
    }

    /// A form of these fields, without pictures.
    pub(super) fn of_fields(fields: impl Iterator<Item = (String, String)>) -> Self {
        Self { fields: fields.map(|(name, value)| (name, in_characters(&value))).collect(), pictures: Vec::new() }
    }

    /// A form of these fields.
    #[cfg(test)]
    pub(crate) fn with(fields: &[(&str, &str)]) -> Self {
        Self::of_fields(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
    }

    /// The text of a field; empty if it is absent.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", String::as_str)
    }
}

/// The parts of a form that are read as they arrive, up to the largest form; `None` if it is none.
pub(super) fn parts_of(request: Request<Body>) -> Option<multer::Multipart<'static>> {
    let boundary = boundary(request.headers())?;
    let most = multer::SizeLimit::new().whole_stream(MAX_UPLOAD_FORM as u64);
    let bounds = multer::Constraints::new().size_limit(most);
    Some(multer::Multipart::with_constraints(request.into_body().into_data_stream(), boundary, bounds))
}

fn boundary(headers: &HeaderMap) -> Option<String> {
    let content_type = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    multer::parse_boundary(content_type).ok()
}

/// Browsers send line ends as CR LF; platforms count one character.
fn in_characters(text: &str) -> String {
    text.replace("\r\n", "\n")
}

fn malformed() -> Refusal {
    Refusal::malformed("the form is not multipart/form-data with each field once; load the page again")
}

/// Most pictures that a platform takes with one act.
pub(crate) const MAX_PICTURES: usize = 4;

/// Largest form, in bytes: the largest pictures, with as much again of words as the API takes.
pub(crate) const MAX_UPLOAD_FORM: usize = MAX_PICTURES * MAX_UPLOAD + 64 * 1024;

/// The time in which a form must arrive: telephones send pictures slowly.
pub(super) const UPLOAD_FORM_TIMEOUT: Duration = Duration::from_secs(60);

/// Most fields and files of a form.
const MAX_PARTS: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(parts: &str) -> Result<UploadForm, Refusal> {
        UploadForm::of(Bytes::from(format!("{parts}--b--\r\n")), "b".to_owned()).await
    }

    fn part(head: &str, content: &str) -> String {
        format!("--b\r\nContent-Disposition: form-data; {head}\r\n\r\n{content}\r\n")
    }

    #[tokio::test]
    async fn fields_and_files_are_told_apart() {
        let parts = [
            part("name=\"text\"", "a\r\nb"),
            part("name=\"pictures\"; filename=\"\"", ""),
            part("name=\"pictures\"; filename=\"a.png\"", "\u{1}"),
            part("name=\"pictures\"; filename=\"../b\"", "2"),
        ];
        let form = read(&parts.concat()).await.unwrap();
        assert_eq!((form.text("text"), form.text("absent")), ("a\nb", ""));
        assert_eq!(form.pictures, [Bytes::from("\u{1}"), Bytes::from("2")]);
    }

    #[tokio::test]
    async fn another_form_is_refused() {
        let text = part("name=\"text\"", "a");
        for parts in [format!("{text}{text}"), part("filename=\"a\"", "b"), "--b\r\nno header".to_owned()] {
            assert!(matches!(read(&parts).await, Err(Refusal::Malformed(_))), "{parts}");
        }
        let fields = |count: usize| (0..count).map(|name| part(&format!("name=\"{name}\""), "a")).collect::<String>();
        assert!(read(&fields(MAX_PARTS)).await.is_ok());
        assert!(matches!(read(&fields(MAX_PARTS + 1)).await, Err(Refusal::Malformed(_))));
    }
}
