//! The client of the commands that send: made of the configuration, run to their end.

use std::cell::Cell;
use std::path::Path;
use std::sync::Arc;

use http_transport::HttpsClient;
use protocol_core::Stamp;
use protocol_core::crypto::{Keyring, Signer};
use protocol_core::wechat_pay::{Merchant, Operation};
use wechat_adapter::{Client, ClientBuilder, Refreshed, Transport};

use crate::config::{PlatformKey, WechatPay};
use crate::error::Error;
use crate::input;
use crate::interrupt::{Watch, WatchedTransport};
use crate::signed::SignedRequest;

/// WeChat Pay as configured.
pub(crate) struct Network {
    pub(crate) config: WechatPay,
    /// The platform's public key that requests name.
    pub(crate) platform_key: Option<PlatformKey>,
    merchant: Merchant,
    signer: Arc<dyn Signer>,
    keys: Arc<Keyring>,
    origins: Vec<String>,
    transport: HttpsClient,
    client: Client<WatchedTransport>,
    pub(crate) watch: Watch,
    /// No key of the platform is configured, and none has been fetched yet.
    lacks_keys: Cell<bool>,
}

/// Runs a command on the network.
pub(crate) fn run<T>(config: &Path, command: impl AsyncFnOnce(&Network) -> Result<T, Error>) -> Result<T, Error> {
    let network = Network::open(WechatPay::load(config)?)?;
    network.watch.block_on(command(&network))
}

/// Runs a future to its end on a runtime of its own.
pub(crate) fn block_on<T>(future: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Error::usage(format_args!("the system gives no room to run in: {error}")))?;
    let outcome = runtime.block_on(future);
    // A name that is still being looked up is not waited for.
    runtime.shutdown_background();
    outcome
}

impl Network {
    /// Reads keys; nothing is sent.
    pub(crate) fn open(config: WechatPay) -> Result<Self, Error> {
        let mut merchant = config.merchant()?;
        let signer = config.signer()?;
        let (keys, platform_key) = if config.has_platform_keys() {
            let (ring, keys) = config.platform_keys()?;
            (Arc::new(ring), config.named_platform_key(keys))
        } else {
            (Arc::default(), None)
        };
        if let Some(key) = &platform_key {
            merchant = merchant.with_platform_key(&key.id).map_err(Error::config)?;
        }
        let origins = config.origins()?;
        let transport = HttpsClient::new(config.connection()?).map_err(unusable_connection)?;
        let mut builder = builder(&merchant, &signer, &keys, &origins);
        let lacks_keys = !config.has_platform_keys();
        if lacks_keys {
            builder = builder.certificates(Arc::new(config.api_v3_key().map_err(|error| {
                error.and("without [[wechat-pay.platform_keys]], it opens the platform's certificates")
            })?));
        } else if platform_key.is_none() && config.has_api_v3_key() {
            // Certificates come and go; a response signed with a newer one than is configured has it fetched.
            builder = builder.certificates(Arc::new(config.api_v3_key()?));
        }
        let watch = Watch::default();
        let client = builder.build_over(watch.over(transport.clone()));
        let lacks_keys = Cell::new(lacks_keys);
        Ok(Self { config, platform_key, merchant, signer, keys, origins, transport, client, watch, lacks_keys })
    }

    /// The client. Where no key of the platform is configured, the first call fetches its certificates.
    pub(crate) async fn client(&self) -> Result<&Client<WatchedTransport>, Error> {
        if self.lacks_keys.get() {
            if let Refreshed::None = self.client.refresh_certificates().await? {
                return Err(Error::config(
                    "this account has no platform certificates; download the platform's public key in the merchant's \
                     console, and name it under [[wechat-pay.platform_keys]]",
                ));
            }
            self.lacks_keys.set(false);
        }
        Ok(&self.client)
    }

    /// A client like [`Network::client`], over another transport that is made of this one's.
    pub(crate) async fn client_over<S: Transport>(
        &self,
        wrap: impl FnOnce(HttpsClient) -> S,
    ) -> Result<Client<S>, Error> {
        self.client().await?;
        Ok(builder(&self.merchant, &self.signer, &self.keys, &self.origins).build_over(wrap(self.transport.clone())))
    }

    /// Checks an operation's values without signing or sending it.
    pub(crate) fn check<O: Operation>(&self, operation: &O) -> Result<(), Error> {
        let nonce = input::nonce()?;
        operation.request(&Stamp { now: input::now(None)?, nonce: &nonce })?;
        Ok(())
    }

    /// The request of an operation, signed and not sent.
    pub(crate) fn signed<O: Operation>(&self, operation: &O) -> Result<SignedRequest, Error> {
        let nonce = input::nonce()?;
        let stamp = Stamp { now: input::now(None)?, nonce: &nonce };
        let request = self.merchant.sign(operation, &stamp, &*self.signer)?;
        let origin = self.origins.first().map_or("", String::as_str);
        Ok(SignedRequest::of(origin, &request))
    }
}

/// Of a connection that cannot be made as configured.
pub(crate) fn unusable_connection(error: http_transport::ConfigError) -> Error {
    match error {
        http_transport::ConfigError::Certificate | http_transport::ConfigError::Tls(_) => {
            Error::config("root_certificate: this is no certificate in PEM")
        }
        other => Error::config(other),
    }
}

fn builder(merchant: &Merchant, signer: &Arc<dyn Signer>, keys: &Arc<Keyring>, origins: &[String]) -> ClientBuilder {
    Client::builder(merchant.clone(), Arc::clone(signer)).keys(Arc::clone(keys)).origins(origins)
}
