//! Percent-encoding of one value in a path, a query or a form.

/// Writes a value into a path or a query. Only RFC 3986's unreserved characters stay unescaped.
#[cfg(any(feature = "wechat-pay", feature = "mini-program"))]
pub(crate) fn encode_into(target: &mut String, value: &str) {
    for byte in value.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => target.push(char::from(byte)),
            _ => escape_into(target, byte),
        }
    }
}

/// Writes one byte as `%` and two digits.
pub(crate) fn escape_into(target: &mut String, byte: u8) {
    const DIGITS: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'];
    target.push('%');
    target.extend([byte >> 4, byte & 15].iter().filter_map(|digit| DIGITS.get(usize::from(*digit))));
}

/// Decodes `%XX` and `+` once. `None` for a broken escape.
#[cfg(any(feature = "mini-program", feature = "allinpay"))]
pub(crate) fn decode(encoded: &[u8]) -> Option<Vec<u8>> {
    let mut decoded = Vec::with_capacity(encoded.len());
    let mut bytes = encoded.iter();
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'+' => b' ',
            b'%' => {
                let mut digit = || char::from(*bytes.next()?).to_digit(16);
                u8::try_from(digit()? * 16 + digit()?).ok()?
            }
            other => *other,
        });
    }
    Some(decoded)
}

#[cfg(all(test, any(feature = "wechat-pay", feature = "mini-program")))]
mod tests {
    use super::*;

    #[test]
    fn a_value_stays_one_value() {
        let mut target = String::new();
        encode_into(&mut target, "aZ09-_.~&=?#%+ /\u{6295}");
        assert_eq!(target, "aZ09-_.~%26%3D%3F%23%25%2B%20%2F%E6%8A%95");
    }
}
