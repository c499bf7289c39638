//! Base64 in two modes: strict where a signature or a cipher covers it, lenient where people paste
//! it.

use ::base64::Engine;
use ::base64::engine::general_purpose::STANDARD;

/// Standard alphabet, padded, on one line.
pub(crate) fn encode(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Standard alphabet, canonical padding; everything else is refused.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

/// As [`decode`], after dropping whitespace, and line ends written as `\n` and `\r`: for pasted
/// text. The intermediate copy is erased.
#[cfg(any(feature = "rsa", feature = "sm2", feature = "allinpay"))]
pub(crate) fn decode_pasted(text: &str) -> Option<zeroize::Zeroizing<Vec<u8>>> {
    // At its final capacity: a buffer that grows leaves copies behind.
    let mut compact = zeroize::Zeroizing::new(Vec::with_capacity(text.len()));
    let mut rest = text;
    while !rest.is_empty() {
        // Runs of base64 make up nearly all of the text.
        let run = rest.bytes().position(|byte| !byte.is_ascii_alphanumeric() && !matches!(byte, b'+' | b'/' | b'='));
        let (run, after) = rest.split_at(run.unwrap_or(rest.len()));
        compact.extend_from_slice(run.as_bytes());
        let mut characters = after.chars();
        match characters.next() {
            None => break,
            Some('\\') if matches!(characters.next(), Some('n' | 'r')) => {}
            Some(character) if super::pasted::is_blank(character) => {}
            Some(_) => return None,
        }
        rest = characters.as_str();
    }
    STANDARD.decode(compact.as_slice()).ok().map(zeroize::Zeroizing::new)
}
