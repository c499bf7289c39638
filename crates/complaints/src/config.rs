//! The configuration file, and the keys it names. Only what a command uses has to be there.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use protocol_core::crypto::{ApiV3Key, Decryptor, KeyError, Keyring, PrivateKey, PublicKey, Signer};
use protocol_core::wechat_pay::{Merchant, Scheme, decryptor, signer, verifier};
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::args;
use crate::error::Error;
use crate::input;

/// Largest configuration or key file read, in bytes.
const MAX_FILE: usize = 64 * 1024;

/// Variables that stand in for files. `…_file` keys lose their ending.
const APIV3_KEY_VARIABLE: &str = "COMPLAINTS_WECHAT_PAY_APIV3_KEY";
const PRIVATE_KEY_VARIABLE: &str = "COMPLAINTS_WECHAT_PAY_PRIVATE_KEY";

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct File {
    wechat_pay: Option<Section>,
    /// Other channels' sections may stand in the same file.
    #[serde(rename = "mini-program")]
    _mini_program: Option<serde::de::IgnoredAny>,
    #[serde(rename = "allinpay")]
    _allinpay: Option<serde::de::IgnoredAny>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Section {
    mchid: Option<String>,
    serial_no: Option<String>,
    private_key: Option<PathBuf>,
    apiv3_key_file: Option<PathBuf>,
    #[serde(default)]
    algorithm: Algorithm,
    /// For the commands that send.
    #[serde(rename = "base_url")]
    _base_url: Option<String>,
    #[serde(default)]
    decryption_keys: Vec<PathBuf>,
    #[serde(default)]
    platform_keys: Vec<PlatformKeyEntry>,
}

#[derive(Debug, Default, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Algorithm {
    #[default]
    Rsa,
    Sm2,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PlatformKeyEntry {
    id: String,
    file: PathBuf,
}

/// The `[wechat-pay]` section, with the folder its file names are relative to.
#[derive(Debug)]
pub(crate) struct WechatPay {
    section: Section,
    folder: PathBuf,
}

/// A platform key as configured: what `explain` tries one by one.
#[derive(Debug)]
pub(crate) struct PlatformKey {
    pub(crate) id: String,
    pub(crate) key: PublicKey,
}

impl WechatPay {
    /// Reads the configuration. A file that is not there is an error only once something of it is needed.
    pub(crate) fn load(path: &Path) -> Result<Self, Error> {
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        let by_default = path == Path::new(args::DEFAULT_CONFIG);
        if by_default
            && !path.exists()
            && [APIV3_KEY_VARIABLE, PRIVATE_KEY_VARIABLE].iter().any(|name| std::env::var_os(name).is_some())
        {
            return Ok(Self { section: Section::default(), folder });
        }
        let bytes = input::read(path, MAX_FILE).map_err(|error| {
            Error::config(format_args!("{}; name the configuration with --config FILE", error.message()))
        })?;
        let text =
            String::from_utf8(bytes).map_err(|_| Error::config(format_args!("{} is not UTF-8", path.display())))?;
        let file: File = toml::from_str(text.trim_start_matches('\u{feff}'))
            .map_err(|error| Error::config(format_args!("{}: {}", path.display(), toml_problem(&text, &error))))?;
        match file.wechat_pay {
            Some(section) => Ok(Self { section, folder }),
            None => Err(Error::config(format_args!("{} has no section [wechat-pay]", path.display()))),
        }
    }

    /// The APIv3 key, from its file or from the environment.
    pub(crate) fn api_v3_key(&self) -> Result<ApiV3Key, Error> {
        let (name, secret) =
            self.secret("apiv3_key_file", self.section.apiv3_key_file.as_deref(), APIV3_KEY_VARIABLE)?;
        let end = secret.iter().rposition(|byte| !matches!(byte, b'\r' | b'\n')).map_or(0, |last| last + 1);
        ApiV3Key::new(secret.get(..end).unwrap_or_default())
            .map_err(|error| Error::config(format_args!("{name}: {error}")))
    }

    /// The merchant, as it names itself in requests.
    pub(crate) fn merchant(&self) -> Result<Merchant, Error> {
        let mchid = self.section.mchid.clone().ok_or_else(|| missing("mchid"))?;
        let serial_no = self.section.serial_no.clone().ok_or_else(|| missing("serial_no"))?;
        let scheme = match self.section.algorithm {
            Algorithm::Rsa => Scheme::Rsa,
            Algorithm::Sm2 => Scheme::Sm2,
        };
        Merchant::new(mchid, serial_no, scheme).map_err(|error| Error::config(format_args!("[wechat-pay]: {error}")))
    }

    /// The merchant's private key.
    pub(crate) fn private_key(&self) -> Result<PrivateKey, Error> {
        let (name, pem) = self.secret("private_key", self.section.private_key.as_deref(), PRIVATE_KEY_VARIABLE)?;
        let key = read_key(&name, &pem, PrivateKey::read)?;
        let fits = matches!(
            (self.section.algorithm, &key),
            (Algorithm::Rsa, PrivateKey::Rsa(_)) | (Algorithm::Sm2, PrivateKey::Sm2(_))
        );
        if fits {
            Ok(key)
        } else {
            Err(Error::config(format_args!("{name}: this key's kind is not what `algorithm` says")))
        }
    }

    /// The merchant's signer.
    pub(crate) fn signer(&self) -> Result<Arc<dyn Signer>, Error> {
        signer(&self.private_key()?).map_err(Error::config)
    }

    /// What opens sensitive fields: the merchant's key, then the older ones.
    pub(crate) fn decryptors(&self) -> Result<Vec<Arc<dyn Decryptor>>, Error> {
        let mut keys = vec![decryptor(&self.private_key()?)];
        for path in &self.section.decryption_keys {
            let (name, pem) = self.file("decryption_keys", path)?;
            keys.push(decryptor(&read_key(&name, &pem, PrivateKey::read)?));
        }
        Ok(keys)
    }

    /// The platform's keys, as a keyring and one by one.
    pub(crate) fn platform_keys(&self) -> Result<(Keyring, Vec<PlatformKey>), Error> {
        let ring = Keyring::new();
        let mut keys = Vec::new();
        for entry in &self.section.platform_keys {
            let (name, bytes) = self.file("platform_keys", &entry.file)?;
            let (key, certificate) = read_key(&name, &bytes, PublicKey::read_with_certificate)?;
            let verifier = verifier(&key).map_err(Error::config)?;
            let id = match certificate {
                None => {
                    ring.insert(&entry.id, verifier);
                    entry.id.clone()
                }
                Some(certificate) if certificate.serial_no().eq_ignore_ascii_case(&entry.id) => {
                    let validity = certificate.validity();
                    ring.insert_valid(certificate.serial_no(), verifier, validity.not_before, validity.not_after);
                    certificate.serial_no().to_owned()
                }
                Some(certificate) => {
                    return Err(Error::config(format_args!(
                        "{name}: this certificate's serial is {}, but `id` says {}",
                        certificate.serial_no(),
                        entry.id
                    )));
                }
            };
            keys.push(PlatformKey { id, key });
        }
        if keys.is_empty() {
            return Err(missing("a [[wechat-pay.platform_keys]] entry with `id` and `file`"));
        }
        Ok((ring, keys))
    }

    /// Reads a file that the configuration names. The name is not repeated: somebody may have pasted the secret itself.
    fn file(&self, key: &str, path: &Path) -> Result<(String, Zeroizing<Vec<u8>>), Error> {
        let bytes = input::read_bounded(&self.folder.join(path), MAX_FILE).map_err(|problem| {
            Error::config(format_args!(
                "cannot read the file that {key} names: {problem}; {key} has to be a file's name"
            ))
        })?;
        Ok((key.to_owned(), Zeroizing::new(bytes)))
    }

    /// A secret from the environment, or from the file the configuration names.
    fn secret(&self, key: &str, path: Option<&Path>, variable: &str) -> Result<(String, Zeroizing<Vec<u8>>), Error> {
        match (std::env::var_os(variable), path) {
            (Some(value), _) => Ok((variable.to_owned(), Zeroizing::new(value.into_encoded_bytes()))),
            (None, Some(path)) => self.file(key, path),
            (None, None) => Err(missing(&format!("{key} (or the variable {variable})"))),
        }
    }
}

fn missing(what: &str) -> Error {
    Error::config(format_args!("[wechat-pay] needs {what}"))
}

fn read_key<K>(name: &str, bytes: &[u8], read: impl FnOnce(&[u8]) -> Result<K, KeyError>) -> Result<K, Error> {
    read(bytes).map_err(|error| Error::config(format_args!("{name}: {error}")))
}

/// What is wrong with the file and where, without quoting a value: somebody may have written a secret there.
fn toml_problem(text: &str, error: &toml::de::Error) -> String {
    let start = error.span().map_or(0, |span| span.start);
    let before = text.get(..start).unwrap_or_default();
    let number = before.matches('\n').count() + 1;
    let message = error.message();
    let harmless = ["unknown field", "missing field", "duplicate key"];
    if harmless.iter().any(|start| message.starts_with(start)) {
        return format!("line {number}: {message}");
    }
    let line = text.lines().nth(number - 1).unwrap_or_default();
    let key = line.split('=').next().unwrap_or_default().trim();
    let plain =
        !key.is_empty() && key.len() <= 32 && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let what =
        if plain && line.contains('=') { format!("`{key}` has not the value") } else { "this is not".to_owned() };
    format!("line {number}: {what} that belongs there; text goes in quotes")
}
