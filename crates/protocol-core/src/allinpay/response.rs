//! Allinpay's responses. Every member is signed, whether known or not, and none is read before the
//! signature verified.

use std::borrow::Cow;
use std::fmt;

use memchr::memchr2;
use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Unexpected, Visitor};
use serde_json::value::RawValue;

use super::handled::Handled;
use super::merchant::Merchant;
use super::response_error::{NoSignature, ResponseError};
use super::seen::SeenSigns;
use crate::codec::base64;
use crate::codec::form::parts_to_sign;
use crate::codec::json::{WireValue, read_unopened};
use crate::codec::text::escaped_json;
use crate::crypto::Verifier;
use crate::error::DecodeError;
use crate::limits::{MAX_BASE64_IMAGE_BODY, MAX_RESPONSE_MEMBERS};
use crate::secret::Personal;
use crate::trust::{Unverified, Verified};

/// The name of a response in decoding errors.
const DOCUMENT: &str = "a response";

/// The name of the text in `records` in decoding errors.
pub(super) const RECORDS: &str = "records";

/// `handlestate` of a failure.
const HANDLE_FAILED: &str = "3999";

/// A response's members, sorted by name. All are signed, except `sign` itself.
#[derive(Clone, PartialEq)]
pub struct Members<'b> {
    members: Vec<(Cow<'b, str>, Member<'b>)>,
    /// The decoded `records`, after they were checked.
    pub(super) records: Option<Vec<u8>>,
}

#[derive(Clone, PartialEq)]
enum Member<'b> {
    Text(Cow<'b, str>),
    /// Any value other than a string, unchanged.
    Lexeme(Cow<'b, str>),
}

impl Member<'_> {
    /// The text in the string to sign. `null` counts as absent.
    fn signed(&self) -> &str {
        match self {
            Self::Text(text) => text,
            Self::Lexeme(lexeme) if lexeme == "null" => "",
            Self::Lexeme(lexeme) => lexeme,
        }
    }
}

/// Names only.
impl fmt::Debug for Members<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.members.iter().map(|(name, _)| name)).finish()
    }
}

impl<'b> Members<'b> {
    /// Parses a response without verifying it, for showing the string to sign.
    ///
    /// # Errors
    /// [`ResponseError::TooLarge`], [`ResponseError::NoResponse`].
    pub fn parse(body: &'b [u8]) -> Result<Unverified<Self>, ResponseError> {
        Self::take_apart(body).map(Unverified::new)
    }

    fn take_apart(body: &'b [u8]) -> Result<Self, ResponseError> {
        check_size(body.len(), MAX_BASE64_IMAGE_BODY)?;
        read_unopened(DOCUMENT, body).or_else(|error| {
            let escaped = escaped_json(body)
                .and_then(|text| read_unopened(DOCUMENT, text.as_bytes()).map(Members::into_owned).ok());
            escaped.ok_or(ResponseError::NoResponse(error))
        })
    }

    fn into_owned(self) -> Members<'static> {
        let owned = |text: Cow<'_, str>| Cow::Owned(text.into_owned());
        let members = self.members.into_iter().map(|(name, member)| match member {
            Member::Text(text) => (owned(name), Member::Text(owned(text))),
            Member::Lexeme(lexeme) => (owned(name), Member::Lexeme(owned(lexeme))),
        });
        Members { members: members.collect(), records: self.records }
    }

    /// A member's text; for a number, a boolean or an object its JSON.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        let at = self.members.binary_search_by(|(candidate, _)| candidate.as_ref().cmp(name)).ok()?;
        self.members.get(at).map(|(_, member)| member.signed()).filter(|text| !text.is_empty())
    }

    /// The string to sign, in parts.
    #[must_use]
    pub fn parts_to_sign(&self) -> Vec<&[u8]> {
        parts_to_sign(self.members.iter().map(|(name, member)| (&**name, member.signed().as_bytes())))
    }

    /// The signature's bytes, if there is one and it is base64.
    #[must_use]
    pub fn signature(&self) -> Option<Vec<u8>> {
        base64::decode(self.get("sign")?)
    }

    pub(super) fn decode_base64(text: &str) -> Option<Vec<u8>> {
        base64::decode(text).or_else(|| base64::decode_pasted(text).map(|bytes| bytes.to_vec()))
    }

    /// Names and JSON of the members, unchanged, sorted by name.
    pub fn members(&self) -> impl Iterator<Item = (&str, Cow<'_, str>)> {
        self.members.iter().map(|(name, member)| {
            let json = match member {
                // A string can always be written as JSON.
                Member::Text(text) => Cow::Owned(serde_json::to_string(text).unwrap_or_default()),
                Member::Lexeme(lexeme) => Cow::Borrowed(&**lexeme),
            };
            (&**name, json)
        })
    }
}

/// Accessors that require a verified signature.
impl Verified<Members<'_>> {
    /// The platform's report on the request, beside the document.
    #[must_use]
    pub fn handled(&self) -> Handled {
        let words = |name| self.get(name).map(Personal::from);
        Handled {
            handlestate: self.get("handlestate").map(str::to_owned),
            handlemsg: words("handlemsg"),
            retmsg: words("retmsg"),
        }
    }
}

impl Merchant {
    /// Opens a response to this merchant's request: a success whose signature verifies and that
    /// names no other merchant. A failure (`handlestate` 3999) and a refusal within (by WeChat or
    /// Alipay, in `records`) are errors, so that no operation reads one as an empty response, or as
    /// success.
    ///
    /// ```
    /// use protocol_core::allinpay::{Merchant, SignType, verifier};
    /// use protocol_core::crypto::PublicKey;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let platform_key = include_bytes!("../../samples/allinpay/platform_sm2.pub");
    /// # let body = include_bytes!("../../samples/allinpay/history.json");
    /// let merchant = Merchant::new("00000051", "990581007426001", SignType::Sm2)?;
    /// let verifier = verifier(&PublicKey::read(platform_key)?)?;
    /// let response = merchant.open(body, &*verifier)?;
    /// assert_eq!(response.get("retcode"), Some("SUCCESS"));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ResponseError`].
    pub fn open<'b>(&self, body: &'b [u8], verifier: &dyn Verifier) -> Result<Verified<Members<'b>>, ResponseError> {
        self.open_admitted(body, verifier, None)
    }

    /// As [`open`](Self::open), but refuses a response whose signature was seen before. A response
    /// contains neither its time nor its request. Without this check, only TLS keeps an
    /// intermediary from sending an earlier one.
    ///
    /// # Errors
    /// [`ResponseError`]; [`ResponseError::Replayed`] for a response that was received before.
    pub fn open_once<'b>(
        &self,
        body: &'b [u8],
        verifier: &dyn Verifier,
        seen: &SeenSigns,
    ) -> Result<Verified<Members<'b>>, ResponseError> {
        self.open_admitted(body, verifier, Some(seen))
    }

    fn open_admitted<'b>(
        &self,
        body: &'b [u8],
        verifier: &dyn Verifier,
        seen: Option<&SeenSigns>,
    ) -> Result<Verified<Members<'b>>, ResponseError> {
        let mut response = Members::take_apart(body)?;
        let missing =
            || ResponseError::NoResponse(DecodeError::at(DOCUMENT, body, body.len(), "missing member `retcode`"));
        let retcode = response.get("retcode").ok_or_else(missing)?;
        if retcode != "SUCCESS" {
            return Err(ResponseError::Rejected {
                retcode: retcode.to_owned(),
                retmsg: response.get("retmsg").map(Personal::from).map(Unverified::new),
            });
        }
        if let Some(none) = NoSignature::of(response.get("sign").unwrap_or_default()) {
            return Err(ResponseError::NoSignature(none));
        }
        let signature = response.signature().ok_or(ResponseError::BadSignature)?;
        if verifier.algorithm() != self.sign_type().algorithm() {
            return Err(ResponseError::BadSignature);
        }
        verifier.verify(&response.parts_to_sign(), &signature).map_err(|_| ResponseError::BadSignature)?;
        if let Some(seen) = seen {
            seen.admit(signature)?;
        }
        let own = response.get("appid").is_none_or(|appid| appid == self.appid())
            && response.get("cusid").is_none_or(|cusid| self.responses_to(cusid));
        if !own {
            return Err(ResponseError::WrongAppid);
        }
        if response.get("handlestate") == Some(HANDLE_FAILED) {
            return Err(ResponseError::Failed { handlemsg: response.get("handlemsg").map(Personal::from) });
        }
        response.open_records()?;
        Ok(Verified::new(response))
    }
}

pub(super) const fn check_size(size: usize, limit: usize) -> Result<(), ResponseError> {
    if size > limit { Err(ResponseError::TooLarge { limit }) } else { Ok(()) }
}

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct MembersVisitor;

        impl<'de> Visitor<'de> for MembersVisitor {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::with_capacity(8);
                while let Some(Name(name)) = map.next_key()? {
                    // The string to sign would have two readings, and one of them could hide a
                    // member.
                    if name.contains(['&', '=']) {
                        return Err(A::Error::invalid_value(
                            Unexpected::Other("another name"),
                            &"names without & and =",
                        ));
                    }
                    let json = map.next_value::<&'de RawValue>()?.get();
                    // Nearly all of a response is one text without either.
                    let is_plain = memchr2(b'\\', b'&', json.as_bytes()).is_none();
                    let member = match json.strip_prefix('"').and_then(|text| text.strip_suffix('"')) {
                        None => Member::Lexeme(Cow::Borrowed(json)),
                        Some(text) if is_plain || !text.contains('\\') => Member::Text(Cow::Borrowed(text)),
                        Some(_) => Member::Text(Cow::Owned(
                            serde_json::from_str(json)
                                .map_err(|_| A::Error::custom("a string with a broken escape"))?,
                        )),
                    };
                    if !is_plain && hides_a_member(member.signed()) {
                        return Err(A::Error::invalid_value(
                            Unexpected::Other("another member"),
                            &"values without another member in them",
                        ));
                    }
                    if members.len() == MAX_RESPONSE_MEMBERS {
                        return Err(A::Error::invalid_length(MAX_RESPONSE_MEMBERS + 1, &"at most 256 members"));
                    }
                    members.push((name, member));
                }
                members.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
                let twice = members.windows(2).any(|pair| matches!(pair, [(one, _), (other, _)] if one == other));
                if twice {
                    return Err(A::Error::custom(DecodeError::TWICE));
                }
                Ok(Members { members, records: None })
            }
        }

        deserializer.deserialize_map(MembersVisitor)
    }
}

/// Whether a value reads as the end of a member and the beginning of another, decisive one. The
/// string to sign has no escapes, so an attacker who changes a response could move a member into
/// its neighbour.
fn hides_a_member(value: &str) -> bool {
    const DECISIVE: [&str; 10] = [
        "appid",
        "complaint_process_success",
        "cusid",
        "handlemsg",
        "handlestate",
        "imagebase64",
        "mediaid",
        "records",
        "retcode",
        "total_count",
    ];
    value.split('&').skip(1).any(|piece| piece.split_once('=').is_some_and(|(name, _)| DECISIVE.contains(&name)))
}

/// A member's name, borrowed where it has no escapes.
struct Name<'de>(Cow<'de, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        WireValue::decode(deserializer).map(Self)
    }
}
