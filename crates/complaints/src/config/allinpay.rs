//! The section `[allinpay]`.

use std::path::Path;
use std::sync::Arc;

use allinpay_adapter::{Client, ClientBuilder};
use http_transport::HttpsClient;
use protocol_core::allinpay::{Merchant, SignType, signer, verifier};
use protocol_core::crypto::{PrivateKey, PublicKey, Signer, Verifier};

use super::document::{self, AllinpaySection};
use super::{ALLINPAY_PRIVATE_KEY, ALLINPAY_PROXY, Folder, connection, missing, read_key};
use crate::error::Error;

const SECTION: &str = "allinpay";

/// The section, with the folder its file names are relative to.
#[derive(Debug)]
pub(crate) struct Allinpay {
    section: AllinpaySection,
    folder: Folder,
}

impl Allinpay {
    /// Reads the section.
    pub(crate) fn load(path: &Path) -> Result<Self, Error> {
        let (section, folder) = super::load(path, SECTION, |file| file.allinpay)?;
        Ok(Self { section, folder })
    }

    /// The merchant that requests name.
    pub(crate) fn merchant(&self) -> Result<Merchant, Error> {
        let appid = self.section.appid.clone().ok_or_else(|| missing(SECTION, "appid"))?;
        let cusid = self.section.cusid.clone().ok_or_else(|| missing(SECTION, "cusid"))?;
        let sign_type = match self.section.sign_type {
            Some(document::SignType::Rsa) => SignType::Rsa,
            Some(document::SignType::Sm2) => SignType::Sm2,
            None => return Err(missing(SECTION, "sign_type (RSA or SM2)")),
        };
        let merchant = Merchant::new(appid, cusid, sign_type);
        let merchant = match &self.section.orgid {
            Some(orgid) => merchant.and_then(|merchant| merchant.with_orgid(orgid)),
            None => merchant,
        };
        merchant.map_err(|error| Error::config(format_args!("[allinpay]: {error}")))
    }

    /// The merchant's private key.
    pub(crate) fn private_key(&self) -> Result<PrivateKey, Error> {
        let path = self.section.private_key.as_deref();
        let (name, key) = self.folder.secret(SECTION, "private_key", path, ALLINPAY_PRIVATE_KEY)?;
        let key = read_key(&name, &key, PrivateKey::read)?;
        self.check_kind(&name, matches!(key, PrivateKey::Rsa(_)))?;
        Ok(key)
    }

    /// Builder for a client. An agent names the merchant that it acts for.
    pub(crate) fn client(&self, merchant_no: Option<&str>) -> Result<ClientBuilder, Error> {
        let own = self.merchant()?;
        let merchant = match merchant_no {
            None => own,
            Some(merchant_no) => own
                .about(merchant_no)
                .map_err(|_| Error::usage("--merchant must be a merchant's number, letters and digits"))?,
        };
        let signer = self.signer(merchant.appid())?;
        let base_url = self.base_url()?;
        Ok(Client::builder(merchant, signer, self.verifier()?).base_url(&base_url))
    }

    /// Signs requests under an application's id.
    pub(crate) fn signer(&self, appid: &str) -> Result<Arc<dyn Signer>, Error> {
        signer(&self.private_key()?, appid).map_err(Error::config)
    }

    /// The platform's key.
    pub(crate) fn platform_key(&self) -> Result<PublicKey, Error> {
        let path = self.section.platform_key.as_deref().ok_or_else(|| missing(SECTION, "platform_key"))?;
        let (name, key) = self.folder.file("platform_key", path)?;
        let (key, _) = read_key(&name, &key, PublicKey::read_with_certificate)?;
        self.check_kind(&name, matches!(key, PublicKey::Rsa(_)))?;
        Ok(key)
    }

    /// Verifies responses.
    pub(crate) fn verifier(&self) -> Result<Arc<dyn Verifier>, Error> {
        verifier(&self.platform_key()?).map_err(Error::config)
    }

    /// The address that requests go to. Default: the platform's.
    fn base_url(&self) -> Result<String, Error> {
        match &self.section.base_url {
            None => Ok(allinpay_adapter::PRODUCTION.to_owned()),
            Some(base_url) => connection::base_url(SECTION, base_url),
        }
    }

    /// A transport with the configured roots and proxy.
    pub(crate) fn transport(&self) -> Result<HttpsClient, Error> {
        let AllinpaySection { root_certificate, proxy, .. } = &self.section;
        connection::transport(&self.folder, root_certificate.as_ref(), proxy.as_ref(), ALLINPAY_PROXY)
    }

    fn check_kind(&self, name: &str, is_rsa: bool) -> Result<(), Error> {
        match (self.section.sign_type, is_rsa) {
            (Some(document::SignType::Rsa), true) | (Some(document::SignType::Sm2), false) => Ok(()),
            (None, _) => Err(missing(SECTION, "sign_type (RSA or SM2)")),
            _ => Err(Error::config(format_args!(
                "{name}: the key's kind differs from `sign_type`; name the key of that algorithm"
            ))),
        }
    }
}
