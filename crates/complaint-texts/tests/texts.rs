//! Both languages have the same texts, each is used, and each that is used is there.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use complaint_texts::Language;
use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};

/// The texts of a language by name, with the values that each takes.
fn texts(language: Language) -> BTreeMap<String, BTreeSet<String>> {
    let mut texts = BTreeMap::new();
    for text in texts_of(language) {
        let resource = fluent_syntax::parser::parse(&*text).unwrap_or_else(|(_, errors)| panic!("{errors:?}: {text}"));
        for entry in resource.body {
            let Entry::Message(message) = entry else { continue };
            let mut values = BTreeSet::new();
            let pattern = message.value.unwrap_or_else(|| panic!("{}: no text", message.id.name));
            collect(&pattern, &mut values);
            let twice = texts.insert(message.id.name.to_owned(), values);
            assert_eq!(twice, None, "{} stands twice", message.id.name);
        }
    }
    texts
}

/// The files of a language.
fn texts_of(language: Language) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(language.code());
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files.map(|file| fs::read_to_string(file).unwrap()).collect()
}

fn collect(pattern: &Pattern<&str>, values: &mut BTreeSet<String>) {
    for element in &pattern.elements {
        let PatternElement::Placeable { expression } = element else { continue };
        let (inline, variants) = match expression {
            Expression::Inline(inline) => (inline, &[][..]),
            Expression::Select { selector, variants } => (selector, &variants[..]),
        };
        if let InlineExpression::VariableReference { id } = inline {
            values.insert(id.name.to_owned());
        }
        for variant in variants {
            collect(&variant.value, values);
        }
    }
}

/// Every Rust source and template of the workspace's crates.
fn sources() -> Vec<(PathBuf, String)> {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut folders: Vec<PathBuf> =
        fs::read_dir(crates).unwrap().map(|entry| entry.unwrap().path().join("src")).collect();
    let mut sources = Vec::new();
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(folder) else { continue };
        for path in entries.map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs" || extension == "html") {
                let text = fs::read_to_string(&path).unwrap();
                sources.push((path, text));
            }
        }
    }
    sources
}

/// The first argument of each call of a function, where it is a literal.
fn literals<'s>(source: &'s str, function: &'static str) -> impl Iterator<Item = &'s str> {
    source.split(function).skip(1).filter_map(|rest| {
        let rest = rest.trim_start();
        rest.strip_prefix('"')?.split('"').next()
    })
}

#[test]
fn both_languages_have_the_same_texts_with_the_same_values() {
    let mut chinese = texts(Language::Chinese);
    // The English help of a command stands where the command is declared, and the tests there compare.
    chinese.retain(|name, values| !name.starts_with("help-") || !values.is_empty());
    assert_eq!(chinese, texts(Language::English));
}

#[test]
fn every_text_that_is_used_is_there() {
    let texts = texts(Language::Chinese);
    let mut missing = Vec::new();
    for (path, source) in sources() {
        for function in [".text(", ".text_with(", "say(", "say_with("] {
            // The name of a text has a hyphen.
            for name in literals(&source, function).filter(|name| name.contains('-') && *name != "no-such-text") {
                if !texts.contains_key(name) {
                    missing.push(format!("{}: {name}", path.display()));
                }
            }
        }
    }
    assert_eq!(missing, Vec::<String>::new());
}

#[test]
fn every_text_is_used() {
    let sources = sources();
    let families: BTreeSet<&str> =
        sources.iter().flat_map(|(_, source)| literals(source, "word(").chain(literals(source, "code("))).collect();
    // A text may stand in another one.
    let in_texts = texts_of(Language::Chinese).concat() + &texts_of(Language::English).concat();
    let is_used = |name: &String| {
        families.iter().any(|family| name.starts_with(&format!("{family}-")))
            || sources.iter().any(|(_, source)| source.contains(&format!("\"{name}\"")))
            || in_texts.contains(&format!("{{ {name} }}"))
    };
    let unused: Vec<String> = texts(Language::Chinese).into_keys().filter(|name| !is_used(name)).collect();
    assert_eq!(unused, Vec::<String>::new());
}

#[test]
fn no_text_is_half_of_the_other_language() {
    let is_chinese = |text: &str| text.chars().any(|letter| ('\u{3400}'..='\u{9fff}').contains(&letter));
    for (name, values) in texts(Language::English) {
        let values: Vec<_> = values.iter().map(|_| ()).collect();
        let (chinese, english) = (Language::Chinese.text(&name), Language::English.text(&name));
        if NAMES_OF_LANGUAGES.contains(&&*name) || VALUES_ALONE.contains(&&*name) {
            continue;
        }
        assert!(is_chinese(&chinese), "{name}: {chinese} ({} values)", values.len());
        assert!(!is_chinese(&english), "{name}: {english}");
    }
}

/// Values and the marks between them.
const VALUES_ALONE: [&str; 4] = ["coded-word", "explained-code", "explain-line", "explain-line-detail"];

/// The name of the other language, in that language.
const NAMES_OF_LANGUAGES: [&str; 1] = ["page-language-other"];

#[test]
fn a_locale_names_a_language() {
    let of = |locale: &str| Language::from_code(locale);
    for chinese in ["zh", "zh_CN.UTF-8", "zh-TW", "ZH"] {
        assert_eq!(of(chinese), Some(Language::Chinese), "{chinese}");
    }
    assert_eq!((of("en_US"), of("C.UTF-8"), of("zhx"), of("")), (Some(Language::English), None, None, None));
    let terminal = |set: &'static [(&str, &str)]| {
        Language::from_environment(|name| {
            set.iter().find(|(variable, _)| *variable == name).map(|(_, value)| (*value).to_owned())
        })
    };
    assert_eq!(terminal(&[("LC_ALL", ""), ("LANG", "zh_CN.UTF-8")]), Language::Chinese);
    assert_eq!(terminal(&[("LC_ALL", "C"), ("LANG", "zh_CN.UTF-8")]), Language::English);
    assert_eq!(terminal(&[]), Language::English);
}

#[test]
fn numbers_take_their_form() {
    let hours = |language: Language, hours: i32| language.text_with("left-hours", [("hours", hours.into())]);
    assert_eq!(hours(Language::English, 1), "1 hour left");
    assert_eq!(hours(Language::English, 3), "3 hours left");
    assert_eq!(hours(Language::Chinese, 3), "还剩 3 小时");
}

#[test]
fn a_word_that_is_none_of_ours_stays() {
    for word in ["", "NEW_STATE", "state pending", "../x", "\u{202e}PENDING", &"A".repeat(65)] {
        assert_eq!(Language::Chinese.word("state", word), *word);
    }
    assert_eq!(Language::Chinese.known_word("act-state", "unknown").as_deref(), Some("结果未知"));
    assert_eq!(Language::English.text("no-such-text"), "no-such-text");
}
