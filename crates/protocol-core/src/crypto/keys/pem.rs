//! PEM as people paste it: CRLF, whitespace, text of any encoding around the blocks, lines of any
//! length, all on one line.

use zeroize::Zeroizing;

use super::error::Found;
use crate::codec::base64;

const BEGIN: &[u8] = b"-----BEGIN ";
const END: &[u8] = b"-----END ";
const DASHES: &[u8] = b"-----";

/// The blocks of a text, in order; empty for a text without PEM. A block that cannot be read is
/// replaced by what was found.
pub(super) fn blocks(text: &[u8]) -> Vec<Result<Zeroizing<Vec<u8>>, Found>> {
    let mut blocks = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = split_once(rest, BEGIN) {
        // A block without its end extends to the beginning of the next one.
        let (block, remaining) = read_block(after).unwrap_or((Err(Found::UnclosedPem), after));
        blocks.push(block);
        rest = remaining;
    }
    blocks
}

type Block = Result<Zeroizing<Vec<u8>>, Found>;

/// `None` without its end: the text ends, or another block begins, before it.
fn read_block(after_begin: &[u8]) -> Option<(Block, &[u8])> {
    let (label, rest) = split_once(after_begin, DASHES)?;
    let (body, rest) = split_before(rest, |rest| rest.starts_with(END) || rest.starts_with(BEGIN))?;
    Some((read_body(label, body), rest.strip_prefix(END)?))
}

fn read_body(label: &[u8], body: &[u8]) -> Block {
    if label.trim_ascii().ends_with(b" PARAMETERS") {
        return Err(Found::CurveParameters);
    }
    // Headers, if there are any, end at the first empty line. Base64 contains no colon.
    let body = if body.contains(&b':') {
        // OpenSSL's old encryption: `Proc-Type: 4,ENCRYPTED`.
        if split_once(body, b"ENCRYPTED").is_some() {
            return Err(Found::EncryptedPrivateKey);
        }
        split_once(body, b"\n\n").or_else(|| split_once(body, b"\r\n\r\n")).map_or(&[][..], |(_, data)| data)
    } else {
        body
    };
    std::str::from_utf8(body).ok().and_then(base64::decode_pasted).ok_or(Found::DamagedPem)
}

/// The text before the first dash that begins a mark, and the rest from there.
fn split_before(text: &[u8], is_mark: impl Fn(&[u8]) -> bool) -> Option<(&[u8], &[u8])> {
    let mut from = 0;
    loop {
        from += text.get(from..)?.iter().position(|&byte| byte == b'-')?;
        if is_mark(text.get(from..)?) {
            return text.split_at_checked(from);
        }
        from += 1;
    }
}

/// The text before and after the first occurrence of a mark.
fn split_once<'a>(text: &'a [u8], mark: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    if mark.starts_with(b"-") {
        let (before, rest) = split_before(text, |rest| rest.starts_with(mark))?;
        return Some((before, rest.strip_prefix(mark)?));
    }
    let at = text.windows(mark.len()).position(|window| window == mark)?;
    Some((text.get(..at)?, text.get(at + mark.len()..)?))
}
