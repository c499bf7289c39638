//! A merchant, group or agent of Allinpay: client and receiver.

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use allinpay_adapter::{Client, Error};
use protocol_core::crypto::Verifier;

use crate::account::{AccountId, ChannelName};
use crate::error::SettingError;
use crate::links::Links;
use crate::self_test::self_test_allinpay;
use crate::settings::{AllinpaySettings, Transports};

/// A merchant, group or agent of Allinpay.
pub struct AllinpayAccount {
    id: AccountId,
    client: Client,
    verifier: Arc<dyn Verifier>,
    links: Links,
    pub(crate) fingerprint: u64,
}

impl AllinpayAccount {
    /// Reads every key.
    pub(crate) fn new(settings: &AllinpaySettings, transports: &mut Transports) -> Result<Self, SettingError> {
        let id = AccountId::new(ChannelName::Allinpay, settings.cusid()?, settings.name());
        let client = settings.client(settings.merchant()?)?.build_over(settings.transport_of(transports)?);
        let (links, verifier) = (settings.links_of(transports)?, settings.verifier()?);
        Ok(Self { id, client, verifier, links, fingerprint: settings.fingerprint() })
    }

    /// The merchant's identity.
    #[must_use]
    pub const fn id(&self) -> &AccountId {
        &self.id
    }

    /// The client. For a merchant below an agent: [`Client::about`]. Clones share its connections.
    #[must_use]
    pub const fn client(&self) -> &Client {
        &self.client
    }

    /// The verifier of what the platform signs.
    #[must_use]
    pub const fn verifier(&self) -> &Arc<dyn Verifier> {
        &self.verifier
    }

    /// The merchant as a receiver of notices; an agent, for all merchants below it.
    #[cfg(feature = "webhook")]
    #[must_use]
    pub fn receiver(&self) -> allinpay_adapter::Account {
        allinpay_adapter::Account::new(self.client.merchant().clone(), Arc::clone(&self.verifier))
    }

    /// Tests the keys against the platform, and touches no complaint.
    ///
    /// # Errors
    /// [`Error`]: a call did not succeed.
    pub async fn self_test(&self) -> Result<(), Error> {
        self_test_allinpay(&self.client, SystemTime::now().into()).await
    }

    /// The pictures behind plain links of its complaints.
    #[must_use]
    pub const fn links(&self) -> &Links {
        &self.links
    }
}

impl fmt::Debug for AllinpayAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AllinpayAccount").field("id", &self.id).finish_non_exhaustive()
    }
}
