//! Files that hold what payers said: for the service's own user alone.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

/// Opens a file to read and to append to, and creates it if it is not there. Nobody else may read it: the mode is 0600 from its first
/// byte on, whatever the umask says, and a file that was open to others no longer is. (Elsewhere than on Unix the folder decides.)
///
/// SQLite gives the files that it keeps beside a database the database's own mode.
///
/// # Errors
/// The system's.
pub fn private_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    #[cfg(unix)]
    if file.metadata()?.is_file() {
        file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    }
    Ok(file)
}

#[cfg(all(test, unix))]
mod tests {
    use std::io::Write as _;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn nobody_else_reads_it_and_nothing_in_it_is_lost() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("inbox.db");
        let mode = || std::fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        private_file(&path).unwrap().write_all(b"one").unwrap();
        assert_eq!(mode(), 0o600);
        // As earlier versions left it.
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        private_file(&path).unwrap().write_all(b"two").unwrap();
        assert_eq!((mode(), std::fs::read(&path).unwrap()), (0o600, b"onetwo".to_vec()));
    }
}
