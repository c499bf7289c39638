//! `explain` undoes usual changes of a body and names their usual place. If none verifies, it lists
//! changes that cannot be undone.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use protocol_core::crypto::{AeadAlgorithm, PrivateKey, Signer as _, Sm2SignatureEncoding, Sm2Signer};
use serde_json::{Value, json};

use crate::fixture::{COMPLAINT_RESOURCE, Folder, Message, NOW, SAMPLES, VECTORS, envelope};

fn report(outcome: &crate::fixture::Outcome) -> Value {
    serde_json::from_str(&outcome.stdout).unwrap_or_else(|_| panic!("{outcome:?}"))
}

fn explain(folder: &Folder, message: &Message) -> (Value, String) {
    message.store(folder);
    let outcome = folder.run(&["explain", "wechat-pay", "--headers", "headers", "--body", "body", "--now", NOW]);
    (report(&outcome), outcome.stderr)
}

fn utf16(text: &str, little: bool) -> Vec<u8> {
    text.encode_utf16().flat_map(|unit| if little { unit.to_le_bytes() } else { unit.to_be_bytes() }).collect()
}

/// The UTF-8 of a text read as Latin-1.
fn misread(text: &str) -> String {
    text.bytes().map(char::from).collect()
}

#[test]
fn what_was_done_to_a_body_is_named_with_its_place() {
    let folder = Folder::configured();
    let original = envelope("COMPLAINT.CREATE", AeadAlgorithm::Aes256Gcm, COMPLAINT_RESOURCE);
    let good = Message::rsa(original.clone());
    let literal = serde_json::to_string(&original).unwrap();
    let nginx: String = original
        .bytes()
        .map(
            |byte| {
                if byte == b'"' || !byte.is_ascii() { format!("\\x{byte:02X}") } else { char::from(byte).to_string() }
            },
        )
        .collect();
    let percent: String = original
        .bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect();
    let (head, tail) = original.split_at(100);
    let chunked = format!("64\r\n{head}\r\n{:x}\r\n{tail}\r\n0\r\n\r\n", tail.len());
    let windows = misread(&original).replace('\u{8a}', "Š").replace('\u{95}', "•").replace('\u{89}', "‰");
    for (received, words, place) in [
        (misread(&original).into_bytes(), "taken as bytes of Latin-1", "servlet"),
        (windows.into_bytes(), "taken as bytes of Latin-1", "Windows-1252"),
        (original.replace('"', "&quot;").into_bytes(), "without HTML's escapes", "htmlspecialchars"),
        (original.replace('"', "&#34;").into_bytes(), "without HTML's escapes", "escaped for HTML"),
        (nginx.into_bytes(), "`\\x` escapes", "nginx"),
        (literal.clone().into_bytes(), "string literal", "Java"),
        (literal.trim_matches('"').as_bytes().to_vec(), "string literal", "log"),
        (format!("'{original}'").into_bytes(), "string literal", "PHP"),
        (chunked.into_bytes(), "HTTP's chunks", "socket"),
        (utf16(&original, true), "UTF-8 for UTF-16", "PowerShell"),
        (utf16(&format!("\u{feff}{original}"), true), "UTF-8 for UTF-16", "PowerShell"),
        (utf16(&format!("\u{feff}{original}"), false), "UTF-8 for UTF-16", "database"),
        (percent.clone().into_bytes(), "percent-escapes decoded", "URL or a form"),
        (STANDARD.encode(&original).into_bytes(), "base64 stands for", "cloud function"),
        (format!("{original}=").into_bytes(), "without the `=` after it", "form parser"),
        (format!("data={original}").into_bytes(), "parameter's name before it", "form"),
        (format!("  {original}\n\n").into_bytes(), "without the blanks around it", "copying"),
        (format!("{original}\0\0\0").into_bytes(), "NULs", "buffer"),
        (format!("\"{}\"", original.replace('"', "\"\"")).into_bytes(), "one `\"` for each two", "CSV"),
        (json!({"path": "/notify", "body": original}).to_string().into_bytes(), "the member `body`", "event"),
        (format!("12:00:01 INFO body={original} (7 ms)").into_bytes(), "before and after it", "log"),
        (format!("HTTP/1.1 200 OK\r\nServer: x\r\n\r\n{original}").into_bytes(), "before and after it", "headers"),
        // Two of them, one after the other.
        (
            json!({"body": STANDARD.encode(&original), "isBase64Encoded": true}).to_string().into_bytes(),
            "the text of the member `body`, and the body that base64 stands for",
            "cloud function",
        ),
        (misread(&misread(&original)).into_bytes(), "and the body with its characters taken as bytes", "servlet"),
        (original.replace('"', "&amp;quot;").into_bytes(), "and the body without HTML's escapes", "HTML"),
        (
            format!("body={percent}").into_bytes(),
            "with its percent-escapes decoded, and the body without the parameter's name before it",
            "URL or a form",
        ),
        (format!("{literal}\n").replace('\n', "\r\n").into_bytes(), "string literal", "JavaScript"),
        (utf16(&misread(&original), true), "taken as bytes of Latin-1", "PowerShell"),
    ] {
        let (report, stderr) = explain(&folder, &Message { body: received, ..good.clone() });
        let would_verify = report["would_verify"].as_array().unwrap();
        assert_eq!(would_verify.len(), 1, "{words}: {report}");
        assert!(would_verify[0].as_str().unwrap().contains(words), "{words}: {report}");
        assert!(report["advice"].to_string().contains(place), "{place}: {report}");
        assert!(stderr.starts_with("error[bad-signature]") && stderr.contains("`would_verify` says"), "{stderr}");
        assert!(!stderr.contains("complaints explain"), "{stderr}");
    }
}

#[test]
fn where_nothing_verifies_it_says_what_nothing_undoes() {
    let folder = Folder::configured();
    let original = r#"{"id":"1","summary":"投诉","x":[1,2]}"#;
    let good = Message::rsa(original);
    for (received, words) in [
        (r#"{"summary":"投诉","id":"1","x":[1,2]}"#.as_bytes().to_vec(), "members in another order"),
        (r#"{"id":1,"summary":"投诉","x":[1,2.0]}"#.as_bytes().to_vec(), "parsed and written in another way"),
        (b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03".to_vec(), "compressed (gzip)"),
        (original.replace("投诉", "\u{fffd}\u{fffd}").into_bytes(), "U+FFFD"),
        (b"{\"id\":\"1\",\"summary\":\"\xcd\xb6\xcb\xdf\",\"x\":[1,2]}".to_vec(), "iconv -f GBK"),
        (Vec::new(), "the body is empty"),
    ] {
        let (report, stderr) = explain(&folder, &Message { body: received, ..good.clone() });
        assert_eq!(report["would_verify"], json!([]), "{report}");
        assert!(report["advice"].to_string().contains(words), "{words}: {report}");
        assert!(stderr.contains("none of the usual changes makes it verify"), "{stderr}");
        assert!(!stderr.contains("complaints explain"), "{stderr}");
    }
}

#[test]
fn a_good_message_has_no_advice() {
    let (report, stderr) = explain(&Folder::configured(), &Message::complaint());
    assert!(report.get("advice").is_none() && report.get("would_verify").is_none() && stderr.is_empty(), "{report}");
}

#[test]
fn allinpays_responses_are_undone_too() {
    let folder = Folder::new();
    let config = format!("{SAMPLES}/complaints.toml");
    let original = std::fs::read_to_string(format!("{SAMPLES}/allinpay/history.json")).unwrap();
    let original = original.trim_end();
    let explain = |body: &[u8]| {
        folder.write("body", body);
        folder.run(&["explain", "open", "allinpay", "--config", &config, "--body", "body"])
    };
    for (received, words) in [
        (original.replace('"', "&quot;").into_bytes(), "without HTML's escapes"),
        (misread(original).into_bytes(), "taken as bytes of Latin-1"),
        (serde_json::to_string(original).unwrap().into_bytes(), "string literal"),
        (utf16(original, true), "UTF-8 for UTF-16"),
        (format!("{:x}\r\n{original}\r\n0\r\n\r\n", original.len()).into_bytes(), "HTTP's chunks"),
    ] {
        let report = report(&explain(&received));
        assert!(report["would_verify"][0].as_str().is_some_and(|found| found.contains(words)), "{words}: {report}");
        assert_eq!(report["would_verify"].as_array().unwrap().len(), 1, "{report}");
    }
    let hexadecimal = {
        let mut json: Value = serde_json::from_str(original).unwrap();
        let sign = STANDARD.decode(json["sign"].as_str().unwrap()).unwrap();
        json["sign"] = sign.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into();
        json.to_string()
    };
    let explained = explain(hexadecimal.as_bytes());
    assert_eq!(report(&explained)["would_verify"], json!(["the signature read as hexadecimal"]));
    assert!(explained.stderr.contains("in hexadecimal"), "{explained:?}");
    // MIME's base64 has lines of 64 or 76 characters.
    for (width, line_end) in [(64, "\n"), (76, "\r\n"), (64, "\n    "), (4, " ")] {
        let mut json: Value = serde_json::from_str(original).unwrap();
        let sign = json["sign"].as_str().unwrap().as_bytes().chunks(width);
        let lines: Vec<_> = sign.map(|line| std::str::from_utf8(line).unwrap()).collect();
        assert!(lines.len() > 1, "it is wrapped");
        json["sign"] = lines.join(line_end).into();
        let explained = report(&explain(json.to_string().as_bytes()));
        let words = "the signature without the line ends and blanks within it";
        assert_eq!(explained["would_verify"], json!([words]), "{line_end:?}");
    }
    let masked = original.replacen("\"records\": \"", "\"records\": \"AAAA", 1);
    assert_ne!(masked, original);
    let explained = explain(masked.as_bytes());
    assert_eq!(report(&explained)["would_verify"], json!([]));
    assert!(explained.stdout.contains("masked"), "{explained:?}");
}

#[test]
fn pushes_are_undone_too() {
    let folder = Folder::new();
    let config = format!("{SAMPLES}/complaints.toml");
    let query = std::fs::read_to_string(format!("{SAMPLES}/mini-program/push.query")).unwrap();
    let query = query.trim();
    let original = std::fs::read_to_string(format!("{SAMPLES}/mini-program/push.xml")).unwrap();
    let explain = |query: &str, body: &[u8]| {
        folder.write("body", body);
        let arguments = ["explain", "open", "mini-program", "--config", &config, "--query", query, "--body", "body"];
        folder.run(&[&arguments[..], &["--now", "1714112445"]].concat())
    };
    let percent = original.replace('%', "%25").replace('+', "%2B").replace('<', "%3C").replace('>', "%3E");
    for (received, words) in [
        (original.replace('<', "&lt;").replace('>', "&gt;").into_bytes(), "without HTML's escapes"),
        (utf16(&format!("\u{feff}{original}"), false), "UTF-8 for UTF-16"),
        (serde_json::to_string(&original).unwrap().into_bytes(), "string literal"),
        (percent.into_bytes(), "percent-escapes decoded"),
    ] {
        let outcome = explain(query, &received);
        let report = report(&outcome);
        assert_eq!(outcome.status, 1, "{words}: {outcome:?}");
        assert!(report["would_verify"][0].as_str().is_some_and(|found| found.contains(words)), "{words}: {report}");
    }
    let escaped = report(&explain(&query.replace('&', "&amp;"), original.as_bytes()));
    assert_eq!(escaped["would_verify"], json!(["the query without HTML's escapes"]));
    let forged = explain(query, original.replacen("CDATA[", "CDATA[A", 2).as_bytes());
    assert_eq!(report(&forged)["would_verify"], json!([]));
    assert!(
        forged.stdout.contains("these changes cannot be undone") && !forged.stderr.contains("complaints explain"),
        "{forged:?}"
    );
}

#[test]
fn a_response_is_explained_alike_and_sm_signatures_are_tried() {
    let folder = Folder::configured();
    let PrivateKey::Sm2(key) =
        PrivateKey::read(&std::fs::read(format!("{VECTORS}/java-shangmi/merchant_private_key.pem")).unwrap()).unwrap()
    else {
        panic!("an SM2 key")
    };
    let original = r#"{"media_id":"投诉"}"#;
    let mut message = Message::sm2(original);
    let raw = Sm2Signer::new(&key, "1234567812345678", Sm2SignatureEncoding::Raw).unwrap();
    let nonce = message.header("Wechatpay-Nonce").clone();
    let parts = [NOW.as_bytes(), b"\n", nonce.as_bytes(), b"\n", original.as_bytes(), b"\n"];
    *message.header("Wechatpay-Signature") = raw.sign(&parts).unwrap().to_base64();
    message.body = misread(original).into_bytes();
    message.store(&folder);
    let response = ["explain", "wechat-pay-response", "--status", "200", "--headers", "headers", "--body", "body"];
    let outcome = folder.run(&[&response[..], &["--now", NOW]].concat());
    assert_eq!(
        report(&outcome)["would_verify"],
        json!(["the body with its characters taken as bytes of Latin-1, and a raw r‖s signature where DER is due"])
    );
}
