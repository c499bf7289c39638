//! From a file to the documents in it: PEM blocks, base64 or hexadecimal of one document, or the
//! document itself.

use zeroize::Zeroizing;

use super::document::Document;
use super::error::Found;
use super::{others, pem};
use crate::codec::{base64, pasted};

/// Bytes that may be a key.
pub(super) struct Item {
    bytes: Zeroizing<Vec<u8>>,
    /// Whether a bare number is accepted: only one that was written as text. Raw bytes may be any
    /// secret.
    written: bool,
}

impl Item {
    /// Recognises the document.
    pub(super) fn document(&self) -> Result<Document<'_>, Found> {
        if let Some(found) = others::bytes(&self.bytes) {
            return Err(found);
        }
        let bare = || if self.written { Document::bare(&self.bytes) } else { None };
        Document::recognise(&self.bytes).or_else(bare).ok_or(Found::Unrecognised)
    }
}

/// The items of a file, in order; never empty. An item that is not a key is replaced by what was
/// found.
pub(super) fn items(file: &[u8]) -> Vec<Result<Item, Found>> {
    let text = pasted::Text::of_file(file);
    // The line that begins a block ends in whitespace.
    let blocks = pem::blocks(text.bytes());
    if blocks.is_empty() {
        return vec![without_pem(file, text.trimmed())];
    }
    blocks.into_iter().map(|block| block.map(|bytes| Item { bytes, written: false })).collect()
}

fn without_pem(file: &[u8], text: &[u8]) -> Result<Item, Found> {
    if let Some(found) = others::text(text) {
        return Err(found);
    }
    let written = std::str::from_utf8(pasted::unquoted(text)).ok();
    // Digits and letters up to f are also valid base64. But base64 of a key starts with an M or has
    // other letters, and base64 of a bare number ends in `=`.
    let decoded = written.and_then(|text| pasted::decode_hex(text).or_else(|| base64::decode_pasted(text)));
    Ok(match decoded {
        Some(bytes) => Item { bytes, written: true },
        None => Item { bytes: Zeroizing::new(file.to_vec()), written: false },
    })
}
