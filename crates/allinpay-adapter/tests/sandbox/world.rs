//! A sandbox, and clients of its gateway.

use std::num::NonZeroUsize;
use std::time::Duration;

use allinpay_adapter::Client;
use http_transport::{ClientConfig, HttpsClient, Roots};
use platform_sandbox::{AllinpayAccount, Sandbox, SandboxConfig};
use protocol_core::allinpay::{Merchant, signer, verifier};
use protocol_core::crypto::{PrivateKey, PublicKey};
use protocol_core::retry::RetryPolicy;

/// Quick enough for a test, and still three attempts.
pub const QUICK: RetryPolicy = RetryPolicy::NEVER
    .with_attempts(3)
    .with_base(Duration::from_millis(10))
    .with_cap(Duration::from_millis(50))
    .with_max_retry_after(Duration::from_secs(2));

/// Far longer than anything here takes, on a busy machine too.
pub const PATIENCE: Duration = Duration::from_secs(120);

pub async fn sandbox() -> Sandbox {
    Sandbox::start(SandboxConfig::default().with_delivery_timeout(PATIENCE)).await.unwrap()
}

pub fn transport(sandbox: &Sandbox) -> HttpsClient {
    let roots = Roots::Pem(sandbox.root_certificate().as_bytes().to_vec());
    let config = ClientConfig::default().with_roots(roots);
    HttpsClient::new(config.with_deadline(PATIENCE).with_connect_timeout(PATIENCE)).unwrap()
}

pub fn client(sandbox: &Sandbox, account: &AllinpayAccount) -> Client {
    let mut merchant = Merchant::new(&*account.appid, &*account.cusid, account.sign_type).unwrap();
    if let Some(orgid) = &account.orgid {
        merchant = merchant.with_orgid(&**orgid).unwrap();
    }
    let private_key = PrivateKey::read(account.private_key.as_bytes()).unwrap();
    let platform_key = PublicKey::read(account.platform_key.as_bytes()).unwrap();
    Client::builder(merchant, signer(&private_key, &account.appid).unwrap(), verifier(&platform_key).unwrap())
        .base_url(&format!("{}/cusapi", sandbox.base_url()))
        .retry(QUICK)
        // Refuses nothing that is genuine.
        .refuse_replays(NonZeroUsize::new(10_000).unwrap())
        .build_over(transport(sandbox))
}

/// A moment in China, `hours` from now.
pub fn moment(hours: i64) -> String {
    let time = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(hours);
    jiff::tz::Offset::constant(8).to_datetime(time).strftime("%Y-%m-%d %H:%M:%S").to_string()
}
