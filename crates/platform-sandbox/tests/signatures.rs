//! The protocol core reads what the sandbox signs and encrypts.
#![cfg(any(feature = "aws-lc-rs", feature = "ring"))]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test's helpers fail by panicking")]

mod common;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use common::{Client, SERVICE, keyring, now, offline, public_keys, scheme_account};
use getrandom::SysRng;
use platform_sandbox::{Fault, FaultKind, NewComplaint, NotificationFault, Sandbox, SandboxConfig, Signing};
use protocol_core::crypto::{ApiV3Key, Certificate, Keyring, PrivateKey, PublicKey, SignatureAlgorithm};
use protocol_core::wechat_pay::{
    ActionType, CertificateList, GetComplaint, NotificationError, RefusalProof, Resource, Respond, ResponseError,
    Scheme, SignatureHeaders, VerificationError, decryptor, encryptor, verify_notification,
};
use protocol_core::{Method, RequestParts, UnixTime};
use rand_core::UnwrapErr;
use serde_json::json;

const SCHEMES: [Scheme; 2] = [Scheme::Rsa, Scheme::Sm2];

fn open(client: &Client, keys: &Keyring, fault: Option<NotificationFault>) -> Result<String, NotificationError> {
    let signed = client.sandbox.signed_notification(&client.account.mchid, "c1", "USER_RESPONSE", fault).unwrap();
    let key = ApiV3Key::new(client.account.api_v3_key.as_bytes()).unwrap();
    let notification = verify_notification(&signed.headers, &signed.body, keys, now())?.open(&key)?;
    assert_eq!(notification.id, signed.id);
    match notification.resource {
        Resource::Complaint(event) => {
            assert_eq!(event.action_type, Some(ActionType::UserResponse));
            Ok(event.complaint_id)
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn responses_verify_in_both_algorithms() {
    let sandbox = offline();
    for scheme in SCHEMES {
        let client = Client::of(&sandbox, scheme_account(&sandbox, scheme));
        let id = sandbox.file_complaint(NewComplaint::default().with_merchant(&client.account));
        let keys = public_keys(&sandbox);
        let detail = client.get(&format!("{SERVICE}/complaints-v2/{id}"));
        assert!(detail.verify(&keys).is_ok());
        assert_eq!(detail.headers["Wechatpay-Signature-Type"], scheme.as_str());
        let done = client.reply(&id, "好");
        assert_eq!((done.status, done.verify(&keys).is_ok()), (204, true));
        let refused = client.reply(&id, "");
        let proven = |proof: &RefusalProof| *proof == RefusalProof::Verified;
        assert!(
            matches!(refused.verify(&keys), Err(ResponseError::Rejected { status: 400, proof, .. }) if proven(&proof))
        );
    }
}

#[test]
fn a_request_names_the_key_of_its_response() {
    let sandbox = offline();
    let mut client = Client::new(&sandbox);
    let path = format!("{SERVICE}/complaint-notifications");
    let serial = |client: &Client| client.get(&path).headers["Wechatpay-Serial"].to_str().unwrap().to_owned();
    assert_eq!(serial(&client), sandbox.platform_key().id);
    sandbox.set_response_signing(Signing::Certificate);
    let first = sandbox.certificate_serials(Scheme::Rsa).remove(0);
    assert_eq!(serial(&client), first);
    let second = sandbox.rotate_certificate().unwrap();
    assert_eq!(serial(&client), second);
    for named in [first, sandbox.platform_key().id] {
        client.platform_key = Some(named.clone());
        assert_eq!(serial(&client), named);
    }
    client.platform_key = Some("PUB_KEY_ID_0".to_owned());
    assert_eq!(serial(&client), second);
}

#[test]
fn certificates_decrypt_and_verify_their_own_response() {
    let sandbox = offline();
    sandbox.set_response_signing(Signing::Certificate);
    sandbox.set_response_signing(Signing::Sm2Certificate);
    for (scheme, algorithm) in [(Scheme::Rsa, "RSA"), (Scheme::Sm2, "SM2")] {
        let client = Client::of(&sandbox, scheme_account(&sandbox, scheme));
        let key = ApiV3Key::new(client.account.api_v3_key.as_bytes()).unwrap();
        let path = format!("/v3/certificates?algorithm_type={algorithm}");
        let got = client.get(&path);
        let opened = CertificateList::receive(&got.raw(), &key, &Keyring::new(), now()).unwrap();
        assert_eq!((opened.certificates.len(), opened.failed.len()), (sandbox.certificate_serials(scheme).len(), 0));
        sandbox.rotate_certificate().unwrap();
        let got = client.get(&path);
        let opened = CertificateList::receive(&got.raw(), &key, &Keyring::new(), now()).unwrap();
        let serials: Vec<_> = opened.certificates.iter().map(|one| one.certificate().serial_no().to_owned()).collect();
        assert_eq!(serials, sandbox.certificate_serials(scheme));
        assert!(serials.len() >= 2);
        // The fetched certificates verify the signatures of the newest one.
        let keys = Keyring::new();
        opened.certificates.iter().for_each(|certificate| certificate.load(&keys));
        let missing = client.get(&format!("{SERVICE}/complaint-notifications"));
        assert!(matches!(missing.verify(&keys), Err(ResponseError::Rejected { proof: RefusalProof::Verified, .. })));
        let all = client.get("/v3/certificates?algorithm_type=ALL").json();
        assert!(all["data"].as_array().unwrap().len() > serials.len());
        assert_eq!(client.get("/v3/certificates?algorithm_type=DSA").status, 400);
    }
    sandbox.has_certificates(false);
    assert_eq!(Client::new(&sandbox).get("/v3/certificates").code(), (404, "RESOURCE_NOT_EXISTS".to_owned()));
}

#[test]
fn merchants_certificates_are_of_their_keys() {
    let sandbox = offline();
    for scheme in SCHEMES {
        let account = scheme_account(&sandbox, scheme);
        let certificate = Certificate::read(account.certificate_pem.as_bytes()).unwrap();
        assert_eq!(certificate.serial_no(), account.serial_no);
        let private = PrivateKey::read(account.private_key_pem.as_bytes()).unwrap();
        assert_eq!(*certificate.public_key(), private.public_key());
    }
}

#[test]
fn payers_phones_are_for_the_merchant_alone() {
    let sandbox = offline();
    for scheme in SCHEMES {
        let account = scheme_account(&sandbox, scheme);
        let new = NewComplaint::default().with_merchant(&account).with_payer_phone("13800000000");
        let id = sandbox.file_complaint(new);
        let complaint = sandbox.complaint(&id).unwrap();
        let ciphertext = STANDARD.decode(complaint["payer_phone"].as_str().unwrap()).unwrap();
        let key = PrivateKey::read(account.private_key_pem.as_bytes()).unwrap();
        assert_eq!(decryptor(&key).decrypt(&ciphertext).unwrap().expose(), b"13800000000");
    }
}

#[test]
fn the_self_test_goes_through_both_keys() {
    let sandbox = offline();
    for scheme in SCHEMES {
        let mut client = Client::of(&sandbox, scheme_account(&sandbox, scheme));
        let platform = if scheme == Scheme::Sm2 { sandbox.sm_platform_key() } else { sandbox.platform_key() };
        let public = PublicKey::read(platform.public_key_pem.as_bytes()).unwrap();
        let sealed = encryptor(&public).encrypt("密".as_bytes(), &mut UnwrapErr(SysRng)).unwrap();
        let body = json!({"echo_message": "你好", "encrypted_echo_message": STANDARD.encode(sealed)});
        assert_eq!(client.post("/v3/security/echo", &body).status, 400, "which key it is must be said");
        client.platform_key = Some(platform.id.clone());
        let got = client.post("/v3/security/echo", &body);
        assert!(got.verify(&keyring(&[platform])).is_ok());
        assert_eq!(got.json()["echo_message"], "你好");
        let again = STANDARD.decode(got.json()["encrypted_echo_message"].as_str().unwrap()).unwrap();
        let key = PrivateKey::read(client.account.private_key_pem.as_bytes()).unwrap();
        assert_eq!(decryptor(&key).decrypt(&again).unwrap().expose(), "密".as_bytes());
    }
}

#[test]
fn notifications_verify_and_open_and_faulty_ones_fail_as_expected() {
    let sandbox = offline();
    for scheme in SCHEMES {
        let client = Client::of(&sandbox, scheme_account(&sandbox, scheme));
        let keys = public_keys(&sandbox);
        assert_eq!(open(&client, &keys, None).as_deref(), Ok("c1"));
        let verification = |fault| match open(&client, &keys, Some(fault)) {
            Err(NotificationError::Verification(error)) => error,
            other => panic!("{fault:?}: {other:?}"),
        };
        assert_eq!(verification(NotificationFault::ForgedSignature), VerificationError::BadSignature);
        assert_eq!(verification(NotificationFault::ChangedBody), VerificationError::BadSignature);
        assert_eq!(verification(NotificationFault::Probe), VerificationError::Probe);
        assert!(matches!(verification(NotificationFault::Stale), VerificationError::StaleTimestamp { .. }));
        assert!(matches!(verification(NotificationFault::UnknownSerial), VerificationError::UnknownKey { .. }));
        assert!(matches!(verification(NotificationFault::NoSignature), VerificationError::MissingHeader(_)));
        assert_eq!(open(&client, &keys, Some(NotificationFault::WrongKey)), Err(NotificationError::DecryptFailed));
    }
    let unknown = sandbox.signed_notification("7", "c1", "USER_RESPONSE", None);
    assert!(unknown.is_err());
}

#[test]
fn faulty_responses_fail_as_expected() {
    let sandbox = offline();
    let client = Client::new(&sandbox);
    let id = sandbox.file_complaint(NewComplaint::default());
    let keys = public_keys(&sandbox);
    let spoiled = |kind: FaultKind| {
        sandbox.inject(Fault::once(kind).on::<GetComplaint>());
        client.get(&format!("{SERVICE}/complaints-v2/{id}"))
    };
    let verification = |kind: FaultKind| match spoiled(kind.clone()).verify(&keys) {
        Err(ResponseError::Verification(error)) => error,
        other => panic!("{kind:?}: {other:?}"),
    };
    assert_eq!(verification(FaultKind::ForgedSignature), VerificationError::BadSignature);
    assert_eq!(verification(FaultKind::Probe), VerificationError::Probe);
    assert!(matches!(verification(FaultKind::NoSignature), VerificationError::MissingHeader(_)));
    assert!(matches!(verification(FaultKind::UnknownSerial), VerificationError::UnknownKey { .. }));
    assert!(matches!(verification(FaultKind::StaleTimestamp), VerificationError::StaleTimestamp { .. }));

    let limited = spoiled(FaultKind::RateLimited { retry_after: Some(7), signed: true });
    assert_eq!(limited.code(), (429, "FREQUENCY_LIMITED".to_owned()));
    assert_eq!(limited.headers["Retry-After"], "7");
    assert!(SignatureHeaders::any(&limited.headers));
    let unsigned = spoiled(FaultKind::RateLimited { retry_after: None, signed: false });
    assert!(!SignatureHeaders::any(&unsigned.headers) && unsigned.headers.get("Retry-After").is_none());
    assert_eq!(spoiled(FaultKind::ServerError).code(), (500, "SYSTEM_ERROR".to_owned()));
    let html = spoiled(FaultKind::GatewayHtml(502));
    assert!(html.status == 502 && html.body.starts_with(b"<html>") && !SignatureHeaders::any(&html.headers));
    let empty = spoiled(FaultKind::EmptyBody(503));
    assert_eq!((empty.status, empty.body.len()), (503, 0));
    let accepted = spoiled(FaultKind::Status202);
    assert_eq!((accepted.status, accepted.verify(&keys).is_ok()), (202, true));
    let malformed = spoiled(FaultKind::MalformedJson);
    assert!(malformed.verify(&keys).unwrap().decode::<protocol_core::complaint::Complaint>("a complaint").is_err());
    let oversize = spoiled(FaultKind::OversizeBody(100_000));
    assert_eq!((oversize.body.len(), oversize.verify(&keys).is_ok()), (100_000, true));
    assert!(spoiled(FaultKind::TruncatedBody).verify(&keys).is_ok(), "without a socket it comes whole");
}

#[test]
fn a_fault_happens_before_the_effect_or_after_it() {
    let sandbox = offline();
    let client = Client::new(&sandbox);
    let id = sandbox.file_complaint(NewComplaint::default());
    for kind in [FaultKind::DropConnection, FaultKind::ServerError, FaultKind::ForgedSignature, FaultKind::Probe] {
        let entries = sandbox.history(&id).len();
        let send = || {
            let body = json!({"complainted_mchid": client.account.mchid, "response_content": "好"});
            let target = format!("{SERVICE}/complaints-v2/{id}/response");
            let body = body.to_string().into_bytes();
            sandbox.handle(&client.request(RequestParts::json(Method::Post, target, body)))
        };
        sandbox.inject(Fault::once(kind.clone()).on::<Respond>());
        let response = send();
        assert_eq!(response.is_none(), kind == FaultKind::DropConnection);
        assert_eq!(sandbox.history(&id).len(), entries, "{kind:?}");
        sandbox.inject(Fault::once(kind.clone()).on::<Respond>().after_effect());
        drop(send());
        assert_eq!(sandbox.history(&id).len(), entries + 1, "{kind:?}");
    }
    assert!(sandbox.requests().iter().any(|request| request.status.is_none() && request.verified));
}

#[test]
fn a_cut_response_without_a_body_is_none() {
    let sandbox = offline();
    let client = Client::new(&sandbox);
    let id = sandbox.file_complaint(NewComplaint::default());
    sandbox.inject(Fault::once(FaultKind::TruncatedBody).after_effect());
    let body = json!({"complainted_mchid": client.account.mchid, "response_content": "好"}).to_string().into_bytes();
    let target = format!("{SERVICE}/complaints-v2/{id}/response");
    let request = client.request(RequestParts::json(Method::Post, target, body));
    assert!(sandbox.handle(&request).is_none());
    assert_eq!(sandbox.complaint(&id).unwrap()["complaint_state"], "PROCESSING");
}

#[test]
fn a_held_clock_moves_everything() {
    let config = SandboxConfig::default().with_clock(|| UnixTime(1_741_936_166)).with_scheme(Scheme::Sm2);
    let sandbox = Sandbox::offline(&config).unwrap();
    assert_eq!(sandbox.merchant().scheme, Scheme::Sm2);
    let id = sandbox.file_complaint(NewComplaint::default());
    assert_eq!(sandbox.complaint(&id).unwrap()["complaint_time"], "2025-03-14T15:09:26+08:00");
    let signed = sandbox.signed_notification(&sandbox.merchant().mchid, &id, "CREATE_COMPLAINT", None).unwrap();
    let headers = SignatureHeaders::read(&signed.headers).unwrap();
    assert_eq!(headers.time(), UnixTime(1_741_936_166));
    assert_eq!(headers.algorithm(), SignatureAlgorithm::Sm2Sm3);
}

#[test]
fn secrets_and_personal_data_are_not_shown() {
    let sandbox = offline();
    let new = NewComplaint::default().with_payer_phone("13812345678").with_complaint_detail("canary-words");
    let shown = format!("{sandbox:?} {:?} {new:?}", sandbox.merchant());
    sandbox.file_complaint(new);
    let shown = format!("{shown} {sandbox:?}");
    for secret in ["13812345678", "canary-words", &sandbox.merchant().api_v3_key, "PRIVATE KEY"] {
        assert!(!shown.contains(secret), "{secret}");
    }
}
