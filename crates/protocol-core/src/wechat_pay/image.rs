//! Image upload: two parts, of which only the first is signed.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::codec::json::wire_object;
use crate::codec::multipart::Multipart;
use crate::limits::{MAX_FILENAME, MAX_UPLOAD as MAX_IMAGE};
use crate::request::{Body, BuildError, Method, RequestParts};

const UPLOAD_PATH: &str = "/v3/merchant-service/images/upload";

/// The `meta` part of an upload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageMeta {
    /// The file's name, at most 128 characters, ending in `jpg`, `bmp` or `png`.
    pub filename: String,
    /// SHA-256 of the file, in hexadecimal.
    pub sha256: String,
}

wire_object! {
    /// The answer to an upload.
    pub struct UploadedImage {
        /// The image's id, at most 512 characters, opaque. Good for replies; it cannot be downloaded.
        media_id: String,
    }
}

/// An image to upload: `POST /v3/merchant-service/images/upload`.
#[derive(Clone, PartialEq, Eq)]
pub struct ImageUpload<'a> {
    filename: &'a str,
    content_type: &'static str,
    bytes: &'a [u8],
}

impl core::fmt::Debug for ImageUpload<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "ImageUpload({}, {} bytes)", self.content_type, self.bytes.len())
    }
}

impl<'a> ImageUpload<'a> {
    /// An image of at most 2 MiB whose name ends in `.jpg`, `.jpeg`, `.bmp` or `.png`.
    ///
    /// # Errors
    /// [`BuildError::Field`].
    pub fn new(filename: &'a str, bytes: &'a [u8]) -> Result<Self, BuildError> {
        let extension = filename.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
        let content_type = match extension.as_deref() {
            Some("png") => "image/png",
            Some("bmp") => "image/bmp",
            Some("jpg" | "jpeg") => "image/jpeg",
            _ => {
                return Err(BuildError::Field {
                    field: "the image's name",
                    expected: "one ending in .jpg, .bmp or .png",
                });
            }
        };
        let plain = filename.chars().count() <= MAX_FILENAME
            && !filename.chars().any(|c| c.is_control() || matches!(c, '"' | '\\'));
        if !plain {
            return Err(BuildError::Field {
                field: "the image's name",
                expected: "at most 128 characters, without quotes, backslashes and control characters",
            });
        }
        if bytes.is_empty() || bytes.len() > MAX_IMAGE {
            return Err(BuildError::Field { field: "the image", expected: "1 byte to 2 MiB" });
        }
        Ok(Self { filename, content_type, bytes })
    }

    /// SHA-256 of the image, in lower-case hexadecimal as in every sample.
    fn sha256(&self) -> String {
        Sha256::digest(self.bytes).iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The request. `boundary`, 1 to 70 letters and digits that do not occur in the image, separates the parts:
    /// the caller's nonce will do.
    ///
    /// # Errors
    /// [`BuildError::Field`] for a boundary that is none.
    pub fn request(&self, boundary: &str) -> Result<RequestParts, BuildError> {
        let meta = ImageMeta { filename: self.filename.to_owned(), sha256: self.sha256() };
        // Two strings always make JSON; were it ever otherwise, the platform would refuse the empty part.
        let meta = serde_json::to_string(&meta).unwrap_or_default();
        // The stray `;` after a part's last parameter is what the platform's own examples have.
        let mut multipart = Multipart::new(boundary, self.bytes)?;
        let signed = multipart.part("name=\"meta\";", Some("application/json"), meta.as_bytes());
        let file = format!("name=\"file\"; filename=\"{}\";", self.filename);
        multipart.part(&file, Some(self.content_type), self.bytes);
        let (content_type, body) = multipart.finish();
        let misfit = BuildError::Field { field: "the image", expected: "one whose `meta` part is in its body" };
        let body = Body::partly_signed(body, signed).ok_or(misfit)?;
        Ok(RequestParts {
            content_type: Some(Cow::Owned(content_type)),
            body,
            ..RequestParts::without_body(Method::Post, UPLOAD_PATH)
        })
    }
}
