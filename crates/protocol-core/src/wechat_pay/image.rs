//! Images. An upload has two parts, of which only the first is signed. A download has no signature.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::operation::{Operation, Response, segment};
use super::response::ResponseError;
use crate::codec::json::wire_object;
use crate::codec::multipart::Multipart;
use crate::error::DecodeError;
use crate::image_link::{IMAGES, target_of};
use crate::limits::{MAX_FILENAME, MAX_IMAGE_BODY, MAX_UPLOAD as MAX_IMAGE};
use crate::operation::{Idempotency, OperationInfo};
use crate::picture::PictureKind;
use crate::rate::RateGroup;
use crate::request::{Body, BuildError, Method, RequestParts, Stamp};
use crate::secret::Personal;
use crate::trust::Unverified;

wire_object! {
    /// The response to an upload.
    pub struct UploadedImage {
        /// The image's id, at most 512 characters, opaque. Use it in replies; it cannot be
        /// downloaded.
        media_id: String,
    }
}

/// The `meta` part of an upload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageMeta {
    /// The file's name, at most 128 characters, ending in `jpg`, `bmp` or `png`.
    pub filename: String,
    /// SHA-256 of the file, in hexadecimal.
    pub sha256: String,
}

/// An image to upload: `POST /v3/merchant-service/images/upload`.
#[derive(Clone, PartialEq, Eq)]
#[doc(alias("商户上传反馈图片", "上传图片"))]
pub struct UploadImage<'a> {
    filename: Cow<'a, str>,
    kind: PictureKind,
    bytes: &'a [u8],
}

impl<'a> UploadImage<'a> {
    /// A JPEG, BMP or PNG image of at most 2 MiB whose name ends in `.jpg`, `.jpeg`, `.bmp` or
    /// `.png`. Its first bytes decide its kind and its `Content-Type`.
    ///
    /// A `.jpeg` is renamed to `.jpg`: the documented endings are `jpg`, `bmp` and `png`. It is not
    /// confirmed that the platform accepts a fourth.
    ///
    /// ```
    /// use protocol_core::wechat_pay::UploadImage;
    ///
    /// assert!(UploadImage::new("evidence.jpeg", b"\xff\xd8\xff").is_ok());
    /// assert!(UploadImage::new("evidence.gif", b"GIF89a").is_err());
    /// assert!(UploadImage::new("evidence.png", b"<svg/>").is_err());
    /// ```
    ///
    /// # Errors
    /// [`BuildError::Field`].
    pub fn new(filename: &'a str, bytes: &'a [u8]) -> Result<Self, BuildError> {
        let (stem, extension) = filename.rsplit_once('.').unwrap_or((filename, ""));
        if !matches!(extension.to_ascii_lowercase().as_str(), "jpg" | "jpeg" | "bmp" | "png") {
            return Err(BuildError::Field {
                field: "the image's name",
                expected: "one ending in .jpg, .jpeg, .bmp or .png",
            });
        }
        let filename = if extension.len() == 4 { Cow::Owned(format!("{stem}.jpg")) } else { Cow::Borrowed(filename) };
        let plain = filename.chars().count() <= MAX_FILENAME
            && !filename.chars().any(|c| c.is_control() || matches!(c, '"' | '\\') || c > '\u{ffff}');
        if !plain {
            return Err(BuildError::Field {
                field: "the image's name",
                expected: "at most 128 characters, without quotes, backslashes, control characters and emoji",
            });
        }
        if bytes.is_empty() || bytes.len() > MAX_IMAGE {
            return Err(BuildError::Field { field: "the image", expected: "1 byte to 2 MiB" });
        }
        let kind = PictureKind::to_upload(bytes, &TAKEN, "the image", "JPEG, BMP or PNG, by its first bytes")?;
        Ok(Self { filename, kind, bytes })
    }

    /// SHA-256 of the image, in lower-case hexadecimal, as in every sample.
    fn sha256(&self) -> String {
        hex_sha256(self.bytes)
    }

    /// The request with a custom boundary between the parts: 1 to 70 letters and digits that do not
    /// occur in the image. As an [`Operation`], the nonce is the boundary.
    ///
    /// # Errors
    /// [`BuildError::Field`] for an invalid boundary.
    pub fn request_with_boundary(&self, boundary: &str) -> Result<RequestParts, BuildError> {
        let meta = ImageMeta { filename: self.filename.clone().into_owned(), sha256: self.sha256() };
        // Two strings can always be written as JSON. If that ever fails, the platform refuses the
        // empty part.
        let meta = serde_json::to_string(&meta).unwrap_or_default();
        // The platform's own examples have the stray `;` after a part's last parameter.
        let mut multipart = Multipart::new(boundary, self.bytes)?;
        let signed = multipart.part("name=\"meta\";", Some("application/json"), meta.as_bytes());
        let file = format!("name=\"file\"; filename=\"{}\";", self.filename);
        multipart.part(&file, Some(self.kind.content_type()), self.bytes);
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

impl std::fmt::Debug for UploadImage<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "UploadImage({}, {} bytes)", self.kind, self.bytes.len())
    }
}

impl OperationInfo for UploadImage<'_> {
    type Response = UploadedImage;

    const NAME: &'static str = "upload_image";
    /// A second upload returns another id for the same image.
    const IDEMPOTENCY: Idempotency = Idempotency::Idempotent;
    const RATE: RateGroup = RateGroup::Upload;
}

impl Operation for UploadImage<'_> {
    fn request(&self, stamp: &Stamp<'_>) -> Result<RequestParts, BuildError> {
        self.request_with_boundary(stamp.nonce)
    }

    fn receive(&self, response: Response<'_>) -> Result<UploadedImage, ResponseError> {
        response.document("the response to an upload")
    }
}

/// An image to download: `GET /v3/merchant-service/images/{media_id}`.
///
/// The request is signed like every other. Its response is the only one that the platform does not
/// sign. Do not follow redirects.
#[derive(Clone, PartialEq, Eq)]
#[doc(alias("图片请求", "下载图片"))]
pub struct DownloadImage {
    target: String,
}

impl DownloadImage {
    /// The image of a `media_url`. Pass it unchanged from the complaint or the history: its
    /// percent-escapes are part of the signature, so they are neither removed nor added.
    ///
    /// ```
    /// use protocol_core::wechat_pay::DownloadImage;
    ///
    /// let image = "https://api.mch.weixin.qq.com/v3/merchant-service/images/Cj%3D%2B";
    /// assert!(DownloadImage::from_media_url(image).is_ok());
    /// let elsewhere = "https://evil.example/v3/merchant-service/images/Cj";
    /// assert!(DownloadImage::from_media_url(elsewhere).is_err());
    /// ```
    ///
    /// # Errors
    /// [`BuildError::Field`] for a link that does not belong to the platform's image interface. The
    /// `image_list` of a history has plain links to other hosts, which are fetched without a
    /// signature.
    pub fn from_media_url(media_url: &str) -> Result<Self, BuildError> {
        Ok(Self { target: target_of(media_url)?.to_owned() })
    }

    /// The image of a media id that is not percent-encoded yet, at most 256 characters. The id that
    /// an upload returns cannot be downloaded.
    ///
    /// ```
    /// use protocol_core::wechat_pay::DownloadImage;
    ///
    /// assert!(DownloadImage::from_media_id("ChsyMDAzMTAwMTI4+/=").is_ok());
    /// assert!(DownloadImage::from_media_id("").is_err());
    /// ```
    ///
    /// # Errors
    /// [`BuildError::Field`].
    pub fn from_media_id(media_id: &str) -> Result<Self, BuildError> {
        let id = segment("the media id", media_id, MAX_MEDIA_ID, "1 to 256 characters")?;
        Ok(Self { target: format!("{IMAGES}{id}") })
    }
}

impl std::fmt::Debug for DownloadImage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DownloadImage(***)")
    }
}

impl OperationInfo for DownloadImage {
    /// Only TLS and the host vouch for it.
    type Response = Unverified<Image>;

    const NAME: &'static str = "download_image";
    const IDEMPOTENCY: Idempotency = Idempotency::Safe;
    const MAX_RESPONSE: usize = MAX_IMAGE_BODY;
}

impl Operation for DownloadImage {
    fn request(&self, _: &Stamp<'_>) -> Result<RequestParts, BuildError> {
        Ok(RequestParts { accept: "*/*", ..RequestParts::without_body(Method::Get, &*self.target) })
    }

    fn receive(&self, response: Response<'_>) -> Result<Unverified<Image>, ResponseError> {
        let body = response.raw.accept_image(response.keys, response.now)?.peek().body;
        let content_type = response.raw.headers.header("Content-Type").text();
        let kind = PictureKind::of(body).ok_or_else(|| DecodeError::at("an image", b"", 0, PictureKind::NONE))?;
        Ok(Unverified::new(Image {
            content_type: content_type.map(str::to_owned),
            kind,
            bytes: Personal::new(body.to_vec()),
        }))
    }
}

/// A downloaded image, perhaps a payer's photograph.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Image {
    /// The platform's `Content-Type`, such as `image/jpeg`.
    pub content_type: Option<String>,
    /// The kind that its first bytes show.
    pub kind: PictureKind,
    /// The file.
    pub bytes: Personal<Vec<u8>>,
}

const UPLOAD_PATH: &str = "/v3/merchant-service/images/upload";

/// The kinds that the platform accepts (`merchant-service/images/upload`).
const TAKEN: [PictureKind; 3] = [PictureKind::Jpeg, PictureKind::Bmp, PictureKind::Png];

/// Longest media id, in characters.
const MAX_MEDIA_ID: usize = 256;

/// SHA-256 in lower-case hexadecimal.
pub(super) fn hex_sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
