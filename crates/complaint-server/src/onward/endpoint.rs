//! An endpoint: a service that events are handed on to.

use std::fmt;

use complaint_channels::{OnwardSettings, SettingError, SettingErrorKind};
use complaint_inbox::StartAt;
use http::Uri;

use super::signature::SigningSecret;
use crate::names::{NAME_RULE, is_name};
use crate::url::may_be_called;

/// A service that events are handed on to, at a URL, with the secret that it verifies by.
///
/// ```
/// use complaint_server::{Endpoint, SigningSecret};
///
/// # fn main() -> Result<(), complaint_channels::SettingError> {
/// let secret = SigningSecret::read(b"whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")?;
/// let endpoint = Endpoint::new("shop", "http://127.0.0.1:9000/complaints", secret)?;
/// assert_eq!(endpoint.name(), "shop");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, PartialEq)]
pub struct Endpoint {
    pub(super) name: String,
    pub(super) url: Uri,
    pub(super) secrets: Vec<SigningSecret>,
    pub(super) start: StartAt,
}

impl Endpoint {
    /// An endpoint, known to the store by its name. It receives all events of the inbox, from the
    /// oldest one on. The URL has the scheme `https`; on loopback `http` too.
    ///
    /// # Errors
    /// [`SettingError`]: a name or a URL that cannot be used. The text does not quote the URL.
    pub fn new(name: impl Into<String>, url: &str, secret: SigningSecret) -> Result<Self, SettingError> {
        let name = name.into();
        if !is_name(&name) {
            let rule = format_args!("an endpoint's name is {NAME_RULE}");
            return Err(SettingError::new(SettingErrorKind::Value, rule));
        }
        let url = url.parse().ok().filter(may_be_called).ok_or_else(|| {
            SettingError::new(
                SettingErrorKind::Value,
                format_args!(
                    "the URL of the endpoint {name} is https://HOST/PATH without a user name, or http:// on loopback; \
                     its text is not shown"
                ),
            )
        })?;
        Ok(Self { name, url, secrets: vec![secret], start: StartAt::Oldest })
    }

    /// The endpoint of a section `[[onward]]`, with the secrets that its files hold.
    ///
    /// # Errors
    /// [`SettingError`]: as [`new`](Self::new), or a file that cannot be read or holds no secret.
    pub fn from_settings(section: &OnwardSettings) -> Result<Self, SettingError> {
        let of_this =
            |error: SettingError| error.and(format_args!("it is `secret_file` of [[onward]] {}", section.name()));
        let secret = SigningSecret::read(section.secret()?.expose()).map_err(of_this)?;
        let endpoint = Self::new(section.name(), section.url()?, secret)?;
        Ok(match section.previous_secret()? {
            Some(previous) => endpoint.and_secret(SigningSecret::read(previous.expose()).map_err(of_this)?),
            None => endpoint,
        })
    }

    /// Signs with one more secret, while the receiver changes from one to the other.
    #[must_use]
    pub fn and_secret(mut self, secret: SigningSecret) -> Self {
        self.secrets.push(secret);
        self
    }

    /// Begins with the next event, if the store does not know the endpoint yet.
    #[must_use]
    pub fn from_now_on(self) -> Self {
        Self { start: StartAt::Next, ..self }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// A URL may be a credential.
impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint").field("name", &self.name).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::MAX_NAME;

    fn endpoint(name: &str, url: &str) -> Result<Endpoint, SettingError> {
        Endpoint::new(name, url, SigningSecret::generate().unwrap())
    }

    #[test]
    fn a_url_is_https_or_on_loopback() {
        for url in
            ["https://shop.example/in?token=1", "http://127.0.0.1:9000/", "http://[::1]/", "http://localhost:1/x"]
        {
            assert!(endpoint("shop", url).is_ok(), "{url}");
        }
        for url in [
            "",
            "/in",
            "shop.example",
            "http://shop.example/canary",
            "http://10.0.0.7/canary",
            "http://localhost.evil.example/canary",
            "https://user:canary@shop.example/",
            "http://user@localhost/canary",
            "ftp://localhost/canary",
            "https:///canary",
        ] {
            let error = endpoint("shop", url).unwrap_err().to_string();
            assert!(error.contains("https://HOST/PATH") && !error.contains("canary"), "{url}: {error}");
        }
    }

    #[test]
    fn a_name_has_its_bounds() {
        let url = "https://shop.example/canary";
        let longest = "a".repeat(MAX_NAME);
        assert!(endpoint(&longest, url).is_ok());
        for name in ["", "a/b", "ä", &format!("{longest}a")] {
            assert!(endpoint(name, url).is_err(), "{name}");
        }
        assert_eq!(format!("{:?}", endpoint("shop", url).unwrap()), "Endpoint { name: \"shop\", .. }");
    }
}
