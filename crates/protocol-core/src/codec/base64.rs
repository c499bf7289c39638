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

/// As [`decode`], after dropping white space: for what people paste. Whatever was read is erased.
#[cfg(any(feature = "rsa", feature = "sm2"))]
pub(crate) fn decode_pasted(text: &str) -> Option<zeroize::Zeroizing<Vec<u8>>> {
    let compact: zeroize::Zeroizing<String> =
        zeroize::Zeroizing::new(text.chars().filter(|c| !c.is_whitespace()).collect());
    STANDARD.decode(compact.as_bytes()).ok().map(zeroize::Zeroizing::new)
}
