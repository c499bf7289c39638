//! From a file to the documents in it: PEM blocks, or base64 or hexadecimal of one document, or the
//! document itself.

use zeroize::Zeroizing;

use super::document::Document;
use super::error::Found;
use super::{others, pem};
use crate::codec::{base64, pasted};

/// The bytes of what may be a key.
pub(super) struct Item {
    bytes: Zeroizing<Vec<u8>>,
    /// Whether a bare number is taken: only of one that somebody wrote as text. Bytes alone may be
    /// any secret.
    written: bool,
}

impl Item {
    /// What it is.
    pub(super) fn document(&self) -> Result<Document<'_>, Found> {
        if let Some(found) = others::bytes(&self.bytes) {
            return Err(found);
        }
        let bare = || if self.written { Document::bare(&self.bytes) } else { None };
        Document::recognise(&self.bytes).or_else(bare).ok_or(Found::Unrecognised)
    }
}

/// What a file holds, in order; never empty. What is no item is what it is instead.
pub(super) fn items(file: &[u8]) -> Vec<Result<Item, Found>> {
    let text = pasted::Text::of_file(file);
    // A block's beginning ends in a blank.
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
    let written = core::str::from_utf8(pasted::unquoted(text)).ok();
    // Digits and letters up to f alone are base64 too; but base64 of a key starts with an M or has
    // other letters, and that of a bare number ends in `=`.
    let decoded = written.and_then(|text| pasted::decode_hex(text).or_else(|| base64::decode_pasted(text)));
    Ok(match decoded {
        Some(bytes) => Item { bytes, written: true },
        None => Item { bytes: Zeroizing::new(file.to_vec()), written: false },
    })
}
