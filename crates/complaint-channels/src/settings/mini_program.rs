//! The section `[mini-program]`.

#[cfg(feature = "clients")]
use http_transport::Transport;
use protocol_core::mini_program::{EncodingAesKey, GetStableToken, Mode, Operation as _, Receiver};
use protocol_core::rate::Rates;
use protocol_core::{Secret, Stamp, UnixTime};
#[cfg(feature = "clients")]
use wechat_adapter::mini_program::{Client, ORIGIN, StableToken};

use super::connection::{self, connection_methods};
use super::document::{MiniProgramSection, PushMode};
use super::place::Place;
use super::{MINI_PROGRAM_APP_SECRET, MINI_PROGRAM_ENCODING_AES_KEY, MINI_PROGRAM_PROXY, MINI_PROGRAM_TOKEN};
use crate::error::SettingError;

/// A Mini Program: the section `[mini-program]`. Secrets are read when they are asked for.
#[derive(Debug, Clone)]
pub struct MiniProgramSettings {
    pub(super) section: MiniProgramSection,
    pub(super) place: Place,
}

connection_methods!(MiniProgramSettings, MINI_PROGRAM_PROXY);

impl MiniProgramSettings {
    /// The name that people gave the section.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.section.name.as_deref()
    }

    /// The application's id.
    ///
    /// # Errors
    /// [`SettingError`], here and below: a member or a file is missing, or cannot be used.
    pub fn appid(&self) -> Result<&str, SettingError> {
        self.section.appid.as_deref().ok_or_else(|| self.place.missing("appid"))
    }

    /// The mode. It has no default: a wrong mode accepts forged messages.
    ///
    /// # Errors
    /// [`SettingError`].
    pub fn mode(&self) -> Result<Mode, SettingError> {
        match self.section.mode {
            Some(PushMode::Plain) => Ok(Mode::Plain),
            Some(PushMode::Compatible) => Ok(Mode::Compatible),
            Some(PushMode::Secure) => Ok(Mode::Secure),
            None => Err(self.place.missing("mode (plain, compatible or secure)")),
        }
    }

    /// The token of the signature.
    ///
    /// # Errors
    /// [`SettingError`].
    pub fn token(&self) -> Result<Secret, SettingError> {
        let path = self.section.token_file.as_deref();
        let (_, token) = self.place.secret("token_file", path, MINI_PROGRAM_TOKEN)?;
        Ok(Secret::read(&token))
    }

    /// Whether a token is configured, and so a receiver of pushes.
    #[must_use]
    pub fn has_token(&self) -> bool {
        self.place.has_secret(self.section.token_file.as_ref(), MINI_PROGRAM_TOKEN)
    }

    /// The receiver that verifies and opens pushes.
    ///
    /// # Errors
    /// [`SettingError`].
    pub fn receiver(&self) -> Result<Receiver, SettingError> {
        let appid = self.appid()?;
        let mode = self.mode()?;
        let key = match mode {
            Mode::Plain => None,
            Mode::Compatible | Mode::Secure => Some(self.encoding_aes_key()?),
        };
        Receiver::new(appid, self.token()?, mode, key).map_err(|error| self.place.invalid(error))
    }

    /// The secret that fetches access tokens.
    ///
    /// # Errors
    /// [`SettingError`].
    pub fn app_secret(&self) -> Result<Secret, SettingError> {
        let path = self.section.app_secret_file.as_deref();
        let (name, secret) = self.place.secret("app_secret_file", path, MINI_PROGRAM_APP_SECRET)?;
        let secret = Secret::read(&secret);
        // A wrong shape is refused before anything is sent.
        let question = GetStableToken::new(self.appid()?, secret.clone());
        question
            .request(&Stamp { now: UnixTime(0), nonce: "0" })
            .map_err(|error| self.place.invalid(format_args!("{name}: {error}")))?;
        Ok(secret)
    }

    /// Whether that secret is configured, and so a client.
    #[must_use]
    pub fn has_app_secret(&self) -> bool {
        self.place.has_secret(self.section.app_secret_file.as_ref(), MINI_PROGRAM_APP_SECRET)
    }

    /// The origin of requests; `None` for the platform's.
    ///
    /// # Errors
    /// [`SettingError`].
    pub fn origin(&self) -> Result<Option<String>, SettingError> {
        self.section.base_url.as_ref().map(|base_url| connection::origin(&self.place, base_url)).transpose()
    }

    /// The rates of requests: those of the section. Default: no limit.
    #[must_use]
    pub fn rates(&self) -> Rates {
        self.section.rates.over(Rates::NONE)
    }

    /// A client whose first call fetches a token.
    ///
    /// # Errors
    /// [`SettingError`].
    #[cfg(feature = "clients")]
    pub fn client<S: Transport>(&self, transport: S) -> Result<Client<S>, SettingError> {
        let origin = self.origin()?.unwrap_or_else(|| ORIGIN.to_owned());
        let tokens = StableToken::builder(self.appid()?, self.app_secret()?).origin(origin.clone());
        let tokens = tokens.build_over(transport.clone());
        Ok(Client::builder(tokens).origin(origin).rates(self.rates()).build_over(transport))
    }

    fn encoding_aes_key(&self) -> Result<EncodingAesKey, SettingError> {
        let path = self.section.encoding_aes_key_file.as_deref();
        let (name, key) = self.place.secret("encoding_aes_key_file", path, MINI_PROGRAM_ENCODING_AES_KEY)?;
        let key = Secret::read(&key);
        let text = std::str::from_utf8(key.expose()).unwrap_or_default();
        EncodingAesKey::read(text).map_err(|error| self.place.invalid(format_args!("{name}: {error}")))
    }
}
