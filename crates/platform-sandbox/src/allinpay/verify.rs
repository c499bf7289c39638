//! The verification of requests: reads the form, finds the caller, and verifies the signature.
//!
//! The string to sign is rebuilt from the received form. No code is shared with the client, so that
//! the two cannot be wrong together. The vendor's published examples test it.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use protocol_core::allinpay::SignType;
use protocol_core::crypto::{PublicKey, RsaDigest, RsaVerifier, Sm2SignatureEncoding, Sm2Verifier, Verifier};

use crate::error::SandboxError;
use crate::form;
use crate::multipart;
use crate::request_error::RequestError;

/// The documented maximum lengths of the common parameters, in characters. A real `sign` is longer,
/// and accepted.
const LENGTHS: [(&str, usize); 7] =
    [("appid", 8), ("cusid", 15), ("orgid", 15), ("version", 2), ("randomstr", 32), ("signtype", 4), ("sign", 512)];

/// The callers' public keys by `appid`, each with the merchants that the caller acts for.
#[derive(Debug, Clone, Default)]
pub struct AllinpayKeys(HashMap<String, Known>);

#[derive(Debug, Clone)]
struct Known {
    verifier: Arc<dyn Verifier>,
    sign_type: SignType,
    orgid: Option<String>,
    merchants: Vec<String>,
}

impl AllinpayKeys {
    /// No keys.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the key of a merchant; with `orgid`, of an agent and the merchants below it.
    ///
    /// # Errors
    /// [`SandboxError::Identity`] for a key or an `appid` that no caller has.
    pub fn insert(
        &mut self,
        appid: &str,
        orgid: Option<&str>,
        merchants: &[&str],
        key: &PublicKey,
    ) -> Result<(), SandboxError> {
        let (sign_type, verifier): (_, Arc<dyn Verifier>) = match key {
            PublicKey::Rsa(key) => (SignType::Rsa, Arc::new(RsaVerifier::new(key, RsaDigest::Sha1))),
            // The caller's user id is its own; the platform's is another one.
            PublicKey::Sm2(key) => {
                let verifier = Sm2Verifier::new(key, appid, Sm2SignatureEncoding::Raw);
                (SignType::Sm2, Arc::new(verifier.map_err(|error| SandboxError::Identity(error.to_string()))?))
            }
            _ => return Err(SandboxError::Identity("a key of another kind".to_owned())),
        };
        let merchants = merchants.iter().map(|cusid| (*cusid).to_owned()).collect();
        let known = Known { verifier, sign_type, orgid: orgid.map(str::to_owned), merchants };
        self.0.insert(appid.to_owned(), known);
        Ok(())
    }
}

/// Who signed a request.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AllinpayCaller {
    /// The application.
    pub appid: String,
    /// The merchant it is about; an agent's own number where it is about all below it.
    pub cusid: String,
    /// The agent that asks.
    pub orgid: Option<String>,
    /// The algorithm of the signature.
    pub sign_type: SignType,
    /// The merchants whose complaints it may see in this request.
    pub scope: Vec<String>,
}

/// The gateway's wording.
pub(super) fn retmsg(error: &RequestError) -> String {
    match error {
        RequestError::Repeated(name) => format!("参数[{name}]重复"),
        RequestError::Missing(name) => format!("参数[{name}]不能为空"),
        RequestError::Value(name) => format!("参数[{name}]不合法"),
        RequestError::SchemeMismatch => "签名方式不支持".to_owned(),
        RequestError::UnknownAppid => "应用不存在".to_owned(),
        RequestError::ForeignMerchant => "商户号与应用不匹配".to_owned(),
        RequestError::BadSignature { .. } => "签名验证失败".to_owned(),
        _ => "请求报文格式错误".to_owned(),
    }
}

/// A request's parameters, and the file that came with them.
#[derive(Default)]
pub(super) struct Form {
    pub(super) parameters: BTreeMap<String, String>,
    pub(super) file: Option<File>,
}

/// An uploaded file.
pub(super) struct File {
    pub(super) name: String,
    pub(super) bytes: Vec<u8>,
}

impl Form {
    /// Reads a body. All of it must be readable, and no name may occur twice.
    pub(super) fn read(content_type: &str, body: &[u8]) -> Result<Self, RequestError> {
        let mut form = Self::default();
        if let Some(boundary) = multipart::boundary(content_type) {
            for part in multipart::parts(body, boundary).ok_or(RequestError::Form)? {
                match (part.filename, part.name) {
                    (Some(name), "file") if form.file.is_none() => {
                        form.file = Some(File { name: name.to_owned(), bytes: part.content.to_vec() });
                    }
                    (Some(_), _) => return Err(RequestError::Form),
                    (None, name) => {
                        let value = std::str::from_utf8(part.content).map_err(|_| RequestError::Form)?;
                        form.add(name.to_owned(), value.to_owned())?;
                    }
                }
            }
            return Ok(form);
        }
        let kind = content_type.split(';').next().unwrap_or_default().trim();
        if !kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return Err(RequestError::ContentType);
        }
        let text = std::str::from_utf8(body).map_err(|_| RequestError::Form)?;
        for (name, value) in form::pairs(text).ok_or(RequestError::Form)? {
            form.add(name, value)?;
        }
        Ok(form)
    }

    fn add(&mut self, name: String, value: String) -> Result<(), RequestError> {
        match self.parameters.insert(name.clone(), value) {
            None => Ok(()),
            Some(_) => Err(RequestError::Repeated(name)),
        }
    }

    /// A parameter's value. An empty value counts as absent.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.parameters.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    fn needed(&self, name: &'static str) -> Result<&str, RequestError> {
        self.get(name).ok_or(RequestError::Missing(name))
    }

    /// Who sent it, if they signed just this.
    pub(super) fn verify(&self, keys: &AllinpayKeys) -> Result<AllinpayCaller, RequestError> {
        for name in ["appid", "cusid", "randomstr", "signtype", "sign"] {
            self.needed(name)?;
        }
        for (name, longest) in LENGTHS {
            if self.get(name).is_some_and(|value| value.chars().count() > longest) {
                return Err(RequestError::Value(name));
            }
        }
        if self.get("version").is_some_and(|version| !matches!(version, "11" | "12")) {
            return Err(RequestError::Value("version"));
        }
        let (appid, cusid, signtype) = (self.needed("appid")?, self.needed("cusid")?, self.needed("signtype")?);
        let known = keys.0.get(appid).ok_or(RequestError::UnknownAppid)?;
        if signtype != known.sign_type.as_str() {
            return Err(RequestError::SchemeMismatch);
        }
        let orgid = self.get("orgid");
        if orgid != known.orgid.as_deref() {
            return Err(RequestError::ForeignMerchant);
        }
        let scope = if orgid == Some(cusid) {
            known.merchants.clone()
        } else if known.merchants.iter().any(|merchant| merchant == cusid) {
            vec![cusid.to_owned()]
        } else {
            return Err(RequestError::ForeignMerchant);
        };
        let pairs = self.parameters.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let message = string_to_sign(pairs);
        let signature = STANDARD.decode(self.needed("sign")?).unwrap_or_default();
        if known.verifier.verify(&[message.as_bytes()], &signature).is_err() {
            return Err(RequestError::BadSignature { message });
        }
        Ok(AllinpayCaller {
            appid: appid.to_owned(),
            cusid: cusid.to_owned(),
            orgid: orgid.map(str::to_owned),
            sign_type: known.sign_type,
            scope,
        })
    }
}

/// Names in the order of their bytes, raw values, nothing empty, never `sign`.
pub(super) fn string_to_sign<'p>(pairs: impl Iterator<Item = (&'p str, &'p str)>) -> String {
    let mut kept: Vec<(&str, &str)> = pairs.filter(|(name, value)| *name != "sign" && !value.is_empty()).collect();
    kept.sort_by(|(one, _), (other, _)| one.as_bytes().cmp(other.as_bytes()));
    kept.into_iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

/// Checks who sent a request to Allinpay, and that it is what they signed.
///
/// # Errors
/// [`RequestError`].
pub fn verify_allinpay_request(
    content_type: &str,
    body: &[u8],
    keys: &AllinpayKeys,
) -> Result<AllinpayCaller, RequestError> {
    Form::read(content_type, body)?.verify(keys)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_not_pairs_and_nothing_empty_is_signed() {
        let pairs = [("trxid2", "b"), ("trxid", "a"), ("sign", "x"), ("offset", "0"), ("e", ""), ("blank", " ")];
        assert_eq!(string_to_sign(pairs.into_iter()), "blank= &offset=0&trxid=a&trxid2=b");
    }
}
