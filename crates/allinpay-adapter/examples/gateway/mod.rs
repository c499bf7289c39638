//! The simulated gateway of the examples, and a client of its merchant.

use std::error::Error;

use allinpay_adapter::Client;
use http_transport::{ClientConfig, HttpsClient, Roots};
use platform_sandbox::{NewComplaint, Sandbox, SandboxConfig};
use protocol_core::allinpay::{Merchant, signer, verifier};
use protocol_core::crypto::{PrivateKey, PublicKey};

/// Starts the gateway on loopback. In production, keys come from files and `build()` takes the
/// place of the last line: see the documentation of the crate.
pub(crate) async fn start() -> Result<(Sandbox, Client), Box<dyn Error>> {
    let sandbox = Sandbox::start(SandboxConfig::default()).await?;
    let account = sandbox.allinpay_sm2();
    let merchant = Merchant::new(&*account.appid, &*account.cusid, account.sign_type)?;
    let signer = signer(&PrivateKey::read(account.private_key.as_bytes())?, &account.appid)?;
    let verifier = verifier(&PublicKey::read(account.platform_key.as_bytes())?)?;
    let roots = Roots::Pem(sandbox.root_certificate().as_bytes().to_vec());
    let transport = HttpsClient::new(ClientConfig::default().with_roots(roots))?;
    let client = Client::builder(merchant, signer, verifier).base_url(&format!("{}/cusapi", sandbox.base_url()));
    Ok((sandbox, client.build_over(transport)))
}

/// Files a complaint with the client's merchant, as a payer does.
pub(crate) fn file(sandbox: &Sandbox, new: NewComplaint) -> Result<String, Box<dyn Error>> {
    Ok(sandbox.file_allinpay_complaint(new, &sandbox.allinpay_sm2().cusid)?)
}
