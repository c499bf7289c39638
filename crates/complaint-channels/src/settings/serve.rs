//! The section `[serve]`.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

#[cfg(feature = "clients")]
use http_transport::{ListenerConfig, Network, ServerTls};
use protocol_core::Secret;

use super::connection::authority;
use super::document::ServeSection;
use super::place::Place;
use crate::error::SettingError;

/// The server's addresses and files: the section `[serve]`. Files are read when they are asked for.
#[derive(Debug, Clone)]
pub struct ServeSettings {
    pub(super) section: ServeSection,
    pub(super) place: Place,
}

impl ServeSettings {
    /// The address of the webhooks, which the platforms reach. Default: `127.0.0.1:8443`.
    ///
    /// # Errors
    /// [`SettingError`], here and below: a member or a file is missing, or cannot be used.
    pub fn webhooks(&self) -> Result<SocketAddr, SettingError> {
        self.address("webhooks", self.section.webhooks.as_deref().unwrap_or(WEBHOOKS))
    }

    /// The address of the desk: the API and the page. Default: `127.0.0.1:8080`.
    ///
    /// # Errors
    /// [`SettingError`].
    pub fn desk(&self) -> Result<SocketAddr, SettingError> {
        self.address("desk", self.section.desk.as_deref().unwrap_or(DESK))
    }

    /// The address under which the platforms reach the webhooks, without a slash at the end; the
    /// webhooks' paths follow it.
    ///
    /// # Errors
    /// [`SettingError`].
    pub fn public_url(&self) -> Result<Option<&str>, SettingError> {
        self.https("public_url", self.section.public_url.as_deref())
    }

    /// The address under which people reach the desk, without a slash at the end: notices link to it.
    ///
    /// # Errors
    /// [`SettingError`].
    pub fn page_url(&self) -> Result<Option<&str>, SettingError> {
        self.https("page_url", self.section.page_url.as_deref())
    }

    fn https<'u>(&self, member: &str, url: Option<&'u str>) -> Result<Option<&'u str>, SettingError> {
        let Some(url) = url.map(|url| url.trim_end_matches('/')) else { return Ok(None) };
        if authority(url).is_some() && !url.contains(['?', '#']) {
            return Ok(Some(url));
        }
        let form = "must be https://HOST or https://HOST/PATH, without a user and without a query";
        Err(self.place.invalid_section(format_args!("`{member}` {form}")))
    }

    /// The webhooks' certificate chain in PEM, and its private key; `None` behind a proxy that
    /// speaks TLS.
    ///
    /// # Errors
    /// [`SettingError`].
    pub fn tls(&self) -> Result<Option<(Vec<u8>, Secret)>, SettingError> {
        let read = |member: &str, path: &Path| self.place.file(member, path);
        match (self.section.tls_certificate.as_deref(), self.section.tls_key.as_deref()) {
            (None, None) => Ok(None),
            (Some(certificate), Some(key)) => {
                let certificate = read("tls_certificate", certificate)?.to_vec();
                Ok(Some((certificate, Secret::new(read("tls_key", key)?.to_vec()))))
            }
            (Some(_), None) => Err(self.place.missing("tls_key beside tls_certificate")),
            (None, Some(_)) => Err(self.place.missing("tls_certificate beside tls_key")),
        }
    }

    /// The webhooks' listener: its certificate, if there is one, and the proxies in front of it.
    ///
    /// # Errors
    /// [`SettingError`].
    #[cfg(feature = "clients")]
    pub fn listener(&self) -> Result<ListenerConfig, SettingError> {
        let form = "`proxies` must be addresses or networks, such as \"10.0.0.0/8\"";
        let proxies = self.section.proxies.iter().map(|proxy| proxy.parse::<Network>());
        let proxies = proxies.collect::<Result<Vec<_>, _>>().map_err(|_| self.place.invalid_section(form))?;
        let tls = self.tls()?.map(|(chain, key)| ServerTls::from_pem(&chain, key.expose())).transpose();
        let tls =
            tls.map_err(|error| self.place.invalid_section(format_args!("`tls_certificate` and `tls_key`: {error}")))?;
        Ok(tls.into_iter().fold(ListenerConfig::default().with_proxies(proxies), ListenerConfig::with_tls))
    }

    /// The file of the API's tokens, relative to the configuration. Default: `tokens.toml`.
    #[must_use]
    pub fn api_tokens_file(&self) -> PathBuf {
        self.place.path(self.section.api_tokens_file.as_deref().unwrap_or(Path::new(TOKENS)))
    }

    /// The file of the page's templates of replies, relative to the configuration, if there is one.
    #[must_use]
    pub fn replies_file(&self) -> Option<PathBuf> {
        self.section.replies_file.as_deref().map(|path| self.place.path(path))
    }

    /// The file of the page's users, relative to the configuration. Default: `users.toml`.
    #[must_use]
    pub fn users_file(&self) -> PathBuf {
        self.place.path(self.section.users_file.as_deref().unwrap_or(Path::new(USERS)))
    }

    /// Further names of the desk, as a request's `Host` has them.
    #[must_use]
    pub fn hosts(&self) -> &[String] {
        &self.section.hosts
    }

    fn address(&self, member: &str, text: &str) -> Result<SocketAddr, SettingError> {
        text.parse().map_err(|_| {
            let form = format_args!("`{member}` must be an IP address and a port, such as \"127.0.0.1:8080\"");
            self.place.invalid_section(form)
        })
    }
}

const WEBHOOKS: &str = "127.0.0.1:8443";
const DESK: &str = "127.0.0.1:8080";
const TOKENS: &str = "tokens.toml";
const USERS: &str = "users.toml";
