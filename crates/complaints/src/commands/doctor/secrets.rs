//! The files of keys and secrets: who else may read them.

use complaint_channels::Settings;

use super::findings::Findings;

/// Examines the files that the configuration names. One that cannot be read has a line of its section.
pub(super) fn examine(settings: &Settings) -> Findings {
    let mut findings = Findings::of("secrets", None);
    #[cfg(unix)]
    files(settings, &mut findings);
    #[cfg(not(unix))]
    findings.unchecked(CHECK, "who may read files is asked for on Unix alone");
    findings
}

const CHECK: &str = "file modes";

#[cfg(unix)]
fn files(settings: &Settings, findings: &mut Findings) {
    use std::os::unix::fs::PermissionsExt as _;

    let mut is_private = true;
    for file in settings.secret_files() {
        let Ok(metadata) = file.metadata() else { continue };
        let mode = metadata.permissions().mode() & 0o777;
        if mode & OTHERS != 0 {
            is_private = false;
            let name = file.display();
            findings.warning(
                CHECK,
                format!("{name}: its mode 0{mode:o} lets others read or change it; chmod 0600, or 0640 for the server's group"),
            );
        }
    }
    if is_private {
        findings.ok(CHECK, "no other users may read or change the files of keys and secrets");
    }
}

/// More than its user may read and change, and its group may read.
#[cfg(unix)]
const OTHERS: u32 = 0o037;
