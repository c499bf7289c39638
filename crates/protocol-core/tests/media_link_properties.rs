//! The signed path of any media link stays beneath the image interface, however a server reads it.
#![cfg(feature = "wechat-pay")]
#![allow(clippy::unwrap_used, reason = "a test states what must hold")]

use proptest::prelude::*;
use protocol_core::wechat_pay::{DownloadImage, Operation};
use protocol_core::{Stamp, UnixTime};

const IMAGES: &str = "/v3/merchant-service/images/";

/// Disguises of dot segments, and pieces of genuine paths.
const PIECES: [&str; 24] = [
    ".", "..", "/", "\\", ";", "a", "Cj", "%2e", "%2E", "%2f", "%2F", "%5c", "%5C", "%3b", "%3D", "%25", "%252e",
    "%252F", "2e", "2f", "%", "=", "+", "%20",
];

/// A path with its escapes taken away once.
fn unescaped(path: &str) -> String {
    let mut pieces = path.split('%');
    let mut read = pieces.next().unwrap().to_owned();
    for piece in pieces {
        match piece.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok()).filter(u8::is_ascii) {
            Some(byte) if !piece.starts_with('+') => {
                read.push(char::from(byte));
                read.push_str(&piece[2..]);
            }
            _ => {
                read.push('%');
                read.push_str(piece);
            }
        }
    }
    read
}

/// The segments of a path as a server has them that takes a backslash for a slash, and drops what
/// stands behind `;`.
fn segments(path: &str) -> Vec<String> {
    path.replace('\\', "/").split('/').map(|segment| segment.split(';').next().unwrap().trim().to_owned()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_signed_path_stays_beneath_the_image_interface(
        pieces in prop::collection::vec(prop::sample::select(&PIECES[..]), 1..8),
        is_link in any::<bool>(),
    ) {
        let id = pieces.concat();
        let operation = if is_link {
            DownloadImage::from_media_url(&format!("https://api.mch.weixin.qq.com{IMAGES}{id}"))
        } else {
            DownloadImage::from_media_id(&id)
        };
        let Ok(operation) = operation else { return Ok(()) };
        let parts = operation.request(&Stamp { nonce: "n0nce", now: UnixTime(0) }).unwrap();
        prop_assert!(!is_link || parts.target == format!("{IMAGES}{id}"), "a link is signed as it is");
        let once = unescaped(&parts.target);
        for path in [parts.target.to_string(), once.clone(), unescaped(&once), unescaped(&unescaped(&once))] {
            prop_assert!(path.starts_with(IMAGES), "{id}");
            prop_assert!(!segments(&path).iter().any(|segment| segment == "." || segment == ".."), "{id}: {path}");
        }
    }
}
