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

/// As [`decode`], after dropping white space, and line ends written as `\n` and `\r`: for what people paste.
/// Whatever was read is erased.
#[cfg(any(feature = "rsa", feature = "sm2", feature = "allinpay"))]
pub(crate) fn decode_pasted(text: &str) -> Option<zeroize::Zeroizing<Vec<u8>>> {
    // As large as it can get: a buffer that grows leaves copies behind.
    let mut compact = zeroize::Zeroizing::new(Vec::with_capacity(text.len()));
    let mut bytes = text.bytes().peekable();
    while let Some(byte) = bytes.next() {
        if byte == b'\\' && bytes.next_if(|next| matches!(next, b'n' | b'r')).is_some() {
            continue;
        }
        if !byte.is_ascii_whitespace() {
            compact.push(byte);
        }
    }
    STANDARD.decode(compact.as_slice()).ok().map(zeroize::Zeroizing::new)
}
