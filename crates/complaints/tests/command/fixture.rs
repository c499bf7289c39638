//! A folder with a configuration and a message in it, and the command run on it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use protocol_core::crypto::{AeadAlgorithm, ApiV3Key, PrivateKey, Signer};
use protocol_core::wechat_pay::{Scheme, signer};
use serde_json::Value;

/// The published test keys of the core's vectors.
pub(crate) const VECTORS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../protocol-core/tests/vectors/wechatpay");
pub(crate) const SAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../samples");

pub(crate) const NOW: &str = "1741936166";
pub(crate) const NONCE: &str = "EcZ9Cmy4Xyx1i6RlJQzLcCyEqDa26NBz";
pub(crate) const APIV3_KEY: &str = "a7cde1ZJB1kG2e7VfTs3jQzaWizur8Gb";
pub(crate) const PLATFORM_SERIAL: &str = "440024045C4A427599D09BB4E3DE0279F2E813FD";
/// The platform's key in SM mode, by its id.
pub(crate) const SM_KEY_ID: &str = "PUB_KEY_ID_0142157600052025031400000000000001";
/// The public key of `java-shangmi/merchant_certificate.pem`, whose own validity is over.
const SM_PUBLIC_KEY: &str = "\
-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoEcz1UBgi0DQgAEe81H916hnQTApytNpw9X3Rs/kzfM
XdEkGIG5E0MZOb9ppV72tGcQx+FyRSPQ9kbdaU0kg5dvboUNRmN4+osvfg==
-----END PUBLIC KEY-----
";

/// Columns of a terminal on which a table is complete.
pub(crate) const COLUMNS: &str = "160";

/// The outcome of a command.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Outcome {
    /// The one JSON value of a success.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        assert_eq!(self.status, 0, "{self:?}");
        assert_eq!(self.stderr, "", "{self:?}");
        serde_json::from_str(&self.stdout).unwrap()
    }

    /// The document, printed although something of it failed.
    #[track_caller]
    pub(crate) fn json_despite(&self, code: &str) -> Value {
        assert_eq!(self.status, 1, "{self:?}");
        assert!(self.stderr.starts_with(&format!("error[{code}]: ")), "{self:?}");
        serde_json::from_str(&self.stdout).unwrap()
    }

    /// The code of a refusal; nothing may have been printed.
    #[track_caller]
    pub(crate) fn refused(&self, code: &str) -> &str {
        assert_eq!(self.stdout, "", "{self:?}");
        assert_eq!(self.status, if ["config", "usage"].contains(&code) { 2 } else { 1 }, "{self:?}");
        assert!(self.stderr.starts_with(&format!("error[{code}]: ")), "{self:?}");
        &self.stderr
    }
}

/// A folder of its own for each test, gone afterwards.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("complaints-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        std::fs::write(self.0.join(name), content).unwrap();
    }

    /// A configuration that works, with both of the platform's keys.
    pub(crate) fn configured() -> Self {
        let folder = Self::new();
        folder.write("sm.pub", SM_PUBLIC_KEY);
        folder.write("apiv3.key", format!("{APIV3_KEY}\r\n"));
        folder.write(
            "complaints.toml",
            format!(
                r#"
[wechat-pay]
mchid = "1900007291"
serial_no = "5F1C72E2A8931B72A2E13AF8DEE92471EB397115"
private_key = "{VECTORS}/java/merchant_private_key.pem"
apiv3_key_file = "apiv3.key"

[[wechat-pay.platform_keys]]
id = "{PLATFORM_SERIAL}"
file = "{VECTORS}/java/wechat_pay_certificate.pem"

[[wechat-pay.platform_keys]]
id = "{SM_KEY_ID}"
file = "sm.pub"

[mini-program]
appid = "another channel's section is no concern of this one"
"#
            ),
        );
        folder
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Outcome {
        self.run_with(arguments, &[])
    }

    /// The command in this folder, in English, without the secrets of the environment and without
    /// input.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_complaints"));
        command
            .args(arguments)
            .current_dir(&self.0)
            .env("COLUMNS", COLUMNS)
            .env_remove("COMPLAINTS_CONFIG")
            .env("LC_ALL", "C.UTF-8")
            .env_remove("COMPLAINTS_WECHAT_PAY_APIV3_KEY")
            .env_remove("COMPLAINTS_WECHAT_PAY_PRIVATE_KEY")
            .env_remove("COMPLAINTS_WECHAT_PAY_PROXY")
            .env_remove("COMPLAINTS_MINI_PROGRAM_APP_SECRET")
            .env_remove("COMPLAINTS_MINI_PROGRAM_PROXY")
            .env_remove("COMPLAINTS_VIRTUAL_PAYMENT_APP_KEY")
            .env_remove("COMPLAINTS_ALLINPAY_PRIVATE_KEY")
            .env_remove("COMPLAINTS_ALLINPAY_PROXY")
            .stdin(Stdio::null());
        command
    }

    pub(crate) fn run_with(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Outcome {
        let output = self.command(arguments).envs(environment.iter().copied()).output().unwrap();
        Outcome {
            status: output.status.code().unwrap(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// `open wechat-pay` on a message.
    pub(crate) fn open(&self, message: &Message) -> Outcome {
        self.open_at(message, NOW)
    }

    pub(crate) fn open_at(&self, message: &Message, now: &str) -> Outcome {
        message.store(self);
        self.run(&["open", "wechat-pay", "--headers", "headers", "--body", "body", "--now", now])
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A message as the platform sends it.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
}

impl Message {
    /// A body, signed with the platform's RSA key.
    pub(crate) fn rsa(body: impl Into<Vec<u8>>) -> Self {
        Self::signed(body.into(), &key("java/wechat_pay_private_key.pem"), PLATFORM_SERIAL)
    }

    /// A body, signed with the platform's SM2 key.
    pub(crate) fn sm2(body: impl Into<Vec<u8>>) -> Self {
        Self::signed(body.into(), &key("java-shangmi/merchant_private_key.pem"), SM_KEY_ID)
    }

    /// A complaint notification.
    pub(crate) fn complaint() -> Self {
        Self::rsa(envelope("COMPLAINT.CREATE", AeadAlgorithm::Aes256Gcm, COMPLAINT_RESOURCE))
    }

    fn signed(body: Vec<u8>, key: &PrivateKey, serial: &str) -> Self {
        let signer: Arc<dyn Signer> = signer(key).unwrap();
        let parts = [NOW.as_bytes(), b"\n", NONCE.as_bytes(), b"\n", &body, b"\n"];
        let signature = signer.sign(&parts).unwrap().to_base64();
        let headers = vec![
            ("Wechatpay-Timestamp", NOW.to_owned()),
            ("Wechatpay-Nonce", NONCE.to_owned()),
            ("Wechatpay-Serial", serial.to_owned()),
            ("Wechatpay-Signature", signature),
            ("Wechatpay-Signature-Type", Scheme::of(signer.algorithm()).unwrap().as_str().to_owned()),
        ];
        Self { headers, body }
    }

    pub(crate) fn header(&mut self, name: &str) -> &mut String {
        &mut self.headers.iter_mut().find(|(candidate, _)| *candidate == name).unwrap().1
    }

    pub(crate) fn store(&self, folder: &Folder) {
        let lines: Vec<_> = self.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        folder.write("headers", lines.concat());
        folder.write("body", &self.body);
    }
}

pub(crate) const COMPLAINT_RESOURCE: &str =
    r#"{"complaint_id":"200201820200101080076610000","action_type":"CREATE_COMPLAINT"}"#;

pub(crate) fn key(name: &str) -> PrivateKey {
    PrivateKey::read(&std::fs::read(format!("{VECTORS}/{name}")).unwrap()).unwrap()
}

pub(crate) fn envelope(event_type: &str, algorithm: AeadAlgorithm, plaintext: &str) -> String {
    envelope_with_nonce(event_type, algorithm, plaintext, "cPl41nT0nC00")
}

/// The nonce is sealed with its first 12 bytes, and written as given.
pub(crate) fn envelope_with_nonce(event_type: &str, algorithm: AeadAlgorithm, plaintext: &str, nonce: &str) -> String {
    let sealing_nonce: [u8; 12] = nonce.as_bytes()[..12].try_into().unwrap();
    let sealed = ApiV3Key::new(APIV3_KEY.as_bytes())
        .unwrap()
        .seal(algorithm, &sealing_nonce, b"complaint", plaintext.as_bytes())
        .unwrap();
    let ciphertext = protocol_core::crypto::Signature::new(sealed).to_base64();
    let algorithm = algorithm.as_str();
    format!(
        r#"{{"id":"EV-1","create_time":"2025-03-14T15:09:26+08:00","resource_type":"encrypt-resource","event_type":"{event_type}","summary":"投诉","resource":{{"original_type":"complaint","algorithm":"{algorithm}","ciphertext":"{ciphertext}","associated_data":"complaint","nonce":"{nonce}"}},"new_member":[1]}}"#
    )
}
