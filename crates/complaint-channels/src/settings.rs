//! The configuration file, and the secrets that it names. Each is read when it is asked for.

mod allinpay;
mod connection;
mod document;
mod inbox;
#[cfg(feature = "mini-program")]
mod mini_program;
mod notice;
mod notice_words;
mod onward;
mod place;
mod rates;
mod serve;
#[cfg(feature = "virtual-payment")]
mod virtual_payment;
mod wechat_pay;
mod words;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use self::allinpay::AllinpaySettings;
#[cfg(feature = "clients")]
pub(crate) use self::connection::Transports;
#[cfg(feature = "virtual-payment")]
use self::document::VirtualPaymentSection;
use self::document::{Document, Section};
pub use self::inbox::{InboxSettings, MAX_KEEP_DAYS, MIN_KEEP_DAYS};
#[cfg(feature = "mini-program")]
pub use self::mini_program::MiniProgramSettings;
pub use self::notice::{MAX_MENTIONS, MAX_NEAR_HOURS, MAX_NEAR_STEPS, NoticeSettings, Quiet};
pub use self::notice_words::{Mention, NoticeEvent, NoticeKind};
pub use self::onward::OnwardSettings;
use self::place::{Place, Variables, read_bounded};
pub use self::serve::ServeSettings;
#[cfg(feature = "virtual-payment")]
pub use self::virtual_payment::VirtualPaymentSettings;
pub use self::wechat_pay::{PlatformKey, WechatPaySettings};
use crate::error::{SettingError, SettingErrorKind};

/// `complaints.toml`: the merchants and applications of a service, the files of their keys, and its
/// server.
///
/// A secret is read when it is asked for, so that a service needs only the members that it uses. A
/// variable of the environment, such as `COMPLAINTS_WECHAT_PAY_APIV3_KEY`, takes the place of a
/// secret's file if its section is the only one of its name.
#[derive(Debug)]
pub struct Settings {
    document: Document,
    /// The file's name for errors.
    file: String,
    path: Option<PathBuf>,
    folder: Arc<Path>,
    variables: Variables,
}

impl Settings {
    /// Reads a configuration. File names in it are relative to its folder.
    ///
    /// # Errors
    /// [`SettingError`]: the file cannot be read, or is not TOML of this form.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, SettingError> {
        let path = path.as_ref();
        let file = path.display().to_string();
        let bytes = read_bounded(path, MAX_CONFIGURATION).map_err(|problem| {
            SettingError::new(SettingErrorKind::File, format_args!("cannot read {file}: {problem}"))
        })?;
        let text = std::str::from_utf8(&bytes).map_err(|_| {
            SettingError::new(SettingErrorKind::Document, format_args!("{file}: the file is not UTF-8"))
        })?;
        let settings = Self::new(text, file, path.parent().unwrap_or(Path::new("")))?;
        Ok(Self { path: Some(path.to_owned()), ..settings })
    }

    /// Reads the text of a configuration. File names in it are relative to the folder.
    ///
    /// # Errors
    /// [`SettingError`]: the text is not TOML of this form.
    pub fn from_toml(text: &str, folder: impl AsRef<Path>) -> Result<Self, SettingError> {
        Self::new(text, "the configuration".to_owned(), folder.as_ref())
    }

    /// A configuration without a file, for a process whose environment has secrets; `None` for one
    /// without any.
    #[must_use]
    pub fn from_env() -> Option<Self> {
        let has_secrets = SECRETS.iter().any(|name| std::env::var_os(name).is_some());
        let settings = || Self {
            document: Document::empty(),
            file: "the environment".to_owned(),
            path: None,
            folder: Path::new("").into(),
            variables: process_variable,
        };
        has_secrets.then(settings)
    }

    fn new(text: &str, file: String, folder: &Path) -> Result<Self, SettingError> {
        let document = Document::parse(text)
            .map_err(|problem| SettingError::new(SettingErrorKind::Document, format_args!("{file}: {problem}")))?;
        Ok(Self { document, file, path: None, folder: folder.into(), variables: process_variable })
    }

    /// The files of keys and secrets that the configuration names, whether they are there or not. A
    /// secret in a variable has none.
    pub fn secret_files(&self) -> impl Iterator<Item = PathBuf> {
        self.document.secret_files().map(|file| self.folder.join(file))
    }

    /// The file that was read; `None` for a text or the environment.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// A section `[wechat-pay]`, by its `mchid` or `name`; `None` for the only one.
    ///
    /// # Errors
    /// [`SettingError`]: there is none, or several to choose from.
    pub fn wechat_pay(&self, account: Option<&str>) -> Result<WechatPaySettings, SettingError> {
        let (section, place) = self.choose(&self.document.wechat_pay, account)?;
        Ok(WechatPaySettings { section, place })
    }

    /// A section `[mini-program]`, by its `appid` or `name`; `None` for the only one.
    ///
    /// # Errors
    /// [`SettingError`]: there is none, or several to choose from.
    #[cfg(feature = "mini-program")]
    pub fn mini_program(&self, account: Option<&str>) -> Result<MiniProgramSettings, SettingError> {
        let (section, place) = self.choose(&self.document.mini_program, account)?;
        Ok(MiniProgramSettings { section, place })
    }

    /// A section `[virtual-payment]`, by its `appid` or `name`, with its Mini Program's; `None` for
    /// the only one.
    ///
    /// # Errors
    /// [`SettingError`]: there is none, or several to choose from.
    #[cfg(feature = "virtual-payment")]
    pub fn virtual_payment(&self, account: Option<&str>) -> Result<VirtualPaymentSettings, SettingError> {
        // A single section without an `appid` goes by its Mini Program's.
        if let ([only], Some(account)) = (&self.document.virtual_payment[..], account)
            && only.appid.is_none()
            && !is_named(only, account)
        {
            let (section, place) = self.choose(&self.document.virtual_payment, None)?;
            return Ok(VirtualPaymentSettings { section, place, mini_program: Ok(self.mini_program(Some(account))?) });
        }
        let (section, place) = self.choose(&self.document.virtual_payment, account)?;
        Ok(self.with_mini_program(section, place))
    }

    #[cfg(feature = "virtual-payment")]
    fn with_mini_program(&self, section: VirtualPaymentSection, place: Place) -> VirtualPaymentSettings {
        let mini_program = self.mini_program(section.appid.as_deref()).map_err(|error| match section.appid {
            None if error.kind() == SettingErrorKind::Choice => place.missing("the `appid` of its [[mini-program]]"),
            _ => error,
        });
        VirtualPaymentSettings { section, place, mini_program }
    }

    /// A section `[allinpay]`, by its `cusid` or `name`; `None` for the only one.
    ///
    /// # Errors
    /// [`SettingError`]: there is none, or several to choose from.
    pub fn allinpay(&self, account: Option<&str>) -> Result<AllinpaySettings, SettingError> {
        let (section, place) = self.choose(&self.document.allinpay, account)?;
        Ok(AllinpaySettings { section, place })
    }

    /// The section `[serve]`. Without it, every member has its default.
    #[must_use]
    pub fn serve(&self) -> ServeSettings {
        ServeSettings { section: self.document.serve.clone(), place: self.place("serve") }
    }

    /// The section `[inbox]`. Without it, every member has its default.
    #[must_use]
    pub fn inbox(&self) -> InboxSettings {
        InboxSettings { section: self.document.inbox.clone(), place: self.place("inbox") }
    }

    /// Every section `[[onward]]`.
    ///
    /// # Errors
    /// [`SettingError`]: of several, one has no name, or two have the same.
    pub fn onward(&self) -> Result<Vec<OnwardSettings>, SettingError> {
        let all = self.all(&self.document.onward)?.into_iter();
        Ok(all.map(|(section, place)| OnwardSettings { section, place }).collect())
    }

    /// Every section `[[notice]]`.
    ///
    /// # Errors
    /// [`SettingError`]: of several, one has no name, or two have the same; or a member does not fit
    /// the kind.
    pub fn notices(&self) -> Result<Vec<NoticeSettings>, SettingError> {
        let all = self.all(&self.document.notice)?.into_iter();
        all.map(|(section, place)| NoticeSettings::new(section, place)).collect()
    }

    /// The place of a section that stands once.
    fn place(&self, section: &'static str) -> Place {
        Place::new(section, None, &self.folder, self.variables)
    }

    /// Every section `[wechat-pay]`.
    ///
    /// # Errors
    /// [`SettingError`]: of several, one has no number, or two have the same number or name.
    pub fn every_wechat_pay(&self) -> Result<Vec<WechatPaySettings>, SettingError> {
        let all = self.all(&self.document.wechat_pay)?.into_iter();
        Ok(all.map(|(section, place)| WechatPaySettings { section, place }).collect())
    }

    /// Every section `[mini-program]`.
    ///
    /// # Errors
    /// [`SettingError`]: of several, one has no number, or two have the same number or name.
    #[cfg(feature = "mini-program")]
    pub fn every_mini_program(&self) -> Result<Vec<MiniProgramSettings>, SettingError> {
        let all = self.all(&self.document.mini_program)?.into_iter();
        Ok(all.map(|(section, place)| MiniProgramSettings { section, place }).collect())
    }

    /// Every section `[virtual-payment]`.
    ///
    /// # Errors
    /// [`SettingError`]: of several, one has no number, or two have the same number or name.
    #[cfg(feature = "virtual-payment")]
    pub fn every_virtual_payment(&self) -> Result<Vec<VirtualPaymentSettings>, SettingError> {
        let all = self.all(&self.document.virtual_payment)?.into_iter();
        Ok(all.map(|(section, place)| self.with_mini_program(section, place)).collect())
    }

    /// Every section `[allinpay]`.
    ///
    /// # Errors
    /// [`SettingError`]: of several, one has no number, or two have the same number or name.
    pub fn every_allinpay(&self) -> Result<Vec<AllinpaySettings>, SettingError> {
        let all = self.all(&self.document.allinpay)?.into_iter();
        Ok(all.map(|(section, place)| AllinpaySettings { section, place }).collect())
    }

    /// The section that is meant.
    fn choose<S: Section>(&self, sections: &[S], account: Option<&str>) -> Result<(S, Place), SettingError> {
        if sections.is_empty() {
            let problem = format_args!("{} has no section [{}]; add it", self.file, S::NAME);
            return Err(SettingError::new(SettingErrorKind::Missing, problem));
        }
        let all = self.all(sections)?;
        let refuse = |problem: String| {
            let choices: Vec<_> = sections.iter().map(described).collect();
            SettingError::new(SettingErrorKind::Choice, format_args!("{problem}: {}", choices.join(", ")))
        };
        let mut meant = all.into_iter().filter(|(section, _)| account.is_none_or(|account| is_named(section, account)));
        match (meant.next(), meant.next(), account) {
            (Some(section), None, _) => Ok(section),
            (_, _, None) => Err(refuse(format!("{} has several [{}], of which one is needed", self.file, S::NAME))),
            (_, _, Some(account)) => Err(refuse(format!("{} has no [{}] {account}, but", self.file, S::NAME))),
        }
    }

    /// The sections of a channel. If there are several, each needs an id, and no two share an id or
    /// a name.
    fn all<S: Section>(&self, sections: &[S]) -> Result<Vec<(S, Place)>, SettingError> {
        let is_one_of_several = sections.len() > 1;
        let mut all: Vec<(S, Place)> = Vec::with_capacity(sections.len());
        for section in sections {
            let id = section.id().filter(|_| is_one_of_several);
            let place = Place::new(S::NAME, id, &self.folder, self.variables);
            if is_one_of_several && id.is_none() {
                return Err(place.missing(&format!("{}, since there are several", S::ID)));
            }
            let mut names = [section.id(), section.name()].into_iter().flatten();
            if let Some(name) = names.find(|name| all.iter().any(|(other, _)| is_named(other, name))) {
                let problem = format_args!("{} has two [{}] {name}; give each another name", self.file, S::NAME);
                return Err(SettingError::new(SettingErrorKind::Choice, problem));
            }
            all.push((section.clone(), place));
        }
        Ok(all)
    }
}

/// Whether a section has this id, or this name.
fn is_named(section: &impl Section, name: &str) -> bool {
    section.id() == Some(name) || section.name() == Some(name)
}

/// A section's id and name, for a choice.
fn described(section: &impl Section) -> String {
    let id = section.id().unwrap_or("one without an id");
    section.name().map_or_else(|| id.to_owned(), |name| format!("{id} ({name})"))
}

fn process_variable(name: &str) -> Option<OsString> {
    std::env::var_os(name)
}

/// Largest configuration, in bytes: some thousand merchants.
const MAX_CONFIGURATION: usize = 1024 * 1024;

/// Variables in place of files. They are named after the members, without `_file`.
const WECHAT_PAY_APIV3_KEY: &str = "COMPLAINTS_WECHAT_PAY_APIV3_KEY";
const WECHAT_PAY_PRIVATE_KEY: &str = "COMPLAINTS_WECHAT_PAY_PRIVATE_KEY";
const MINI_PROGRAM_TOKEN: &str = "COMPLAINTS_MINI_PROGRAM_TOKEN";
const MINI_PROGRAM_ENCODING_AES_KEY: &str = "COMPLAINTS_MINI_PROGRAM_ENCODING_AES_KEY";
const MINI_PROGRAM_APP_SECRET: &str = "COMPLAINTS_MINI_PROGRAM_APP_SECRET";
const VIRTUAL_PAYMENT_APP_KEY: &str = "COMPLAINTS_VIRTUAL_PAYMENT_APP_KEY";
const ALLINPAY_PRIVATE_KEY: &str = "COMPLAINTS_ALLINPAY_PRIVATE_KEY";
/// A proxy's address may hold a password.
const WECHAT_PAY_PROXY: &str = "COMPLAINTS_WECHAT_PAY_PROXY";
#[cfg(feature = "mini-program")]
const MINI_PROGRAM_PROXY: &str = "COMPLAINTS_MINI_PROGRAM_PROXY";
const ALLINPAY_PROXY: &str = "COMPLAINTS_ALLINPAY_PROXY";

const SECRETS: [&str; 7] = [
    WECHAT_PAY_APIV3_KEY,
    WECHAT_PAY_PRIVATE_KEY,
    MINI_PROGRAM_TOKEN,
    MINI_PROGRAM_ENCODING_AES_KEY,
    MINI_PROGRAM_APP_SECRET,
    VIRTUAL_PAYMENT_APP_KEY,
    ALLINPAY_PRIVATE_KEY,
];

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "0123456789abcdef0123456789abcdef";

    fn variables(name: &str) -> Option<OsString> {
        match name {
            WECHAT_PAY_APIV3_KEY => Some(SECRET.into()),
            WECHAT_PAY_PRIVATE_KEY => Some("".into()),
            WECHAT_PAY_PROXY => Some("http://user:canary@127.0.0.1:3128".into()),
            _ => None,
        }
    }

    fn settings(text: &str) -> Settings {
        Settings { variables, ..Settings::from_toml(text, "").unwrap() }
    }

    #[test]
    fn a_variable_takes_the_place_of_a_file() {
        let settings = settings("[wechat-pay]\napiv3_key_file = \"gone\"\n");
        let section = settings.wechat_pay(None).unwrap();
        section.api_v3_key().unwrap();
        assert!(section.has_api_v3_key() && section.has_proxy());
        let empty = section.private_key().unwrap_err();
        assert_eq!(empty.to_string(), format!("the variable {WECHAT_PAY_PRIVATE_KEY} is empty; set or remove it"));
        assert!(!format!("{section:?}").contains("canary"));
    }

    #[test]
    fn a_secret_in_a_variable_is_for_a_single_section() {
        let settings = settings("[[wechat-pay]]\nmchid = \"1\"\n[[wechat-pay]]\nmchid = \"2\"\n");
        let section = settings.wechat_pay(Some("2")).unwrap();
        let error = section.api_v3_key().unwrap_err();
        assert_eq!(
            error.to_string(),
            format!(
                "[wechat-pay] 2: the variable {WECHAT_PAY_APIV3_KEY} is for a single [wechat-pay], and there are \
                 several; remove it, and name a file in each with apiv3_key_file"
            )
        );
        // A proxy is for all of a channel.
        assert!(section.has_proxy());
    }

    #[test]
    fn a_fingerprint_differs_with_what_was_read() {
        let fingerprint = |text: &str, variables: Variables| {
            let settings = Settings { variables, ..Settings::from_toml(text, "").unwrap() };
            let section = settings.wechat_pay(None).unwrap();
            section.api_v3_key().unwrap();
            section.place.fingerprint(&section.section)
        };
        let text = "[wechat-pay]\nmchid = \"1\"\n";
        let one = fingerprint(text, variables);
        assert_eq!(fingerprint(text, variables), one);
        assert_ne!(fingerprint("[wechat-pay]\nmchid = \"2\"\n", variables), one);
        let another = |name: &str| variables(name).map(|_| "another key of thirty-two bytes.".into());
        assert_ne!(fingerprint(text, another), one);
    }
}
