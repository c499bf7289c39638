//! The section `[virtual-payment]`. The application and its connection are those of
//! `[mini-program]`.

#[cfg(feature = "clients")]
use http_transport::{HttpsClient, Transport};
use protocol_core::Secret;
use protocol_core::rate::Rates;
use protocol_core::virtual_payment::{Env, Merchant};
#[cfg(feature = "clients")]
use wechat_adapter::{mini_program, virtual_payment::Client};

use super::connection;
use super::document::{Environment, VirtualPaymentSection};
use super::place::Place;
use super::{MiniProgramSettings, VIRTUAL_PAYMENT_APP_KEY};
use crate::error::SettingError;

/// The virtual payment of a Mini Program: the section `[virtual-payment]`, and the Mini Program's.
/// Secrets are read when they are asked for.
#[derive(Debug, Clone)]
pub struct VirtualPaymentSettings {
    pub(super) section: VirtualPaymentSection,
    pub(super) place: Place,
    pub(super) mini_program: Result<MiniProgramSettings, SettingError>,
}

impl VirtualPaymentSettings {
    /// The name that people gave the section.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.section.name.as_deref()
    }

    /// The Mini Program. Signing alone does not need it.
    ///
    /// # Errors
    /// [`SettingError`], here and below: a section, a member or a file is missing, or cannot be
    /// used.
    pub fn mini_program(&self) -> Result<&MiniProgramSettings, SettingError> {
        self.mini_program.as_ref().map_err(SettingError::clone)
    }

    /// The environment, which decides which of the two AppKeys it is.
    #[must_use]
    pub const fn env(&self) -> Env {
        match self.section.environment {
            Environment::Production => Env::Production,
            Environment::Sandbox => Env::Sandbox,
        }
    }

    /// The AppKey: the key of `pay_sig`.
    ///
    /// # Errors
    /// [`SettingError`].
    pub fn app_key(&self) -> Result<Secret, SettingError> {
        let path = self.section.app_key_file.as_deref();
        let (name, app_key) = self.place.secret("app_key_file", path, VIRTUAL_PAYMENT_APP_KEY)?;
        let app_key = Secret::read(&app_key);
        // A wrong shape is refused before anything is signed.
        Merchant::new(app_key.clone(), self.env())
            .map_err(|error| self.place.invalid(format_args!("{name}: {error}")))?;
        Ok(app_key)
    }

    /// The AppKey and its environment.
    ///
    /// # Errors
    /// [`SettingError`].
    pub fn merchant(&self) -> Result<Merchant, SettingError> {
        Merchant::new(self.app_key()?, self.env()).map_err(|error| self.place.invalid(error))
    }

    /// The origin of payers' pictures; `None` for WeChat Pay's host.
    ///
    /// # Errors
    /// [`SettingError`].
    pub fn image_origin(&self) -> Result<Option<String>, SettingError> {
        self.section.image_base_url.as_ref().map(|base_url| connection::origin(&self.place, base_url)).transpose()
    }

    /// The rates of requests: those of the section, counted apart from the Mini Program's. Default:
    /// no limit.
    #[must_use]
    pub fn rates(&self) -> Rates {
        self.section.rates.over(Rates::NONE)
    }

    /// A transport with the Mini Program's roots and proxy.
    ///
    /// # Errors
    /// [`SettingError`].
    #[cfg(feature = "clients")]
    pub fn transport(&self) -> Result<HttpsClient, SettingError> {
        self.mini_program()?.transport()
    }

    /// A client whose first call fetches a token.
    ///
    /// # Errors
    /// [`SettingError`].
    #[cfg(feature = "clients")]
    pub fn client<S: Transport>(&self, transport: S) -> Result<Client<S>, SettingError> {
        self.client_over(self.mini_program()?.client(transport)?)
    }

    /// A client over one of the Mini Program.
    ///
    /// # Errors
    /// [`SettingError`].
    #[cfg(feature = "clients")]
    pub fn client_over<S: Transport>(&self, mini_program: mini_program::Client<S>) -> Result<Client<S>, SettingError> {
        let client = Client::builder(mini_program, self.merchant()?).rates(self.rates());
        Ok(match self.image_origin()? {
            None => client.build(),
            Some(origin) => client.image_origin(origin).build(),
        })
    }

    /// See [`Place::fingerprint`]. The Mini Program's is part of it.
    #[cfg(feature = "clients")]
    pub(crate) fn fingerprint(&self, mini_program: Option<u64>) -> u64 {
        self.place.fingerprint(&(&self.section, mini_program))
    }
}
