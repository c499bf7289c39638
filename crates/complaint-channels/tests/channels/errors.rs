//! Faults are named, whole files refused, and no secret is quoted.

use complaint_channels::{Channels, SettingError, SettingErrorKind, Settings};

use crate::folder::{Folder, configured, two_merchants};

fn refusal(channels: Result<Channels, SettingError>) -> (SettingErrorKind, String) {
    let error = channels.unwrap_err();
    (error.kind(), error.to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_in_any_section_refuses_the_file() {
    let (_sandbox, folder) = configured().await;
    let text = folder.text();
    for (from, to, kind, words) in [
        ("sign_type = \"RSA\"", "", SettingErrorKind::Missing, "[allinpay] needs sign_type (RSA or SM2)"),
        ("sandbox_app_key\"", "gone.key\"", SettingErrorKind::File, "cannot read gone.key, which app_key_file names"),
        ("mchid = \"", "mchid = \"a b", SettingErrorKind::Value, "[wechat-pay]: "),
        ("[allinpay]", "[alinpay]", SettingErrorKind::Document, "unknown field `alinpay`"),
        ("mode = ", "node = ", SettingErrorKind::Document, "unknown field `node`"),
        ("mode = \"secure\"", "", SettingErrorKind::Missing, "[mini-program] needs mode (plain, compatible or secure)"),
    ] {
        folder.write("complaints.toml", text.replacen(from, to, 1));
        assert_ne!(folder.text(), text, "{from}");
        let (its_kind, message) = refusal(folder.channels());
        assert!(its_kind == kind && message.contains(words), "{words}: {its_kind:?} {message}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_sections_the_error_names_its_own() {
    let (_sandbox, [_, second], folder) = two_merchants().await;
    let mchid = &second.mchid;
    let text = folder.text();
    for (from, to, words) in [
        (format!("private_key = \"{mchid}.pem\"\n"), "", format!("[wechat-pay] {mchid} needs private_key")),
        (
            format!("{mchid}.pem"),
            "gone.pem",
            format!("[wechat-pay] {mchid}: cannot read gone.pem, which private_key names"),
        ),
        (format!("mchid = \"{mchid}\"\n"), "", "[wechat-pay] needs mchid, since there are several".to_owned()),
        (format!("mchid = \"{mchid}\"\n"), "mchid = \"1900000001\"\n", "has two [wechat-pay] 1900000001".to_owned()),
        (
            format!("mchid = \"{mchid}\"\n"),
            "mchid = \"1\"\nname = \"1900000001\"\n",
            "has two [wechat-pay] 1900000001".to_owned(),
        ),
    ] {
        folder.write("complaints.toml", text.replace(&from, to));
        assert_ne!(folder.text(), text, "{from}");
        let (_, message) = refusal(folder.channels());
        assert!(message.contains(&words), "{words}: {message}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_belongs_to_its_key() {
    let (_sandbox, [first, second], folder) = two_merchants().await;
    let text = folder.text();
    folder.change(&format!("{}.crt", first.mchid), &format!("{}.crt", second.mchid));
    assert!(refusal(folder.channels()).1.contains("`serial_no` says another"));
    let serial = format!("serial_no = \"{}\"", first.serial_no);
    folder.change(&serial, &format!("serial_no = \"{}\"", second.serial_no));
    assert!(refusal(folder.channels()).1.contains("the certificate is of another key than `private_key`"));
    folder.write("complaints.toml", text);
    folder.channels().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn merchants_with_one_apiv3_key_cannot_be_told_apart() {
    let (_sandbox, [first, second], folder) = two_merchants().await;
    folder.change(&format!("{}_apiv3.key", second.mchid), &format!("{}_apiv3.key", first.mchid));
    let error = folder.channels().unwrap().notifications().unwrap_err();
    assert!(error.to_string().contains("have the same APIv3 key"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_debug_text_has_a_secret() {
    let (sandbox, folder) = configured().await;
    folder.change("[mini-program]\n", "[mini-program]\nproxy = \"http://user:canary@127.0.0.1:9\"\n");
    let settings = Settings::from_file(folder.configuration()).unwrap();
    let channels = Channels::of(&settings).unwrap();
    let debug = [
        format!("{settings:?}"),
        format!("{channels:?}"),
        format!("{:?}", settings.wechat_pay(None).unwrap()),
        format!("{:?}", settings.mini_program(None).unwrap()),
        format!("{:?}", settings.virtual_payment(None).unwrap()),
        format!("{:?}", settings.allinpay(None).unwrap()),
        format!("{:?}", channels.accounts().collect::<Vec<_>>()),
    ]
    .concat();
    let secrets = [
        "canary",
        &sandbox.merchant().api_v3_key,
        &sandbox.mini_program().token,
        &sandbox.mini_program().app_secret,
        &sandbox.mini_program().encoding_aes_key,
        &sandbox.virtual_payment().app_key,
        &sandbox.allinpay().private_key,
    ];
    for secret in secrets {
        assert!(!debug.contains(secret));
    }
}

#[test]
fn a_configuration_is_bounded() {
    let folder = Folder::new();
    let padded = |length: usize| ["[wechat-pay]\n", &"#".repeat(length - "[wechat-pay]\n".len())].concat();
    folder.write("complaints.toml", padded(1024 * 1024));
    Settings::from_file(folder.configuration()).unwrap();
    folder.write("complaints.toml", padded(1024 * 1024 + 1));
    let error = Settings::from_file(folder.configuration()).unwrap_err();
    assert!(error.to_string().ends_with("it has more than 1048576 bytes"), "{error}");
}

#[test]
fn a_file_that_it_names_is_bounded() {
    let folder = Folder::new();
    let settings = Settings::from_toml("[wechat-pay]\nroot_certificate = \"root.pem\"", folder.path()).unwrap();
    let section = settings.wechat_pay(None).unwrap();
    folder.write("root.pem", [b'k'; 64 * 1024]);
    assert_eq!(section.root_certificate().unwrap().unwrap().len(), 64 * 1024);
    folder.write("root.pem", [b'k'; 64 * 1024 + 1]);
    let error = section.root_certificate().unwrap_err();
    assert_eq!(error.kind(), SettingErrorKind::File);
    assert!(error.to_string().contains("it has more than 65536 bytes"), "{error}");
}
