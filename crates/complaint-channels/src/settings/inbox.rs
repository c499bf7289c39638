//! The section `[inbox]`.

use std::path::PathBuf;

use super::document::InboxSection;
use super::place::Place;
use crate::error::SettingError;

/// The store of complaints: the section `[inbox]`.
#[derive(Debug, Clone)]
pub struct InboxSettings {
    pub(super) section: InboxSection,
    pub(super) place: Place,
}

impl InboxSettings {
    /// The file of the database, relative to the configuration. Default: `complaints.db`.
    ///
    /// # Errors
    /// [`SettingError`], here and below: a member cannot be used.
    pub fn database(&self) -> Result<PathBuf, SettingError> {
        let database = self.section.database.as_deref().unwrap_or(DATABASE);
        if database.trim().is_empty() || database.contains("://") {
            return Err(self.place.invalid_section("`database` must be a file's name: the inbox is a SQLite file"));
        }
        Ok(self.place.path(database))
    }

    /// The days for which everything is kept after its last change, [`MIN_KEEP_DAYS`] to
    /// [`MAX_KEEP_DAYS`]. Default: 400.
    ///
    /// # Errors
    /// [`SettingError`].
    pub fn keep_days(&self) -> Result<u32, SettingError> {
        let days = self.section.keep_days.unwrap_or(KEEP_DAYS);
        let misfit =
            || self.place.invalid_section(format_args!("`keep_days` must be {MIN_KEEP_DAYS} to {MAX_KEEP_DAYS}"));
        if (MIN_KEEP_DAYS..=MAX_KEEP_DAYS).contains(&days) { Ok(days) } else { Err(misfit()) }
    }
}

/// Fewest days for which an inbox keeps what it has: the platforms list a complaint for as long, and one
/// that was removed before would be filed again.
pub const MIN_KEEP_DAYS: u32 = 30;

/// Most days for which an inbox keeps what it has: a hundred years.
pub const MAX_KEEP_DAYS: u32 = 36_500;

const DATABASE: &str = "complaints.db";
const KEEP_DAYS: u32 = 400;
