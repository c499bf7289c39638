//! The sections of the server: defaults, the folder of their files, and the errors of each.

use complaint_channels::{MAX_KEEP_DAYS, MIN_KEEP_DAYS, SettingError, SettingErrorKind, Settings};

use crate::folder::Folder;

fn read(text: &str) -> Settings {
    Settings::from_toml(text, "/etc/complaints").unwrap()
}

fn refusal<T>(outcome: Result<T, SettingError>, kind: SettingErrorKind) -> String {
    let error = outcome.err().unwrap();
    assert_eq!(error.kind(), kind);
    error.to_string()
}

#[test]
fn a_file_without_these_sections_has_their_defaults() {
    let settings = read("");
    let (serve, inbox) = (settings.serve(), settings.inbox());
    assert_eq!(serve.webhooks().unwrap(), "127.0.0.1:8443".parse().unwrap());
    assert_eq!(serve.desk().unwrap(), "127.0.0.1:8080".parse().unwrap());
    assert_eq!((serve.public_url().unwrap(), serve.tls().unwrap().is_none()), (None, true));
    assert_eq!(serve.api_tokens_file().to_str(), Some("/etc/complaints/tokens.toml"));
    assert!(serve.hosts().is_empty() && serve.listener().unwrap().tls().is_none());
    assert_eq!(inbox.database().unwrap().to_str(), Some("/etc/complaints/complaints.db"));
    assert_eq!(inbox.keep_days().unwrap(), 400);
    assert!(settings.onward().unwrap().is_empty());
}

#[test]
fn every_member_is_read() {
    let folder = Folder::new();
    for name in ["chain.pem", "chain.key", "one.secret", "two.secret"] {
        folder.write(name, name);
    }
    let text = "[serve]\nwebhooks = \"0.0.0.0:443\"\npublic_url = \"https://merchant.example/pay/\"\ndesk = \"[::1]:0\"\n\
                tls_certificate = \"chain.pem\"\ntls_key = \"chain.key\"\napi_tokens_file = \"/run/tokens.toml\"\n\
                hosts = [\"desk.example\", \"desk.example:8080\"]\n[inbox]\ndatabase = \"data/inbox.db\"\nkeep_days = 30\n\
                [onward]\nurl = \"https://shop.example/in\"\nsecret_file = \"one.secret\"\n\
                previous_secret_file = \"two.secret\"\n";
    let settings = Settings::from_toml(text, folder.path()).unwrap();
    let serve = settings.serve();
    assert_eq!(serve.webhooks().unwrap(), "0.0.0.0:443".parse().unwrap());
    assert_eq!(serve.desk().unwrap(), "[::1]:0".parse().unwrap());
    assert_eq!(serve.public_url().unwrap(), Some("https://merchant.example/pay"));
    let (chain, key) = serve.tls().unwrap().unwrap();
    assert_eq!((&chain[..], key.expose()), (&b"chain.pem"[..], &b"chain.key"[..]));
    assert_eq!(serve.api_tokens_file().to_str(), Some("/run/tokens.toml"));
    assert_eq!(serve.hosts(), ["desk.example", "desk.example:8080"]);
    assert_eq!(settings.inbox().database().unwrap(), folder.path().join("data/inbox.db"));
    assert_eq!(settings.inbox().keep_days().unwrap(), 30);
    let onward = settings.onward().unwrap();
    assert_eq!((onward[0].name(), onward[0].url().unwrap()), ("onward", "https://shop.example/in"));
    assert_eq!(onward[0].secret().unwrap().expose(), b"one.secret");
    assert_eq!(onward[0].previous_secret().unwrap().unwrap().expose(), b"two.secret");
}

#[test]
fn a_value_that_cannot_be_used_is_named() {
    let serve = |members: &str| read(&format!("[serve]\n{members}")).serve();
    for (member, value) in [("webhooks", "localhost:8443"), ("webhooks", "8443"), ("webhooks", "127.0.0.1")] {
        let error = refusal(serve(&format!("{member} = \"{value}\"")).webhooks(), SettingErrorKind::Value);
        assert!(error.starts_with("[serve]: `webhooks` must be an IP address and a port"), "{error}");
    }
    let error = refusal(serve("desk = \"127.0.0.1:65536\"").desk(), SettingErrorKind::Value);
    assert!(error.starts_with("[serve]: `desk` must be"), "{error}");
    for url in ["http://merchant.example", "merchant.example", "https://a:b@merchant.example", "https://m.example/?a=b"]
    {
        let error = refusal(serve(&format!("public_url = \"{url}\"")).public_url(), SettingErrorKind::Value);
        assert!(error.starts_with("[serve]: `public_url` must be https://"), "{error}");
    }
    for (given, other) in [("tls_certificate", "tls_key"), ("tls_key", "tls_certificate")] {
        let error = refusal(serve(&format!("{given} = \"a.pem\"")).tls(), SettingErrorKind::Missing);
        assert_eq!(error, format!("[serve] needs {other} beside {given}"));
    }
    let both = "tls_certificate = \"gone.pem\"\ntls_key = \"gone.key\"";
    let error = refusal(serve(both).tls(), SettingErrorKind::File);
    assert!(error.starts_with("cannot read gone.pem, which tls_certificate names"), "{error}");
    for proxy in ["10.0.0.0/33", "proxy.example", ""] {
        let error =
            refusal(serve(&format!("proxies = [\"10.0.0.0/8\", \"{proxy}\"]")).listener(), SettingErrorKind::Value);
        assert!(error.starts_with("[serve]: `proxies` must be addresses or networks"), "{error}");
    }
    for database in ["", "postgres://user:canary@127.0.0.1/complaints"] {
        let text = format!("[inbox]\ndatabase = \"{database}\"");
        let error = refusal(read(&text).inbox().database(), SettingErrorKind::Value);
        assert_eq!(error, "[inbox]: `database` must be a file's name: the inbox is a SQLite file");
    }
}

#[test]
fn what_is_not_of_the_form_refuses_the_file() {
    for (text, words) in [
        ("[serve]\nusers = 1", "line 2: unknown field `users`, expected one of `webhooks`"),
        ("[serve]\nhosts = \"desk.example\"", "line 2: `hosts` must be a list of names"),
        ("[serve]\nproxies = \"10.0.0.0/8\"", "line 2: `proxies` must be a list of addresses and networks"),
        ("[inbox]\nkeep_days = \"400\"", "line 2: `keep_days` must be a whole number"),
        ("[inbox]\nkeep_days = -1", "line 2: `keep_days` must be a whole number"),
        ("[[onward]]\nsecret = \"whsec_canary\"", "line 2: unknown field `secret`"),
        ("[[onward]]\nurl = 5", "line 2: `url` has a value of the wrong kind"),
    ] {
        let error = refusal(Settings::from_toml(text, ""), SettingErrorKind::Document);
        assert!(error.contains(words) && !error.contains("canary"), "{error}");
    }
}

#[tokio::test]
async fn the_listener_has_the_certificate_and_the_proxies() {
    let folder = Folder::new();
    let sandbox = platform_sandbox::Sandbox::start(platform_sandbox::SandboxConfig::default()).await.unwrap();
    let (chain, key) = sandbox.webhook_identity();
    folder.write("chain.pem", &chain);
    folder.write("chain.key", &key);
    let pair = "[serve]\ntls_certificate = \"chain.pem\"\ntls_key = \"chain.key\"\n";
    let listener = |text: &str| Settings::from_toml(text, folder.path()).unwrap().serve().listener();
    let config = listener(&format!("{pair}proxies = [\"10.0.0.0/8\", \"192.0.2.7\", \"fd00::/8\"]")).unwrap();
    assert!(config.tls().is_some());
    let debug = format!("{config:?}");
    assert!(debug.contains("10.0.0.0") && debug.contains("192.0.2.7") && debug.contains("fd00::"), "{debug}");
    folder.write("chain.key", &chain);
    let error = refusal(listener(pair), SettingErrorKind::Value);
    assert!(error.starts_with("[serve]: `tls_certificate` and `tls_key`: "), "{error}");
}

#[test]
fn the_files_of_secrets_are_named() {
    let settings = read(
        "[wechat-pay]\nprivate_key = \"a.pem\"\ncertificate = \"public.crt\"\napiv3_key_file = \"b\"\n\
         decryption_keys = [\"c.pem\"]\n[mini-program]\napp_secret_file = \"d\"\ntoken_file = \"e\"\n\
         encoding_aes_key_file = \"f\"\n[virtual-payment]\napp_key_file = \"g\"\n[allinpay]\nprivate_key = \"h\"\n\
         platform_key = \"public.pem\"\n[onward]\nsecret_file = \"i\"\nprevious_secret_file = \"j\"\n\
         [serve]\ntls_certificate = \"public.pem\"\ntls_key = \"k\"\napi_tokens_file = \"/l\"\nusers_file = \"/m\"\n",
    );
    let files: Vec<_> = settings.secret_files().map(|file| file.to_str().unwrap().to_owned()).collect();
    let names = ["a.pem", "b", "c.pem", "d", "e", "f", "g", "h", "i", "j", "k"];
    let names =
        names.map(|name| format!("/etc/complaints/{name}")).into_iter().chain(["/l".to_owned(), "/m".to_owned()]);
    assert_eq!(files, names.collect::<Vec<_>>());
}

#[test]
fn days_are_bounded() {
    let days = |days: u32| read(&format!("[inbox]\nkeep_days = {days}")).inbox().keep_days();
    assert_eq!([MIN_KEEP_DAYS, MAX_KEEP_DAYS].map(|number| days(number).unwrap()), [30, 36_500]);
    for number in [0, MIN_KEEP_DAYS - 1, MAX_KEEP_DAYS + 1] {
        let error = refusal(days(number), SettingErrorKind::Value);
        assert_eq!(error, "[inbox]: `keep_days` must be 30 to 36500");
    }
}

#[test]
fn several_endpoints_have_names() {
    let shop = "[[onward]]\nname = \"shop\"\nurl = \"https://shop.example\"\n";
    let error = refusal(read(&format!("{shop}[[onward]]\n")).onward(), SettingErrorKind::Missing);
    assert_eq!(error, "[onward] needs name, since there are several");
    let error = refusal(read(&shop.repeat(2)).onward(), SettingErrorKind::Choice);
    assert!(error.contains("has two [onward] shop"), "{error}");
    let settings = read(&format!("{shop}[[onward]]\nname = \"crm\"\nsecret_file = \"canary1\"\n"));
    let onward = settings.onward().unwrap();
    let names: Vec<_> = onward.iter().map(complaint_channels::OnwardSettings::name).collect();
    assert_eq!(names, ["shop", "crm"]);
    assert_eq!(refusal(onward[1].url(), SettingErrorKind::Missing), "[onward] crm needs url");
    assert_eq!(refusal(onward[0].secret(), SettingErrorKind::Missing), "[onward] shop needs secret_file");
    let error = refusal(onward[1].secret(), SettingErrorKind::File);
    assert!(error.starts_with("[onward] crm: cannot read the file that secret_file names"), "{error}");
    assert!(!error.contains("canary"), "{error}");
    assert!(!format!("{settings:?}{onward:?}").contains("shop.example"));
}
