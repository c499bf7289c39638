//! Report 12, and key and secret files in other forms: read, or refused with the command to run.

use crate::fixture::{APIV3_KEY, Folder, Message, NONCE, NOW, Outcome, SAMPLES, VECTORS};

fn report(file: &str) -> String {
    format!("{}/tests/reports/12-sm2-explicit-parameters/{file}", env!("CARGO_MANIFEST_DIR"))
}

fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    format!("\u{feff}{text}").encode_utf16().flat_map(bytes).collect()
}

/// `sign wechat-pay` with a private key in a file of its own.
fn sign(algorithm: &str, file: impl AsRef<[u8]>) -> Outcome {
    let folder = Folder::new();
    folder.write("key", file);
    folder.write(
        "complaints.toml",
        format!(
            "[wechat-pay]\nmchid = \"1900007291\"\nserial_no = \"408B07E79B8269FEC3D5D3E6AB8ED163A6A380DB\"\n\
             algorithm = \"{algorithm}\"\nprivate_key = \"key\"\n"
        ),
    );
    folder.run(&["sign", "wechat-pay", "--method", "GET", "--target", "/v3/x", "--now", NOW, "--nonce", NONCE])
}

#[test]
fn curves_written_out_are_read() {
    let [outside, inside] = ["explicit.pem", "parameters-inside.pem"].map(|file| {
        let text = std::fs::read(report(file)).unwrap();
        sign("sm2", text).json()["Authorization"].as_str().unwrap().to_owned()
    });
    assert!(outside.starts_with("WECHATPAY2-SM2-WITH-SM3 "), "{outside}");
    assert_ne!(outside, inside, "they are two keys");
}

/// The same key signs the same: RSA and SM2 signatures are deterministic here.
#[test]
fn a_private_key_is_read_as_people_save_it() {
    let read = |name: &str| std::fs::read_to_string(format!("{VECTORS}/{name}")).unwrap();
    let (key, certificate) = (read("java/merchant_private_key.pem"), read("java/merchant_certificate.pem"));
    let base64: String = key.lines().filter(|line| !line.starts_with('-')).collect();
    let expected = sign("rsa", &key).json();
    // 商户私钥, in GBK.
    let gbk = [b"\xc9\xcc\xbb\xa7\xcb\xbd\xd4\xbf\r\n", key.as_bytes()].concat();
    for file in [
        gbk,
        utf16(&key, u16::to_le_bytes),
        utf16(&key.replace('\n', "\r\n"), u16::to_be_bytes),
        format!("\"{base64}\"").into_bytes(),
        format!("'{base64}'\n").into_bytes(),
        format!("{certificate}{key}").into_bytes(),
    ] {
        assert_eq!(sign("rsa", file).json(), expected);
    }
    let expected = sign("sm2", read("java-shangmi/merchant_private_key.pem")).json();
    let number = "FD4F526B3E5C78319084504C7FF707221DBEAB92F3BE1ADBF0BD92238B0F511F";
    for file in [
        number.as_bytes().to_vec(),
        format!("\u{feff}0x{}\r\n", number.to_lowercase()).into_bytes(),
        b"/U9Saz5ceDGQhFBMf/cHIh2+q5Lzvhrb8L2SI4sPUR8=".to_vec(),
        b"\"/U9Saz5ceDGQhFBMf/cHIh2+q5Lzvhrb8L2SI4sPUR8=\"".to_vec(),
        utf16(number, u16::to_le_bytes),
    ] {
        assert_eq!(sign("sm2", file).json(), expected);
    }
}

#[test]
fn what_is_no_key_is_named_with_what_to_run() {
    for (file, what, command) in [
        (
            "<RSAKeyValue><Modulus>canary</Modulus><D>canary</D></RSAKeyValue>",
            "this is .NET's XML of an RSA key; a private key is needed",
            "ExportPkcs8PrivateKeyPem",
        ),
        (r#"{"kty":"RSA","d":"canary"}"#, "this is a JSON Web Key; a private key is needed", "createPrivateKey"),
        (
            "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAY2FuYXJ5\n-----END OPENSSH PRIVATE KEY-----",
            "this is a private key in OpenSSH's own format",
            "ssh-keygen -p -N '' -m PKCS8",
        ),
        ("MAcCAQMwAjAA", "this is a PKCS#12 file", "openssl pkcs12 -in FILE -nocerts -nodes -out key.pem"),
    ] {
        let outcome = sign("rsa", file);
        let message = outcome.refused("config");
        assert!(message.contains(what) && message.contains("Run: ") && message.contains(command), "{message}");
        assert!(message.contains("private_key: ") && !message.contains("canary"), "{message}");
    }
}

#[test]
fn public_keys_are_read_as_people_save_them() {
    let certificate = std::fs::read_to_string(format!("{VECTORS}/java/wechat_pay_certificate.pem")).unwrap();
    let private = std::fs::read_to_string(format!("{VECTORS}/java/wechat_pay_private_key.pem")).unwrap();
    let message = Message::complaint();
    let folder = Folder::configured();
    let config = std::fs::read_to_string(folder.path().join("complaints.toml")).unwrap();
    let before = format!("{VECTORS}/java/wechat_pay_certificate.pem");
    let expected = folder.open(&message).json();
    folder.write("complaints.toml", config.replace(&before, "platform.pem"));
    for file in [
        utf16(&certificate, u16::to_le_bytes),
        [&b"\xb0\xd7\n"[..], certificate.as_bytes()].concat(),
        format!("{private}{certificate}").into_bytes(),
    ] {
        folder.write("platform.pem", file);
        assert_eq!(folder.open(&message).json(), expected);
    }
}

/// Each secret, in each of the forms, opens what the plain one opens.
#[test]
fn secrets_are_read_as_people_save_them() {
    type Saved = fn(&str) -> Vec<u8>;
    let forms: [Saved; 6] = [
        |secret| format!("\u{feff}{secret}").into_bytes(),
        |secret| format!("{secret} \t\r\n\r\n").into_bytes(),
        |secret| format!("\"{secret}\"\n").into_bytes(),
        |secret| format!("'{secret}'").into_bytes(),
        |secret| utf16(&format!("{secret}\r\n"), u16::to_le_bytes),
        |secret| utf16(secret, u16::to_be_bytes),
    ];
    let mini_program = |name: &str| std::fs::read_to_string(format!("{SAMPLES}/mini-program/{name}")).unwrap();
    let (token, encoding_aes_key) = (mini_program("token"), mini_program("encoding_aes_key"));
    let (query, body) = (mini_program("push.query"), format!("{SAMPLES}/mini-program/push.xml"));
    let folder = Folder::configured();
    for form in forms {
        folder.write("apiv3.key", form(APIV3_KEY));
        folder.open(&Message::complaint()).json();

        let folder = Folder::new();
        folder.write("complaints.toml", std::fs::read_to_string(format!("{SAMPLES}/complaints.toml")).unwrap());
        std::fs::create_dir(folder.path().join("mini-program")).unwrap();
        folder.write("mini-program/token", form(token.trim()));
        folder.write("mini-program/encoding_aes_key", form(encoding_aes_key.trim()));
        let open = ["open", "mini-program", "--query", query.trim(), "--body", &body, "--now", "1714112445"];
        assert_eq!(folder.run(&open).json()["complaint_order_id"], "8622001");
    }
    // A variable, as `docker run --env-file` hands it over.
    folder.write("apiv3.key", "");
    Message::complaint().store(&folder);
    let open = ["open", "wechat-pay", "--headers", "headers", "--body", "body", "--now", NOW];
    folder.run_with(&open, &[("COMPLAINTS_WECHAT_PAY_APIV3_KEY", &format!("\"{APIV3_KEY}\""))]).json();
}
