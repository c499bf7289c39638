//! A payer's picture, fetched with the permission for it.

use std::borrow::Cow;

use super::files::FileSign;
use crate::error::DecodeError;
use crate::image_link::target_of;
use crate::limits::MAX_IMAGE_BODY;
use crate::mini_program::ResponseError;
use crate::picture::{PictureKind, unverified_picture};
use crate::request::{BuildError, Method, UnsentRequest};
use crate::secret::Personal;
use crate::trust::Unverified;

impl FileSign {
    /// The request for the picture, to be sent to WeChat Pay's host alone
    /// (`https://api.mch.weixin.qq.com`), with a `User-Agent` that is not empty and without
    /// following redirects. `wxpay_url` is the address that the permission was asked for.
    ///
    /// ```
    /// use protocol_core::virtual_payment::{GetUploadFileSign, Operation, Response};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let picture = "https://api.mch.weixin.qq.com/v3/merchant-service/images/Cj%3D";
    /// let operation = GetUploadFileSign::new("200000020250609150295416690", picture.to_owned());
    /// let body = br#"{"errcode":0,"sign":"WECHATPAY2-SHA256-RSA2048 mchid=\"1\""}"#;
    /// let sign = operation.receive(Response::new(200, body))?.trust_anyway();
    /// let request = sign.request(picture)?;
    /// assert_eq!(request.target(), "/v3/merchant-service/images/Cj%3D");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`BuildError::Field`] for a link that does not belong to the platform's image interface, and
    /// for a permission without a `sign` that a header can hold.
    pub fn request(&self, wxpay_url: &str) -> Result<UnsentRequest, BuildError> {
        let target = target_of(wxpay_url)?.to_owned();
        let missing = BuildError::Field { field: "sign", expected: "an Authorization header of visible characters" };
        let sign = self.sign.as_ref().map(|sign| sign.expose().as_str()).unwrap_or_default();
        let fits = (1..=MAX_SIGN).contains(&sign.len()) && sign.bytes().all(|byte| matches!(byte, b' '..=b'~'));
        if !fits {
            return Err(missing);
        }
        // The documentation prints this `Accept` for the picture too.
        let headers =
            vec![("Accept", Cow::Borrowed("application/json")), ("Authorization", Cow::Owned(sign.to_owned()))];
        Ok(UnsentRequest { method: Method::Get, target, headers, body: Vec::new() })
    }
}

/// The picture in the response to [`FileSign::request`], or to a `GET` of
/// [`cos_url`](FileSign::cos_url). No signature covers it.
///
/// # Errors
/// [`ResponseError`]: not a success, too large, or no picture by its first bytes.
pub fn receive_image(status: u16, body: &[u8]) -> Result<Unverified<Personal<Vec<u8>>>, ResponseError> {
    if !matches!(status, 200..=299) {
        return Err(ResponseError::NoResponse { status });
    }
    if body.len() > MAX_IMAGE_BODY {
        return Err(ResponseError::TooLarge);
    }
    unverified_picture(body).ok_or_else(|| DecodeError::at("an image", b"", 0, PictureKind::NONE).into())
}

/// Checks the address of a picture before the platform is asked about it.
pub(super) fn check_link(wxpay_url: &str) -> Result<(), BuildError> {
    target_of(wxpay_url).map(drop)
}

/// Longest `sign`, in bytes: a 4096-bit signature takes 684 of them.
const MAX_SIGN: usize = 2048;
