//! The client against the simulated platform, which verifies every signature with its own code.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test's helpers fail by panicking"
)]

use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use complaint_channels::Settings;
use http_transport::{ClientConfig, HttpsClient, Roots};
use platform_sandbox::{Fault, FaultKind, NewComplaint, Sandbox, SandboxConfig};
use protocol_core::call::Turns;
use protocol_core::crypto::{CryptoError, PrivateKey, Signature, SignatureAlgorithm, Signer};
use protocol_core::retry::RetryPolicy;
use protocol_core::wechat_pay::{GetComplaint, RATES, Respond, ResponseError, Scheme, signer};
use protocol_core::{Delivery, Effect, Secret};
use remote_signer::{CallError, Client, RemoteKey, RemoteKeyError, kms};
use tempfile::TempDir;

/// Far longer than anything here takes, on a busy machine too.
const PATIENCE: Duration = Duration::from_secs(120);
const TOKEN: &str = "T0kenOfTheTests";

async fn sandbox(scheme: Scheme) -> Sandbox {
    Sandbox::start(SandboxConfig::default().with_scheme(scheme)).await.unwrap()
}

/// Keys are read on use, so the folder must stay.
fn settings(sandbox: &Sandbox) -> (TempDir, Settings) {
    let folder = TempDir::new().unwrap();
    sandbox.write_configuration(folder.path()).unwrap();
    let settings = Settings::from_file(folder.path().join("complaints.toml")).unwrap();
    (folder, settings)
}

fn client(settings: &Settings, kms_url: &str, token: &str) -> Client {
    let section = settings.wechat_pay(None).unwrap();
    let to_kms = ClientConfig::default().with_allow_http(true).with_deadline(PATIENCE * 2);
    let roots = Roots::Pem(section.root_certificate().unwrap().unwrap());
    Client {
        merchant: section.merchant_with_platform_key().unwrap(),
        key: RemoteKey::new(kms_url, token, HttpsClient::new(to_kms).unwrap()).unwrap(),
        keys: Arc::new(section.keyring().unwrap()),
        hosts: section.hosts().unwrap(),
        turns: Turns::new(RATES),
        retry: RetryPolicy::NEVER,
        transport: HttpsClient::new(ClientConfig::default().with_roots(roots).with_deadline(PATIENCE)).unwrap(),
    }
}

async fn key_service(signer: Arc<dyn Signer>) -> kms::Kms {
    kms::start(signer, Secret::new(TOKEN.into())).await.unwrap()
}

fn reply(sandbox: &Sandbox, complaint_id: &str) -> Respond {
    Respond::new(complaint_id, &sandbox.merchant().mchid, "您好，已为您核实")
}

#[tokio::test]
async fn the_platform_takes_what_the_key_service_signed() {
    for scheme in [Scheme::Rsa, Scheme::Sm2] {
        let sandbox = sandbox(scheme).await;
        let (_folder, settings) = settings(&sandbox);
        let kms = key_service(settings.wechat_pay(None).unwrap().signer().unwrap()).await;
        let client = client(&settings, &kms.url, TOKEN);
        let complaint_id = sandbox.file_complaint(NewComplaint::default());
        let complaint = client.call(&GetComplaint::new(&complaint_id)).await.unwrap();
        assert_eq!(complaint.complaint_id, complaint_id);
        client.call(&reply(&sandbox, &complaint_id)).await.unwrap();
        assert!(sandbox.history(&complaint_id).iter().any(|entry| entry["operate_type"] == "MERCHANT_RESPONSE"));
        assert!(sandbox.requests().iter().all(|request| request.verified));
    }
}

/// The error of the key service's client, if it is one.
fn key_error(error: &CallError) -> Option<&RemoteKeyError> {
    match error {
        CallError::Credential(error) => error.cause(),
        _ => None,
    }
}

#[tokio::test]
async fn without_a_signature_nothing_is_sent() {
    let sandbox = sandbox(Scheme::Rsa).await;
    let (_folder, settings) = settings(&sandbox);
    let kms = key_service(settings.wechat_pay(None).unwrap().signer().unwrap()).await;
    let complaint_id = sandbox.file_complaint(NewComplaint::default());

    let refused = client(&settings, &kms.url, "another").call(&reply(&sandbox, &complaint_id)).await.unwrap_err();
    assert!(matches!(key_error(&refused), Some(RemoteKeyError::Refused(status)) if *status == 401), "{refused}");
    assert_eq!(refused.failure().delivery, Delivery::NotSent);

    let client = client(&settings, &kms.url, TOKEN);
    kms.task.abort();
    assert!(kms.task.await.is_err());
    let gone = client.call(&reply(&sandbox, &complaint_id)).await.unwrap_err();
    assert!(matches!(key_error(&gone), Some(RemoteKeyError::Send(_))), "{gone}");
    assert_eq!(gone.failure().delivery, Delivery::NotSent);
    assert!(sandbox.requests().is_empty());
}

#[tokio::test]
async fn another_key_is_refused_by_the_platform() {
    let sandbox = sandbox(Scheme::Rsa).await;
    let other = sandbox.add_merchant(Scheme::Rsa).unwrap();
    let (_folder, settings) = settings(&sandbox);
    let kms = key_service(signer(&PrivateKey::read(other.private_key_pem.as_bytes()).unwrap()).unwrap()).await;
    let complaint_id = sandbox.file_complaint(NewComplaint::default());
    let refused = client(&settings, &kms.url, TOKEN).call(&GetComplaint::new(complaint_id)).await.unwrap_err();
    assert!(matches!(refused, CallError::Response(ResponseError::Rejected { status: 401, .. })), "{refused}");
}

#[tokio::test]
async fn a_reply_whose_response_is_lost_is_found() {
    let sandbox = sandbox(Scheme::Rsa).await;
    let (_folder, settings) = settings(&sandbox);
    let kms = key_service(settings.wechat_pay(None).unwrap().signer().unwrap()).await;
    let complaint_id = sandbox.file_complaint(NewComplaint::default());
    sandbox.inject(Fault::once(FaultKind::DropConnection).on::<Respond>().after_effect());
    let client = client(&settings, &kms.url, TOKEN);
    assert_eq!(client.call(&reply(&sandbox, &complaint_id)).await.unwrap(), Effect::Found);
}

#[tokio::test]
async fn every_complaint_is_listed_however_many_pages_they_fill() {
    let sandbox = sandbox(Scheme::Rsa).await;
    let (_folder, settings) = settings(&sandbox);
    let kms = key_service(settings.wechat_pay(None).unwrap().signer().unwrap()).await;
    let client = client(&settings, &kms.url, TOKEN);
    let day = |days: i64| {
        let time = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(24 * days);
        jiff::tz::Offset::constant(8).to_datetime(time).date().to_string()
    };
    let mut filed = Vec::new();
    let mut asked = 0;
    // The complaints filed before each list, and the pages that all of them take: a full page may
    // not be the last.
    for (more, pages) in [(0, 1), (2, 1), (48, 2), (1, 2), (79, 3)] {
        filed.extend((0..more).map(|_| sandbox.file_complaint(NewComplaint::default())));
        let (listed, amiss) = client.complaints(&day(-1), &day(0)).await.unwrap();
        assert!(amiss.is_empty(), "{amiss:?}");
        let mut numbers: Vec<_> = listed.into_iter().map(|complaint| complaint.complaint_id).collect();
        numbers.sort_unstable();
        filed.sort_unstable();
        assert_eq!(numbers, filed);
        let requests = sandbox.requests();
        assert_eq!(requests.len() - asked, pages, "{} complaints", filed.len());
        assert!(requests.iter().all(|request| request.verified && request.operation == "list_complaints"));
        asked = requests.len();
    }
}

/// A key service that signs nothing before `calls` calls wait for it, or its patience ends.
#[derive(Debug)]
struct Together {
    signer: Arc<dyn Signer>,
    calls: usize,
    waiting: Mutex<usize>,
    one_more: Condvar,
}

impl Signer for Together {
    fn algorithm(&self) -> SignatureAlgorithm {
        self.signer.algorithm()
    }

    fn sign(&self, parts: &[&[u8]]) -> Result<Signature, CryptoError> {
        let mut waiting = self.waiting.lock().unwrap();
        *waiting += 1;
        self.one_more.notify_all();
        let (waiting, waited) =
            self.one_more.wait_timeout_while(waiting, PATIENCE, |waiting| *waiting < self.calls).unwrap();
        drop(waiting);
        if waited.timed_out() { Err(CryptoError::Sign) } else { self.signer.sign(parts) }
    }
}

/// On one thread: calls that blocked it while they wait for their signatures would take turns.
#[tokio::test]
async fn calls_wait_for_their_signatures_side_by_side() {
    const CALLS: usize = 10;

    let sandbox = sandbox(Scheme::Rsa).await;
    let (_folder, settings) = settings(&sandbox);
    let signer = settings.wechat_pay(None).unwrap().signer().unwrap();
    let together = Together { signer, calls: CALLS, waiting: Mutex::new(0), one_more: Condvar::new() };
    let kms = key_service(Arc::new(together)).await;
    let client = Arc::new(client(&settings, &kms.url, TOKEN));
    let complaint_id = sandbox.file_complaint(NewComplaint::default());
    let calls: tokio::task::JoinSet<_> = (0..CALLS)
        .map(|_| {
            let (client, complaint_id) = (Arc::clone(&client), complaint_id.clone());
            async move { client.call(&GetComplaint::new(complaint_id)).await }
        })
        .collect();
    assert!(calls.join_all().await.iter().all(Result::is_ok));
}
