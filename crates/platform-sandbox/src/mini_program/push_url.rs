//! The registration of a URL for pushes, and the signed GET that verifies it first.

use std::sync::Arc;

use bytes::Bytes;
use http::Request;
use protocol_core::UnixTime;

use super::account::MiniProgramAccount;
use super::delivery::with_query;
use super::push::signature;
use super::push_config::PushConfig;
use crate::error::SandboxError;
use crate::exchange::{Attempt, Attempted};
use crate::platform::Platform;
use crate::random;

/// Verifies a URL for pushes, and sets it.
pub(crate) async fn set_push(platform: &Platform, config: PushConfig) -> Result<(), SandboxError> {
    let account = Arc::clone(&platform.state().mini_program.account);
    check_url(platform, &account, &config.url, platform.now()).await?;
    platform.state().mini_program.push = Some(config);
    Ok(())
}

/// Verifies a URL: its response must be exactly `echostr`.
async fn check_url(
    platform: &Platform,
    account: &MiniProgramAccount,
    url: &str,
    now: UnixTime,
) -> Result<(), SandboxError> {
    let (timestamp, nonce, echostr) = (now.to_string(), random::digits(10), random::digits(19));
    let signature = signature(&[&account.token, &timestamp, &nonce]);
    let query = format!("signature={signature}&echostr={echostr}&timestamp={timestamp}&nonce={nonce}");
    let request = || Request::get(with_query(url, &query)).body(Bytes::new()).map_err(|error| error.to_string());
    let this = Attempt { channel: "mini-program", message: "echostr", complaint: "", number: 1 };
    let is_acknowledged = |status, body: &[u8]| status == 200 && body == echostr.as_bytes();
    let refused = match platform.attempt(this, request, is_acknowledged).await {
        Attempted { acknowledged: true, .. } => return Ok(()),
        Attempted { error: Some(error), .. } => error,
        Attempted { status: Some(status), .. } if status != 200 => format!("status {status}"),
        _ => "the response is not echostr".to_owned(),
    };
    Err(SandboxError::Url(refused))
}
