//! The configuration: only what is used is needed, secrets are never quoted, mistakes are named.

use crate::fixture::{APIV3_KEY, Folder, Message, NOW, PLATFORM_SERIAL, SAMPLES, SM_KEY_ID, VECTORS};

#[test]
fn an_api_v3_key_has_32_bytes() {
    let folder = Folder::configured();
    for key in ["", "short", "a7cde1ZJB1kG2e7VfTs3jQzaWizur8Gb0", "a7cde1ZJB1kG2e7VfTs3jQzaWizur8G b"] {
        folder.write("apiv3.key", key);
        let outcome = folder.open(&Message::complaint());
        let message = outcome.refused("config");
        assert!(message.contains("32 bytes") && (key.is_empty() || !message.contains(key)), "{message}");
    }
}

#[test]
fn an_unreadable_key_is_named_with_what_it_is() {
    let folder = Folder::configured();
    let config = std::fs::read_to_string(folder.path().join("complaints.toml")).unwrap();
    let certificate = "java/wechat_pay_certificate.pem";
    for (instead, message) in [
        ("nowhere.pem", "cannot read"),
        ("java/merchant_private_key.pem", "this is a private key; a public key or a certificate is needed"),
        ("java/merchant_certificate.pem", "this certificate's serial is 5F1C72E2A8931B72A2E13AF8DEE92471EB397115"),
        ("go/aes_gcm.json", "neither PEM, nor base64, nor DER"),
    ] {
        folder.write("complaints.toml", config.replace(certificate, instead));
        let outcome = folder.open(&Message::complaint());
        assert!(outcome.refused("config").contains(message), "{outcome:?}");
    }
    folder.write("complaints.toml", config.replace("java/merchant_private_key.pem", "java/merchant_certificate.pem"));
    let outcome = folder.run(&["sign", "wechat-pay", "--method", "GET", "--target", "/v3/x"]);
    assert!(outcome.refused("config").contains("this is a certificate; a private key is needed"), "{outcome:?}");
    // What is not used is not read.
    folder.open(&Message::complaint()).json();
}

#[test]
fn only_the_section_in_use_is_needed() {
    let folder = Folder::new();
    folder.run(&["decode", "complaint", &format!("{SAMPLES}/wechat-pay/complaint.json")]).json();
    folder.run(&["sign", "wechat-pay", "--method", "GET", "--target", "/"]).refused("config");
    folder.write("complaints.toml", "[allinpay]\nappid = \"1\"\n");
    let outcome = folder.run(&["sign", "wechat-pay", "--method", "GET", "--target", "/"]);
    assert!(outcome.refused("config").contains("[wechat-pay]"), "{outcome:?}");
}

#[test]
fn mistakes_in_the_file_are_named_and_not_quoted() {
    let folder = Folder::new();
    for (text, words) in [
        ("[wechat-pay]\napiv3_key = \"canary\"\n", "line 2: unknown field `apiv3_key`"),
        ("[wechat-pay]\nmchid = [\"canary\"]\n", "line 2"),
        ("[wechat-pay]\n\"canary\\u001b[31m\" = 1\n", "line 2: the value is of the wrong kind"),
        ("[wechat-pay]\nCanary0123456789abcdefghijklmnop=\n", "line 2: the value is of the wrong kind"),
        ("[wechat-pay]\nmchid = \"canary\n", "line 2"),
        ("[wechat-pay]\nalgorithm = \"canary\"\n", "line 2: `algorithm` must be \"rsa\" or \"sm2\""),
        ("[wechat-pay]\nmchid = 1900007291\n", "line 2: `mchid` has a value of the wrong kind; write text in quotes"),
    ] {
        folder.write("complaints.toml", text);
        let outcome = folder.run(&["sign", "wechat-pay", "--method", "GET", "--target", "/"]);
        assert!(outcome.refused("config").contains(words), "{outcome:?}");
        assert!(!outcome.stderr.to_lowercase().contains("canary"), "{outcome:?}");
    }
}

#[test]
fn a_secret_in_the_place_of_a_file_name_is_not_quoted() {
    let folder = Folder::configured();
    let config = std::fs::read_to_string(folder.path().join("complaints.toml")).unwrap();
    folder.write("complaints.toml", config.replace("\"apiv3.key\"", "\"canary7cde1ZJB1kG2e7VfTs3jQzaWiz\""));
    let outcome = folder.open(&Message::complaint());
    assert!(outcome.refused("config").contains("apiv3_key_file must be a file's name"), "{outcome:?}");
    assert!(!outcome.stderr.contains("canary"), "{outcome:?}");
    // The forms of an APIv3 key, an EncodingAESKey, a secret, a token and the base64 of a key.
    for secret in [
        "CANARY9012345678901234567890123a",
        "CANARY7ghijklmnopqrstuvwxyz0123456789ABCDEF",
        "canary0123456789abcdef0123456789abcdef",
        "canary2024",
        "MIGTAgEAMBMGByqGSM49AgEGCCqBHM9V/canary/BHkwdwIBAQQg0Xo8yq5Nb=",
    ] {
        folder.write("complaints.toml", config.replace("\"apiv3.key\"", &format!("\"{secret}\"")));
        let outcome = folder.open(&Message::complaint());
        assert!(outcome.refused("config").contains("is not shown"), "{outcome:?}");
        assert!(!outcome.stderr.to_lowercase().contains("canary"), "{outcome:?}");
    }
    let pem = "'''-----BEGIN PRIVATE KEY-----\ncanary\n-----END PRIVATE KEY-----'''";
    let key = format!("\"{VECTORS}/java/merchant_private_key.pem\"");
    folder.write("complaints.toml", config.replace(&key, pem));
    let outcome = folder.run(&["sign", "wechat-pay", "--method", "GET", "--target", "/v3/x"]);
    assert!(outcome.refused("config").contains("private_key must be a file's name"), "{outcome:?}");
    assert!(!outcome.stderr.contains("canary"), "{outcome:?}");
}

#[test]
fn a_missing_file_is_named_with_where_it_is_looked_for() {
    let folder = Folder::configured();
    let config = std::fs::read_to_string(folder.path().join("complaints.toml")).unwrap();
    let platform_key = format!("\"{VECTORS}/java/wechat_pay_certificate.pem\"");
    for (from, to, words) in [
        ("\"apiv3.key\"", "\"secrets/apiv3.key\"", "cannot read secrets/apiv3.key, which apiv3_key_file names"),
        ("\"apiv3.key\"", "\"apiv3\"", "cannot read apiv3, which apiv3_key_file names"),
        ("\"apiv3.key\"", "'C:\\keys\\apiv3.key'", "cannot read C:\\keys\\apiv3.key, which apiv3_key_file names"),
        ("\"apiv3.key\"", "\".\"", "which apiv3_key_file names: is a directory"),
        (&platform_key, "\"微信支付公钥.pem\"", "cannot read 微信支付公钥.pem, which platform_keys names"),
    ] {
        folder.write("complaints.toml", config.replace(from, to));
        let outcome = folder.open(&Message::complaint());
        assert!(outcome.refused("config").contains(words), "{words}: {outcome:?}");
    }
    folder.write("complaints.toml", config.replace("\"apiv3.key\"", "\"gone.key\""));
    Message::complaint().store(&folder);
    let elsewhere = folder.path().join("complaints.toml").display().to_string();
    let open = ["open", "wechat-pay", "--headers", "headers", "--body", "body", "--now", NOW];
    let outcome = folder.run(&[&open[..], &["--config", &elsewhere]].concat());
    let looked_for = format!("names are relative to {}", folder.path().display());
    assert!(outcome.refused("config").contains(&looked_for), "{outcome:?}");
}

#[test]
fn an_id_that_differs_unseen_says_in_what() {
    let folder = Folder::configured();
    let config = std::fs::read_to_string(folder.path().join("complaints.toml")).unwrap();
    let colons: Vec<_> = PLATFORM_SERIAL.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).unwrap()).collect();
    for (id, words) in [
        (format!("{PLATFORM_SERIAL} "), "the two differ only in a blank"),
        (format!("\u{feff}{PLATFORM_SERIAL}"), "a character without width (\\u{feff})"),
        (
            format!("{}\u{200b}{}", &PLATFORM_SERIAL[..9], &PLATFORM_SERIAL[9..]),
            "a character without width (\\u{200b})",
        ),
        (colons.join(":"), "`:`"),
    ] {
        folder.write("complaints.toml", config.replace(PLATFORM_SERIAL, &id));
        let outcome = folder.open(&Message::complaint());
        let message = outcome.refused("config");
        assert!(message.contains(words) && message.contains(&format!("write {PLATFORM_SERIAL}")), "{message}");
    }
    // Another serial is another serial; the case of its letters and the zeros before it make none.
    folder.write("complaints.toml", config.replace(PLATFORM_SERIAL, "5F1C"));
    assert!(!folder.open(&Message::complaint()).refused("config").contains("differ only"));
    for same in [PLATFORM_SERIAL.to_lowercase(), format!("00{PLATFORM_SERIAL}")] {
        folder.write("complaints.toml", config.replace(PLATFORM_SERIAL, &same));
        folder.open(&Message::complaint()).json();
    }
    // A public key has no serial to compare with.
    folder.write("complaints.toml", config.replace(SM_KEY_ID, &format!("{SM_KEY_ID}\u{a0}")));
    let outcome = folder.open(&Message::complaint());
    assert!(outcome.refused("config").contains("a no-break blank"), "{outcome:?}");
}

#[test]
fn a_configuration_that_was_named_has_to_be_there() {
    let folder = Folder::new();
    let complaint = format!("{SAMPLES}/wechat-pay/complaint.json");
    let decode = ["decode", "complaint", "--config", "typo.toml", &complaint, "--decrypt"];
    folder.run_with(&decode, &[("COMPLAINTS_WECHAT_PAY_PRIVATE_KEY", "-----BEGIN")]).refused("config");
}

#[test]
fn secrets_may_come_from_the_environment() {
    let folder = Folder::configured();
    std::fs::remove_file(folder.path().join("apiv3.key")).unwrap();
    Message::complaint().store(&folder);
    let open = ["open", "wechat-pay", "--headers", "headers", "--body", "body", "--now", NOW];
    folder.run(&open).refused("config");
    folder.run_with(&open, &[("COMPLAINTS_WECHAT_PAY_APIV3_KEY", APIV3_KEY)]).json();

    let elsewhere = Folder::new();
    let pem = std::fs::read_to_string(format!("{VECTORS}/java/merchant_private_key.pem")).unwrap();
    let one_line = pem.trim().replace('\n', "\\n");
    for pem in [&pem, &one_line] {
        let decode = ["decode", "complaint", &format!("{SAMPLES}/wechat-pay/complaint.json"), "--decrypt"];
        let json = elsewhere.run_with(&decode, &[("COMPLAINTS_WECHAT_PAY_PRIVATE_KEY", pem)]).json();
        assert_eq!(json["payer_phone"], "13900001234");
    }
}

#[test]
fn one_of_several_merchants_is_chosen() {
    let folder = Folder::configured();
    let config = std::fs::read_to_string(folder.path().join("complaints.toml")).unwrap();
    let listed = config.replace("[wechat-pay]", "[[wechat-pay]]");
    let second = "\n[[wechat-pay]]\nmchid = \"1900000002\"\nname = \"shop\"\n";
    folder.write("complaints.toml", format!("{listed}{second}"));
    let outcome = folder.open(&Message::complaint());
    let message = outcome.refused("config");
    assert!(
        message.contains("several [wechat-pay], of which one is needed: 1900007291, 1900000002 (shop)"),
        "{message}"
    );
    assert!(message.trim_end().ends_with("choose with --account"), "{message}");
    let open = ["open", "wechat-pay", "--headers", "headers", "--body", "body", "--now", NOW, "--account"];
    folder.run(&[&open[..], &["1900007291"]].concat()).json();
    let outcome = folder.run(&[&open[..], &["shop"]].concat());
    assert!(outcome.refused("config").contains("[wechat-pay] 1900000002 needs "), "{outcome:?}");
    let outcome = folder.run(&[&open[..], &["3"]].concat());
    assert!(outcome.refused("config").contains("has no [wechat-pay] 3, but: 1900007291, "), "{outcome:?}");
}

#[test]
fn usage_is_refused_in_the_same_form() {
    let folder = Folder::new();
    for arguments in [&[][..], &["open"], &["open", "wechat-pay"], &["frobnicate"], &["decode", "complaint"]] {
        folder.run(arguments).refused("usage");
    }
    for arguments in [&["--help"][..], &["explain", "--help"], &["--version"]] {
        let outcome = folder.run(arguments);
        assert_eq!((outcome.status, outcome.stderr.as_str()), (0, ""), "{outcome:?}");
    }
}
