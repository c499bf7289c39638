//! `open wechat-pay`, `-response`, `-certificates`: each row of the contract.

use protocol_core::crypto::AeadAlgorithm;

use crate::fixture::{COMPLAINT_RESOURCE, Folder, Message, NOW, SAMPLES, VECTORS, envelope, envelope_with_nonce};

#[test]
fn the_shipped_sample_opens() {
    let folder = Folder::new();
    let outcome = folder.run(&[
        "open",
        "wechat-pay",
        "--config",
        &format!("{SAMPLES}/complaints.toml"),
        "--headers",
        &format!("{SAMPLES}/wechat-pay/notification.headers"),
        "--body",
        &format!("{SAMPLES}/wechat-pay/notification.json"),
        "--now",
        NOW,
    ]);
    let json = outcome.json();
    assert_eq!(json["event_type"], "COMPLAINT.CREATE");
    assert_eq!(json["resource"]["complaint_id"], "200201820200101080076610000");
    assert_eq!(json["resource"]["action_type"], "CREATE_COMPLAINT");
    assert_eq!(json["summary"], "产生新投诉");
}

#[test]
fn rsa_and_sm_notifications_open_and_keep_unknown_members() {
    let folder = Folder::configured();
    let sm = Message::sm2(envelope("COMPLAINT.STATE_CHANGE", AeadAlgorithm::Sm4Gcm, COMPLAINT_RESOURCE));
    for message in [Message::complaint(), sm] {
        let json = folder.open(&message).json();
        assert_eq!(json["id"], "EV-1");
        assert_eq!(json["resource"]["action_type"], "CREATE_COMPLAINT");
        assert_eq!(json["new_member"], serde_json::json!([1]));
    }
}

#[test]
fn another_event_opens_with_its_resource_as_it_is() {
    let folder = Folder::configured();
    let resource = r#"{"big":123456789012345678901234567890,"nested":{"a":[null]}}"#;
    let outcome = folder.open(&Message::rsa(envelope("VIOLATION.PUNISH", AeadAlgorithm::Aes256Gcm, resource)));
    assert!(outcome.stdout.contains(&format!(r#""resource":{resource}"#)), "{outcome:?}");
    outcome.json();
}

#[test]
fn violations_are_typed_and_printed_under_the_names_of_the_wire() {
    let folder = Folder::configured();
    let resource = r#"{"sub_mchid":"1900009231","record_id":"r1","punish_time":"2025-03-14T15:09:26+08:00","risk_type":"TRANSACTION_DISPUTE","new":1.50}"#;
    for event in ["VIOLATION.PUNISH", "VIOLATION.INTERCEPT", "VIOLATION.APPEAL"] {
        let outcome = folder.open(&Message::rsa(envelope(event, AeadAlgorithm::Aes256Gcm, resource)));
        let json = outcome.json();
        assert_eq!(
            (&json["event_type"], &json["resource"]["risk_type"]),
            (&event.into(), &"TRANSACTION_DISPUTE".into())
        );
        assert!(outcome.stdout.contains(r#""new":1.50"#), "{outcome:?}");
        let odd = r#"{"sub_mchid":["CANARY"],"record_id":"r1"}"#;
        let outcome = folder.open(&Message::rsa(envelope(event, AeadAlgorithm::Aes256Gcm, odd)));
        assert!(outcome.status == 0 && outcome.stdout.contains(r#""sub_mchid":["CANARY"]"#), "{outcome:?}");
        let note = "note: the member sub_mchid cannot be read";
        assert!(outcome.stderr.starts_with(note) && !outcome.stderr.contains("CANARY"), "{outcome:?}");
    }
}

#[test]
fn any_changed_byte_is_a_bad_signature() {
    let folder = Folder::configured();
    let good = Message::complaint();
    for at in [0, good.body.len() / 2, good.body.len() - 1] {
        let mut message = good.clone();
        message.body[at] ^= 1;
        folder.open(&message).refused("bad-signature");
    }
    for body in [[&good.body[..], b"\n"].concat(), good.body[1..].to_vec(), vec![]] {
        folder.open(&Message { body, ..good.clone() }).refused("bad-signature");
    }
    let mut message = good.clone();
    message.header("Wechatpay-Nonce").replace_range(..1, "F");
    folder.open(&message).refused("bad-signature");
    let mut message = good.clone();
    *message.header("Wechatpay-Timestamp") = "1741936165".to_owned();
    folder.open(&message).refused("bad-signature");
    for spoilt in ["not base64!", "AAAA", "=", "AAA"] {
        let mut message = good.clone();
        *message.header("Wechatpay-Signature") = spoilt.to_owned();
        folder.open(&message).refused("bad-signature");
    }
    // Not even text: the file then is not UTF-8.
    for name in ["Wechatpay-Nonce", "Wechatpay-Signature"] {
        good.store(&folder);
        let mut bytes = std::fs::read(folder.path().join("headers")).unwrap();
        let at = bytes.windows(name.len() + 1).position(|window| window == format!("{name}:").as_bytes()).unwrap();
        bytes[at + name.len() + 4] = 0x80;
        folder.write("headers", bytes);
        folder
            .run(&["open", "wechat-pay", "--headers", "headers", "--body", "body", "--now", NOW])
            .refused("bad-signature");
    }
    let mut message = good;
    let signature = message.header("Wechatpay-Signature");
    let changed = if signature.starts_with('A') { "B" } else { "A" };
    signature.replace_range(..1, changed);
    folder.open(&message).refused("bad-signature");
}

#[test]
fn the_algorithm_a_message_names_has_to_be_its_keys() {
    let folder = Folder::configured();
    let mut message = Message::complaint();
    *message.header("Wechatpay-Signature-Type") = "WECHATPAY2-SM2-WITH-SM3".to_owned();
    folder.open(&message).refused("bad-signature");
    *message.header("Wechatpay-Signature-Type") = "WECHATPAY3".to_owned();
    folder.open(&message).refused("malformed");
    message.headers.retain(|(name, _)| *name != "Wechatpay-Signature-Type");
    folder.open(&message).json();
}

#[test]
fn a_probe_is_refused_under_its_own_name_before_anything_else() {
    let folder = Folder::configured();
    let mut message = Message::complaint();
    *message.header("Wechatpay-Signature") = "WECHATPAY/SIGNTEST/whatever".to_owned();
    *message.header("Wechatpay-Serial") = "unknown".to_owned();
    folder.open_at(&message, "0").refused("probe");
}

#[test]
fn the_clock_window_is_the_same_on_both_sides() {
    let folder = Folder::configured();
    let message = Message::complaint();
    let now: i64 = NOW.parse().unwrap();
    for distance in [300, 301, 1_000_000_000] {
        folder.open_at(&message, &(now + distance).to_string()).refused("stale-timestamp");
        folder.open_at(&message, &(now - distance).to_string()).refused("stale-timestamp");
    }
    folder.open_at(&message, &(now + 299).to_string()).json();
    folder.open_at(&message, &(now - 299).to_string()).json();
    message.store(&folder);
    let stale = folder.run(&["open", "wechat-pay", "--headers", "headers", "--body", "body"]);
    assert!(stale.refused("stale-timestamp").contains("--now"));
}

#[test]
fn headers_have_to_be_there_once() {
    let folder = Folder::configured();
    let good = Message::complaint();
    for name in ["Wechatpay-Timestamp", "Wechatpay-Nonce", "Wechatpay-Serial", "Wechatpay-Signature"] {
        let mut missing = good.clone();
        missing.headers.retain(|(candidate, _)| *candidate != name);
        assert!(folder.open(&missing).refused("missing-header").contains(name));
        let mut empty = good.clone();
        empty.header(name).clear();
        folder.open(&empty).refused("missing-header");
        let mut twice = good.clone();
        let copy = twice.headers.iter().find(|(candidate, _)| *candidate == name).unwrap().clone();
        twice.headers.push(copy);
        assert!(folder.open(&twice).refused("malformed").contains(name));
    }
    for timestamp in ["+1741936166", "1741936166.0", "now", "99999999999999999999"] {
        let mut message = good.clone();
        *message.header("Wechatpay-Timestamp") = timestamp.to_owned();
        folder.open(&message).refused("malformed");
    }
}

#[test]
fn a_header_file_may_have_a_status_line_and_any_line_ends() {
    let folder = Folder::configured();
    let message = Message::complaint();
    message.store(&folder);
    let lines: Vec<_> =
        message.headers.iter().map(|(name, value)| format!("{}: {value}", name.to_uppercase())).collect();
    for (first, end) in [("HTTP/1.1 200 OK", "\n"), ("POST /notify HTTP/1.1", "\r\n"), ("\u{feff}", "\n")] {
        let text = std::iter::once(first.to_owned()).chain(lines.clone()).collect::<Vec<_>>().join(end);
        folder.write("headers", text);
        folder.run(&["open", "wechat-pay", "--headers", "headers", "--body", "body", "--now", NOW]).json();
    }
    // As `curl -i` writes it after a proxy's response.
    let proxied = format!("HTTP/1.1 200 Connection established\n\nHTTP/2 200\n{}\n", lines.join("\n"));
    folder.write("headers", proxied);
    folder.run(&["open", "wechat-pay", "--headers", "headers", "--body", "body", "--now", NOW]).json();
    folder.write("headers", "Wechatpay-Nonce x\n");
    folder.run(&["open", "wechat-pay", "--headers", "headers", "--body", "body", "--now", NOW]).refused("malformed");
}

#[test]
fn an_unknown_serial_is_named() {
    let folder = Folder::configured();
    let mut message = Message::complaint();
    *message.header("Wechatpay-Serial") = "77777777".to_owned();
    assert!(folder.open(&message).refused("unknown-key").contains("77777777"));
}

#[test]
fn an_expired_certificate_is_no_key() {
    let folder = Folder::configured();
    // The certificate ends on 2025-05-09.
    let mut message = Message::complaint();
    *message.header("Wechatpay-Timestamp") = "1760000000".to_owned();
    assert!(folder.open_at(&message, "1760000000").refused("unknown-key").contains("valid any more"));
}

#[test]
fn what_does_not_decrypt_is_said_so() {
    let folder = Folder::configured();
    let aes = AeadAlgorithm::Aes256Gcm;
    let good = envelope("COMPLAINT.CREATE", aes, COMPLAINT_RESOURCE);
    let json: serde_json::Value = serde_json::from_str(&good).unwrap();
    let with = |member: &str, value: &str| {
        let mut json = json.clone();
        json["resource"][member] = value.into();
        Message::rsa(json.to_string())
    };
    let ciphertext = json["resource"]["ciphertext"].as_str().unwrap();
    let flipped_tag = format!("{}{}", &ciphertext[..ciphertext.len() - 4], "AAA=");
    for message in [
        with("ciphertext", &flipped_tag),
        with("ciphertext", "not base64"),
        with("ciphertext", ""),
        with("ciphertext", "AAAA"),
        with("nonce", "abcdefghijkl"),
        with("nonce", ""),
        with("nonce", "cPl41nT0nC0"),
        with("associated_data", ""),
        with("algorithm", "AEAD_SM4_GCM"),
        with("algorithm", "AEAD_CHACHA20_POLY1305"),
        Message::rsa(envelope_with_nonce("COMPLAINT.CREATE", aes, COMPLAINT_RESOURCE, "cPl41nT0nC00cPl4")),
    ] {
        folder.open(&message).refused("decrypt-failed");
    }
    folder.write("apiv3.key", "00000000000000000000000000000000");
    folder.open(&Message::complaint()).refused("decrypt-failed");
}

#[test]
fn associated_data_may_be_absent() {
    let folder = Folder::configured();
    let key = protocol_core::crypto::ApiV3Key::new(crate::fixture::APIV3_KEY.as_bytes()).unwrap();
    let sealed = key.seal(AeadAlgorithm::Aes256Gcm, b"cPl41nT0nC00", b"", COMPLAINT_RESOURCE.as_bytes()).unwrap();
    let ciphertext = protocol_core::crypto::Signature::new(sealed).to_base64();
    for associated_data in ["", r#""associated_data":"","#, r#""associated_data":null,"#] {
        let body = format!(
            r#"{{"id":"1","event_type":"COMPLAINT.CREATE","resource":{{{associated_data}"algorithm":"AEAD_AES_256_GCM","nonce":"cPl41nT0nC00","ciphertext":"{ciphertext}"}}}}"#
        );
        folder.open(&Message::rsa(body)).json();
    }
}

#[test]
fn signed_bytes_that_are_no_envelope_are_malformed_with_their_place() {
    let folder = Folder::configured();
    for (body, place) in [
        (&b"<xml/>"[..], "line 1 column 1"),
        (b"", "line 1 column 0"),
        (b"[]", "line 1"),
        (b"{}", "missing member `id`, line 1 column 2"),
        (b"{\"id\":\"1\",\n\"id\":\"2\"}", "stands twice, line 2"),
        (b"{\"id\":\"1\",\n\"x\":\"\xff\"}", "missing member `event_type`, line 2"),
        (b"{\"id\":\"1\",\"event_type\":\"COMPLAINT.CREATE\",\"resource\":\"canary\"}", "expected an object"),
    ] {
        let outcome = folder.open(&Message::rsa(body));
        assert!(outcome.refused("malformed").contains(place), "{outcome:?}");
        assert!(!outcome.stderr.contains("canary"), "{outcome:?}");
    }
}

#[test]
fn a_resource_that_opens_but_cannot_be_read_is_printed() {
    let folder = Folder::configured();
    for (resource, number) in [
        (r#"{"action_type":"X"}"#, None),
        (r#"{"complaint_id":"","complaint_detail":"\u001b[31m"}"#, None),
        (r#"{"complaint_id":"7","complaint_detail":"a"b"}"#, Some("7")),
    ] {
        let message = Message::rsa(envelope("COMPLAINT.CREATE", AeadAlgorithm::Aes256Gcm, resource));
        let outcome = folder.open(&message);
        let json = outcome.json_despite("malformed");
        assert_eq!((&json["id"], &json["document"]), (&"EV-1".into(), &resource.into()));
        assert_eq!(json.get("complaint_id").and_then(|id| id.as_str()), number);
        assert!(outcome.stderr.contains("read the complaint by its number"), "{outcome:?}");
    }
}

#[test]
fn the_size_bound_is_kept_to_the_byte() {
    let folder = Folder::configured();
    let bound = 3 * 512 * 1024;
    let good = String::from_utf8(Message::complaint().body).unwrap();
    let padded = |length: usize| format!("{good}{}", " ".repeat(length - good.len()));
    folder.open(&Message::rsa(padded(bound))).json();
    folder.open(&Message::rsa(padded(bound + 1))).refused("too-large");
}

#[test]
fn responses_are_verified_before_they_are_printed() {
    let folder = Folder::configured();
    let response = |message: &Message, status: &str| {
        message.store(&folder);
        folder.run(&[
            "open",
            "wechat-pay-response",
            "--status",
            status,
            "--headers",
            "headers",
            "--body",
            "body",
            "--now",
            NOW,
        ])
    };
    let good = Message::rsa(r#"{"media_id":"a","x":1.50}"#);
    assert_eq!(response(&good, "200").stdout, "{\"media_id\":\"a\",\"x\":1.50}\n");
    assert!(response(&Message::rsa(""), "204").json().is_null());

    let unsigned = Message { headers: vec![("Request-ID", "08F5-268435484".to_owned())], ..good.clone() };
    response(&unsigned, "200").refused("missing-header");
    let forged = Message { body: b"{}".to_vec(), ..good.clone() };
    response(&forged, "200").refused("bad-signature");
    response(&forged, "400").refused("bad-signature");
    response(&Message::rsa("<html>"), "200").refused("malformed");

    let refusal = Message::rsa(r#"{"code":"PARAM_ERROR","message":"参数错误"}"#);
    let outcome = response(&refusal, "400");
    assert!(outcome.refused("rejected").contains("400 PARAM_ERROR: 参数错误 (signed)"), "{outcome:?}");
    let sign_error = Message {
        body: std::fs::read(format!("{VECTORS}/wild/error_401_sign_error.json")).unwrap(),
        ..unsigned.clone()
    };
    let outcome = response(&sign_error, "401");
    assert!(outcome.refused("rejected").contains("401 SIGN_ERROR"), "{outcome:?}");
    assert!(outcome.stderr.contains("not signed"), "{outcome:?}");
    let gateway = Message { body: b"<html>502</html>".to_vec(), ..unsigned };
    assert!(response(&gateway, "502").refused("rejected").contains("502 (not signed"));
}

#[test]
fn certificates_are_opened_and_printed() {
    let folder = Folder::configured();
    let list = format!("{VECTORS}/java/certificates_response_aes256.json");
    let json = folder.run(&["open", "wechat-pay-certificates", "--body", &list]).json();
    let pem = std::fs::read_to_string(format!("{VECTORS}/java/certificates_response_aes256.plaintext.pem")).unwrap();
    assert_eq!(json["data"][0]["serial_no"], "5DEA10EF55877E3CF6C33255C2E7DEFFF7E427EC");
    assert_eq!(json["data"][0]["effective_time"], "2023-09-19T15:15:58Z");
    assert_eq!(json["data"][0]["expire_time"], "2028-09-17T15:15:58Z");
    assert_eq!(json["data"][0]["pem"].as_str().unwrap().trim(), pem.trim());

    let old = format!("{VECTORS}/java/download_certificate_response_doc.json");
    folder.run(&["open", "wechat-pay-certificates", "--body", &old]).refused("decrypt-failed");
    folder.write("list", r#"{"data":[]}"#);
    folder.run(&["open", "wechat-pay-certificates", "--body", "list"]).refused("malformed");
}
