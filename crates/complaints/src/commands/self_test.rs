//! `self-test`: tests keys and clock against the platform. Touches no complaint.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use getrandom::SysRng;
use protocol_core::complaint::Encrypted;
use protocol_core::wechat_pay::{Echo, encryptor};
use rand_core::UnwrapErr;
use serde::Serialize;

use crate::channel::{WechatPayChannel, run_on};
use crate::error::{Code, Error};
use crate::input;
use crate::view::output;

/// The printed result.
#[derive(Serialize)]
struct Report {
    /// The platform accepted the request, and its verified response repeats the text.
    echo: bool,
    /// The same for a text encrypted both ways. `null` without a public key of the platform.
    encrypted: Option<bool>,
    /// Seconds that the platform's clock is ahead of this machine's.
    clock_seconds: Option<i64>,
}

pub(crate) fn run(config: &Path) -> Result<(), Error> {
    run_on(WechatPayChannel::open(config), async |channel: &WechatPayChannel| {
        let client = channel.client().await?;
        let message = input::nonce()?;
        let echo = Echo::new(message.clone());
        expect(client.send(&echo).await?.echo_message == message)?;
        // Read now: encrypting below takes time.
        let clock_seconds = channel.watch.clock_seconds();
        let encrypted = match &channel.platform_key {
            None => None,
            Some(key) => {
                let secret = input::nonce()?;
                // The nonce above has shown that the system has randomness.
                let ciphertext = encryptor(&key.key)
                    .encrypt(secret.as_bytes(), &mut UnwrapErr(SysRng))
                    .map_err(|error| Error::config(format_args!("the platform's key does not encrypt: {error}")))?;
                let echo = echo.with_encrypted_echo_message(Encrypted::new(STANDARD.encode(ciphertext)));
                let back = client.send(&echo).await?.encrypted_echo_message;
                let back = back.ok_or_else(|| Error::new(Code::Malformed, "the response has no encrypted text"))?;
                let keys = channel.config.decryptors()?;
                let clear = back.decrypt(keys.iter().map(|key| &**key)).map_err(|error| {
                    let remedy = "compare `private_key` with the merchant's certificate";
                    Error::new(
                        Code::DecryptFailed,
                        format_args!("the encrypted text of the response cannot be decrypted: {error}; {remedy}"),
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
    if same {
        Ok(())
    } else {
        Err(Error::new(
            Code::Malformed,
            "the response does not repeat the text that was sent; check `base_url`, `proxy` and who stands between",
        ))
    }
}
