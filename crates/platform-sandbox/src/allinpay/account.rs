//! Merchants and agents of Allinpay, as users of the sandbox see them.

use std::fmt;

use protocol_core::allinpay::SignType;

/// A caller of Allinpay's gateway: all that a client needs to be it.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AllinpayAccount {
    /// The application's id, 8 digits.
    pub appid: String,
    /// The merchant's number; an agent's own.
    pub cusid: String,
    /// An agent's number.
    pub orgid: Option<String>,
    /// What both sides sign with.
    pub sign_type: SignType,
    /// The caller's private key: base64 of PKCS#8, without a header.
    pub private_key: String,
    /// The platform's public key: base64 of `SubjectPublicKeyInfo`, without a header.
    pub platform_key: String,
    /// The merchants an agent may speak for, by their numbers; otherwise `cusid` alone.
    pub merchants: Vec<String>,
}

impl fmt::Debug for AllinpayAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AllinpayAccount")
            .field("appid", &self.appid)
            .field("cusid", &self.cusid)
            .field("orgid", &self.orgid)
            .field("sign_type", &self.sign_type)
            .finish_non_exhaustive()
    }
}
