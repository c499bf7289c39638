//! The members of the configuration file, and the error of a faulty one. Opens no file.

use std::fmt;
use std::path::PathBuf;

use serde::Deserialize;

use super::words::problem;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Document {
    pub(super) wechat_pay: Option<WechatPaySection>,
    pub(super) mini_program: Option<MiniProgramSection>,
    pub(super) virtual_payment: Option<VirtualPaymentSection>,
    pub(super) allinpay: Option<AllinpaySection>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WechatPaySection {
    pub(super) mchid: Option<String>,
    pub(super) serial_no: Option<String>,
    pub(super) private_key: Option<PathBuf>,
    pub(super) apiv3_key_file: Option<PathBuf>,
    #[serde(default)]
    pub(super) algorithm: Algorithm,
    pub(super) base_url: Option<String>,
    pub(super) root_certificate: Option<PathBuf>,
    pub(super) proxy: Option<ProxyUrl>,
    #[serde(default)]
    pub(super) decryption_keys: Vec<PathBuf>,
    #[serde(default)]
    pub(super) platform_keys: Vec<PlatformKeyEntry>,
}

#[derive(Debug, Default, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Algorithm {
    #[default]
    Rsa,
    Sm2,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PlatformKeyEntry {
    pub(super) id: String,
    pub(super) file: PathBuf,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MiniProgramSection {
    pub(super) appid: Option<String>,
    pub(super) token_file: Option<PathBuf>,
    pub(super) encoding_aes_key_file: Option<PathBuf>,
    pub(super) mode: Option<PushMode>,
    pub(super) app_secret_file: Option<PathBuf>,
    pub(super) base_url: Option<String>,
    pub(super) root_certificate: Option<PathBuf>,
    pub(super) proxy: Option<ProxyUrl>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum PushMode {
    Plain,
    Compatible,
    Secure,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct VirtualPaymentSection {
    pub(super) app_key_file: Option<PathBuf>,
    #[serde(default)]
    pub(super) environment: Environment,
    pub(super) image_base_url: Option<String>,
}

#[derive(Debug, Default, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Environment {
    #[default]
    Production,
    Sandbox,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AllinpaySection {
    pub(super) appid: Option<String>,
    pub(super) cusid: Option<String>,
    pub(super) orgid: Option<String>,
    pub(super) sign_type: Option<SignType>,
    pub(super) private_key: Option<PathBuf>,
    pub(super) platform_key: Option<PathBuf>,
    pub(super) base_url: Option<String>,
    pub(super) root_certificate: Option<PathBuf>,
    pub(super) proxy: Option<ProxyUrl>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum SignType {
    Rsa,
    Sm2,
}

/// A proxy's URL, which may hold a password.
#[derive(Deserialize)]
pub(super) struct ProxyUrl(pub(super) String);

impl fmt::Debug for ProxyUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ProxyUrl(***)")
    }
}

impl Document {
    /// Every section, empty.
    pub(super) fn empty() -> Self {
        Self {
            wechat_pay: Some(WechatPaySection::default()),
            mini_program: Some(MiniProgramSection::default()),
            virtual_payment: Some(VirtualPaymentSection::default()),
            allinpay: Some(AllinpaySection::default()),
        }
    }

    /// Reads the file's bytes, with or without a byte order mark. The error names the place.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, String> {
        let text = std::str::from_utf8(bytes).map_err(|_| "the file is not UTF-8".to_owned())?;
        let text = text.trim_start_matches('\u{feff}');
        toml::from_str(text).map_err(|error| problem(text, &error))
    }
}
