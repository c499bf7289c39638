//! A push in JSON: what decodes comes back from JSON and, except for control characters, from XML.
#![no_main]

use libfuzzer_sys::fuzz_target;
use protocol_core::mini_program::{Event, Push};

fn decode(text: &str) -> Push {
    Push::decode(text.as_bytes()).expect("what was written can be read").trust_anyway()
}

fuzz_target!(|bytes: &[u8]| {
    let push = match fuzz::within(512, bytes.len(), || Push::decode(bytes)) {
        Ok(push) => push.trust_anyway(),
        Err(error) => return fuzz::placed(&error, bytes),
    };
    let json = serde_json::to_string(&push).expect("what was read can be written");
    match &push.content {
        // A member that does not fit is written unchanged, mended text is written mended.
        Event::Complaint(_) if !push.misfits().is_empty() || !fuzz::is_json(bytes) => {
            let again = decode(&json);
            assert_eq!(
                again.complaint().map(|complaint| &complaint.complaint_order_id),
                push.complaint().map(|complaint| &complaint.complaint_order_id)
            );
        }
        Event::Complaint(_) => {
            let again = decode(&json);
            assert_eq!(again, push);
            assert_eq!(again.dedup_key(), push.dedup_key());
            // Members that only JSON has, and characters that XML forbids, are lost in XML; once.
            let xml = decode(&push.to_xml()).to_xml();
            assert_eq!(decode(&xml).to_xml(), xml);
        }
        Event::Other(document) => {
            // Of several byte-order marks one is dropped, each time.
            if !document.as_str().starts_with('\u{feff}') {
                assert_eq!(decode(document.as_str()), push);
            }
            assert!(push.dedup_key().starts_with("push:"));
        }
        _ => unreachable!("a push is a complaint or another event"),
    }
});
