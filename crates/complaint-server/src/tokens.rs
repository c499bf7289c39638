//! The tokens of the API: who may read, who may act.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use complaint_channels::SettingError;
use protocol_core::Secret;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use subtle::{Choice, ConstantTimeEq as _};

use crate::entry_file::{EntryFile, FileEntry};
use crate::names::{NAME_RULE, is_name};
use crate::random::random;

/// The tokens of a file, read again on demand. Clones share them.
///
/// The file holds the SHA-256 of each token, in hexadecimal digits. A token is 32 random bytes, so
/// it cannot be guessed however fast the hash is.
///
/// ```
/// use complaint_server::{May, Tokens};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("tokens.toml");
/// let token = Tokens::add(&path, "crm", May::Act)?; // shown once, stored nowhere
/// let tokens = Tokens::from_file(&path)?;
/// assert!(tokens.find(token.expose()).is_some_and(|bearer| bearer.name() == "crm"));
/// assert_eq!(tokens.find(b"another"), None);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Tokens(Arc<EntryFile<Entry>>);

impl Tokens {
    /// Reads a file of tokens.
    ///
    /// # Errors
    /// [`SettingError`]: the file cannot be read, or is not of this form.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, SettingError> {
        Ok(Self(Arc::new(EntryFile::open(path.as_ref())?)))
    }

    /// Reads the file again: a token whose lines were removed is refused from then on.
    ///
    /// # Errors
    /// As [`from_file`](Self::from_file). The tokens are then as before.
    pub fn reload(&self) -> Result<(), SettingError> {
        self.0.reload()
    }

    /// Makes a token and adds it to the file, which is created if it is not there, for this user
    /// alone (mode 0600). A file that is there keeps its owner, its group and whether the group
    /// reads it; others never do. The token is returned once; the file has its hash.
    ///
    /// # Errors
    /// [`SettingError`]: a name that is taken or is none, a full file, or one that cannot be read or
    /// written. The file is unchanged.
    pub fn add(path: impl AsRef<Path>, name: &str, may: May) -> Result<Secret, SettingError> {
        let token = new_token()?;
        let sha256 = hexadecimal(&Sha256::digest(token.expose()));
        EntryFile::add(path.as_ref(), &Entry { name: name.to_owned(), may, sha256 })?;
        Ok(token)
    }

    /// The bearer of a token; `None` if the file has none like it. The time that it takes does not
    /// depend on the bytes.
    #[must_use]
    pub fn find(&self, token: &[u8]) -> Option<Bearer> {
        let digest = hexadecimal(&Sha256::digest(token));
        let entries = self.0.entries();
        let is_this = |entry: &Entry| entry.sha256.as_bytes().ct_eq(digest.as_bytes());
        // No search: every entry is compared, whichever it is.
        let matches: Vec<Choice> = entries.iter().map(is_this).collect();
        let found = entries.iter().zip(matches).find(|(_, is_this)| bool::from(*is_this));
        found.map(|(entry, _)| Bearer { name: entry.name.as_str().into(), may: entry.may })
    }
}

/// The rights of a token. Exhaustive: a token reads, or acts as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum May {
    /// Reads.
    Read,
    /// Reads, and asks for acts.
    Act,
}

impl May {
    /// The word of the file.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Act => "act",
        }
    }
}

/// The name and the rights that a token has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bearer {
    name: Arc<str>,
    may: May,
}

impl Bearer {
    /// The name in the file.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it may ask for acts.
    #[must_use]
    pub fn may_act(&self) -> bool {
        self.may == May::Act
    }
}

/// Most tokens of a file.
pub const MAX_TOKENS: usize = 256;

/// Random bytes of a token.
const TOKEN_BYTES: usize = 32;

/// The beginning of each token, so that one is recognised where it should not be.
const PREFIX: &str = "complaints_";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: String,
    may: May,
    sha256: String,
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry").field("name", &self.name).field("may", &self.may).finish_non_exhaustive()
    }
}

impl FileEntry for Entry {
    const KIND: &'static str = "token";
    const MEMBERS: &'static str = "name, may (\"read\" or \"act\") and sha256";
    const NAME_RULE: &'static str = NAME_RULE;
    const MAX_ENTRIES: usize = MAX_TOKENS;

    fn name(&self) -> &str {
        &self.name
    }

    fn is_name(name: &str) -> bool {
        is_name(name)
    }

    fn fault(&self) -> Option<&'static str> {
        let is_digest =
            self.sha256.len() == 64 && self.sha256.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        (!is_digest).then_some("sha256 is 64 digits 0 to 9 and a to f, the token's hash")
    }

    fn section(&self) -> String {
        let (name, may, sha256) = (&self.name, self.may.as_str(), &self.sha256);
        format!("[[token]]\nname = \"{name}\"\nmay = \"{may}\"\nsha256 = \"{sha256}\"\n\n")
    }
}

fn new_token() -> Result<Secret, SettingError> {
    let digits = URL_SAFE_NO_PAD.encode(random(TOKEN_BYTES)?.expose());
    Ok(Secret::new(format!("{PREFIX}{digits}").into_bytes()))
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
#[path = "tokens_tests.rs"]
mod tests;
