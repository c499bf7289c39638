//! A file of named entries, read again on demand: tokens, users.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock, RwLockReadGuard};

use complaint_channels::{SettingError, SettingErrorKind};
use serde::de::DeserializeOwned;

/// The entries of a file, as they were read last.
#[derive(Debug)]
pub(crate) struct EntryFile<E> {
    path: PathBuf,
    entries: RwLock<Vec<E>>,
}

/// No entry, and no file.
impl<E> Default for EntryFile<E> {
    fn default() -> Self {
        Self { path: PathBuf::new(), entries: RwLock::default() }
    }
}

/// An entry of such a file: a section `[[KIND]]` with a name of its own.
pub(crate) trait FileEntry: DeserializeOwned {
    /// The section's name, which is the word for an entry.
    const KIND: &'static str;
    /// The members of a section, for errors.
    const MEMBERS: &'static str;
    /// The rule of a name, for errors.
    const NAME_RULE: &'static str;
    /// Most entries of a file.
    const MAX_ENTRIES: usize;

    fn name(&self) -> &str;

    /// Whether the name may stand in addresses, logs and documents.
    fn is_name(name: &str) -> bool;

    /// The words for a member that is not of its form.
    fn fault(&self) -> Option<&'static str>;

    /// The section as text.
    fn section(&self) -> String;
}

impl<E: FileEntry> EntryFile<E> {
    /// Reads a file.
    pub(crate) fn open(path: &Path) -> Result<Self, SettingError> {
        let text = read_bounded(path, MAX_FILE).map_err(|error| unreadable::<E>(path, &error))?;
        Ok(Self { path: path.to_owned(), entries: RwLock::new(parse(path, &text)?) })
    }

    /// Reads a file. One that is not there has no entry.
    #[cfg(feature = "page")]
    pub(crate) fn open_or_empty(path: &Path) -> Result<Self, SettingError> {
        Ok(Self { path: path.to_owned(), entries: RwLock::new(parse(path, &read_or_empty::<E>(path)?)?) })
    }

    /// Reads the file again. After an error the entries are as before.
    pub(crate) fn reload(&self) -> Result<(), SettingError> {
        self.replace(Self::open(&self.path)?)
    }

    /// Reads the file again, as [`open_or_empty`](Self::open_or_empty) does.
    #[cfg(feature = "page")]
    pub(crate) fn reload_or_empty(&self) -> Result<(), SettingError> {
        self.replace(Self::open_or_empty(&self.path)?)
    }

    fn replace(&self, read: Self) -> Result<(), SettingError> {
        let entries = read.entries.into_inner().unwrap_or_else(PoisonError::into_inner);
        *self.entries.write().unwrap_or_else(PoisonError::into_inner) = entries;
        Ok(())
    }

    /// The entries.
    pub(crate) fn entries(&self) -> RwLockReadGuard<'_, Vec<E>> {
        self.entries.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds an entry to a file, which is created if it is not there. What the file has stays as it is.
    pub(crate) fn add(path: &Path, entry: &E) -> Result<(), SettingError> {
        let mut text = read_or_empty::<E>(path)?;
        let entries: Vec<E> = parse(path, &text)?;
        let (kind, name) = (E::KIND, entry.name());
        if !E::is_name(name) {
            let rule = format_args!("a {kind}'s name is {}", E::NAME_RULE);
            return Err(SettingError::new(SettingErrorKind::Value, rule));
        }
        if entries.iter().any(|other| other.name() == name) {
            let taken = format_args!("{}: there is a {kind} {name}; choose another name", path.display());
            return Err(SettingError::new(SettingErrorKind::Choice, taken));
        }
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        text.push_str(&entry.section());
        write::<E>(path, &text)
    }

    /// Changes the entries of a file. It is written anew: remarks in it are lost.
    #[cfg(feature = "page")]
    pub(crate) fn edit(
        path: &Path,
        change: impl FnOnce(&mut Vec<E>) -> Result<(), SettingError>,
    ) -> Result<(), SettingError> {
        let mut entries: Vec<E> = parse(path, &read_or_empty::<E>(path)?)?;
        change(&mut entries)?;
        write::<E>(path, &entries.iter().map(E::section).collect::<String>())
    }
}

/// Largest file, in bytes.
pub(crate) const MAX_FILE: u64 = 64 * 1024;

fn read_or_empty<E: FileEntry>(path: &Path) -> Result<String, SettingError> {
    match read_bounded(path, MAX_FILE) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
        read => read.map_err(|error| unreadable::<E>(path, &error)),
    }
}

/// Reads a file of so many bytes at most.
pub(crate) fn read_bounded(path: &Path, limit: u64) -> io::Result<String> {
    let mut text = String::new();
    let file = File::open(path)?;
    if file.take(limit + 1).read_to_string(&mut text)? as u64 > limit {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    Ok(text)
}

fn unreadable<E: FileEntry>(path: &Path, error: &io::Error) -> SettingError {
    let (word, kind) = (E::KIND, error.kind());
    let remedy = format_args!("name the file of {word}s, or make the first {word}");
    SettingError::new(SettingErrorKind::File, format_args!("cannot read {}: {kind}; {remedy}", path.display()))
}

/// The error quotes no line: a secret may have been pasted there.
fn parse<E: FileEntry>(path: &Path, text: &str) -> Result<Vec<E>, SettingError> {
    let wrong = |what: fmt::Arguments<'_>| {
        SettingError::new(SettingErrorKind::Document, format_args!("{}: {what}", path.display()))
    };
    let (kind, members) = (E::KIND, E::MEMBERS);
    let form = |place: &str| wrong(format_args!("{place}each [[{kind}]] has {members}, and no other member"));
    let document = toml::from_str::<BTreeMap<String, Vec<E>>>(text);
    let mut document = document.map_err(|error| {
        let line = error.span().and_then(|span| text.get(..span.start)).map(|before| before.matches('\n').count() + 1);
        form(&line.map_or_else(String::new, |line| format!("line {line}: ")))
    })?;
    let entries = document.remove(kind).unwrap_or_default();
    if !document.is_empty() {
        return Err(form(""));
    }
    if entries.len() > E::MAX_ENTRIES {
        return Err(wrong(format_args!("more than {} {kind}s; remove those that are not used", E::MAX_ENTRIES)));
    }
    for (place, entry) in entries.iter().enumerate() {
        let number = place + 1;
        if !E::is_name(entry.name()) {
            return Err(wrong(format_args!("{kind} {number}: the name is {}", E::NAME_RULE)));
        }
        if let Some(fault) = entry.fault() {
            return Err(wrong(format_args!("{kind} {number}: {fault}")));
        }
        if entries.iter().take(place).any(|before| before.name() == entry.name()) {
            return Err(wrong(format_args!("{kind} {number}: two {kind}s have this name; rename one")));
        }
    }
    Ok(entries)
}

/// Writes a file, unless it could not be read again.
fn write<E: FileEntry>(path: &Path, text: &str) -> Result<(), SettingError> {
    parse::<E>(path, text)?;
    replace(path, text).map_err(|error| {
        let kind = error.kind();
        SettingError::new(SettingErrorKind::File, format_args!("cannot write {}: {kind}", path.display()))
    })
}

/// Puts a file into the place of another: a reader sees the one or the other.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    let mut new = path.as_os_str().to_owned();
    new.push(".new");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&new)?;
    #[cfg(unix)]
    hand_over(&file, path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&new, path)
}

/// Gives a new file the owner and group of the old one, so that a server of another user still reads
/// it. Without an old one it is for this user alone.
#[cfg(unix)]
fn hand_over(new: &File, old: &Path) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, fchown};

    let mode = match std::fs::metadata(old) {
        Ok(old) => {
            let made = new.metadata()?;
            if (made.uid(), made.gid()) != (old.uid(), old.gid()) {
                fchown(new, Some(old.uid()), Some(old.gid()))?;
            }
            (old.mode() & 0o640) | 0o600
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => 0o600,
        Err(error) => return Err(error),
    };
    new.set_permissions(std::fs::Permissions::from_mode(mode))
}
