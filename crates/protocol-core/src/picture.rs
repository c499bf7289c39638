//! The kind of picture a file is, told by its first bytes: its name and its `Content-Type` are
//! ignored.

use std::fmt;

use crate::request::BuildError;
use crate::secret::Personal;
use crate::trust::Unverified;

/// A kind of picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PictureKind {
    /// JPEG.
    Jpeg,
    /// PNG.
    Png,
    /// Windows bitmap.
    Bmp,
    /// GIF.
    Gif,
    /// WebP.
    Webp,
    /// HEIF, as phones write it: HEIC and AVIF.
    Heif,
}

impl PictureKind {
    /// The kind that a file's first bytes show. `None` for anything else, such as SVG, which is a
    /// document with scripts.
    ///
    /// ```
    /// use protocol_core::PictureKind;
    ///
    /// assert_eq!(PictureKind::of(b"\x89PNG\r\n\x1a\n..."), Some(PictureKind::Png));
    /// assert_eq!(PictureKind::of(b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>"), None);
    /// ```
    #[must_use]
    pub fn of(bytes: &[u8]) -> Option<Self> {
        Some(match bytes {
            [0xff, 0xd8, 0xff, ..] => Self::Jpeg,
            [0x89, b'P', b'N', b'G', ..] => Self::Png,
            // The length and four reserved zero bytes are checked too: many a text begins with the
            // two letters.
            [b'B', b'M', _, _, _, _, 0, 0, 0, 0, ..] => Self::Bmp,
            [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Self::Gif,
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Self::Webp,
            [0, 0, 0, _, b'f', b't', b'y', b'p', brand @ ..] if is_heif(brand) => Self::Heif,
            _ => return None,
        })
    }

    /// Its `Content-Type`.
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Bmp => "image/bmp",
            Self::Gif => "image/gif",
            Self::Webp => "image/webp",
            Self::Heif => "image/heif",
        }
    }

    /// The kind of a picture to upload, if the platform accepts that kind.
    pub(crate) fn to_upload(
        bytes: &[u8],
        taken: &[Self],
        field: &'static str,
        expected: &'static str,
    ) -> Result<Self, BuildError> {
        Self::of(bytes).filter(|kind| taken.contains(kind)).ok_or(BuildError::Field { field, expected })
    }

    /// The problem of a download that is of no known kind.
    #[cfg(any(feature = "wechat-pay", feature = "virtual-payment", feature = "allinpay"))]
    pub(crate) const NONE: &str = "no picture: its first bytes are not those of JPEG, PNG, BMP, GIF, WebP or HEIF";
}

/// The bytes of a download, if their first ones show a [`PictureKind`]. No signature covers them.
///
/// ```
/// assert!(protocol_core::unverified_picture(b"GIF89a...").is_some());
/// assert!(protocol_core::unverified_picture(b"<html></html>").is_none());
/// ```
#[must_use]
pub fn unverified_picture(bytes: &[u8]) -> Option<Unverified<Personal<Vec<u8>>>> {
    PictureKind::of(bytes).map(|_| Unverified::new(Personal::new(bytes.to_vec())))
}

impl fmt::Display for PictureKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.content_type())
    }
}

fn is_heif(brand: &[u8]) -> bool {
    [&b"heic"[..], b"heix", b"heif", b"mif1", b"msf1", b"avif"].iter().any(|known| brand.starts_with(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_bytes_show_the_kind() {
        for (bytes, kind) in [
            (&b"\xff\xd8\xff\xe0\0\x10JFIF"[..], PictureKind::Jpeg),
            (b"\x89PNG\r\n\x1a\n", PictureKind::Png),
            (b"BM\x3a\0\0\0\0\0\0\0\x36", PictureKind::Bmp),
            (b"GIF89a\x01\0", PictureKind::Gif),
            (b"GIF87a", PictureKind::Gif),
            (b"RIFF\x24\0\0\0WEBPVP8 ", PictureKind::Webp),
            (b"\0\0\0\x18ftypheic", PictureKind::Heif),
        ] {
            assert_eq!(PictureKind::of(bytes), Some(kind));
            // One byte fewer than needed shows no kind.
            let shortest = (0..=bytes.len()).find(|length| PictureKind::of(&bytes[..*length]).is_some()).unwrap();
            assert!(shortest >= 3, "{kind}");
        }
        for other in [
            &b""[..],
            b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>",
            b"<?xml version=\"1.0\"?><svg/>",
            b"\xef\xbb\xbf<svg/>",
            b"<html></html>",
            b"BMW is what I drive",
            b"GIF88a",
            b"RIFF\x24\0\0\0WAVE",
            b"\0\0\0\x18ftypmp42",
            b"%PDF-1.7",
            b"{\"code\":\"PARAM_ERROR\"}",
            b"\xff\xd8",
        ] {
            assert_eq!(PictureKind::of(other), None, "{other:?}");
        }
    }
}
