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
        for broken in ["a", "a=%", "a=%4", "a=%zz", "a=%ff"] {
            assert!(pairs(broken).is_none(), "{broken}");
        }
    }
}
