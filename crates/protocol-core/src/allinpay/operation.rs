//! What can be asked of Allinpay: one plain value an operation.

use super::evidence::Evidence;
use super::response::{Response, ResponseError};
use crate::codec::Parameters;
use crate::limits::{MAX_FILENAME, MAX_RESPONSE_BODY, MAX_UPLOAD};
use crate::picture::PictureKind;
use crate::request::{BuildError, Idempotency, Stamp};
use crate::trust::Verified;

/// An operation. To add one, write its type and this.
///
/// One of your own, where none is built in:
///
/// ```
/// use protocol_core::allinpay::{Response, ResponseError, Operation, Parameters};
/// use protocol_core::{BuildError, Idempotency, Stamp, Verified};
///
/// /// Whether a merchant is on the list of frauds: `customerriskqry`.
/// struct CustomerRisk<'a> {
///     licenseno: &'a str,
///     name: &'a str,
/// }
///
/// impl Operation for CustomerRisk<'_> {
///     /// JSON of the response's members.
///     type Response = Vec<(String, String)>;
///
///     const NAME: &'static str = "customerriskqry";
///     const IDEMPOTENCY: Idempotency = Idempotency::Safe;
///     const VERSION: &'static str = "01";
///
///     fn parameters(&self, parameters: &mut Parameters, _: Stamp<'_>) -> Result<(), BuildError> {
///         if self.licenseno.is_empty() {
///             return Err(BuildError::Field { field: "licenseno", expected: "the number of a licence" });
///         }
///         parameters.set("licenseno", self.licenseno);
///         parameters.set("name", self.name);
///         Ok(())
///     }
///
///     fn decode(response: &Verified<Response<'_>>) -> Result<Self::Response, ResponseError> {
///         Ok(response.members().map(|(name, json)| (name.to_owned(), json.into_owned())).collect())
///     }
/// }
/// # let stamp = Stamp { now: protocol_core::UnixTime(1_741_936_166), nonce: "82712208" };
/// # let mut parameters = Parameters::default();
/// # let risk = CustomerRisk { licenseno: "91440101MA5", name: "店" };
/// # assert_eq!(risk.parameters(&mut parameters, stamp), Ok(()));
/// # assert_eq!(parameters.encode(), "licenseno=91440101MA5&name=%E5%BA%97");
/// # assert!(CustomerRisk { licenseno: "", name: "" }.parameters(&mut parameters, stamp).is_err());
/// ```
pub trait Operation {
    /// What its response says.
    type Response;

    /// The last segment of its path, spelled as on the wire.
    const NAME: &'static str;

    /// What sending it twice does.
    const IDEMPOTENCY: Idempotency;

    /// Largest answer, in bytes: what is read of one at most. [`Merchant::open`](super::Merchant::open) takes none beyond
    /// [`MAX_BASE64_IMAGE_BODY`](crate::limits::MAX_BASE64_IMAGE_BODY).
    const MAX_RESPONSE: usize = MAX_RESPONSE_BODY;

    /// `version` of the interface.
    const VERSION: &'static str = "11";

    /// Adds its own parameters to the common ones. Empty values are neither signed nor missed.
    ///
    /// # Errors
    /// [`BuildError::Field`] for a value out of bounds.
    fn parameters(&self, parameters: &mut Parameters, stamp: Stamp<'_>) -> Result<(), BuildError>;

    /// The file it uploads; not signed.
    fn file(&self) -> Option<File<'_>> {
        None
    }

    /// Reads its response. That is a success: a `handlestate` of 3999 is [`ResponseError::Failed`], and a refusal of WeChat's or
    /// Alipay's in `records` is [`ResponseError::Refused`], before anything is read. An act reads it by [`Verified::done`], which
    /// tells what the platform says of it.
    ///
    /// # Errors
    /// [`ResponseError`] for a response of another shape, and for what failed behind the platform.
    fn decode(response: &Verified<Response<'_>>) -> Result<Self::Response, ResponseError>;

    /// How it is recognised where its response is lost, and what its response is then. Default: `None`, for an operation that may
    /// be sent again or whose outcome may stay unknown.
    fn evidence(&self) -> Option<(Evidence, Self::Response)> {
        None
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

impl core::fmt::Debug for File<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "File({} bytes)", self.bytes.len())
    }
}

/// Pictures that the gateway takes: its list (png, jpg, bmp) is open, and whether GIF is among them is not confirmed.
const TAKEN: [PictureKind; 4] = [PictureKind::Jpeg, PictureKind::Png, PictureKind::Bmp, PictureKind::Gif];

impl File<'_> {
    pub(super) fn check(&self) -> Result<(), BuildError> {
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

/// A text that has to be there, of at most so many characters.
pub(super) fn required(
    parameters: &mut Parameters,
    name: &'static str,
    value: &str,
    max: usize,
    expected: &'static str,
) -> Result<(), BuildError> {
    if value.is_empty() {
        return Err(BuildError::Field { field: name, expected });
    }
    optional(parameters, name, value, max, expected)
}

/// A text of at most so many characters; left out when empty.
pub(super) fn optional(
    parameters: &mut Parameters,
    name: &'static str,
    value: &str,
    max: usize,
    expected: &'static str,
) -> Result<(), BuildError> {
    if value.chars().count() > max {
        return Err(BuildError::Field { field: name, expected });
    }
    if !value.is_empty() {
        parameters.set(name, value);
    }
    Ok(())
}

/// Media ids, at most 4, joined as Allinpay wants them.
pub(super) fn media_ids(parameters: &mut Parameters, name: &'static str, ids: &[String]) -> Result<(), BuildError> {
    const SEPARATOR: &str = "#@#";
    if ids.len() > 4 || ids.iter().any(|id| id.is_empty() || id.contains(SEPARATOR)) {
        return Err(BuildError::Field {
            field: name,
            expected: "at most 4 media ids, none empty, none with #@# in it",
        });
    }
    optional(parameters, name, &ids.join(SEPARATOR), usize::MAX, "")
}

/// A complaint's number.
pub(super) fn complaint_id(parameters: &mut Parameters, id: &str) -> Result<(), BuildError> {
    required(parameters, "complaint_id", id, 64, "1 to 64 characters")
}

/// `timestamp`: `yyyyMMddHHmmss` in China.
pub(super) fn timestamp(parameters: &mut Parameters, stamp: Stamp<'_>) -> Result<(), BuildError> {
    let time = jiff::Timestamp::from_second(stamp.now.0)
        .map_err(|_| BuildError::Field { field: "the time", expected: "a time before the year 10000" })?;
    let china = jiff::tz::Offset::constant(8).to_datetime(time);
    parameters.set("timestamp", china.strftime("%Y%m%d%H%M%S").to_string());
    Ok(())
}
