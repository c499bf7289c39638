//! The language of what a person reads: on one screen, the other language has names, codes and what
//! people wrote alone. What programs read is the same in any.

use platform_sandbox::{NewComplaint, NewOrderComplaint};
use protocol_core::crypto::AeadAlgorithm;
use unicode_width::UnicodeWidthStr as _;

use crate::fixture::{Folder, Message, NOW, envelope};
use crate::inbox::Inbox;
use crate::platform::Platform;
use crate::terminal::{on_a_terminal_in, screen_of};

/// Words of people that are of no language.
const WORDS: &str = "12";

/// A platform with a complaint of WeChat Pay and one of the Mini Program; their numbers.
fn platform() -> (Platform, String, String) {
    let platform = Platform::new();
    let complaint = NewComplaint::default().with_complaint_detail(WORDS).with_refund(2990);
    let id = platform.sandbox.file_complaint(complaint.with_payer_phone("13900001234"));
    let order = platform.sandbox.file_order_complaint(NewOrderComplaint::default().with_content(WORDS));
    (platform, id, order)
}

/// The screens of commands in a language, each with its command.
fn screens(code: &str) -> Vec<(String, String)> {
    let (platform, id, order) = platform();
    let folder = platform.folder.path();
    let mut screens = Vec::new();
    let mut show = |folder: &Folder, command: &str, typed: &str, status: i32| {
        let (ended, screen) = on_a_terminal_in(folder.path(), &format!("{command} --lang {code}"), typed);
        assert_eq!(ended, status, "{command}: {screen}");
        screens.push((command.to_owned(), screen));
    };
    for (command, typed, status) in [
        ("list".to_owned(), "", 0),
        ("list --to 2020-01-31".to_owned(), "", 0),
        ("list --columns due,channel,merchant,id,state,is_open,filed,reply_due,finish_due,deadline".to_owned(), "", 0),
        ("list --columns problem_type,user_complaint_times,payer_phone,apply_refund_amount,waiting".to_owned(), "", 0),
        (format!("show {id}"), "", 0),
        (format!("history {id}"), "", 0),
        (format!("mini-program show {order}"), "", 0),
        (format!("reply {id} --text {WORDS}"), "n\n", 2),
        (format!("refund {id} --approve"), "n\n", 2),
        (format!("refund {id} --reject --reason {WORDS}"), "no\n", 2),
        (format!("complete {id}"), "\n", 2),
        (format!("mini-program reply {order} --refuse --text {WORDS}"), "n\n", 2),
        (format!("mini-program appeal {order} --text {WORDS}"), "n\n", 2),
        ("callback ensure https://merchant.example/notify".to_owned(), "n\n", 2),
        ("callback delete --yes".to_owned(), "", 0),
        ("doctor".to_owned(), "", 0),
        ("users add wang --may read".to_owned(), "123456789012\n210987654321\n", 2),
        ("sandbox trigger --list".to_owned(), "", 0),
    ] {
        show(&platform.folder, &command, typed, status);
    }
    platform.folder.write("sandbox_apiv3.key", "short");
    show(&platform.folder, "doctor", "", 2);
    std::fs::remove_file(folder.join("complaints.toml")).unwrap();
    show(&platform.folder, "init", "y\nn\n\n1\ngone.pem\n\u{4}", 2);

    let messages = Folder::configured();
    Message::complaint().store(&messages);
    show(&messages, &format!("explain open wechat-pay --headers headers --body body --now {NOW}"), "", 0);
    Message::rsa(envelope("VIOLATION.PUNISH", AeadAlgorithm::Aes256Gcm, r#"{"risk_type":"TRANSACTION_DISPUTE"}"#))
        .store(&messages);
    show(&messages, &format!("open wechat-pay --headers headers --body body --now {NOW}"), "", 0);
    messages.write("push", r#"{"Event":"xpay_complaint_notify","ComplaintTime":1714112400}"#);
    show(&messages, "decode push push", "", 0);

    let inbox = Inbox::filled();
    show(&inbox.folder, "inbox list", "", 0);
    show(&inbox.folder, "inbox show late", "", 0);
    inbox.folder.write("robot.url", "https://robot.example");
    let notice = "[[notice]]\nname = \"group\"\nkind = \"wecom\"\nurl_file = \"robot.url\"\n";
    inbox.folder.write("notice.toml", notice);
    show(&inbox.folder, "notice list --config notice.toml", "", 0);
    screens
}

/// The lines that a command made itself, without the codes of errors. Words of people and platforms, and
/// commands to copy, are indented; members of JSON are as a program reads them. Stories have their names
/// as heads, and their descriptions indented.
fn own_lines(command: &str, screen: &str) -> Vec<String> {
    let is_of_stories = command.starts_with("sandbox trigger");
    let is_member = |line: &str| {
        let name = line.trim_start_matches("- ").split(':').next().unwrap_or_default();
        line.contains(':') && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_') && name.contains('_')
    };
    // The checks of an explanation are indented, with a mark.
    let lines = screen.lines().map(|line| line.trim_start_matches("  ✓ ").trim_start_matches("  ✗ "));
    let own = lines.filter(|line| line.starts_with(' ') == is_of_stories && !is_member(line));
    own.map(|line| without_code(line.trim_start())).collect()
}

/// The line without `error[CODE]: `.
fn without_code(line: &str) -> String {
    let parts = line.split_once("error[").and_then(|(before, rest)| Some((before, rest.split_once("]: ")?.1)));
    parts.map_or_else(|| line.to_owned(), |(before, after)| format!("{before}{after}"))
}

/// Characters, and the marks that stand between them.
const fn is_chinese(character: char) -> bool {
    matches!(character, '\u{3000}'..='\u{303f}' | '\u{3400}'..='\u{9fff}' | '\u{ff01}'..='\u{ff5e}')
}

/// Names that Chinese texts have, the sections of the configuration, and the number of a complaint.
const NAMES: [&str; 14] = [
    "HTML",
    "AppSecret",
    "AppKey",
    "Token",
    "EncodingAESKey",
    "appid",
    "cusid",
    "allinpay",
    "serve",
    "inbox",
    "secrets",
    "sandbox",
    "production",
    "late",
];

/// A word of Latin letters that is neither short, nor a name, nor a code, nor in a command.
fn latin_word(line: &str) -> Option<&str> {
    let runs = line.split(is_chinese).map(str::trim).filter(|run| !run.starts_with("complaints "));
    let runs = runs.flat_map(str::split_whitespace).filter(|run| !run.contains("://"));
    let words = runs.flat_map(|run| run.split(|letter: char| "()[]'\"`,;:".contains(letter)));
    let is_word = |word: &&str| word.len() > 3 && word.bytes().all(|letter| letter.is_ascii_alphabetic());
    words.filter(is_word).find(|word| !NAMES.contains(word))
}

fn has_latin_mark(line: &str) -> bool {
    let following = line.chars().skip(1);
    line.chars().zip(following).any(|(before, mark)| is_chinese(before) && ",.;:!?".contains(mark))
}

#[test]
fn a_chinese_screen_has_no_english_words() {
    let mut screens = screens("zh");
    let demo = on_a_terminal_in(Folder::new().path(), "demo --lang zh", "").1;
    // The first two parts of a line are the name of a command, and the time.
    let told = demo.lines().map(|line| line.split_once(" ms  ").map_or(line, |(_, told)| told));
    screens.push(("demo".to_owned(), told.collect::<Vec<_>>().join("\n")));
    let mut foreign = Vec::new();
    for (command, screen) in &screens {
        assert!(screen.chars().any(is_chinese) || command.starts_with("notice"), "{command}: {screen}");
        let own = own_lines(command, screen).into_iter();
        let found = own.filter(|line| latin_word(line).is_some() || has_latin_mark(line));
        foreign.extend(found.map(|line| format!("{command}: {line}")));
    }
    assert_eq!(foreign, Vec::<String>::new());
}

#[test]
fn an_english_screen_has_no_chinese() {
    let mut foreign = Vec::new();
    for (command, screen) in screens("en") {
        // Platforms name what a complaint is about in Chinese, and the console its pages.
        let is_quoted = |line: &&String| {
            ["about ", "bought "].iter().any(|name| line.starts_with(name)) || line.contains("see the console")
        };
        let own = own_lines(&command, &screen);
        let found = own.iter().filter(|line| !is_quoted(line)).filter(|line| line.chars().any(is_chinese));
        foreign.extend(found.map(|line| format!("{command}: {line}")));
    }
    assert_eq!(foreign, Vec::<String>::new());
}

#[test]
fn words_of_the_other_language_are_found() {
    for line in ["投诉单 reply", "reply 投诉单", "说明: 已收到", "PENDING", "起算. 依据", "按 complaint 处理"]
    {
        assert!(latin_word(line).is_some() || has_latin_mark(line), "{line}");
    }
    for line in ["投诉单 42", "可用 complaints list --open 查看", "wechat-pay 19", "APIv3 密钥", "消息推送 Token"]
    {
        assert!(latin_word(line).is_none() && !has_latin_mark(line), "{line}");
    }
}

#[test]
fn the_terminal_tells_the_language_and_the_argument_comes_before_it() {
    let (platform, id, _) = platform();
    let shown = |more: &[&str], locale: &str| {
        let show = ["show", &id, "--output", "table"];
        platform.folder.run_with(&[&show[..], more].concat(), &[("LC_ALL", locale)]).stdout
    };
    let chinese = shown(&[], "zh_CN.UTF-8");
    assert!(chinese.starts_with(&format!("投诉单号       {id}\n投诉时间       20")), "{chinese}");
    assert_eq!(shown(&["--lang", "zh"], "en_US.UTF-8"), chinese);
    let english = shown(&[], "en_US.UTF-8");
    assert!(english.starts_with(&format!("complaint      {id}\n")), "{english}");
    assert_eq!(shown(&["--lang", "en"], "zh_CN.UTF-8"), english);
}

#[test]
fn a_program_reads_the_same_in_any_language() {
    let (platform, id, order) = platform();
    let outcome = |arguments: &[&str], code: &str| platform.run(&[arguments, &["--lang", code]].concat()).stdout;
    for arguments in [
        &["list"][..],
        &["list", "--output", "jsonl"],
        &["list", "--output", "csv"],
        &["list", "--output", "excel"],
        &["show", &id],
        &["history", &id],
        &["mini-program", "show", &order],
        &["sandbox", "trigger", "--list"],
    ] {
        assert_eq!(outcome(arguments, "zh"), outcome(arguments, "en"), "{arguments:?}");
    }
    // The clock and the disk differ from one second to the next.
    let findings = |code: &str| {
        let told: serde_json::Value = serde_json::from_str(&outcome(&["doctor"], code)).unwrap();
        let mut checks = told["checks"].as_array().unwrap().clone();
        checks.retain(|check| check["check"] != "clock" && check["check"] != "disk");
        checks
    };
    assert!(findings("zh").len() > 5 && findings("zh") == findings("en"), "{:?}", findings("zh"));
}

#[test]
fn a_chinese_word_confirms() {
    let (platform, id, _) = platform();
    let complete = format!("complete {id} --lang zh");
    for typed in ["否\n", "不是\n", "\n"] {
        let (status, screen) = on_a_terminal_in(platform.folder.path(), &complete, typed);
        assert!(status == 2 && platform.was_only_asked(), "{screen}");
    }
    let (status, screen) = on_a_terminal_in(platform.folder.path(), &complete, "是\n");
    assert_eq!(status, 0, "{screen}");
    assert!(screen.contains(&format!("投诉单 {id}（待处理）\n  | {WORDS}\n")), "{screen}");
    assert_eq!(platform.sandbox.complaint(&id).unwrap()["complaint_state"], "PROCESSED");
}

#[test]
fn a_chinese_table_fits_every_width() {
    let (platform, id, _) = platform();
    for width in [40, 60, 80, 100, 120, 200] {
        let screen = screen_of(platform.folder.path(), "list --lang zh 2>/dev/null", width, &[("NO_COLOR", "1")]);
        assert!(screen.lines().all(|line| line.width() <= usize::from(width)), "{width}: {screen}");
        assert!(screen.starts_with("期限（北京时间） ") && screen.ends_with("\n共 1 张投诉单\n"), "{width}: {screen}");
        assert!(width < 60 || screen.contains(&id), "{width}: {screen}");
    }
}
