//! `application/x-www-form-urlencoded`: parameters by name, in the order of the signature.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::percent::{self, escape_into};

/// Parameters of a form, sorted by name, byte by byte. Each name occurs once.
///
/// `Debug` shows no values: they hold personal data and signatures.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Parameters(BTreeMap<Cow<'static, str>, String>);

impl std::fmt::Debug for Parameters {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Parameters {
    /// Sets a parameter and returns its previous value, if it had one.
    pub fn set(&mut self, name: impl Into<Cow<'static, str>>, value: impl Into<String>) -> Option<String> {
        self.0.insert(name.into(), value.into())
    }

    /// Sets a parameter that is not set yet.
    pub fn set_default(&mut self, name: &'static str, value: impl Into<String>) {
        self.0.entry(Cow::Borrowed(name)).or_insert_with(|| value.into());
    }

    /// The value of a parameter.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Names and values, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (&**name, value.as_str()))
    }

    /// Allinpay's string to sign, in parts: `name=value` joined with `&`, without `sign` and empty
    /// values.
    #[must_use]
    pub fn parts_to_sign(&self) -> Vec<&[u8]> {
        parts_to_sign(self.iter().map(|(name, value)| (name, value.as_bytes())))
    }

    /// The form's body: names and values percent-encoded, a space as `+`.
    #[must_use]
    pub fn encode(&self) -> String {
        let mut body = String::new();
        for (name, value) in self.iter() {
            if !body.is_empty() {
                body.push('&');
            }
            encode_into(name, &mut body);
            body.push('=');
            encode_into(value, &mut body);
        }
        body
    }
}

/// See [`Parameters::parts_to_sign`]. `sorted` must be sorted by name already.
pub(crate) fn parts_to_sign<'p>(sorted: impl Iterator<Item = (&'p str, &'p [u8])>) -> Vec<&'p [u8]> {
    let mut parts: Vec<&[u8]> = Vec::new();
    for (name, value) in sorted.filter(|(name, value)| *name != "sign" && !value.is_empty()) {
        if !parts.is_empty() {
            parts.push(b"&");
        }
        parts.extend([name.as_bytes(), b"=", value]);
    }
    parts
}

/// Decodes `%XX` and `+` once, in a name or a value. Borrowed where there is neither; `None` for a
/// broken escape.
#[cfg(feature = "allinpay")]
pub(crate) fn decode_bytes(encoded: &[u8]) -> Option<Cow<'_, [u8]>> {
    if !encoded.iter().any(|byte| matches!(byte, b'%' | b'+')) {
        return Some(Cow::Borrowed(encoded));
    }
    percent::decode(encoded).map(Cow::Owned)
}

fn encode_into(text: &str, body: &mut String) {
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'*' => body.push(char::from(byte)),
            b' ' => body.push('+'),
            _ => escape_into(body, byte),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_and_values_encoded() {
        let mut parameters = Parameters::default();
        for (name, value) in [("trxid2", "b"), ("trxid", "a+b/c="), ("b", "投诉 &"), ("A", "")] {
            assert_eq!(parameters.set(name, value), None);
        }
        assert_eq!(parameters.encode(), "A=&b=%E6%8A%95%E8%AF%89+%26&trxid=a%2Bb%2Fc%3D&trxid2=b");
        assert_eq!(parameters.set("A", "1"), Some(String::new()));
        parameters.set_default("A", "2");
        assert_eq!(parameters.get("A"), Some("1"));
        assert_eq!(format!("{parameters:?}"), r#"{"A", "b", "trxid", "trxid2"}"#);
    }
}
