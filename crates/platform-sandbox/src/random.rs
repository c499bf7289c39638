//! Ids, nonces and digits. They are not secret: all data of a sandbox is invented.

use std::iter::repeat_with;

/// This many letters and digits.
pub(crate) fn alphanumeric(length: usize) -> String {
    repeat_with(fastrand::alphanumeric).take(length).collect()
}

/// This many decimal digits, the first not zero.
pub(crate) fn digits(length: usize) -> String {
    let mut digits = repeat_with(|| fastrand::digit(10));
    let first = char::from(b'0' + fastrand::u8(1..10));
    std::iter::once(first).chain(digits.by_ref()).take(length).collect()
}

/// An array of bytes.
pub(crate) fn bytes<const N: usize>() -> [u8; N] {
    std::array::from_fn(|_| fastrand::u8(..))
}

/// The id of a notification: a random UUID, 36 characters.
pub(crate) fn uuid() -> String {
    let value = (fastrand::u128(..) & !(0xf << 76) & !(0x3 << 62)) | (0x4 << 76) | (0x2 << 62);
    let hex = format!("{value:032x}");
    let part = |range: std::ops::Range<usize>| hex.get(range).unwrap_or_default().to_owned();
    [part(0..8), part(8..12), part(12..16), part(16..20), part(20..32)].join("-")
}

/// Upper-case hexadecimal, the form of serials.
pub(crate) fn upper_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}

/// `Request-ID`, as the platform writes it. The tail tells success from failure.
pub(crate) fn request_id(status: u16) -> String {
    let tail = if status < 400 { 0 } else { 268_435_000_u32 + u32::from(status) };
    format!("08{:032X}-{tail}", fastrand::u128(..))
}
