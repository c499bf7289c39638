//! Every model and every member has its test: the models are read off the source, and the tests
//! have to name what they find there.

use std::collections::BTreeSet;
use std::path::Path;

/// The tests that compare members with their published names.
const TESTS: [&str; 4] =
    ["member_cases", "wechat_pay_operations", "mini_program_operations", "allinpay_cases/requests.rs"];

/// Folders and files whose structs a caller stores. No platform writes them, and their own tests
/// hold their JSON.
const OURS: [&str; 4] = ["src/call", "src/channel", "src/poller", "src/complaint/deadlines.rs"];

/// A struct with members on the wire.
#[derive(Debug)]
struct Model {
    name: String,
    is_public: bool,
    /// Each member's name and type.
    members: Vec<(String, String)>,
}

/// The models of a source file: those of the macros, and those that derive serde's traits.
fn models_of(source: &str) -> Vec<Model> {
    let (mut models, mut is_model) = (Vec::new(), false);
    let mut lines = source.split("#[cfg(test)]").next().unwrap_or_default().lines().map(str::trim);
    while let Some(line) = lines.next() {
        if matches!(line, "wire_object! {" | "push_object! {")
            || line.starts_with("#[derive(") && line.contains("erialize")
        {
            is_model = true;
        } else if is_model && let Some((before, declared)) = line.split_once("struct ") {
            // A struct without named fields is no model, and neither is the macro's own.
            let name = word_at_the_start(declared);
            if !name.is_empty() && declared.ends_with('{') {
                let members = lines.by_ref().take_while(|line| *line != "}").filter_map(member_of).collect();
                models.push(Model { name, is_public: before == "pub ", members });
            }
            is_model = false;
        }
    }
    models
}

/// The name and the type of a field; `None` for a comment or an attribute.
fn member_of(line: &str) -> Option<(String, String)> {
    let line = line.strip_prefix("pub ").unwrap_or(line);
    let name = word_at_the_start(line);
    let kind = line.strip_prefix(&name)?.split_once(": ")?.1;
    // The object's own set of unknown members.
    (!name.is_empty() && name != "extra").then(|| (name, kind.to_owned()))
}

fn word_at_the_start(text: &str) -> String {
    text.chars().take_while(is_of_a_word).collect()
}

fn is_of_a_word(c: &char) -> bool {
    c.is_ascii_alphanumeric() || *c == '_'
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c| !is_of_a_word(&c)).filter(|word| !word.is_empty())
}

/// The words of the tests, without their imports and comments. A setter names its member.
fn words_of_tests(tests: &[String]) -> BTreeSet<&str> {
    let mut found = BTreeSet::new();
    for test in tests {
        let mut is_import = false;
        for line in test.lines() {
            is_import |= line.starts_with("use ");
            if !is_import && !line.trim_start().starts_with("//") {
                found.extend(words(line).flat_map(|word| [word, word.strip_prefix("with_").unwrap_or(word)]));
            }
            is_import &= !line.ends_with(';');
        }
    }
    found
}

/// Complaints about the models that these tests leave out. Each member has to be named. A model is
/// named itself, or it is the type of another's member; a private one serves a public one.
fn untested(models: &[Model], tests: &[String]) -> Vec<String> {
    let named = words_of_tests(tests);
    let types: BTreeSet<_> = models.iter().flat_map(|model| &model.members).flat_map(|(_, kind)| words(kind)).collect();
    let mut untested = Vec::new();
    for Model { name, is_public, members } in models {
        if *is_public && !named.contains(&**name) && !types.contains(&**name) {
            untested.push(name.clone());
        }
        let forgotten = members.iter().filter(|(member, _)| !named.contains(&**member));
        untested.extend(forgotten.map(|(member, _)| format!("{name}.{member}")));
    }
    untested
}

/// The files at and below a path, except this one and those of `OURS`.
fn read_files(path: &Path, found: &mut Vec<String>) {
    if OURS.iter().any(|ours| path.ends_with(ours)) || path.ends_with("member_cases/models.rs") {
        return;
    }
    if path.is_dir() {
        std::fs::read_dir(path).unwrap().for_each(|entry| read_files(&entry.unwrap().path(), found));
    } else if path.extension().is_some_and(|extension| extension == "rs") {
        found.push(std::fs::read_to_string(path).unwrap());
    }
}

#[test]
fn every_model_and_every_member_has_a_test() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (mut sources, mut tests) = (Vec::new(), Vec::new());
    read_files(&root.join("src"), &mut sources);
    TESTS.iter().for_each(|path| read_files(&root.join("tests").join(path), &mut tests));
    let models: Vec<_> = sources.iter().flat_map(|source| models_of(source)).collect();
    assert!(models.len() >= 60, "{} models are read off the source", models.len());
    let untested = untested(&models, &tests);
    assert!(untested.is_empty(), "a test has to compare these with their published names: {untested:?}");
}

#[test]
fn a_model_or_a_member_that_no_test_names_is_found() {
    let models = models_of(
        "wire_object! {\n    /// A model.\n    pub struct Outer {\n        /// Its name.\n        id: String as asked,\n        \
        kind = \"type\": Option<Inner>,\n    }\n}\n\n#[derive(Debug, Deserialize)]\nstruct Private<'a> {\n    \
        #[serde(borrow)]\n    words: Cow<'a, str>,\n}\nwire_object! {\n    pub struct Inner {\n        depth: u8,\n    }\n}\n",
    );
    let found = |test: &str| untested(&models, &[test.to_owned()]);
    assert_eq!(found(""), ["Outer", "Outer.id", "Outer.kind", "Private.words", "Inner.depth"]);
    let complete = "let outer: Outer = decode(b\"\").with_kind(1);\nassert_eq!(outer.id, words);\nouter.depth";
    assert_eq!(found(complete), [""; 0]);
    let imported = "use protocol_core::{\n    Outer, words,\n};\n// depth\nassert!(id == kind);";
    assert_eq!(found(imported), ["Outer", "Private.words", "Inner.depth"]);
}
