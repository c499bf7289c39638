//! A Mini Program's complaint comes back from its own JSON.
#![no_main]

use libfuzzer_sys::fuzz_target;
use protocol_core::complaint::OrderDetail;

fuzz_target!(|bytes: &[u8]| {
    fuzz::document::<OrderDetail>("a document", bytes, 512);
});
