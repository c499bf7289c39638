//! Accounts of merchants and agents at Allinpay, for users of the sandbox.

use std::fmt;

use protocol_core::allinpay::SignType;

/// A caller of Allinpay's gateway: the credentials that a client needs.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AllinpayAccount {
    /// The application's id, 8 digits.
    pub appid: String,
    /// The merchant's number; an agent's own.
    pub cusid: String,
    /// An agent's number.
    pub orgid: Option<String>,
    /// The algorithm that both sides sign with.
    pub sign_type: SignType,
    /// The caller's private key: base64 of PKCS#8, without a header.
    pub private_key: String,
    /// The platform's public key: base64 of `SubjectPublicKeyInfo`, without a header.
    pub platform_key: String,
    /// The numbers of the merchants that the caller acts for: an agent's merchants, or `cusid`
    /// alone.
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
