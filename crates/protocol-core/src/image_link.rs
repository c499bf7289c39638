//! Addresses of WeChat Pay's image interface, as complaints and histories name pictures.

use crate::dot_segments::may_resolve;
use crate::request::BuildError;

/// The path of an image of the platform, up to its id.
pub(crate) const IMAGES: &str = "/v3/merchant-service/images/";

/// Longest media id in an address, including percent-escapes, in bytes.
const MAX_ESCAPED_MEDIA_ID: usize = 1024;

/// The hosts that a `media_url` may name. The request always goes to the client's own host. A link
/// to another host is not an image of the platform, so no signed request is made for it.
const IMAGE_HOSTS: [&str; 4] =
    ["api.mch.weixin.qq.com", "api2.mch.weixin.qq.com", "api.wechatpay.cn", "api2.wechatpay.cn"];

/// The target in the address of an image, unchanged: its percent-escapes are part of a signature.
pub(crate) fn target_of(media_url: &str) -> Result<&str, BuildError> {
    let misfit = BuildError::Field {
        field: "the media_url",
        expected: "an https address of the platform's image interface, as the complaint has it",
    };
    let rest = media_url.strip_prefix("https://").ok_or(misfit.clone())?;
    let slash = rest.find('/').ok_or(misfit.clone())?;
    let (host, target) = rest.split_at(slash);
    let id = target.strip_prefix(IMAGES).ok_or(misfit.clone())?;
    let known = IMAGE_HOSTS.iter().any(|known| known.eq_ignore_ascii_case(host));
    // A slash of base64 was seen unescaped.
    let plain = id.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'?' | b'#' | b'\\'));
    if !known || !plain || !(1..=MAX_ESCAPED_MEDIA_ID).contains(&id.len()) {
        return Err(misfit);
    }
    // A server that resolves dot segments would read another address than the signed one.
    if may_resolve(id) {
        return Err(BuildError::Field {
            field: "the media_url",
            expected: "one without dot segments, escaped or not, as the complaint has it",
        });
    }
    Ok(target)
}
