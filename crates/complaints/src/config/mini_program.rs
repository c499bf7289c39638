//! The section `[mini-program]`.

use std::path::{Path, PathBuf};

use protocol_core::Secret;
use protocol_core::mini_program::{EncodingAesKey, Mode, Receiver};
use serde::Deserialize;

use super::{Folder, MINI_PROGRAM_ENCODING_AES_KEY, MINI_PROGRAM_TOKEN, missing, trim_line_ends};
use crate::error::Error;

const SECTION: &str = "mini-program";

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Section {
    appid: Option<String>,
    token_file: Option<PathBuf>,
    encoding_aes_key_file: Option<PathBuf>,
    mode: Option<PushMode>,
    /// For the commands that call the platform.
    #[serde(rename = "app_secret_file")]
    _app_secret_file: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum PushMode {
    Plain,
    Compatible,
    Secure,
}

/// The section, with the folder its file names are relative to.
#[derive(Debug)]
pub(crate) struct MiniProgram {
    section: Section,
    folder: Folder,
}

impl MiniProgram {
    /// Reads the section.
    pub(crate) fn load(path: &Path) -> Result<Self, Error> {
        let (section, folder) = super::load(path, SECTION, |file| file.mini_program)?;
        Ok(Self { section, folder })
    }

    /// The mode; there is no default, since the wrong one accepts what it should not.
    pub(crate) fn mode(&self) -> Result<Mode, Error> {
        match self.section.mode {
            Some(PushMode::Plain) => Ok(Mode::Plain),
            Some(PushMode::Compatible) => Ok(Mode::Compatible),
            Some(PushMode::Secure) => Ok(Mode::Secure),
            None => Err(missing(SECTION, "mode (plain, compatible or secure)")),
        }
    }

    /// The token that signs.
    pub(crate) fn token(&self) -> Result<Secret, Error> {
        let path = self.section.token_file.as_deref();
        let (_, token) = self.folder.secret(SECTION, "token_file", path, MINI_PROGRAM_TOKEN)?;
        Ok(Secret::new(trim_line_ends(&token).to_vec()))
    }

    /// What opens pushes.
    pub(crate) fn receiver(&self) -> Result<Receiver, Error> {
        let appid = self.section.appid.clone().ok_or_else(|| missing(SECTION, "appid"))?;
        let mode = self.mode()?;
        let key = match mode {
            Mode::Plain => None,
            Mode::Compatible | Mode::Secure => Some(self.key()?),
        };
        Receiver::new(appid, self.token()?, mode, key).map_err(Error::config)
    }

    fn key(&self) -> Result<EncodingAesKey, Error> {
        let path = self.section.encoding_aes_key_file.as_deref();
        let (name, key) = self.folder.secret(SECTION, "encoding_aes_key_file", path, MINI_PROGRAM_ENCODING_AES_KEY)?;
        let text = std::str::from_utf8(trim_line_ends(&key)).unwrap_or_default();
        EncodingAesKey::read(text).map_err(|error| Error::config(format_args!("{name}: {error}")))
    }
}
