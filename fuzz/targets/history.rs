//! A negotiation history comes back from its own JSON.
#![no_main]

use libfuzzer_sys::fuzz_target;
use protocol_core::complaint::NegotiationHistory;

fuzz_target!(|bytes: &[u8]| {
    fuzz::document::<NegotiationHistory>("a document", bytes, 512);
});
