//! The section `[mini-program]`.

use std::path::Path;

use http_transport::{HttpsClient, Transport};
use protocol_core::mini_program::{EncodingAesKey, GetStableToken, Mode, Operation as _, Receiver};
use protocol_core::{Secret, Stamp, UnixTime};
use wechat_adapter::mini_program::{Client, StableToken};

use super::document::{MiniProgramSection, PushMode};
use super::{
    Folder, MINI_PROGRAM_APP_SECRET, MINI_PROGRAM_ENCODING_AES_KEY, MINI_PROGRAM_PROXY, MINI_PROGRAM_TOKEN, connection,
    missing,
};
use crate::error::Error;

const SECTION: &str = "mini-program";

/// The section, with the folder its file names are relative to.
#[derive(Debug)]
pub(crate) struct MiniProgram {
    section: MiniProgramSection,
    folder: Folder,
}

impl MiniProgram {
    /// Reads the section.
    pub(crate) fn load(path: &Path) -> Result<Self, Error> {
        let (section, folder) = super::load(path, SECTION, |file| file.mini_program)?;
        Ok(Self { section, folder })
    }

    /// The mode. It has no default: a wrong mode accepts forged messages.
    pub(crate) fn mode(&self) -> Result<Mode, Error> {
        match self.section.mode {
            Some(PushMode::Plain) => Ok(Mode::Plain),
            Some(PushMode::Compatible) => Ok(Mode::Compatible),
            Some(PushMode::Secure) => Ok(Mode::Secure),
            None => Err(missing(SECTION, "mode (plain, compatible or secure)")),
        }
    }

    /// The token of the signature.
    pub(crate) fn token(&self) -> Result<Secret, Error> {
        let path = self.section.token_file.as_deref();
        let (_, token) = self.folder.secret(SECTION, "token_file", path, MINI_PROGRAM_TOKEN)?;
        Ok(Secret::read(&token))
    }

    /// The receiver of pushes.
    pub(crate) fn receiver(&self) -> Result<Receiver, Error> {
        let appid = self.appid()?;
        let mode = self.mode()?;
        let key = match mode {
            Mode::Plain => None,
            Mode::Compatible | Mode::Secure => Some(self.key()?),
        };
        Receiver::new(appid, self.token()?, mode, key).map_err(Error::config)
    }

    /// The application's id.
    fn appid(&self) -> Result<String, Error> {
        self.section.appid.clone().ok_or_else(|| missing(SECTION, "appid"))
    }

    /// The secret that fetches access tokens.
    fn app_secret(&self) -> Result<Secret, Error> {
        let path = self.section.app_secret_file.as_deref();
        let (name, secret) = self.folder.secret(SECTION, "app_secret_file", path, MINI_PROGRAM_APP_SECRET)?;
        let secret = Secret::read(&secret);
        // A wrong shape is refused before anything is sent.
        let question = GetStableToken::new(self.appid()?, secret.clone());
        question
            .request(&Stamp { now: UnixTime(0), nonce: "0" })
            .map_err(|error| Error::config(format_args!("{name}: {error}")))?;
        Ok(secret)
    }

    /// A client whose first call fetches a token.
    pub(crate) fn client<S: Transport>(&self, transport: S) -> Result<Client<S>, Error> {
        let origin = self.origin()?;
        let tokens = StableToken::builder(self.appid()?, self.app_secret()?).origin(origin.clone());
        let tokens = tokens.build_over(transport.clone());
        Ok(Client::builder(tokens).origin(origin).build_over(transport))
    }

    /// The address that requests go to. Default: the platform's.
    fn origin(&self) -> Result<String, Error> {
        match &self.section.base_url {
            None => Ok(wechat_adapter::mini_program::ORIGIN.to_owned()),
            Some(base_url) => connection::origin(SECTION, base_url),
        }
    }

    /// A transport with the configured roots and proxy.
    pub(crate) fn transport(&self) -> Result<HttpsClient, Error> {
        let MiniProgramSection { root_certificate, proxy, .. } = &self.section;
        connection::transport(&self.folder, root_certificate.as_ref(), proxy.as_ref(), MINI_PROGRAM_PROXY)
    }

    fn key(&self) -> Result<EncodingAesKey, Error> {
        let path = self.section.encoding_aes_key_file.as_deref();
        let (name, key) = self.folder.secret(SECTION, "encoding_aes_key_file", path, MINI_PROGRAM_ENCODING_AES_KEY)?;
        let key = Secret::read(&key);
        let text = std::str::from_utf8(key.expose()).unwrap_or_default();
        EncodingAesKey::read(text).map_err(|error| Error::config(format_args!("{name}: {error}")))
    }
}
