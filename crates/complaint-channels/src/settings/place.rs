//! Where a section stands: its name for errors, the folder of its files, the variables in place of
//! them.

use std::ffi::OsString;
use std::fmt;
use std::fs::File;
use std::hash::{DefaultHasher, Hash};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use protocol_core::crypto::KeyError;
use zeroize::Zeroizing;

use super::words;
use crate::error::{SettingError, SettingErrorKind};

/// Largest file that a configuration names, in bytes.
pub(super) const MAX_FILE: usize = 64 * 1024;

/// Reads a variable of the process's environment.
pub(super) type Variables = fn(&str) -> Option<OsString>;

/// The place of a section.
#[derive(Clone)]
pub(crate) struct Place {
    section: &'static str,
    /// Tells the section from others of its name; `None` if it is the only one.
    of: Option<Arc<str>>,
    folder: Arc<Path>,
    variables: Variables,
    /// A digest of all that was read.
    read: Arc<Mutex<DefaultHasher>>,
}

impl Place {
    pub(super) fn new(section: &'static str, of: Option<&str>, folder: &Arc<Path>, variables: Variables) -> Self {
        let read = Arc::default();
        Self { section, of: of.map(Arc::from), folder: Arc::clone(folder), variables, read }
    }

    /// A value that cannot be used.
    pub(crate) fn invalid(&self, problem: impl fmt::Display) -> SettingError {
        self.error(SettingErrorKind::Value, problem)
    }

    /// The same for a value that the problem does not name.
    pub(crate) fn invalid_section(&self, problem: impl fmt::Display) -> SettingError {
        SettingError::new(SettingErrorKind::Value, format_args!("{self}: {problem}"))
    }

    /// A member that is needed.
    pub(crate) fn missing(&self, what: &str) -> SettingError {
        SettingError::new(SettingErrorKind::Missing, format_args!("{self} needs {what}"))
    }

    /// Reads a key, named for errors.
    pub(crate) fn key<K>(
        &self,
        name: &str,
        bytes: &[u8],
        read: impl FnOnce(&[u8]) -> Result<K, KeyError>,
    ) -> Result<K, SettingError> {
        read(bytes).map_err(|error| self.invalid(format_args!("{name}: {error}")))
    }

    /// A file that the configuration names, relative to its folder.
    pub(super) fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.folder.join(name)
    }

    /// Reads a file that the configuration names. Errors hide a name that may be a pasted secret.
    pub(crate) fn file(&self, key: &str, path: &Path) -> Result<Zeroizing<Vec<u8>>, SettingError> {
        if path.to_str().is_some_and(|name| name.trim().is_empty()) {
            return Err(self.invalid(format_args!("{key} is empty; name a file")));
        }
        let read = read_bounded(&self.path(path), MAX_FILE).map(|bytes| self.note(key, bytes));
        read.map_err(|problem| match words::shown(path) {
            Some(name) => {
                let folder = self.folder.as_os_str();
                let beside =
                    if folder.is_empty() { "this folder".to_owned() } else { self.folder.display().to_string() };
                let relative =
                    if path.is_absolute() { String::new() } else { format!("; names are relative to {beside}") };
                // `"C:\temp"` reads as a tab and `emp`.
                let escaped = if path.to_string_lossy().contains(char::is_control) {
                    "; a backslash in \"…\" begins an escape: write '…' or /"
                } else {
                    ""
                };
                self.error(
                    SettingErrorKind::File,
                    format_args!("cannot read {name}, which {key} names: {problem}{relative}{escaped}"),
                )
            }
            None => self.error(
                SettingErrorKind::File,
                format_args!(
                    "cannot read the file that {key} names: {problem}; {key} must be a file's name (the value is not \
                     shown: it may be the secret itself)"
                ),
            ),
        })
    }

    /// A secret from a variable, or from a file of the configuration, and its name for errors. A
    /// variable is for the only section of its name.
    pub(crate) fn secret(
        &self,
        key: &'static str,
        path: Option<&Path>,
        variable: &'static str,
    ) -> Result<(&'static str, Zeroizing<Vec<u8>>), SettingError> {
        match ((self.variables)(variable), path) {
            (Some(_), _) if self.of.is_some() => Err(self.invalid(format_args!(
                "the variable {variable} is for a single [{}], and there are several; remove it, and name a file in \
                 each with {key}",
                self.section
            ))),
            (Some(value), _) if value.is_empty() => {
                Err(self.invalid(format_args!("the variable {variable} is empty; set or remove it")))
            }
            (Some(value), _) => Ok((variable, self.note(variable, value.into_encoded_bytes()))),
            (None, Some(path)) => Ok((key, self.file(key, path)?)),
            (None, None) if self.of.is_some() => Err(self.missing(key)),
            (None, None) => Err(self.missing(&format!("{key} (or the variable {variable})"))),
        }
    }

    /// Whether a secret is configured, right or wrong.
    pub(crate) fn has_secret(&self, path: Option<&PathBuf>, variable: &str) -> bool {
        path.is_some() || (self.variables)(variable).is_some()
    }

    /// A value that is no secret, from a variable; one that is not empty.
    pub(crate) fn variable(&self, variable: &str) -> Option<OsString> {
        let value = (self.variables)(variable).filter(|value| !value.is_empty());
        value.inspect(|value| drop(self.note(variable, value.clone().into_encoded_bytes())))
    }

    /// A number that differs if the section, or anything that was read for it, differs.
    #[cfg(any(feature = "clients", test))]
    pub(crate) fn fingerprint(&self, section: &impl Hash) -> u64 {
        use std::hash::Hasher as _;

        let mut hasher = self.read.lock().unwrap_or_else(PoisonError::into_inner).clone();
        (self.section, &self.of, section).hash(&mut hasher);
        hasher.finish()
    }

    /// Adds what was read to the fingerprint.
    fn note(&self, name: &str, bytes: Vec<u8>) -> Zeroizing<Vec<u8>> {
        (name, &bytes).hash(&mut *self.read.lock().unwrap_or_else(PoisonError::into_inner));
        Zeroizing::new(bytes)
    }

    /// An error that names the section if there are several.
    fn error(&self, kind: SettingErrorKind, problem: impl fmt::Display) -> SettingError {
        match self.of {
            None => SettingError::new(kind, problem),
            Some(_) => SettingError::new(kind, format_args!("{self}: {problem}")),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}]", self.section)?;
        self.of.as_ref().map_or(Ok(()), |of| write!(f, " {of}"))
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Place({self})")
    }
}

/// The reason that a file was not read.
#[derive(Debug)]
pub(super) enum Problem {
    TooLarge(usize),
    Io(std::io::Error),
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge(limit) => write!(f, "it has more than {limit} bytes"),
            Self::Io(error) => error.kind().fmt(f),
        }
    }
}

/// Reads a file. Reads one byte more than the bound, to notice a larger one.
pub(super) fn read_bounded(path: &Path, limit: usize) -> Result<Vec<u8>, Problem> {
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(Problem::Io)?;
    file.take(limit as u64 + 1).read_to_end(&mut bytes).map_err(Problem::Io)?;
    if bytes.len() > limit { Err(Problem::TooLarge(limit)) } else { Ok(bytes) }
}
