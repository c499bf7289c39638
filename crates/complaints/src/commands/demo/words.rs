//! The words that the stories share.

use protocol_core::complaint::{Complaint, NegotiationRecord};

use crate::error::{Code, Error};
use crate::language::say_with;
use crate::view::words::{china_time, word};

pub(super) fn entries(records: &[NegotiationRecord]) -> String {
    say_with("demo-entries", [("count", records.len().into())])
}

/// A complaint in a line.
pub(super) fn words_of(complaint: &Complaint) -> String {
    let state = complaint.complaint_state.as_ref().map(|state| word("state", state.as_str())).unwrap_or_default();
    let words = complaint.complaint_detail.as_ref().map_or("", |words| words.expose());
    let time = complaint.complaint_time.as_ref().map(china_time).unwrap_or_default();
    say_with("demo-since", [("state", state.into()), ("time", time.into()), ("words", words.into())])
}

/// A failure of the demonstration. It needs no configuration: the cause is this machine or a bug.
pub(super) fn failed(error: impl std::fmt::Display) -> Error {
    Error::new(
        Code::Network,
        format_args!("the demonstration stopped: {error}; please report this if loopback works on this machine"),
    )
}
