//! The query of a pushed message: each parameter once, percent-decoded once, of the platform's
//! characters.

use super::push_error::PushError;
use crate::codec::percent;
use crate::limits::MAX_PUSH_BODY;
use crate::time::UnixTime;

/// Longest nonce, in characters. With a longer one, one signature could be valid for two messages.
/// 64 characters at the front of a ciphertext are three whole blocks; the rest decrypts without
/// them and may read as a message. A nonce has at least one character, and so room for 63 of the
/// ciphertext.
const MAX_NONCE: usize = 64;

/// Hexadecimal digits of a signature, which is a SHA-1.
const SIGNATURE_DIGITS: usize = 40;

/// The parameters that are read.
#[derive(Default)]
pub(super) struct Query {
    timestamp: Option<String>,
    nonce: Option<String>,
    signature: Option<String>,
    msg_signature: Option<String>,
    echostr: Option<String>,
    encrypt_type: Option<String>,
}

impl Query {
    /// Parses a push's query, if its body is not too large.
    pub(super) fn of_push(query: &str, body: &[u8]) -> Result<Self, PushError> {
        if body.len() > MAX_PUSH_BODY { Err(PushError::TooLarge) } else { Self::parse(query) }
    }

    /// Parses a query. A leading `?` is skipped, and so are unknown parameters.
    pub(super) fn parse(query: &str) -> Result<Self, PushError> {
        let mut parameters = Self::default();
        for pair in query.trim().trim_start_matches('?').split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (name, slot) = match name {
                "timestamp" => ("timestamp", &mut parameters.timestamp),
                "nonce" => ("nonce", &mut parameters.nonce),
                "signature" => ("signature", &mut parameters.signature),
                "msg_signature" => ("msg_signature", &mut parameters.msg_signature),
                "echostr" => ("echostr", &mut parameters.echostr),
                "encrypt_type" => ("encrypt_type", &mut parameters.encrypt_type),
                _ => continue,
            };
            let value = decode(value).ok_or(PushError::MalformedParameter(name))?;
            if slot.replace(value).is_some() {
                return Err(PushError::RepeatedParameter(name));
            }
        }
        Ok(parameters)
    }

    /// The signed time, as its digits and as a number.
    pub(super) fn timestamp(&self) -> Result<(&str, UnixTime), PushError> {
        let digits = required(&self.timestamp, "timestamp")?;
        // A leading zero is refused: otherwise a digit of the nonce could move here without effect.
        let time = UnixTime::from_digits(digits).filter(|_| digits == "0" || !digits.starts_with('0'));
        let time = time.ok_or(PushError::MalformedParameter("timestamp"))?;
        Ok((digits, time))
    }

    pub(super) fn nonce(&self) -> Result<&str, PushError> {
        let nonce = required(&self.nonce, "nonce")?;
        let plain = nonce.len() <= MAX_NONCE && nonce.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if plain { Ok(nonce) } else { Err(PushError::MalformedParameter("nonce")) }
    }

    pub(super) fn signature(&self) -> Result<&str, PushError> {
        well_formed(required(&self.signature, "signature")?)
    }

    /// The signature of an encrypted message. If only the other signature is present, the
    /// encryption was stripped.
    pub(super) fn msg_signature(&self) -> Result<&str, PushError> {
        match (&self.msg_signature, &self.signature) {
            (None, Some(_)) => Err(PushError::BadSignature),
            (signature, _) => well_formed(required(signature, "msg_signature")?),
        }
    }

    pub(super) fn echostr(&self) -> Result<&str, PushError> {
        required(&self.echostr, "echostr")
    }

    pub(super) fn says_encrypted(&self) -> bool {
        self.encrypt_type.as_deref().is_some_and(|kind| !kind.is_empty() && kind != "raw")
    }
}

/// Decodes a value, which must be text.
fn decode(value: &str) -> Option<String> {
    String::from_utf8(percent::decode(value.as_bytes())?).ok()
}

fn required<'q>(value: &'q Option<String>, name: &'static str) -> Result<&'q str, PushError> {
    value.as_deref().filter(|value| !value.is_empty()).ok_or(PushError::MissingParameter(name))
}

/// Checks the format of a signature.
fn well_formed(signature: &str) -> Result<&str, PushError> {
    let is_sha1 = signature.len() == SIGNATURE_DIGITS && signature.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_sha1 { Ok(signature) } else { Err(PushError::BadSignature) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_decoded_once() {
        let query = Query::parse("?timestamp=17&nonce=a1&echostr=%E6%8A%95+%252B&openid=x&msg_signature=0123456789abcdefABCDEF0123456789abcdef01").unwrap();
        assert_eq!(query.timestamp().unwrap(), ("17", UnixTime(17)));
        assert_eq!(query.nonce().unwrap(), "a1");
        assert_eq!(query.echostr().unwrap(), "投 %2B");
        assert_eq!(query.msg_signature().unwrap(), "0123456789abcdefABCDEF0123456789abcdef01");
        assert_eq!(query.signature().unwrap_err(), PushError::MissingParameter("signature"));
    }

    #[test]
    fn values_the_platform_never_writes_are_refused() {
        let parse = |query: &str| {
            Query::parse(query).and_then(|query| {
                query.timestamp()?;
                query.nonce()?;
                query.msg_signature().map(drop)
            })
        };
        for (query, error) in [
            ("", PushError::MissingParameter("timestamp")),
            ("timestamp=", PushError::MissingParameter("timestamp")),
            ("timestamp=1&timestamp=1", PushError::RepeatedParameter("timestamp")),
            ("timestamp=-1", PushError::MalformedParameter("timestamp")),
            ("timestamp=01", PushError::MalformedParameter("timestamp")),
            ("timestamp=1&nonce=a%2", PushError::MalformedParameter("nonce")),
            ("timestamp=1&nonce=%ff", PushError::MalformedParameter("nonce")),
            ("timestamp=1&nonce=a-b", PushError::MalformedParameter("nonce")),
            ("timestamp=1&nonce=a", PushError::MissingParameter("msg_signature")),
            ("timestamp=1&nonce=a&signature=x", PushError::BadSignature),
        ] {
            assert_eq!(parse(query).unwrap_err(), error, "{query}");
        }
        let signed = |nonce: usize, digits: usize| {
            let (nonce, signature) = ("a".repeat(nonce), "f".repeat(digits));
            parse(&format!("timestamp=1&nonce={nonce}&msg_signature={signature}"))
        };
        assert!(signed(MAX_NONCE, SIGNATURE_DIGITS).is_ok());
        assert_eq!(signed(MAX_NONCE + 1, SIGNATURE_DIGITS), Err(PushError::MalformedParameter("nonce")));
        for digits in [SIGNATURE_DIGITS - 1, SIGNATURE_DIGITS + 1] {
            assert_eq!(signed(1, digits), Err(PushError::BadSignature), "{digits}");
        }
    }
}
