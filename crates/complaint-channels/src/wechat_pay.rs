//! A merchant of WeChat Pay: client, receiver, keys.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use protocol_core::crypto::{ApiV3Key, Decryptor, PublicKey};
use wechat_adapter::{CertificateKeeper, Client, Error};

use crate::account::{AccountId, ChannelName, KeyOwner, NamedKey};
use crate::error::SettingError;
use crate::links::Links;
use crate::self_test::{SelfTest, self_test};
use crate::settings::{Transports, WechatPaySettings};

/// A merchant of WeChat Pay.
pub struct WechatPayAccount {
    id: AccountId,
    client: Client,
    links: Links,
    named_key: Option<PublicKey>,
    decryptors: Vec<Arc<dyn Decryptor>>,
    api_v3_key: Option<Arc<ApiV3Key>>,
    certificate: Option<NamedKey>,
    fetches_certificates: bool,
    /// Whether every key of the platform is a certificate that was fetched.
    fetches_all: bool,
    keeper: Mutex<Option<CertificateKeeper>>,
    pub(crate) fingerprint: u64,
}

impl WechatPayAccount {
    /// Reads every key. Certificates that were fetched for the same merchant are taken over.
    pub(crate) fn new(
        settings: &WechatPaySettings,
        transports: &mut Transports,
        previous: &[Arc<Self>],
    ) -> Result<Self, SettingError> {
        let id = AccountId::new(ChannelName::WechatPay, settings.mchid()?, settings.name());
        let fetches_all = !settings.has_platform_keys();
        let fetched = previous.iter().find(|account| account.fetches_all && account.id.merchant == id.merchant);
        let keys = match fetched.filter(|_| fetches_all) {
            Some(account) => account.client.keys(),
            None if fetches_all => Arc::default(),
            None => Arc::new(settings.keyring()?),
        };
        let client = settings.client_with(keys, settings.transport_of(transports)?)?;
        let api_v3_key = settings.has_api_v3_key().then(|| settings.api_v3_key()).transpose()?;
        let certificate = settings.certificate()?.map(|certificate| NamedKey {
            owner: KeyOwner::Merchant,
            id: certificate.serial_no().to_owned(),
            not_after: Some(certificate.validity().not_after),
        });
        Ok(Self {
            id,
            client,
            links: settings.links_of(transports)?,
            certificate,
            named_key: settings.named_platform_key()?.map(|named| named.key),
            decryptors: settings.decryptors()?,
            api_v3_key: api_v3_key.map(Arc::new),
            fetches_certificates: settings.fetches_certificates()?,
            fetches_all,
            keeper: Mutex::default(),
            fingerprint: settings.fingerprint(),
        })
    }

    /// The merchant's identity.
    #[must_use]
    pub const fn id(&self) -> &AccountId {
        &self.id
    }

    /// The client. Clones share its connections, keys and certificates.
    #[must_use]
    pub const fn client(&self) -> &Client {
        &self.client
    }

    /// The pictures behind plain links of its complaints.
    #[must_use]
    pub const fn links(&self) -> &Links {
        &self.links
    }

    /// The platform's public key that requests name; sensitive fields are encrypted with it.
    #[must_use]
    pub const fn platform_key(&self) -> Option<&PublicKey> {
        self.named_key.as_ref()
    }

    /// The keys that decrypt sensitive fields: the merchant's key, then the older ones.
    #[must_use]
    pub fn decryptors(&self) -> &[Arc<dyn Decryptor>] {
        &self.decryptors
    }

    /// The APIv3 key, which decrypts notifications.
    #[must_use]
    pub const fn api_v3_key(&self) -> Option<&Arc<ApiV3Key>> {
        self.api_v3_key.as_ref()
    }

    /// The merchant as a receiver of notifications; `None` without an APIv3 key.
    #[cfg(feature = "webhook")]
    #[must_use]
    pub fn receiver(&self) -> Option<wechat_adapter::Account> {
        let api_v3_key = Arc::clone(self.api_v3_key()?);
        Some(wechat_adapter::Account::new(self.id.merchant.as_str(), self.client.keys(), api_v3_key))
    }

    /// The merchant's certificate, if it is configured, and the platform's keys as they are now:
    /// those of the file, and the fetched certificates.
    #[must_use]
    pub fn keys(&self) -> Vec<NamedKey> {
        let keys = self.client.keys();
        let of_platform = |id: String| NamedKey { owner: KeyOwner::Platform, not_after: keys.not_after(&id), id };
        let mut named: Vec<_> = keys.key_ids().into_iter().map(of_platform).collect();
        named.extend(self.certificate.clone());
        named.sort();
        named
    }

    /// Tests the keys against the platform, and touches no complaint. Without a configured key of
    /// the platform, its certificates are fetched first.
    ///
    /// # Errors
    /// [`Error`]: a call did not succeed.
    pub async fn self_test(&self) -> Result<SelfTest, Error> {
        if self.fetches_all {
            self.client.refresh_certificates().await?;
        }
        self_test(&self.client, self.named_key.as_ref(), &self.decryptors).await
    }

    /// Keeps the platform's certificates fresh in the background, if the client uses them. It must
    /// be called within a Tokio runtime. Called again, it does nothing.
    pub fn keep_certificates(&self) {
        if self.fetches_certificates {
            let mut keeper = self.keeper.lock().unwrap_or_else(PoisonError::into_inner);
            keeper.get_or_insert_with(|| self.client.keep_certificates());
        }
    }
}

impl fmt::Debug for WechatPayAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WechatPayAccount").field("id", &self.id).finish_non_exhaustive()
    }
}
