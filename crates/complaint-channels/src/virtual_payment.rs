//! The virtual payment of a Mini Program: client.

use std::fmt;
use std::time::SystemTime;

use wechat_adapter::virtual_payment::{Client, Error};

use crate::account::{AccountId, ChannelName};
use crate::error::SettingError;
use crate::links::Links;
use crate::mini_program::MiniProgramAccount;
use crate::self_test::self_test_virtual_payment;
use crate::settings::{Transports, VirtualPaymentSettings};

/// The virtual payment of a Mini Program. Its events arrive with the Mini Program's pushes.
pub struct VirtualPaymentAccount {
    id: AccountId,
    client: Client,
    links: Links,
    pub(crate) fingerprint: u64,
}

impl VirtualPaymentAccount {
    /// Reads every secret. Requests go through the Mini Program's client, with its token.
    pub(crate) fn new(
        settings: &VirtualPaymentSettings,
        mini_program: Option<&MiniProgramAccount>,
    ) -> Result<Self, SettingError> {
        let id = AccountId::new(ChannelName::VirtualPayment, settings.mini_program()?.appid()?, settings.name());
        let client = match mini_program.and_then(MiniProgramAccount::client) {
            Some(client) => client.clone(),
            // The error names the missing secret.
            None => settings.mini_program()?.client(settings.transport()?)?,
        };
        let client = settings.client_over(client)?;
        let links = match mini_program {
            Some(account) => account.links().clone(),
            None => settings.mini_program()?.links_of(&mut Transports::default())?,
        };
        let fingerprint = settings.fingerprint(mini_program.map(|account| account.fingerprint));
        Ok(Self { id, client, links, fingerprint })
    }

    /// The application's identity.
    #[must_use]
    pub const fn id(&self) -> &AccountId {
        &self.id
    }

    /// The client. Clones share its connections and token.
    #[must_use]
    pub const fn client(&self) -> &Client {
        &self.client
    }

    /// Tests the keys against the platform, and touches no complaint.
    ///
    /// # Errors
    /// [`Error`]: a call did not succeed.
    pub async fn self_test(&self) -> Result<(), Error> {
        self_test_virtual_payment(&self.client, SystemTime::now().into()).await
    }

    /// The pictures behind plain links of its complaints.
    #[must_use]
    pub const fn links(&self) -> &Links {
        &self.links
    }
}

impl fmt::Debug for VirtualPaymentAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VirtualPaymentAccount").field("id", &self.id).finish_non_exhaustive()
    }
}
