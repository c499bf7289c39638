//! Accounts of merchants, and the platform's keys.

use std::fmt;
use std::sync::Arc;

use protocol_core::UnixTime;
use protocol_core::crypto::ApiV3Key;
use protocol_core::wechat_pay::Scheme;

use crate::certificate::{Issued, issue};
use crate::error::SandboxError;
use crate::keys::{KeyMaterial, Owner, key_material};
use crate::random;

const DAY: i64 = 86_400;

/// A merchant of the sandbox: the credentials that a client needs.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct MerchantAccount {
    /// Merchant number.
    pub mchid: String,
    /// Serial of its certificate, 40 upper-case hexadecimal digits.
    pub serial_no: String,
    /// Its private key, PKCS#8 PEM.
    pub private_key_pem: String,
    /// Its certificate, PEM.
    pub certificate_pem: String,
    /// Its APIv3 key, 32 characters.
    pub api_v3_key: String,
    /// The scheme that it signs with.
    pub scheme: Scheme,
}

impl fmt::Debug for MerchantAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MerchantAccount")
            .field("mchid", &self.mchid)
            .field("serial_no", &self.serial_no)
            .field("scheme", &self.scheme)
            .finish_non_exhaustive()
    }
}

/// A public key of the platform.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PlatformKeyInfo {
    /// `PUB_KEY_ID_…`.
    pub id: String,
    /// The key, `SubjectPublicKeyInfo` PEM.
    pub public_key_pem: String,
}

/// The key that signs responses and notifications. The response to a request that names a key of
/// the platform is signed with that key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Signing {
    /// For RSA merchants: the platform's public key. Default.
    PublicKey,
    /// For RSA merchants: the newest platform certificate.
    Certificate,
    /// For SM merchants: the platform's SM2 public key. Default.
    Sm2PublicKey,
    /// For SM merchants: the newest SM2 platform certificate.
    Sm2Certificate,
}

/// A merchant with its keys.
#[derive(Debug, Clone)]
pub(crate) struct Merchant {
    pub(crate) account: Arc<MerchantAccount>,
    pub(crate) material: Arc<KeyMaterial>,
    pub(crate) api_v3_key: Arc<ApiV3Key>,
    pub(crate) notification_url: Option<String>,
    pub(crate) violation_url: Option<String>,
    pub(crate) links_allowed: bool,
}

impl Merchant {
    /// Opens the account with this number.
    pub(crate) fn open(number: usize, scheme: Scheme, now: UnixTime) -> Result<Self, SandboxError> {
        let material = key_material(scheme, Owner::Merchant(number))?;
        let mchid = (1_900_000_001_u64.saturating_add(number as u64)).to_string();
        let issuer = key_material(scheme, Owner::Platform(0))?;
        let certificate = certify(&mchid, &material, &issuer, now)?;
        let api_v3_key = random::alphanumeric(ApiV3Key::LEN);
        let account = MerchantAccount {
            mchid,
            serial_no: certificate.serial_no,
            private_key_pem: material.private_pem.clone(),
            certificate_pem: certificate.pem,
            scheme,
            api_v3_key,
        };
        let api_v3_key =
            ApiV3Key::new(account.api_v3_key.as_bytes()).map_err(|error| SandboxError::Identity(error.to_string()))?;
        Ok(Self {
            account: Arc::new(account),
            material,
            api_v3_key: Arc::new(api_v3_key),
            notification_url: None,
            violation_url: None,
            links_allowed: false,
        })
    }
}

/// A key the platform signs with.
#[derive(Debug, Clone)]
pub(crate) struct PlatformKey {
    /// `PUB_KEY_ID_…`, or the certificate's serial.
    pub(crate) id: String,
    pub(crate) scheme: Scheme,
    pub(crate) material: Arc<KeyMaterial>,
    pub(crate) certificate: Option<Issued>,
}

impl PlatformKey {
    fn public(scheme: Scheme) -> Result<Arc<Self>, SandboxError> {
        let id = format!("PUB_KEY_ID_{}", random::digits(34));
        let material = key_material(scheme, Owner::Platform(0))?;
        Ok(Arc::new(Self { id, scheme, material, certificate: None }))
    }

    fn certified(number: usize, scheme: Scheme, now: UnixTime) -> Result<Arc<Self>, SandboxError> {
        let material = key_material(scheme, Owner::Platform(number))?;
        let issuer = key_material(scheme, Owner::Platform(0))?;
        let certificate = certify("Tenpay.com sign", &material, &issuer, now)?;
        Ok(Arc::new(Self { id: certificate.serial_no.clone(), scheme, material, certificate: Some(certificate) }))
    }

    pub(crate) fn info(&self) -> PlatformKeyInfo {
        PlatformKeyInfo { id: self.id.clone(), public_key_pem: self.material.public_pem.clone() }
    }
}

/// All keys of the platform, and the choice of the one that signs.
#[derive(Debug, Clone)]
pub(crate) struct PlatformKeys {
    pub(crate) public: Arc<PlatformKey>,
    pub(crate) sm2_public: Arc<PlatformKey>,
    /// Oldest first, of both algorithms.
    pub(crate) certificates: Vec<Arc<PlatformKey>>,
    signing: Signing,
    sm2_signing: Signing,
}

impl PlatformKeys {
    pub(crate) fn make(now: UnixTime) -> Result<Self, SandboxError> {
        Ok(Self {
            public: PlatformKey::public(Scheme::Rsa)?,
            sm2_public: PlatformKey::public(Scheme::Sm2)?,
            certificates: vec![
                PlatformKey::certified(1, Scheme::Rsa, now)?,
                PlatformKey::certified(1, Scheme::Sm2, now)?,
            ],
            signing: Signing::PublicKey,
            sm2_signing: Signing::Sm2PublicKey,
        })
    }

    pub(crate) fn set_signing(&mut self, signing: Signing) {
        match signing {
            Signing::PublicKey | Signing::Certificate => self.signing = signing,
            Signing::Sm2PublicKey | Signing::Sm2Certificate => self.sm2_signing = signing,
        }
    }

    /// Issues a certificate of each algorithm. Returns the serial of the RSA one.
    pub(crate) fn rotate(&mut self, now: UnixTime) -> Result<String, SandboxError> {
        // One of each algorithm is added at a time.
        let number = self.certificates.len() / 2 + 1;
        let rsa = PlatformKey::certified(number, Scheme::Rsa, now)?;
        self.certificates.push(Arc::clone(&rsa));
        self.certificates.push(PlatformKey::certified(number, Scheme::Sm2, now)?);
        Ok(rsa.id.clone())
    }

    /// The key that signs a response to a merchant of this scheme.
    pub(crate) fn signing(&self, scheme: Scheme, named: Option<&str>) -> Arc<PlatformKey> {
        if let Some(key) = named.and_then(|id| self.find(id)).filter(|key| key.scheme == scheme) {
            return key;
        }
        let (signing, public) = match scheme {
            Scheme::Sm2 => (self.sm2_signing, &self.sm2_public),
            _ => (self.signing, &self.public),
        };
        match signing {
            Signing::Certificate | Signing::Sm2Certificate => self.newest(scheme),
            _ => Arc::clone(public),
        }
    }

    /// The newest certificate of a scheme.
    pub(crate) fn newest(&self, scheme: Scheme) -> Arc<PlatformKey> {
        let newest = self.certificates.iter().rev().find(|key| key.scheme == scheme);
        Arc::clone(newest.unwrap_or(if scheme == Scheme::Sm2 { &self.sm2_public } else { &self.public }))
    }

    /// The key with this id.
    pub(crate) fn find(&self, id: &str) -> Option<Arc<PlatformKey>> {
        let public = [&self.public, &self.sm2_public];
        public.into_iter().chain(&self.certificates).find(|key| key.id == id).map(Arc::clone)
    }
}

fn certify(subject: &str, material: &KeyMaterial, issuer: &KeyMaterial, now: UnixTime) -> Result<Issued, SandboxError> {
    let (from, to) = (UnixTime(now.0.saturating_sub(DAY)), UnixTime(now.0.saturating_add(5 * 365 * DAY)));
    issue(subject, &material.public_der, from, to, &*issuer.signer)
        .map_err(|error| SandboxError::Identity(error.to_string()))
}
