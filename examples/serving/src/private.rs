//! Files that hold payers' words: for the service's own user alone.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

/// Opens a file to read and to append to, and creates it if it is not there. Only its user may read
/// it: the mode is 0600 from its first byte on, whatever the umask says, and a file that was open
/// to others is closed to them. (On other systems than Unix the folder decides.)
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

/// Creates a database's file if it is not there, and closes it and those that SQLite keeps beside
/// it to others, as [`private_file`] does: a process that died may have left them open. The path it
/// is really at is returned, whatever links lead there: SQLite keeps its files beside that one.
///
/// An existing file is not opened: closing it would end the locks that SQLite has on it in this
/// process.
///
/// # Errors
/// The system's.
pub fn private_database(path: &Path) -> io::Result<PathBuf> {
    if !path.exists() {
        drop(private_file(path)?);
    }
    let path = path.canonicalize()?;
    #[cfg(unix)]
    for suffix in ["", "-wal", "-shm"] {
        match std::fs::set_permissions(beside(&path, suffix), std::os::unix::fs::PermissionsExt::from_mode(0o600)) {
            // The last connection of another process removes them.
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(path)
}

/// The path of the file beside this one whose name goes on with a suffix.
#[must_use]
pub fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

#[cfg(all(test, unix))]
mod tests {
    use std::io::Write as _;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn only_its_user_reads_it_and_its_content_stays() {
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

    #[test]
    fn a_database_is_closed_to_others_with_what_stands_beside_it() {
        let folder = tempfile::TempDir::new().unwrap();
        let [path, link] = ["inbox.db", "link.db"].map(|name| folder.path().join(name));
        std::os::unix::fs::symlink(&path, &link).unwrap();
        let files = ["", "-wal", "-shm"].map(|suffix| beside(&path, suffix));
        // A link that leads nowhere yet.
        assert_eq!(private_database(&link).unwrap(), path.canonicalize().unwrap());
        for file in &files {
            std::fs::write(file, b"").unwrap();
            std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o644)).unwrap();
        }
        private_database(&link).unwrap();
        for file in &files {
            assert_eq!(std::fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600, "{}", file.display());
        }
    }
}
