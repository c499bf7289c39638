//! `complaints.toml`, the file of the command line: the service's identity at each platform, and
//! the places of its keys.
//!
//! Secrets are in files that the configuration names, relative to it; nothing here is read from
//! arguments, nor from the environment variables of the command line. A service needs only the
//! settings that it uses. A `proxy` is refused: the examples connect directly. Errors name the
//! setting and never quote its value, which may be a pasted secret.
//!
//! The address of a server is not in that file: [`Listening`] reads it from variables of the
//! server.

mod allinpay;
mod listening;
mod mini_program;
mod private;
mod wechat_pay;

use std::fmt;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use protocol_core::Secret;
use protocol_core::codec::text_of_file;
use serde::Deserialize;
use serde::de::IgnoredAny;

pub use crate::allinpay::Allinpay;
pub use crate::listening::{Listening, TlsFiles};
pub use crate::mini_program::MiniProgram;
pub use crate::private::{beside, private_database, private_file};
pub use crate::wechat_pay::WechatPay;

/// Largest file read, in bytes.
const MAX_FILE: u64 = 64 * 1024;

/// A setting that is missing, or has another value than it must have.
#[derive(Debug, thiserror::Error)]
#[error("{setting}: {problem}")]
pub struct SettingError {
    setting: &'static str,
    problem: String,
}

impl SettingError {
    fn new(setting: &'static str, problem: impl fmt::Display) -> Self {
        Self { setting, problem: problem.to_string() }
    }

    fn missing(setting: &'static str) -> Self {
        Self::new(setting, "missing")
    }
}

/// A service needs only the sections that it uses.
fn given<'s>(setting: &'static str, value: Option<&'s String>) -> Result<&'s str, SettingError> {
    value.map(String::as_str).ok_or_else(|| SettingError::missing(setting))
}

/// The configuration, and the folder that its file names are relative to.
#[derive(Debug)]
pub struct Settings {
    sections: Sections,
    folder: Folder,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Sections {
    wechat_pay: Option<wechat_pay::Section>,
    mini_program: Option<mini_program::Section>,
    /// The command line's. No example uses it.
    #[serde(rename = "virtual-payment")]
    _virtual_payment: Option<IgnoredAny>,
    allinpay: Option<allinpay::Section>,
}

impl Settings {
    /// Reads the file.
    ///
    /// # Errors
    /// [`SettingError`] for a file that cannot be read, or is no TOML of this shape.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, SettingError> {
        const FILE: &str = "the configuration file";

        let path = path.as_ref();
        let folder = Folder(path.parent().unwrap_or(Path::new("")).to_owned());
        let bytes = read_bounded(path).map_err(|error| SettingError::new(FILE, error))?;
        let text = std::str::from_utf8(&bytes).map_err(|_| SettingError::new(FILE, "not UTF-8"))?;
        let text = text.trim_start_matches('\u{feff}');
        let sections = toml::from_str(text).map_err(|error| {
            let before = text.get(..error.span().map_or(0, |span| span.start)).unwrap_or_default();
            SettingError::new(FILE, format_args!("line {} cannot be read", before.matches('\n').count() + 1))
        })?;
        Ok(Self { sections, folder })
    }

    /// The section `[wechat-pay]`.
    ///
    /// # Errors
    /// [`SettingError`] where it is missing.
    pub fn wechat_pay(&self) -> Result<WechatPay<'_>, SettingError> {
        let section = self.sections.wechat_pay.as_ref().ok_or_else(|| SettingError::missing("[wechat-pay]"))?;
        refuse_proxy(section.proxy.as_ref())?;
        Ok(WechatPay { section, folder: &self.folder })
    }

    /// The section `[mini-program]`; `None` for a merchant without one.
    ///
    /// # Errors
    /// [`SettingError`] where it names a proxy.
    pub fn mini_program(&self) -> Result<Option<MiniProgram<'_>>, SettingError> {
        let Some(section) = &self.sections.mini_program else { return Ok(None) };
        refuse_proxy(section.proxy.as_ref())?;
        Ok(Some(MiniProgram { section, folder: &self.folder }))
    }

    /// The section `[allinpay]`.
    ///
    /// # Errors
    /// [`SettingError`] where it is missing.
    pub fn allinpay(&self) -> Result<Allinpay<'_>, SettingError> {
        let section = self.sections.allinpay.as_ref().ok_or_else(|| SettingError::missing("[allinpay]"))?;
        refuse_proxy(section.proxy.as_ref())?;
        Ok(Allinpay { section, folder: &self.folder })
    }
}

/// An address as the command line takes it.
fn without_slash(address: &str) -> &str {
    address.trim_end_matches('/')
}

/// A machine with a proxy may not be allowed to connect without it.
fn refuse_proxy(proxy: Option<&IgnoredAny>) -> Result<(), SettingError> {
    proxy.map_or(Ok(()), |_| Err(SettingError::new("proxy", "the examples connect directly; take it out")))
}

/// The path of the configuration.
#[derive(Debug)]
struct Folder(PathBuf);

impl Folder {
    fn file(&self, setting: &'static str, path: Option<&Path>) -> Result<Vec<u8>, SettingError> {
        let path = path.ok_or_else(|| SettingError::missing(setting))?;
        read_bounded(&self.0.join(path)).map_err(|error| SettingError::new(setting, error))
    }

    /// A secret, without what editors leave around it.
    fn secret(&self, setting: &'static str, path: Option<&Path>) -> Result<Secret, SettingError> {
        self.file(setting, path).map(|file| Secret::read(&file))
    }

    fn root_certificate(&self, path: Option<&Path>) -> Result<Option<Vec<u8>>, SettingError> {
        let read = |path| self.file("root_certificate", Some(path)).map(|pem| text_of_file(&pem).into_owned());
        path.map(read).transpose()
    }
}

fn read_bounded(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_FILE + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_FILE {
        return Err(std::io::ErrorKind::FileTooLarge.into());
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_does_not_repeat_what_was_pasted_where_a_file_name_belongs() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("complaints.toml");
        let section = |apiv3_key_file: &str| {
            format!(
                "[wechat-pay]\nmchid = \"1900007291\"\nserial_no = \"5F1C\"\nprivate_key = \"key.pem\"\n\
                 apiv3_key_file = {apiv3_key_file}\nplatform_keys = []\n"
            )
        };
        std::fs::write(&path, section("\"c4n4ryc4n4ryc4n4ryc4n4ryc4n4ryc4\"")).unwrap();
        let error = Settings::read(&path).unwrap().wechat_pay().unwrap().api_v3_key().unwrap_err();
        assert!(error.to_string().starts_with("apiv3_key_file: ") && !error.to_string().contains("c4n4ry"), "{error}");
        assert!(!format!("{error:?}").contains("c4n4ry"));

        std::fs::write(&path, section("c4n4ry")).unwrap();
        let error = Settings::read(&path).unwrap_err();
        assert_eq!(error.to_string(), "the configuration file: line 5 cannot be read");
    }

    fn read(text: &str) -> Result<Settings, SettingError> {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("complaints.toml");
        std::fs::write(&path, text).unwrap();
        Settings::read(path)
    }

    #[test]
    fn a_file_too_large_is_refused_and_not_cut() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("key.pem");
        std::fs::write(&path, [b'k'; 64 * 1024]).unwrap();
        assert_eq!(read_bounded(&path).unwrap().len(), 64 * 1024);
        std::fs::write(&path, [b'k'; 64 * 1024 + 1]).unwrap();
        assert_eq!(read_bounded(&path).unwrap_err().kind(), std::io::ErrorKind::FileTooLarge);
    }

    /// The settings of some sections, with these files beside them.
    fn read_with(files: &[(&str, &str)], text: &str) -> (tempfile::TempDir, Settings) {
        let folder = tempfile::TempDir::new().unwrap();
        for (name, content) in files.iter().chain([&("complaints.toml", text)]) {
            std::fs::write(folder.path().join(name), content).unwrap();
        }
        let settings = Settings::read(folder.path().join("complaints.toml")).unwrap();
        (folder, settings)
    }

    fn refusal<T>(read: Result<T, SettingError>) -> String {
        read.err().unwrap().to_string()
    }

    #[test]
    fn what_is_not_used_does_not_have_to_be_there() {
        let settings = read("").unwrap();
        assert_eq!(refusal(settings.wechat_pay()), "[wechat-pay]: missing");
        assert_eq!(refusal(settings.allinpay()), "[allinpay]: missing");
        assert!(settings.mini_program().unwrap().is_none());
        read("[wechat-pay]\n[mini-program]\n[virtual-payment]\n[allinpay]\n").unwrap();
    }

    #[test]
    fn what_is_used_is_named_where_it_is_missing() {
        let settings = read("[wechat-pay]\n").unwrap();
        let section = settings.wechat_pay().unwrap();
        assert_eq!(refusal(section.mchid()), "mchid: missing");
        assert_eq!(refusal(section.merchant()), "mchid: missing");
        assert_eq!(refusal(section.signer()), "private_key: missing");
        assert_eq!(refusal(section.api_v3_key()), "apiv3_key_file: missing");
        assert_eq!(refusal(section.platform_keys()), "platform_keys: missing");
        let settings = read("[wechat-pay]\nmchid = \"1900007291\"\n").unwrap();
        assert_eq!(refusal(settings.wechat_pay().unwrap().merchant()), "serial_no: missing");

        let settings = read("[mini-program]\n").unwrap();
        let section = settings.mini_program().unwrap().unwrap();
        assert_eq!(refusal(section.appid()), "appid: missing");
        assert_eq!(refusal(section.app_secret()), "app_secret_file: missing");
        assert_eq!(refusal(section.receiver()), "appid: missing");
        let appid = "[mini-program]\nappid = \"wx0123456789abcdef\"\n";
        let settings = read(appid).unwrap();
        let section = settings.mini_program().unwrap().unwrap();
        assert_eq!(refusal(section.receiver()), "mode: missing");
        let (_folder, settings) =
            read_with(&[("token", "AAAAA")], &format!("{appid}token_file = \"token\"\nmode = \"secure\"\n"));
        let section = settings.mini_program().unwrap().unwrap();
        assert_eq!(refusal(section.receiver()), "encoding_aes_key_file: missing");

        let settings = read("[allinpay]\n").unwrap();
        let section = settings.allinpay().unwrap();
        assert_eq!(refusal(section.merchant()), "appid: missing");
        assert_eq!(refusal(section.signer()), "private_key: missing");
        assert_eq!(refusal(section.verifier()), "platform_key: missing");
        let settings = read("[allinpay]\nappid = \"00000051\"\n").unwrap();
        assert_eq!(refusal(settings.allinpay().unwrap().merchant()), "cusid: missing");
        let settings = read("[allinpay]\nappid = \"00000051\"\ncusid = \"990581007426001\"\n").unwrap();
        assert_eq!(refusal(settings.allinpay().unwrap().merchant()), "sign_type: missing");
    }

    #[test]
    fn a_mode_without_a_key_needs_none() {
        let section = "[mini-program]\nappid = \"wx0123456789abcdef\"\ntoken_file = \"token\"\n\
                       encoding_aes_key_file = \"none\"\nmode = \"plain\"\n";
        let (_folder, settings) = read_with(&[("token", "AAAAA")], section);
        settings.mini_program().unwrap().unwrap().receiver().unwrap();
    }

    #[test]
    fn allinpays_key_may_be_in_a_certificate() {
        const CERTIFICATE: &str =
            include_str!("../../../crates/protocol-core/tests/vectors/wechatpay/java/wechat_pay_certificate.pem");
        let (_folder, settings) = read_with(&[("key.pem", CERTIFICATE)], "[allinpay]\nplatform_key = \"key.pem\"\n");
        settings.allinpay().unwrap().verifier().unwrap();
    }

    #[test]
    fn an_address_may_end_in_slashes() {
        let settings = read(
            "[wechat-pay]\nbase_url = \"https://sandbox.example/\"\n[mini-program]\nbase_url = \"https://sandbox.example//\"\n\
             [allinpay]\nbase_url = \"https://sandbox.example/cusapi/\"\n",
        )
        .unwrap();
        let section = settings.wechat_pay().unwrap();
        assert_eq!(
            (section.hosts().preferred(), section.base_url()),
            ("https://sandbox.example", Some("https://sandbox.example"))
        );
        assert_eq!(settings.mini_program().unwrap().unwrap().origin(), "https://sandbox.example");
        assert_eq!(settings.allinpay().unwrap().base_url(), "https://sandbox.example/cusapi");
    }

    #[test]
    fn secrets_are_read_as_people_save_them() {
        const SECRET: &str = "0123456789abcdef0123456789abcdef";
        let names = "[wechat-pay]\napiv3_key_file = \"secret\"\nroot_certificate = \"secret\"\n\
                     [mini-program]\napp_secret_file = \"secret\"\n";
        let utf16: Vec<u8> = format!("\u{feff}{SECRET}").encode_utf16().flat_map(u16::to_le_bytes).collect();
        let (folder, settings) = read_with(&[], names);
        let section = settings.mini_program().unwrap().unwrap();
        for saved in [format!("\u{feff}{SECRET} \r\n").into_bytes(), format!("'{SECRET}'").into_bytes(), utf16.clone()]
        {
            std::fs::write(folder.path().join("secret"), saved).unwrap();
            assert_eq!(section.app_secret().unwrap().expose(), SECRET.as_bytes());
            settings.wechat_pay().unwrap().api_v3_key().unwrap();
        }
        assert_eq!(section.root_certificate().unwrap(), None);
        std::fs::write(folder.path().join("secret"), utf16).unwrap();
        assert_eq!(settings.wechat_pay().unwrap().root_certificate().unwrap().unwrap(), SECRET.as_bytes());
    }

    #[test]
    fn a_byte_order_mark_may_stand_before_it() {
        read("\u{feff}[wechat-pay]\nmchid = \"1900007291\"\n").unwrap().wechat_pay().unwrap().mchid().unwrap();
    }

    #[test]
    fn what_would_have_no_effect_is_refused() {
        let merchant = "[wechat-pay]\nmchid = \"1900007291\"\nserial_no = \"5F1C\"\n";
        let misspelled = read(&format!("{merchant}base_ulr = \"https://sandbox.example\"\n")).unwrap_err();
        assert_eq!(misspelled.to_string(), "the configuration file: line 4 cannot be read");
        let proxy = read(&format!("{merchant}proxy = \"http://user:c4n4ry@proxy:3128\"\n")).unwrap();
        let refused = proxy.wechat_pay().unwrap_err().to_string();
        assert!(refused.starts_with("proxy: ") && !refused.contains("c4n4ry"), "{refused}");
    }

    #[test]
    fn every_member_that_is_documented_is_known() {
        let reference = include_str!("../../../docs/command-line.md");
        let (_, example) = reference.split_once("```toml\n[wechat-pay]\n").unwrap();
        let (example, _) = example.split_once("```").unwrap();
        let given = |line: &'static str| line.strip_prefix("# ").filter(|line| line.contains(" = ")).unwrap_or(line);
        let example: Vec<&str> = example.lines().map(given).collect();
        read(&format!("[wechat-pay]\n{}", example.join("\n"))).unwrap();
    }
}
