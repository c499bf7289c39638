//! PEM as people paste it: CRLF, blanks, text of any encoding around the blocks, lines of any length, all on one line.

use zeroize::Zeroizing;

use super::error::Found;
use crate::codec::base64;

const BEGIN: &[u8] = b"-----BEGIN ";
const END: &[u8] = b"-----END ";
const DASHES: &[u8] = b"-----";
/// What tells the next block's beginning from this one's end.
const DASHES_AND_B: &[u8] = b"-----B";

/// The blocks of a text, in order; empty when it holds no PEM at all. A block that cannot be read is what it is instead.
pub(super) fn blocks(text: &[u8]) -> Vec<Result<Zeroizing<Vec<u8>>, Found>> {
    let mut blocks = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = split_once(rest, BEGIN) {
        // A block without its end reaches to the next one's beginning.
        let (block, remaining) = read_block(after).unwrap_or((Err(Found::UnclosedPem), after));
        blocks.push(block);
        rest = remaining;
    }
    blocks
}

type Block = Result<Zeroizing<Vec<u8>>, Found>;

/// `None` without its end: the text is over before it, or another block begins.
fn read_block(after_begin: &[u8]) -> Option<(Block, &[u8])> {
    let (label, rest) = split_once(after_begin, DASHES)?;
    let at = rest.windows(END.len()).position(|window| window == END || window.starts_with(DASHES_AND_B))?;
    let (body, rest) = rest.split_at_checked(at)?;
    Some((read_body(label, body), rest.strip_prefix(END)?))
}

fn read_body(label: &[u8], body: &[u8]) -> Block {
    if label.trim_ascii().ends_with(b" PARAMETERS") {
        return Err(Found::CurveParameters);
    }
    // OpenSSL's old way: `Proc-Type: 4,ENCRYPTED`.
    if split_once(body, b"ENCRYPTED").is_some() {
        return Err(Found::EncryptedPrivateKey);
    }
    // Headers, where there are any, end at the first empty line; base64 holds no colon.
    let body = if body.contains(&b':') {
        split_once(body, b"\n\n").or_else(|| split_once(body, b"\r\n\r\n")).map_or(&[][..], |(_, data)| data)
    } else {
        body
    };
    core::str::from_utf8(body).ok().and_then(base64::decode_pasted).ok_or(Found::DamagedPem)
}

/// What stands before and after the first occurrence.
fn split_once<'a>(text: &'a [u8], mark: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let at = text.windows(mark.len()).position(|window| window == mark)?;
    Some((text.get(..at)?, text.get(at + mark.len()..)?))
}
