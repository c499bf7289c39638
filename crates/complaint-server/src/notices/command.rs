//! A notice to a program of this machine.

use std::process::Stdio;
use std::time::Duration;

use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;
use tokio::time::timeout;

use crate::onward::LocalFault;

/// Runs a program, without a shell, with a document on its standard input. It has to end with status 0
/// in time; else it is killed. Its output is not read: it may quote what it was told.
pub(super) async fn run(
    program: &str,
    arguments: &[String],
    document: &[u8],
    at_most: Duration,
) -> Result<(), LocalFault> {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
    // Variables of this server may be secrets.
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("COMPLAINTS_") {
            command.env_remove(name);
        }
    }
    let mut child = command.spawn().map_err(|error| LocalFault::NotStarted(error.kind()))?;
    let running = async {
        if let Some(mut input) = child.stdin.take() {
            // A program need not read its input.
            let _ = input.write_all(document).await;
        }
        match child.wait().await {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(LocalFault::Exit(status.code())),
            Err(error) => Err(LocalFault::NotStarted(error.kind())),
        }
    };
    timeout(at_most, running).await.unwrap_or(Err(LocalFault::Late))
}

#[cfg(all(test, unix))]
mod tests {
    use std::io::ErrorKind;

    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn shell(script: &str) -> [String; 2] {
        ["-c".to_owned(), script.to_owned()]
    }

    #[tokio::test]
    async fn a_program_reads_the_document_and_its_status_counts() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("told");
        let write = shell(&format!("cat > '{}'", file.display()));
        assert_eq!(run("/bin/sh", &write, b"{\"text\":\"\"}", MINUTE).await, Ok(()));
        assert_eq!(std::fs::read(&file).unwrap(), b"{\"text\":\"\"}");
        // Some programs read nothing, and a pipe takes less than this.
        assert_eq!(run("/bin/sh", &shell("exit 0"), &vec![b' '; 1 << 20], MINUTE).await, Ok(()));
        assert_eq!(run("/bin/sh", &shell("exit 7"), b"", MINUTE).await, Err(LocalFault::Exit(Some(7))));
        assert_eq!(run("/bin/sh", &shell("kill -9 $$"), b"", MINUTE).await, Err(LocalFault::Exit(None)));
        let missing = run("/no/such/program", &[], b"", MINUTE).await;
        assert_eq!(missing, Err(LocalFault::NotStarted(ErrorKind::NotFound)));
    }

    /// No word of a document is a word of a command.
    #[tokio::test]
    async fn arguments_are_not_read_by_a_shell() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a; touch b");
        let name = file.display().to_string();
        assert_eq!(run("/usr/bin/touch", &[name], b"$(exit 1)", MINUTE).await, Ok(()));
        assert!(file.exists());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[tokio::test]
    async fn a_program_that_hangs_is_ended() {
        let hangs = run("/bin/sh", &shell("exec sleep 3600"), b"", Duration::from_millis(10)).await;
        assert_eq!(hangs, Err(LocalFault::Late));
    }
}
