//! A Mini Program: client and receiver.

use std::fmt;
use std::sync::Arc;

use protocol_core::mini_program::Receiver;
use wechat_adapter::mini_program::{Client, Error};

use crate::account::{AccountId, ChannelName};
use crate::error::SettingError;
use crate::links::Links;
use crate::self_test::self_test_mini_program;
use crate::settings::{MiniProgramSettings, Transports};

/// A Mini Program. It has a client, a receiver, or both.
pub struct MiniProgramAccount {
    id: AccountId,
    client: Option<Client>,
    links: Links,
    receiver: Option<Arc<Receiver>>,
    pub(crate) fingerprint: u64,
}

impl MiniProgramAccount {
    /// Reads every secret.
    pub(crate) fn new(settings: &MiniProgramSettings, transports: &mut Transports) -> Result<Self, SettingError> {
        let id = AccountId::new(ChannelName::MiniProgram, settings.appid()?, settings.name());
        // Without both, the client's error names what is missing.
        let client = if settings.has_app_secret() || !settings.has_token() {
            Some(settings.client(settings.transport_of(transports)?)?)
        } else {
            None
        };
        let receiver = settings.has_token().then(|| settings.receiver()).transpose()?.map(Arc::new);
        let links = settings.links_of(transports)?;
        Ok(Self { id, client, links, receiver, fingerprint: settings.fingerprint() })
    }

    /// The application's identity.
    #[must_use]
    pub const fn id(&self) -> &AccountId {
        &self.id
    }

    /// The client, whose first call fetches a token; `None` without an `app_secret_file`. Clones
    /// share its connections and token.
    #[must_use]
    pub const fn client(&self) -> Option<&Client> {
        self.client.as_ref()
    }

    /// The pictures behind plain links of its complaints.
    #[must_use]
    pub const fn links(&self) -> &Links {
        &self.links
    }

    /// The receiver of pushes; `None` without a `token_file`.
    #[must_use]
    pub const fn receiver(&self) -> Option<&Arc<Receiver>> {
        self.receiver.as_ref()
    }

    /// Tests the secret against the platform, and touches no complaint. Without a client it does
    /// nothing.
    ///
    /// # Errors
    /// [`Error`]: a call did not succeed.
    pub async fn self_test(&self) -> Result<(), Error> {
        match &self.client {
            Some(client) => self_test_mini_program(client).await,
            None => Ok(()),
        }
    }
}

impl fmt::Debug for MiniProgramAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MiniProgramAccount").field("id", &self.id).finish_non_exhaustive()
    }
}
