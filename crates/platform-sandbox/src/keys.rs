//! Key pairs, generated once a process. All sandboxes of a test run share them, each under its own
//! serials.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use getrandom::SysRng;
use protocol_core::crypto::{Decryptor, Encryptor, PrivateKey, PublicKey, Signer, Verifier};
use protocol_core::wechat_pay::{self, Scheme};
use rand_core::UnwrapErr;
use rcgen::{KeyPair, PKCS_RSA_SHA256, RsaKeySize};
use serde::{Deserialize, Serialize};
use sm2::SecretKey;
use sm2::elliptic_curve::Generate as _;
use sm2::pkcs8::{EncodePrivateKey as _, EncodePublicKey as _, LineEnding};

use crate::error::SandboxError;

/// The owner of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) enum Owner {
    /// The platform. Number 0 is the key of public-key mode; the others are in certificates.
    Platform(usize),
    /// A merchant.
    Merchant(usize),
    /// Allinpay.
    AllinpayPlatform,
    /// A merchant of Allinpay.
    AllinpayMerchant(usize),
}

/// A key pair in every form that the sandbox uses.
pub(crate) struct KeyMaterial {
    pub(crate) private: PrivateKey,
    pub(crate) public: PublicKey,
    pub(crate) private_pem: String,
    pub(crate) public_pem: String,
    pub(crate) public_der: Vec<u8>,
    pub(crate) signer: Arc<dyn Signer>,
    pub(crate) verifier: Arc<dyn Verifier>,
    pub(crate) decryptor: Arc<dyn Decryptor>,
    pub(crate) encryptor: Arc<dyn Encryptor>,
}

impl fmt::Debug for KeyMaterial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyMaterial({:?}, ***)", self.signer.algorithm())
    }
}

/// A key pair as it is kept in a file.
#[derive(Serialize, Deserialize)]
pub(crate) struct KeptKey {
    is_sm2: bool,
    owner: Owner,
    private_pem: String,
    public_pem: String,
}

/// Key pairs by algorithm and owner.
type Made = HashMap<(Scheme, Owner), Arc<KeyMaterial>>;

/// The key pairs of this process.
fn made() -> MutexGuard<'static, Made> {
    static MADE: OnceLock<Mutex<Made>> = OnceLock::new();
    MADE.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner)
}

/// Every key pair of this process, to be kept.
pub(crate) fn kept_keys() -> Vec<KeptKey> {
    let keep = |(&(scheme, owner), material): (&(Scheme, Owner), &Arc<KeyMaterial>)| KeptKey {
        is_sm2: scheme == Scheme::Sm2,
        owner,
        private_pem: material.private_pem.clone(),
        public_pem: material.public_pem.clone(),
    };
    made().iter().map(keep).collect()
}

/// Puts kept key pairs in the place of those that the process has made.
pub(crate) fn restore_keys(kept: Vec<KeptKey>) -> Result<(), SandboxError> {
    for KeptKey { is_sm2, owner, private_pem, public_pem } in kept {
        let scheme = if is_sm2 { Scheme::Sm2 } else { Scheme::Rsa };
        let material = Arc::new(material(private_pem, public_pem)?);
        made().insert((scheme, owner), material);
    }
    Ok(())
}

/// The key pair of an owner.
pub(crate) fn key_material(scheme: Scheme, owner: Owner) -> Result<Arc<KeyMaterial>, SandboxError> {
    if let Some(material) = made().get(&(scheme, owner)) {
        return Ok(Arc::clone(material));
    }
    // Not under the lock, so that two threads generate two keys at the same time.
    let material = Arc::new(match (scheme, owner) {
        (Scheme::Sm2, _) => make_sm2()?,
        (_, Owner::AllinpayPlatform) => make_small_rsa()?,
        _ => make_rsa()?,
    });
    Ok(Arc::clone(made().entry((scheme, owner)).or_insert(material)))
}

/// Generates the keys that every sandbox needs, each on its own thread.
pub(crate) fn make_common_keys() {
    std::thread::scope(|scope| {
        scope.spawn(|| key_material(Scheme::Rsa, Owner::Platform(0)));
        scope.spawn(|| key_material(Scheme::Rsa, Owner::Merchant(0)));
        scope.spawn(|| key_material(Scheme::Rsa, Owner::AllinpayMerchant(0)));
        scope.spawn(|| key_material(Scheme::Rsa, Owner::AllinpayPlatform));
        drop(key_material(Scheme::Rsa, Owner::Platform(1)));
    });
}

fn make_rsa() -> Result<KeyMaterial, SandboxError> {
    let pair = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).map_err(failed)?;
    material(pair.serialize_pem(), pair.public_key_pem())
}

/// 1024 bits, as Allinpay's keys have. aws-lc does not generate such keys.
fn make_small_rsa() -> Result<KeyMaterial, SandboxError> {
    let key = rsa::PrivateKey::new(&mut UnwrapErr(SysRng), 1024).map_err(failed)?;
    let private_pem = key.to_pkcs8_pem(LineEnding::LF).map_err(failed)?;
    let public_pem = key.to_public_key().to_public_key_pem(LineEnding::LF).map_err(failed)?;
    material(private_pem.to_string(), public_pem)
}

fn make_sm2() -> Result<KeyMaterial, SandboxError> {
    let secret = SecretKey::generate_from_rng(&mut UnwrapErr(SysRng));
    let private_pem = secret.to_pkcs8_pem(LineEnding::LF).map_err(failed)?;
    let public_pem = secret.public_key().to_public_key_pem(LineEnding::LF).map_err(failed)?;
    material(private_pem.to_string(), public_pem)
}

fn material(private_pem: String, public_pem: String) -> Result<KeyMaterial, SandboxError> {
    let private = PrivateKey::read(private_pem.as_bytes()).map_err(failed)?;
    let public = PublicKey::read(public_pem.as_bytes()).map_err(failed)?;
    Ok(KeyMaterial {
        public_der: crate::certificate::pem_body(&public_pem),
        private_pem,
        public_pem,
        signer: wechat_pay::signer(&private).map_err(failed)?,
        verifier: wechat_pay::verifier(&public).map_err(failed)?,
        decryptor: wechat_pay::decryptor(&private),
        encryptor: wechat_pay::encryptor(&public),
        private,
        public,
    })
}

fn failed(error: impl fmt::Display) -> SandboxError {
    SandboxError::Identity(error.to_string())
}
