//! `decode`: a document read into its type and printed, with nothing to vouch for it.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use protocol_core::complaint::{Complaint, ComplaintPage, Encrypted, NegotiationHistory};
use protocol_core::crypto::Decryptor;
use protocol_core::limits::{MAX_ANSWER_BODY, MAX_PUSH_BODY};
use protocol_core::mini_program::Push;
use serde::de::IgnoredAny;

use crate::args;
use crate::config::WechatPay;
use crate::error::{Code, Error};
use crate::kind::{self, Kind};
use crate::{input, output};

pub(crate) fn run(command: &args::Decode, config: &Path) -> Result<(), Error> {
    match command {
        args::Decode::Complaint(arguments) => {
            let bytes = document(&arguments.file, &Kind::Complaint, "a complaint", MAX_ANSWER_BODY)?;
            // The user vouches for the file.
            let mut complaint = Complaint::decode(&bytes)?.trust_anyway();
            output::note_misfits("", &complaint.misfits());
            let opened = open_phones(&keys(arguments.decrypt, config)?, [&mut complaint]);
            output::print(&complaint).and(opened)
        }
        args::Decode::ComplaintPage(arguments) => {
            let bytes = document(&arguments.file, &Kind::ComplaintPage, "a page of complaints", MAX_ANSWER_BODY)?;
            check_page(&bytes, "a page of complaints")?;
            // The user vouches for the file.
            let mut page = ComplaintPage::decode(&bytes)?.trust_anyway();
            output::note_misfits("", &page.misfits());
            let opened = open_phones(&keys(arguments.decrypt, config)?, &mut page.data);
            let amiss = page.unreadable.iter().map(Error::of_unreadable).chain(opened.err()).collect();
            output::print(&page).and(Error::last_of(amiss))
        }
        args::Decode::Push(arguments) => {
            let bytes = document(&arguments.file, &Kind::Push, "a push", MAX_PUSH_BODY)?;
            // The user vouches for the file.
            let push = Push::decode(&bytes)?.trust_anyway();
            output::note_misfits("", &push.misfits());
            output::print(&push)
        }
        args::Decode::History(arguments) => {
            let name = "a page of a history";
            let bytes = document(&arguments.file, &Kind::History, name, MAX_ANSWER_BODY)?;
            check_page(&bytes, name)?;
            // The user vouches for the file.
            let history = NegotiationHistory::decode(&bytes)?.trust_anyway();
            output::note_misfits("", &history.misfits());
            let amiss = history.unreadable.iter().map(Error::of_unreadable).collect();
            output::print(&history).and(Error::last_of(amiss))
        }
    }
}

/// A file of this kind, unless it says that it is of another.
fn document(path: &Path, kind: &Kind, name: &str, limit: usize) -> Result<Vec<u8>, Error> {
    let bytes = input::read(path, limit)?;
    kind::check_blank(&bytes, path)?;
    Kind::expect(&bytes, kind, name)?;
    Ok(bytes)
}

/// Refuses an object that has nothing of a page: it would read as one without rows.
fn check_page(bytes: &[u8], name: &str) -> Result<(), Error> {
    const OF_A_PAGE: [&str; 4] = ["data", "total_count", "offset", "limit"];

    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    let members: Result<BTreeMap<String, IgnoredAny>, _> = serde_json::from_slice(bytes);
    // What is no object is refused with its place when it is read.
    let is_another = members.is_ok_and(|members| OF_A_PAGE.iter().all(|name| !members.contains_key(*name)));
    if is_another {
        let what = format_args!("this is not {name}: it has neither `data` nor `total_count`, `offset` or `limit`");
        return Err(Error::new(Code::Malformed, what));
    }
    Ok(())
}

/// What opens phone numbers, where that is wanted.
fn keys(wanted: bool, config: &Path) -> Result<Option<Vec<Arc<dyn Decryptor>>>, Error> {
    wanted.then(|| WechatPay::load(config)?.decryptors()).transpose()
}

/// Puts the clear number in the place of each `payer_phone` that opens; without keys, leaves them as they are. One that does
/// not open leaves the rest as good as it was: print the document, then tell the error.
pub(crate) fn open_phones<'c>(
    keys: &Option<Vec<Arc<dyn Decryptor>>>,
    complaints: impl IntoIterator<Item = &'c mut Complaint>,
) -> Result<(), Error> {
    let Some(keys) = keys else { return Ok(()) };
    let mut failure = Ok(());
    for complaint in complaints {
        let Some(phone) = &mut complaint.payer_phone else { continue };
        match phone.decrypt(keys.iter().map(|key| &**key)) {
            Ok(clear) => *phone = Encrypted::new(clear.into_exposed()),
            Err(error) => {
                let message = format_args!("payer_phone of complaint {} stays closed: {error}", complaint.complaint_id);
                failure = Err(Error::new(Code::DecryptFailed, message));
            }
        }
    }
    failure
}
