//! A file of notifications, one JSON object a line, each on the disk before it is acknowledged: a
//! queue for the reader of the complaints.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use serving::private_file;

/// The file. Cheap to clone; one process writes.
#[derive(Debug, Clone)]
pub struct Journal {
    path: Arc<PathBuf>,
    /// One line after the other.
    writing: Arc<Mutex<()>>,
}

impl Journal {
    /// Appends to this file, which is created if it is not there, for this user alone.
    #[must_use]
    pub fn new(path: PathBuf) -> Self {
        Self { path: Arc::new(path), writing: Arc::default() }
    }

    /// Appends a line, and returns once it is on the disk.
    ///
    /// # Errors
    /// The system's. The file is then unchanged, unless the disk refuses that too; the platform may
    /// send the message again.
    pub async fn append(&self, line: String) -> io::Result<()> {
        let journal = self.clone();
        // Waiting for a disk is for other threads than those that serve.
        let appending = tokio::task::spawn_blocking(move || {
            let _writing = journal.writing.lock().unwrap_or_else(PoisonError::into_inner);
            journal.append_now(&line)
        });
        appending.await.map_err(io::Error::other)?
    }

    fn append_now(&self, line: &str) -> io::Result<()> {
        let mut file = private_file(&self.path)?;
        let end = file.seek(SeekFrom::End(0))?;
        // Before the first line: the file may be new, and then its name is not on the disk yet.
        if end == 0
            && let Some(folder) = self.path.parent()
        {
            let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
            File::open(folder)?.sync_all()?;
        }
        // A crash may have left half a line: it was not acknowledged, and is not made part of the
        // next one.
        let mut last = *b"\n";
        if end > 0 {
            file.seek(SeekFrom::End(-1))?;
            file.read_exact(&mut last)?;
        }
        let start = if last == *b"\n" { "" } else { "\n" };
        let written = file.write_all(format!("{start}{line}\n").as_bytes()).and_then(|()| file.sync_data());
        if written.is_err() {
            file.set_len(end)?;
        }
        written
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn half_a_line_spoils_no_other() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("journal");
        std::fs::write(&path, "one\ntw").unwrap();
        let journal = Journal::new(path.clone());
        journal.append("three".to_owned()).await.unwrap();
        journal.append("four".to_owned()).await.unwrap();
        assert_eq!(std::fs::read_to_string(path).unwrap(), "one\ntw\nthree\nfour\n");
    }

    #[tokio::test]
    async fn what_is_not_written_is_an_error() {
        let full = Journal::new(PathBuf::from("/dev/full"));
        assert!(full.append("one".to_owned()).await.is_err());
    }
}
