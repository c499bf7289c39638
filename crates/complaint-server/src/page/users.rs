//! The users of the page: who may read, who may act.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use complaint_channels::{SettingError, SettingErrorKind};
use serde::Deserialize;

use super::passwords;
use crate::entry_file::{EntryFile, FileEntry};
use crate::tokens::May;

/// The users of a file, read again on demand. Clones share them. A file that is not there has none.
///
/// ```
/// use complaint_server::{May, Users};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("users.toml");
/// let users = Users::from_file(&path)?;
/// assert!(users.is_empty());
/// Users::add(&path, "王芳", May::Act, "correct horse battery")?;
/// users.reload()?;
/// assert_eq!(users.list(), [("王芳".to_owned(), May::Act)]);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Default)]
pub struct Users(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    file: EntryFile<Entry>,
    /// There is a user, or there was one.
    had_any: AtomicBool,
}

impl Users {
    /// Reads a file of users.
    ///
    /// # Errors
    /// [`SettingError`]: the file cannot be read, or is not of this form.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, SettingError> {
        let users = Self(Arc::new(Inner { file: EntryFile::open_or_empty(path.as_ref())?, had_any: false.into() }));
        users.note_any();
        Ok(users)
    }

    /// Reads the file again. The sessions of a user who was removed, or whose password is another one,
    /// are over from then on.
    ///
    /// # Errors
    /// As [`from_file`](Self::from_file). The users are then as before.
    pub fn reload(&self) -> Result<(), SettingError> {
        self.0.file.reload_or_empty()?;
        self.note_any();
        Ok(())
    }

    fn note_any(&self) {
        self.0.had_any.fetch_or(!self.is_empty(), Ordering::SeqCst);
    }

    /// Whether there was a user since the file was read first.
    pub(super) fn had_any(&self) -> bool {
        self.0.had_any.load(Ordering::SeqCst)
    }

    /// Whether there is no user.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.file.entries().is_empty()
    }

    /// Names and rights, in the order of the file.
    #[must_use]
    pub fn list(&self) -> Vec<(String, May)> {
        self.0.file.entries().iter().map(|entry| (entry.name.clone(), entry.may)).collect()
    }

    /// Adds a user to a file, which is created if it is not there, for this user alone (mode 0600).
    /// The file has a hash of the password.
    ///
    /// # Errors
    /// [`SettingError`]: a name that is taken or is none, a password that is too short or too long, a
    /// full file, or one that cannot be read or written. The file is unchanged.
    pub fn add(path: impl AsRef<Path>, name: &str, may: May, password: &str) -> Result<(), SettingError> {
        let password = passwords::hash(password)?;
        EntryFile::add(path.as_ref(), &Entry { name: name.to_owned(), may, password })
    }

    /// Gives a user another password.
    ///
    /// # Errors
    /// As [`add`](Self::add); an unknown name.
    pub fn set_password(path: impl AsRef<Path>, name: &str, password: &str) -> Result<(), SettingError> {
        let (path, password) = (path.as_ref(), passwords::hash(password)?);
        EntryFile::edit(path, |entries: &mut Vec<Entry>| {
            let entry = entries.iter_mut().find(|entry| entry.name == name);
            entry.ok_or_else(|| unknown(path))?.password = password;
            Ok(())
        })
    }

    /// Removes a user.
    ///
    /// # Errors
    /// [`SettingError`]: an unknown name, or a file that cannot be read or written.
    pub fn remove(path: impl AsRef<Path>, name: &str) -> Result<(), SettingError> {
        let path = path.as_ref();
        EntryFile::edit(path, |entries: &mut Vec<Entry>| {
            let place = entries.iter().position(|entry| entry.name == name);
            entries.remove(place.ok_or_else(|| unknown(path))?);
            Ok(())
        })
    }

    /// The user of a name.
    pub(super) fn find(&self, name: &str) -> Option<User> {
        let entries = self.0.file.entries();
        let entry = entries.iter().find(|entry| entry.name == name)?;
        Some(User { name: entry.name.clone(), may: entry.may, stamp: entry.password.clone() })
    }
}

/// A user, as the file has it now.
pub(super) struct User {
    pub(super) name: String,
    pub(super) may: May,
    /// The hash of the password: another password makes another one.
    pub(super) stamp: String,
}

/// Most users of a file.
pub const MAX_USERS: usize = 256;

/// Longest name of a user, in characters.
pub const MAX_USER_NAME: usize = 32;

/// The name of those who came by the one-time link.
pub(super) const SETUP: &str = "setup";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Entry {
    name: String,
    may: May,
    password: String,
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry").field("name", &self.name).field("may", &self.may).finish_non_exhaustive()
    }
}

impl FileEntry for Entry {
    const KIND: &'static str = "user";
    const MEMBERS: &'static str = "name, may (\"read\" or \"act\") and password";
    const NAME_RULE: &'static str =
        "1 to 32 letters or digits of any language, points, hyphens or underscores, and not setup";
    const MAX_ENTRIES: usize = MAX_USERS;

    fn name(&self) -> &str {
        &self.name
    }

    fn is_name(name: &str) -> bool {
        (1..=MAX_USER_NAME).contains(&name.chars().count())
            && name.chars().all(|letter| letter.is_alphanumeric() || matches!(letter, '.' | '-' | '_'))
            && name != SETUP
    }

    fn fault(&self) -> Option<&'static str> {
        let words = "password is the hash that `complaints users add` writes ($argon2id$…), never the password";
        (!passwords::is_hash(&self.password)).then_some(words)
    }

    fn section(&self) -> String {
        let (name, may, password) = (&self.name, self.may.as_str(), &self.password);
        format!("[[user]]\nname = \"{name}\"\nmay = \"{may}\"\npassword = \"{password}\"\n\n")
    }
}

fn unknown(path: &Path) -> SettingError {
    let list = "`complaints users list` shows those that there are";
    SettingError::new(SettingErrorKind::Choice, format_args!("{}: no user of this name; {list}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSWORD: &str = "correct horse battery";

    fn file(text: &str) -> (tempfile::TempDir, std::path::PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("users.toml");
        std::fs::write(&path, text).unwrap();
        (folder, path)
    }

    #[test]
    fn a_user_is_added_changed_and_removed_and_the_password_is_nowhere() {
        let (_folder, path) = file("# ours\n");
        Users::add(&path, "wang", May::Read, PASSWORD).unwrap();
        Users::add(&path, "小李", May::Act, PASSWORD).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("# ours\n") && !text.contains(PASSWORD), "{text}");
        let users = Users::from_file(&path).unwrap();
        assert!(!format!("{users:?}").contains("argon2"));
        let stamp = |name: &str| users.find(name).unwrap().stamp;
        let before = stamp("wang");
        assert_ne!(before, stamp("小李"), "each has a salt of its own");
        Users::set_password(&path, "wang", PASSWORD).unwrap();
        users.reload().unwrap();
        assert_ne!(stamp("wang"), before);
        Users::remove(&path, "wang").unwrap();
        users.reload().unwrap();
        assert_eq!(users.list(), [("小李".to_owned(), May::Act)]);
        for refused in [Users::remove(&path, "wang"), Users::set_password(&path, "wang", PASSWORD)] {
            assert!(refused.unwrap_err().to_string().contains("no user of this name"));
        }
    }

    #[test]
    fn a_name_has_its_bounds() {
        for name in ["a", "王芳", "li.ming-2_x", &"名".repeat(MAX_USER_NAME)] {
            assert!(Entry::is_name(name), "{name}");
        }
        for name in ["", "a b", "a\"", "a\n", "\u{202e}a", SETUP, &"名".repeat(MAX_USER_NAME + 1)] {
            assert!(!Entry::is_name(name), "{name:?}");
        }
    }

    #[test]
    fn a_faulty_file_is_refused_and_not_quoted() {
        let user = |name: &str, password: &str| {
            format!("[[user]]\nname = \"{name}\"\nmay = \"act\"\npassword = \"{password}\"\n")
        };
        let hash = passwords::hash(PASSWORD).unwrap();
        for (text, says) in [
            (user("a", "canary canary"), "never the password"),
            (user("a b", &hash), "user 1: the name is"),
            (user("a", &hash) + &user("a", &hash), "user 2: two users"),
            ("[[user]]\nname = \"a\"\nmay = \"canary\"\n".to_owned(), "line 3"),
            ("[[token]]\nname = \"canary\"\n".to_owned(), "each [[user]] has"),
        ] {
            let (_folder, path) = file(&text);
            let refusal = Users::from_file(path).unwrap_err().to_string();
            assert!(refusal.contains(says) && !refusal.contains("canary"), "{refusal}");
        }
    }

    #[test]
    fn a_file_has_so_many_users_and_no_more() {
        let hash = passwords::hash(PASSWORD).unwrap();
        let users = |number: usize| -> String {
            (0..number)
                .map(|number| Entry { name: format!("u{number}"), may: May::Read, password: hash.clone() }.section())
                .collect()
        };
        let (_folder, path) = file(&users(MAX_USERS));
        assert_eq!(Users::from_file(&path).unwrap().list().len(), MAX_USERS);
        assert!(Users::add(&path, "more", May::Read, PASSWORD).unwrap_err().to_string().contains("more than 256"));
    }
}
