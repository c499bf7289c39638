//! The output and the questions on a terminal that `script` makes.

use std::io::{Read as _, Write as _};
use std::process::{Child, Command, Stdio};

use platform_sandbox::{Fault, FaultKind, NewComplaint};
use protocol_core::mini_program::GetOrderDetail;
use protocol_core::wechat_pay::GetComplaint;

use crate::platform::Platform;

/// Starts the command on a terminal.
fn script(platform: &Platform, arguments: &str) -> Child {
    // In the shell's place: some shells report an interrupt whatever the command returns.
    let command = format!("exec {} {arguments}", env!("CARGO_BIN_EXE_complaints"));
    Command::new("script")
        .args(["-qec", &command, "/dev/null"])
        .current_dir(platform.folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Runs the command on a terminal, with these lines typed; status and screen.
fn on_a_terminal(platform: &Platform, arguments: &str, typed: &str) -> (i32, String) {
    let mut script = script(platform, arguments);
    script.stdin.take().unwrap().write_all(typed.as_bytes()).unwrap();
    let output = script.wait_with_output().unwrap();
    (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap().replace("\r\n", "\n"))
}

#[test]
fn a_list_is_a_table() {
    let platform = Platform::new();
    let words = "重复扣费\u{1b}[2J请退还多扣的一笔，谢谢，谢谢，谢谢，谢谢";
    let id = platform.sandbox.file_complaint(NewComplaint::default().with_complaint_detail(words).with_amount(1205));
    let (status, screen) = on_a_terminal(&platform, "list", "");
    assert_eq!(status, 0, "{screen}");
    let row = screen.lines().find(|line| line.starts_with(&id)).unwrap();
    assert!(row.contains("PENDING  12.05") && row.contains("重复扣费\\u{1b}[2J"), "{row}");
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
    assert!(screen.contains("投诉人 filed the complaint\n                     重复扣费\n"), "{screen}");
}

#[test]
fn deadlines_are_shown_and_a_continued_complaint_starts_anew() {
    let (platform, id) = Platform::with_complaint();
    let screen = |arguments: &str| on_a_terminal(&platform, arguments, "").1;
    let listed = screen("list");
    assert!(listed.contains("DUE (CHINA)") && listed.contains(&format!("{id}  open     reply 20")), "{listed}");
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
    assert!(screen("list").contains(&format!("{id}  unknown  reply")));
    for command in ["show", "history"] {
        let shown = screen(&format!("{command} {id}"));
        assert!(shown.contains(", open; counted from the payer's continuation, 20"), "{shown}");
    }
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
    assert!(screen.contains("投诉人 said\n                     收到了，谢谢！"), "{screen}");
}

#[test]
fn a_transaction_complaint_is_a_sheet_and_its_response_is_asked_about() {
    let (platform, id) = Platform::with_order_complaint();
    let (_, screen) = on_a_terminal(&platform, &format!("mini-program show {id}"), "");
    assert!(screen.contains("status         201, waiting for merchant\n"), "{screen}");
    assert!(screen.contains("  the payer filed the complaint\n                     收到的商品与描述不符"), "{screen}");
    let respond = format!("mini-program reply {id} --agree --text 同意");
    let (status, screen) = on_a_terminal(&platform, &respond, "n\n");
    assert!(status == 2 && screen.contains("not confirmed; nothing was sent"), "{screen}");
    assert!(
        screen.contains(&format!("Complaint {id} (201, waiting for merchant)\n  | 收到的商品与描述不符\n")),
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
    let mut script = script(&platform, &format!("complete {id}"));
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
