//! Pictures for a reply, a proof or an appeal: upload them first, then name them by their ids.

use std::borrow::Cow;

use super::operation::{Operation, Response};
use super::response_error::ResponseError;
use crate::codec::json::wire_object;
use crate::codec::multipart::Multipart;
use crate::limits::MAX_FILENAME;
use crate::operation::{Idempotency, OperationInfo};
use crate::picture::PictureKind;
use crate::rate::RateGroup;
use crate::request::{Body, BuildError, Method, RequestParts, Stamp};
use crate::time::UnixTime;
use crate::trust::Unverified;

/// Largest picture to upload, in bytes. The platform's pages disagree: 10 MB on one, 2 MB on
/// another. This is the larger bound; the platform may refuse more than 2 MB.
pub const MAX_TEMP_MEDIA: usize = 10 * 1024 * 1024;

/// Uploads a picture for 3 days: `POST /cgi-bin/media/upload?type=image`.
#[derive(Clone, PartialEq, Eq)]
pub struct UploadTempMedia<'a> {
    filename: &'a str,
    kind: PictureKind,
    bytes: &'a [u8],
}

impl<'a> UploadTempMedia<'a> {
    /// A JPEG, PNG, BMP or GIF of at most [`MAX_TEMP_MEDIA`], checked by its first bytes. Its name
    /// ends in `.jpg`, `.jpeg`, `.png`, `.bmp` or `.gif`.
    ///
    /// # Errors
    /// [`BuildError::Field`].
    pub fn new(filename: &'a str, bytes: &'a [u8]) -> Result<Self, BuildError> {
        const NAME: &str = "the picture's name";
        let extension = filename.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
        if !matches!(extension.as_deref(), Some("jpg" | "jpeg" | "png" | "bmp" | "gif")) {
            return Err(BuildError::Field { field: NAME, expected: "one ending in .jpg, .png, .bmp or .gif" });
        }
        let plain = filename.chars().count() <= MAX_FILENAME
            && !filename.chars().any(|c| c.is_control() || matches!(c, '"' | '\\'));
        if !plain {
            let expected = "at most 128 characters, without quotes, backslashes and control characters";
            return Err(BuildError::Field { field: NAME, expected });
        }
        if bytes.is_empty() || bytes.len() > MAX_TEMP_MEDIA {
            return Err(BuildError::Field { field: "the picture", expected: "1 byte to 10 MiB" });
        }
        let expected = "JPEG, PNG, BMP or GIF, by its first bytes";
        let kind = PictureKind::to_upload(bytes, &TAKEN, "the picture", expected)?;
        Ok(Self { filename, kind, bytes })
    }
}

impl std::fmt::Debug for UploadTempMedia<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "UploadTempMedia({}, {} bytes)", self.kind, self.bytes.len())
    }
}

impl OperationInfo for UploadTempMedia<'_> {
    /// TLS and the host vouch for it, nothing else.
    type Response = Unverified<TempMedia>;

    const NAME: &'static str = "upload_temp_media";
    /// A second upload returns another id for the same picture.
    const IDEMPOTENCY: Idempotency = Idempotency::Idempotent;
    const RATE: RateGroup = RateGroup::Upload;
}

impl Operation for UploadTempMedia<'_> {
    fn request(&self, stamp: &Stamp<'_>) -> Result<RequestParts, BuildError> {
        let mut multipart = Multipart::new(stamp.nonce, self.bytes)?;
        let disposition = format!("name=\"media\"; filename=\"{}\"", self.filename);
        multipart.part(&disposition, Some(self.kind.content_type()), self.bytes);
        let (content_type, body) = multipart.finish();
        Ok(RequestParts {
            content_type: Some(Cow::Owned(content_type)),
            body: Body::whole(body),
            ..RequestParts::without_body(Method::Post, "/cgi-bin/media/upload?type=image")
        })
    }

    fn receive(&self, response: Response<'_>) -> Result<Unverified<TempMedia>, ResponseError> {
        response.document("the response to an upload")
    }
}

wire_object! {
    /// The response to an upload.
    pub struct TempMedia {
        /// `image`.
        kind = "type": Option<String>,
        /// The picture's id, opaque, valid for 3 days.
        media_id: String,
        /// Time of the upload.
        created_at: Option<UnixTime>,
    }
}

/// The kinds that the platform accepts.
const TAKEN: [PictureKind; 4] = [PictureKind::Jpeg, PictureKind::Png, PictureKind::Bmp, PictureKind::Gif];
