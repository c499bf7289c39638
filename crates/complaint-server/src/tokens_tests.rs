//! The file of tokens.

use std::fs;
use std::path::PathBuf;

use complaint_channels::SettingErrorKind;

use super::*;
use crate::entry_file::MAX_FILE;
use crate::names::MAX_NAME;

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

fn file(text: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = folder();
    let path = folder.path().join("tokens.toml");
    fs::write(&path, text).unwrap();
    (folder, path)
}

fn section(name: &str, token: &str) -> String {
    let digest = hexadecimal(&Sha256::digest(token));
    format!("[[token]]\nname = \"{name}\"\nmay = \"read\"\nsha256 = \"{digest}\"\n")
}

fn refusal(text: &str) -> String {
    let (_folder, path) = file(text);
    Tokens::from_file(path).unwrap_err().to_string()
}

/// FIPS 180-2, appendix B.1.
#[test]
fn the_digest_is_sha_256_in_small_digits() {
    let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    let (_folder, path) = file(&format!("[[token]]\nname = \"a\"\nmay = \"act\"\nsha256 = \"{abc}\"\n"));
    assert!(Tokens::from_file(path).unwrap().find(b"abc").unwrap().may_act());
}

#[test]
fn a_token_is_added_found_and_stored_nowhere() {
    let folder = folder();
    let path = folder.path().join("tokens.toml");
    let reader = Tokens::add(&path, "reader", May::Read).unwrap();
    let actor = Tokens::add(&path, "actor", May::Act).unwrap();
    let tokens = Tokens::from_file(&path).unwrap();
    let found = |token: &Secret| tokens.find(token.expose()).map(|bearer| (bearer.name().to_owned(), bearer.may_act()));
    assert_eq!(found(&reader), Some(("reader".to_owned(), false)));
    assert_eq!(found(&actor), Some(("actor".to_owned(), true)));
    let text = fs::read_to_string(&path).unwrap();
    for token in [&reader, &actor] {
        let token = std::str::from_utf8(token.expose()).unwrap();
        assert!(token.starts_with(PREFIX) && token.len() == PREFIX.len() + 43);
        assert!(!text.contains(token) && !format!("{tokens:?}").contains(token));
        assert_eq!(tokens.find(token.strip_suffix(|_: char| true).unwrap().as_bytes()), None);
    }
    assert_ne!(reader.expose(), actor.expose());
}

#[cfg(unix)]
#[test]
fn a_new_file_is_this_users_alone_and_another_keeps_its_owner_and_the_groups_reading() {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};

    let (folder, path) = file("");
    let state = |path: &Path| {
        let metadata = fs::metadata(path).unwrap();
        (metadata.mode() & 0o777, metadata.uid(), metadata.gid())
    };
    let (_, user, group) = state(&path);
    for (number, (before, after)) in
        [(0o600, 0o600), (0o640, 0o640), (0o644, 0o640), (0o666, 0o640)].into_iter().enumerate()
    {
        fs::set_permissions(&path, fs::Permissions::from_mode(before)).unwrap();
        Tokens::add(&path, &format!("a{number}"), May::Read).unwrap();
        assert_eq!(state(&path), (after, user, group), "{before:o}");
    }
    // Only root may give a file away.
    if chown(&path, Some(user + 1), Some(group + 1)).is_ok() {
        Tokens::add(&path, "b", May::Read).unwrap();
        assert_eq!(state(&path), (0o640, user + 1, group + 1));
    }
    let new = folder.path().join("new.toml");
    Tokens::add(&new, "a", May::Read).unwrap();
    assert_eq!(state(&new), (0o600, user, group));
}

#[test]
fn a_file_is_read_again_and_a_broken_one_changes_nothing() {
    let (_folder, path) = file(&section("a", "one"));
    let tokens = Tokens::from_file(&path).unwrap();
    let clone = tokens.clone();
    fs::write(&path, "[[token]]").unwrap();
    assert!(tokens.reload().is_err());
    assert!(clone.find(b"one").is_some());
    fs::write(&path, section("b", "two")).unwrap();
    tokens.reload().unwrap();
    assert_eq!((clone.find(b"one"), clone.find(b"two").is_some()), (None, true));
}

#[test]
fn a_faulty_file_is_refused_and_not_quoted() {
    let twice = section("a", "one") + &section("a", "two");
    for (text, says) in [
        ("[[token]]\nname = \"a\"\nmay = \"canary\"\n", "line 3"),
        ("token = \"canary\"", "each [[token]] has"),
        ("[[token]]\nname = \"a b\"\nmay = \"act\"\nsha256 = \"canary\"\n", "token 1: the name is"),
        ("[[token]]\nname = \"a\"\nmay = \"act\"\nsha256 = \"canary\"\n", "64 digits"),
        (&twice, "token 2: two tokens"),
    ] {
        let refusal = refusal(text);
        assert!(refusal.contains(says) && !refusal.contains("canary"), "{refusal}");
    }
    let missing = Tokens::from_file("no/such/file").unwrap_err();
    assert_eq!(missing.kind(), SettingErrorKind::File);
    assert!(missing.to_string().contains("make the first token"), "{missing}");
}

#[test]
fn a_name_has_its_bounds_and_is_given_once() {
    let folder = folder();
    let path = folder.path().join("tokens.toml");
    let longest = "a".repeat(MAX_NAME);
    Tokens::add(&path, &longest, May::Read).unwrap();
    for name in [&longest, "", "a b", "ä", "\"", &"b".repeat(MAX_NAME + 1)] {
        assert!(Tokens::add(&path, name, May::Read).is_err(), "{name}");
    }
    assert!(Tokens::from_file(&path).is_ok());
}

#[test]
fn a_file_has_so_many_tokens_and_no_more() {
    let sections = |number: usize| (0..number).map(|number| section(&format!("t{number}"), "t")).collect::<String>();
    let (_folder, path) = file(&sections(MAX_TOKENS));
    assert!(Tokens::from_file(&path).is_ok());
    assert!(Tokens::add(&path, "more", May::Read).unwrap_err().to_string().contains("more than 256"));
    assert!(Tokens::from_file(&path).is_ok());
    let padded = |bytes: usize| format!("#{}", "x".repeat(bytes - 1));
    let most = usize::try_from(MAX_FILE).unwrap();
    let (_folder, path) = file(&padded(most));
    assert!(Tokens::from_file(path).is_ok());
    assert!(refusal(&padded(most + 1)).contains("file too large"));
}
