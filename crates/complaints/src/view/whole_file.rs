//! A file that is written whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::input;

/// A file that is being written: written beside its place first, then put under its name at once. What payers
/// wrote and sent is for the user alone.
pub(crate) struct WholeFile<'p> {
    path: &'p Path,
    beside: Beside,
    file: BufWriter<File>,
    replace: bool,
}

impl<'p> WholeFile<'p> {
    /// Refuses a path that cannot be written to, before anything is fetched for it. `option` names it.
    pub(crate) fn check(path: &Path, option: &str, replace: bool) -> Result<(), Error> {
        if path.file_name().is_none() || path.is_dir() {
            return Err(Error::usage(format_args!("{} is a folder; name a file with {option}", path.display())));
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        if folder.is_some_and(|folder| !folder.is_dir()) {
            return Err(Error::usage(format_args!(
                "the folder of {} does not exist; nothing was fetched",
                path.display()
            )));
        }
        match path.metadata() {
            Ok(there) if !there.is_file() => {
                Err(Error::usage(format_args!("{} is not a file; name another with {option}", path.display())))
            }
            _ if path.symlink_metadata().is_ok() && !replace => Err(is_there(path)),
            _ => Ok(()),
        }
    }

    pub(crate) fn create(path: &'p Path, replace: bool) -> Result<Self, Error> {
        let beside = Beside::of(path)?;
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&beside.0).map_err(|error| cannot(path, &error))?;
        Ok(Self { path, beside, file: BufWriter::new(file), replace })
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.file.write_all(bytes).map_err(|error| cannot(self.path, &error))
    }

    /// Puts the file under its name.
    pub(crate) fn finish(self) -> Result<(), Error> {
        let Self { path, beside, mut file, replace } = self;
        file.flush().and_then(|()| file.get_ref().sync_all()).map_err(|error| cannot(path, &error))?;
        drop(file);
        beside.put(path, replace)
    }
}

fn cannot(path: &Path, error: &io::Error) -> Error {
    Error::usage(format_args!("cannot write {}: {error}", path.display()))
}

fn is_there(path: &Path) -> Error {
    Error::usage(format_args!("{} exists; give --force to replace it", path.display()))
}

/// A file beside the one that it becomes. It is removed afterwards, if it was not renamed.
pub(crate) struct Beside(PathBuf);

impl Beside {
    /// A name for what becomes the file of this path. Nothing is created.
    pub(crate) fn of(path: &Path) -> Result<Self, Error> {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let short: String = name.chars().take(32).collect();
        Ok(Self(path.with_file_name(format!(".{short}.{}.part", input::nonce()?))))
    }

    #[cfg(feature = "serve")]
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// Puts the file under its name.
    pub(crate) fn put(self, path: &Path, replace: bool) -> Result<(), Error> {
        if replace {
            return fs::rename(&self.0, path).map_err(|error| cannot(path, &error));
        }
        // A second name never replaces a file that was created meanwhile. Some file systems have none.
        match fs::hard_link(&self.0, path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(is_there(path)),
            Err(_) if path.symlink_metadata().is_ok() => Err(is_there(path)),
            Err(_) => fs::rename(&self.0, path).map_err(|error| cannot(path, &error)),
            Ok(()) => Ok(()),
        }
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        // After a success, the file has another name.
        let _ = fs::remove_file(&self.0);
    }
}
