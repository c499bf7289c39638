//! What comes from outside: files within bounds, header files, the clock, randomness.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use protocol_core::UnixTime;

use crate::error::{Code, Error};

/// Largest header file read, in bytes.
const MAX_HEADER_FILE: usize = 64 * 1024;

/// Reads a file, or standard input for `-`, of at most `limit` bytes.
pub(crate) fn read(path: &Path, limit: usize) -> Result<Vec<u8>, Error> {
    read_bounded(path, limit).map_err(|problem| match problem {
        Problem::TooLarge(limit) => Error::new(
            Code::TooLarge,
            format_args!("{} has more than {limit} bytes; no message of the platform has", path.display()),
        ),
        Problem::Io(error) => Error::config(format_args!("cannot read {}: {error}", path.display())),
    })
}

/// Why a file was not read.
pub(crate) enum Problem {
    TooLarge(usize),
    Io(std::io::Error),
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::TooLarge(limit) => write!(f, "it has more than {limit} bytes"),
            Self::Io(error) => error.kind().fmt(f),
        }
    }
}

/// As [`read`], for a caller with its own words. One byte more than the bound is read, so that it can be told from a
/// file that ends on it.
pub(crate) fn read_bounded(path: &Path, limit: usize) -> Result<Vec<u8>, Problem> {
    let mut bytes = Vec::new();
    let bound = limit as u64 + 1;
    let read = if path == Path::new("-") {
        std::io::stdin().lock().take(bound).read_to_end(&mut bytes)
    } else {
        File::open(path).and_then(|file| file.take(bound).read_to_end(&mut bytes))
    };
    read.map_err(Problem::Io)?;
    if bytes.len() > limit { Err(Problem::TooLarge(limit)) } else { Ok(bytes) }
}

/// Reads a picture to upload: its name, without the folder, and its bytes.
pub(crate) fn read_picture(path: &Path, limit: usize) -> Result<(String, Vec<u8>), Error> {
    let bytes = read_bounded(path, limit).map_err(|problem| match problem {
        Problem::TooLarge(limit) => Error::new(
            Code::TooLarge,
            format_args!("{} has more than {limit} bytes; the platform takes no larger picture", path.display()),
        ),
        Problem::Io(error) => Error::config(format_args!("cannot read {}: {error}", path.display())),
    })?;
    Ok((path.file_name().unwrap_or_default().to_string_lossy().into_owned(), bytes))
}

/// Reads a header file: a `Name: value` a line, LF or CRLF; a request line and empty lines are passed over, a status
/// line starts anew.
pub(crate) fn read_headers(path: &Path) -> Result<Vec<(String, String)>, Error> {
    let malformed = |what: std::fmt::Arguments<'_>| {
        Error::new(Code::Malformed, format_args!("{}: {what}; write a `Name: value` a line", path.display()))
    };
    // A byte that is no UTF-8 spoils the value it stands in, not the file.
    let bytes = read(path, MAX_HEADER_FILE)?;
    let text = String::from_utf8_lossy(&bytes);
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let mut headers = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.trim_end();
        if line.starts_with("HTTP/") {
            // `curl -i` writes an answer after another: 100, a proxy's. The last one counts.
            headers.clear();
            continue;
        }
        if line.is_empty() || (number == 0 && line.contains(" HTTP/")) {
            continue;
        }
        let (name, value) = line
            .split_once(':')
            .filter(|(name, _)| !name.is_empty() && !name.contains([' ', '\t']))
            .ok_or_else(|| malformed(format_args!("line {} is no header", number + 1)))?;
        headers.push((name.to_owned(), value.trim().to_owned()));
    }
    Ok(headers)
}

/// The given time, or the machine's.
pub(crate) fn now(given: Option<i64>) -> Result<UnixTime, Error> {
    if let Some(seconds) = given {
        return Ok(UnixTime(seconds));
    }
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).ok().and_then(|time| i64::try_from(time.as_secs()).ok());
    elapsed.map(UnixTime).ok_or_else(|| Error::config("this machine's clock stands before 1970; set it, or give --now"))
}

/// 32 random hexadecimal digits.
pub(crate) fn nonce() -> Result<String, Error> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|_| Error::config("the operating system gives no randomness; give --nonce"))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02X}")).collect())
}
