//! Virtual payment's responses: a list, a detail, a history, an upload, a permission. Every row of a
//! page is read or listed as unreadable; a permission makes a request that a header can hold.
#![no_main]

use libfuzzer_sys::fuzz_target;
use protocol_core::DecodeError;
use protocol_core::virtual_payment::{
    GetComplaintDetail, GetComplaintList, GetNegotiationHistory, GetUploadFileSign, Operation, Response, ResponseError,
    UploadVpFile,
};
use serde_json::Value;

const PICTURE: &str = "https://api.mch.weixin.qq.com/v3/merchant-service/images/Cj";

fn received<O: Operation>(operation: &O, bytes: &[u8]) -> Option<O::Response> {
    match fuzz::within(512, bytes.len(), || operation.receive(Response::new(200, bytes))) {
        Ok(response) => Some(response),
        Err(error) => {
            fuzz::quiet(&error);
            if let ResponseError::Malformed(error) = &error {
                let _: &DecodeError = error;
            }
            None
        }
    }
}

/// The number of rows that another reader finds under a name; `None` if it finds no list.
fn rows(bytes: &[u8], name: &str) -> Option<usize> {
    let text = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    serde_json::from_slice::<Value>(text).ok()?.get(name)?.as_array().map(Vec::len)
}

fuzz_target!(|bytes: &[u8]| {
    if let Some(page) = received(&GetComplaintList::new("2025-06-01", "2025-06-09"), bytes) {
        let page = page.trust_anyway();
        if let Some(rows) = rows(bytes, "complaints") {
            // An empty object in a list may stand for no row at all.
            assert!(page.data.len() + page.unreadable.len() <= rows);
        }
        assert!(page.extra.get("complaints").is_none());
    }
    if let Some(history) = received(&GetNegotiationHistory::new("1"), bytes) {
        let history = history.trust_anyway();
        if let Some(rows) = rows(bytes, "history") {
            assert!(history.data.len() + history.unreadable.len() <= rows);
        }
        assert!(history.unreadable.is_empty() || !history.is_clear());
    }
    received(&GetComplaintDetail::new("1"), bytes);
    if let Some(sign) = received(&GetUploadFileSign::new("1", PICTURE.to_owned()), bytes)
        && let Ok(request) = sign.trust_anyway().request(PICTURE)
    {
        assert!(request.headers().all(|(_, value)| http::HeaderValue::from_str(value).is_ok()));
    }
    let upload = UploadVpFile::from_link("a", "https://a.example/b").expect("a link");
    received(&upload, bytes);
});
