//! The names of tokens and endpoints. They stand in files, addresses, logs and metrics.

/// Longest name of a token or an endpoint, in characters.
pub const MAX_NAME: usize = 64;

/// The rule, for errors.
pub(crate) const NAME_RULE: &str = "1 to 64 letters, digits, points, hyphens or underscores";

/// Whether a text needs no escape wherever it stands.
pub(crate) fn is_name(text: &str) -> bool {
    (1..=MAX_NAME).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'))
}
