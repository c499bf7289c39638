//! `[allinpay]`

use std::path::PathBuf;
use std::sync::Arc;

use protocol_core::allinpay::{Merchant, SignType, signer, verifier};
use protocol_core::crypto::{PrivateKey, PublicKey, Signer, Verifier};
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::{Folder, SettingError, given, without_slash};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Section {
    appid: Option<String>,
    cusid: Option<String>,
    orgid: Option<String>,
    sign_type: Option<Configured>,
    private_key: Option<PathBuf>,
    platform_key: Option<PathBuf>,
    base_url: Option<String>,
    root_certificate: Option<PathBuf>,
    pub(crate) proxy: Option<IgnoredAny>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum Configured {
    Rsa,
    Sm2,
}

/// The service's identity at Allinpay. Each key is read when it is asked for.
#[derive(Debug)]
pub struct Allinpay<'s> {
    pub(crate) section: &'s Section,
    pub(crate) folder: &'s Folder,
}

impl Allinpay<'_> {
    /// The merchant, group or agent.
    ///
    /// # Errors
    /// [`SettingError`] where an id is missing, or is none.
    pub fn merchant(&self) -> Result<Merchant, SettingError> {
        let Section { cusid, orgid, sign_type, .. } = self.section;
        let (appid, cusid) = (self.appid()?, given("cusid", cusid.as_ref())?);
        let sign_type = match sign_type.as_ref().ok_or_else(|| SettingError::missing("sign_type"))? {
            Configured::Rsa => SignType::Rsa,
            Configured::Sm2 => SignType::Sm2,
        };
        let merchant = Merchant::new(appid, cusid, sign_type);
        let merchant = match orgid {
            Some(orgid) => merchant.and_then(|merchant| merchant.with_orgid(orgid)),
            None => merchant,
        };
        merchant.map_err(|error| SettingError::new("[allinpay]", error))
    }

    /// The signer of requests.
    ///
    /// # Errors
    /// [`SettingError`].
    pub fn signer(&self) -> Result<Arc<dyn Signer>, SettingError> {
        const NAME: &str = "private_key";

        let key = self.folder.file(NAME, self.section.private_key.as_deref())?;
        let key = PrivateKey::read(&key).map_err(|error| SettingError::new(NAME, error))?;
        signer(&key, self.appid()?).map_err(|error| SettingError::new(NAME, error))
    }

    fn appid(&self) -> Result<&str, SettingError> {
        given("appid", self.section.appid.as_ref())
    }

    /// The verifier of responses.
    ///
    /// # Errors
    /// [`SettingError`].
    pub fn verifier(&self) -> Result<Arc<dyn Verifier>, SettingError> {
        const NAME: &str = "platform_key";

        let key = self.folder.file(NAME, self.section.platform_key.as_deref())?;
        let (key, _) = PublicKey::read_with_certificate(&key).map_err(|error| SettingError::new(NAME, error))?;
        verifier(&key).map_err(|error| SettingError::new(NAME, error))
    }

    /// Scheme, host and context path of the gateway.
    #[must_use]
    pub fn base_url(&self) -> &str {
        self.section.base_url.as_deref().map_or("https://cus.allinpay.com/cusapi", without_slash)
    }

    /// The only TLS roots to trust, PEM; `None` for the public ones.
    ///
    /// # Errors
    /// [`SettingError`].
    pub fn root_certificate(&self) -> Result<Option<Vec<u8>>, SettingError> {
        self.folder.root_certificate(self.section.root_certificate.as_deref())
    }
}
