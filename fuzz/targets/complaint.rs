//! A complaint comes back from its own JSON, unknown members and all.
#![no_main]

use libfuzzer_sys::fuzz_target;
use protocol_core::complaint::Complaint;

fuzz_target!(|bytes: &[u8]| {
    fuzz::document::<Complaint>("a document", bytes, 512);
});
