//! Pictures: uploaded for a reply, and the permission to fetch a payer's.

use std::fmt;

use serde::Serialize;

use super::link::check_link;
use super::merchant::Env;
use super::operation::{Operation, check_complaint_id, post};
use crate::codec::base64;
use crate::codec::json::wire_object;
use crate::limits::MAX_FILENAME;
use crate::mini_program::{Response, ResponseError};
use crate::operation::{Idempotency, OperationInfo, setters};
use crate::picture::PictureKind;
use crate::rate::RateGroup;
use crate::request::{BuildError, RequestParts, Stamp};
use crate::secret::Personal;
use crate::trust::Unverified;

/// Largest picture to upload in the request itself, in bytes: the documented `1M`, read as 1 MiB of
/// the picture. Whether the base64 counts is not documented, so the platform may refuse less.
pub const MAX_VP_FILE: usize = 1024 * 1024;

/// A picture to upload: `POST /xpay/upload_vp_file`.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[doc(alias("上传媒体文件", "upload_vp_file"))]
pub struct UploadVpFile<'a> {
    #[serde(flatten)]
    source: Source,
    file_name: &'a str,
}

/// Where the picture is.
#[derive(Clone, PartialEq, Eq, Serialize)]
enum Source {
    #[serde(rename = "base64_img")]
    Base64(String),
    #[serde(rename = "img_url")]
    Link(String),
}

impl<'a> UploadVpFile<'a> {
    /// A JPEG, PNG, BMP or GIF of at most [`MAX_VP_FILE`], checked by its first bytes. It is sent
    /// as base64. Its name has 1 to 128 characters.
    ///
    /// # Errors
    /// [`BuildError::Field`].
    pub fn new(file_name: &'a str, bytes: &[u8]) -> Result<Self, BuildError> {
        check_name(file_name)?;
        if bytes.is_empty() || bytes.len() > MAX_VP_FILE {
            let expected = "1 byte to 1 MiB; a link may lead to up to 2 MB";
            return Err(BuildError::Field { field: "the picture", expected });
        }
        let expected = "JPEG, PNG, BMP or GIF, by its first bytes";
        PictureKind::to_upload(bytes, &TAKEN, "the picture", expected)?;
        Ok(Self { source: Source::Base64(base64::encode(bytes)), file_name })
    }

    /// A picture that the platform fetches itself: at most 2 MB at an `http` or `https` address
    /// that anyone can read, without redirects. The address has at most 2048 visible ASCII
    /// characters.
    ///
    /// # Errors
    /// [`BuildError::Field`].
    pub fn from_link(file_name: &'a str, img_url: impl Into<String>) -> Result<Self, BuildError> {
        check_name(file_name)?;
        let img_url = img_url.into();
        let is_web = img_url.starts_with("https://") || img_url.starts_with("http://");
        if !is_web || img_url.len() > MAX_LINK || !img_url.bytes().all(|byte| byte.is_ascii_graphic()) {
            let expected = "an http or https address of at most 2048 visible ASCII characters";
            return Err(BuildError::Field { field: "img_url", expected });
        }
        Ok(Self { source: Source::Link(img_url), file_name })
    }
}

impl fmt::Debug for UploadVpFile<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.source {
            Source::Base64(text) => write!(f, "UploadVpFile({} characters of base64)", text.len()),
            Source::Link(_) => f.write_str("UploadVpFile(a link)"),
        }
    }
}

impl OperationInfo for UploadVpFile<'_> {
    /// TLS and the host vouch for it, nothing else.
    type Response = Unverified<UploadedFile>;

    const NAME: &'static str = "xpay_upload_vp_file";
    /// A second upload returns another id for the same picture.
    const IDEMPOTENCY: Idempotency = Idempotency::Idempotent;
    const RATE: RateGroup = RateGroup::Upload;
}

impl Operation for UploadVpFile<'_> {
    fn request(&self, env: Env, _: &Stamp<'_>) -> Result<RequestParts, BuildError> {
        post("/xpay/upload_vp_file", env, self)
    }

    fn receive(&self, response: Response<'_>) -> Result<Unverified<UploadedFile>, ResponseError> {
        response.document("the response to an upload")
    }
}

wire_object! {
    /// The response to an upload.
    pub struct UploadedFile {
        /// The picture's id, opaque, for replies.
        file_id: String as decisive,
    }
}

/// Requests the permission to fetch a payer's picture: `POST /xpay/get_upload_file_sign`.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
#[doc(alias("获取微信支付反馈投诉图片的签名头部", "get_upload_file_sign"))]
pub struct GetUploadFileSign {
    /// The picture's address, as the complaint or its history has it.
    pub wxpay_url: Personal<String>,
    /// Whether the platform also copies the picture to a plain link, valid for 30 minutes.
    pub convert_cos: bool,
    /// The complaint, 1 to 64 characters.
    pub complaint_id: String,
}

impl GetUploadFileSign {
    /// The permission for a picture of this complaint.
    #[must_use]
    pub fn new(complaint_id: impl Into<String>, wxpay_url: impl Into<Personal<String>>) -> Self {
        Self { wxpay_url: wxpay_url.into(), convert_cos: false, complaint_id: complaint_id.into() }
    }
}

setters! {
    impl GetUploadFileSign;
    with_convert_cos(convert_cos: bool) { convert_cos }
}

impl fmt::Debug for GetUploadFileSign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GetUploadFileSign").field("complaint_id", &self.complaint_id).finish_non_exhaustive()
    }
}

impl OperationInfo for GetUploadFileSign {
    /// TLS and the host vouch for it, nothing else.
    type Response = Unverified<FileSign>;

    const NAME: &'static str = "xpay_get_upload_file_sign";
    const IDEMPOTENCY: Idempotency = Idempotency::Idempotent;
}

impl Operation for GetUploadFileSign {
    fn request(&self, env: Env, _: &Stamp<'_>) -> Result<RequestParts, BuildError> {
        check_complaint_id(&self.complaint_id)?;
        check_link(self.wxpay_url.expose())?;
        post("/xpay/get_upload_file_sign", env, self)
    }

    fn receive(&self, response: Response<'_>) -> Result<Unverified<FileSign>, ResponseError> {
        response.document("the permission for a picture")
    }
}

wire_object! {
    /// The permission to fetch one picture. [`FileSign::request`] makes the request.
    pub struct FileSign {
        /// The `Authorization` header of the request: a secret, which lets its holder fetch the
        /// picture.
        sign: Option<Personal<String>>,
        /// A plain link to a copy, valid for 30 minutes, if one was asked for.
        cos_url: Option<Personal<String>>,
    }
}

/// The kinds that are taken. The documentation lists none.
const TAKEN: [PictureKind; 4] = [PictureKind::Jpeg, PictureKind::Png, PictureKind::Bmp, PictureKind::Gif];

/// Longest address of a picture to upload, in bytes.
const MAX_LINK: usize = 2048;

fn check_name(file_name: &str) -> Result<(), BuildError> {
    let is_plain = (1..=MAX_FILENAME).contains(&file_name.chars().count()) && !file_name.contains(char::is_control);
    let expected = "1 to 128 characters, without control characters";
    if is_plain { Ok(()) } else { Err(BuildError::Field { field: "the picture's name", expected }) }
}
