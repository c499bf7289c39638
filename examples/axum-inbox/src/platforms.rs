//! Clients of the platforms, from the settings.

use std::error::Error;
use std::sync::Arc;

use http_transport::{ClientConfig, HttpsClient, Roots};
use protocol_core::crypto::Keyring;
use settings::Settings;
use wechat_adapter::Client;
use wechat_adapter::mini_program::{self, StableToken};

/// A client of the Mini Program's server.
pub type MiniProgram = mini_program::Client<HttpsClient, StableToken<HttpsClient>>;

/// A client of WeChat Pay, which verifies with these keys of the platform.
///
/// # Errors
/// Settings that are missing or no keys.
pub fn wechat_pay(settings: &Settings, keys: Arc<Keyring>) -> Result<Client, Box<dyn Error>> {
    let section = settings.wechat_pay()?;
    Ok(Client::builder(section.merchant()?, section.signer()?)
        .keys(keys)
        .origins(section.base_url())
        .build_over(transport(section.root_certificate()?)?))
}

/// A client of the Mini Program's server; `None` for a merchant without one.
///
/// # Errors
/// Settings that are missing or no keys.
pub fn mini_program(settings: &Settings) -> Result<Option<MiniProgram>, Box<dyn Error>> {
    let Some(section) = settings.mini_program()? else { return Ok(None) };
    let transport = transport(section.root_certificate()?)?;
    let tokens = StableToken::builder(section.appid()?, section.app_secret()?)
        .origin(section.origin())
        .build_over(transport.clone());
    Ok(Some(mini_program::Client::builder(tokens).origin(section.origin()).build_over(transport)))
}

fn transport(root_certificate: Option<Vec<u8>>) -> Result<HttpsClient, http_transport::ConfigError> {
    let roots = root_certificate.map_or(Roots::WebPki, Roots::Pem);
    HttpsClient::new(ClientConfig::default().with_roots(roots))
}
