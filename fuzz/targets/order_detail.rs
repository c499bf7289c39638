//! A Mini Program's complaint comes back from its own JSON. Every row of its penalties is read or
//! listed as unreadable.
#![no_main]

use libfuzzer_sys::fuzz_target;
use protocol_core::complaint::OrderDetail;
use protocol_core::mini_program::{GetPenaltyList, Operation as _, Response};
use serde_json::Value;

fuzz_target!(|bytes: &[u8]| {
    fuzz::document::<OrderDetail>("a document", bytes, 512);
    let read = fuzz::within(512, bytes.len(), || GetPenaltyList::new(0).receive(Response::new(200, bytes)));
    match read {
        Ok(list) => {
            let list = list.trust_anyway();
            let text = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
            let other = serde_json::from_slice::<Value>(text).unwrap_or_default();
            if let Some(rows) = other.get("appealList").and_then(Value::as_array) {
                assert!(list.appeal_list.len() + list.unreadable.len() <= rows.len());
            }
            assert!(list.unreadable.is_empty() || list.extra.get("appealList").is_none());
        }
        Err(error) => fuzz::quiet(&error),
    }
});
