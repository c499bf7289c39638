//! The server: its addresses and files, the inbox, the disk under it.

use std::path::Path;

use complaint_channels::{Channels, Settings};
use complaint_inbox::{SqliteStore, Store as _};
use complaint_server::{Endpoint, Recipient, Replies, Tokens, Users, check_webhooks};
use complaint_texts::Language;

use super::findings::Findings;
use crate::error::{Code, Error};
use crate::language::{say, say_with};

/// Examines `[serve]`, `[inbox]`, `[[onward]]` and `[[notice]]`.
pub(super) async fn examine(settings: &Settings) -> Vec<Findings> {
    let mut all = vec![serve(settings), inbox(settings).await];
    match settings.onward() {
        Ok(endpoints) => all.extend(endpoints.iter().map(|endpoint| {
            let mut findings = Findings::of("onward", Some(endpoint.name()));
            let usable = Endpoint::from_settings(endpoint).map(|_| say("doctor-onward-form"));
            findings.read("endpoint", usable);
            findings
        })),
        Err(error) => {
            let mut findings = Findings::of("onward", None);
            findings.failed("sections", error);
            all.push(findings);
        }
    }
    match settings.notices() {
        Ok(notices) => all.extend(notices.iter().map(|notice| {
            let mut findings = Findings::of("notice", Some(notice.name()));
            let usable = Recipient::from_settings(notice);
            let fact = |_| say_with("doctor-notice-usable", [("name", notice.name().into())]);
            findings.read("recipient", usable.map(fact));
            findings
        })),
        Err(error) => {
            let mut findings = Findings::of("notice", None);
            findings.failed("sections", error);
            all.push(findings);
        }
    }
    all
}

fn serve(settings: &Settings) -> Findings {
    let (serve, mut findings) = (settings.serve(), Findings::of("serve", None));
    let addresses = serve.webhooks().and_then(|webhooks| {
        let values = [("webhooks", webhooks.to_string().into()), ("desk", serve.desk()?.to_string().into())];
        Ok(say_with("doctor-addresses", values))
    });
    findings.read("addresses", addresses);
    match serve.listener() {
        Ok(listener) if listener.tls().is_some() => findings.ok("listener", say("doctor-listener")),
        Ok(_) => {}
        Err(error) => findings.failed("listener", error),
    }
    // A section that cannot be read has its own line.
    if let Ok(channels) = Channels::of(settings) {
        findings.read("webhooks", check_webhooks(&channels).map(|()| say("doctor-webhooks")));
    }
    let (tokens, users) = (serve.api_tokens_file(), serve.users_file());
    if tokens.exists() {
        findings.read("api-tokens", Tokens::from_file(&tokens).map(|_| tokens.display().to_string()));
    } else {
        findings.unchecked("api-tokens", say("doctor-tokens-none"));
    }
    if users.exists() {
        findings.read("users", Users::from_file(&users).map(|_| users.display().to_string()));
    } else {
        findings.unchecked("users", say("doctor-users-none"));
    }
    if let Some(replies) = serve.replies_file() {
        findings.read("replies", Replies::from_file(&replies).map(|_| replies.display().to_string()));
    }
    findings
}

async fn inbox(settings: &Settings) -> Findings {
    const CHECK: &str = "database";

    let (inbox, mut findings) = (settings.inbox(), Findings::of("inbox", None));
    let path = match inbox.database().and_then(|database| inbox.keep_days().map(|_| database)) {
        Ok(path) => path,
        Err(error) => {
            findings.failed(CHECK, error);
            return findings;
        }
    };
    let shown = || [("path", path.display().to_string().into())];
    if path.exists() {
        match SqliteStore::open_to_read(&path) {
            Ok(store) => match store.check().await {
                Ok(()) => findings.ok(CHECK, say_with("doctor-database-sound", shown())),
                Err(error) => findings.failed(CHECK, Error::new(Code::Malformed, error)),
            },
            Err(error) => findings.failed(CHECK, Error::config(error)),
        }
    } else {
        findings.unchecked(CHECK, say_with("doctor-database-none", shown()));
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    #[cfg(unix)]
    writable([folder, &path], &mut findings);
    disk(folder, &mut findings);
    findings
}

/// Examines whether the user of this process may write to the folder of the database, which has its log
/// beside it, and to the database, if it is there.
#[cfg(unix)]
fn writable(places: [&Path; 2], findings: &mut Findings) {
    use rustix::fs::{Access, access};

    const CHECK: &str = "writable";

    for place in places.into_iter().filter(|place| place.exists()) {
        if let Err(error) = access(place, Access::WRITE_OK) {
            let (place, problem) = (place.display(), std::io::Error::from(error).kind());
            let remedy = "give it to the server's user, or examine as that user";
            findings.failed(CHECK, Error::config(format_args!("{place} cannot be written to: {problem}; {remedy}")));
        }
    }
}

/// Free space below which the inbox may soon refuse messages, in bytes.
const LITTLE_SPACE: u64 = 1024 * 1024 * 1024;

/// Free space below which it refuses them as good as now: its log alone may take 32 MiB.
const NO_SPACE: u64 = 64 * 1024 * 1024;

#[cfg(unix)]
fn disk(folder: &Path, findings: &mut Findings) {
    const CHECK: &str = "disk";

    match rustix::fs::statvfs(folder) {
        Ok(disk) => space(disk.f_bavail.saturating_mul(disk.f_frsize), findings),
        Err(error) => {
            let problem = std::io::Error::from(error).kind();
            findings.failed(CHECK, Error::config(format_args!("{}: {problem}; create the folder", folder.display())));
        }
    }
}

#[cfg(not(unix))]
fn disk(_: &Path, findings: &mut Findings) {
    findings.unchecked("disk", say("doctor-disk-unix"));
}

fn space(free: u64, findings: &mut Findings) {
    const CHECK: &str = "disk";

    let free_mib = || [("free", (free / (1024 * 1024)).to_string().into())];
    if free < NO_SPACE {
        let problem = Language::English.text_with("doctor-disk-little", free_mib());
        findings.failed(CHECK, Error::usage(problem));
    } else if free < LITTLE_SPACE {
        findings.warning(CHECK, say_with("doctor-disk-little", free_mib()));
    } else {
        findings.ok(CHECK, say_with("doctor-disk-free", free_mib()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_that_fills_is_told_in_time() {
        for (free, state) in [
            (NO_SPACE - 1, "failed"),
            (NO_SPACE, "warning"),
            (LITTLE_SPACE - 1, "warning"),
            (LITTLE_SPACE, "ok"),
            (u64::MAX, "ok"),
        ] {
            let mut findings = Findings::of("inbox", None);
            space(free, &mut findings);
            assert_eq!(findings.last_state(), state, "{free}");
        }
    }
}
