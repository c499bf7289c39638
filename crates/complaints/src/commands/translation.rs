//! The Chinese help. English stands where the commands are declared; `help.ftl` has the Chinese of a
//! command and its arguments under their names.

use std::cmp::Reverse;
use std::iter;

use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::{Arg, Command};
use complaint_texts::Language;

/// A command of this path, such as `inbox list`, with Chinese in place of its English. Its arguments
/// read values as text: it is for help, manual pages and completions.
pub(crate) fn in_chinese(command: Command, path: &str) -> Command {
    let command = match name_of_about(path).and_then(|name| chinese(&name)) {
        Some(text) => match text.split_once("\n\n") {
            Some((first, _)) => command.about(first.to_owned()).long_about(text),
            None => command.about(text),
        },
        None => command,
    };
    command.mut_args(|argument| argument_in_chinese(argument, path))
}

fn argument_in_chinese(argument: Arg, path: &str) -> Arg {
    let name = name_of(&argument).to_owned();
    let words = |name: &str| name_of_words(path, name).and_then(|name| chinese(&name));
    let values = argument.get_possible_values();
    let argument = match words(&name) {
        // The argument `--help` has a long help in English.
        Some(text) if argument.get_long_help().is_some() => argument.help(text.clone()).long_help(text),
        Some(text) => argument.help(text),
        None => argument,
    };
    if values.iter().all(|value| value.get_help().is_none()) {
        return argument;
    }
    let values = values.into_iter().map(|value| match words(&of_value(&name, &value)) {
        Some(text) => value.help(text),
        None => value,
    });
    argument.value_parser(PossibleValuesParser::new(values))
}

/// A text of `help.ftl`, by its name after `help-`.
fn chinese(name: &str) -> Option<String> {
    Language::Chinese.known_word("help", name)
}

/// The name of the text about a command. `explain` has those of the commands that it explains.
fn name_of_about(path: &str) -> Option<String> {
    let told = match path.rsplit(' ').next() {
        Some("") | None => PROGRAM.to_owned(),
        Some(HELP) => HELP.to_owned(),
        Some(_) => without_help(path),
    };
    let names = [&*told, explained(&told)].map(|path| path.replace(' ', "-"));
    names.into_iter().find(|name| chinese(name).is_some())
}

/// The name of the text about an argument, or about a value of it: its command's, that of a command
/// above, or that of any command.
fn name_of_words(path: &str, argument: &str) -> Option<String> {
    let path = without_help(path);
    let paths = iter::successors(Some(explained(&path)), above).chain([ANY]);
    paths.map(|path| format!("{}--{argument}", path.replace(' ', "-"))).find(|name| chinese(name).is_some())
}

/// The path of the command above.
fn above<'p>(path: &&'p str) -> Option<&'p str> {
    path.rsplit_once(' ').map(|(above, _)| above)
}

/// The path of the command that `help` tells about.
fn without_help(path: &str) -> String {
    path.split(' ').filter(|name| *name != HELP).collect::<Vec<_>>().join(" ")
}

fn explained(path: &str) -> &str {
    path.strip_prefix("explain ").unwrap_or(path)
}

fn name_of(argument: &Arg) -> &str {
    argument.get_long().unwrap_or(argument.get_id().as_str())
}

fn of_value(argument: &str, value: &PossibleValue) -> String {
    format!("{argument}--{}", value.get_name())
}

/// In the name of a text: the command without its commands.
const PROGRAM: &str = "complaints";

/// clap's own command, below each that has commands.
const HELP: &str = "help";

/// In the name of a text, in place of a command: the argument means the same in each.
const ANY: &str = "any";

/// Help with clap's own words in Chinese.
pub(crate) fn help_in_chinese(help: &str) -> String {
    let words = HELP_WORDS.iter().map(|name| (Language::English.text(name), Language::Chinese.text(name)));
    // Further lines of the usage stand below the first one.
    replaced(help, words).replace("\n       complaints ", "\n      complaints ")
}

/// A manual page with the words of clap and of clap_mangen in Chinese.
pub(crate) fn page_in_chinese(page: &str) -> String {
    let in_page = |name: &&str, language: Language| language.text(name).replace('-', "\\-").replace('\'', "\\*(Aq");
    let heading = |name: &&str, language: Language| format!(".SH {}\n", language.text(name));
    let both = |text: &dyn Fn(Language) -> String| (text(Language::English), text(Language::Chinese));
    let headings = PAGE_HEADINGS.iter().map(|name| both(&|language| heading(name, language)));
    let words = HELP_WORDS.iter().chain(PAGE_WORDS).map(|name| both(&|language| in_page(name, language)));
    let page = page.replacen(".SH ", &format!("{CHINESE_LINES}.SH "), 1);
    replaced(&page, headings.chain(words))
}

/// The text with each of the words in Chinese, the longest first, since some begin with others. A
/// Chinese colon stands for the blank after it, too.
fn replaced(text: &str, words: impl Iterator<Item = (String, String)>) -> String {
    let mut words: Vec<_> = words.collect();
    words.sort_by_key(|(english, _)| Reverse(english.len()));
    words.into_iter().fold(text.to_owned(), |text, (english, chinese)| {
        text.replace(&format!("{english} "), &format!("{chinese}{}", if chinese.ends_with('：') { "" } else { " " }))
            .replace(&english, &chinese)
    })
}

/// Loads groff's rules for breaking Chinese lines, which have too few blanks to reach the margin.
const CHINESE_LINES: &str = ".mso zh.tmac\n.ad l\n";

/// Words of clap, as `guide.ftl` has them.
const HELP_WORDS: &[&str] = &[
    "clap-usage",
    "clap-commands",
    "clap-arguments",
    "clap-options",
    "clap-output",
    "clap-variable",
    "clap-default",
    "clap-values",
    "clap-values-below",
];

/// Further words of clap_mangen.
const PAGE_WORDS: &[&str] = &["man-variable", "man-variable-end"];

/// Its headings.
const PAGE_HEADINGS: &[&str] = &[
    "man-name",
    "man-synopsis",
    "man-description",
    "man-options",
    "man-output",
    "man-commands",
    "man-extra",
    "man-version",
];

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use clap::CommandFactory as _;
    use clap_complete::Shell;

    use super::*;
    use crate::commands::{Arguments, guide, man};

    /// The program's commands, with those that clap adds.
    fn built() -> Command {
        let mut command = Arguments::command();
        command.build();
        command
    }

    /// Every command with its path; the program's is empty.
    fn commands(command: Command, path: &str) -> Vec<(String, Command)> {
        let below = command.get_subcommands().flat_map(|below| {
            let path = format!("{path} {}", below.get_name());
            commands(below.clone(), path.trim_start())
        });
        let below: Vec<_> = below.collect();
        [(path.to_owned(), command)].into_iter().chain(below).collect()
    }

    /// The helps of every command, short and long.
    fn helps(language: Language) -> Vec<String> {
        let mut command = guide::command(language);
        command.build();
        let helps = commands(command, "")
            .into_iter()
            .flat_map(|(_, mut command)| [command.render_help().to_string(), command.render_long_help().to_string()]);
        match language {
            Language::English => helps.collect(),
            Language::Chinese => helps.map(|help| help_in_chinese(&help)).collect(),
        }
    }

    fn pages(language: Language) -> Vec<String> {
        let mut command = guide::guided(Arguments::command().disable_help_subcommand(true), language);
        command.build();
        commands(command, "").into_iter().map(|(_, command)| man::page(command, language).unwrap()).collect()
    }

    /// Two English words beside each other. Code, placeholders, lists and commands are not sentences.
    fn english_words(line: &str) -> Option<String> {
        let code = line.split('`').step_by(2).collect::<Vec<_>>().join("`");
        let words: Vec<_> = code.split_whitespace().collect();
        let is_word = |word: &str| word.len() > 1 && word.chars().all(|letter| letter.is_ascii_alphabetic());
        let pair =
            words.windows(2).find(|pair| pair.iter().all(|word| is_word(word.trim_end_matches(['.', ':', ';']))))?;
        Some(pair.join(" "))
    }

    #[test]
    fn every_command_argument_and_value_has_chinese() {
        // A Chinese text with the English that it stands for.
        let mut texts: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut missing = Vec::new();
        let mut note = |place: String, name: Option<String>, english: String| match name {
            Some(name) => {
                texts.entry(name).or_default().insert(english);
            }
            None => missing.push(place),
        };
        for (path, command) in commands(built(), "") {
            note(path.clone(), name_of_about(&path), command.get_about().unwrap().to_string());
            for argument in command.get_arguments() {
                let name = name_of(argument);
                if name == "help" {
                    // clap has several texts for it.
                    note(path.clone(), name_of_words(&path, name), "Print help".to_owned());
                    continue;
                }
                assert!(argument.get_long_help().is_none(), "{path} {name}: one paragraph, as in Chinese");
                let english = argument.get_help().unwrap().to_string();
                note(format!("{path} {name}"), name_of_words(&path, name), english);
                for value in argument.get_possible_values() {
                    let Some(english) = value.get_help() else { continue };
                    let name = of_value(name, &value);
                    note(format!("{path} {name}"), name_of_words(&path, &name), english.to_string());
                }
            }
        }
        assert_eq!(missing, Vec::<String>::new(), "add them to help.ftl");
        texts.retain(|_, english| english.len() > 1);
        assert_eq!(texts, BTreeMap::new(), "one Chinese text for several English ones");
    }

    /// Without the server, its commands are not there.
    #[cfg(feature = "serve")]
    #[test]
    fn every_chinese_text_is_of_a_command() {
        let used: BTreeSet<String> = commands(built(), "")
            .iter()
            .flat_map(|(path, command)| {
                let words = command.get_arguments().flat_map(|argument| {
                    let name = name_of(argument);
                    let values = argument.get_possible_values();
                    let values: Vec<_> = values.iter().map(|value| of_value(name, value)).collect();
                    [name.to_owned()].into_iter().chain(values).filter_map(|name| name_of_words(path, &name))
                });
                name_of_about(path).into_iter().chain(words).collect::<Vec<_>>()
            })
            .collect();
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../complaint-texts/src/zh/help.ftl");
        let file = std::fs::read_to_string(file).unwrap();
        let unused: Vec<_> = file
            .lines()
            .filter_map(|line| line.strip_prefix("help-")?.split_once(" = "))
            .map(|(name, _)| name)
            .filter(|name| !used.contains(*name))
            .collect();
        assert_eq!(unused, Vec::<&str>::new());
        assert!(used.len() > 150, "{}", used.len());
    }

    #[test]
    fn no_help_is_half_english() {
        for help in helps(Language::Chinese) {
            for line in
                help.lines().filter(|line| !line.starts_with("用法：") && !line.trim_start().starts_with("complaints "))
            {
                assert_eq!(english_words(line), None, "{line}\n{help}");
            }
            for word in HELP_WORDS.iter().map(|name| Language::English.text(name)) {
                assert!(!help.contains(&word), "{word}\n{help}");
            }
        }
        assert!(english_words("      --yes  Go ahead without confirmation [default: x]").is_some());
    }

    #[test]
    fn no_manual_page_is_half_english() {
        for page in pages(Language::Chinese) {
            // The first lines are the title and the name; the synopsis has names alone.
            for line in page.lines().skip_while(|line| *line != ".SH 描述") {
                let line = line.replace("\\fB", "").replace("\\fI", "").replace("\\fR", "").replace("\\-", "-");
                match line.strip_prefix(".SH ") {
                    Some(heading) => assert!(!heading.is_ascii(), "{heading}"),
                    None if line.starts_with("  complaints ") => {}
                    None => assert_eq!(english_words(&line), None, "{line}\n{page}"),
                }
            }
        }
    }

    #[test]
    fn no_completion_is_described_in_english() {
        for shell in [Shell::Zsh, Shell::Fish, Shell::Elvish] {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut guide::command(Language::Chinese), "complaints", &mut script);
            let script = String::from_utf8(script).unwrap();
            let english: Vec<_> = script
                .lines()
                .filter(|line| {
                    !line.starts_with('#')
                        && ["Print ", "Show ", "The ", "List "].iter().any(|start| line.contains(start))
                })
                .collect();
            assert_eq!(english, Vec::<&str>::new(), "{shell}");
        }
    }

    #[test]
    fn the_words_of_the_libraries_are_still_theirs() {
        let help = helps(Language::English).concat();
        for name in HELP_WORDS {
            assert!(help.contains(&Language::English.text(name)), "{name}");
        }
        let page = pages(Language::English).concat();
        for name in PAGE_WORDS {
            assert!(page.contains(&Language::English.text(name)), "{name}");
        }
        for name in PAGE_HEADINGS {
            assert!(page.contains(&format!(".SH {}\n", Language::English.text(name))), "{name}");
        }
    }
}
