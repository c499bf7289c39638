//! The forms, the widths and the colours of the output.

use std::fs;

use platform_sandbox::NewComplaint;
use protocol_core::UnixTime;
use unicode_width::UnicodeWidthStr as _;

use crate::fixture::{Folder, Message, NOW};
use crate::platform::Platform;

/// A platform with a complaint whose reply is over and one whose is near; their ids.
fn with_an_over_and_a_near_one() -> (Platform, [String; 2]) {
    let platform = Platform::new();
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let ids = [("重复扣费，请退还多扣的一笔，谢谢，谢谢，谢谢，谢谢，谢谢", 30), ("充值一直没有到账\u{202e}", 20)].map(
        |(words, hours)| {
            let filed = UnixTime(i64::try_from(now - hours * 3600).unwrap());
            let complaint = NewComplaint::default().with_complaint_detail(words).with_amount(123_456);
            platform.sandbox.file_complaint(complaint.with_complaint_time(filed).with_payer_phone("13900001234"))
        },
    );
    (platform, ids)
}

#[test]
fn a_pipe_gets_the_same_bytes_whatever_the_terminal_is() {
    let folder = Folder::new();
    folder.write("complaint", r#"{"complaint_id":"1","complaint_detail":"扣费"}"#);
    let decode = |more: &[&str], environment: &[(&str, &str)]| {
        folder.run_with(&[&["decode", "complaint", "complaint"], more].concat(), environment).stdout
    };
    let bytes = concat!(
        r#"{"complaint_id":"1","complaint_detail":"扣费","complaint_order_info":[],"complaint_media_list":[],"#,
        r#""user_tag_list":[],"service_order_info":[]}"#,
        "\n"
    );
    assert_eq!(decode(&[], &[]), bytes);
    assert_eq!(decode(&["--output", "json"], &[]), bytes);
    for environment in
        [("COLUMNS", "20"), ("CLICOLOR_FORCE", "1"), ("TERM", "xterm-256color"), ("LC_ALL", "zh_CN.UTF-8")]
    {
        assert_eq!(decode(&[], &[environment]), bytes, "{environment:?}");
    }
    assert_eq!(decode(&["--color", "always"], &[]), bytes);
    let outline = decode(&["--output", "table"], &[]);
    assert!(outline.starts_with("complaint_id: 1\ncomplaint_detail: 扣费\n"), "{outline}");
}

#[test]
fn a_form_that_a_command_does_not_have_is_refused_with_those_that_it_has() {
    let (platform, id) = Platform::with_complaint();
    let refused = |arguments: &[&str]| platform.run(arguments).refused("usage").to_owned();
    assert!(refused(&["show", &id, "--output", "csv"]).contains("`show` has no form csv; it has table, json\n"));
    assert!(refused(&["history", &id, "--output", "excel"]).contains("it has table, json, jsonl\n"));
    assert!(refused(&["listen", "--output", "json"]).contains("`listen` has no form json; it has table, jsonl\n"));
    assert!(refused(&["completions", "bash", "--output", "json"]).contains("leave --output out"));
    assert!(platform.operations().is_empty());
    let history = platform.run(&["history", &id, "--output", "jsonl"]).stdout;
    let entries: Vec<serde_json::Value> = history.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(entries, *platform.run(&["history", &id]).json()["data"].as_array().unwrap());
}

#[test]
fn a_list_has_the_columns_that_are_asked_for() {
    let (platform, [over, near]) = with_an_over_and_a_near_one();
    let list = |form: &str, columns: &str| platform.run(&["list", "--output", form, "--columns", columns]);
    assert_eq!(list("csv", "id,yuan").stdout, format!("id,amount\r\n{over},123456\r\n{near},123456\r\n"));
    assert_eq!(list("excel", "id").stdout, format!("\u{feff}id\r\n`{over}\r\n`{near}\r\n"));
    let table = list("table", "ID,yuan,phone").stdout;
    let rows = [over, near].map(|id| format!("{id}  1234.56  encrypted\n"));
    assert_eq!(
        table,
        format!("ID{}     YUAN  PHONE\n{}2 complaints\n", " ".repeat(rows[0].find(' ').unwrap() - 2), rows.concat())
    );
    let asked = platform.operations().len();
    assert!(
        list("table", "id,name").refused("usage").contains("has no \"name\"; choose from due, channel, merchant, id")
    );
    assert!(list("csv", "due").refused("usage").contains("choose from channel, merchant, id"));
    for json in ["json", "jsonl"] {
        assert!(list(json, "id").refused("usage").contains("JSON has whole documents"));
    }
    assert!(platform.run(&["list", "--columns", "id"]).refused("usage").contains("--output table, csv or excel"));
    assert_eq!(platform.operations().len(), asked, "nothing was sent");
}

#[test]
fn colours_are_used_in_a_pipe_if_asked_for() {
    let (platform, [over, near]) = with_an_over_and_a_near_one();
    let list =
        |color: &str| platform.run(&["list", "--output", "table", "--columns", "due,id", "--color", color]).stdout;
    let painted = list("always");
    let row = |id: &str| painted.lines().find(|line| line.contains(id)).unwrap();
    assert!(row(&over).starts_with("\u{1b}[1;31mover ") && row(&over).ends_with("\u{1b}[0m"), "{painted}");
    assert!(row(&near).starts_with("\u{1b}[33mnear "), "{painted}");
    assert_eq!(list("auto"), list("never"));
    assert!(!list("auto").contains('\u{1b}'));
    let shown = platform.run(&["show", &over, "--output", "table", "--color", "always"]).stdout;
    assert!(shown.contains("reply due      \u{1b}[1;31m20") && shown.contains("finish due     20"), "{shown}");
}

#[test]
fn the_configuration_may_be_named_by_the_environment() {
    let (configured, elsewhere) = (Folder::configured(), Folder::new());
    let path = configured.path().join("complaints.toml").display().to_string();
    let sign = ["sign", "wechat-pay", "--method", "GET", "--target", "/v3/x"];
    elsewhere.run(&sign).refused("config");
    let named = [("COMPLAINTS_CONFIG", &*path)];
    assert_eq!(elsewhere.run_with(&sign, &named).status, 0);
    let gone = elsewhere.run_with(&[&["--config", "gone.toml"], &sign[..]].concat(), &named);
    assert!(gone.refused("config").contains("gone.toml"), "the argument comes before the environment");
}

#[test]
fn the_help_has_groups_that_fit_the_terminal_and_an_example_for_each_command() {
    let folder = Folder::new();
    let help = |arguments: &[&str], columns: &str| {
        let outcome = folder.run_with(arguments, &[("COLUMNS", columns)]);
        assert_eq!((outcome.status, &*outcome.stderr), (0, ""));
        outcome.stdout
    };
    for columns in [60, 80, 120] {
        let text = help(&["--help"], &columns.to_string());
        let heads = ["Every day:\n  list ", "Set-up:\n  init ", "Diagnosis:\n  doctor ", "Simulation:\n  demo "];
        assert!(heads.iter().all(|head| text.contains(head)), "{text}");
        assert!(text.lines().all(|line| line.chars().count() <= columns), "{text}");
    }
    assert_eq!(help(&["help"], "80"), help(&["--help"], "80"));
    let forced = folder.run_with(&["--help"], &[("COLUMNS", "80"), ("CLICOLOR_FORCE", "1")]);
    assert_eq!(forced.stdout, help(&["--help"], "80"), "no variable brings colours into a pipe");
    let list = help(&["list", "--help"], "80");
    assert!(
        list.ends_with("Example:\n  complaints list --open --due-within 6h\n\nForms: table, json, jsonl, csv, excel\n"),
        "{list}"
    );
    let explain = help(&["explain", "open", "allinpay", "--help"], "80");
    assert!(explain.contains("  complaints explain open allinpay --body response.json\n"), "{explain}");
    assert!(help(&["image", "--help"], "80").contains("Examples:\n  complaints image upload "));
}

#[test]
fn the_help_is_in_the_language_of_the_process() {
    let folder = Folder::new();
    let chinese = folder.run(&["--lang", "zh", "--help"]);
    assert_eq!((chinese.status, &*chinese.stderr), (0, ""));
    assert!(
        chinese.stdout.starts_with("微信交易投诉：") && chinese.stdout.contains("\n\n用法：complaints "),
        "{chinese:?}"
    );
    assert!(chinese.stdout.contains("\n日常：\n  list          列出一段日期内的投诉单\n"), "{chinese:?}");
    assert_eq!(chinese.stdout, folder.run_with(&["--help"], &[("LC_ALL", "zh_CN.UTF-8")]).stdout);
    assert_eq!(folder.run(&["--help"]).stdout, folder.run(&["--lang=en", "--help"]).stdout);

    let list = folder.run(&["--lang", "zh", "help", "list"]).stdout;
    assert_eq!(list, folder.run(&["list", "--help", "--lang", "zh"]).stdout);
    assert!(
        list.contains("\n选项：\n") && list.contains("[可选值：wechat-pay, virtual-payment, allinpay]\n"),
        "{list}"
    );
    assert!(list.contains("- json:  一个 JSON 值\n") && list.contains("[默认值：auto]\n"), "{list}");
    assert!(list.ends_with("输出形式：table, json, jsonl, csv, excel\n"), "{list}");
    for (columns, arguments) in [(40, "-h"), (60, "--help"), (80, "-h"), (120, "-h")] {
        for command in ["list", "reply", "explain", "serve"] {
            let help = folder.run_with(&["--lang", "zh", command, arguments], &[("COLUMNS", &columns.to_string())]);
            let text = help.stdout.lines().filter(|line| !line.contains("complaints "));
            for line in text {
                assert!(line.width() <= columns, "{columns}: {line}");
            }
        }
    }

    let none = folder.run_with(&[], &[("LC_ALL", "zh_CN.UTF-8")]);
    assert!(none.refused("usage").contains(" 用法：complaints "), "{none:?}");
}

#[test]
fn completions_know_the_commands() {
    let folder = Folder::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let outcome = folder.run(&["completions", shell]);
        assert_eq!((outcome.status, &*outcome.stderr), (0, ""), "{shell}");
        // The last two propose no values.
        let proposes_values = !["elvish", "powershell"].contains(&shell);
        let values = ["virtual-payment", "jsonl"].into_iter().filter(|_| proposes_values);
        for word in ["mini-program", "supply-proof", "self-test", "due-within"].into_iter().chain(values) {
            assert!(outcome.stdout.contains(word), "{shell}: {word}");
        }
        folder.write(shell, outcome.stdout);
    }
    let read = std::process::Command::new("bash").arg("-n").arg(folder.path().join("bash")).output().unwrap();
    assert!(read.status.success() && read.stderr.is_empty(), "{read:?}");
    assert!(folder.run(&["completions", "sh"]).refused("usage").contains("bash"));
}

#[test]
fn each_command_has_a_manual_page() {
    let folder = Folder::new();
    fs::create_dir(folder.path().join("man1")).unwrap();
    let written = folder.run(&["man", "man1"]).json();
    let pages: Vec<_> = fs::read_dir(folder.path().join("man1")).unwrap().map(|page| page.unwrap().path()).collect();
    assert_eq!((&written["folder"], &written["pages"]), (&"man1".into(), &pages.len().into()));
    let page = |name: &str| fs::read_to_string(folder.path().join("man1").join(name)).unwrap();
    assert_eq!(page("complaints.1"), folder.run(&["man"]).stdout);
    assert!(page("complaints-list.1").contains("complaints list \\-\\-open \\-\\-due\\-within 6h"));
    assert!(page("complaints-mini-program-supply-proof.1").contains("complaints mini\\-program supply\\-proof"));
    assert!(folder.run(&["man", "gone"]).refused("usage").contains("name a folder"));
    fs::create_dir(folder.path().join("zh")).unwrap();
    assert_eq!(folder.run(&["--lang", "zh", "man", "zh"]).json()["pages"], written["pages"]);
    let chinese = fs::read_to_string(folder.path().join("zh/complaints-list.1")).unwrap();
    assert!(chinese.contains(".SH 名称\ncomplaints\\-list \\- 列出一段日期内的投诉单\n"), "{chinese}");
    assert!(chinese.contains("也可以使用环境变量 \\fBCOMPLAINTS_CONFIG\\fR 指定。"), "{chinese}");
    let pages: Vec<_> =
        pages.into_iter().flat_map(|page| [folder.path().join("zh").join(page.file_name().unwrap()), page]).collect();
    // Debian's images for containers have a `man` that prints one sentence.
    let is_there = |program: &str| {
        std::process::Command::new(program).arg("--version").output().is_ok_and(|it| it.status.success())
    };
    if !is_there("groff") {
        eprintln!("not checked: groff is not installed");
        return;
    }
    for page in pages {
        let told = std::process::Command::new("groff")
            .args(["-man", "-ww", "-K", "utf8", "-T", "utf8", "-z"])
            .arg(&page)
            .output()
            .unwrap();
        assert!(told.status.success() && told.stderr.is_empty(), "{}: {told:?}", page.display());
    }
}

/// On a terminal that `script` makes.
#[cfg(target_os = "linux")]
mod on_a_terminal {
    use super::*;
    use crate::terminal::{on_a_terminal_in, screen_of};

    const NO_COLOR: (&str, &str) = ("NO_COLOR", "1");

    #[test]
    fn a_list_fits_every_width() {
        let (platform, ids) = with_an_over_and_a_near_one();
        let list = |width: u16, more: &str, environment: &[(&str, &str)]| {
            let arguments = format!("list {more} 2>/dev/null");
            let screen = screen_of(platform.folder.path(), &arguments, width, environment);
            assert!(screen.lines().all(|line| line.width() <= usize::from(width)), "{width}: {screen}");
            screen.lines().map(str::to_owned).collect::<Vec<_>>()
        };
        let heads =
            |line: &str| line.split("  ").map(str::trim).filter(|head| !head.is_empty()).collect::<Vec<_>>().join("|");
        for (width, expected) in [
            (40, "DUE (CHINA)|ID"),
            (80, "DUE (CHINA)|ID|YUAN|DETAIL"),
            (100, "DUE (CHINA)|ID|STATE|YUAN|WAITING|DETAIL"),
            (115, "DUE (CHINA)|ID|FILED (CHINA)|STATE|YUAN|WAITING|DETAIL"),
            (120, "DUE (CHINA)|ID|FILED (CHINA)|STATE|YUAN|TIMES|WAITING|DETAIL"),
            (200, "DUE (CHINA)|ID|FILED (CHINA)|STATE|YUAN|TIMES|WAITING|DETAIL"),
        ] {
            let lines = list(width, "", &[NO_COLOR]);
            assert_eq!(heads(&lines[0]), expected, "{width}");
            assert!(lines[1].starts_with("over ") && lines[2].starts_with("near "), "{lines:?}");
            assert_ne!(lines[1].split_whitespace().last(), lines[2].split_whitespace().last());
            let are_whole = (1..=2).all(|row| lines[row].contains(&ids[row - 1]));
            assert_eq!(are_whole, width > 40, "{lines:?}");
            if width > 40 {
                assert!(lines[1].contains("重复扣费") && !lines.concat().contains('\u{202e}'), "{lines:?}");
            }
        }
        assert!(list(200, "", &[NO_COLOR])[2].ends_with("充值一直没有到账\\u{202e}"));
        // The variable comes before the terminal.
        assert_eq!(list(200, "", &[NO_COLOR, ("COLUMNS", "40")])[0], list(40, "", &[NO_COLOR])[0]);
        let chosen = list(60, "--columns due,id,state,detail", &[NO_COLOR]);
        assert_eq!(heads(&chosen[0]), "DUE (CHINA)|ID|STATE|DETAIL");
    }

    #[test]
    fn colours_are_used_unless_the_environment_says_otherwise() {
        let (platform, _) = with_an_over_and_a_near_one();
        let list = |more: &str, environment: &[(&str, &str)]| {
            screen_of(platform.folder.path(), &format!("list {more} 2>/dev/null"), 80, environment)
        };
        let painted = list("", &[("NO_COLOR", "")]);
        assert!(painted.contains("\n\u{1b}[1;31mover ") && painted.contains("\n\u{1b}[33mnear "), "{painted}");
        for plain in [list("", &[NO_COLOR]), list("", &[("TERM", "dumb")]), list("--color never", &[])] {
            assert!(plain.contains("\nover ") && !plain.contains('\u{1b}'), "{plain}");
        }
    }

    #[test]
    fn json_is_one_value_without_control_characters() {
        let (platform, ids) = with_an_over_and_a_near_one();
        let screen = screen_of(platform.folder.path(), &format!("show {} --output json", ids[1]), 40, &[]);
        assert!(
            screen.starts_with(&format!("{{\"complaint_id\":\"{}\",", ids[1])) && !screen.contains('\u{202e}'),
            "{screen}"
        );
        assert_eq!(screen.lines().count(), 1);
    }

    #[test]
    fn an_explanation_begins_with_a_mark_for_each_check() {
        let folder = Folder::configured();
        Message::complaint().store(&folder);
        let explain = format!("explain wechat-pay --headers headers --body body --now {NOW}");
        let screen = |environment: &[(&str, &str)]| screen_of(folder.path(), &explain, 80, environment);
        let marked = screen(&[NO_COLOR, ("LC_ALL", "C.UTF-8")]);
        assert!(marked.starts_with("checks:\n  ✓ passed: size\n  ✓ passed: headers\n"), "{marked}");
        assert!(marked.contains("\nstring_to_sign:\n") && marked.matches("passed: ").count() == 8, "{marked}");
        assert!(marked.ends_with("\n✓ all 8 checks passed\n"), "{marked}");
        let words = screen(&[NO_COLOR, ("LC_ALL", "C")]);
        assert_eq!(words, marked.replace("✓ ", ""));
        assert!(screen(&[("LC_ALL", "C.UTF-8")]).contains("  \u{1b}[32m✓ passed: size\u{1b}[0m\n"));
        folder.write("body", "{}");
        let (status, failed) = on_a_terminal_in(folder.path(), &explain, "");
        let (report, error) = failed.rsplit_once("error[bad-signature]: ").unwrap();
        assert!(
            report.contains("  ✗ failed: signature: ") && report.contains("  – not reached: decryption\n"),
            "{report}"
        );
        assert!(report.ends_with("\n✗ 1 of 8 checks failed\n"), "{report}");
        assert!((status, error.lines().count()) == (1, 1) && error.contains("usual changes"), "{error}");
    }
}
