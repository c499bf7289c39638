//! Virtual payment's events in a push: the number is one that a request takes, and the number of a
//! retry does not change the key of a push.
#![no_main]

use libfuzzer_sys::fuzz_target;
use protocol_core::mini_program::{Acknowledgement, Push, Received};
use protocol_core::virtual_payment::{Env, GetComplaintDetail, Notice, Operation};
use protocol_core::{Stamp, UnixTime};

fuzz_target!(|bytes: &[u8]| {
    let push = match fuzz::within(512, bytes.len(), || Push::decode(bytes)) {
        Ok(push) => push,
        Err(error) => return fuzz::placed(&error, bytes),
    };
    match fuzz::within(512, bytes.len(), || Notice::of(push.peek())) {
        Some(Ok(Notice::Complaint(complaint))) => {
            let stamp = Stamp { now: UnixTime(0), nonce: "n" };
            let takes = |number| GetComplaintDetail::new(number).request(Env::Production, &stamp).is_ok();
            assert!(complaint.number().is_none_or(takes));
            assert!(complaint.extra.get("Event").is_none());
        }
        Some(Err(error)) => fuzz::quiet(&error),
        _ => {}
    }
    let key = push.peek().dedup_key();
    assert!(key.starts_with("push:") && key.len() == "push:".len() + 40);
    let acknowledgement = Acknowledgement::of(&Received::Unverified(push));
    assert!(acknowledgement.body.contains("success"));
});
