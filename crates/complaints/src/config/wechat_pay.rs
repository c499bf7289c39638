//! The section `[wechat-pay]`.

use std::path::Path;
use std::sync::Arc;

use http_transport::{HttpsClient, Transport};
use protocol_core::crypto::{ApiV3Key, Decryptor, Keyring, PrivateKey, PublicKey, Signer, is_same_key_id};
use protocol_core::wechat_pay::{Merchant, Scheme, decryptor, signer, verifier};
use wechat_adapter::Client;

use super::document::{Algorithm, WechatPaySection};
use super::{
    Folder, WECHAT_PAY_APIV3_KEY, WECHAT_PAY_PRIVATE_KEY, WECHAT_PAY_PROXY, connection, missing, read_key, words,
};
use crate::error::Error;
use crate::view::output::visible;

const SECTION: &str = "wechat-pay";

/// The `[wechat-pay]` section, with the folder its file names are relative to.
#[derive(Debug)]
pub(crate) struct WechatPay {
    section: WechatPaySection,
    folder: Folder,
}

/// A configured platform key. `explain` tries each.
#[derive(Debug)]
pub(crate) struct PlatformKey {
    pub(crate) id: String,
    pub(crate) key: PublicKey,
}

impl WechatPay {
    /// Reads the section.
    pub(crate) fn load(path: &Path) -> Result<Self, Error> {
        let (section, folder) = super::load(path, SECTION, |file| file.wechat_pay)?;
        Ok(Self { section, folder })
    }

    /// The APIv3 key, from its file or from the environment.
    pub(crate) fn api_v3_key(&self) -> Result<ApiV3Key, Error> {
        let (name, secret) = self.folder.secret(
            SECTION,
            "apiv3_key_file",
            self.section.apiv3_key_file.as_deref(),
            WECHAT_PAY_APIV3_KEY,
        )?;
        ApiV3Key::read(&secret).map_err(|error| Error::config(format_args!("{name}: {error}")))
    }

    /// Whether an APIv3 key is configured, right or wrong.
    pub(crate) fn has_api_v3_key(&self) -> bool {
        self.section.apiv3_key_file.is_some() || std::env::var_os(WECHAT_PAY_APIV3_KEY).is_some()
    }

    /// The merchant that requests name.
    pub(crate) fn merchant(&self) -> Result<Merchant, Error> {
        let mchid = self.section.mchid.clone().ok_or_else(|| missing(SECTION, "mchid"))?;
        let serial_no = self.section.serial_no.clone().ok_or_else(|| missing(SECTION, "serial_no"))?;
        let scheme = match self.section.algorithm {
            Algorithm::Rsa => Scheme::Rsa,
            Algorithm::Sm2 => Scheme::Sm2,
        };
        Merchant::new(mchid, serial_no, scheme).map_err(|error| Error::config(format_args!("[wechat-pay]: {error}")))
    }

    /// The merchant's private key.
    pub(crate) fn private_key(&self) -> Result<PrivateKey, Error> {
        let (name, pem) =
            self.folder.secret(SECTION, "private_key", self.section.private_key.as_deref(), WECHAT_PAY_PRIVATE_KEY)?;
        let key = read_key(&name, &pem, PrivateKey::read)?;
        let fits = matches!(
            (self.section.algorithm, &key),
            (Algorithm::Rsa, PrivateKey::Rsa(_)) | (Algorithm::Sm2, PrivateKey::Sm2(_))
        );
        if fits {
            Ok(key)
        } else {
            Err(Error::config(format_args!(
                "{name}: the key's kind differs from `algorithm`; name the key of that algorithm"
            )))
        }
    }

    /// The merchant's signer.
    pub(crate) fn signer(&self) -> Result<Arc<dyn Signer>, Error> {
        signer(&self.private_key()?).map_err(Error::config)
    }

    /// The keys that decrypt sensitive fields: the merchant's key, then the older ones.
    pub(crate) fn decryptors(&self) -> Result<Vec<Arc<dyn Decryptor>>, Error> {
        let mut keys = vec![decryptor(&self.private_key()?)];
        for path in &self.section.decryption_keys {
            let (name, pem) = self.folder.file("decryption_keys", path)?;
            keys.push(decryptor(&read_key(&name, &pem, PrivateKey::read)?));
        }
        Ok(keys)
    }

    /// The addresses that requests go to. Default: the platform's, and its backup.
    fn origins(&self) -> Result<Vec<String>, Error> {
        let Some(base_url) = &self.section.base_url else {
            return Ok(wechat_adapter::ORIGINS.map(str::to_owned).to_vec());
        };
        Ok(vec![connection::origin(SECTION, base_url)?])
    }

    /// A transport with the configured roots and proxy.
    pub(crate) fn transport(&self) -> Result<HttpsClient, Error> {
        let WechatPaySection { root_certificate, proxy, .. } = &self.section;
        connection::transport(&self.folder, root_certificate.as_ref(), proxy.as_ref(), WECHAT_PAY_PROXY)
    }

    /// A client, and the platform's public key that its requests name.
    pub(crate) fn client<S: Transport>(&self, transport: S) -> Result<(Client<S>, Option<PlatformKey>), Error> {
        let mut merchant = self.merchant()?;
        let signer = self.signer()?;
        let (keys, platform_key) = if self.has_platform_keys() {
            let (ring, keys) = self.platform_keys()?;
            (Arc::new(ring), self.named_platform_key(keys))
        } else {
            (Arc::default(), None)
        };
        if let Some(key) = &platform_key {
            merchant = merchant.with_platform_key(&key.id).map_err(Error::config)?;
        }
        let mut builder = Client::builder(merchant, signer).keys(keys).origins(self.origins()?);
        if !self.has_platform_keys() {
            builder = builder.certificates(Arc::new(self.api_v3_key().map_err(|error| {
                error.and("without [[wechat-pay.platform_keys]], it decrypts the platform's certificates")
            })?));
        } else if platform_key.is_none() && self.has_api_v3_key() {
            // The client fetches a newer certificate when a response is signed with one.
            builder = builder.certificates(Arc::new(self.api_v3_key()?));
        }
        Ok((builder.build_over(transport), platform_key))
    }

    /// Whether any key of the platform is configured.
    pub(crate) fn has_platform_keys(&self) -> bool {
        !self.section.platform_keys.is_empty()
    }

    /// The platform's public key that requests name, to have responses signed with it: the first of
    /// the merchant's kind.
    fn named_platform_key(&self, keys: Vec<PlatformKey>) -> Option<PlatformKey> {
        keys.into_iter().find(|key| {
            let of_our_kind = matches!(
                (self.section.algorithm, &key.key),
                (Algorithm::Rsa, PublicKey::Rsa(_)) | (Algorithm::Sm2, PublicKey::Sm2(_))
            );
            of_our_kind && key.id.starts_with("PUB_KEY_ID_")
        })
    }

    /// The platform's keys, as a keyring and one by one.
    pub(crate) fn platform_keys(&self) -> Result<(Keyring, Vec<PlatformKey>), Error> {
        let ring = Keyring::new();
        let mut keys = Vec::new();
        for entry in &self.section.platform_keys {
            let (name, bytes) = self.folder.file("platform_keys", &entry.file)?;
            let (key, certificate) = read_key(&name, &bytes, PublicKey::read_with_certificate)?;
            let verifier = verifier(&key).map_err(Error::config)?;
            let id = match certificate {
                None => {
                    if let Some(strangers) = words::strangers(&entry.id) {
                        return Err(Error::config(format_args!(
                            "platform_keys: the `id` of this public key contains {strangers}, and messages name the key \
                             without; copy it again from the merchant's console"
                        )));
                    }
                    ring.insert(&entry.id, verifier);
                    entry.id.clone()
                }
                Some(certificate) if is_same_key_id(certificate.serial_no(), &entry.id) => {
                    let validity = certificate.validity();
                    ring.insert_valid(certificate.serial_no(), verifier, validity.not_before, validity.not_after);
                    certificate.serial_no().to_owned()
                }
                Some(certificate) => {
                    let serial = certificate.serial_no();
                    let difference = words::unseen_difference(serial, &entry.id);
                    let difference = difference.map(|what| format!(": {what}; write {serial}")).unwrap_or_default();
                    return Err(Error::config(format_args!(
                        "{name}: this certificate's serial is {serial}, but `id` says {}{difference}",
                        visible(&entry.id)
                    )));
                }
            };
            keys.push(PlatformKey { id, key });
        }
        if keys.is_empty() {
            return Err(missing(SECTION, "a [[wechat-pay.platform_keys]] entry with `id` and `file`"));
        }
        Ok((ring, keys))
    }
}
