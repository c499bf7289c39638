//! Success and refusal in responses, in every shape that was seen.

use super::response_error::ResponseError;
use super::server_code::ServerCode;
use crate::codec::json::read_document;
use crate::complaint::Outcome;
use crate::headers::Headers;
use crate::limits::{MAX_ID, MAX_RESPONSE_BODY};
use crate::secret::Personal;
use crate::time::UnixTime;
use crate::trust::Unverified;

/// The mark before the request's id at the end of the words.
const RID: &str = "rid:";

/// Accepts a success and turns everything else into an error.
pub(super) fn check(status: u16, body: &[u8]) -> Result<(), ResponseError> {
    if body.len() > MAX_RESPONSE_BODY {
        return Err(ResponseError::TooLarge);
    }
    let Ok(mut outcome) = read_document::<Outcome>("a response", body) else {
        return Err(ResponseError::NoResponse { status });
    };
    if outcome.is_refusal() {
        let code = outcome.refusal_code().map(ServerCode::from);
        let (words, rid) = words_and_rid(outcome.words(), outcome.rid);
        return Err(ResponseError::Refused { status, code, words, rid });
    }
    // A gateway may return its own JSON.
    if matches!(status, 200..=299) { Ok(()) } else { Err(ResponseError::NoResponse { status }) }
}

/// The words, and the request's id: from its member, or from the end of the words.
fn words_and_rid(
    words: Option<Personal<String>>,
    rid: Option<String>,
) -> (Option<Unverified<Personal<String>>>, Option<String>) {
    let mut words = words.map(Personal::into_exposed).unwrap_or_default();
    let mut rid = rid.filter(|rid| is_rid(rid));
    if let Some((before, after)) = words.rsplit_once(RID)
        && is_rid(after.trim())
    {
        rid.get_or_insert_with(|| after.trim().to_owned());
        words = before.to_owned();
    }
    let words = Some(words.trim()).filter(|words| !words.is_empty()).map(str::to_owned);
    (words.map(Personal::new).map(Unverified::new), rid)
}

/// Whether a text is an id such as `6312c9f9-5a2e6f0b-1c9a4b3d`.
fn is_rid(text: &str) -> bool {
    (1..=MAX_ID).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// The platform's time of the response: the `Date` header. It is not signed.
#[must_use]
pub fn responded_at(headers: &(impl Headers + ?Sized)) -> Option<UnixTime> {
    let date = headers.header("Date").text()?;
    Some(UnixTime(jiff::fmt::rfc2822::parse(date).ok()?.timestamp().as_second()))
}
