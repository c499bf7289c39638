//! `self-test`: keys and clock tried against the platform, no complaint touched.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::task::{Context, Poll};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use getrandom::SysRng;
use http_transport::{HttpsClient, SendError};
use protocol_core::complaint::Encrypted;
use protocol_core::wechat_pay::{Echo, encryptor};
use protocol_core::{Headers as _, UnixTime};
use rand_core::UnwrapErr;
use serde::Serialize;
use tower_service::Service;

use crate::channel::wechat_pay::{self, Network};
use crate::error::{Code, Error};
use crate::input;
use crate::view::output;

/// What is printed.
#[derive(Serialize)]
struct Report {
    /// The request was accepted, and the response is proven and says what was sent.
    echo: bool,
    /// As `echo`, for a text encrypted both ways; `null` without a public key of the platform.
    encrypted: Option<bool>,
    /// How far the platform's clock is ahead of this machine's, in seconds.
    clock_seconds: Option<i64>,
}

pub(crate) fn run(config: &Path) -> Result<(), Error> {
    wechat_pay::run(config, async |network: &Network| {
        let clock = PlatformClock::default();
        let client = network.client_over(|transport| Dated { transport, clock: clock.clone() }).await?;
        let message = input::nonce()?;
        let echo = Echo::new(message.clone());
        expect(client.send(&echo).await?.echo_message == message)?;
        // Read now: encrypting below takes its time.
        let clock_seconds = clock.ahead();
        let encrypted = match &network.platform_key {
            None => None,
            Some(key) => {
                let secret = input::nonce()?;
                // Asking for a nonce has shown that there is randomness.
                let ciphertext = encryptor(&key.key)
                    .encrypt(secret.as_bytes(), &mut UnwrapErr(SysRng))
                    .map_err(|error| Error::config(format_args!("the platform's key does not encrypt: {error}")))?;
                let echo = echo.with_encrypted_echo_message(Encrypted::new(STANDARD.encode(ciphertext)));
                let back = client.send(&echo).await?.encrypted_echo_message;
                let back = back.ok_or_else(|| Error::new(Code::Malformed, "the encrypted text did not come back"))?;
                let keys = network.config.decryptors()?;
                let clear = back.decrypt(keys.iter().map(|key| &**key)).map_err(|error| {
                    let remedy = "compare `private_key` with the merchant's certificate";
                    Error::new(
                        Code::DecryptFailed,
                        format_args!("what came back encrypted stays closed: {error}; {remedy}"),
                    )
                })?;
                expect(*clear.expose() == secret)?;
                Some(true)
            }
        };
        output::print(&Report { echo: true, encrypted, clock_seconds })
    })
}

fn expect(same: bool) -> Result<(), Error> {
    if same { Ok(()) } else { Err(Error::new(Code::Malformed, "something else came back than was sent")) }
}

/// The platform's time less this machine's, of the last response that named one.
#[derive(Debug, Clone)]
struct PlatformClock(Arc<AtomicI64>);

impl Default for PlatformClock {
    fn default() -> Self {
        Self(Arc::new(AtomicI64::new(Self::UNKNOWN)))
    }
}

impl PlatformClock {
    const UNKNOWN: i64 = i64::MIN;

    fn ahead(&self) -> Option<i64> {
        Some(self.0.load(Ordering::Relaxed)).filter(|ahead| *ahead != Self::UNKNOWN)
    }
}

/// A transport that notes the platform's time. Whether it is the platform's, the client finds out.
#[derive(Clone)]
struct Dated {
    transport: HttpsClient,
    clock: PlatformClock,
}

impl Service<http::Request<Bytes>> for Dated {
    type Response = http::Response<Bytes>;
    type Error = SendError;
    type Future = futures_util::future::BoxFuture<'static, Result<Self::Response, SendError>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), SendError>> {
        self.transport.poll_ready(context)
    }

    fn call(&mut self, request: http::Request<Bytes>) -> Self::Future {
        let response = self.transport.call(request);
        let clock = self.clock.clone();
        Box::pin(async move {
            let response = response.await?;
            let theirs =
                response.headers().header("Wechatpay-Timestamp").ok().flatten().and_then(UnixTime::from_digits);
            if let (Some(theirs), Ok(ours)) = (theirs, input::now(None)) {
                clock.0.store(theirs.0.saturating_sub(ours.0), Ordering::Relaxed);
            }
            Ok(response)
        })
    }
}
