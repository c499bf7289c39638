//! The file: never over another one, for its owner alone, and read back before it stays.

use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::path::Path;

use complaint_channels::Channels;

use super::draft::Draft;
use crate::error::Error;
use crate::view::output::visible;

/// Refuses a file that is there.
pub(super) fn check_absent(path: &Path) -> Result<(), Error> {
    if path.symlink_metadata().is_ok() { Err(is_there(path)) } else { Ok(()) }
}

/// The folder of the file, which has to be there.
pub(super) fn folder(path: &Path) -> Result<&Path, Error> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if folder.is_dir() {
        return Ok(folder);
    }
    Err(Error::usage(format_args!("there is no folder {}; create it first", visible(&folder.display().to_string()))))
}

/// Writes the file, and reads back all that it names.
pub(super) fn write(path: &Path, draft: &Draft) -> Result<(), Error> {
    draft.check().map_err(|error| error.and("nothing is written"))?;
    let written = create(path, draft.text().as_bytes()).map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => is_there(path),
        kind => Error::usage(format_args!("cannot write {}: {kind}", visible(&path.display().to_string()))),
    });
    written?;
    Channels::from_file(path).map(drop).map_err(|error| {
        let _ = fs::remove_file(path);
        Error::from(error).and("the file is removed")
    })
}

/// Creates the file for its owner alone. One that cannot be written whole is removed.
fn create(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    let written = file.write_all(content).and_then(|()| file.sync_all());
    written.inspect_err(|_| drop(fs::remove_file(path)))
}

fn is_there(path: &Path) -> Error {
    let path = visible(&path.display().to_string());
    Error::usage(format_args!("{path} is there, and is kept; name another file with --config"))
}
