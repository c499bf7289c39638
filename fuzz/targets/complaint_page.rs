//! A page of complaints comes back from its own JSON.
#![no_main]

use libfuzzer_sys::fuzz_target;
use protocol_core::complaint::ComplaintPage;

fuzz_target!(|bytes: &[u8]| {
    fuzz::document::<ComplaintPage>("a document", bytes, 512);
});
