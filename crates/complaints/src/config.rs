//! The configuration that a command reads, section by section.

use std::path::{Path, PathBuf};

use clap::Args;
use complaint_channels::{
    AllinpaySettings, MiniProgramSettings, SettingError, SettingErrorKind, Settings, VirtualPaymentSettings,
    WechatPaySettings,
};

use crate::error::Error;

/// The configuration, read when a command needs a section of it.
#[derive(Debug, Args)]
pub(crate) struct Config {
    /// The configuration. File names in it are relative to its folder.
    #[arg(
        long = "config",
        global = true,
        value_name = "FILE",
        default_value = DEFAULT_CONFIG,
        env = "COMPLAINTS_CONFIG",
        hide_env_values = true
    )]
    path: PathBuf,

    /// The merchant or application, if the configuration has several of the channel: its number
    /// (`mchid`, `appid`, `cusid`) or its `name`.
    #[arg(long, global = true, value_name = "ID")]
    account: Option<String>,
}

impl Config {
    pub(crate) fn wechat_pay(&self) -> Result<WechatPaySettings, Error> {
        self.choose(Settings::wechat_pay)
    }

    pub(crate) fn mini_program(&self) -> Result<MiniProgramSettings, Error> {
        self.choose(Settings::mini_program)
    }

    pub(crate) fn virtual_payment(&self) -> Result<VirtualPaymentSettings, Error> {
        self.choose(Settings::virtual_payment)
    }

    pub(crate) fn allinpay(&self) -> Result<AllinpaySettings, Error> {
        self.choose(Settings::allinpay)
    }

    /// The section that is meant.
    fn choose<S>(&self, section: impl FnOnce(&Settings, Option<&str>) -> Result<S, SettingError>) -> Result<S, Error> {
        section(&self.read()?, self.account.as_deref()).map_err(|error| match error.kind() {
            SettingErrorKind::Choice => error.and("choose with --account").into(),
            _ => error.into(),
        })
    }

    /// The file's name.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether a section with this number and name is meant.
    pub(crate) fn means(&self, number: Option<&str>, name: Option<&str>) -> bool {
        self.account.as_deref().is_none_or(|account| [number, name].contains(&Some(account)))
    }

    /// Reads the file. With secrets in the environment, the default file may be missing.
    pub(crate) fn read(&self) -> Result<Settings, Error> {
        if self.path == Path::new(DEFAULT_CONFIG)
            && !self.path.exists()
            && let Some(settings) = Settings::from_env()
        {
            return Ok(settings);
        }
        Settings::from_file(&self.path).map_err(|error| match error.kind() {
            SettingErrorKind::File => Error::from(error.and("name the configuration with --config FILE")),
            _ => error.into(),
        })
    }
}

/// The configuration that is read by default.
const DEFAULT_CONFIG: &str = "complaints.toml";

impl From<SettingError> for Error {
    fn from(error: SettingError) -> Self {
        Self::config(error)
    }
}
