//! The form of a request: parameters, version of the interface, and the file of an upload.

use std::borrow::Cow;

use crate::codec::Parameters;
use crate::limits::{MAX_FILENAME, MAX_UPLOAD};
use crate::picture::PictureKind;
use crate::request::{BuildError, Stamp};

/// The parameters that an operation adds to the common ones.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Form<'o> {
    /// `version` of the interface.
    pub version: &'static str,
    /// The operation's own parameters.
    pub parameters: Parameters,
    /// The file of an upload. It is not signed.
    pub file: Option<File<'o>>,
}

/// Version 11.
impl Default for Form<'_> {
    fn default() -> Self {
        Self::of_version("11")
    }
}

impl<'o> Form<'o> {
    /// A form of another `version` of the interface.
    #[must_use]
    pub fn of_version(version: &'static str) -> Self {
        Self { version, parameters: Parameters::default(), file: None }
    }

    /// Sets a parameter. An empty value is sent, and not signed.
    pub fn set(&mut self, name: impl Into<Cow<'static, str>>, value: impl Into<String>) {
        self.parameters.set(name, value);
    }

    /// Sets a text of 1 to `max` characters.
    pub(super) fn required(
        &mut self,
        name: &'static str,
        value: &str,
        max: usize,
        expected: &'static str,
    ) -> Result<(), BuildError> {
        if value.is_empty() {
            return Err(BuildError::Field { field: name, expected });
        }
        self.optional(name, value, max, expected)
    }

    /// Sets a text of at most `max` characters, unless it is empty.
    pub(super) fn optional(
        &mut self,
        name: &'static str,
        value: &str,
        max: usize,
        expected: &'static str,
    ) -> Result<(), BuildError> {
        if value.chars().count() > max {
            return Err(BuildError::Field { field: name, expected });
        }
        if !value.is_empty() {
            self.set(name, value);
        }
        Ok(())
    }

    /// Sets at most 4 media ids, joined as Allinpay reads them.
    pub(super) fn media_ids(&mut self, name: &'static str, ids: &[String]) -> Result<(), BuildError> {
        const SEPARATOR: &str = "#@#";
        if ids.len() > 4 || ids.iter().any(|id| id.is_empty() || id.contains(SEPARATOR)) {
            return Err(BuildError::Field {
                field: name,
                expected: "at most 4 media ids, none empty, none with #@# in it",
            });
        }
        self.optional(name, &ids.join(SEPARATOR), usize::MAX, "")
    }

    /// Sets a complaint's number.
    pub(super) fn complaint_id(&mut self, id: &str) -> Result<(), BuildError> {
        self.required("complaint_id", id, 64, "1 to 64 characters")
    }

    /// Sets `timestamp`: `yyyyMMddHHmmss` in China.
    pub(super) fn timestamp(&mut self, stamp: &Stamp<'_>) -> Result<(), BuildError> {
        let time = jiff::Timestamp::from_second(stamp.now.0)
            .map_err(|_| BuildError::Field { field: "the time", expected: "a time before the year 10000" })?;
        let china = jiff::tz::Offset::constant(8).to_datetime(time);
        self.set("timestamp", china.strftime("%Y%m%d%H%M%S").to_string());
        Ok(())
    }

    /// Adds the file of an upload.
    ///
    /// # Errors
    /// [`BuildError::Field`] for a name or a picture that the gateway does not take.
    pub fn upload(&mut self, file: File<'o>) -> Result<(), BuildError> {
        file.check()?;
        self.file = Some(file);
        Ok(())
    }
}

/// A file to upload, as the part named `file`.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct File<'a> {
    /// Its name: no quotes, backslashes or control characters.
    pub filename: &'a str,
    /// Its bytes.
    pub bytes: &'a [u8],
}

impl<'a> File<'a> {
    /// A file of this name.
    #[must_use]
    pub const fn new(filename: &'a str, bytes: &'a [u8]) -> Self {
        Self { filename, bytes }
    }
}

impl std::fmt::Debug for File<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "File({} bytes)", self.bytes.len())
    }
}

/// Pictures that the gateway takes: its list (png, jpg, bmp) is open, and whether GIF is among them
/// is not confirmed.
const TAKEN: [PictureKind; 4] = [PictureKind::Jpeg, PictureKind::Png, PictureKind::Bmp, PictureKind::Gif];

impl File<'_> {
    fn check(&self) -> Result<(), BuildError> {
        let plain = (1..=MAX_FILENAME).contains(&self.filename.chars().count())
            && !self.filename.chars().any(|c| c.is_control() || matches!(c, '"' | '\\'));
        if !plain {
            return Err(BuildError::Field {
                field: "the file's name",
                expected: "1 to 128 characters, without quotes, backslashes and control characters",
            });
        }
        if self.bytes.is_empty() || self.bytes.len() > MAX_UPLOAD {
            return Err(BuildError::Field { field: "the file", expected: "1 byte to 2 MiB" });
        }
        let expected = "JPEG, PNG, BMP or GIF, by its first bytes";
        PictureKind::to_upload(self.bytes, &TAKEN, "the file", expected).map(drop)
    }
}
