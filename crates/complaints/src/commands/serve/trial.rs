//! `serve --sandbox`: a folder that holds everything, and the simulated platforms that send to the
//! server.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use complaint_channels::{Channels, SettingErrorKind, Settings};
use complaint_server::{May, Pace, Tokens, WECHAT_PAY_PATH, allinpay_path, mini_program_path};
use platform_sandbox::{PushConfig, Sandbox, SandboxConfig, WEBHOOK_HOST};
use protocol_core::Secret;
use protocol_core::wechat_pay::NotificationUrl;

use crate::commands::sandbox::{SandboxFolder, cannot, exchanges, write_private};
use crate::error::Error;

/// The simulated platforms, and their folder.
pub(super) struct Trial {
    folder: SandboxFolder,
    sandbox: Sandbox,
}

impl Trial {
    /// Starts the simulated platforms with what the folder has, and adds what it lacks.
    pub(super) async fn open(folder: &Path) -> Result<Self, Error> {
        let held = SandboxFolder::hold(folder)?;
        let sandbox = held.start(SandboxConfig::default().with_observer(exchanges::writer())).await?;
        let trial = Self { folder: held, sandbox };
        trial.configure().map_err(|error| cannot("write the configuration to", folder, &error))?;
        trial.make_token()?;
        Ok(trial)
    }

    /// The configuration.
    pub(super) fn configuration(&self) -> PathBuf {
        self.folder.path().join("complaints.toml")
    }

    /// The file of a token that may act.
    pub(super) fn token_file(&self) -> PathBuf {
        self.folder.path().join("api.token")
    }

    /// The simulated platforms.
    pub(super) const fn sandbox(&self) -> &Sandbox {
        &self.sandbox
    }

    /// Registers the webhooks at the simulated platforms. The first time, complaints are filed.
    pub(super) async fn connect(&self, channels: &Channels, webhooks_port: u16) -> Result<(), Error> {
        let url = |path: &str| format!("https://{WEBHOOK_HOST}:{webhooks_port}{path}");
        if let Some(account) = channels.wechat_pay().next() {
            account.client().ensure_url::<NotificationUrl>(&url(WECHAT_PAY_PATH)).await?;
        }
        let pushes = url(&mini_program_path(&self.sandbox.mini_program().appid));
        self.sandbox.set_push(PushConfig::new(pushes)).await.map_err(Error::usage)?;
        let cusid = self.sandbox.allinpay().cusid;
        self.sandbox.set_notice_url(&cusid, &url(&allinpay_path(&cusid))).map_err(Error::usage)?;
        // A push that was not acknowledged before the last end. The other channels have lists.
        self.sandbox.push_all_order_complaints();
        self.folder.file_first(&self.sandbox).map(drop)
    }

    /// Writes the configuration, with each of the server's sections that it lacks.
    fn configure(&self) -> io::Result<()> {
        let path = self.configuration();
        let text = fs::read_to_string(&path)?;
        let missing: Vec<_> = SERVER_SECTIONS.into_iter().filter(|section| !has_section(&text, section)).collect();
        if missing.is_empty() {
            return Ok(());
        }
        write_private(&path, format!("{text}\n{}", missing.join("\n")).as_bytes())
    }

    /// Makes the token, unless its file has one that is known.
    fn make_token(&self) -> Result<(), Error> {
        let (tokens, file) = (Settings::from_file(self.configuration())?.serve().api_tokens_file(), self.token_file());
        let present = fs::read(&file).ok().map(|text| Secret::read(&text));
        let is_known =
            |token: Secret| Tokens::from_file(&tokens).is_ok_and(|tokens| tokens.find(token.expose()).is_some());
        if present.is_some_and(is_known) {
            return Ok(());
        }
        let mut name = "sandbox".to_owned();
        for number in 2.. {
            match Tokens::add(&tokens, &name, May::Act) {
                // Its token was lost.
                Err(error) if error.kind() == SettingErrorKind::Choice => name = format!("sandbox-{number}"),
                made => {
                    return write_private(&file, made?.expose()).map_err(|error| cannot("write", &file, &error));
                }
            }
        }
        Ok(())
    }
}

/// Lists are swept every few seconds: Allinpay tells of WeChat's complaints by its list alone.
pub(super) fn pace() -> Pace {
    Pace::default().with_sweep_every(Duration::from_secs(3))
}

/// Any free ports, and the identity that the simulated platforms trust.
const SERVER_SECTIONS: [&str; 2] = [
    "[serve]
webhooks = \"127.0.0.1:0\"
tls_certificate = \"sandbox_webhook.pem\"
tls_key = \"sandbox_webhook.key\"
desk = \"127.0.0.1:0\"
api_tokens_file = \"tokens.toml\"
",
    "[inbox]
database = \"complaints.db\"
",
];

/// Whether a configuration has the section that begins with the same line, remarks aside.
fn has_section(text: &str, section: &str) -> bool {
    let header = |line: &str| line.split('#').next().unwrap_or_default().replace([' ', '\t'], "");
    let wanted = section.lines().next().map(header);
    text.lines().any(|line| Some(header(line)) == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_is_found_with_a_remark_and_blanks() {
        let [serve, inbox] = SERVER_SECTIONS;
        for text in ["[serve]", "a = 1\n [ serve ]  # my ports\nwebhooks = \"127.0.0.1:1\"\n"] {
            assert!(has_section(text, serve) && !has_section(text, inbox), "{text}");
        }
        for text in ["", "# [serve]\n", "[[serve]]\n", "[server]\n"] {
            assert!(!has_section(text, serve), "{text}");
        }
    }
}
