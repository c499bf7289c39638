//! The help: the commands in groups, and an example and the forms of each.

use std::ffi::OsString;

use clap::error::ErrorKind;
use clap::{ArgMatches, ColorChoice, Command, CommandFactory as _, FromArgMatches as _};
use complaint_texts::Language;

use crate::commands::{Arguments, translation};
use crate::language::language;
use crate::view::lines;
use crate::view::screen::{self, Form};

/// The arguments, and the command that they name, such as `inbox list`.
pub(crate) fn parse(arguments: &[OsString]) -> Result<(Arguments, String), clap::Error> {
    let mut command = command(Language::English);
    let matches = command.try_get_matches_from_mut(arguments)?;
    let parsed = Arguments::from_arg_matches(&matches).map_err(|error| error.format(&mut command))?;
    Ok((parsed, named(&matches)))
}

/// The help that the arguments ask for, or lack a command for, in the language of the process and as
/// wide as the terminal; any other text of clap unchanged.
pub(crate) fn text_for(arguments: &[OsString], told: &clap::Error) -> String {
    if !matches!(told.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand) {
        return told.to_string();
    }
    let help = match language() {
        Language::English => told.to_string(),
        Language::Chinese => chinese_help(arguments).unwrap_or_else(|| told.to_string()),
    };
    // An error is indented.
    let indent = if told.use_stderr() { 2 } else { 0 };
    lines::broken(&help, screen::width().saturating_sub(indent))
}

/// The help again, from the commands with Chinese words. A command that does something never needs
/// these.
fn chinese_help(arguments: &[OsString]) -> Option<String> {
    let help = command(Language::Chinese).try_get_matches_from(arguments).err()?;
    Some(translation::help_in_chinese(&help.to_string()))
}

fn named(matches: &ArgMatches) -> String {
    let mut names = Vec::new();
    let mut below = matches.subcommand();
    while let Some((name, matches)) = below {
        names.push(name);
        below = matches.subcommand();
    }
    names.join(" ")
}

/// The forms of a command.
pub(crate) fn forms(command: &str) -> &'static [Form] {
    row(command).map_or(&[], |row| row.forms)
}

/// The commands, with their help in a language. In English they also read arguments.
pub(crate) fn command(language: Language) -> Command {
    guided(Arguments::command(), language)
}

/// The same of commands that were changed before.
pub(crate) fn guided(command: Command, language: Language) -> Command {
    // No variable brings colours into a pipe, and the groups are as plain as the rest. Lines that are
    // too wide are broken later.
    let mut command = command.term_width(0).color(ColorChoice::Never);
    if language == Language::Chinese {
        // What clap adds is there then: `help`, `--help` and `--version`.
        command.build();
    }
    let command = with_guide(command, "", language);
    let groups = GROUPS.iter().map(|group| group.text(&command, language)).collect::<Vec<_>>().join("\n\n");
    let more = language.text("guide-more");
    let about = "{about-with-newline}\n{usage-heading} {usage}\n\n";
    command.help_template(format!("{about}{groups}\n\nOptions:\n{{options}}\n\n{more}"))
}

/// Adds the examples and the forms to a command and to those below it, and the Chinese words.
fn with_guide(command: Command, path: &str, language: Language) -> Command {
    let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path} {name}") };
    let command = command.mut_subcommands(|command| {
        let path = below(command.get_name());
        with_guide(command, &path, language)
    });
    let command = match language {
        Language::English => command,
        Language::Chinese => translation::in_chinese(command, path),
    };
    match text(path, language) {
        Some(text) => command.after_help(text),
        None => command,
    }
}

/// The example of a command and its forms; of a command with others below it, their examples.
fn text(path: &str, language: Language) -> Option<String> {
    if let Some(row) = row(path) {
        let mut text = format!("{}\n  {}", language.text("guide-example"), example(path, row));
        if !row.forms.is_empty() {
            let forms: Vec<_> = row.forms.iter().map(|form| form.as_str()).collect();
            let forms = language.text_with("guide-forms", [("forms", forms.join(", ").into())]);
            text.push_str(&format!("\n\n{forms}"));
        }
        return Some(text);
    }
    let opened = path.strip_prefix("explain").map_or(path, str::trim_start);
    let is_below = |row: &&Row| row.path.strip_prefix(opened).is_some_and(|rest| rest.starts_with(' '));
    let examples: Vec<_> = ROWS.iter().filter(is_below).map(|row| format!("  {}", example(path, row))).collect();
    (!examples.is_empty()).then(|| format!("{}\n{}", language.text("guide-examples"), examples.join("\n")))
}

/// `explain` takes the examples of the commands that it explains.
fn example(path: &str, row: &Row) -> String {
    let explain = if path.starts_with("explain") { "explain " } else { "" };
    format!("complaints {explain}{}", row.example)
}

fn row(path: &str) -> Option<&'static Row> {
    let path = path.strip_prefix("explain ").unwrap_or(path);
    ROWS.iter().find(|row| row.path == path)
}

/// Commands that people use for one purpose.
struct Group {
    /// The name of the text of its head.
    head: &'static str,
    commands: &'static [&'static str],
}

impl Group {
    /// A line for each command that this program has, with the first sentence about it.
    fn text(&self, all: &Command, language: Language) -> String {
        // The groups stand under each other.
        let width = GROUPS.iter().flat_map(|group| group.commands).map(|name| name.len()).max().unwrap_or(0);
        let end = match language {
            Language::English => ". ",
            Language::Chinese => "。",
        };
        let line = |name: &&str| {
            let about = all.find_subcommand(name)?.get_about()?.to_string();
            let sentence = about.split_once(end).map_or(&*about, |(first, _)| first);
            Some(format!("  {name:width$}  {sentence}"))
        };
        let lines: Vec<_> = self.commands.iter().filter_map(line).collect();
        format!("{}\n{}", language.text(self.head), lines.join("\n"))
    }
}

const GROUPS: &[Group] = &[
    Group {
        head: "guide-every-day",
        commands: &["list", "show", "history", "reply", "complete", "refund", "image", "mini-program", "inbox"],
    },
    Group {
        head: "guide-set-up",
        commands: &["init", "serve", "users", "token", "onward", "notice", "callback", "completions", "man"],
    },
    Group {
        head: "guide-diagnosis",
        commands: &["doctor", "self-test", "listen", "explain", "open", "decode", "sign"],
    },
    Group { head: "guide-simulation", commands: &["demo", "sandbox"] },
];

/// What the help says of a command beside its arguments.
struct Row {
    path: &'static str,
    forms: &'static [Form],
    example: &'static str,
}

const fn row_of(path: &'static str, forms: &'static [Form], example: &'static str) -> Row {
    Row { path, forms, example }
}

/// Of a list.
const LIST: &[Form] = &[Form::Table, Form::Json, Form::Jsonl, Form::Csv, Form::Excel];
/// Of one result.
const ONE: &[Form] = &[Form::Table, Form::Json];
/// Of results that follow each other.
const LINES: &[Form] = &[Form::Table, Form::Jsonl];
/// Of a text of another kind.
const NONE: &[Form] = &[];

/// A row for each command.
const ROWS: &[Row] = &[
    row_of("list", LIST, "list --open --due-within 6h"),
    row_of("show", ONE, "show 200201820200101080076610000 --decrypt"),
    row_of("history", &[Form::Table, Form::Json, Form::Jsonl], "history 200201820200101080076610000"),
    row_of("reply", ONE, "reply 200201820200101080076610000 --text 您好，已为您核实"),
    row_of("complete", ONE, "complete 200201820200101080076610000"),
    row_of("refund", ONE, "refund 200201820200101080076610000 --approve"),
    row_of("image upload", ONE, "image upload receipt.png"),
    row_of("image download", ONE, "image download https://api.mch.weixin.qq.com/v3/… --file picture.png"),
    row_of("image permit", ONE, "image permit https://api.mch.weixin.qq.com/v3/… --complaint 7 --via virtual-payment"),
    row_of("mini-program show", ONE, "mini-program show 1000000000000000001"),
    row_of("mini-program reply", ONE, "mini-program reply 1000000000000000001 --agree --text 同意退款"),
    row_of("mini-program supply-proof", ONE, "mini-program supply-proof 1000000000000000001 --image waybill.png"),
    row_of("mini-program supply-refund", ONE, "mini-program supply-refund 1000000000000000001 --image refund.png"),
    row_of("mini-program appeal", ONE, "mini-program appeal 1000000000000000001 --text 商品与描述一致"),
    row_of("mini-program upload", ONE, "mini-program upload waybill.png"),
    row_of("inbox list", LIST, "inbox list --open --columns due,complaint,amount"),
    row_of("inbox show", ONE, "inbox show wechat-pay/1900000001/200201820200101080076610000"),
    row_of("inbox export", &[Form::Excel, Form::Csv, Form::Jsonl], "inbox export --file complaints.csv"),
    row_of("inbox backup", ONE, "inbox backup complaints-backup.db"),
    row_of("init", ONE, "init --channel wechat-pay"),
    row_of("serve", ONE, "serve --config complaints.toml"),
    row_of("users add", ONE, "users add 王芳 --may act"),
    row_of("users list", ONE, "users list"),
    row_of("users remove", ONE, "users remove 王芳"),
    row_of("users password", ONE, "users password 王芳"),
    row_of("token add", ONE, "token add shop --may act"),
    row_of("notice list", ONE, "notice list"),
    row_of("notice test", ONE, "notice test"),
    row_of("onward replay", ONE, "onward replay shop --dead --token-file operator.token"),
    row_of("onward forget", ONE, "onward forget old-shop --token-file operator.token"),
    row_of("callback create", ONE, "callback create https://merchant.example/wechat-pay"),
    row_of("callback get", ONE, "callback get"),
    row_of("callback update", ONE, "callback update https://merchant.example/wechat-pay"),
    row_of("callback delete", ONE, "callback delete"),
    row_of("callback ensure", ONE, "callback ensure https://merchant.example/wechat-pay"),
    row_of("completions", NONE, "completions bash > ~/.local/share/bash-completion/completions/complaints"),
    row_of("man", ONE, "man ~/.local/share/man/man1"),
    row_of("doctor", ONE, "doctor --public-url https://merchant.example"),
    row_of("self-test", ONE, "self-test"),
    row_of("listen", LINES, "listen --forward-to http://127.0.0.1:3000"),
    row_of("open wechat-pay", ONE, "open wechat-pay --headers headers.txt --body body.json"),
    row_of(
        "open wechat-pay-response",
        ONE,
        "open wechat-pay-response --status 200 --headers headers.txt --body body.json",
    ),
    row_of("open wechat-pay-certificates", ONE, "open wechat-pay-certificates --body certificates.json"),
    row_of("open mini-program", ONE, "open mini-program --query signature=…&timestamp=…&nonce=… --body push.xml"),
    row_of("open allinpay", ONE, "open allinpay --body response.json"),
    row_of("open allinpay-notice", ONE, "open allinpay-notice --body notice.form"),
    row_of("decode complaint", ONE, "decode complaint complaint.json"),
    row_of("decode complaint-page", ONE, "decode complaint-page page.json"),
    row_of("decode history", ONE, "decode history history.json"),
    row_of("decode push", ONE, "decode push push.xml"),
    row_of("sign wechat-pay", ONE, "sign wechat-pay --method GET --target /v3/merchant-service/complaints-v2"),
    row_of("sign virtual-payment", ONE, "sign virtual-payment --target /xpay/get_complaint_list --body body.json"),
    row_of("sign allinpay", ONE, "sign allinpay --param complaintid=200201820200101080076610000"),
    row_of("demo", ONE, "demo --slow"),
    row_of("sandbox", ONE, "sandbox --folder sandbox"),
    row_of("sandbox trigger", ONE, "sandbox trigger payer-responds"),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// The paths of the commands that have none below them.
    fn leaves(command: &Command, path: &str) -> Vec<String> {
        let below: Vec<_> = command
            .get_subcommands()
            .flat_map(|command| leaves(command, format!("{path} {}", command.get_name()).trim_start()))
            .collect();
        if below.is_empty() { vec![path.to_owned()] } else { below }
    }

    #[test]
    fn every_command_has_an_example_that_parses() {
        for path in leaves(&Arguments::command(), "") {
            let row = row(&path).unwrap_or_else(|| panic!("{path}: add a row to ROWS"));
            let example = example(&path, row);
            let words: Vec<_> = example.split(" > ").next().unwrap().split_whitespace().map(OsString::from).collect();
            let (_, named) = parse(&words).unwrap_or_else(|error| panic!("{example}: {error}"));
            assert_eq!(named, path);
        }
    }

    #[cfg(feature = "serve")]
    #[test]
    fn every_row_is_of_a_command() {
        let leaves = leaves(&Arguments::command(), "");
        for row in ROWS {
            // The sandbox runs by itself, too.
            let is_a_command = leaves.iter().any(|path| path == row.path) || row.path == "sandbox";
            assert!(is_a_command, "{}", row.path);
        }
    }

    #[test]
    fn every_command_is_in_one_group() {
        for command in Arguments::command().get_subcommands() {
            let groups = GROUPS.iter().filter(|group| group.commands.contains(&command.get_name())).count();
            assert_eq!(groups, 1, "{}", command.get_name());
        }
    }
}
