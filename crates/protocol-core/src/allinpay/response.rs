//! Allinpay's answers: every member signed, whether known or not; nothing read before that verified.

use core::fmt;
use std::borrow::Cow;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Unexpected, Visitor};
use serde_json::value::RawValue;

use super::handled::Handled;
use super::merchant::Merchant;
use super::seen::SeenSigns;
use crate::codec::base64;
use crate::codec::form::parts_to_sign;
use crate::codec::json::{WireValue, read_unopened};
use crate::codec::text::escaped_json;
use crate::crypto::Verifier;
use crate::error::{DecodeError, Delivery, Fault};
use crate::limits::{MAX_BASE64_IMAGE_BODY, MAX_RESPONSE_MEMBERS};
use crate::refusal::Refusal;
use crate::secret::Personal;
use crate::trust::{Unverified, Verified};

/// What a decoding error calls a response.
const DOCUMENT: &str = "a response";

/// What a decoding error calls the text that stands in `records`.
pub(super) const RECORDS: &str = "records";

/// `handlestate` of what failed.
const HANDLE_FAILED: &str = "3999";

/// Why a response is no success.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ResponseError {
    /// Larger than any response of its kind.
    #[error("the response has more than {limit} bytes")]
    TooLarge {
        /// The bound: of a picture's answer, which is the largest, or of one with `records`.
        limit: usize,
    },
    /// Not a response of the platform's at all: not JSON, a member twice, or none that says whether it is a success.
    #[error("{0}")]
    NoResponse(DecodeError),
    /// A success whose signature verifies, but whose document is not of the documented shape.
    #[error("the request succeeded, but the response could not be parsed: {0}")]
    Malformed(#[from] DecodeError),
    /// The platform says no. Refusals are not signed: believe them no further than you must.
    #[error("the platform refused (unauthenticated)")]
    Rejected {
        /// `retcode`.
        retcode: String,
        /// `retmsg`, in words.
        retmsg: Option<Unverified<Personal<String>>>,
    },
    /// A success without a signature that could be verified: `sign` is missing, or of another kind than RSA's and SM2's. What was
    /// asked for may have happened all the same.
    #[error("{0}")]
    NoSignature(NoSignature),
    /// A success with a signature that does not belong to it: forged, signed under another user id, in another form, or with another
    /// key. What was asked for may have happened all the same.
    #[error("the signature does not verify")]
    BadSignature,
    /// The response is signed, but names another application or merchant.
    #[error("the response is for another application or merchant")]
    WrongAppid,
    /// The response is signed, but came before: whoever sits between sent it again, in the place of the one that was due. What was
    /// asked for may have happened all the same.
    #[error("the response came before: it is another request's")]
    Replayed,
    /// The response is signed, and says that what was asked for failed (`handlestate` 3999, `complaint_process_success` false).
    #[error("the platform could not do it")]
    Failed {
        /// `handlemsg`, in words.
        handlemsg: Option<Personal<String>>,
    },
    /// The response is signed, and `records` holds a refusal of WeChat's or Alipay's, behind the platform.
    #[error("WeChat or Alipay, behind the platform, refused{}", .0.for_display())]
    Refused(Box<Refusal>),
    /// The response to an act is signed, and its `handlestate` says neither that it was done nor that it failed.
    #[error("the platform does not say whether it was done")]
    Unclear(Box<Handled>),
}

/// What stands in the place of a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum NoSignature {
    /// Nothing: `sign` is absent, `null`, empty or blank.
    #[error("the response has no `sign`")]
    Missing,
    /// 32 hexadecimal digits: MD5 over a shared key, which the complaint interfaces do not offer.
    #[error("`sign` is 32 hexadecimal digits: that is MD5")]
    Md5,
    /// More hexadecimal digits, where base64 is due.
    #[error("`sign` is in hexadecimal, where base64 is due")]
    Hexadecimal,
}

impl ResponseError {
    /// Whose fault it is.
    #[must_use]
    pub fn fault(&self) -> Fault {
        match self {
            Self::TooLarge { .. } | Self::NoSignature(_) | Self::BadSignature | Self::WrongAppid | Self::Replayed => {
                Fault::Peer
            }
            Self::NoResponse(_) | Self::Malformed(_) | Self::Failed { .. } | Self::Unclear(_) => Fault::Platform,
            Self::Rejected { .. } => Fault::Caller,
            Self::Refused(refusal) => refusal.fault(),
        }
    }

    /// Whether the request may have taken effect.
    ///
    /// Only a failure or a refusal that is signed is known, unless it is a system's that failed. The platform's own refusal is
    /// not signed: whoever sits between may have written it over a success, so it does not prove that nothing happened. It does
    /// not ask for a second attempt either.
    #[must_use]
    pub fn delivery(&self) -> Delivery {
        match self {
            Self::Failed { .. } => Delivery::Processed,
            Self::Refused(refusal) => refusal.delivery(),
            _ => Delivery::Unknown,
        }
    }

    /// Whether the same request may succeed later: where what came is no response of the platform's at all, such as a gateway's
    /// page, and where WeChat or Alipay says so. The platform's own refusals have no codes that tell the passing ones apart; a
    /// signature that does not verify is most often a key that was mistaken. Whether it may be *sent* again is another
    /// question: see [`ResponseError::delivery`].
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::NoResponse(_) => true,
            Self::Refused(refusal) => refusal.is_retryable(),
            _ => false,
        }
    }
}

/// A response's members, sorted by name; signed, but for `sign` itself.
#[derive(Clone, PartialEq)]
pub struct Members<'b> {
    members: Vec<(Cow<'b, str>, Member<'b>)>,
    /// What `records` stands for, once it has been looked at.
    pub(super) records: Option<Vec<u8>>,
}

#[derive(Clone, PartialEq)]
enum Member<'b> {
    Text(Cow<'b, str>),
    /// Anything else than a string, as it was written.
    Lexeme(Cow<'b, str>),
}

impl Member<'_> {
    /// What enters the string to sign. `null` is as good as absent.
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
    /// Takes a response apart without believing anything of it: for showing the string to sign.
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

    /// A member's text; of a number, a truth or an object its source.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        let at = self.members.binary_search_by(|(candidate, _)| candidate.as_ref().cmp(name)).ok()?;
        self.members.get(at).map(|(_, member)| member.signed()).filter(|text| !text.is_empty())
    }

    /// The string to sign, in parts.
    #[must_use]
    pub fn parts_to_sign(&self) -> Vec<&[u8]> {
        parts_to_sign(self.members.iter().map(|(name, member)| (&**name, member.signed())))
    }

    /// What stands in the place of a signature; `None` where `sign` may be one.
    fn no_signature(&self) -> Option<NoSignature> {
        /// Digits of the shortest digest after MD5, SHA-1's. No signature's base64 is without any other character.
        const SHORTEST: usize = 40;

        let sign = self.get("sign").unwrap_or_default().trim_ascii();
        if sign.is_empty() {
            return Some(NoSignature::Missing);
        }
        let is_hexadecimal = sign.bytes().all(|byte| byte.is_ascii_hexdigit());
        match sign.len() {
            32 if is_hexadecimal => Some(NoSignature::Md5),
            digits if is_hexadecimal && digits >= SHORTEST => Some(NoSignature::Hexadecimal),
            _ => None,
        }
    }

    /// The signature's bytes, if there is one and it is base64.
    #[must_use]
    pub fn signature(&self) -> Option<Vec<u8>> {
        base64::decode(self.get("sign")?)
    }

    pub(super) fn decode_base64(text: &str) -> Option<Vec<u8>> {
        base64::decode(text).or_else(|| base64::decode_pasted(text).map(|bytes| bytes.to_vec()))
    }

    /// Members as they came, sorted by name: names, and JSON of the values.
    pub fn members(&self) -> impl Iterator<Item = (&str, Cow<'_, str>)> {
        self.members.iter().map(|(name, member)| {
            let json = match member {
                // A string always makes JSON.
                Member::Text(text) => Cow::Owned(serde_json::to_string(text).unwrap_or_default()),
                Member::Lexeme(lexeme) => Cow::Borrowed(&**lexeme),
            };
            (&**name, json)
        })
    }
}

/// What may be read once the signature has verified.
impl Verified<Members<'_>> {
    /// What the platform says of how it went, beside the document.
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
    /// Opens a response to this merchant's request: a success whose signature verifies, that names nobody else, and that tells of
    /// no failure (`handlestate` 3999) and of no refusal within (of WeChat's or Alipay's, in `records`), so that no operation
    /// reads one as an empty response, or as done.
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

    /// As [`open`](Self::open), once for each response: one whose signature was seen before is refused. A response says neither when it was
    /// made nor what it responds to, so without this, TLS alone keeps whoever sits between from responding with an earlier one.
    ///
    /// # Errors
    /// [`ResponseError`]; [`ResponseError::Replayed`] for a response that came before.
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
        if let Some(none) = response.no_signature() {
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
                    // The string to sign would have two readings, and one of them could hide a member that counts.
                    if name.contains(['&', '=']) {
                        return Err(A::Error::invalid_value(
                            Unexpected::Other("another name"),
                            &"names without & and =",
                        ));
                    }
                    let json = map.next_value::<&'de RawValue>()?.get();
                    let member = match json.strip_prefix('"').and_then(|text| text.strip_suffix('"')) {
                        None => Member::Lexeme(Cow::Borrowed(json)),
                        Some(text) if !text.as_bytes().contains(&b'\\') => Member::Text(Cow::Borrowed(text)),
                        Some(_) => Member::Text(Cow::Owned(
                            serde_json::from_str(json)
                                .map_err(|_| A::Error::custom("a string with a broken escape"))?,
                        )),
                    };
                    if member.signed().contains('&') && hides_a_member(member.signed()) {
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

/// Whether a value reads as the end of a member and the beginning of another one that decides something: the string to
/// sign has no escapes, so whoever changes a response could move a member into its neighbour.
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
