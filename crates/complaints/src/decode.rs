//! `decode`: a document read into its type and printed, with nothing to vouch for it.

use std::path::Path;
use std::sync::Arc;

use protocol_core::codec::decode_json;
use protocol_core::complaint::{Complaint, ComplaintPage, Encrypted, NegotiationHistory};
use protocol_core::crypto::Decryptor;
use protocol_core::limits::{MAX_ANSWER_BODY, MAX_PUSH_BODY};
use protocol_core::mini_program::Push;

use crate::args;
use crate::config::WechatPay;
use crate::error::{Code, Error};
use crate::{input, output};

pub(crate) fn run(command: &args::Decode, config: &Path) -> Result<(), Error> {
    match command {
        args::Decode::Complaint(arguments) => {
            let mut complaint: Complaint = read(&arguments.file, "a complaint")?;
            let opened = open_phones(&keys(arguments.decrypt, config)?, [&mut complaint]);
            output::print(&complaint).and(opened)
        }
        args::Decode::ComplaintPage(arguments) => {
            // The user vouches for the file.
            let mut page = ComplaintPage::decode(&input::read(&arguments.file, MAX_ANSWER_BODY)?)?.trust_anyway();
            let opened = open_phones(&keys(arguments.decrypt, config)?, &mut page.data);
            let amiss = page.unreadable.iter().map(Error::of_unreadable).chain(opened.err()).collect();
            output::print(&page).and(Error::last_of(amiss))
        }
        args::Decode::Push(arguments) => {
            // The user vouches for the file.
            output::print(&Push::decode(&input::read(&arguments.file, MAX_PUSH_BODY)?)?.trust_anyway())
        }
        args::Decode::History(arguments) => {
            output::print(&read::<NegotiationHistory>(&arguments.file, "a negotiation history")?)
        }
    }
}

fn read<T: serde::de::DeserializeOwned>(path: &Path, document: &'static str) -> Result<T, Error> {
    // The user vouches for the file.
    Ok(decode_json(document, &input::read(path, MAX_ANSWER_BODY)?)?.trust_anyway())
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
