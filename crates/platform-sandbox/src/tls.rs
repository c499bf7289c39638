//! The TLS identities of a sandbox: a root, and the certificates of the sandbox and of a webhook.

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose,
};

use crate::error::SandboxError;

/// The host name of webhooks under test. The sandbox connects to loopback for every host name.
pub const WEBHOOK_HOST: &str = "merchant.example";

/// A certificate chain and its key, both PEM.
#[derive(Clone)]
pub(crate) struct Identity {
    pub(crate) chain_pem: String,
    pub(crate) key_pem: String,
}

/// Root and leaves.
#[derive(Clone)]
pub(crate) struct TlsIdentities {
    pub(crate) root_pem: String,
    pub(crate) server: Identity,
    pub(crate) webhook: Identity,
}

impl std::fmt::Debug for TlsIdentities {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TlsIdentities(***)")
    }
}

impl TlsIdentities {
    /// Generates all three with fresh elliptic-curve keys.
    pub(crate) fn make() -> Result<Self, SandboxError> {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, "Platform sandbox root");
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let key = KeyPair::generate().map_err(failed)?;
        let root = CertifiedIssuer::self_signed(params, key).map_err(failed)?;
        let leaf = |names: &[&str]| -> Result<Identity, SandboxError> {
            let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            let mut params = CertificateParams::new(names).map_err(failed)?;
            params.distinguished_name.push(DnType::CommonName, "Platform sandbox");
            params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
            let key = KeyPair::generate().map_err(failed)?;
            let certificate = params.signed_by(&key, &root).map_err(failed)?;
            Ok(Identity { chain_pem: certificate.pem(), key_pem: key.serialize_pem() })
        };
        Ok(Self { server: leaf(&["127.0.0.1", "localhost"])?, webhook: leaf(&[WEBHOOK_HOST])?, root_pem: root.pem() })
    }
}

fn failed(error: rcgen::Error) -> SandboxError {
    SandboxError::Identity(error.to_string())
}
