//! Tests of an account's keys against its platform. They touch no complaint.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use getrandom::SysRng;
use http_transport::Transport;
use jiff::tz::Offset;
use protocol_core::allinpay::WxComplaintList;
use protocol_core::complaint::Encrypted;
use protocol_core::crypto::{CryptoError, Decryptor, PublicKey};
#[cfg(feature = "mini-program")]
use protocol_core::mini_program::GetPenaltyList;
#[cfg(feature = "virtual-payment")]
use protocol_core::virtual_payment::GetComplaintList;
use protocol_core::wechat_pay::{Echo, encryptor};
use protocol_core::{BuildError, UnixTime};
use rand_core::UnwrapErr;
#[cfg(feature = "mini-program")]
use wechat_adapter::mini_program;
#[cfg(feature = "virtual-payment")]
use wechat_adapter::virtual_payment;
use wechat_adapter::{Client, Error};

/// The result of WeChat Pay's self-test. An error of a call is not one of these.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SelfTest {
    /// Whether the verified response repeats the text that was sent.
    pub echo: bool,
    /// The same for a text that was encrypted both ways; `None` without a public key of the
    /// platform, and after an `echo` that does not repeat.
    pub encrypted: Option<EncryptedEcho>,
}

/// What became of a text that was sent encrypted.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum EncryptedEcho {
    /// The response repeats it.
    Repeated,
    /// The response has another text.
    Other,
    /// The response has no encrypted text.
    Missing,
    /// The merchant's keys do not decrypt the response's text.
    NotDecrypted(CryptoError),
}

/// Tests a merchant's keys against the platform: the request's signature, the response's, and the
/// encryption of sensitive fields both ways. It touches no complaint.
/// [`WechatPayAccount::self_test`](crate::WechatPayAccount::self_test) tests an account.
///
/// # Errors
/// [`Error`]: a call did not succeed, or the system has no randomness.
pub async fn self_test<S: Transport>(
    client: &Client<S>,
    platform_key: Option<&PublicKey>,
    decryptors: &[Arc<dyn Decryptor>],
) -> Result<SelfTest, Error> {
    let message = random_text()?;
    let echo = Echo::new(message.clone());
    if client.send(&echo).await?.echo_message != message {
        return Ok(SelfTest { echo: false, encrypted: None });
    }
    let Some(key) = platform_key else { return Ok(SelfTest { echo: true, encrypted: None }) };
    let secret = random_text()?;
    // The texts above have shown that the system has randomness.
    let ciphertext = encryptor(key).encrypt(secret.as_bytes(), &mut UnwrapErr(SysRng)).map_err(BuildError::from)?;
    let echo = echo.with_encrypted_echo_message(Encrypted::new(STANDARD.encode(ciphertext)));
    let encrypted = match client.send(&echo).await?.encrypted_echo_message {
        None => EncryptedEcho::Missing,
        Some(back) => match back.decrypt(decryptors.iter().map(|key| &**key)) {
            Ok(clear) if *clear.expose() == secret => EncryptedEcho::Repeated,
            Ok(_) => EncryptedEcho::Other,
            Err(error) => EncryptedEcho::NotDecrypted(error),
        },
    };
    Ok(SelfTest { echo: true, encrypted: Some(encrypted) })
}

/// Tests a Mini Program's secret against the platform: a token is fetched, and one row of the
/// penalties is read with it.
///
/// # Errors
/// [`mini_program::Error`]: no token, or the application may not use these interfaces.
#[cfg(feature = "mini-program")]
pub async fn self_test_mini_program<S: Transport>(client: &mini_program::Client<S>) -> Result<(), mini_program::Error> {
    let mut penalties = GetPenaltyList::new(0);
    penalties.limit = 1;
    client.send(&penalties).await.map(drop)
}

/// Tests the AppKey and the Mini Program's secret against the platform: one row of today's list is
/// read. `now` says which day it is in China.
///
/// # Errors
/// [`virtual_payment::Error`]: no token, or a `pay_sig` that the platform refuses.
#[cfg(feature = "virtual-payment")]
pub async fn self_test_virtual_payment<S: Transport>(
    client: &virtual_payment::Client<S>,
    now: UnixTime,
) -> Result<(), virtual_payment::Error> {
    let today = day_in_china(now)?;
    client.send(&GetComplaintList::new(&today, &today).with_limit(1)).await.map(drop)
}

/// Tests a merchant's keys against Allinpay: one row of today's list is read, whose request and
/// response are signed. `now` says which day it is in China.
///
/// # Errors
/// [`allinpay_adapter::Error`]: the call did not succeed.
pub async fn self_test_allinpay<S: Transport>(
    client: &allinpay_adapter::Client<S>,
    now: UnixTime,
) -> Result<(), allinpay_adapter::Error> {
    let today = day_in_china(now)?;
    let list = WxComplaintList::new(format!("{today} 00:00:00"), format!("{today} 23:59:59"));
    client.send(&list.with_page_size(1)).await.map(drop)
}

/// `YYYY-MM-DD`
fn day_in_china(now: UnixTime) -> Result<String, BuildError> {
    let now = jiff::Timestamp::from_second(now.0)
        .map_err(|_| BuildError::Field { field: "this machine's clock", expected: "within the calendar" })?;
    Ok(Offset::constant(8).to_datetime(now).date().to_string())
}

/// 32 random hexadecimal digits.
fn random_text() -> Result<String, Error> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)
        .map_err(|_| BuildError::Field { field: "the operating system's randomness", expected: "available" })?;
    Ok(bytes.iter().map(|byte| format!("{byte:02X}")).collect())
}
