//! The sections `[[onward]]`.

use std::path::Path;

use protocol_core::Secret;

use super::document::{OnwardSection, SecretUrl};
use super::place::Place;
use crate::error::SettingError;

/// An endpoint that events are handed on to: a section `[[onward]]`. Secrets are read when they are
/// asked for.
#[derive(Debug, Clone)]
pub struct OnwardSettings {
    pub(super) section: OnwardSection,
    pub(super) place: Place,
}

impl OnwardSettings {
    /// The name by which the inbox knows the endpoint. Default, of a single one: `onward`.
    #[must_use]
    pub fn name(&self) -> &str {
        self.section.name.as_deref().unwrap_or(NAME)
    }

    /// The URL, which may be a credential.
    ///
    /// # Errors
    /// [`SettingError`], here and below: a member or a file is missing, or cannot be used.
    pub fn url(&self) -> Result<&str, SettingError> {
        let SecretUrl(url) = self.section.url.as_ref().ok_or_else(|| self.place.missing("url"))?;
        Ok(url)
    }

    /// The secret's file.
    ///
    /// # Errors
    /// [`SettingError`].
    pub fn secret(&self) -> Result<Secret, SettingError> {
        let path = self.section.secret_file.as_deref().ok_or_else(|| self.place.missing("secret_file"))?;
        self.read("secret_file", path)
    }

    /// The file of the secret before it, while the receiver changes from one to the other.
    ///
    /// # Errors
    /// [`SettingError`].
    pub fn previous_secret(&self) -> Result<Option<Secret>, SettingError> {
        let path = self.section.previous_secret_file.as_deref();
        path.map(|path| self.read("previous_secret_file", path)).transpose()
    }

    fn read(&self, member: &str, path: &Path) -> Result<Secret, SettingError> {
        Ok(Secret::read(&self.place.file(member, path)?))
    }
}

const NAME: &str = "onward";
