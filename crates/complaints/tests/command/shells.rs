//! The completions, loaded by the shells that are installed, in both languages.

use std::process::Command;

use crate::fixture::Folder;

/// A started word, and the word that the shell completes it to.
const WORDS: &[(&str, &str)] = &[
    ("complaints mini", "mini-program"),
    ("complaints mini-program supply-p", "supply-proof"),
    ("complaints list --due-w", "--due-within"),
    ("complaints show 1 --via virt", "virtual-payment"),
    ("complaints list --output exc", "excel"),
];

/// Writes the completions of a shell, and runs this program of it for each started word, which is its
/// variable `LINE`. Says so if the shell is not installed.
fn assert_completes(shell: &str, program: &str) {
    if Command::new(shell).arg("--version").output().is_err() {
        eprintln!("skipped: {shell} is not installed");
        return;
    }
    for language in ["en", "zh"] {
        let folder = Folder::new();
        folder.write("script", folder.run(&["completions", shell, "--lang", language]).stdout);
        for (line, word) in WORDS {
            let output = Command::new(shell)
                .args(["-c", program])
                .current_dir(folder.path())
                .env("HOME", folder.path())
                .env("LC_ALL", "C.UTF-8")
                .env("LINE", line)
                .output()
                .unwrap();
            let (told, complained) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
            assert!(output.status.success() && complained.is_empty(), "{line}: {output:?}");
            let completed: Vec<_> = told.lines().filter_map(|line| line.split(['\t', ' ']).next()).collect();
            assert_eq!(completed, [*word], "{line}: {told}");
        }
    }
}

#[test]
fn bash_completes() {
    assert_completes(
        "bash",
        r#"
        source ./script
        COMP_WORDS=($LINE); COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
        _complaints complaints "${COMP_WORDS[-1]}" "${COMP_WORDS[-2]}"
        printf '%s\n' "${COMPREPLY[@]}"
        "#,
    );
}

#[test]
fn fish_completes() {
    assert_completes("fish", "source ./script; complete -C $LINE");
}

/// Keys are pressed in a shell on a terminal, whose command prints its last word. The end of what it
/// prints is not in what is typed.
#[test]
fn zsh_completes() {
    assert_completes(
        "zsh",
        r#"
        zmodload zsh/zpty && zpty shell zsh -f -i || exit
        zpty -w shell 'autoload -U compinit && compinit -D -u && source ./script || print failed'
        zpty -w shell 'complaints() { print -r -- "last:" "${@[-1]}" ":end" }; print loaded:""end'
        zpty -r shell screen '*loaded:end*' && [[ $screen != *failed$'\r'* ]] || { print -r -- $screen; exit 1 }
        zpty -w shell "$LINE"$'\t'
        zpty -r shell screen '*last: * :end*'
        screen=${screen##*last: }
        print -r -- ${screen%% :end*}
        "#,
    );
}
