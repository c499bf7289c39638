//! `init`: a configuration is written once, whole, for its owner, and without a secret.
#![cfg(unix)]

use std::os::unix::fs::PermissionsExt as _;

use protocol_core::wechat_pay::Scheme;

use crate::fixture::APIV3_KEY;
use crate::platform::Platform;

/// A platform whose folder has the keys, and no configuration.
fn unconfigured() -> Platform {
    let platform = Platform::new();
    std::fs::remove_file(platform.folder.path().join("complaints.toml")).unwrap();
    platform
}

fn written(platform: &Platform) -> Option<String> {
    std::fs::read_to_string(platform.folder.path().join("complaints.toml")).ok()
}

/// `--set` for each member.
fn set(members: &[String]) -> Vec<&str> {
    let arguments = members.iter().flat_map(|member| ["--set", member.as_str()]);
    [&["init"], &arguments.collect::<Vec<_>>()[..]].concat()
}

fn wechat_pay(platform: &Platform) -> Vec<String> {
    let merchant = platform.sandbox.merchant();
    let base_url = platform.sandbox.base_url();
    vec![
        format!("wechat-pay.mchid={}", merchant.mchid),
        "wechat-pay.private_key=sandbox_merchant_key.pem".to_owned(),
        format!("wechat-pay.serial_no={}", merchant.serial_no),
        "wechat-pay.apiv3_key_file=sandbox_apiv3.key".to_owned(),
        format!("wechat-pay.platform_keys.id={}", platform.sandbox.platform_key().id),
        "wechat-pay.platform_keys.file=sandbox_platform_key.pem".to_owned(),
        format!("wechat-pay.base_url={base_url}"),
        "wechat-pay.root_certificate=sandbox_root.pem".to_owned(),
    ]
}

fn others(platform: &Platform) -> Vec<String> {
    let (mini_program, allinpay) = (platform.sandbox.mini_program(), platform.sandbox.allinpay());
    let base_url = platform.sandbox.base_url();
    vec![
        format!("mini-program.appid={}", mini_program.appid),
        "mini-program.app_secret_file=sandbox_app_secret".to_owned(),
        "mini-program.token_file=sandbox_token".to_owned(),
        "mini-program.encoding_aes_key_file=sandbox_encoding_aes_key".to_owned(),
        format!("mini-program.base_url={base_url}"),
        "mini-program.root_certificate=sandbox_root.pem".to_owned(),
        "virtual-payment.app_key_file=sandbox_app_key".to_owned(),
        format!("allinpay.appid={}", allinpay.appid),
        format!("allinpay.cusid={}", allinpay.cusid),
        "allinpay.private_key=sandbox_allinpay.key".to_owned(),
        "allinpay.platform_key=sandbox_allinpay_platform.pub".to_owned(),
        format!("allinpay.base_url={base_url}/cusapi"),
        "allinpay.root_certificate=sandbox_root.pem".to_owned(),
    ]
}

#[test]
fn what_is_given_is_written_and_works() {
    let platform = unconfigured();
    let members = [wechat_pay(&platform), others(&platform)].concat();
    let json = platform.run(&set(&members)).json();
    assert_eq!(json["sections"], serde_json::json!(["wechat-pay", "mini-program", "virtual-payment", "allinpay"]));
    let text = written(&platform).unwrap();
    assert!(text.contains("algorithm = \"rsa\"") && text.contains("sign_type = \"RSA\""), "{text}");
    assert!(text.contains("mode = \"secure\"") && text.contains("environment = \"production\""), "{text}");
    let mode = std::fs::metadata(platform.folder.path().join("complaints.toml")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let doctor = platform.run(&["doctor"]);
    assert_eq!((doctor.status, doctor.stderr.as_str()), (0, ""), "{doctor:?}");
    // No secret is in it.
    let account = platform.sandbox.mini_program();
    for secret in
        [account.token, account.encoding_aes_key, account.app_secret, platform.sandbox.merchant().api_v3_key.clone()]
    {
        assert!(!text.contains(&secret));
    }
}

#[test]
fn a_file_that_is_there_is_kept() {
    let platform = Platform::new();
    let before = written(&platform);
    let members = wechat_pay(&platform);
    let refused = platform.run(&set(&members));
    assert!(refused.refused("usage").contains("complaints.toml is there, and is kept"), "{refused:?}");
    assert_eq!(written(&platform), before);
    let elsewhere = [set(&members), vec!["--config", "other.toml"]].concat();
    assert_eq!(platform.run(&elsewhere).json()["configuration"], "other.toml");
    let nowhere = [set(&members), vec!["--config", "none/other.toml"]].concat();
    assert!(platform.run(&nowhere).refused("usage").contains("create it first"));
}

#[test]
fn without_a_terminal_it_says_what_it_needs() {
    let platform = unconfigured();
    let refused = platform.run(&["init"]);
    assert!(refused.refused("usage").contains("--channel (wechat-pay, mini-program, virtual-payment, allinpay)"));
    let refused = platform.run(&["init", "--channel", "wechat-pay"]);
    let message = refused.refused("usage");
    for member in ["mchid", "private_key", "serial_no", "apiv3_key_file"] {
        assert!(message.contains(&format!("--set wechat-pay.{member}=…")), "{message}");
    }
    assert!(!message.contains("platform_keys"), "{message}");
    let refused = platform.run(&["init", "--channel", "virtual-payment"]);
    assert!(refused.refused("usage").contains("--channel mini-program"), "{refused:?}");
    assert_eq!(written(&platform), None);
}

#[test]
fn each_value_is_checked_and_nothing_is_written_of_a_wrong_one() {
    let platform = unconfigured();
    let pasted = APIV3_KEY;
    platform.folder.write("short.key", &APIV3_KEY[1..]);
    platform.folder.write("text.pem", "canary");
    platform.folder.write("short_aes", "canary");
    for (right, wrong, words) in [
        ("wechat-pay.mchid=", "wechat-pay.mchid=a b".to_owned(), "[wechat-pay]"),
        ("wechat-pay.private_key=", "wechat-pay.private_key=gone.pem".to_owned(), "cannot read gone.pem"),
        ("wechat-pay.private_key=", "wechat-pay.private_key=text.pem".to_owned(), "private_key: "),
        ("wechat-pay.apiv3_key_file=", "wechat-pay.apiv3_key_file=short.key".to_owned(), "apiv3_key_file: "),
        ("wechat-pay.apiv3_key_file=", format!("wechat-pay.apiv3_key_file={pasted}"), "must be a file's name"),
        ("wechat-pay.platform_keys.file=", "wechat-pay.platform_keys.file=text.pem".to_owned(), "platform_keys: "),
        ("wechat-pay.base_url=", "wechat-pay.base_url=http://a.example".to_owned(), "`base_url` must be https"),
        (
            "mini-program.encoding_aes_key_file=",
            "mini-program.encoding_aes_key_file=short_aes".to_owned(),
            "encoding_aes_key_file: ",
        ),
        ("allinpay.private_key=", "allinpay.private_key=text.pem".to_owned(), "private_key: "),
        ("allinpay.cusid=", "allinpay.cusid=".to_owned(), "cusid is needed"),
    ] {
        let mut members = [wechat_pay(&platform), others(&platform)].concat();
        let member = members.iter_mut().find(|member| member.starts_with(right)).unwrap();
        *member = wrong;
        let refused = platform.run(&set(&members));
        assert_eq!((refused.status, refused.stdout.as_str()), (2, ""), "{words}: {refused:?}");
        assert!(
            refused.stderr.contains(words) && refused.stderr.contains("nothing is written"),
            "{words}: {refused:?}"
        );
        assert!(!refused.stderr.contains("canary") && !refused.stderr.contains(pasted), "{refused:?}");
        assert_eq!(written(&platform), None, "{words}");
    }
    let unknown = [wechat_pay(&platform), vec!["wechat-pay.colour=canary".to_owned()]].concat();
    let refused = platform.run(&set(&unknown));
    assert!(refused.refused("config").contains("colour") && !refused.stderr.contains("canary"), "{refused:?}");
    let without = others(&platform).into_iter().filter(|member| !member.starts_with("mini-program.token_file"));
    let without: Vec<_> = without.collect();
    assert!(platform.run(&set(&without)).refused("usage").contains("encoding_aes_key_file does not go with"));
    let plain = [others(&platform), vec!["mini-program.mode=plain".to_owned()]].concat();
    assert!(platform.run(&set(&plain)).refused("config").contains("`complaints serve` refuses it"));
    let twice = [wechat_pay(&platform), vec!["wechat-pay.mchid=1".to_owned()]].concat();
    assert!(platform.run(&set(&twice)).refused("usage").contains("given twice"));
    for text in ["allinpay.proxy=http://a:canary@b", "wechatpay.apiv3_key=canary", "canary"] {
        let refused = platform.run(&["init", "--set", text]);
        assert!(!refused.refused("usage").contains("canary"), "{refused:?}");
    }
    assert_eq!(written(&platform), None);
}

#[test]
fn a_certificate_tells_its_serial_and_a_key_its_kind() {
    let platform = unconfigured();
    let merchant = platform.sandbox.add_merchant(Scheme::Sm2).unwrap();
    platform.folder.write("sm2.key", &merchant.private_key_pem);
    platform.folder.write("sm2.crt", &merchant.certificate_pem);
    let members = [
        format!("wechat-pay.mchid={}", merchant.mchid),
        "wechat-pay.private_key=sm2.key".to_owned(),
        "wechat-pay.certificate=sm2.crt".to_owned(),
        "wechat-pay.apiv3_key_file=sandbox_apiv3.key".to_owned(),
    ];
    platform.run(&set(&members)).json();
    let text = written(&platform).unwrap();
    assert!(text.contains("algorithm = \"sm2\""), "{text}");
    assert!(text.contains(&format!("serial_no = \"{}\"", merchant.serial_no)), "{text}");
    let other = [members.as_slice(), &["wechat-pay.serial_no=5F1C".to_owned()]].concat();
    let refused = platform.run(&[set(&other), vec!["--config", "other.toml"]].concat());
    assert!(refused.refused("usage").contains("serial_no does not go with"), "{refused:?}");
    // A kind that is given is not guessed.
    let other = [members.as_slice(), &["wechat-pay.algorithm=rsa".to_owned()]].concat();
    let refused = platform.run(&[set(&other), vec!["--config", "other.toml"]].concat());
    assert!(refused.refused("config").contains("`algorithm`"), "{refused:?}");
}
