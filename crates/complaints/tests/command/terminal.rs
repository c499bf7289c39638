//! The output and the questions on a terminal that `script` makes.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use platform_sandbox::{Fault, FaultKind, NewComplaint};
use protocol_core::crypto::AeadAlgorithm;
use protocol_core::mini_program::GetOrderDetail;
use protocol_core::wechat_pay::GetComplaint;

use crate::fixture::{COLUMNS, Folder, Message, NOW, envelope};
use crate::platform::Platform;

/// Starts the command on a terminal that is wide and has no colours.
fn script(folder: &Path, arguments: &str) -> Child {
    script_with(folder, arguments, "", &[("COLUMNS", COLUMNS), ("NO_COLOR", "1")])
}

/// Starts the command on a terminal, after a command of the shell, with these variables alone of those
/// that terminals have.
fn script_with(folder: &Path, arguments: &str, before: &str, environment: &[(&str, &str)]) -> Child {
    // In the shell's place: some shells report an interrupt whatever the command returns.
    let command = format!("{before} exec {} {arguments}", env!("CARGO_BIN_EXE_complaints"));
    let mut script = Command::new("script");
    for variable in ["COLUMNS", "COMPLAINTS_CONFIG", "LANG", "LC_ALL", "LC_CTYPE", "NO_COLOR"] {
        script.env_remove(variable);
    }
    script
        .args(["-qec", &command, "/dev/null"])
        .env("TERM", "xterm")
        .envs(environment.iter().copied())
        .current_dir(folder)
        .env("LC_ALL", "C.UTF-8")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Runs the command on a terminal, with these lines typed; status and screen.
fn on_a_terminal(platform: &Platform, arguments: &str, typed: &str) -> (i32, String) {
    on_a_terminal_in(platform.folder.path(), arguments, typed)
}

/// The same in a folder.
pub(crate) fn on_a_terminal_in(folder: &Path, arguments: &str, typed: &str) -> (i32, String) {
    typed_into(script(folder, arguments), typed)
}

/// The screen of a terminal so wide, and with these variables.
pub(crate) fn screen_of(folder: &Path, arguments: &str, width: u16, environment: &[(&str, &str)]) -> String {
    // Set at last: some shells make `COLUMNS` the terminal's after a command.
    let variables: String = environment.iter().map(|(name, value)| format!("{name}={value} ")).collect();
    let script = script_with(folder, arguments, &format!("stty rows 24 cols {width}; {variables}"), &[]);
    let (status, screen) = typed_into(script, "");
    assert_eq!(status, 0, "{screen}");
    screen
}

fn typed_into(mut script: Child, typed: &str) -> (i32, String) {
    script.stdin.take().unwrap().write_all(typed.as_bytes()).unwrap();
    let output = script.wait_with_output().unwrap();
    (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap().replace("\r\n", "\n"))
}

#[cfg(unix)]
#[test]
fn a_sandbox_shows_each_request_and_each_attempt() {
    let folder = Folder::new();
    let mut script = script(folder.path(), "sandbox --folder here");
    let mut keys = script.stdin.take().unwrap();
    let mut screen = BufReader::new(script.stdout.take().unwrap()).lines().map(Result::unwrap);
    // The last line of the instructions.
    screen.find(|line| line.contains("/sandbox/complaints -d")).unwrap();
    let config = ["--config", "here/complaints.toml"];
    folder.run(&[&config[..], &["callback", "create", "https://merchant.example:1/notify", "--yes"]].concat()).json();
    let told = folder.run(&["sandbox", "trigger", "complaint", "--folder", "here"]).json();
    let request = screen.find(|line| line.contains("POST /v3/merchant-service/complaint-notifications 200, ")).unwrap();
    assert!(request.contains(" <- wechat-pay      POST") && request.trim_end().ends_with(" ms"), "{request}");
    let attempt = screen.find(|line| line.contains(" -> wechat-pay ")).unwrap();
    let id = told["complaints"][0].as_str().unwrap();
    let said = format!("COMPLAINT.CREATE CREATE_COMPLAINT {id} to /notify, attempt 1: no response, ");
    assert!(attempt.contains(&said), "{attempt}");
    keys.write_all(b"\x03").unwrap();
    assert!(script.wait().unwrap().success());
}

#[test]
fn a_list_is_a_table() {
    let platform = Platform::new();
    let words = "重复扣费\u{1b}[2J请退还多扣的一笔，谢谢，谢谢，谢谢，谢谢";
    let id = platform.sandbox.file_complaint(NewComplaint::default().with_complaint_detail(words).with_amount(1205));
    let (status, screen) = on_a_terminal(&platform, "list", "");
    assert_eq!(status, 0, "{screen}");
    let row = screen.lines().find(|line| line.contains(&id)).unwrap();
    assert!(
        row.starts_with("open     reply 20") && row.contains("PENDING  12.05") && row.contains("重复扣费\\u{1b}[2J"),
        "{row}"
    );
    assert!(row.ends_with('…') && screen.ends_with("1 complaint\n"), "{screen}");
    let (_, screen) = on_a_terminal(&platform, "list --to 2020-01-31", "");
    assert!(screen.contains("no complaints from 2020-01-02 to 2020-01-31"), "{screen}");
}

#[test]
fn a_complaint_is_a_sheet_and_its_history_a_timeline() {
    let (platform, id) = Platform::with_complaint();
    let (_, screen) = on_a_terminal(&platform, &format!("show {id}"), "");
    assert!(
        screen.contains("refund         29.90 yuan asked for") && screen.contains("encrypted; --decrypt"),
        "{screen}"
    );
    let (_, screen) = on_a_terminal(&platform, &format!("show {id} --decrypt"), "");
    assert!(screen.contains("phone          13900001234"), "{screen}");
    let (_, screen) = on_a_terminal(&platform, &format!("history {id}"), "");
    assert!(screen.contains("  the payer filed the complaint\n                     重复扣费\n"), "{screen}");
}

#[test]
fn deadlines_are_shown_and_a_continued_complaint_starts_anew() {
    let (platform, id) = Platform::with_complaint();
    let screen = |arguments: &str| on_a_terminal(&platform, arguments, "").1;
    let listed = screen("list");
    let row = |listed: &str| listed.lines().find(|line| line.contains(&id)).unwrap().to_owned();
    assert!(listed.contains("DUE (CHINA)  ") && row(&listed).starts_with("open     reply 20"), "{listed}");
    for command in ["show", "history"] {
        let shown = screen(&format!("{command} {id}"));
        assert!(
            shown.contains("\nreply due      20") && shown.contains(" (China), open\nfinish due     20"),
            "{shown}"
        );
        assert!(shown.contains("due, says      WeChat Pay's customer service, https://kf.qq.com/faq/"), "{shown}");
    }
    assert_eq!(on_a_terminal(&platform, &format!("complete {id} --yes"), "").0, 0);
    for command in ["show", "history"] {
        assert!(!screen(&format!("{command} {id}")).contains(" due "), "it is closed");
    }
    platform.sandbox.user_continues(&id, "没有解决").unwrap();
    assert!(row(&screen("list")).starts_with("unknown  reply"));
    for command in ["show", "history"] {
        let shown = screen(&format!("{command} {id}"));
        assert!(shown.contains(", open; counted from the payer's latest continuation, 20"), "{shown}");
    }
}

#[test]
fn a_violation_and_a_push_of_virtual_payment_are_forms_that_say_what_they_mean() {
    let (platform, folder) = (Platform::new(), Folder::configured());
    let resource = r#"{"sub_mchid":"1900009231","risk_type":"TRANSACTION_DISPUTE"}"#;
    Message::rsa(envelope("VIOLATION.PUNISH", AeadAlgorithm::Aes256Gcm, resource)).store(&folder);
    let file = |name: &str| folder.path().join(name).display().to_string();
    let (config, headers, body) = (file("complaints.toml"), file("headers"), file("body"));
    let open = format!("open wechat-pay --config {config} --headers {headers} --body {body} --now {NOW}");
    let (status, screen) = on_a_terminal(&platform, &open, "");
    let form = "event          VIOLATION.PUNISH: a merchant of this service provider is penalised\n";
    assert!(status == 0 && screen.contains(form) && screen.contains("merchant       1900009231\n"), "{screen}");

    folder.write("push", r#"{"Event":"xpay_complaint_notify","ComplaintId":"7"}"#);
    let (status, screen) = on_a_terminal(&platform, &format!("decode push {}", file("push")), "");
    assert!(status == 0 && screen.ends_with("7: `complaints show 7 --via virtual-payment`\n"), "{screen}");
}

#[test]
fn an_act_is_asked_about_and_done_on_yes_alone() {
    let (platform, id) = Platform::with_complaint();
    for typed in ["n\n", "\n", "yess\n", "\u{4}"] {
        let (status, screen) = on_a_terminal(&platform, &format!("reply {id} --text 您好"), typed);
        assert_eq!(status, 2, "{screen}");
        assert!(screen.contains("error[usage]: not confirmed; nothing was sent"), "{screen}");
    }
    assert!(platform.was_only_asked());
    let (status, screen) = on_a_terminal(&platform, &format!("reply {id} --text 您好"), "y\n");
    assert_eq!(status, 0, "{screen}");
    assert!(screen.contains(&format!("Complaint {id} (PENDING)\n  | 重复扣费\n")), "{screen}");
    assert!(screen.contains("which the payer reads:\n  | 您好\nGo ahead? [y/N]"), "{screen}");
    assert!(screen.ends_with("effect: confirmed\n"), "{screen}");
    for command in [format!("refund {id} --approve"), format!("complete {id}"), "callback delete".to_owned()] {
        let (status, screen) = on_a_terminal(&platform, &command, "YES\n");
        assert_eq!(status, 0, "{screen}");
    }
    assert_eq!(platform.sandbox.complaint(&id).unwrap()["complaint_state"], "PROCESSED");
}

#[test]
fn what_a_question_leaves_out_is_told_before_it() {
    let (platform, id) = Platform::with_complaint();
    let complaint = format!(
        r#"{{"complaint_id":"{id}","complaint_detail":"x","complaint_state":{{"a":1}},"apply_refund_amount":"much","complainted_mchid":"1"}}"#
    );
    for (command, operation) in [
        (format!("refund {id} --approve"), "get_complaint"),
        (format!("refund {id} --reject --reason 不"), "get_complaint"),
        (format!("complete {id}"), "get_complaint"),
        (format!("reply {id} --text 您好"), "get_complaint"),
    ] {
        platform.sandbox.inject(Fault::once(FaultKind::Body(complaint.clone())).on_named(operation).unwrap());
        let (status, screen) = on_a_terminal(&platform, &command, "n\n");
        assert_eq!(status, 2, "{screen}");
        let (notes, _) = screen.split_once(&format!("Complaint {id}")).unwrap_or_else(|| panic!("{screen}"));
        for member in ["complaint_state", "apply_refund_amount"] {
            let told = |line: &str| line.starts_with("note: ") && line.contains(member);
            assert!(notes.lines().any(told), "{command}: {screen}");
        }
        assert!(notes.contains("; the confirmation does not show it\n"), "{screen}");
    }
    // A complete complaint has no note, and neither has an act without a confirmation.
    let (_, screen) = on_a_terminal(&platform, &format!("refund {id} --approve"), "n\n");
    assert!(!screen.contains("note:") && screen.contains("of 29.90 yuan"), "{screen}");
    platform.sandbox.inject(Fault::once(FaultKind::Body(complaint)).on::<GetComplaint>());
    let reply = platform.run(&["reply", &id, "--text", "x", "--dry-run"]);
    assert!(!reply.stderr.contains("note:"), "{reply:?}");

    let (platform, id) = Platform::with_order_complaint();
    let detail = r#"{"errcode":0,"errmsg":"ok","complaintOrder":{"complaintOrderId":"1","status":"soon"}}"#;
    platform.sandbox.inject(Fault::once(FaultKind::Body(detail.to_owned())).on::<GetOrderDetail>());
    let (status, screen) = on_a_terminal(&platform, &format!("mini-program reply {id} --agree --text 同意"), "n\n");
    assert_eq!(status, 2, "{screen}");
    let (notes, _) = screen.split_once(&format!("Complaint {id}")).unwrap_or_else(|| panic!("{screen}"));
    assert!(notes.contains("status") && notes.contains("; the confirmation does not show it\n"), "{screen}");
}

#[test]
fn the_demonstration_is_followed_as_it_goes() {
    let platform = Platform::new();
    let (status, screen) = on_a_terminal(&platform, "demo", "");
    assert_eq!(status, 0, "{screen}");
    for command in ["callback ensure", "notification", "show", "reply", "mini-program push", "reply --via allinpay"] {
        assert!(screen.lines().any(|line| line.starts_with(command) && line.contains(" ms  ")), "{command}: {screen}");
    }
    assert!(screen.contains("the payer wrote\n                     收到了，谢谢！"), "{screen}");
}

#[test]
fn a_transaction_complaint_is_a_sheet_and_its_response_is_asked_about() {
    let (platform, id) = Platform::with_order_complaint();
    let (_, screen) = on_a_terminal(&platform, &format!("mini-program show {id}"), "");
    assert!(screen.contains("status         201, waiting for the merchant\n"), "{screen}");
    assert!(screen.contains("  the payer filed the complaint\n                     收到的商品与描述不符"), "{screen}");
    let respond = format!("mini-program reply {id} --agree --text 同意");
    let (status, screen) = on_a_terminal(&platform, &respond, "n\n");
    assert!(status == 2 && screen.contains("not confirmed; nothing was sent"), "{screen}");
    assert!(
        screen.contains(&format!("Complaint {id} (201, waiting for the merchant)\n  | 收到的商品与描述不符\n")),
        "{screen}"
    );
    assert!(screen.contains("agree to settle, and say:\n  | 同意\nGo ahead? [y/N]"), "{screen}");
    let (status, screen) = on_a_terminal(&platform, &respond, "y\n");
    assert!(status == 0 && screen.ends_with("effect: confirmed\n"), "{screen}");
}

#[test]
fn allinpays_complaints_look_the_same() {
    let (platform, id) = Platform::with_allinpay_complaint();
    let (_, screen) = on_a_terminal(&platform, "list --via allinpay", "");
    assert!(screen.contains(&id) && screen.ends_with("1 complaint\n"), "{screen}");
    let (_, screen) = on_a_terminal(&platform, &format!("show {id} --via allinpay"), "");
    assert!(screen.contains("phone          13900001234"), "{screen}");
    let reply = format!("reply {id} --text 您好 --via allinpay");
    let (status, screen) = on_a_terminal(&platform, &reply, "n\n");
    assert!(status == 2 && platform.was_only_asked(), "{screen}");
    let (status, screen) = on_a_terminal(&platform, &reply, "y\n");
    assert!(status == 0 && screen.contains("  | 充值没有到账\n"), "{screen}");
}

#[test]
fn ctrl_c_at_the_question_sends_nothing() {
    let (platform, id) = Platform::with_complaint();
    let mut script = script(platform.folder.path(), &format!("complete {id}"));
    let (mut keyboard, mut screen) = (script.stdin.take().unwrap(), script.stdout.take().unwrap());
    let mut shown = Vec::new();
    while !String::from_utf8_lossy(&shown).contains("[y/N]") {
        let mut byte = [0];
        screen.read_exact(&mut byte).unwrap();
        shown.push(byte[0]);
    }
    keyboard.write_all(b"\x03").unwrap();
    screen.read_to_end(&mut shown).unwrap();
    let shown = String::from_utf8_lossy(&shown).into_owned();
    assert_eq!(script.wait().unwrap().code(), Some(1), "{shown}");
    assert!(shown.contains("error[network]: interrupted; nothing was sent that changes anything"), "{shown}");
    assert!(platform.was_only_asked());
}

#[test]
fn a_configuration_is_asked_for_until_each_value_is_right() {
    let platform = Platform::new();
    let merchant = platform.sandbox.merchant();
    std::fs::remove_file(platform.folder.path().join("complaints.toml")).unwrap();
    platform.folder.write("merchant.crt", &merchant.certificate_pem);
    let typed = [
        "y",
        "n",
        "no",
        &merchant.mchid,
        "gone.pem",
        "sandbox_merchant_key.pem",
        "merchant.crt",
        "0123456789abcdef0123456789abcdef",
        "sandbox_apiv3.key",
        "",
        "",
    ]
    .join("\n");
    let (status, screen) = on_a_terminal(&platform, "init", &typed);
    assert_eq!(status, 0, "{screen}");
    assert!(screen.contains("Configure WeChat Pay? [y/N]") && !screen.contains("virtual payment?"), "{screen}");
    assert!(screen.contains("cannot read gone.pem") && screen.contains("must be a file's name"), "{screen}");
    assert!(screen.ends_with("try it: `complaints doctor --config complaints.toml`\n"), "{screen}");
    let text = std::fs::read_to_string(platform.folder.path().join("complaints.toml")).unwrap();
    assert!(text.contains(&merchant.serial_no) && !text.contains("0123456789abcdef"), "{text}");
    // The input ends before the last value.
    let (status, screen) = on_a_terminal(&platform, "init --config other.toml", "y\nn\nn\n1900007291\n\u{4}");
    assert!(status == 2 && screen.contains("nothing is written"), "{screen}");
    assert!(!platform.folder.path().join("other.toml").exists());
}

#[test]
fn the_doctors_findings_are_a_table() {
    let platform = Platform::new();
    platform.folder.write("sandbox_apiv3.key", "short");
    let (status, screen) = on_a_terminal(&platform, "doctor", "");
    assert_eq!(status, 2, "{screen}");
    assert!(screen.starts_with("STATE      OF "), "{screen}");
    let row = screen.lines().find(|line| line.starts_with("failed ")).unwrap();
    assert!(row.contains("APIv3 key") && row.contains("apiv3_key_file"), "{screen}");
    assert!(screen.lines().last().unwrap().starts_with("error[config]: 1 of "), "{screen}");
}
