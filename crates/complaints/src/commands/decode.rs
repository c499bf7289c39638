//! `decode`: a document without a signature, read into its type and printed.

use std::path::Path;
use std::sync::Arc;

use protocol_core::complaint::{Complaint, ComplaintPage, Encrypted, NegotiationHistory};
use protocol_core::crypto::Decryptor;
use protocol_core::limits::{MAX_PUSH_BODY, MAX_RESPONSE_BODY};
use protocol_core::mini_program::Push;
use protocol_core::{DecodeError, Unverified};

use crate::args;
use crate::config::WechatPay;
use crate::error::{Code, Error};
use crate::input;
use crate::input::kind::{self, Kind};
use crate::view::output;

pub(crate) fn run(command: &args::Decode, config: &Path) -> Result<(), Error> {
    match command {
        args::Decode::Complaint(arguments) => {
            let file =
                File { path: &arguments.file, kind: Kind::Complaint, name: "a complaint", limit: MAX_RESPONSE_BODY };
            let mut complaint = file.read(Complaint::decode, |_| true)?;
            output::note_misfits("", &complaint.misfits());
            let opened = open_phones(&keys(arguments.decrypt, config)?, [&mut complaint]);
            output::print(&complaint).and(opened)
        }
        args::Decode::ComplaintPage(arguments) => {
            let file = File {
                path: &arguments.file,
                kind: Kind::ComplaintPage,
                name: "a page of complaints",
                limit: MAX_RESPONSE_BODY,
            };
            let mut page = file.read(ComplaintPage::decode, |page| !page.data.is_empty())?;
            output::note_misfits("", &page.misfits());
            let opened = open_phones(&keys(arguments.decrypt, config)?, &mut page.data);
            let amiss = page.unreadable.iter().map(Error::of_unreadable).chain(opened.err()).collect();
            output::print(&page).and(output::print_all_but_last(amiss))
        }
        args::Decode::Push(arguments) => {
            let file = File { path: &arguments.file, kind: Kind::Push, name: "a push", limit: MAX_PUSH_BODY };
            let push = file.read(Push::decode, |push| push.event.is_some())?;
            output::note_misfits("", &push.misfits());
            output::print(&push)
        }
        args::Decode::History(arguments) => {
            let file = File {
                path: &arguments.file,
                kind: Kind::History,
                name: "a page of a history",
                limit: MAX_RESPONSE_BODY,
            };
            let history = file.read(NegotiationHistory::decode, |history| !history.data.is_empty())?;
            output::note_misfits("", &history.misfits());
            let amiss = history.unreadable.iter().map(Error::of_unreadable).collect();
            output::print(&history).and(output::print_all_but_last(amiss))
        }
    }
}

/// A file, and the kind of document that it should hold.
struct File<'a> {
    path: &'a Path,
    kind: Kind,
    name: &'static str,
    limit: usize,
}

impl File<'_> {
    /// Reads it. A document without content is refused by its kind, which says more.
    fn read<T>(
        &self,
        decode: impl FnOnce(&[u8]) -> Result<Unverified<T>, DecodeError>,
        has_content: impl FnOnce(&T) -> bool,
    ) -> Result<T, Error> {
        let bytes = input::read(self.path, self.limit)?;
        kind::check_blank(&bytes, self.path)?;
        // The user vouches for the file.
        let decoded = decode(&bytes).map(Unverified::trust_anyway);
        if !decoded.as_ref().is_ok_and(has_content) {
            Kind::expect(&bytes, &self.kind, self.name)?;
        }
        decoded.map_err(Error::from)
    }
}

/// The keys that decrypt phone numbers, if wanted.
fn keys(wanted: bool, config: &Path) -> Result<Option<Vec<Arc<dyn Decryptor>>>, Error> {
    wanted.then(|| WechatPay::load(config)?.decryptors()).transpose()
}

/// Replaces each `payer_phone` by the clear number, if there are keys. A number that cannot be
/// decrypted stays, and is the error: print the document first.
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
                let message =
                    format_args!("payer_phone of complaint {} cannot be decrypted: {error}", complaint.complaint_id);
                failure = Err(Error::new(Code::DecryptFailed, message));
            }
        }
    }
    failure
}
