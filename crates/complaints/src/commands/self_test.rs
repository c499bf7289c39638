//! `self-test`: tests keys and clock against the platform. Touches no complaint.

use complaint_channels::{EncryptedEcho, SelfTest, self_test};
use serde::Serialize;

use crate::channel::{WechatPayChannel, run_on};
use crate::config::Config;
use crate::error::{Code, Error};
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

pub(crate) fn run(config: &Config) -> Result<(), Error> {
    run_on(WechatPayChannel::open(config), async |channel: &WechatPayChannel| {
        let encrypted = try_keys(channel).await?;
        output::print(&Report { echo: true, encrypted, clock_seconds: channel.watch.clock_seconds() })
    })
}

/// Tries every key. Returns whether a text came back that was encrypted both ways; `None` without a
/// public key of the platform.
pub(crate) async fn try_keys(channel: &WechatPayChannel) -> Result<Option<bool>, Error> {
    let client = channel.client().await?;
    let platform_key = channel.platform_key.as_ref().map(|named| &named.key);
    let SelfTest { echo, encrypted, .. } = self_test(client, platform_key, &channel.config.decryptors()?).await?;
    match encrypted {
        _ if !echo => Err(not_repeated()),
        None => Ok(None),
        Some(EncryptedEcho::Repeated) => Ok(Some(true)),
        Some(EncryptedEcho::Missing) => Err(Error::new(Code::Malformed, "the response has no encrypted text")),
        Some(EncryptedEcho::NotDecrypted(error)) => {
            let remedy = "compare `private_key` with the merchant's certificate";
            Err(Error::new(
                Code::DecryptFailed,
                format_args!("the encrypted text of the response cannot be decrypted: {error}; {remedy}"),
            ))
        }
        Some(_) => Err(not_repeated()),
    }
}

fn not_repeated() -> Error {
    Error::new(
        Code::Malformed,
        "the response does not repeat the text that was sent; check `base_url`, `proxy` and who stands between",
    )
}
