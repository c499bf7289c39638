//! Pictures: uploads and downloads.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::refusal::Refusal;
use crate::platform_response::PlatformResponse;
use crate::random;

/// The URL of all pictures, before the id.
pub(crate) const IMAGE_URL: &str = "https://api.mch.weixin.qq.com/v3/merchant-service/images/";

/// All pictures, each with the merchant that owns it.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Images {
    /// Pictures for download, by the id in the target, escapes included.
    #[serde(with = "in_base64")]
    served: HashMap<String, (String, Bytes)>,
    /// Uploads, by media id.
    #[serde(with = "in_base64")]
    uploaded: HashMap<String, (String, Bytes)>,
}

/// The form of kept pictures.
pub(crate) mod in_base64 {
    use serde::de::Error as _;
    use serde::{Deserializer, Serializer};

    use super::*;

    pub(crate) fn serialize<S: Serializer>(
        pictures: &HashMap<String, (String, Bytes)>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_map(pictures.iter().map(|(id, (owner, bytes))| (id, (owner, STANDARD.encode(bytes)))))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<HashMap<String, (String, Bytes)>, D::Error> {
        let kept = HashMap::<String, (String, String)>::deserialize(deserializer)?;
        let picture = |(id, (owner, text)): (String, (String, String))| {
            let bytes = STANDARD.decode(text).map_err(D::Error::custom)?;
            Ok((id, (owner, bytes.into())))
        };
        kept.into_iter().map(picture).collect()
    }
}

impl Images {
    /// Makes a picture downloadable. Returns its URL, as in `media_url`.
    pub(crate) fn serve(&mut self, mchid: &str, bytes: Bytes) -> String {
        // The first two bytes become "+/", and 22 bytes end in "==": all three escapes are in every
        // id.
        let id = STANDARD.encode([[0xfb, 0xff].as_slice(), &random::bytes::<20>()].concat());
        let id = id.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
        let url = format!("{IMAGE_URL}{id}");
        self.served.insert(id, (mchid.to_owned(), bytes));
        url
    }

    /// Keeps an upload. Returns its media id.
    pub(crate) fn upload(&mut self, mchid: &str, bytes: Bytes) -> String {
        let id = format!("file{}_{}", random::digits(8), random::digits(8));
        self.uploaded.insert(id.clone(), (mchid.to_owned(), bytes));
        id
    }

    /// The bytes of the merchant's upload.
    pub(crate) fn uploaded(&self, mchid: &str, media_id: &str) -> Option<Bytes> {
        self.uploaded.get(media_id).filter(|(owner, _)| owner == mchid).map(|(_, bytes)| bytes.clone())
    }

    /// The bytes of the merchant's picture, by the id in its URL.
    pub(crate) fn served(&self, mchid: &str, id: &str) -> Option<&Bytes> {
        self.served.get(id).filter(|(owner, _)| owner == mchid).map(|(_, bytes)| bytes)
    }

    /// The picture with this id, compared byte for byte with the id as received.
    pub(crate) fn download(&self, mchid: &str, id: &str) -> Result<PlatformResponse, Refusal> {
        match self.served.get(id) {
            Some((owner, bytes)) if owner == mchid => Ok(PlatformResponse::image(bytes.clone(), content_type(bytes))),
            Some(_) => Err(Refusal::no_auth("无权限查看该图片")),
            // The id was escaped twice, or is a media id.
            None if id.contains("%25") || self.uploaded.contains_key(id) => {
                Err(Refusal::parameter("url", "media_id", id.into(), "media_id无效"))
            }
            None => Err(Refusal::missing(404, "图片不存在")),
        }
    }
}

/// The content type, by the first bytes.
pub(crate) fn content_type(bytes: &[u8]) -> &'static str {
    match bytes {
        [0x89, b'P', b'N', b'G', ..] => "image/png",
        [b'B', b'M', ..] => "image/bmp",
        _ => "image/jpeg",
    }
}
