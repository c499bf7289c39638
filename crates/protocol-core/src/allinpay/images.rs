//! Pictures of WeChat complaints through Allinpay.

use super::form::{File, Form};
use super::operation::{Operation, Response};
use super::response::Members;
use super::response_error::ResponseError;
use crate::error::DecodeError;
use crate::limits::MAX_BASE64_IMAGE_BODY;
use crate::operation::{Idempotency, OperationInfo};
use crate::picture::PictureKind;
use crate::rate::RateGroup;
use crate::request::{BuildError, Stamp};
use crate::secret::Personal;
use crate::trust::Unverified;

/// `wxmerchantimageupload`: a picture for a reply. The response is its media id.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct WxMerchantImageUpload<'a> {
    /// The picture, at most 2 MiB.
    pub file: File<'a>,
}

impl<'a> WxMerchantImageUpload<'a> {
    /// Uploads this picture.
    #[must_use]
    pub const fn new(file: File<'a>) -> Self {
        Self { file }
    }
}

impl OperationInfo for WxMerchantImageUpload<'_> {
    type Response = String;

    const NAME: &'static str = "wxmerchantimageupload";
    const IDEMPOTENCY: Idempotency = Idempotency::Idempotent;
    const RATE: RateGroup = RateGroup::Upload;
}

impl Operation for WxMerchantImageUpload<'_> {
    fn request(&self, _: &Stamp<'_>) -> Result<Form<'_>, BuildError> {
        let mut form = Form::default();
        form.upload(self.file)?;
        Ok(form)
    }

    fn receive(&self, response: Response<'_>) -> Result<String, ResponseError> {
        let response = response.open()?;
        let id = response.get("mediaid").map(str::to_owned).ok_or_else(|| malformed("missing member `mediaid`"));
        response.unless_refused(id, |_| false)
    }
}

/// `wxgetmerchantimage`: a picture of a complaint.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct WxGetMerchantImage {
    /// The full address, unchanged from the complaint: its media id stays percent-encoded.
    pub imgurl: String,
}

impl WxGetMerchantImage {
    /// Requests the picture at this address.
    #[must_use]
    pub fn new(imgurl: impl Into<String>) -> Self {
        Self { imgurl: imgurl.into() }
    }
}

impl std::fmt::Debug for WxGetMerchantImage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("WxGetMerchantImage(***)")
    }
}

impl OperationInfo for WxGetMerchantImage {
    type Response = Image;

    const NAME: &'static str = "wxgetmerchantimage";
    const IDEMPOTENCY: Idempotency = Idempotency::Safe;
    const MAX_RESPONSE: usize = MAX_BASE64_IMAGE_BODY;
}

impl Operation for WxGetMerchantImage {
    fn request(&self, _: &Stamp<'_>) -> Result<Form<'_>, BuildError> {
        let mut form = Form::default();
        form.required("imgurl", &self.imgurl, 512, "1 to 512 characters")?;
        Ok(form)
    }

    fn receive(&self, response: Response<'_>) -> Result<Image, ResponseError> {
        let response = response.open()?;
        let text = response.get("imagebase64").ok_or_else(|| malformed("missing member `imagebase64`"));
        let image = text.and_then(|text| {
            let bytes = Members::decode_base64(text).ok_or_else(|| malformed("`imagebase64` is not base64"))?;
            let kind = PictureKind::of(&bytes).ok_or_else(|| malformed(PictureKind::NONE))?;
            Ok(Image { kind, bytes })
        });
        response.unless_refused(image, |_| false)
    }
}

/// A picture's bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct Image {
    kind: PictureKind,
    bytes: Vec<u8>,
}

impl Image {
    /// The kind that its first bytes show.
    #[must_use]
    pub const fn kind(&self) -> PictureKind {
        self.kind
    }

    /// The bytes.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// The bytes as every channel returns pictures. It is proven that Allinpay sent them, but not
    /// who took the picture.
    #[must_use]
    pub fn into_unverified(self) -> Unverified<Personal<Vec<u8>>> {
        Unverified::new(Personal::new(self.bytes))
    }
}

impl std::fmt::Debug for Image {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Image({}, {} bytes)", self.kind, self.bytes.len())
    }
}

fn malformed(problem: &'static str) -> ResponseError {
    DecodeError::at("an image", b"", 0, problem).into()
}
