//! Keys of the platform: public key, certificates, both; changing while in use; RSA and SM.

use std::sync::Arc;

use platform_sandbox::{Sandbox, SandboxConfig, Signing};
use protocol_core::crypto::Keyring;
use protocol_core::wechat_pay::{ResponseError, Scheme, VerificationError};
use wechat_adapter::{Client, Error, Refreshed};

use crate::world::{World, builder, client, get, key_of, keyring, transport};

/// A client in certificate mode: it names no key and knows none.
fn by_certificates(sandbox: &Sandbox, account: &platform_sandbox::MerchantAccount) -> Client {
    builder(sandbox, account, None).certificates(key_of(account)).build_over(transport(sandbox))
}

#[tokio::test]
async fn certificates_are_fetched_and_used() {
    let World { sandbox, .. } = World::new().await;
    sandbox.set_response_signing(Signing::Certificate);
    let id = sandbox.file_complaint(platform_sandbox::NewComplaint::default());
    let client = by_certificates(&sandbox, sandbox.merchant());
    let loaded = client.refresh_certificates().await.unwrap();
    assert!(matches!(loaded, Refreshed::Loaded { certificates: 1.., failed: 0 }), "{loaded:?}");
    client.send(&get(&id)).await.unwrap();
    let mut known = client.keys().key_ids();
    known.sort();
    let mut issued = sandbox.certificate_serials(Scheme::Rsa);
    issued.sort();
    assert_eq!(known, issued);
}

#[tokio::test]
async fn a_response_under_a_new_certificate_makes_it_be_fetched_once() {
    let World { sandbox, .. } = World::new().await;
    sandbox.set_response_signing(Signing::Certificate);
    let id = sandbox.file_complaint(platform_sandbox::NewComplaint::default());
    // Not fetched at start-up: the first response brings it about.
    let client = by_certificates(&sandbox, sandbox.merchant());
    let asks = (0..20).map(|_| {
        let (client, id) = (client.clone(), id.clone());
        tokio::spawn(async move { client.send(&get(&id)).await.map(drop) })
    });
    for ask in futures_util::future::join_all(asks).await {
        ask.unwrap().unwrap();
    }
    let fetched = || sandbox.requests().iter().filter(|request| request.operation == "list_certificates").count();
    assert_eq!(fetched(), 1);
    // The platform turns to a new certificate in mid-run; the keeper brings it.
    sandbox.rotate_certificate().unwrap();
    client.refresh_certificates().await.unwrap();
    client.send(&get(&id)).await.unwrap();
    assert_eq!(client.keys().key_ids().len(), 2, "the old one serves until it expires");
}

#[tokio::test]
async fn public_key_and_certificates_serve_side_by_side() {
    let World { sandbox, .. } = World::new().await;
    let id = sandbox.file_complaint(platform_sandbox::NewComplaint::default());
    let account = sandbox.merchant();
    let both = builder(&sandbox, account, None)
        .keys(keyring(&sandbox.platform_key()))
        .certificates(key_of(account))
        .build_over(transport(&sandbox));
    both.refresh_certificates().await.unwrap();
    for signing in [Signing::PublicKey, Signing::Certificate, Signing::PublicKey] {
        sandbox.set_response_signing(signing);
        both.send(&get(&id)).await.unwrap();
    }
}

#[tokio::test]
async fn accounts_without_certificates_start_up() {
    let world = World::new().await;
    world.sandbox.has_certificates(false);
    let id = world.file();
    let account = world.sandbox.merchant();
    let client = builder(&world.sandbox, account, Some(&world.sandbox.platform_key()))
        .certificates(key_of(account))
        .build_over(transport(&world.sandbox));
    assert_eq!(client.refresh_certificates().await.unwrap(), Refreshed::None);
    client.send(&get(&id)).await.unwrap();
}

#[tokio::test]
async fn the_wrong_key_accepts_nothing() {
    let world = World::new().await;
    let id = world.file();
    let stranger = builder(&world.sandbox, world.sandbox.merchant(), Some(&world.sandbox.platform_key()))
        .keys(Arc::new(Keyring::new()))
        .build_over(transport(&world.sandbox));
    let error = stranger.send(&get(&id)).await.unwrap_err();
    assert!(
        matches!(error, Error::Response(ResponseError::Verification(VerificationError::UnknownKey { .. }))),
        "{error:?}"
    );
}

#[tokio::test]
async fn sm_merchants_get_responses_in_sm() {
    let sandbox = Sandbox::start(SandboxConfig::default().with_scheme(Scheme::Sm2)).await.unwrap();
    let id = sandbox.file_complaint(platform_sandbox::NewComplaint::default().with_payer_phone("13800138000"));
    let account = sandbox.merchant();
    assert_eq!(account.scheme, Scheme::Sm2);
    let client = client(&sandbox, account, Some(&sandbox.sm_platform_key()));
    let complaint = client.send(&get(&id)).await.unwrap();
    let key = protocol_core::crypto::PrivateKey::read(account.private_key_pem.as_bytes()).unwrap();
    let phone = complaint.payer_phone.unwrap().decrypt([&*protocol_core::wechat_pay::decryptor(&key)]).unwrap();
    assert_eq!(phone.expose(), "13800138000");
    sandbox.set_response_signing(Signing::Sm2Certificate);
    let certified = by_certificates(&sandbox, account);
    assert!(matches!(certified.refresh_certificates().await.unwrap(), Refreshed::Loaded { .. }));
    certified.send(&get(&id)).await.unwrap();
}
