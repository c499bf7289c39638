//! `decode`: a document without a signature, read into its type and printed.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, Subcommand};
use protocol_core::complaint::{Complaint, ComplaintPage, Encrypted, NegotiationHistory};
use protocol_core::crypto::Decryptor;
use protocol_core::limits::{MAX_PUSH_BODY, MAX_RESPONSE_BODY};
use protocol_core::mini_program::Push;
use protocol_core::{DecodeError, Unverified};

use crate::config::Config;
use crate::error::{Code, Error};
use crate::input;
use crate::input::kind::{self, Kind};
use crate::view::{output, pushed};

#[derive(Debug, Subcommand)]
pub(crate) enum Arguments {
    /// One complaint, as the detail interface returns it.
    Complaint(Document),
    /// A page of the complaint list.
    ComplaintPage(Document),
    /// A page of a complaint's negotiation history.
    History(HistoryFile),
    /// A message pushed to a Mini Program, in clear.
    Push(PushFile),
}

#[derive(Debug, Args)]
pub(crate) struct Document {
    /// The JSON document; `-` for standard input.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,

    /// Print `payer_phone` in clear, decrypted with the merchant's key or an older one.
    #[arg(long)]
    pub(crate) decrypt: bool,
}

#[derive(Debug, Args)]
pub(crate) struct HistoryFile {
    /// The JSON document; `-` for standard input.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,

    /// Accepted as for complaints, without effect: a history holds no encrypted member.
    #[arg(long)]
    pub(crate) decrypt: bool,
}

#[derive(Debug, Args)]
pub(crate) struct PushFile {
    /// The XML or JSON document; `-` for standard input.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
}

pub(crate) fn run(command: &Arguments, config: &Config) -> Result<(), Error> {
    match command {
        Arguments::Complaint(Document { file, decrypt }) => {
            let mut complaint = read(file, Kind::Complaint, "a complaint", Complaint::decode, |_| true)?;
            output::note_misfits(None, &complaint.misfits());
            let opened = open_phones(&keys(*decrypt, config)?, [&mut complaint]);
            output::print(&complaint).and(opened)
        }
        Arguments::ComplaintPage(Document { file, decrypt }) => {
            let has_rows = |page: &ComplaintPage| !page.data.is_empty();
            let mut page = read(file, Kind::ComplaintPage, "a page of complaints", ComplaintPage::decode, has_rows)?;
            output::note_misfits(None, &page.misfits());
            let opened = open_phones(&keys(*decrypt, config)?, &mut page.data);
            let amiss = page.unreadable.iter().map(Error::of_unreadable).chain(opened.err()).collect();
            output::print(&page).and(output::print_all_but_last(amiss))
        }
        Arguments::Push(PushFile { file }) => {
            let push = read(file, Kind::Push, "a push", Push::decode, |push| push.event.is_some())?;
            pushed::print(&push)
        }
        Arguments::History(HistoryFile { file, .. }) => {
            let has_rows = |history: &NegotiationHistory| !history.data.is_empty();
            let history = read(file, Kind::History, "a page of a history", NegotiationHistory::decode, has_rows)?;
            output::note_misfits(None, &history.misfits());
            let amiss = history.unreadable.iter().map(Error::of_unreadable).collect();
            output::print(&history).and(output::print_all_but_last(amiss))
        }
    }
}

/// Reads a document of this kind. One without content is refused by its kind, which says more.
fn read<T>(
    path: &Path,
    kind: Kind,
    name: &'static str,
    decode: impl FnOnce(&[u8]) -> Result<Unverified<T>, DecodeError>,
    has_content: impl FnOnce(&T) -> bool,
) -> Result<T, Error> {
    let limit = if kind == Kind::Push { MAX_PUSH_BODY } else { MAX_RESPONSE_BODY };
    let bytes = input::read(path, limit)?;
    kind::check_blank(&bytes, path)?;
    // The user vouches for the file.
    let decoded = decode(&bytes).map(Unverified::trust_anyway);
    if !decoded.as_ref().is_ok_and(has_content) {
        Kind::expect(&bytes, &kind, name)?;
    }
    decoded.map_err(Error::from)
}

/// The keys that decrypt phone numbers, if wanted.
fn keys(wanted: bool, config: &Config) -> Result<Option<Vec<Arc<dyn Decryptor>>>, Error> {
    wanted.then(|| Ok(config.wechat_pay()?.decryptors()?)).transpose()
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
