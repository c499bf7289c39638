//! The operations that the source has, so that a list of them cannot miss one.
#![allow(clippy::disallowed_methods, reason = "a test reads the source")]

use std::collections::BTreeSet;
use std::path::Path;

/// The types in a channel's folder of `src` that implement its `Operation`.
pub(crate) fn operations_of(channel: &str) -> BTreeSet<String> {
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

/// A type's name without its module and its lifetime.
pub(crate) fn bare(type_name: &str) -> &str {
    let name = type_name.split('<').next().unwrap();
    name.rsplit("::").next().unwrap()
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
