//! Settings are read when they are asked for, in every form that people save them in.

use complaint_channels::{Channels, SettingError, SettingErrorKind, Settings};

use crate::folder::Folder;

fn read(text: &str) -> Settings {
    Settings::from_toml(text, "").unwrap()
}

fn refusal<T>(outcome: Result<T, SettingError>) -> String {
    outcome.err().unwrap().to_string()
}

#[test]
fn an_error_does_not_repeat_what_was_pasted_where_a_file_name_belongs() {
    let section = |file: &str| format!("[wechat-pay]\nmchid = \"1900007291\"\napiv3_key_file = {file}\n");
    let settings = read(&section("\"c4n4ryc4n4ryc4n4ryc4n4ryc4n4ryc4\""));
    let error = settings.wechat_pay(None).unwrap().api_v3_key().unwrap_err();
    assert!(error.to_string().contains("apiv3_key_file must be a file's name"), "{error}");
    assert!(!error.to_string().contains("c4n4ry") && !format!("{error:?}").contains("c4n4ry"), "{error}");
    let error = Settings::from_toml(&section("c4n4ry"), "").unwrap_err();
    assert!(error.to_string().contains("line 3: `apiv3_key_file`") && !error.to_string().contains("c4n4ry"), "{error}");
}

#[test]
fn what_is_not_used_does_not_have_to_be_there() {
    let settings = read("");
    let error = settings.wechat_pay(None).unwrap_err();
    assert_eq!(error.kind(), SettingErrorKind::Missing);
    assert_eq!(error.to_string(), "the configuration has no section [wechat-pay]; add it");
    assert!(refusal(settings.mini_program(None)).contains("[mini-program]"));
    assert!(refusal(settings.virtual_payment(None)).contains("[virtual-payment]"));
    assert!(refusal(settings.allinpay(None)).contains("[allinpay]"));
    read("[wechat-pay]\n[mini-program]\n[virtual-payment]\n[allinpay]\n").wechat_pay(None).unwrap();
    assert_eq!(Channels::from_toml("", "").unwrap().accounts().count(), 0);
}

#[test]
fn further_hosts_of_pictures_are_host_names() {
    let folder = Folder::new();
    folder.write("token", "AAAAA");
    let channels = |host: &str| {
        let section = "[mini-program]\nappid = \"wx0123456789abcdef\"\ntoken_file = \"token\"\nmode = \"plain\"\n";
        Channels::from_toml(&format!("{section}picture_hosts = [\"{host}\"]\n"), folder.path())
    };
    let longest = "a.".repeat(126) + "a";
    for host in ["cdn.example", "CDN-1.example", &longest] {
        let channels = channels(host).unwrap();
        let links = channels.accounts().next().unwrap().links();
        links.check(&format!("https://{host}/a?b")).unwrap();
        links.check(&format!("https://x.{host}/a")).unwrap();
        assert!(links.check(&format!("https://x{host}/a")).is_err());
    }
    for host in [
        "",
        "https://cdn.example",
        "cdn.example/",
        "cdn.example:443",
        "*.cdn.example",
        ".cdn.example",
        "10.0.0.5",
        "169.254.169.254",
        "0.5",
        "cdn.example.5",
        &format!("{longest}a"),
    ] {
        assert!(refusal(channels(host)).contains("`picture_hosts`"), "{host}");
    }
}

#[test]
fn what_is_used_is_named_where_it_is_missing() {
    let settings = read("[wechat-pay]\n[mini-program]\n[virtual-payment]\n[allinpay]\n");
    let section = settings.wechat_pay(None).unwrap();
    assert_eq!(refusal(section.mchid()), "[wechat-pay] needs mchid");
    assert_eq!(refusal(section.merchant()), "[wechat-pay] needs serial_no");
    assert!(refusal(section.signer()).starts_with("[wechat-pay] needs private_key (or the variable "));
    assert!(refusal(section.api_v3_key()).starts_with("[wechat-pay] needs apiv3_key_file (or the variable "));
    assert!(refusal(section.keyring()).starts_with("[wechat-pay] needs a [[wechat-pay.platform_keys]] entry"));

    let section = settings.mini_program(None).unwrap();
    assert_eq!(refusal(section.appid()), "[mini-program] needs appid");
    assert!(refusal(section.app_secret()).starts_with("[mini-program] needs app_secret_file (or the variable "));
    assert_eq!(refusal(section.receiver()), "[mini-program] needs appid");
    let folder = Folder::new();
    folder.write("token", "AAAAA");
    let appid = "[mini-program]\nappid = \"wx0123456789abcdef\"\ntoken_file = \"token\"\n";
    let section = Settings::from_toml(appid, folder.path()).unwrap().mini_program(None).unwrap();
    assert!(refusal(section.receiver()).starts_with("[mini-program] needs mode"));
    let secure = format!("{appid}mode = \"secure\"\n");
    let section = Settings::from_toml(&secure, folder.path()).unwrap().mini_program(None).unwrap();
    assert!(refusal(section.receiver()).starts_with("[mini-program] needs encoding_aes_key_file (or the variable "));

    let section = settings.virtual_payment(None).unwrap();
    assert!(refusal(section.merchant()).starts_with("[virtual-payment] needs app_key_file (or the variable "));

    let section = settings.allinpay(None).unwrap();
    assert_eq!(refusal(section.merchant()), "[allinpay] needs appid");
    assert!(refusal(section.signer("")).starts_with("[allinpay] needs private_key (or the variable "));
    assert_eq!(refusal(section.verifier()), "[allinpay] needs platform_key");
    let settings = read("[allinpay]\nappid = \"00000051\"\n");
    assert_eq!(refusal(settings.allinpay(None).unwrap().merchant()), "[allinpay] needs cusid");
    let settings = read("[allinpay]\nappid = \"00000051\"\ncusid = \"990581007426001\"\n");
    assert_eq!(refusal(settings.allinpay(None).unwrap().merchant()), "[allinpay] needs sign_type (RSA or SM2)");
}

#[test]
fn a_mode_without_a_key_needs_none() {
    let folder = Folder::new();
    folder.write("token", "AAAAA");
    let section = "[mini-program]\nappid = \"wx0123456789abcdef\"\ntoken_file = \"token\"\n\
                   encoding_aes_key_file = \"none\"\nmode = \"plain\"\n";
    let settings = Settings::from_toml(section, folder.path()).unwrap();
    settings.mini_program(None).unwrap().receiver().unwrap();
}

/// A Mini Program that only receives has no client, one that only calls no receiver.
#[test]
fn a_mini_program_has_a_client_a_receiver_or_both() {
    let folder = Folder::new();
    folder.write("token", "AAAAA");
    folder.write("secret", "0123456789abcdef0123456789abcdef");
    let has = |members: &str| {
        let text = format!("[mini-program]\nappid = \"wx0123456789abcdef\"\n{members}");
        let channels = Channels::from_toml(&text, folder.path())?;
        let account = channels.mini_program("wx0123456789abcdef").unwrap();
        Ok::<_, SettingError>((account.client().is_some(), account.receiver().is_some()))
    };
    let (receives, calls) = ("token_file = \"token\"\nmode = \"plain\"\n", "app_secret_file = \"secret\"\n");
    assert_eq!(has(receives), Ok((false, true)));
    assert_eq!(has(calls), Ok((true, false)));
    assert_eq!(has(&format!("{receives}{calls}")), Ok((true, true)));
    assert!(refusal(has("")).contains("needs app_secret_file"));
}

#[test]
fn allinpays_key_may_be_in_a_certificate() {
    const CERTIFICATE: &str =
        include_str!("../../../protocol-core/tests/vectors/wechatpay/java/wechat_pay_certificate.pem");
    let folder = Folder::new();
    folder.write("key.pem", CERTIFICATE);
    let text = "[allinpay]\nsign_type = \"RSA\"\nplatform_key = \"key.pem\"\n";
    Settings::from_toml(text, folder.path()).unwrap().allinpay(None).unwrap().verifier().unwrap();
}

#[test]
fn an_address_may_end_in_slashes() {
    let settings = read(
        "[wechat-pay]\nbase_url = \"https://sandbox.example/\"\n[mini-program]\nbase_url = \"https://sandbox.example//\"\n\
         [allinpay]\nbase_url = \"https://sandbox.example/cusapi/\"\n",
    );
    assert_eq!(settings.wechat_pay(None).unwrap().hosts().unwrap().preferred(), "https://sandbox.example");
    assert_eq!(settings.mini_program(None).unwrap().origin().unwrap().unwrap(), "https://sandbox.example");
    assert_eq!(settings.allinpay(None).unwrap().base_url().unwrap().unwrap(), "https://sandbox.example/cusapi");
}

#[test]
fn secrets_are_read_as_people_save_them() {
    const SECRET: &str = "0123456789abcdef0123456789abcdef";
    let folder = Folder::new();
    let names = "[wechat-pay]\napiv3_key_file = \"secret\"\nroot_certificate = \"secret\"\n\
                 [mini-program]\nappid = \"wx0123456789abcdef\"\napp_secret_file = \"secret\"\n";
    let settings = Settings::from_toml(names, folder.path()).unwrap();
    let (wechat_pay, mini_program) = (settings.wechat_pay(None).unwrap(), settings.mini_program(None).unwrap());
    let utf16: Vec<u8> = format!("\u{feff}{SECRET}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    for saved in [format!("\u{feff}{SECRET} \r\n").into_bytes(), format!("'{SECRET}'").into_bytes(), utf16.clone()] {
        folder.write("secret", saved);
        assert_eq!(mini_program.app_secret().unwrap().expose(), SECRET.as_bytes());
        wechat_pay.api_v3_key().unwrap();
    }
    assert_eq!(read("[wechat-pay]").wechat_pay(None).unwrap().root_certificate().unwrap(), None);
    folder.write("secret", utf16);
    assert_eq!(wechat_pay.root_certificate().unwrap().unwrap(), SECRET.as_bytes());
}

#[test]
fn a_byte_order_mark_may_stand_before_it() {
    let folder = Folder::new();
    folder.write("complaints.toml", "\u{feff}[wechat-pay]\nmchid = \"1900007291\"\n");
    let settings = Settings::from_file(folder.configuration()).unwrap();
    assert_eq!(settings.wechat_pay(None).unwrap().mchid().unwrap(), "1900007291");
}

#[test]
fn what_would_have_no_effect_is_refused() {
    let merchant = "[wechat-pay]\nmchid = \"1900007291\"\nserial_no = \"5F1C\"\n";
    let misspelled = format!("{merchant}base_ulr = \"https://sandbox.example\"\n");
    let error = Settings::from_toml(&misspelled, "").unwrap_err();
    assert_eq!(error.kind(), SettingErrorKind::Document);
    assert!(error.to_string().contains("line 4: unknown field `base_ulr`, expected one of "), "{error}");
    // The place is as exact in a list of sections.
    let listed = format!(
        "{}\n{}",
        merchant.replace("[wechat-pay]", "[[wechat-pay]]"),
        misspelled.replace("[wechat-pay]", "[[wechat-pay]]")
    );
    let error = Settings::from_toml(&listed, "").unwrap_err();
    assert!(error.to_string().contains("line 8: unknown field `base_ulr`, expected one of "), "{error}");

    let folder = Folder::new();
    folder.write("complaints.toml", [b'[', 0xff]);
    assert!(refusal(Settings::from_file(folder.configuration())).ends_with("the file is not UTF-8"));
}

#[test]
fn one_of_several_sections_is_chosen_by_number_or_name() {
    let settings = read(
        "[[wechat-pay]]\nmchid = \"1900000001\"\n[[wechat-pay]]\nmchid = \"1900000002\"\nname = \"shop\"\n\
         [[mini-program]]\nappid = \"wx01\"\n[[mini-program]]\nappid = \"wx02\"\n\
         [[virtual-payment]]\nappid = \"wx02\"\n",
    );
    for account in ["1900000002", "shop"] {
        assert_eq!(settings.wechat_pay(Some(account)).unwrap().mchid().unwrap(), "1900000002");
    }
    let error = settings.wechat_pay(None).unwrap_err();
    assert_eq!(error.kind(), SettingErrorKind::Choice);
    let choices = "1900000001, 1900000002 (shop)";
    assert_eq!(
        error.to_string(),
        format!("the configuration has several [wechat-pay], of which one is needed: {choices}")
    );
    assert_eq!(
        refusal(settings.wechat_pay(Some("3"))),
        format!("the configuration has no [wechat-pay] 3, but: {choices}")
    );
    // A single section belongs to the Mini Program that it names.
    for account in [None, Some("wx02")] {
        assert_eq!(settings.virtual_payment(account).unwrap().mini_program().unwrap().appid().unwrap(), "wx02");
    }
    assert_eq!(settings.virtual_payment(Some("wx01")).unwrap_err().kind(), SettingErrorKind::Choice);
}

#[test]
fn virtual_payment_belongs_to_a_mini_program() {
    let one = "[mini-program]\nappid = \"wx01\"\nname = \"shop\"\n[virtual-payment]\n";
    for account in [None, Some("wx01"), Some("shop")] {
        assert_eq!(read(one).virtual_payment(account).unwrap().mini_program().unwrap().appid().unwrap(), "wx01");
    }
    assert_eq!(read(one).virtual_payment(Some("wx02")).unwrap_err().kind(), SettingErrorKind::Choice);
    let several = "[[mini-program]]\nappid = \"wx01\"\n[[mini-program]]\nappid = \"wx02\"\n[virtual-payment]\n";
    let error = refusal(read(several).virtual_payment(None).unwrap().mini_program());
    assert_eq!(error, "[virtual-payment] needs the `appid` of its [[mini-program]]");
    let foreign = read(&format!("{several}appid = \"wx03\"\n"));
    assert!(refusal(foreign.virtual_payment(None).unwrap().mini_program()).contains("has no [mini-program] wx03"));
}

#[test]
fn every_member_that_is_documented_is_known() {
    let reference = include_str!("../../../../docs/command-line.md");
    let (_, example) = reference.split_once("```toml\n[wechat-pay]\n").unwrap();
    let (example, _) = example.split_once("```").unwrap();
    let given = |line: &'static str| line.strip_prefix("# ").filter(|line| line.contains(" = ")).unwrap_or(line);
    let example: Vec<&str> = example.lines().map(given).collect();
    read(&format!("[wechat-pay]\n{}", example.join("\n")));
}
