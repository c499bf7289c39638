//! Texts of refusals: every word of the platform and whether it is proven; never a value that was
//! sent.

use std::fmt::Display;

use protocol_core::Personal;
use protocol_core::allinpay::{Handled, Refusal};
use protocol_core::wechat_pay::{Detail, RefusalProof, ResponseError};

use super::{Code, Error};

/// A refusal of WeChat Pay's: status, code, words, faulty members, the request's id, the proof.
pub(super) fn in_full(response: &ResponseError) -> String {
    let ResponseError::Rejected { error, request_id, proof, .. } = response else { return response.to_string() };
    let said = words(error.as_ref().and_then(|error| error.message.as_ref()));
    let issues = issues(error.as_ref().and_then(|error| error.detail.as_ref()));
    let request_id = request_id.as_ref().map(|id| format!(", request {id}")).unwrap_or_default();
    let proof = match proof {
        RefusalProof::Verified => "signed",
        RefusalProof::Failed(_) => "unproven: it may not be the platform's",
        _ => "not signed: it may not be the platform's",
    };
    format!("{response}{said}{issues} ({proof}{request_id})")
}

/// A refusal of WeChat's or Alipay's behind Allinpay.
pub(super) fn behind_allinpay(refusal: &Refusal) -> Error {
    let codes = [&refusal.code, &refusal.sub_code].into_iter().flatten();
    let codes = codes.map(|code| format!(" {}", short(code, MAX_CODE)));
    let said = words(refusal.message.as_ref());
    let reason = words(refusal.sub_message.as_ref());
    let issues = issues(refusal.detail.as_ref());
    let codes: String = codes.collect();
    let text = format!("WeChat or Alipay, behind the platform, refused{codes}{said}{reason}{issues} (signed)");
    Error::new(Code::Rejected, text)
}

/// An act whose outcome Allinpay does not state.
pub(super) fn unclear(handled: &Handled) -> Error {
    let state = short(handled.handlestate.as_deref().unwrap_or_default(), MAX_CODE);
    let said = words(handled.handlemsg.as_ref().or(handled.retmsg.as_ref()));
    let text = format!("the platform does not say whether it was done: handlestate {state}{said} (signed)");
    Error::new(Code::Rejected, text)
}

/// A signed response that cannot be read.
pub(super) fn unparsed(error: &impl Display) -> Error {
    let signed = "its signature verified, so it is the platform's; please report it, without personal data";
    Error::new(Code::Malformed, format_args!("{error}; {signed}"))
}

/// Longest code and longest text that are shown, in characters.
const MAX_CODE: usize = 64;
const MAX_WORDS: usize = 1000;

fn words(words: Option<&Personal<String>>) -> String {
    words.map(|words| format!(": {}", short(words.expose(), MAX_WORDS))).unwrap_or_default()
}

/// A text of at most so many characters; `…` stands in place of the rest.
fn short(text: &str, characters: usize) -> String {
    match text.char_indices().nth(characters) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// The faulty members and their reasons. The error's text already has the first member without a
/// reason.
fn issues(detail: Option<&Detail>) -> String {
    let causes = detail.map(Detail::causes).unwrap_or_default();
    let told = causes.iter().enumerate().filter_map(|(number, cause)| {
        match (cause.place().or_else(|| cause.field.clone()), &cause.issue) {
            (Some(place), Some(issue)) => Some(format!("; {place}: {}", issue.expose())),
            (None, Some(issue)) => Some(format!("; {}", issue.expose())),
            (Some(place), None) if number > 0 || cause.place().is_none() => Some(format!("; {place}")),
            _ => None,
        }
    });
    told.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_is_bounded() {
        let longest = "字".repeat(MAX_WORDS);
        assert_eq!(words(Some(&longest.clone().into())), format!(": {longest}"));
        assert_eq!(words(Some(&format!("{longest}字").into())), format!(": {longest}…"));
        assert_eq!((short("ab", 2), short("abc", 2)), ("ab".to_owned(), "ab…".to_owned()));
    }
}
