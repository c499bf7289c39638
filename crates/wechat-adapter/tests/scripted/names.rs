//! Every name in a trace is in the documents.

use std::path::Path;

/// Every `name()` of a refusal.
const REFUSALS: [&str; 1] = [include_str!("../../../webhook-service/src/error.rs")];

/// The files in which the channels name their refusals.
const CHANNELS: [&str; 3] = [
    include_str!("../../../webhook-service/src/error.rs"),
    include_str!("../../src/wechat_pay/webhook/notifications.rs"),
    include_str!("../../src/mini_program/webhook/pushes.rs"),
];

/// The names of acknowledged outcomes and of counts.
const OUTCOMES: [&str; 5] = ["stored", "repeated", "dead-letter", "url-verified", "strangers-refused"];

#[test]
fn every_name_stands_in_the_documents() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let Ok(document) = std::fs::read_to_string(repository.join("docs/troubleshooting.md")) else {
        assert!(!repository.join("docs").exists(), "the document has another name");
        return; // The crate alone.
    };
    let mut names = OUTCOMES.to_vec();
    for source in REFUSALS {
        let (_, body) = source.split_once("fn name(").expect("a refusal has a name");
        let (body, _) = body.split_once("\n    }\n").expect("a method ends");
        let before = names.len();
        names.extend(body.lines().filter_map(|line| line.split_once("=> \"")?.1.strip_suffix("\",")));
        assert!(names.len() > before + 10, "{names:?}");
    }
    for source in CHANNELS {
        let before = names.len();
        for opening in ["unverified(\"", "name: \""] {
            names.extend(source.split(opening).skip(1).filter_map(|rest| Some(rest.split_once('"')?.0)));
        }
        assert!(names.len() > before + 1, "{names:?}");
    }
    let missing: Vec<_> = names
        .into_iter()
        .filter(|name| !document.contains(&format!("`{name}`")) && !document.contains(&format!("\"{name}\"")))
        .collect();
    assert_eq!(missing, [""; 0]);
}
