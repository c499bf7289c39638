//! Interop with `openssl` if it is installed: keys it writes are read, and signatures and
//! ciphertexts of either side verify and decrypt on the other. Without OpenSSL 3 on the path every
//! test says so and passes.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a test states what must hold, and openssl takes its input from files"
)]

use std::path::PathBuf;
use std::process::{Command, Output};

use getrandom::SysRng;
use protocol_core::crypto::{
    Certificate, Decryptor as _, Encryptor as _, Expected, Found, KeyError, MessageCipher, PrivateKey, PublicKey,
    RsaDecryptor, RsaDigest, RsaEncryptor, RsaPrivateKey, RsaSigner, RsaVerifier, SM2_DEFAULT_USER_ID, Signer as _,
    Sm2Decryptor, Sm2Encryptor, Sm2PrivateKey, Sm2SignatureEncoding, Sm2Signer, Sm2Verifier, Verifier as _,
    sm2_der_to_raw, sm2_raw_to_der, unpad,
};
use rand_core::UnwrapErr;

#[path = "common/sealing.rs"]
mod sealing;

/// A separate folder for a test, removed with it, in which `openssl` runs.
struct Openssl(PathBuf);

impl Openssl {
    /// `None`, and a word about it, where there is no OpenSSL 3 or newer.
    fn new(test: &str) -> Option<Self> {
        let version = Command::new("openssl").arg("version").output().ok();
        let version = version.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
        let major = version.strip_prefix("OpenSSL ").and_then(|rest| rest.split('.').next()?.parse::<u32>().ok());
        if major.is_none_or(|major| major < 3) {
            println!("{test}: skipped, there is no OpenSSL 3 here (found {version:?})");
            return None;
        }
        let folder = std::env::temp_dir().join(format!("protocol-core-{}-{test}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        Some(Self(folder))
    }

    fn output(&self, command: &str) -> Output {
        Command::new("openssl").args(command.split(' ')).current_dir(&self.0).output().unwrap()
    }

    /// Runs a command that has to succeed; its arguments hold no blanks.
    fn run(&self, command: &str) -> Vec<u8> {
        let output = self.output(command);
        assert!(output.status.success(), "openssl {command}\n{}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    }

    fn succeeds(&self, command: &str) -> bool {
        self.output(command).status.success()
    }

    fn read(&self, file: &str) -> Vec<u8> {
        std::fs::read(self.0.join(file)).unwrap()
    }

    fn write(&self, file: &str, bytes: &[u8]) {
        std::fs::write(self.0.join(file), bytes).unwrap();
    }

    /// An RSA key as `key.pem` (PKCS#8), and its public half as `public.pem`.
    fn make_rsa(&self, bits: u32, primes: u32) {
        self.run(&format!(
            "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:{bits} -pkeyopt rsa_keygen_primes:{primes} -out key.pem"
        ));
        self.run("pkey -in key.pem -pubout -out public.pem");
    }

    fn make_sm2(&self) {
        self.run("genpkey -algorithm EC -pkeyopt group:SM2 -out key.pem");
        self.run("pkey -in key.pem -pubout -out public.pem");
    }

    fn rsa_key(&self) -> RsaPrivateKey {
        match PrivateKey::read(&self.read("key.pem")) {
            Ok(PrivateKey::Rsa(key)) => key,
            other => panic!("{other:?}"),
        }
    }

    fn sm2_key(&self) -> Sm2PrivateKey {
        match PrivateKey::read(&self.read("key.pem")) {
            Ok(PrivateKey::Sm2(key)) => key,
            other => panic!("{other:?}"),
        }
    }
}

impl Drop for Openssl {
    fn drop(&mut self) {
        // Left behind, the folder is untidy and nothing worse.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

const MESSAGE: &[u8] = "GET\n/v3/merchant-service/complaints-v2?limit=50\n1700000000\n593BEC0C\n投诉\n".as_bytes();

fn private_reads_as(document: &[u8], public: &PublicKey, form: &str) {
    let key = PrivateKey::read(document).unwrap_or_else(|error| panic!("{form}: {error}"));
    assert_eq!(&key.public_key(), public, "{form}");
    let found = PublicKey::read(document).unwrap_err();
    assert_eq!(found, KeyError::Mismatch { found: Found::PrivateKey, expected: Expected::PublicKey }, "{form}");
}

fn public_reads_as(document: &[u8], public: &PublicKey, form: &str) {
    assert_eq!(PublicKey::read(document).as_ref(), Ok(public), "{form}");
    let found = PrivateKey::read(document).unwrap_err();
    assert_eq!(found, KeyError::Mismatch { found: Found::PublicKey, expected: Expected::PrivateKey }, "{form}");
}

fn certificate_reads_as(document: &[u8], public: &PublicKey, form: &str) {
    let certificate = Certificate::read(document).unwrap_or_else(|error| panic!("{form}: {error}"));
    assert_eq!(certificate.serial_no(), "C0FFEE0123456789", "{form}");
    assert_eq!(certificate.public_key(), public, "{form}");
    let validity = certificate.validity();
    assert_eq!(validity.not_before.distance(validity.not_after), 30 * 24 * 60 * 60, "{form}");
}

const CERTIFICATE: &str = "-subj /CN=test -days 30 -set_serial 0xC0FFEE0123456789";

#[test]
fn rsa_keys_are_read_in_every_form() {
    let Some(openssl) = Openssl::new("rsa-forms") else { return };
    openssl.make_rsa(2048, 2);
    let public = PrivateKey::read(&openssl.read("key.pem")).unwrap().public_key();
    for command in [
        "pkey -in key.pem",
        "pkey -in key.pem -outform DER",
        "rsa -in key.pem -traditional",
        "rsa -in key.pem -traditional -outform DER",
        "pkey -in key.pem -traditional",
    ] {
        private_reads_as(&openssl.run(command), &public, command);
    }
    for command in [
        "pkey -in key.pem -pubout",
        "pkey -in key.pem -pubout -outform DER",
        "rsa -in key.pem -RSAPublicKey_out",
        "rsa -in key.pem -RSAPublicKey_out -outform DER",
    ] {
        public_reads_as(&openssl.run(command), &public, command);
    }
    for form in ["PEM", "DER"] {
        for digest in ["sha256", "sha1"] {
            let command = format!("req -x509 -new -key key.pem -{digest} {CERTIFICATE} -outform {form}");
            certificate_reads_as(&openssl.run(&command), &public, &command);
        }
    }
}

#[test]
fn sm2_keys_are_read_in_every_form() {
    let Some(openssl) = Openssl::new("sm2-forms") else { return };
    openssl.make_sm2();
    let public = PrivateKey::read(&openssl.read("key.pem")).unwrap().public_key();
    for command in [
        "pkey -in key.pem",
        "pkey -in key.pem -outform DER",
        // SEC1, under the label "SM2 PRIVATE KEY".
        "ec -in key.pem",
        "ec -in key.pem -outform DER",
        "ec -in key.pem -no_public",
    ] {
        private_reads_as(&openssl.run(command), &public, command);
    }
    let sec1 = String::from_utf8(openssl.run("ec -in key.pem")).unwrap();
    let relabelled = sec1.replace("SM2 PRIVATE KEY", "EC PRIVATE KEY");
    private_reads_as(relabelled.as_bytes(), &public, "SEC1 under the older label");
    let parameters = String::from_utf8(openssl.run("ecparam -name SM2")).unwrap();
    private_reads_as(format!("{parameters}{relabelled}").as_bytes(), &public, "SEC1 after its parameters");
    for command in ["pkey -in key.pem -pubout", "pkey -in key.pem -pubout -outform DER", "ec -in key.pem -pubout"] {
        public_reads_as(&openssl.run(command), &public, command);
    }
    // The curve written out, point by point in both forms.
    for command in [
        "ec -in key.pem -param_enc explicit",
        "ec -in key.pem -param_enc explicit -conv_form compressed",
        "ec -in key.pem -param_enc explicit -no_public",
    ] {
        private_reads_as(&openssl.run(command), &public, command);
    }
    for command in [
        "ec -in key.pem -pubout -param_enc explicit",
        "ec -in key.pem -pubout -param_enc explicit -conv_form compressed",
    ] {
        public_reads_as(&openssl.run(command), &public, command);
    }
    // The bare numbers, as `-text` prints them.
    let text = String::from_utf8(openssl.run("pkey -in key.pem -noout -text")).unwrap();
    let number = |from: &str, to: &str| text.split_once(from).unwrap().1.split_once(to).unwrap().0.to_owned();
    private_reads_as(number("priv:", "pub:").as_bytes(), &public, "the private number");
    public_reads_as(number("pub:", "ASN1 OID").as_bytes(), &public, "the public number");
    public_reads_as(
        &openssl.run("ec -in key.pem -pubout -conv_form compressed"),
        &public,
        "a point with one coordinate and a sign",
    );
    for form in ["PEM", "DER"] {
        let command = format!(
            "req -x509 -new -key key.pem -sm3 -sigopt distid:{SM2_DEFAULT_USER_ID} {CERTIFICATE} -outform {form}"
        );
        certificate_reads_as(&openssl.run(&command), &public, &command);
    }

    // Two more ways to make a key; each makes one of its own.
    for command in [
        "genpkey -algorithm SM2",
        "ecparam -name SM2 -genkey",
        "ecparam -name SM2 -genkey -noout",
        "ecparam -name SM2 -genkey -param_enc explicit",
    ] {
        let document = openssl.run(command);
        openssl.write("other.pem", &document);
        let public = PublicKey::read(&openssl.run("pkey -in other.pem -pubout")).unwrap();
        private_reads_as(&document, &public, command);
    }
}

#[test]
fn another_kind_of_key_is_named() {
    let Some(openssl) = Openssl::new("others") else { return };
    openssl.make_rsa(2048, 2);
    openssl.run(&format!("req -x509 -new -key key.pem {CERTIFICATE} -out certificate.pem"));
    for (command, found) in [
        ("req -new -key key.pem -subj /CN=test", Found::CertificateRequest),
        ("req -new -key key.pem -subj /CN=test -outform DER", Found::CertificateRequest),
        ("pkcs8 -topk8 -in key.pem -passout pass:secret", Found::EncryptedPrivateKey),
        ("pkcs8 -topk8 -in key.pem -passout pass:secret -outform DER", Found::EncryptedPrivateKey),
        ("rsa -in key.pem -aes128 -passout pass:secret -traditional", Found::EncryptedPrivateKey),
        ("pkcs12 -export -inkey key.pem -in certificate.pem -passout pass:secret", Found::Pkcs12),
        ("ecparam -name SM2", Found::CurveParameters),
        ("x509 -in certificate.pem", Found::Certificate),
        ("crl2pkcs7 -nocrl -certfile certificate.pem", Found::Pkcs7),
        ("crl2pkcs7 -nocrl -certfile certificate.pem -outform DER", Found::Pkcs7),
    ] {
        let error = PrivateKey::read(&openssl.run(command)).unwrap_err();
        assert_eq!(error, KeyError::Mismatch { found, expected: Expected::PrivateKey }, "{command}");
    }
    for (command, oid) in [
        ("genpkey -algorithm EC -pkeyopt group:P-256", "1.2.840.10045.3.1.7"),
        ("ecparam -name prime256v1 -genkey -noout", "1.2.840.10045.3.1.7"),
        ("ecparam -name prime256v1 -genkey -noout -param_enc explicit", "1.2.840.10045.3.1.7"),
        ("ecparam -name secp256k1 -genkey -noout -param_enc explicit", "1.3.132.0.10"),
        ("genpkey -algorithm EC -pkeyopt group:P-384 -pkeyopt ec_param_enc:explicit", "1.3.132.0.34"),
        ("genpkey -algorithm ED25519", "1.3.101.112"),
    ] {
        match PrivateKey::read(&openssl.run(command)).unwrap_err() {
            KeyError::Algorithm { oid: found } => assert_eq!(found.to_string(), oid, "{command}"),
            other => panic!("{command}: {other}"),
        }
    }
}

/// A curve whose name this crate does not know.
#[test]
fn a_curve_written_out_that_is_not_sm2s_is_refused() {
    let Some(openssl) = Openssl::new("curves") else { return };
    for command in [
        "ecparam -name brainpoolP256r1 -genkey -noout -param_enc explicit",
        "ecparam -name sect233r1 -genkey -noout -param_enc explicit",
        "ecparam -name prime192v1 -genkey -noout -param_enc explicit",
    ] {
        assert_eq!(PrivateKey::read(&openssl.run(command)).unwrap_err(), KeyError::WrittenOutCurve, "{command}");
    }
}

/// The command that an error suggests makes a readable key.
#[test]
fn the_suggested_commands_convert() {
    let Some(openssl) = Openssl::new("conversions") else { return };
    openssl.make_rsa(2048, 2);
    let key = openssl.rsa_key();
    openssl.run(&format!("req -x509 -new -key key.pem {CERTIFICATE} -out certificate.pem"));
    openssl.run("req -new -key key.pem -subj /CN=test -out request");
    openssl.run("pkcs12 -export -inkey key.pem -in certificate.pem -passout pass: -out archive");
    openssl.run("crl2pkcs7 -nocrl -certfile certificate.pem -out bundle");
    let archive = openssl.read("archive");
    openssl.write("archive.base64", &openssl.run("base64 -in archive"));
    let base64 = PrivateKey::read(&openssl.read("archive.base64")).unwrap_err();
    assert_eq!(base64, PrivateKey::read(&archive).unwrap_err());

    let told = |error: KeyError, file: &str| {
        let text = error.to_string();
        let command = text.split_once("Run: openssl ").expect(&text).1;
        let command = command.split_once(" (").map_or(command, |(command, _)| command).replace("FILE", file);
        openssl.run(&match file {
            "archive" => format!("{command} -passin pass:"),
            _ => command,
        });
    };
    told(base64, "archive");
    assert_eq!(openssl.rsa_key().public_key(), key.public_key());
    told(Certificate::read(&archive).unwrap_err(), "archive");
    certificate_reads_as(&openssl.read("certificate.pem"), &PublicKey::Rsa(key.public_key()), "PKCS#12");
    told(Certificate::read(&openssl.read("bundle")).unwrap_err(), "bundle");
    certificate_reads_as(&openssl.read("certificate.pem"), &PublicKey::Rsa(key.public_key()), "PKCS#7");
    told(PublicKey::read(&openssl.read("request")).unwrap_err(), "request");
    public_reads_as(&openssl.read("public.pem"), &PublicKey::Rsa(key.public_key()), "a request");
}

#[test]
fn rsa_keys_outside_the_bounds_are_refused() {
    let Some(openssl) = Openssl::new("rsa-bounds") else { return };
    // More primes make a long key in a moment.
    for (bits, primes) in [(512, 2), (1023, 2), (4097, 3), (8192, 4)] {
        openssl.make_rsa(bits, primes);
        let size = KeyError::RsaSize { bits: bits as usize };
        assert_eq!(PublicKey::read(&openssl.read("public.pem")).unwrap_err(), size, "{bits} bits, public");
        assert_eq!(
            PublicKey::read(&openssl.run("rsa -in key.pem -RSAPublicKey_out")).unwrap_err(),
            size,
            "{bits} bits"
        );
        assert_eq!(PrivateKey::read(&openssl.read("key.pem")).unwrap_err(), size, "{bits} bits, private");
    }
}

fn rsa_signatures(openssl: &Openssl, bits: u32) {
    openssl.make_rsa(bits, 2);
    openssl.write("message", MESSAGE);
    let key = openssl.rsa_key();
    let (head, tail) = MESSAGE.split_at(20);
    for (name, digest) in [("sha256", RsaDigest::Sha256), ("sha1", RsaDigest::Sha1)] {
        let ours = RsaSigner::new(&key, digest).sign(&[head, tail]).unwrap();
        openssl.write("ours", ours.as_bytes());
        openssl.run(&format!("dgst -{name} -verify public.pem -signature ours message"));
        openssl.run(&format!("dgst -{name} -sign key.pem -out theirs message"));
        let theirs = openssl.read("theirs");
        assert_eq!(theirs, ours.as_bytes(), "PKCS#1 v1.5 leaves no choice: {bits} bits, {name}");
        let verifier = RsaVerifier::new(&key.public_key(), digest);
        assert_eq!(verifier.verify(&[MESSAGE], &theirs), Ok(()), "{bits} bits, {name}");
        assert!(verifier.verify(&[head], &theirs).is_err());
    }
}

/// OAEP with SHA-1; a plaintext of `bits / 8 - 42` bytes is the longest.
fn rsa_encryption(openssl: &Openssl, bits: u32) {
    const OAEP: &str = "-pkeyopt rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:sha1 -pkeyopt rsa_mgf1_md:sha1";
    let key = openssl.rsa_key();
    for length in [0, 1, 11, bits as usize / 8 - 42] {
        let plaintext = vec![b'7'; length];
        let ours = RsaEncryptor::new(&key.public_key()).encrypt(&plaintext, &mut UnwrapErr(SysRng)).unwrap();
        openssl.write("ours", &ours);
        let opened = openssl.run(&format!("pkeyutl -decrypt -inkey key.pem {OAEP} -in ours"));
        assert_eq!(opened, plaintext, "{bits} bits, {length} bytes");
        openssl.write("plaintext", &plaintext);
        openssl.run(&format!("pkeyutl -encrypt -pubin -inkey public.pem {OAEP} -in plaintext -out theirs"));
        let opened = RsaDecryptor::new(&key).decrypt(&openssl.read("theirs")).unwrap();
        assert_eq!(opened.expose(), plaintext, "{bits} bits, {length} bytes");
    }
    let too_long = vec![0; bits as usize / 8 - 41];
    assert!(RsaEncryptor::new(&key.public_key()).encrypt(&too_long, &mut UnwrapErr(SysRng)).is_err());
    openssl.write("plaintext", b"13900001234");
    let sha256 = OAEP.replace("sha1", "sha256");
    openssl.run(&format!("pkeyutl -encrypt -pubin -inkey public.pem {sha256} -in plaintext -out theirs"));
    assert!(RsaDecryptor::new(&key).decrypt(&openssl.read("theirs")).is_err(), "OAEP with SHA-256 is not ours");
}

#[test]
fn rsa_signs_and_encrypts_either_way_from_the_smallest_key_to_the_largest() {
    let Some(openssl) = Openssl::new("rsa-either-way") else { return };
    // 1031 bits: a modulus that does not fill its last byte.
    for bits in [1024, 1031, 2048, 3072, 4096] {
        rsa_signatures(&openssl, bits);
        if bits % 8 == 0 {
            rsa_encryption(&openssl, bits);
        }
    }
}

fn sm2_signatures(openssl: &Openssl, user_id: &str) {
    let key = openssl.sm2_key();
    let options = format!("-rawin -digest sm3 -pkeyopt distid:{user_id} -in message");
    let verify = |file: &str| format!("pkeyutl -verify -pubin -inkey public.pem {options} -sigfile {file}");
    let (der, raw) = (Sm2SignatureEncoding::Der, Sm2SignatureEncoding::Raw);

    let ours = Sm2Signer::new(&key, user_id, der).unwrap().sign(&[&MESSAGE[..7], &MESSAGE[7..]]).unwrap();
    openssl.write("ours", ours.as_bytes());
    openssl.run(&verify("ours"));
    let ours = Sm2Signer::new(&key, user_id, raw).unwrap().sign(&[MESSAGE]).unwrap();
    openssl.write("ours", &sm2_raw_to_der(ours.as_bytes()).unwrap());
    openssl.run(&verify("ours"));
    let other = Sm2Signer::new(&key, "another", der).unwrap().sign(&[MESSAGE]).unwrap();
    openssl.write("ours", other.as_bytes());
    assert!(!openssl.succeeds(&verify("ours")), "a signature under another user id");

    // Often enough that numbers with a zero in front and with the top bit set are among them.
    for _ in 0..16 {
        openssl.run(&format!("pkeyutl -sign -inkey key.pem {options} -out theirs"));
        let theirs = openssl.read("theirs");
        let verifier = |encoding| Sm2Verifier::new(&key.public_key(), user_id, encoding).unwrap();
        assert_eq!(verifier(der).verify(&[MESSAGE], &theirs), Ok(()));
        assert_eq!(verifier(raw).verify(&[MESSAGE], &sm2_der_to_raw(&theirs).unwrap()), Ok(()));
        assert!(verifier(der).verify(&[&MESSAGE[1..]], &theirs).is_err());
        let other = Sm2Verifier::new(&key.public_key(), "another", der).unwrap();
        assert!(other.verify(&[MESSAGE], &theirs).is_err());
    }
}

#[test]
fn sm2_signs_either_way() {
    let Some(openssl) = Openssl::new("sm2-signatures") else { return };
    openssl.write("message", MESSAGE);
    for user_id in [SM2_DEFAULT_USER_ID, "Allinpay"] {
        openssl.make_sm2();
        sm2_signatures(&openssl, user_id);
    }
}

#[test]
fn sm2_encrypts_either_way() {
    let Some(openssl) = Openssl::new("sm2-encryption") else { return };
    openssl.make_sm2();
    let key = openssl.sm2_key();
    for length in [1, 11, 32, 33, 300] {
        let plaintext = vec![b'7'; length];
        let ours = Sm2Encryptor::new(&key.public_key()).encrypt(&plaintext, &mut UnwrapErr(SysRng)).unwrap();
        openssl.write("ours", &ours);
        assert_eq!(openssl.run("pkeyutl -decrypt -inkey key.pem -in ours"), plaintext, "{length} bytes");
        openssl.write("plaintext", &plaintext);
        openssl.run("pkeyutl -encrypt -pubin -inkey public.pem -in plaintext -out theirs");
        let opened = Sm2Decryptor::new(&key).decrypt(&openssl.read("theirs")).unwrap();
        assert_eq!(opened.expose(), plaintext, "{length} bytes");
    }
}

/// The message push's cipher. `openssl` knows padding to 16 bytes only, so the padding to 32 is
/// ours on both sides.
#[test]
fn the_message_cipher_is_aes_256_cbc() {
    let Some(openssl) = Openssl::new("aes-cbc") else { return };
    let key: [u8; 32] = std::array::from_fn(|at| (at as u8).wrapping_mul(37) ^ 0x5a);
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let cipher = MessageCipher::new(&key);
    let options = format!("-aes-256-cbc -K {} -iv {} -nopad", hex(&key), hex(&key[..16]));
    for length in [0, 1, 15, 16, 31, 32, 33, 1000] {
        let plaintext: Vec<u8> = (0..length).map(|at| at as u8).collect();
        let ours = cipher.encrypt(&plaintext);
        openssl.write("ours", &ours);
        let padded = openssl.run(&format!("enc -d {options} -in ours"));
        assert_eq!(padded.len() % 32, 0, "{length} bytes");
        assert_eq!(unpad(&padded), Ok(&*plaintext), "{length} bytes");
        openssl.write("padded", &padded);
        let theirs = openssl.run(&format!("enc -e {options} -in padded"));
        assert_eq!(theirs, ours, "{length} bytes");
        assert_eq!(cipher.decrypt(theirs).unwrap().expose(), padded, "{length} bytes");
    }
}

/// OpenSSL refuses them too, and opens the sound ones beside them.
#[test]
fn sm2_ciphertexts_without_a_key_stream_are_refused() {
    let Some(openssl) = Openssl::new("sm2-streams") else { return };
    openssl.make_sm2();
    let spki = openssl.run("pkey -in key.pem -pubout -outform DER");
    let point = &spki[spki.len() - 65..];
    let ours = Sm2Decryptor::new(&openssl.sm2_key());
    let opens = |ciphertext: &[u8]| {
        openssl.write("ciphertext", ciphertext);
        let theirs = openssl.output("pkeyutl -decrypt -inkey key.pem -in ciphertext");
        let ours = ours.decrypt(ciphertext).ok().map(|plaintext| plaintext.expose().to_vec());
        assert_eq!(ours, theirs.status.success().then_some(theirs.stdout));
        ours
    };
    let nonces = sealing::nonces(point);
    for byte in [0, b'7', 0xff] {
        let [zero, sound] = nonces.map(|nonce| sealing::seal(point, &[byte], nonce));
        assert_eq!(opens(&sound), Some(vec![byte]));
        assert_eq!(opens(&zero), None, "a key stream of one zero");
    }
    assert_eq!(opens(&sealing::seal(point, b"13900001234", 9)).as_deref(), Some(&b"13900001234"[..]));
    // The command asks for the plaintext's length first, and decrypts nothing where that is zero:
    // its success says nothing.
    assert!(ours.decrypt(&sealing::seal(point, b"", 9)).is_err(), "nothing");
}

/// A digest that `openssl` signs as such, as a hardware module would.
#[test]
fn digests_are_signed_and_verified_apart() {
    let Some(openssl) = Openssl::new("digests") else { return };
    openssl.make_sm2();
    let key = openssl.sm2_key();
    let public = key.public_key();
    let digest = public.message_digest("Allinpay", &[MESSAGE]).unwrap();
    openssl.write("digest", &digest);
    let verifier = Sm2Verifier::new(&public, "Allinpay", Sm2SignatureEncoding::Der).unwrap();
    let theirs = openssl.run("pkeyutl -sign -inkey key.pem -in digest");
    assert_eq!(verifier.verify_prehashed(&digest, &theirs), Ok(()));
    assert_eq!(verifier.verify(&[MESSAGE], &theirs), Ok(()));
    let ours = Sm2Signer::new(&key, "", Sm2SignatureEncoding::Der).unwrap().sign_prehashed(&digest).unwrap();
    openssl.write("ours", ours.as_bytes());
    openssl.run("pkeyutl -verify -pubin -inkey public.pem -in digest -sigfile ours");

    openssl.make_rsa(2048, 2);
    let key = openssl.rsa_key();
    openssl.write("message", MESSAGE);
    for (name, kind) in [("sha256", RsaDigest::Sha256), ("sha1", RsaDigest::Sha1)] {
        let digest = openssl.run(&format!("dgst -{name} -binary message"));
        openssl.write("digest", &digest);
        let theirs = openssl.run(&format!("pkeyutl -sign -inkey key.pem -in digest -pkeyopt digest:{name}"));
        assert_eq!(RsaSigner::new(&key, kind).sign_prehashed(&digest).unwrap().as_bytes(), theirs);
        assert_eq!(RsaVerifier::new(&key.public_key(), kind).verify_prehashed(&digest, &theirs), Ok(()));
    }
}

/// The signature of a request of virtual payment.
#[test]
fn a_request_of_virtual_payment_is_signed_as_openssl_does() {
    use protocol_core::mini_program::AccessToken;
    use protocol_core::virtual_payment::{Env, Merchant, ResponseComplaint};
    use protocol_core::{Secret, Stamp, UnixTime};

    let Some(openssl) = Openssl::new("pay-sig") else { return };
    let stamp = Stamp { now: UnixTime(1_741_936_166), nonce: "593BEC0C930BF1AFEB40B4A08C8FB242" };
    let reply = ResponseComplaint::new("200000020250609150295416690", "已退款");
    // A key of one block, and one that is longer.
    for key in ["k".repeat(64), "k".repeat(65)] {
        let merchant = Merchant::new(Secret::new(key.clone().into_bytes()), Env::Production).unwrap();
        let request = merchant.sign(&reply, &stamp, &AccessToken::new("T").unwrap()).unwrap();
        openssl.write("message", &[b"/xpay/response_complaint&", request.body()].concat());
        let theirs = openssl.run(&format!("dgst -sha256 -hmac {key} -r message"));
        let theirs = std::str::from_utf8(&theirs).unwrap().split(' ').next().unwrap();
        assert_eq!(request.target(), format!("/xpay/response_complaint?pay_sig={theirs}&access_token=T"));
    }
}
