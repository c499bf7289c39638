//! The section `[allinpay]`.

use std::sync::Arc;

#[cfg(feature = "clients")]
use allinpay_adapter::{Client, ClientBuilder};
use protocol_core::allinpay::{Merchant, SignType, signer, verifier};
use protocol_core::crypto::{PrivateKey, PublicKey, SignatureAlgorithm, Signer, Verifier};
use protocol_core::rate::Rates;

use super::connection::{self, connection_methods};
use super::document::{self, AllinpaySection};
use super::place::Place;
use super::{ALLINPAY_PRIVATE_KEY, ALLINPAY_PROXY};
use crate::error::SettingError;

/// A merchant, group or agent of Allinpay: the section `[allinpay]`. Keys are read when they are
/// asked for.
#[derive(Debug, Clone)]
pub struct AllinpaySettings {
    pub(super) section: AllinpaySection,
    pub(super) place: Place,
}

connection_methods!(AllinpaySettings, ALLINPAY_PROXY);

impl AllinpaySettings {
    /// The name that people gave the section.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.section.name.as_deref()
    }

    /// The merchant's number.
    ///
    /// # Errors
    /// [`SettingError`], here and below: a member or a file is missing, or cannot be used.
    pub fn cusid(&self) -> Result<&str, SettingError> {
        self.section.cusid.as_deref().ok_or_else(|| self.place.missing("cusid"))
    }

    /// The merchant that requests name.
    ///
    /// # Errors
    /// [`SettingError`].
    pub fn merchant(&self) -> Result<Merchant, SettingError> {
        let merchant = Merchant::new(self.appid()?, self.cusid()?, self.sign_type()?);
        let merchant = match &self.section.orgid {
            Some(orgid) => merchant.and_then(|merchant| merchant.with_orgid(orgid)),
            None => merchant,
        };
        merchant.map_err(|error| self.place.invalid_section(error))
    }

    /// The merchant's private key, of the kind that `sign_type` names.
    ///
    /// # Errors
    /// [`SettingError`].
    pub fn private_key(&self) -> Result<PrivateKey, SettingError> {
        let path = self.section.private_key.as_deref();
        let (name, key) = self.place.secret("private_key", path, ALLINPAY_PRIVATE_KEY)?;
        let key = self.place.key(name, &key, PrivateKey::read)?;
        // Any appid tells the algorithm.
        let signer = signer(&key, "").map_err(|error| self.place.invalid(error))?;
        self.check_kind(name, signer.algorithm())?;
        Ok(key)
    }

    /// The signer of requests under an application's id.
    ///
    /// # Errors
    /// [`SettingError`].
    pub fn signer(&self, appid: &str) -> Result<Arc<dyn Signer>, SettingError> {
        signer(&self.private_key()?, appid).map_err(|error| self.place.invalid(error))
    }

    /// The platform's key.
    ///
    /// # Errors
    /// [`SettingError`].
    pub fn platform_key(&self) -> Result<PublicKey, SettingError> {
        const NAME: &str = "platform_key";

        let path = self.section.platform_key.as_deref().ok_or_else(|| self.place.missing(NAME))?;
        let bytes = self.place.file(NAME, path)?;
        let (key, _) = self.place.key(NAME, &bytes, PublicKey::read_with_certificate)?;
        let verifier = verifier(&key).map_err(|error| self.place.invalid(error))?;
        self.check_kind(NAME, verifier.algorithm())?;
        Ok(key)
    }

    /// The verifier of responses with that key.
    ///
    /// # Errors
    /// [`SettingError`].
    pub fn verifier(&self) -> Result<Arc<dyn Verifier>, SettingError> {
        verifier(&self.platform_key()?).map_err(|error| self.place.invalid(error))
    }

    /// The rates of requests: those of the section. Default: no limit.
    #[must_use]
    pub fn rates(&self) -> Rates {
        self.section.rates.over(Rates::NONE)
    }

    /// Builder for a client of a merchant: [`merchant`](Self::merchant), or one that it acts for.
    ///
    /// # Errors
    /// [`SettingError`].
    #[cfg(feature = "clients")]
    pub fn client(&self, merchant: Merchant) -> Result<ClientBuilder, SettingError> {
        let signer = self.signer(merchant.appid())?;
        let client = Client::builder(merchant, signer, self.verifier()?).rates(self.rates());
        Ok(match self.base_url()? {
            None => client,
            Some(base_url) => client.base_url(&base_url),
        })
    }

    /// The base URL of requests; `None` for the platform's.
    ///
    /// # Errors
    /// [`SettingError`].
    pub fn base_url(&self) -> Result<Option<String>, SettingError> {
        self.section.base_url.as_ref().map(|base_url| connection::base_url(&self.place, base_url)).transpose()
    }

    fn appid(&self) -> Result<&str, SettingError> {
        self.section.appid.as_deref().ok_or_else(|| self.place.missing("appid"))
    }

    fn sign_type(&self) -> Result<SignType, SettingError> {
        match self.section.sign_type {
            Some(document::SignType::Rsa) => Ok(SignType::Rsa),
            Some(document::SignType::Sm2) => Ok(SignType::Sm2),
            None => Err(self.place.missing("sign_type (RSA or SM2)")),
        }
    }

    fn check_kind(&self, name: &str, algorithm: SignatureAlgorithm) -> Result<(), SettingError> {
        let is_of_kind = match self.sign_type()? {
            SignType::Sm2 => algorithm == SignatureAlgorithm::Sm2Sm3,
            _ => algorithm == SignatureAlgorithm::RsaSha1,
        };
        let problem = || {
            let problem = "the key's kind differs from `sign_type`; name the key of that algorithm";
            self.place.invalid(format_args!("{name}: {problem}"))
        };
        if is_of_kind { Ok(()) } else { Err(problem()) }
    }
}
