//! Passwords: hashed with Argon2id, verified a few at a time.

use std::sync::Arc;

use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash};
use argon2::{Algorithm, Argon2, Params, Version};
use complaint_channels::{SettingError, SettingErrorKind};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use crate::random::random;

/// Shortest password, in characters. The wait after failures, not its length, keeps guesses few; the
/// length is for a file of hashes that was stolen.
pub const MIN_PASSWORD: usize = 12;

/// Longest password, in bytes.
pub const MAX_PASSWORD: usize = 256;

/// The hash of a new password, as a PHC string.
pub(super) fn hash(password: &str) -> Result<String, SettingError> {
    if password.chars().count() < MIN_PASSWORD || password.len() > MAX_PASSWORD {
        let bounds = format_args!("a password has {MIN_PASSWORD} characters at least and {MAX_PASSWORD} bytes at most");
        return Err(SettingError::new(SettingErrorKind::Value, bounds));
    }
    let failed = || SettingError::new(SettingErrorKind::Value, "the password cannot be hashed; choose another one");
    let salt = random(SALT_BYTES)?;
    let hash: PasswordHash = hasher()
        .ok_or_else(failed)?
        .hash_password_with_salt(password.as_bytes(), salt.expose())
        .map_err(|_| failed())?;
    Ok(hash.to_string())
}

/// Whether a text is a hash that this program verifies, at a bounded cost.
pub(super) fn is_hash(text: &str) -> bool {
    let Ok(hash) = PasswordHash::new(text) else { return false };
    let params = Params::try_from(&hash);
    hash.algorithm.as_str() == Algorithm::Argon2id.as_str()
        && hash.hash.is_some()
        && hash.salt.is_some()
        && params.is_ok_and(|params| params.m_cost() <= MAX_MEMORY_KIB && params.t_cost() <= MAX_PASSES)
}

/// Verifies passwords, [`VERIFIED_AT_ONCE`] at a time. Clones share the turns.
#[derive(Debug, Clone)]
pub(super) struct Verifier(Arc<Semaphore>);

impl Default for Verifier {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(VERIFIED_AT_ONCE)))
    }
}

impl Verifier {
    /// Whether the password is that of the hash. Without a hash it is of none, which takes as long.
    pub(super) async fn is_right(&self, password: String, hash: Option<String>) -> bool {
        // It is never closed.
        let Ok(turn) = Arc::clone(&self.0).acquire_owned().await else { return false };
        let verified = spawn_blocking(move || {
            let _turn = turn;
            let of_none = hash.is_none();
            is_of(&password, hash.as_deref().unwrap_or(OF_NONE)) && !of_none
        });
        verified.await.unwrap_or(false)
    }
}

fn is_of(password: &str, hash: &str) -> bool {
    password.len() <= MAX_PASSWORD
        && PasswordHash::new(hash)
            .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

/// The parameters that OWASP's cheat sheet on password storage names first: 19 MiB and two passes
/// take tens of milliseconds, and [`VERIFIED_AT_ONCE`] of them fit a small server's memory.
fn hasher() -> Option<Argon2<'static>> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, None).ok()?;
    Some(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const SALT_BYTES: usize = 16;

/// Largest cost of a hash in a file: it was made elsewhere, and must not stop the server.
const MAX_MEMORY_KIB: u32 = 256 * 1024;
const MAX_PASSES: u32 = 16;

/// Passwords that are verified at once; others wait their turn.
const VERIFIED_AT_ONCE: usize = 2;

/// A hash of no password, with the parameters of the others: an unknown name takes as long as a known
/// one.
const OF_NONE: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

#[cfg(test)]
mod tests {
    use super::*;

    /// The vector of the specification's reference implementation, with its `argon2` command:
    /// `echo -n password | argon2 somesalt -id -t 2 -m 16 -p 1`.
    #[test]
    fn a_hash_of_the_reference_implementation_is_verified() {
        let hash = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
        assert!(is_hash(hash) && is_of("password", hash) && !is_of("Password", hash));
    }

    #[test]
    fn a_password_has_its_bounds() {
        for password in ["x".repeat(MIN_PASSWORD), "密".repeat(MIN_PASSWORD), "x".repeat(MAX_PASSWORD)] {
            assert!(is_hash(&hash(&password).unwrap()));
        }
        for password in [String::new(), "x".repeat(MIN_PASSWORD - 1), "x".repeat(MAX_PASSWORD + 1)] {
            assert!(hash(&password).unwrap_err().to_string().contains("12 characters"));
        }
    }

    #[test]
    fn a_hash_in_a_file_has_its_bounds() {
        let hash = |algorithm: &str, memory: u32, passes: u32| {
            is_hash(&format!(
                "${algorithm}$v=19$m={memory},t={passes},p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
            ))
        };
        assert!(hash("argon2id", MAX_MEMORY_KIB, MAX_PASSES));
        assert!(!hash("argon2id", MAX_MEMORY_KIB + 1, 1) && !hash("argon2id", 1024, MAX_PASSES + 1));
        assert!(!hash("argon2i", 1024, 1) && !is_hash("") && !is_hash("$argon2id$v=19$m=1024,t=1,p=1$c29tZXNhbHQ"));
    }

    #[tokio::test]
    async fn a_password_is_right_or_wrong_and_none_is_right_without_a_hash() {
        let (verifier, hash) = (Verifier::default(), hash("correct horse battery").unwrap());
        let is_right =
            async |password: &str, hash: Option<&String>| verifier.is_right(password.to_owned(), hash.cloned()).await;
        assert!(is_hash(OF_NONE));
        assert!(is_right("correct horse battery", Some(&hash)).await);
        assert!(!is_right("correct horse batterY", Some(&hash)).await);
        assert!(!is_right("correct horse battery", None).await);
        assert!(!is_right(&"x".repeat(MAX_PASSWORD + 1), Some(&hash)).await);
    }
}
