//! `[wechat-pay]`

use std::path::PathBuf;
use std::sync::Arc;

use protocol_core::call::Hosts;
use protocol_core::crypto::{ApiV3Key, Keyring, PrivateKey, PublicKey, Signer};
use protocol_core::wechat_pay::{Merchant, ORIGINS, Scheme, signer, verifier};
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::{Folder, SettingError, given, without_slash};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Section {
    mchid: Option<String>,
    serial_no: Option<String>,
    private_key: Option<PathBuf>,
    apiv3_key_file: Option<PathBuf>,
    #[serde(default)]
    algorithm: Algorithm,
    base_url: Option<String>,
    root_certificate: Option<PathBuf>,
    pub(crate) proxy: Option<IgnoredAny>,
    #[expect(dead_code, reason = "what it opens, an old payer_phone, none of the examples opens")]
    decryption_keys: Option<IgnoredAny>,
    #[serde(default)]
    platform_keys: Vec<PlatformKey>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Algorithm {
    #[default]
    Rsa,
    Sm2,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PlatformKey {
    id: String,
    file: PathBuf,
}

/// The service's identity at WeChat Pay. Each key is read when it is asked for.
#[derive(Debug)]
pub struct WechatPay<'s> {
    pub(crate) section: &'s Section,
    pub(crate) folder: &'s Folder,
}

impl WechatPay<'_> {
    /// The merchant's number.
    ///
    /// # Errors
    /// [`SettingError`] where it is missing.
    pub fn mchid(&self) -> Result<&str, SettingError> {
        given("mchid", self.section.mchid.as_ref())
    }

    /// The merchant. It names the platform's public key, so that responses are signed with it.
    ///
    /// # Errors
    /// [`SettingError`] where a value is missing, or is one that no header can hold.
    pub fn merchant(&self) -> Result<Merchant, SettingError> {
        let Section { serial_no, algorithm, platform_keys, .. } = self.section;
        let scheme = match algorithm {
            Algorithm::Rsa => Scheme::Rsa,
            Algorithm::Sm2 => Scheme::Sm2,
        };
        let merchant = Merchant::new(self.mchid()?, given("serial_no", serial_no.as_ref())?, scheme);
        let merchant = match platform_keys.iter().find(|key| key.id.starts_with("PUB_KEY_ID_")) {
            Some(key) => merchant.and_then(|merchant| merchant.with_platform_key(&key.id)),
            None => merchant,
        };
        merchant.map_err(|error| SettingError::new("[wechat-pay]", error))
    }

    /// The merchant's private key.
    ///
    /// # Errors
    /// [`SettingError`].
    pub fn private_key(&self) -> Result<PrivateKey, SettingError> {
        let pem = self.folder.file("private_key", self.section.private_key.as_deref())?;
        PrivateKey::read(&pem).map_err(|error| SettingError::new("private_key", error))
    }

    /// The signer of requests with it.
    ///
    /// # Errors
    /// [`SettingError`].
    pub fn signer(&self) -> Result<Arc<dyn Signer>, SettingError> {
        signer(&self.private_key()?).map_err(|error| SettingError::new("private_key", error))
    }

    /// The APIv3 key, which opens notifications.
    ///
    /// # Errors
    /// [`SettingError`].
    pub fn api_v3_key(&self) -> Result<ApiV3Key, SettingError> {
        let key = self.folder.file("apiv3_key_file", self.section.apiv3_key_file.as_deref())?;
        ApiV3Key::read(&key).map_err(|error| SettingError::new("apiv3_key_file", error))
    }

    /// The platform's keys, which verify responses and notifications: public keys, and certificates
    /// within their validity.
    ///
    /// # Errors
    /// [`SettingError`].
    pub fn platform_keys(&self) -> Result<Arc<Keyring>, SettingError> {
        const NAME: &str = "platform_keys";

        if self.section.platform_keys.is_empty() {
            return Err(SettingError::missing(NAME));
        }
        let keys = Keyring::new();
        for PlatformKey { id, file } in &self.section.platform_keys {
            let pem = self.folder.file(NAME, Some(file))?;
            let (key, certificate) =
                PublicKey::read_with_certificate(&pem).map_err(|error| SettingError::new(NAME, error))?;
            let verifier = verifier(&key).map_err(|error| SettingError::new(NAME, error))?;
            match certificate {
                Some(certificate) => {
                    let validity = certificate.validity();
                    keys.insert_valid(certificate.serial_no(), verifier, validity.not_before, validity.not_after);
                }
                None => keys.insert(id, verifier),
            }
        }
        Ok(Arc::new(keys))
    }

    /// Scheme and host in place of the platform's own, if there is one.
    #[must_use]
    pub fn base_url(&self) -> Option<&str> {
        self.section.base_url.as_deref().map(without_slash)
    }

    /// The hosts of requests: the platform's, or the one in their place.
    #[must_use]
    pub fn hosts(&self) -> Hosts {
        self.base_url().map_or_else(|| Hosts::new(ORIGINS), |base_url| Hosts::new([base_url]))
    }

    /// The only TLS roots to trust, PEM; `None` for the public ones.
    ///
    /// # Errors
    /// [`SettingError`].
    pub fn root_certificate(&self) -> Result<Option<Vec<u8>>, SettingError> {
        self.folder.root_certificate(self.section.root_certificate.as_deref())
    }
}
