//! What comes from outside: files within bounds, header files, the clock, randomness.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use protocol_core::UnixTime;

use crate::error::{Code, Error};

/// Largest header file read, in bytes.
const MAX_HEADER_FILE: usize = 64 * 1024;

/// Reads a file, or standard input for `-`, of at most `limit` bytes. One byte more is read, so that the bound
/// can be told from a file that ends on it.
pub(crate) fn read(path: &Path, limit: usize) -> Result<Vec<u8>, Error> {
    let unreadable = |error: std::io::Error| Error::config(format_args!("cannot read {}: {error}", path.display()));
    let mut bytes = Vec::new();
    let bound = limit as u64 + 1;
    if path == Path::new("-") {
        std::io::stdin().lock().take(bound).read_to_end(&mut bytes).map_err(unreadable)?;
    } else {
        File::open(path).and_then(|file| file.take(bound).read_to_end(&mut bytes)).map_err(unreadable)?;
    }
    if bytes.len() > limit {
        let message = format_args!("{} has more than {limit} bytes; no message of the platform has", path.display());
        return Err(Error::new(Code::TooLarge, message));
    }
    Ok(bytes)
}

/// Reads a header file: a `Name: value` a line, LF or CRLF; a status or request line and empty lines are passed over.
pub(crate) fn read_headers(path: &Path) -> Result<Vec<(String, String)>, Error> {
    let malformed = |what: std::fmt::Arguments<'_>| {
        Error::new(Code::Malformed, format_args!("{}: {what}; write a `Name: value` a line", path.display()))
    };
    let text = String::from_utf8(read(path, MAX_HEADER_FILE)?).map_err(|_| malformed(format_args!("not UTF-8")))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let mut headers = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.trim_end();
        if line.is_empty() || (number == 0 && (line.starts_with("HTTP/") || line.contains(" HTTP/"))) {
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
