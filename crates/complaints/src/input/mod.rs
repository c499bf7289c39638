//! Input from outside: files within bounds, the clock, randomness.

pub(crate) mod headers;
pub(crate) mod kind;
pub(crate) mod picture;
#[cfg(feature = "serve")]
mod secret_line;

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use protocol_core::{BuildError, Stamp, UnixTime};

#[cfg(feature = "serve")]
pub(crate) use self::secret_line::secret_line;
use crate::error::{Code, Error};

/// Reads a file, or standard input for `-`, of at most `limit` bytes.
pub(crate) fn read(path: &Path, limit: usize) -> Result<Vec<u8>, Error> {
    read_bounded(path, limit).map_err(|problem| match problem {
        Problem::TooLarge(limit) => Error::new(
            Code::TooLarge,
            format_args!("{} has more than {limit} bytes, which no message of the platform has", path.display()),
        ),
        Problem::Io(error) => Error::usage(format_args!("cannot read {}: {error}", path.display())),
    })
}

/// The reason that a file was not read.
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

/// Reads like [`read`], for callers with another error text. Reads one byte more than the bound, to
/// notice a larger file.
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
            format_args!("{} has more than {limit} bytes; the platform accepts no larger picture", path.display()),
        ),
        Problem::Io(error) => Error::usage(format_args!("cannot read {}: {error}", path.display())),
    })?;
    Ok((path.file_name().unwrap_or_default().to_string_lossy().into_owned(), bytes))
}

/// The text of UTF-16, in either byte order, with or without a mark. `None` for other bytes.
pub(crate) fn utf16(bytes: &[u8]) -> Option<String> {
    let (little, bytes) = match bytes {
        [0xff, 0xfe, rest @ ..] => (true, rest),
        [0xfe, 0xff, rest @ ..] => (false, rest),
        // The files read here begin with a character of ASCII.
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

/// The given time. Default: the machine's.
pub(crate) fn now(given: Option<i64>) -> Result<UnixTime, Error> {
    if let Some(seconds) = given {
        return Ok(UnixTime(seconds));
    }
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).ok().and_then(|time| i64::try_from(time.as_secs()).ok());
    elapsed.map(UnixTime).ok_or_else(|| Error::usage("this machine's clock is before 1970; set it, or give --now"))
}

/// Signs with the machine's time and a new nonce.
pub(crate) fn with_stamp<T>(sign: impl FnOnce(&Stamp<'_>) -> Result<T, BuildError>) -> Result<T, Error> {
    Ok(sign(&Stamp { now: now(None)?, nonce: &nonce()? })?)
}

/// 32 random hexadecimal digits.
pub(crate) fn nonce() -> Result<String, Error> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)
        .map_err(|_| Error::usage("the operating system provides no randomness; give --nonce"))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02X}")).collect())
}
