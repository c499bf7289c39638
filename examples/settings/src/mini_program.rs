//! `[mini-program]`

use std::path::PathBuf;

use protocol_core::Secret;
use protocol_core::mini_program::{EncodingAesKey, Mode, Receiver};
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::{Folder, SettingError, given, without_slash};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Section {
    appid: Option<String>,
    token_file: Option<PathBuf>,
    encoding_aes_key_file: Option<PathBuf>,
    mode: Option<PushMode>,
    app_secret_file: Option<PathBuf>,
    base_url: Option<String>,
    root_certificate: Option<PathBuf>,
    pub(crate) proxy: Option<IgnoredAny>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum PushMode {
    Plain,
    Compatible,
    Secure,
}

/// The service's Mini Program. Each key is read when it is asked for.
#[derive(Debug)]
pub struct MiniProgram<'s> {
    pub(crate) section: &'s Section,
    pub(crate) folder: &'s Folder,
}

impl MiniProgram<'_> {
    /// The application's id.
    ///
    /// # Errors
    /// [`SettingError`] where it is missing.
    pub fn appid(&self) -> Result<&str, SettingError> {
        given("appid", self.section.appid.as_ref())
    }

    /// The receiver that verifies and opens pushes.
    ///
    /// # Errors
    /// [`SettingError`].
    pub fn receiver(&self) -> Result<Receiver, SettingError> {
        let appid = self.appid()?;
        let (mode, key) = match self.section.mode.as_ref().ok_or_else(|| SettingError::missing("mode"))? {
            PushMode::Plain => (Mode::Plain, None),
            PushMode::Compatible => (Mode::Compatible, Some(self.encoding_aes_key()?)),
            PushMode::Secure => (Mode::Secure, Some(self.encoding_aes_key()?)),
        };
        let token = self.folder.secret("token_file", self.section.token_file.as_deref())?;
        Receiver::new(appid, token, mode, key).map_err(|error| SettingError::new("[mini-program]", error))
    }

    fn encoding_aes_key(&self) -> Result<EncodingAesKey, SettingError> {
        const NAME: &str = "encoding_aes_key_file";

        let key = self.folder.secret(NAME, self.section.encoding_aes_key_file.as_deref())?;
        let text = std::str::from_utf8(key.expose()).map_err(|error| SettingError::new(NAME, error))?;
        EncodingAesKey::read(text).map_err(|error| SettingError::new(NAME, error))
    }

    /// The credentials for access tokens.
    ///
    /// # Errors
    /// [`SettingError`].
    pub fn app_secret(&self) -> Result<Secret, SettingError> {
        self.folder.secret("app_secret_file", self.section.app_secret_file.as_deref())
    }

    /// Scheme and host of the server.
    #[must_use]
    pub fn origin(&self) -> &str {
        self.section.base_url.as_deref().map_or("https://api.weixin.qq.com", without_slash)
    }

    /// The only TLS roots to trust, PEM; `None` for the public ones.
    ///
    /// # Errors
    /// [`SettingError`].
    pub fn root_certificate(&self) -> Result<Option<Vec<u8>>, SettingError> {
        self.folder.root_certificate(self.section.root_certificate.as_deref())
    }
}
