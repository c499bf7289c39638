//! `users`, as processes.

use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Stdio;

use serde_json::json;

use crate::fixture::{Folder, Outcome};
use crate::terminal::on_a_terminal_in;

const PASSWORD: &str = "correct horse battery";

fn folder() -> Folder {
    let folder = Folder::new();
    folder.write("complaints.toml", "[serve]\nusers_file = \"people.toml\"\n");
    folder
}

fn file(folder: &Folder) -> String {
    std::fs::read_to_string(folder.path().join("people.toml")).unwrap()
}

/// Runs the command with this standard input.
fn with_input(folder: &Folder, arguments: &[&str], input: impl AsRef<[u8]>) -> Outcome {
    let mut command = folder.command(arguments);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // A command that is refused before may not read it.
    let _ = child.stdin.take().unwrap().write_all(input.as_ref());
    let output = child.wait_with_output().unwrap();
    Outcome {
        status: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

#[test]
fn users_are_added_listed_changed_and_removed() {
    let folder = folder();
    assert_eq!(folder.run(&["users", "list"]).json(), json!([]));
    let made = with_input(&folder, &["users", "add", "王芳", "--may", "act"], format!("{PASSWORD}\n"));
    assert_eq!(made.json(), json!({"name": "王芳", "may": "act"}));
    // The line's end is not required, and one of Windows is no part of the password.
    with_input(&folder, &["users", "add", "li", "--may", "read"], PASSWORD).json();
    let before = file(&folder);
    assert!(before.contains("password = \"$argon2id$v=19$m=19456,t=2,p=1$") && !before.contains("horse"), "{before}");
    let mode = std::fs::metadata(folder.path().join("people.toml")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let listed = json!([{"name": "王芳", "may": "act"}, {"name": "li", "may": "read"}]);
    assert_eq!(folder.run(&["users", "list"]).json(), listed);
    with_input(&folder, &["users", "password", "li"], "another horse battery\r\n").json();
    assert_ne!(file(&folder), before);
    assert_eq!(folder.run(&["users", "remove", "王芳"]).json(), json!({"name": "王芳"}));
    assert_eq!(folder.run(&["users", "list"]).json(), json!([{"name": "li", "may": "read"}]));
}

#[test]
fn a_faulty_user_is_refused_and_the_password_not_quoted() {
    let folder = folder();
    with_input(&folder, &["users", "add", "li", "--may", "read"], PASSWORD).json();
    let before = file(&folder);
    for (arguments, input, code, says) in [
        (&["users", "add", "li", "--may", "act"][..], PASSWORD, "config", "there is a user li"),
        (&["users", "add", "a b", "--may", "act"], PASSWORD, "config", "1 to 32 letters"),
        (&["users", "add", "setup", "--may", "act"], PASSWORD, "config", "not setup"),
        (&["users", "add", "wang", "--may", "act"], "canary\n", "config", "12 characters at least"),
        (&["users", "add", "wang", "--may", "act"], "", "usage", "has no password"),
        (&["users", "add", "wang", "--may", "act"], &"canary".repeat(50), "usage", "256 bytes at most"),
        (&["users", "add", "wang"], PASSWORD, "usage", "--may"),
        (&["users", "password", "wang"], PASSWORD, "config", "no user of this name"),
        (&["users", "remove", "wang"], "", "config", "no user of this name"),
    ] {
        let outcome = with_input(&folder, arguments, input);
        let refusal = outcome.refused(code);
        assert!(refusal.contains(says) && !refusal.contains("canary"), "{arguments:?}: {refusal}");
    }
    assert_eq!(file(&folder), before);
}

#[test]
fn a_person_types_the_password_twice() {
    let folder = folder();
    let add = "users add wang --may read";
    let (status, screen) = on_a_terminal_in(folder.path(), add, &format!("{PASSWORD}\n{PASSWORD}\n"));
    assert!(status == 0 && screen.contains("password, again:") && screen.contains("added wang"), "{screen}");
    let (status, screen) = on_a_terminal_in(folder.path(), "users password wang", "first horse battery\nother\n");
    assert!(status == 2 && screen.contains("the two are not the same"), "{screen}");
    let (_, screen) = on_a_terminal_in(folder.path(), "users list", "");
    assert!(screen.contains("read wang"), "{screen}");
}
