//! Random bytes for tokens and secrets.

use complaint_channels::{SettingError, SettingErrorKind};
use protocol_core::Secret;

/// So many random bytes of the system.
pub(crate) fn random(bytes: usize) -> Result<Secret, SettingError> {
    let mut random = vec![0; bytes];
    match getrandom::fill(&mut random) {
        Ok(()) => Ok(Secret::new(random)),
        Err(_) => Err(SettingError::new(SettingErrorKind::File, "the system has no random bytes; try again")),
    }
}
