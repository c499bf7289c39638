//! The configuration file, and the secrets it names. A command needs only the members it uses.

mod allinpay;
mod connection;
mod document;
mod mini_program;
mod virtual_payment;
mod wechat_pay;
mod words;

use std::path::{Path, PathBuf};

use protocol_core::crypto::KeyError;
use zeroize::Zeroizing;

pub(crate) use self::allinpay::Allinpay;
use self::document::Document;
pub(crate) use self::mini_program::MiniProgram;
pub(crate) use self::virtual_payment::VirtualPayment;
pub(crate) use self::wechat_pay::{PlatformKey, WechatPay};
use crate::args;
use crate::error::Error;
use crate::input;
use crate::view::output;

/// Largest configuration or key file read, in bytes.
const MAX_FILE: usize = 64 * 1024;

/// Variables in place of files. They are named after the keys, without `_file`.
const WECHAT_PAY_APIV3_KEY: &str = "COMPLAINTS_WECHAT_PAY_APIV3_KEY";
const WECHAT_PAY_PRIVATE_KEY: &str = "COMPLAINTS_WECHAT_PAY_PRIVATE_KEY";
const MINI_PROGRAM_TOKEN: &str = "COMPLAINTS_MINI_PROGRAM_TOKEN";
const MINI_PROGRAM_ENCODING_AES_KEY: &str = "COMPLAINTS_MINI_PROGRAM_ENCODING_AES_KEY";
const MINI_PROGRAM_APP_SECRET: &str = "COMPLAINTS_MINI_PROGRAM_APP_SECRET";
const VIRTUAL_PAYMENT_APP_KEY: &str = "COMPLAINTS_VIRTUAL_PAYMENT_APP_KEY";
const ALLINPAY_PRIVATE_KEY: &str = "COMPLAINTS_ALLINPAY_PRIVATE_KEY";
/// A proxy's address may hold a password.
const WECHAT_PAY_PROXY: &str = "COMPLAINTS_WECHAT_PAY_PROXY";
const MINI_PROGRAM_PROXY: &str = "COMPLAINTS_MINI_PROGRAM_PROXY";
const ALLINPAY_PROXY: &str = "COMPLAINTS_ALLINPAY_PROXY";

/// Reads the configuration: the sections, and the folder that its file names are relative to. With
/// secrets in the environment, the default file may be missing.
fn read(path: &Path) -> Result<(Document, Folder), Error> {
    let folder = Folder(path.parent().unwrap_or(Path::new("")).to_owned());
    let by_default = path == Path::new(args::DEFAULT_CONFIG);
    let secrets = [
        WECHAT_PAY_APIV3_KEY,
        WECHAT_PAY_PRIVATE_KEY,
        MINI_PROGRAM_TOKEN,
        MINI_PROGRAM_ENCODING_AES_KEY,
        MINI_PROGRAM_APP_SECRET,
        VIRTUAL_PAYMENT_APP_KEY,
        ALLINPAY_PRIVATE_KEY,
    ];
    if by_default && !path.exists() && secrets.iter().any(|name| std::env::var_os(name).is_some()) {
        return Ok((Document::empty(), folder));
    }
    let bytes = input::read(path, MAX_FILE).map_err(|error| {
        Error::config(format_args!("{}; name the configuration with --config FILE", error.message()))
    })?;
    let document =
        Document::parse(&bytes).map_err(|problem| Error::config(format_args!("{}: {problem}", path.display())))?;
    Ok((document, folder))
}

/// Loads one section, by its name in the file.
fn load<S>(path: &Path, name: &str, section: impl FnOnce(Document) -> Option<S>) -> Result<(S, Folder), Error> {
    let (document, folder) = read(path)?;
    let missing = || Error::config(format_args!("{} has no section [{name}]; add it", path.display()));
    Ok((section(document).ok_or_else(missing)?, folder))
}

/// The folder of the configuration.
#[derive(Debug)]
struct Folder(PathBuf);

impl Folder {
    /// Reads a file that the configuration names. Errors hide a name that may be a pasted secret.
    fn file(&self, key: &str, path: &Path) -> Result<(String, Zeroizing<Vec<u8>>), Error> {
        if path.to_str().is_some_and(|name| name.trim().is_empty()) {
            return Err(Error::config(format_args!("{key} is empty; name a file")));
        }
        let bytes = input::read_bounded(&self.0.join(path), MAX_FILE).map_err(|problem| match words::shown(path) {
            Some(name) => {
                let name = output::visible(name);
                let folder = self.0.as_os_str();
                let beside = if folder.is_empty() { "this folder".to_owned() } else { self.0.display().to_string() };
                let relative =
                    if path.is_absolute() { String::new() } else { format!("; names are relative to {beside}") };
                // `"C:\temp"` reads as a tab and `emp`.
                let escaped = if path.to_string_lossy().contains(char::is_control) {
                    "; a backslash in \"…\" begins an escape: write '…' or /"
                } else {
                    ""
                };
                Error::config(format_args!("cannot read {name}, which {key} names: {problem}{relative}{escaped}"))
            }
            None => Error::config(format_args!(
                "cannot read the file that {key} names: {problem}; {key} must be a file's name (the value is not \
                 shown: it may be the secret itself)"
            )),
        })?;
        Ok((key.to_owned(), Zeroizing::new(bytes)))
    }

    /// A secret from the environment, or from a file of the configuration, and its name for errors.
    fn secret(
        &self,
        section: &str,
        key: &str,
        path: Option<&Path>,
        variable: &str,
    ) -> Result<(String, Zeroizing<Vec<u8>>), Error> {
        match (std::env::var_os(variable), path) {
            (Some(value), _) if value.is_empty() => {
                Err(Error::config(format_args!("the variable {variable} is empty; set or remove it")))
            }
            (Some(value), _) => Ok((variable.to_owned(), Zeroizing::new(value.into_encoded_bytes()))),
            (None, Some(path)) => self.file(key, path),
            (None, None) => Err(missing(section, &format!("{key} (or the variable {variable})"))),
        }
    }
}

fn missing(section: &str, what: &str) -> Error {
    Error::config(format_args!("[{section}] needs {what}"))
}

fn read_key<K>(name: &str, bytes: &[u8], read: impl FnOnce(&[u8]) -> Result<K, KeyError>) -> Result<K, Error> {
    read(bytes).map_err(|error| Error::config(format_args!("{name}: {error}")))
}
