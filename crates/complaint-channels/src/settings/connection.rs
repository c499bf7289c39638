//! Members of every section for the connection: address, trusted roots, proxy.

use std::path::PathBuf;

use http::Uri;
use http::uri::Scheme;
#[cfg(feature = "clients")]
use http_transport::{ClientConfig, ConfigError, HttpsClient, Proxy, Resolve, Roots};
use protocol_core::codec::text_of_file;

use super::document::SecretUrl;
use super::place::Place;
use crate::error::SettingError;
#[cfg(feature = "clients")]
use crate::links::Links;

/// The methods of a section's settings about its connection.
macro_rules! connection_methods {
    ($settings:ident, $variable:expr) => {
        impl $settings {
            /// The only TLS roots to trust, PEM; `None` for the public ones.
            ///
            /// # Errors
            /// [`SettingError`](crate::SettingError).
            pub fn root_certificate(&self) -> Result<Option<Vec<u8>>, $crate::SettingError> {
                self.connection().root_certificate()
            }

            /// Whether requests go through a proxy.
            #[must_use]
            pub fn has_proxy(&self) -> bool {
                self.connection().proxy().is_some()
            }

            /// A transport with the configured roots and proxy.
            ///
            /// # Errors
            /// [`SettingError`](crate::SettingError).
            #[cfg(feature = "clients")]
            pub fn transport(&self) -> Result<http_transport::HttpsClient, $crate::SettingError> {
                self.transport_of(&mut $crate::settings::connection::Transports::default())
            }

            /// The shared transport with the configured roots and proxy.
            #[cfg(feature = "clients")]
            pub(crate) fn transport_of(
                &self,
                transports: &mut $crate::settings::connection::Transports,
            ) -> Result<http_transport::HttpsClient, $crate::SettingError> {
                transports.of(&self.connection())
            }

            /// The pictures behind plain links, by shared transports.
            #[cfg(feature = "clients")]
            pub(crate) fn links_of(
                &self,
                transports: &mut $crate::settings::connection::Transports,
            ) -> Result<$crate::links::Links, $crate::SettingError> {
                transports.links(&self.connection())
            }

            /// See [`Place::fingerprint`](super::place::Place::fingerprint).
            #[cfg(feature = "clients")]
            pub(crate) fn fingerprint(&self) -> u64 {
                self.place.fingerprint(&self.section)
            }

            fn connection(&self) -> $crate::settings::connection::Connection<'_> {
                $crate::settings::connection::Connection {
                    place: &self.place,
                    root_certificate: self.section.root_certificate.as_ref(),
                    proxy: self.section.proxy.as_ref(),
                    base_url: self.section.base_url.as_deref(),
                    picture_hosts: &self.section.picture_hosts,
                    variable: $variable,
                }
            }
        }
    };
}
pub(super) use connection_methods;

/// The trusted roots and the proxy of a section.
pub(super) struct Connection<'s> {
    pub(super) place: &'s Place,
    pub(super) root_certificate: Option<&'s PathBuf>,
    pub(super) proxy: Option<&'s SecretUrl>,
    #[cfg_attr(not(feature = "clients"), expect(dead_code, reason = "links are followed by clients"))]
    pub(super) base_url: Option<&'s str>,
    #[cfg_attr(not(feature = "clients"), expect(dead_code, reason = "links are followed by clients"))]
    pub(super) picture_hosts: &'s [String],
    /// The variable in place of `proxy`.
    pub(super) variable: &'static str,
}

impl Connection<'_> {
    /// The only TLS roots to trust, PEM.
    pub(super) fn root_certificate(&self) -> Result<Option<Vec<u8>>, SettingError> {
        let read = |path: &PathBuf| {
            let pem = self.place.file("root_certificate", path)?;
            Ok(text_of_file(&pem).into_owned())
        };
        self.root_certificate.map(read).transpose()
    }

    /// The URL of the proxy, and its name for errors.
    pub(super) fn proxy(&self) -> Option<(&'static str, String)> {
        match (self.place.variable(self.variable), self.proxy) {
            (Some(proxy), _) => Some((self.variable, proxy.to_string_lossy().into_owned())),
            (None, Some(SecretUrl(proxy))) => Some(("`proxy`", proxy.clone())),
            (None, None) => None,
        }
    }
}

/// Transports, each made once, so that accounts with the same roots and proxy share connections.
#[cfg(feature = "clients")]
#[derive(Default)]
pub(crate) struct Transports(Vec<(RootsProxyAndResolve, HttpsClient)>);

/// The PEM text of the trusted roots, the URL of the proxy, and how names become addresses.
#[cfg(feature = "clients")]
type RootsProxyAndResolve = (Option<Vec<u8>>, Option<String>, Resolve);

#[cfg(feature = "clients")]
impl Transports {
    /// The transport with these roots and this proxy.
    pub(super) fn of(&mut self, connection: &Connection<'_>) -> Result<HttpsClient, SettingError> {
        self.resolving(connection, Resolve::System)
    }

    /// The pictures behind plain links.
    pub(super) fn links(&mut self, connection: &Connection<'_>) -> Result<Links, SettingError> {
        // A proxy resolves names, and may itself be in a private network.
        let resolve = if connection.proxy().is_some() { Resolve::System } else { Resolve::Public };
        Ok(Links {
            hosts: hosts(connection)?,
            platform: connection.base_url.and_then(authority),
            to_platform: self.of(connection)?,
            to_others: self.resolving(connection, resolve)?,
        })
    }

    fn resolving(&mut self, connection: &Connection<'_>, resolve: Resolve) -> Result<HttpsClient, SettingError> {
        let (name, proxy) = connection.proxy().unzip();
        let wanted: RootsProxyAndResolve = (connection.root_certificate()?, proxy, resolve);
        if let Some((_, transport)) = self.0.iter().find(|(known, _)| *known == wanted) {
            return Ok(transport.clone());
        }
        let place = connection.place;
        let mut config = ClientConfig::default().with_resolve(resolve);
        if let (Some(pem), ..) = &wanted {
            config = config.with_roots(Roots::Pem(pem.clone()));
        }
        if let (Some(name), (_, Some(proxy), _)) = (name, &wanted) {
            let proxy = Proxy::parse(proxy).map_err(|error| {
                place.invalid(format_args!("{name}: {error}; write http://[user:password@]host:port"))
            })?;
            config = config.with_proxy(proxy);
        }
        let transport = HttpsClient::new(config).map_err(|error| match error {
            ConfigError::Certificate | ConfigError::Tls(_) => {
                place.invalid("root_certificate: the file holds no certificate in PEM; name one that does")
            }
            other => place.invalid(other),
        })?;
        self.0.push((wanted, transport.clone()));
        Ok(transport)
    }
}

/// The further hosts of pictures, in lower case.
#[cfg(feature = "clients")]
fn hosts(connection: &Connection<'_>) -> Result<Vec<String>, SettingError> {
    let is_label =
        |label: &str| !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    // No name server is asked for an IP address, so its range would not be checked.
    let is_numeric =
        |host: &str| host.rsplit('.').next().is_some_and(|label| label.bytes().all(|byte| byte.is_ascii_digit()));
    let is_name = |host: &&String| host.len() <= MAX_HOST && host.split('.').all(is_label) && !is_numeric(host);
    let misfit =
        || connection.place.invalid_section("each of `picture_hosts` must be a host name, such as \"qpic.cn\"");
    let host = |host| Some(host).filter(is_name).map(|host| host.to_ascii_lowercase()).ok_or_else(misfit);
    connection.picture_hosts.iter().map(host).collect()
}

/// Longest host name, in characters.
#[cfg(feature = "clients")]
const MAX_HOST: usize = 253;

/// The address of a platform with its interfaces at the root.
pub(super) fn origin(place: &Place, base_url: &str) -> Result<String, SettingError> {
    let origin = base_url.trim_end_matches('/');
    let fits = authority(origin).is_some_and(|authority| origin.ends_with(&authority));
    let misfit = || place.invalid_section("`base_url` must be https://HOST or https://HOST:PORT, without a path");
    if fits { Ok(origin.to_owned()) } else { Err(misfit()) }
}

/// The address of a platform with its interfaces under a path.
pub(super) fn base_url(place: &Place, base_url: &str) -> Result<String, SettingError> {
    let base_url = base_url.trim_end_matches('/');
    let fits = authority(base_url).is_some() && !base_url.contains(['?', '#']);
    let misfit = || place.invalid_section("`base_url` must be https://HOST/PATH, without anything after the path");
    if fits { Ok(base_url.to_owned()) } else { Err(misfit()) }
}

/// Host and port of an `https` address without a user in it.
pub(super) fn authority(url: &str) -> Option<String> {
    let url = url.parse::<Uri>().ok().filter(|url| url.scheme() == Some(&Scheme::HTTPS))?;
    let authority = url.authority()?.as_str();
    (!authority.is_empty() && !authority.contains('@')).then(|| authority.to_owned())
}
