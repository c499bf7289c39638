//! Pictures on their way to the platform, before the act that names them.

use std::time::Duration;

use axum::body::Bytes;
use complaint_channels::{Account, Channels};
use complaint_inbox::Source;
use protocol_core::PictureKind;
use protocol_core::channel::Picture;
use protocol_core::limits::MAX_UPLOAD;
use tokio::time::timeout;

use super::wrong::Wrong;
use crate::engine::{Failed, account_of};

/// Sends pictures through the channel's own upload. Returns their ids, in their order.
pub(super) async fn upload(
    channels: Option<&Channels>,
    source: &Source,
    pictures: &[Bytes],
) -> Result<Vec<String>, Wrong> {
    if pictures.is_empty() {
        return Ok(Vec::new());
    }
    let account = channels.and_then(|channels| account_of(channels, source)).ok_or(Wrong::NoAccount)?;
    let sending = async {
        let mut ids = Vec::new();
        for (picture, number) in pictures.iter().zip(1..) {
            let name = format!("picture{number}.{}", ending(picture).ok_or(Wrong::PictureKind)?);
            ids.push(send(account, &name, picture).await.map_err(|failed| Wrong::Upload(failed.reason))?);
        }
        Ok(ids)
    };
    timeout(UPLOAD_TIMEOUT, sending).await.unwrap_or(Err(Wrong::UploadLate))
}

/// Checks pictures before anything is sent.
pub(super) fn check(channel: &str, most: usize, pictures: &[Bytes]) -> Result<(), Wrong> {
    if pictures.len() > most {
        return Err(Wrong::Pictures { most });
    }
    let bytes = max_bytes(channel);
    if pictures.iter().any(|picture| picture.len() > bytes) {
        return Err(Wrong::PictureLarge { bytes });
    }
    if pictures.iter().all(|picture| ending(picture).is_some()) { Ok(()) } else { Err(Wrong::PictureKind) }
}

/// Largest picture that a channel takes, in bytes.
pub(super) fn max_bytes(channel: &str) -> usize {
    match channel {
        #[cfg(feature = "virtual-payment")]
        "virtual-payment" => protocol_core::virtual_payment::MAX_VP_FILE,
        _ => MAX_UPLOAD,
    }
}

/// The ending of the name that a picture has at the platform; `None` for a kind that some channel
/// does not take.
fn ending(picture: &[u8]) -> Option<&'static str> {
    match PictureKind::of(picture)? {
        PictureKind::Jpeg => Some("jpg"),
        PictureKind::Png => Some("png"),
        PictureKind::Bmp => Some("bmp"),
        _ => None,
    }
}

async fn send(account: Account<'_>, name: &str, picture: &[u8]) -> Result<String, Failed> {
    #[cfg(feature = "mini-program")]
    if let Account::MiniProgram(account) = account {
        use protocol_core::mini_program::UploadTempMedia;

        let no_client = || Failed::local("no-app-secret", crate::engine::NO_APP_SECRET);
        let client = account.client().ok_or_else(no_client)?;
        let upload = UploadTempMedia::new(name, picture);
        let upload = upload.map_err(|error| Failed::new(error.failure(), "invalid", error.to_string()))?;
        let sent = client.send(&upload).await?;
        // TLS and the host's name vouch for it.
        return Ok(sent.trust_anyway().media_id);
    }
    let no_client = || Failed::local("no-client", "this channel takes no pictures");
    let channel = account.complaint_channel().ok_or_else(no_client)?;
    Ok(channel.upload_image(Picture::new(name, picture)).await?)
}

/// The time for the pictures of a form, the client's retries included.
const UPLOAD_TIMEOUT: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests {
    use super::*;

    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

    #[test]
    fn pictures_have_a_count_a_size_and_a_kind() {
        let picture = |bytes: usize| Bytes::from([PNG, &vec![0; bytes - PNG.len()]].concat());
        let small = |count: usize| vec![picture(16); count];
        assert_eq!(check("wechat-pay", 4, &small(4)), Ok(()));
        assert_eq!(check("wechat-pay", 4, &small(5)), Err(Wrong::Pictures { most: 4 }));
        for channel in ["wechat-pay", "virtual-payment"] {
            let bytes = max_bytes(channel);
            assert_eq!(check(channel, 4, &[picture(bytes)]), Ok(()));
            assert_eq!(check(channel, 4, &[picture(bytes + 1)]), Err(Wrong::PictureLarge { bytes }));
        }
        let kinds: [(&[u8], bool); 6] = [
            (PNG, true),
            (b"\xff\xd8\xff\xe0", true),
            (b"BM\x3a\0\0\0\0\0\0\0\x36", true),
            (b"GIF89a", false),
            (b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>", false),
            (b"MZ", false),
        ];
        for (bytes, is_taken) in kinds {
            assert_eq!(check("wechat-pay", 4, &[Bytes::from_static(bytes)]).is_ok(), is_taken, "{bytes:?}");
        }
    }
}
