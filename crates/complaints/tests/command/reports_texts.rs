//! Reports 01, 03 and 05: payers' texts that JSON does not allow, and members that do not fit.

use serde_json::{Value, json};

use crate::fixture::{Folder, NOW, Outcome, SAMPLES};

/// When the reports' pushes were made.
const PUSHED: &str = "1714112445";

fn report(file: &str) -> String {
    format!("{}/tests/reports/{file}", env!("CARGO_MANIFEST_DIR"))
}

fn run(arguments: &[&str]) -> Outcome {
    let config = format!("{SAMPLES}/complaints.toml");
    Folder::new().run(&[arguments, &["--config", &config]].concat())
}

fn decode(kind: &str, file: &str) -> Outcome {
    run(&["decode", kind, &report(file)])
}

#[test]
fn a_line_end_in_a_json_text_is_read() {
    for (name, words) in [("sealed", "第一行\n第二行"), ("sealed-tab", "列一\t列二"), ("sealed-bell", "响铃")]
    {
        let folder = "01-line-end-in-json-text";
        let query = std::fs::read_to_string(report(&format!("{folder}/{name}.query"))).unwrap();
        let body = report(&format!("{folder}/{name}.json"));
        let json = run(&["open", "mini-program", "--query", query.trim(), "--body", &body, "--now", PUSHED]).json();
        assert_eq!(
            (&json["complaint_order_id"], &json["customer_material_content"]),
            (&"8622001".into(), &words.into())
        );
    }
    let clear = decode("push", "01-line-end-in-json-text/clear.json").json();
    assert_eq!(clear["customer_material_content"], "第一行\n第二行");
}

#[test]
fn one_text_hides_no_page() {
    for (kind, file, words) in [
        ("complaint-page", "page-control.json", "响铃"),
        ("complaint-page", "page-cut.json", "往后\u{fffd}"),
        ("history", "history-control.json", "响铃"),
    ] {
        let json = decode(kind, &format!("03-one-text-hides-the-page/{file}")).json();
        let [one, two] = &**json["data"].as_array().unwrap() else { panic!("{json}") };
        let text = |row: &Value| row.get("complaint_detail").unwrap_or(&row["operate_details"]).clone();
        assert_eq!((text(one), text(two)), ("好".into(), words.into()), "{file}");
    }
    // Others of the kind.
    let folder = Folder::new();
    for (written, words) in
        [("a\nb", "a\nb"), (r"\ud83d", "\u{fffd}"), (r"\ud83d\ude00\udc00", "😀\u{fffd}"), ("\u{b}\t", "\t")]
    {
        for (id, text) in [("complaint_id", "complaint_detail"), ("log_id", "operate_details")] {
            let rows = format!(r#"{{"{id}":"1","{text}":"{written}"}},{{"{id}":"2"}}"#);
            folder.write(&format!("{id}.json"), format!(r#"{{"data":[{rows}]}}"#));
        }
        let page = folder.run(&["decode", "complaint-page", "complaint_id.json"]).json();
        assert_eq!(
            (&page["data"][0]["complaint_detail"], &page["data"][1]["complaint_id"]),
            (&words.into(), &"2".into())
        );
        let history = folder.run(&["decode", "history", "log_id.json"]).json();
        assert_eq!(
            (&history["data"][0]["operate_details"], &history["data"][1]["log_id"]),
            (&words.into(), &"2".into())
        );
    }
}

#[test]
fn an_older_member_that_does_not_fit_leaves_the_number() {
    for (name, place, kept) in [
        ("amount", "amount", json!("0.03")),
        ("state", "complaint_state", json!(["PENDING"])),
        ("time", "complaint_time", json!({"seconds": 1})),
    ] {
        let file = |extension: &str| report(&format!("05-unreadable-hint/{name}.{extension}"));
        let outcome =
            run(&["open", "wechat-pay", "--headers", &file("headers"), "--body", &file("json"), "--now", NOW]);
        assert_eq!(outcome.status, 0);
        let notification: Value = serde_json::from_str(&outcome.stdout).unwrap();
        assert_eq!(notification["resource"]["complaint_id"], "200201820261130000000000001", "{name}");
        assert_eq!(notification["resource"][place], kept);
        assert!(outcome.stderr.contains(&format!("the member {place} cannot be read")), "{}", outcome.stderr);
    }
}

/// A push that opens but is not well-formed: its text is shown, and a number before the damage.
#[test]
fn a_push_that_a_payer_breaks_is_shown() {
    use protocol_core::mini_program::{EncodingAesKey, Format, Mode, Receiver};
    use protocol_core::{Secret, UnixTime};

    let read = |file: &str| std::fs::read_to_string(format!("{SAMPLES}/mini-program/{file}")).unwrap();
    let key = EncodingAesKey::read(read("encoding_aes_key").trim()).unwrap();
    let token = Secret::new(read("token").trim().into());
    let receiver = Receiver::new("wxba5fad812f8e6fb9", token, Mode::Secure, Some(key)).unwrap();
    let whole = read("complaint.xml");
    for (words, number) in [("a]]>b", true), ("</product_name>", true), ("<a>", true)] {
        let broken = format!(
            "{}<product_name><![CDATA[a]]>{words}</x>",
            whole.split_once("</complaint_order_id>").unwrap().0.to_owned() + "</complaint_order_id>"
        );
        let now = UnixTime(PUSHED.parse().unwrap());
        let (query, body) = receiver.secure_push(Format::Xml, &broken, b"0123456789abcdef", now, "n").unwrap();
        let folder = Folder::new();
        folder.write("push.xml", body);
        let config = format!("{SAMPLES}/complaints.toml");
        let outcome = folder.run(&[
            "open",
            "mini-program",
            "--query",
            &query,
            "--body",
            "push.xml",
            "--now",
            PUSHED,
            "--config",
            &config,
        ]);
        let shown: Value = serde_json::from_str(&outcome.stdout).unwrap();
        assert_eq!(shown["document"], *broken);
        assert_eq!(shown["complaint_order_id"] == "8622001", number, "{words}");
        assert_eq!(outcome.status, 1);
        assert!(outcome.stderr.starts_with("error[malformed]: a push: "), "{}", outcome.stderr);
    }
}
