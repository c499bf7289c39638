//! Pictures: uploads, and the permission to fetch a payer's.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use protocol_core::Stamp;
use protocol_core::crypto::PrivateKey;
use protocol_core::wechat_pay::{DownloadImage, Merchant, signer};
use serde_json::{Value, json};

use super::operations::{BAD_MEMBER, SYSTEM_ERROR, complaint, done, members, text};
use crate::mini_program::{Refusal, Request};
use crate::random;
use crate::state::State;
use crate::wechat_pay::MerchantAccount;

/// Largest picture in base64, in bytes: the documented `1M`.
const MAX_PICTURE: usize = 1024 * 1024;

/// The picture behind every link: the sandbox connects to no other host.
const LINKED: &[u8] = b"\x89PNG\r\n\x1a\n";

pub(super) fn upload(state: &mut State, request: &Request<'_>) -> Result<Value, Refusal> {
    let body = members(request)?;
    text(&body, "file_name")?;
    let bytes = match (body.get("img_url"), body.get("base64_img")) {
        // The link is preferred.
        (Some(Value::String(link)), _) if link.starts_with("http") => Bytes::from_static(LINKED),
        (None, Some(Value::String(base64))) => STANDARD.decode(base64).map_err(|_| BAD_MEMBER)?.into(),
        _ => return Err(BAD_MEMBER),
    };
    if bytes.len() > MAX_PICTURE || !is_picture(&bytes) {
        return Err(BAD_MEMBER);
    }
    let owner = state.owner(request.now).map_err(|_| SYSTEM_ERROR)?;
    Ok(done(json!({"file_id": state.wechat_pay.images.upload(&owner.mchid, bytes)})))
}

/// Whether the first bytes are those of a JPEG, PNG, BMP or GIF. The documentation says `picture`.
fn is_picture(bytes: &[u8]) -> bool {
    [b"\xff\xd8\xff".as_slice(), b"\x89PNG", b"BM", b"GIF8"].iter().any(|start| bytes.starts_with(start))
}

/// The permission is the header of a request that the merchant at WeChat Pay signs.
pub(super) fn sign(state: &mut State, request: &Request<'_>) -> Result<Value, Refusal> {
    let body = members(request)?;
    let url = text(&body, "wxpay_url")?;
    complaint(state, request, &body)?;
    let owner = state.owner(request.now).map_err(|_| SYSTEM_ERROR)?;
    let sign = authorization(&owner, url, request).ok_or(BAD_MEMBER)?;
    let mut members = json!({"sign": sign});
    if body.get("convert_cos") == Some(&Value::from(true))
        && let Some(members) = members.as_object_mut()
    {
        members.insert("cos_url".to_owned(), Value::from(format!("https://cos.example/{}", random::alphanumeric(16))));
    }
    Ok(done(members))
}

fn authorization(owner: &MerchantAccount, url: &str, request: &Request<'_>) -> Option<String> {
    let merchant = Merchant::new(&*owner.mchid, &*owner.serial_no, owner.scheme).ok()?;
    let signer = signer(&PrivateKey::read(owner.private_key_pem.as_bytes()).ok()?).ok()?;
    let nonce = random::alphanumeric(32);
    let stamp = Stamp { now: request.now, nonce: &nonce };
    let signed = merchant.sign(&DownloadImage::from_media_url(url).ok()?, &stamp, &*signer).ok()?;
    signed.headers().find(|(name, _)| *name == "Authorization").map(|(_, value)| value.to_owned())
}

#[cfg(test)]
mod tests {
    use protocol_core::UnixTime;
    use protocol_core::wechat_pay::Scheme;

    use super::*;

    fn is_taken(picture: &[u8]) -> bool {
        let now = UnixTime(1_741_936_166);
        let (mut state, _) = State::new(Scheme::Rsa, false, now).unwrap();
        let body = json!({"env": 0, "file_name": "a.png", "base64_img": STANDARD.encode(picture)}).to_string();
        let body = Bytes::from(body);
        let request =
            Request { path: "", query: &[], is_post: true, content_type: "application/json", body: &body, now };
        upload(&mut state, &request).is_ok()
    }

    #[test]
    fn an_upload_is_a_picture_within_its_bound() {
        for picture in [b"\xff\xd8\xff\xe0".as_slice(), LINKED, b"BM6", b"GIF89a"] {
            assert!(is_taken(picture), "{picture:?}");
        }
        for other in [b"".as_slice(), b"\xff\xd8", b"<svg/>", b"%PDF-1.7", b"\x00\x89PNG"] {
            assert!(!is_taken(other), "{other:?}");
        }
        let sized = |bytes: usize| [LINKED, &vec![0; bytes - LINKED.len()]].concat();
        assert!(is_taken(&sized(MAX_PICTURE)) && !is_taken(&sized(MAX_PICTURE + 1)));
    }
}
