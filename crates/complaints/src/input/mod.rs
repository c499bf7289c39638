//! What comes from outside: files within bounds, the clock, randomness.

pub(crate) mod headers;
pub(crate) mod kind;
pub(crate) mod picture;

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use protocol_core::UnixTime;

use crate::error::{Code, Error};

/// Reads a file, or standard input for `-`, of at most `limit` bytes.
pub(crate) fn read(path: &Path, limit: usize) -> Result<Vec<u8>, Error> {
    read_bounded(path, limit).map_err(|problem| match problem {
        Problem::TooLarge(limit) => Error::new(
            Code::TooLarge,
            format_args!("{} has more than {limit} bytes; no message of the platform has", path.display()),
        ),
        Problem::Io(error) => Error::usage(format_args!("cannot read {}: {error}", path.display())),
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
        Problem::Io(error) => Error::usage(format_args!("cannot read {}: {error}", path.display())),
    })?;
    Ok((path.file_name().unwrap_or_default().to_string_lossy().into_owned(), bytes))
}

/// The text of UTF-16, in either order of bytes, with a byte-order mark or without one; `None` for anything else.
pub(crate) fn utf16(bytes: &[u8]) -> Option<String> {
    let (little, bytes) = match bytes {
        [0xff, 0xfe, rest @ ..] => (true, rest),
        [0xfe, 0xff, rest @ ..] => (false, rest),
        // What is written here begins with a character of ASCII.
        [first, 0, ..] if *first != 0 => (true, bytes),
        [0, second, ..] if *second != 0 => (false, bytes),
        _ => return None,
    };
    let units = bytes.chunks_exact(2);
    if !units.remainder().is_empty() {
        return None;
    }
    let unit = |pair: &[u8]| {
        let pair: [u8; 2] = pair.try_into().unwrap_or_default();
        if little { u16::from_le_bytes(pair) } else { u16::from_be_bytes(pair) }
    };
    char::decode_utf16(units.map(unit)).collect::<Result<String, _>>().ok()
}

/// The given time, or the machine's.
pub(crate) fn now(given: Option<i64>) -> Result<UnixTime, Error> {
    if let Some(seconds) = given {
        return Ok(UnixTime(seconds));
    }
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).ok().and_then(|time| i64::try_from(time.as_secs()).ok());
    elapsed.map(UnixTime).ok_or_else(|| Error::usage("this machine's clock stands before 1970; set it, or give --now"))
}

/// 32 random hexadecimal digits.
pub(crate) fn nonce() -> Result<String, Error> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|_| Error::usage("the operating system gives no randomness; give --nonce"))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02X}")).collect())
}
