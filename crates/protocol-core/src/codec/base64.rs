//! Base64 in its two temperaments: strict where a signature or a cipher covers it, lenient where people paste it.

use ::base64::Engine;
use ::base64::engine::general_purpose::STANDARD;

/// Standard alphabet, padded, on one line.
pub(crate) fn encode(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Standard alphabet, canonical padding, nothing else.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

/// As [`decode`], after dropping blanks, and line ends written as `\n` and `\r`: for what people paste.
/// Whatever was read is erased.
#[cfg(any(feature = "rsa", feature = "sm2", feature = "allinpay"))]
pub(crate) fn decode_pasted(text: &str) -> Option<zeroize::Zeroizing<Vec<u8>>> {
    // As large as it can get: a buffer that grows leaves copies behind.
    let mut compact = zeroize::Zeroizing::new(Vec::with_capacity(text.len()));
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        if character == '\\' && characters.next_if(|next| matches!(next, 'n' | 'r')).is_some() {
            continue;
        }
        if super::pasted::is_blank(character) {
            continue;
        }
        compact.push(u8::try_from(character).ok()?);
    }
    STANDARD.decode(compact.as_slice()).ok().map(zeroize::Zeroizing::new)
}
