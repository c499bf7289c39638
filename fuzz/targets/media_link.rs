//! A media link, or a media id. The signed part of a link is its own path, and however a server
//! reads that path, it stays beneath the image interface.
#![no_main]

use libfuzzer_sys::fuzz_target;
use protocol_core::Stamp;
use protocol_core::wechat_pay::{DownloadImage, Operation};

const IMAGES: &str = "/v3/merchant-service/images/";
const HOSTS: [&str; 4] = ["api.mch.weixin.qq.com", "api2.mch.weixin.qq.com", "api.wechatpay.cn", "api2.wechatpay.cn"];

/// A path with its escapes taken away once.
fn unescaped(path: &[u8]) -> Vec<u8> {
    let digit = |byte: Option<&u8>| byte.and_then(|byte| char::from(*byte).to_digit(16));
    let mut read = Vec::new();
    let mut rest = path;
    while let Some((first, after)) = rest.split_first() {
        match (first, digit(after.first()), digit(after.get(1))) {
            (b'%', Some(high), Some(low)) => {
                read.push((high * 16 + low) as u8);
                rest = &after[2..];
            }
            _ => {
                read.push(*first);
                rest = after;
            }
        }
    }
    read
}

/// The path of a server that takes a backslash for a slash, and drops what stands behind `;`.
fn stays_beneath(path: &[u8]) -> bool {
    let mut segments = path.split(|byte| matches!(byte, b'/' | b'\\'));
    path.starts_with(IMAGES.as_bytes())
        && segments.all(|segment| {
            let name = segment.split(|byte| *byte == b';').next().unwrap_or_default();
            !matches!(name, b"." | b"..")
        })
}

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    for (is_link, link) in
        [(true, text.to_owned()), (true, format!("https://{}{IMAGES}{text}", HOSTS[0])), (false, text.to_owned())]
    {
        let operation = fuzz::within(64, link.len(), || {
            if is_link { DownloadImage::from_media_url(&link) } else { DownloadImage::from_media_id(&link) }
        });
        let operation = match operation {
            Ok(operation) => operation,
            Err(error) => {
                fuzz::quiet(&error);
                continue;
            }
        };
        let target = operation.request(&Stamp { now: fuzz::NOW, nonce: "n0nce" }).expect("it was checked").target;
        assert!(target.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'?' | b'#')), "{target}");
        match link.strip_prefix("https://").and_then(|link| link.split_once('/')) {
            Some((host, path)) if is_link => {
                assert!(HOSTS.iter().any(|known| known.eq_ignore_ascii_case(host)), "{link}");
                assert_eq!(target[1..], *path, "a link is signed as it is");
            }
            _ => assert!(!is_link, "{link}"),
        }
        let mut path = target.as_bytes().to_vec();
        for _ in 0..4 {
            assert!(stays_beneath(&path), "{target}");
            path = unescaped(&path);
        }
    }
});
