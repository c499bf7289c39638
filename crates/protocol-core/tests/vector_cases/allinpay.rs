//! Allinpay's published requests, its platform's published signature, and the keys of its demos.

use protocol_core::allinpay::{
    Form, Merchant, Operation, PLATFORM_USER_ID, PUBLISHED_PLATFORM_KEYS, Response, ResponseError, SignType, signer,
    verifier,
};
use protocol_core::crypto::{
    PrivateKey, PublicKey, RsaDigest, RsaSigner, RsaVerifier, SM2_DEFAULT_USER_ID, Signer, Sm2PublicKey,
    Sm2SignatureEncoding, Sm2Signer, Sm2Verifier, Verifier as _, sm2_der_to_raw, sm2_raw_to_der, sm3,
};
use protocol_core::{BuildError, Idempotency, OperationInfo, Stamp, UnixTime};
use serde_json::Value;

use super::Outcome::{self, Accept};
use super::{base64, hex, json, read, refused, text, to_base64};

/// The part of an SM2 `SubjectPublicKeyInfo` before the point.
const SM2_SPKI: &str = "3059301306072A8648CE3D020106082A811CCF5501822D034200";

/// The documentation's example is a payment query: an operation that the library does not have.
struct PaymentQuery<'v>(&'v str);

impl OperationInfo for PaymentQuery<'_> {
    type Response = ();

    const NAME: &'static str = "query";
    const IDEMPOTENCY: Idempotency = Idempotency::Safe;
}

impl Operation for PaymentQuery<'_> {
    fn request(&self, _: &Stamp<'_>) -> Result<Form<'_>, BuildError> {
        let mut form = Form::default();
        form.set("trxid", self.0);
        Ok(form)
    }

    fn receive(&self, _: Response<'_>) -> Result<(), ResponseError> {
        Ok(())
    }
}

/// Who asks what in a documentation example.
struct Example<'v> {
    merchant: Merchant,
    query: PaymentQuery<'v>,
    stamp: Stamp<'v>,
}

impl<'v> Example<'v> {
    fn of(vector: &'v Value, sign_type: SignType) -> Self {
        let parameters = &vector["params"];
        assert_eq!(text(parameters, "signtype"), sign_type.as_str());
        assert_eq!(text(parameters, "version"), "11");
        Self {
            merchant: Merchant::new(text(parameters, "appid"), text(parameters, "cusid"), sign_type).unwrap(),
            query: PaymentQuery(text(parameters, "trxid")),
            stamp: Stamp { now: UnixTime(0), nonce: text(parameters, "randomstr") },
        }
    }

    fn string_to_sign(&self) -> Vec<u8> {
        self.merchant.prepare(&self.query, &self.stamp).unwrap().parts_to_sign().concat()
    }

    /// `sign` in the form to send, which must hold exactly the file's parameters.
    fn sent_signature(&self, vector: &Value, signer: &dyn Signer) -> String {
        let request = self.merchant.sign(&self.query, &self.stamp, signer).unwrap();
        let mut sent: Vec<(String, String)> = form_urlencoded::parse(request.body()).into_owned().collect();
        let at = sent.iter().position(|(name, _)| name == "sign").expect("the form is signed");
        let (_, signature) = sent.remove(at);
        let parameters = vector["params"].as_object().unwrap();
        assert_eq!(sent.len(), parameters.len());
        for (name, value) in sent {
            assert_eq!(parameters[&name], value, "{name}");
        }
        signature
    }
}

fn private_key(vector: &Value, member: &str) -> PrivateKey {
    PrivateKey::read(text(vector, member).as_bytes()).unwrap_or_else(|error| panic!("{member}: {error}"))
}

fn public_key(vector: &Value, member: &str) -> PublicKey {
    PublicKey::read(text(vector, member).as_bytes()).unwrap_or_else(|error| panic!("{member}: {error}"))
}

fn sm2_point(point_hex: &str) -> Sm2PublicKey {
    match PublicKey::read(&[hex(SM2_SPKI), hex(point_hex)].concat()).unwrap() {
        PublicKey::Sm2(key) => key,
        other => panic!("{other:?} is not SM2"),
    }
}

pub(crate) fn documented_rsa(file: &[u8]) -> Outcome {
    let vector = json(file);
    let example = Example::of(&vector, SignType::Rsa);
    assert_eq!(example.string_to_sign(), text(&vector, "string_to_sign").as_bytes());

    let key = private_key(&vector, "private_key_pkcs8_der_b64");
    let signer = signer(&key, text(&vector["params"], "appid")).unwrap();
    assert_eq!(example.sent_signature(&vector, &*signer), text(&vector, "sign"));
    // The same in two steps, as with a key that is elsewhere.
    let form = example.merchant.prepare(&example.query, &example.stamp).unwrap();
    let signature = signer.sign(&form.parts_to_sign()).unwrap();
    assert_eq!(signature.to_base64(), text(&vector, "sign"));
    let attached = form.attach(&signature).unwrap();
    assert!(attached == example.merchant.sign(&example.query, &example.stamp, &*signer).unwrap());
    assert_eq!(attached.target(), "/riskfeeback/query");

    let published = public_key(&vector, "public_key_spki_der_b64");
    assert!(key.public_key() == published, "the two halves of the key");
    let verifier = verifier(&published).unwrap();
    assert_eq!(verifier.verify(&[&example.string_to_sign()], &base64(text(&vector, "sign"))), Ok(()));
    Accept
}

pub(crate) fn documented_rsa_changed(file: &[u8]) -> Outcome {
    let vector = json(file);
    let example = Example::of(&vector, SignType::Rsa);
    let message = example.string_to_sign();
    let signature = base64(text(&vector, "sign"));
    let (PrivateKey::Rsa(private), PublicKey::Rsa(public)) =
        (private_key(&vector, "private_key_pkcs8_der_b64"), public_key(&vector, "public_key_spki_der_b64"))
    else {
        panic!("RSA keys");
    };
    let sha1 = RsaVerifier::new(&public, RsaDigest::Sha1);
    let sha256 = RsaVerifier::new(&public, RsaDigest::Sha256);
    let sha256_signer = RsaSigner::new(&private, RsaDigest::Sha256);
    let by_sha256 = sha256_signer.sign(&[&message]).unwrap();
    let mut attempts = vec![
        ("SHA-256 over the published signature".to_owned(), sha256.verify(&[&message], &signature).is_err()),
        ("SHA-1 over a SHA-256 signature".to_owned(), sha1.verify(&[&message], by_sha256.as_bytes()).is_err()),
        ("a signer with SHA-256".to_owned(), {
            let refusal = example.merchant.sign(&example.query, &example.stamp, &sha256_signer);
            refusal == Err(BuildError::Algorithm("RSA"))
        }),
        ("no message".to_owned(), sha1.verify(&[], &signature).is_err()),
        ("half a signature".to_owned(), sha1.verify(&[&message], &signature[..64]).is_err()),
    ];
    for published in PUBLISHED_PLATFORM_KEYS {
        let other = verifier(&PublicKey::read(published.spki.as_bytes()).unwrap()).unwrap();
        attempts.push((published.name.to_owned(), other.verify(&[&message], &signature).is_err()));
    }
    for at in 0..message.len() {
        let mut other = message.clone();
        other[at] ^= 1;
        attempts.push((format!("byte {at} of the string to sign"), sha1.verify(&[&other], &signature).is_err()));
    }
    refused(attempts)
}

/// Z over user id, curve and key, and e over Z and the message, as the file gives them.
fn check_digests(vector: &Value, user_id: &str, message: &[u8]) {
    let curve = &json(&read("crypto/gmt0003_5_sm2.json"))["curve"];
    let bits = u16::try_from(user_id.len() * 8).unwrap().to_be_bytes();
    let numbers: Vec<u8> = ["a", "b", "Gx", "Gy"].iter().flat_map(|name| hex(text(curve, name))).collect();
    let z = sm3(&[&bits, user_id.as_bytes(), &numbers, &hex(text(vector, "public_key_point_hex"))[1..]]);
    assert_eq!(&z[..], hex(text(vector, "Z_A")));
    assert_eq!(&sm3(&[&z, message])[..], hex(text(vector, "e")));
}

/// The signature as the wire has it, checked against r, s and the DER the file gives.
fn published_signature(vector: &Value) -> (Vec<u8>, Vec<u8>) {
    let raw = base64(text(vector, "sign_b64_raw_r_s"));
    let der = hex(text(vector, "same_signature_as_der_hex"));
    assert_eq!(raw, [hex(text(vector, "r_hex")), hex(text(vector, "s_hex"))].concat());
    assert_eq!(to_base64(&raw).len(), 88);
    assert_eq!(sm2_raw_to_der(&raw), Some(der.clone()));
    assert_eq!(sm2_der_to_raw(&der).as_ref().map(|raw| &raw[..]), Some(&*raw));
    (raw, der)
}

fn fails(key: &Sm2PublicKey, user: &str, encoding: Sm2SignatureEncoding, message: &[u8], signature: &[u8]) -> bool {
    Sm2Verifier::new(key, user, encoding).unwrap().verify(&[message], signature).is_err()
}

pub(crate) fn documented_sm2(file: &[u8]) -> Outcome {
    let vector = json(file);
    let example = Example::of(&vector, SignType::Sm2);
    let message = example.string_to_sign();
    assert_eq!(message, text(&vector, "string_to_sign").as_bytes());
    let appid = text(&vector["params"], "appid");
    assert_eq!(text(&vector, "user_id"), appid);

    let key = private_key(&vector, "private_key_pkcs8_der_b64");
    let public = sm2_point(text(&vector, "public_key_point_hex"));
    assert!(key.public_key() == PublicKey::Sm2(public.clone()), "the two halves of the key");
    let scalar = hex(text(&vector, "private_key_hex"));
    let pkcs8 = base64(text(&vector, "private_key_pkcs8_der_b64"));
    assert!(pkcs8.windows(32).any(|window| window == scalar));

    let (raw, _) = published_signature(&vector);
    let verifier = Sm2Verifier::new(&public, appid, Sm2SignatureEncoding::Raw).unwrap();
    assert_eq!(verifier.verify(&[&message], &raw), Ok(()));
    check_digests(&vector, appid, &message);

    // Our own signature has another random number, and verifies alike.
    let own = example.sent_signature(&vector, &*signer(&key, appid).unwrap());
    assert_eq!(own.len(), 88);
    assert_eq!(verifier.verify(&[&message], &base64(&own)), Ok(()));
    Accept
}

pub(crate) fn documented_sm2_changed(file: &[u8]) -> Outcome {
    let vector = json(file);
    let example = Example::of(&vector, SignType::Sm2);
    let message = example.string_to_sign();
    let (raw, der) = published_signature(&vector);
    let public = sm2_point(text(&vector, "public_key_point_hex"));
    let user = text(&vector, "user_id");
    let cusid = text(&vector["params"], "cusid");
    let PrivateKey::Sm2(private) = private_key(&vector, "private_key_pkcs8_der_b64") else { panic!("an SM2 key") };
    let PublicKey::Sm2(other) = PublicKey::read(PUBLISHED_PLATFORM_KEYS[3].spki.as_bytes()).unwrap() else {
        panic!("an SM2 key");
    };
    let swapped = [&raw[32..], &raw[..32]].concat();
    let mut changed = message.clone();
    changed[0] ^= 1;
    // As the platform's responses are verified, and as the requests are signed.
    let platform = verifier(&PublicKey::Sm2(public.clone())).unwrap();
    let own = signer(&PrivateKey::Sm2(private.clone()), user).unwrap().sign(&[&message]).unwrap();
    let by_default_id = Sm2Signer::new(&private, SM2_DEFAULT_USER_ID, Sm2SignatureEncoding::Raw).unwrap();
    let (as_raw, as_der) = (Sm2SignatureEncoding::Raw, Sm2SignatureEncoding::Der);
    refused([
        ("under the platform's user id", fails(&public, PLATFORM_USER_ID, as_raw, &message, &raw)),
        ("as a response", platform.verify(&[&message], &raw).is_err()),
        ("our own as a response", platform.verify(&[&message], own.as_bytes()).is_err()),
        ("under the default user id", fails(&public, SM2_DEFAULT_USER_ID, as_raw, &message, &raw)),
        ("under the cusid", fails(&public, cusid, as_raw, &message, &raw)),
        ("under no user id", fails(&public, "", as_raw, &message, &raw)),
        ("signed under the default user id", {
            let signature = by_default_id.sign(&[&message]).unwrap();
            fails(&public, user, as_raw, &message, signature.as_bytes())
        }),
        ("read as DER", fails(&public, user, as_der, &message, &raw)),
        ("its DER form read as raw", fails(&public, user, as_raw, &message, &der)),
        ("another key", fails(&other, user, as_raw, &message, &raw)),
        ("another message", fails(&public, user, as_raw, &changed, &raw)),
        ("r and s swapped", fails(&public, user, as_raw, &message, &swapped)),
        ("63 bytes", fails(&public, user, as_raw, &message, &raw[..63])),
        ("65 bytes", fails(&public, user, as_raw, &message, &[&raw, &[0][..]].concat())),
    ])
}

pub(crate) fn platform_signature(file: &[u8]) -> Outcome {
    let vector = json(file);
    let message = text(&vector, "message_utf8").as_bytes();
    assert_eq!(message, hex(text(&vector, "message_hex")));
    assert_eq!(text(&vector, "user_id"), PLATFORM_USER_ID);
    let key = public_key(&vector, "platform_public_key_spki_der_b64");
    assert!(key == PublicKey::Sm2(sm2_point(text(&vector, "public_key_point_hex"))));
    assert_eq!(PUBLISHED_PLATFORM_KEYS[3].spki, text(&vector, "platform_public_key_spki_der_b64"));

    let (raw, der) = published_signature(&vector);
    let verifier = verifier(&key).unwrap();
    assert_eq!(verifier.verify(&[message], &raw), Ok(()));
    assert_eq!(verifier.verify(&[&message[..5], b"", &message[5..]], &raw), Ok(()), "in parts");
    check_digests(&vector, PLATFORM_USER_ID, message);
    let PublicKey::Sm2(key) = &key else { panic!("an SM2 key") };
    let of_der = Sm2Verifier::new(key, PLATFORM_USER_ID, Sm2SignatureEncoding::Der).unwrap();
    assert_eq!(of_der.verify(&[message], &der), Ok(()), "the same signature, written otherwise");
    Accept
}

pub(crate) fn platform_signature_changed(file: &[u8]) -> Outcome {
    let vector = json(file);
    let message = text(&vector, "message_utf8").as_bytes();
    let (raw, der) = published_signature(&vector);
    let key = public_key(&vector, "platform_public_key_spki_der_b64");
    let ours = verifier(&key).unwrap();
    let PublicKey::Sm2(key) = key else { panic!("an SM2 key") };
    let as_raw = Sm2SignatureEncoding::Raw;
    let mut attempts: Vec<(String, bool)> = ["00000051", "00000156", SM2_DEFAULT_USER_ID, "", "allinpay", "Allinpay "]
        .iter()
        .map(|user| (format!("under the user id {user:?}"), fails(&key, user, as_raw, message, &raw)))
        .collect();
    for published in PUBLISHED_PLATFORM_KEYS.iter().filter(|other| other.spki != PUBLISHED_PLATFORM_KEYS[3].spki) {
        let other = verifier(&PublicKey::read(published.spki.as_bytes()).unwrap()).unwrap();
        attempts.push((published.name.to_owned(), other.verify(&[message], &raw).is_err()));
    }
    attempts.push(("its DER form".to_owned(), ours.verify(&[message], &der).is_err()));
    attempts
        .push(("read as DER".to_owned(), { fails(&key, PLATFORM_USER_ID, Sm2SignatureEncoding::Der, message, &raw) }));
    // The same words in GBK.
    let gbk = hex("B7B5BBD8B4FDD1E9C7A9CAFDBEDD");
    attempts.push(("the message in GBK".to_owned(), ours.verify(&[&gbk], &raw).is_err()));
    for at in 0..message.len() {
        let mut other = message.to_vec();
        other[at] ^= 1;
        attempts.push((format!("byte {at} of the message"), ours.verify(&[&other], &raw).is_err()));
    }
    for at in 0..raw.len() {
        let mut other = raw.clone();
        other[at] ^= 1;
        attempts.push((format!("byte {at} of the signature"), ours.verify(&[message], &other).is_err()));
        attempts.push((format!("{at} bytes of it"), ours.verify(&[message], &raw[..at]).is_err()));
    }
    refused(attempts)
}

const KEY_NAMES: [(&str, SignType); 4] = [
    ("rsa_production", SignType::Rsa),
    ("rsa_test", SignType::Rsa),
    ("sm2_production", SignType::Sm2),
    ("sm2_test", SignType::Sm2),
];

pub(crate) fn published_keys(file: &[u8]) -> Outcome {
    let vector = json(file);
    let platform = vector["platform_public_keys"].as_object().unwrap();
    assert_eq!(platform.len(), PUBLISHED_PLATFORM_KEYS.len());
    for ((name, sign_type), published) in KEY_NAMES.iter().zip(PUBLISHED_PLATFORM_KEYS) {
        let entry = &platform[*name];
        assert_eq!(published.spki, text(entry, "spki_b64"), "{name}");
        assert_eq!(published.sign_type, *sign_type, "{name}");
        let [algorithm, stage] = [0, 1].map(|at| name.split('_').nth(at).unwrap());
        assert!(published.name.contains(&algorithm.to_uppercase()) && published.name.contains(stage), "{name}");
        let key = public_key(entry, "spki_b64");
        assert_eq!(verifier(&key).unwrap().algorithm(), sign_type.algorithm(), "{name}");
        if *sign_type == SignType::Rsa {
            assert_eq!(format!("{key:?}"), format!("Rsa(RsaPublicKey({} bits))", entry["bits"]));
        }
    }

    let merchants = vector["demo_merchants"].as_object().unwrap();
    assert_eq!(merchants.len(), 3);
    let mut private_keys = 0;
    for (name, merchant) in merchants {
        for (member, sign_type) in [("rsa_private_pkcs8_b64", SignType::Rsa), ("sm2_private_pkcs8_b64", SignType::Sm2)]
        {
            if merchant.get(member).is_none() {
                continue;
            }
            let key = private_key(merchant, member);
            let own = signer(&key, text(merchant, "appid")).unwrap();
            assert_eq!(own.algorithm(), sign_type.algorithm(), "{name}");
            private_keys += 1;
        }
    }
    assert_eq!(private_keys, 4);
    let demo = &merchants["smutil_demo"];
    let halves = private_key(demo, "sm2_private_pkcs8_b64").public_key();
    assert!(halves == public_key(demo, "sm2_public_spki_b64"), "the two halves of the key");
    let production = private_key(&merchants["production_demo"], "sm2_private_pkcs8_b64").public_key();
    assert!(halves == production, "one key for two demos");
    // The test merchant's keys are those of the documentation's examples.
    let rsa_example = json(&read("allinpay/doc_request_rsa_sha1.json"));
    let rsa = private_key(&merchants["test"], "rsa_private_pkcs8_b64").public_key();
    assert!(rsa == public_key(&rsa_example, "public_key_spki_der_b64"));
    let sm2_example = json(&read("allinpay/doc_request_sm2.json"));
    let sm2 = private_key(&merchants["test"], "sm2_private_pkcs8_b64").public_key();
    assert!(sm2 == PublicKey::Sm2(sm2_point(text(&sm2_example, "public_key_point_hex"))));
    Accept
}

/// Each kind by the reader of the other, and cut short.
pub(crate) fn published_keys_misread(file: &[u8]) -> Outcome {
    let vector = json(file);
    let mut attempts = Vec::new();
    for (name, entry) in vector["platform_public_keys"].as_object().unwrap() {
        let key = text(entry, "spki_b64");
        attempts.push((format!("{name} as a private key"), PrivateKey::read(key.as_bytes()).is_err()));
        attempts.push((format!("{name} cut short"), PublicKey::read(&key.as_bytes()[..key.len() - 4]).is_err()));
    }
    for (name, merchant) in vector["demo_merchants"].as_object().unwrap() {
        let key = text(merchant, "sm2_private_pkcs8_b64");
        attempts.push((format!("{name} as a public key"), PublicKey::read(key.as_bytes()).is_err()));
        attempts.push((format!("{name} cut short"), PrivateKey::read(&key.as_bytes()[..key.len() - 4]).is_err()));
    }
    refused(attempts)
}
