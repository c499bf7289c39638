//! The strict reading of percent-encoded pairs in queries and forms.

/// Decodes `%XX` and `+` once; `None` for a broken escape or invalid UTF-8.
pub(crate) fn decode(value: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let digit = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16));
                u8::try_from(digit(rest.next())? * 16 + digit(rest.next())?).ok()?
            }
            b'+' => b' ',
            other => other,
        });
    }
    String::from_utf8(bytes).ok()
}

/// The decoded pairs of a query or a form, in their order; `None` if one cannot be read.
pub(crate) fn pairs(text: &str) -> Option<Vec<(String, String)>> {
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=')?;
            Some((decode(name)?, decode(value)?))
        })
        .collect()
}

/// The body of a form: values percent-encoded in UTF-8, a space as `+`.
pub(crate) fn encode(pairs: &[(String, String)]) -> String {
    let mut body = String::new();
    for (name, value) in pairs {
        if !body.is_empty() {
            body.push('&');
        }
        body.push_str(name);
        body.push('=');
        for byte in value.bytes() {
            match byte {
                b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'-' | b'_' | b'.' | b'*' => body.push(char::from(byte)),
                b' ' => body.push('+'),
                _ => body.push_str(&format!("%{byte:02X}")),
            }
        }
    }
    body
}

/// A pair's value, if its name occurs once.
pub(crate) fn single<'p>(pairs: &'p [(String, String)], wanted: &str) -> Option<&'p str> {
    let mut values = pairs.iter().filter(|(name, _)| name == wanted).map(|(_, value)| value.as_str());
    values.next().filter(|_| values.next().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_decoded_once_and_strictly() {
        let read = pairs("a=%E6%8A%95+%252B&b=&b=1&").unwrap();
        assert_eq!(single(&read, "a"), Some("投 %2B"));
        assert_eq!((single(&read, "b"), single(&read, "c")), (None, None));
        let written = encode(&[("a".to_owned(), "投 %2B".to_owned()), ("b".to_owned(), String::new())]);
        assert_eq!(written, "a=%E6%8A%95+%252B&b=");
        for broken in ["a", "a=%", "a=%4", "a=%zz", "a=%ff"] {
            assert!(pairs(broken).is_none(), "{broken}");
        }
    }
}
