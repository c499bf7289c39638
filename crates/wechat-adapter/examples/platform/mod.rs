//! The simulated platform of the examples, and a client of its merchant.

use std::error::Error;
use std::sync::Arc;

use http_transport::{ClientConfig, HttpsClient, Roots};
use platform_sandbox::{Sandbox, SandboxConfig};
use protocol_core::crypto::{Keyring, PrivateKey, PublicKey};
use protocol_core::wechat_pay::{Merchant, signer, verifier};
use wechat_adapter::Client;

/// Starts the platform on loopback. In production, keys come from files and `build()` takes the
/// place of the last line: see the documentation of the crate.
pub(crate) async fn start() -> Result<(Sandbox, Client), Box<dyn Error>> {
    let sandbox = Sandbox::start(SandboxConfig::default()).await?;
    let (account, platform) = (sandbox.merchant(), sandbox.platform_key());
    let keys = Arc::new(Keyring::new());
    keys.insert(&platform.id, verifier(&PublicKey::read(platform.public_key_pem.as_bytes())?)?);
    let merchant =
        Merchant::new(&*account.mchid, &*account.serial_no, account.scheme)?.with_platform_key(platform.id)?;
    let signer = signer(&PrivateKey::read(account.private_key_pem.as_bytes())?)?;
    let roots = Roots::Pem(sandbox.root_certificate().as_bytes().to_vec());
    let transport = HttpsClient::new(ClientConfig::default().with_roots(roots))?;
    let client = Client::builder(merchant, signer).keys(keys).origins([sandbox.base_url()]);
    Ok((sandbox, client.build_over(transport)))
}
