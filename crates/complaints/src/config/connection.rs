//! Members of every section for the connection: address, trusted roots, proxy.

use std::path::PathBuf;

use http::Uri;
use http::uri::Scheme;
use http_transport::{ClientConfig, ConfigError, HttpsClient, Proxy, Roots};
use protocol_core::codec::text_of_file;

use super::Folder;
use super::document::ProxyUrl;
use crate::error::Error;

/// A transport that connects as configured.
pub(super) fn transport(
    folder: &Folder,
    root_certificate: Option<&PathBuf>,
    proxy: Option<&ProxyUrl>,
    proxy_variable: &str,
) -> Result<HttpsClient, Error> {
    HttpsClient::new(connection(folder, root_certificate, proxy, proxy_variable)?).map_err(|error| match error {
        ConfigError::Certificate | ConfigError::Tls(_) => {
            Error::config("root_certificate: the file holds no certificate in PEM; name one that does")
        }
        other => Error::config(other),
    })
}

/// The trusted roots and the proxy.
fn connection(
    folder: &Folder,
    root_certificate: Option<&PathBuf>,
    proxy: Option<&ProxyUrl>,
    proxy_variable: &str,
) -> Result<ClientConfig, Error> {
    let mut connection = ClientConfig::default();
    if let Some(path) = root_certificate {
        let (_, pem) = folder.file("root_certificate", path)?;
        connection = connection.with_roots(Roots::Pem(text_of_file(&pem).into_owned()));
    }
    let from_environment = std::env::var_os(proxy_variable).filter(|proxy| !proxy.is_empty());
    let (name, proxy) = match (from_environment, proxy) {
        (Some(proxy), _) => (proxy_variable, proxy.to_string_lossy().into_owned()),
        (None, Some(ProxyUrl(proxy))) => ("`proxy`", proxy.clone()),
        (None, None) => return Ok(connection),
    };
    let proxy = Proxy::parse(&proxy)
        .map_err(|error| Error::config(format_args!("{name}: {error}; write http://[user:password@]host:port")))?;
    Ok(connection.with_proxy(proxy))
}

/// The address of a platform with its interfaces at the root.
pub(super) fn origin(section: &str, base_url: &str) -> Result<String, Error> {
    let origin = base_url.trim_end_matches('/');
    let fits = authority(origin).is_some_and(|authority| origin.ends_with(&authority));
    let misfit = || {
        Error::config(format_args!("[{section}]: `base_url` must be https://HOST or https://HOST:PORT, without a path"))
    };
    if fits { Ok(origin.to_owned()) } else { Err(misfit()) }
}

/// The address of a platform with its interfaces under a path.
pub(super) fn base_url(section: &str, base_url: &str) -> Result<String, Error> {
    let base_url = base_url.trim_end_matches('/');
    let fits = authority(base_url).is_some() && !base_url.contains(['?', '#']);
    let misfit = || {
        Error::config(format_args!(
            "[{section}]: `base_url` must be https://HOST/PATH, without anything after the path"
        ))
    };
    if fits { Ok(base_url.to_owned()) } else { Err(misfit()) }
}

/// Host and port of an `https` address without a user in it.
fn authority(url: &str) -> Option<String> {
    let url = url.parse::<Uri>().ok().filter(|url| url.scheme() == Some(&Scheme::HTTPS))?;
    let authority = url.authority()?.as_str();
    (!authority.is_empty() && !authority.contains('@')).then(|| authority.to_owned())
}
