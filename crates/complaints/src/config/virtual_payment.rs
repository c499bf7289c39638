//! The section `[virtual-payment]`. The application and its connection are those of
//! `[mini-program]`.

use std::path::Path;

use http_transport::{HttpsClient, Transport};
use protocol_core::Secret;
use protocol_core::virtual_payment::{Env, Merchant};
use wechat_adapter::virtual_payment::Client;

use super::document::{Environment, VirtualPaymentSection};
use super::{Folder, MiniProgram, VIRTUAL_PAYMENT_APP_KEY, connection};
use crate::error::Error;

const SECTION: &str = "virtual-payment";

/// The section, with the folder its file names are relative to, and the Mini Program's.
#[derive(Debug)]
pub(crate) struct VirtualPayment {
    section: VirtualPaymentSection,
    folder: Folder,
    mini_program: MiniProgram,
}

impl VirtualPayment {
    /// Reads both sections.
    pub(crate) fn load(path: &Path) -> Result<Self, Error> {
        let (section, folder) = super::load(path, SECTION, |file| file.virtual_payment)?;
        Ok(Self { section, folder, mini_program: MiniProgram::load(path)? })
    }

    /// A client whose first call fetches a token.
    pub(crate) fn client<S: Transport>(&self, transport: S) -> Result<Client<S>, Error> {
        let client = Client::builder(self.mini_program.client(transport)?, self.merchant()?);
        Ok(match &self.section.image_base_url {
            None => client.build(),
            Some(base_url) => client.image_origin(connection::origin(SECTION, base_url)?).build(),
        })
    }

    /// A transport with the configured roots and proxy.
    pub(crate) fn transport(&self) -> Result<HttpsClient, Error> {
        self.mini_program.transport()
    }

    fn merchant(&self) -> Result<Merchant, Error> {
        let path = self.section.app_key_file.as_deref();
        let (name, app_key) = self.folder.secret(SECTION, "app_key_file", path, VIRTUAL_PAYMENT_APP_KEY)?;
        let env = match self.section.environment {
            Environment::Production => Env::Production,
            Environment::Sandbox => Env::Sandbox,
        };
        Merchant::new(Secret::read(&app_key), env).map_err(|error| Error::config(format_args!("{name}: {error}")))
    }
}
