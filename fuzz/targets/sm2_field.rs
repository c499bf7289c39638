//! SM2's field: every operation on two integers, and on the Montgomery forms with these bytes, gives
//! what crypto-bigint and fiat-crypto give; an integer from p on is none of its elements.
#![no_main]

use fuzz::sm2_arithmetic::{check_field, pair};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Some((a, b)) = pair(bytes) {
        check_field(a, b);
    }
});
