//! The files of keys and secrets: who else may read them.

use complaint_channels::Settings;

use super::findings::Findings;
#[cfg(not(unix))]
use crate::language::say;
#[cfg(unix)]
use crate::language::{say, say_with};

/// Examines the files that the configuration names. One that cannot be read has a line of its section.
pub(super) fn examine(settings: &Settings) -> Findings {
    let mut findings = Findings::of("secrets", None);
    #[cfg(unix)]
    files(settings, &mut findings);
    #[cfg(not(unix))]
    findings.unchecked(CHECK, say("doctor-modes-unix"));
    findings
}

const CHECK: &str = "file-modes";

#[cfg(unix)]
fn files(settings: &Settings, findings: &mut Findings) {
    use std::os::unix::fs::PermissionsExt as _;

    let mut is_private = true;
    for file in settings.secret_files() {
        let Ok(metadata) = file.metadata() else { continue };
        let mode = metadata.permissions().mode() & 0o777;
        if mode & OTHERS != 0 {
            is_private = false;
            let (name, mode) = (file.display().to_string(), format!("0{mode:o}"));
            let values = [("file", name.into()), ("mode", mode.into())];
            findings.warning(CHECK, say_with("doctor-mode-open", values));
        }
    }
    if is_private {
        findings.ok(CHECK, say("doctor-modes-private"));
    }
}

/// More than its user may read and change, and its group may read.
#[cfg(unix)]
const OTHERS: u32 = 0o037;
