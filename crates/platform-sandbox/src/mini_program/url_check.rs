//! The GET by which an address for pushes is tried.

use bytes::Bytes;
use http::Request;
use protocol_core::UnixTime;

use super::account::MiniProgramAccount;
use super::delivery::with_query;
use super::push::signature;
use crate::error::SandboxError;
use crate::random;
use crate::wechat_pay::Platform;

/// Tries an address: it has to return `echostr`, just so.
pub(crate) async fn check_url(
    platform: &Platform,
    account: &MiniProgramAccount,
    url: &str,
    now: UnixTime,
) -> Result<(), SandboxError> {
    let (timestamp, nonce, echostr) = (now.to_string(), random::digits(10), random::digits(19));
    let signature = signature(&[&account.token, &timestamp, &nonce]);
    let query = format!("signature={signature}&echostr={echostr}&timestamp={timestamp}&nonce={nonce}");
    let refused = |why: String| SandboxError::Url(why);
    let request =
        Request::get(with_query(url, &query)).body(Bytes::new()).map_err(|error| refused(error.to_string()))?;
    let (status, body) = platform.exchange(request).await.map_err(refused)?;
    if status != 200 {
        return Err(refused(format!("status {status}")));
    }
    if body != echostr.as_bytes() {
        return Err(refused("the response is not echostr".to_owned()));
    }
    Ok(())
}
