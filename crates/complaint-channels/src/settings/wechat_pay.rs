//! The section `[wechat-pay]`.

use std::sync::Arc;

#[cfg(feature = "clients")]
use http_transport::Transport;
use protocol_core::call::Hosts;
use protocol_core::crypto::{
    ApiV3Key, Certificate, Decryptor, Keyring, PrivateKey, PublicKey, Signer, Validity, is_same_key_id,
};
use protocol_core::rate::Rates;
use protocol_core::wechat_pay::{Merchant, ORIGINS, RATES, Scheme, decryptor, signer, verifier};
#[cfg(feature = "clients")]
use wechat_adapter::Client;

use super::connection::{self, connection_methods};
use super::document::{Algorithm, PlatformKeyEntry, WechatPaySection};
use super::place::Place;
use super::{WECHAT_PAY_APIV3_KEY, WECHAT_PAY_PRIVATE_KEY, WECHAT_PAY_PROXY, words};
use crate::error::SettingError;

/// A merchant of WeChat Pay: the section `[wechat-pay]`. Keys are read when they are asked for.
#[derive(Debug, Clone)]
pub struct WechatPaySettings {
    pub(super) section: WechatPaySection,
    pub(super) place: Place,
}

/// A key of the platform, from the section's `platform_keys`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PlatformKey {
    /// The serial of its certificate, or the id of the public key, as messages name it.
    pub id: String,
    /// The key.
    pub key: PublicKey,
    /// The certificate's validity; `None` for a public key.
    pub validity: Option<Validity>,
}

connection_methods!(WechatPaySettings, WECHAT_PAY_PROXY);

impl WechatPaySettings {
    /// The name that people gave the section.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.section.name.as_deref()
    }

    /// The merchant's number.
    ///
    /// # Errors
    /// [`SettingError`], here and below: a member or a file is missing, or cannot be used.
    pub fn mchid(&self) -> Result<&str, SettingError> {
        self.section.mchid.as_deref().ok_or_else(|| self.place.missing("mchid"))
    }

    /// The merchant's certificate; `None` if none is configured. Only the end of its validity is
    /// used: requests name its serial, which `serial_no` repeats.
    ///
    /// # Errors
    /// [`SettingError`]; also for a certificate with another serial than `serial_no`, or of another
    /// key than `private_key`.
    pub fn certificate(&self) -> Result<Option<Certificate>, SettingError> {
        const NAME: &str = "certificate";

        let Some(path) = &self.section.certificate else { return Ok(None) };
        let pem = self.place.file(NAME, path)?;
        let certificate = self.place.key(NAME, &pem, Certificate::read)?;
        let serial = certificate.serial_no();
        if self.section.serial_no.as_ref().is_some_and(|serial_no| !is_same_key_id(serial, serial_no)) {
            let problem = "is this certificate's serial, but `serial_no` says another";
            return Err(self.place.invalid(format_args!("{NAME}: {serial} {problem}; requests name `serial_no`")));
        }
        if *certificate.public_key() != self.private_key()?.public_key() {
            let problem = "the certificate is of another key than `private_key`; name the two that belong together";
            return Err(self.place.invalid(format_args!("{NAME}: {problem}")));
        }
        Ok(Some(certificate))
    }

    /// The merchant that requests name.
    ///
    /// # Errors
    /// [`SettingError`].
    pub fn merchant(&self) -> Result<Merchant, SettingError> {
        let serial_no = self.section.serial_no.clone().ok_or_else(|| self.place.missing("serial_no"))?;
        Merchant::new(self.mchid()?, serial_no, self.scheme()).map_err(|error| self.place.invalid_section(error))
    }

    /// The merchant, whose requests name the platform's public key, to have responses signed with
    /// it: the first of the merchant's kind. Without one, the same as
    /// [`merchant`](Self::merchant).
    ///
    /// # Errors
    /// [`SettingError`].
    pub fn merchant_with_platform_key(&self) -> Result<Merchant, SettingError> {
        let merchant = self.merchant()?;
        match self.named_platform_key()? {
            None => Ok(merchant),
            Some(key) => merchant.with_platform_key(&key.id).map_err(|error| self.place.invalid(error)),
        }
    }

    /// The merchant's private key, of the kind that `algorithm` names.
    ///
    /// # Errors
    /// [`SettingError`].
    pub fn private_key(&self) -> Result<PrivateKey, SettingError> {
        let path = self.section.private_key.as_deref();
        let (name, pem) = self.place.secret("private_key", path, WECHAT_PAY_PRIVATE_KEY)?;
        let key = self.place.key(name, &pem, PrivateKey::read)?;
        let signer = signer(&key).map_err(|error| self.place.invalid(error))?;
        if Scheme::of(signer.algorithm()) == Some(self.scheme()) {
            return Ok(key);
        }
        let problem = "the key's kind differs from `algorithm`; name the key of that algorithm";
        Err(self.place.invalid(format_args!("{name}: {problem}")))
    }

    /// The signer of requests with that key.
    ///
    /// # Errors
    /// [`SettingError`].
    pub fn signer(&self) -> Result<Arc<dyn Signer>, SettingError> {
        signer(&self.private_key()?).map_err(|error| self.place.invalid(error))
    }

    /// The keys that decrypt sensitive fields: the merchant's key, then the older ones.
    ///
    /// # Errors
    /// [`SettingError`].
    pub fn decryptors(&self) -> Result<Vec<Arc<dyn Decryptor>>, SettingError> {
        let mut keys = vec![decryptor(&self.private_key()?)];
        for path in &self.section.decryption_keys {
            let pem = self.place.file("decryption_keys", path)?;
            keys.push(decryptor(&self.place.key("decryption_keys", &pem, PrivateKey::read)?));
        }
        Ok(keys)
    }

    /// The APIv3 key, which decrypts notifications and the platform's certificates.
    ///
    /// # Errors
    /// [`SettingError`].
    pub fn api_v3_key(&self) -> Result<ApiV3Key, SettingError> {
        let path = self.section.apiv3_key_file.as_deref();
        let (name, secret) = self.place.secret("apiv3_key_file", path, WECHAT_PAY_APIV3_KEY)?;
        ApiV3Key::read(&secret).map_err(|error| self.place.invalid(format_args!("{name}: {error}")))
    }

    /// Whether an APIv3 key is configured, right or wrong.
    #[must_use]
    pub fn has_api_v3_key(&self) -> bool {
        self.place.has_secret(self.section.apiv3_key_file.as_ref(), WECHAT_PAY_APIV3_KEY)
    }

    /// Whether any key of the platform is configured. Without one, the platform's certificates are
    /// fetched.
    #[must_use]
    pub fn has_platform_keys(&self) -> bool {
        !self.section.platform_keys.is_empty()
    }

    /// The platform's keys, at least one.
    ///
    /// # Errors
    /// [`SettingError`].
    pub fn platform_keys(&self) -> Result<Vec<PlatformKey>, SettingError> {
        if !self.has_platform_keys() {
            return Err(self.place.missing("a [[wechat-pay.platform_keys]] entry with `id` and `file`"));
        }
        self.section.platform_keys.iter().map(|entry| self.platform_key(entry)).collect()
    }

    /// The platform's keys, to verify with.
    ///
    /// # Errors
    /// [`SettingError`].
    pub fn keyring(&self) -> Result<Keyring, SettingError> {
        let keys = Keyring::new();
        for PlatformKey { id, key, validity } in self.platform_keys()? {
            let verifier = verifier(&key).map_err(|error| self.place.invalid(error))?;
            match validity {
                None => keys.insert(&id, verifier),
                Some(validity) => keys.insert_valid(&id, verifier, validity.not_before, validity.not_after),
            }
        }
        Ok(keys)
    }

    /// The platform's public key that requests name; `None` if none is configured.
    ///
    /// # Errors
    /// [`SettingError`].
    pub fn named_platform_key(&self) -> Result<Option<PlatformKey>, SettingError> {
        if !self.has_platform_keys() {
            return Ok(None);
        }
        let is_ours = |key: &PlatformKey| {
            key.id.starts_with("PUB_KEY_ID_")
                && verifier(&key.key).is_ok_and(|verifier| Scheme::of(verifier.algorithm()) == Some(self.scheme()))
        };
        Ok(self.platform_keys()?.into_iter().find(is_ours))
    }

    /// The hosts of requests. Default: the platform's, and its backup.
    ///
    /// # Errors
    /// [`SettingError`].
    pub fn hosts(&self) -> Result<Hosts, SettingError> {
        self.origins().map(Hosts::new)
    }

    /// The rates of requests: the documented ones, and in their place those of the section.
    #[must_use]
    pub fn rates(&self) -> Rates {
        self.section.rates.over(RATES)
    }

    /// A client over a transport. Without a key of the platform, it fetches the platform's
    /// certificates ([`Client::refresh_certificates`]).
    ///
    /// # Errors
    /// [`SettingError`].
    #[cfg(feature = "clients")]
    pub fn client<S: Transport>(&self, transport: S) -> Result<Client<S>, SettingError> {
        let keys = if self.has_platform_keys() { self.keyring()? } else { Keyring::new() };
        self.client_with(Arc::new(keys), transport)
    }

    /// A client with these keys of the platform.
    #[cfg(feature = "clients")]
    pub(crate) fn client_with<S: Transport>(
        &self,
        keys: Arc<Keyring>,
        transport: S,
    ) -> Result<Client<S>, SettingError> {
        let merchant = self.merchant_with_platform_key()?;
        let mut builder = Client::builder(merchant, self.signer()?).keys(keys).origins(self.origins()?);
        builder = builder.rates(self.rates());
        if self.fetches_certificates()? {
            builder = builder.certificates(Arc::new(self.api_v3_key().map_err(|error| {
                if self.has_platform_keys() {
                    return error;
                }
                error.and("without [[wechat-pay.platform_keys]], it decrypts the platform's certificates")
            })?));
        }
        Ok(builder.build_over(transport))
    }

    /// Whether a client fetches the platform's certificates: without a key of the platform at the
    /// start, with a certificate when a response is signed with a newer one.
    #[cfg(feature = "clients")]
    pub(crate) fn fetches_certificates(&self) -> Result<bool, SettingError> {
        let has_newer = || Ok(self.named_platform_key()?.is_none() && self.has_api_v3_key());
        if self.has_platform_keys() { has_newer() } else { Ok(true) }
    }

    fn scheme(&self) -> Scheme {
        match self.section.algorithm {
            Algorithm::Rsa => Scheme::Rsa,
            Algorithm::Sm2 => Scheme::Sm2,
        }
    }

    fn origins(&self) -> Result<Vec<String>, SettingError> {
        match &self.section.base_url {
            None => Ok(ORIGINS.map(str::to_owned).to_vec()),
            Some(base_url) => Ok(vec![connection::origin(&self.place, base_url)?]),
        }
    }

    fn platform_key(&self, entry: &PlatformKeyEntry) -> Result<PlatformKey, SettingError> {
        const NAME: &str = "platform_keys";

        let bytes = self.place.file(NAME, &entry.file)?;
        let (key, certificate) = self.place.key(NAME, &bytes, PublicKey::read_with_certificate)?;
        match certificate {
            None => {
                if let Some(strangers) = words::strangers(&entry.id) {
                    return Err(self.place.invalid(format_args!(
                        "{NAME}: the `id` of this public key contains {strangers}, and messages name the key without; \
                         copy it again from the merchant's console"
                    )));
                }
                Ok(PlatformKey { id: entry.id.clone(), key, validity: None })
            }
            Some(certificate) if is_same_key_id(certificate.serial_no(), &entry.id) => {
                let (id, validity) = (certificate.serial_no().to_owned(), Some(certificate.validity()));
                Ok(PlatformKey { id, key, validity })
            }
            Some(certificate) => {
                let (serial, id) = (certificate.serial_no(), &entry.id);
                let difference = words::unseen_difference(serial, id);
                let difference = difference.map(|what| format!(": {what}; write {serial}")).unwrap_or_default();
                Err(self.place.invalid(format_args!(
                    "{NAME}: this certificate's serial is {serial}, but `id` says {id}{difference}"
                )))
            }
        }
    }
}
