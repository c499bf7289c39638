//! The operations that the source has, so that a list of them cannot miss one.
#![allow(clippy::disallowed_methods, reason = "a test reads the source")]

use std::collections::BTreeSet;
use std::path::Path;

/// The types in a channel's folder of `src` that implement its `Operation`.
pub fn operations_of(channel: &str) -> BTreeSet<String> {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src")).join(channel);
    let mut found = BTreeSet::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        if path.is_file() {
            found.extend(operations_in(&std::fs::read_to_string(path).unwrap()));
        }
    }
    found
}

/// Checks a list of the types of all operations, each once.
#[track_caller]
pub(crate) fn are_all_of(channel: &str, type_names: &[&str]) {
    let listed: BTreeSet<_> = type_names.iter().map(|name| bare(name).to_owned()).collect();
    assert_eq!(listed.len(), type_names.len(), "each is listed once");
    let source = operations_of(channel);
    let missing: Vec<_> = source.difference(&listed).collect();
    assert!(missing.is_empty(), "operations of the source that the list has to name: {missing:?}");
    assert_eq!(listed.len(), source.len(), "the list names no other operation");
}

/// A type's name without its module and its lifetime.
pub fn bare(type_name: &str) -> &str {
    let name = type_name.split('<').next().unwrap();
    name.rsplit("::").next().unwrap()
}

/// A type's bare name in snake case, as operations are named.
#[allow(dead_code, reason = "Allinpay names its operations itself")]
pub(crate) fn snake_case(type_name: &str) -> String {
    let mut named = String::new();
    for letter in bare(type_name).chars() {
        let begins = letter.is_ascii_uppercase() && !named.is_empty();
        named.extend(begins.then_some('_').into_iter().chain([letter.to_ascii_lowercase()]));
    }
    named
}

fn operations_in(source: &str) -> impl Iterator<Item = String> {
    let implemented = source.lines().filter(|line| line.starts_with("impl"));
    let types = implemented.filter_map(|line| Some(line.split_once(" Operation for ")?.1));
    types.map(|name| name.chars().take_while(char::is_ascii_alphanumeric).collect())
}

#[test]
fn operations_are_found_in_a_source() {
    let source = "/// impl Operation for Example {\nimpl Operation for One {\nimpl<'a> Operation for Two<'a> {\n\
        impl OperationInfo for Three {\n";
    assert_eq!(operations_in(source).collect::<Vec<_>>(), ["One", "Two"]);
}
