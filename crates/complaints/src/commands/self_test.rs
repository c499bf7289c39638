//! `self-test`: keys and clock tried against the platform, no complaint touched.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use getrandom::SysRng;
use protocol_core::complaint::Encrypted;
use protocol_core::wechat_pay::{Echo, encryptor};
use rand_core::UnwrapErr;
use serde::Serialize;

use crate::channel::{WechatPayChannel, run_wechat_pay};
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
    run_wechat_pay(config, async |channel: &WechatPayChannel| {
        let client = channel.client().await?;
        let message = input::nonce()?;
        let echo = Echo::new(message.clone());
        expect(client.send(&echo).await?.echo_message == message)?;
        // Read now: encrypting below takes its time.
        let clock_seconds = channel.watch.clock_seconds();
        let encrypted = match &channel.platform_key {
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
                let keys = channel.config.decryptors()?;
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
