//! PEM as people paste it: CRLF, a byte-order mark, blanks, text around it, lines of any length, all on one line.

use zeroize::Zeroizing;

use crate::codec::base64;

/// A PEM block: its label and its bytes.
pub(super) struct Block<'a> {
    pub(super) label: &'a str,
    pub(super) der: Zeroizing<Vec<u8>>,
    /// Whether the body is encrypted in OpenSSL's old way (`Proc-Type: 4,ENCRYPTED`).
    pub(super) encrypted: bool,
}

/// Why a block could not be read.
pub(super) enum Fault {
    /// There is a `BEGIN` line without its `END`.
    Unclosed,
    /// The body is not base64.
    NotBase64,
}

const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";
const DASHES: &str = "-----";

/// The first block that is not mere curve parameters; `None` when the text holds no PEM at all.
pub(super) fn first_block(text: &str) -> Option<Result<Block<'_>, Fault>> {
    let mut rest = text;
    let mut found = None;
    while let Some((_, after)) = rest.split_once(BEGIN) {
        let (block, remaining) = match read_block(after) {
            Ok(read) => read,
            Err(fault) => return Some(Err(fault)),
        };
        let parameters = block.label.ends_with(" PARAMETERS");
        found = Some(Ok(block));
        if !parameters {
            break;
        }
        rest = remaining;
    }
    found
}

fn read_block(after_begin: &str) -> Result<(Block<'_>, &str), Fault> {
    let (label, rest) = after_begin.split_once(DASHES).ok_or(Fault::Unclosed)?;
    let (body, rest) = rest.split_once(END).ok_or(Fault::Unclosed)?;
    let encrypted = body.contains("ENCRYPTED");
    // Headers, where there are any, end at the first empty line; base64 holds no colon.
    let body = if body.contains(':') {
        body.split_once("\n\n").or_else(|| body.split_once("\r\n\r\n")).map_or("", |(_, data)| data)
    } else {
        body
    };
    let der = base64::decode_pasted(body).ok_or(Fault::NotBase64)?;
    Ok((Block { label: label.trim(), der, encrypted }, rest))
}
