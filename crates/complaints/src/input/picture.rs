//! Pictures to upload before the act that shows them.

use std::path::{Path, PathBuf};

use protocol_core::limits::MAX_UPLOAD;
use protocol_core::mini_program::{MAX_TEMP_MEDIA, UploadTempMedia};
use protocol_core::virtual_payment::{MAX_VP_FILE, UploadVpFile};
use protocol_core::wechat_pay::UploadImage;
use protocol_core::{BuildError, channel};

use crate::args::ChannelName;
use crate::channel::Platform;
use crate::channel::acting::Acting;
use crate::channel::dry_run::SignedRequest;
use crate::error::Error;
use crate::input;
use crate::language::language;

/// A picture as it lies in a file.
pub(crate) struct Picture {
    name: String,
    /// The name that the platform is told.
    sent_name: String,
    bytes: Vec<u8>,
}

/// The bounds of an upload.
#[derive(Clone, Copy)]
pub(crate) enum Bounds {
    /// WeChat Pay's, which Allinpay shares.
    Image,
    /// Virtual payment's.
    VpFile,
    /// The Mini Program's.
    TempMedia,
}

impl Bounds {
    /// The bounds of a channel.
    pub(crate) const fn of(channel: ChannelName) -> Self {
        match channel {
            ChannelName::WechatPay | ChannelName::Allinpay => Self::Image,
            ChannelName::VirtualPayment => Self::VpFile,
        }
    }

    /// The largest file, in bytes.
    const fn largest(self) -> usize {
        match self {
            Self::Image => MAX_UPLOAD,
            Self::VpFile => MAX_VP_FILE,
            Self::TempMedia => MAX_TEMP_MEDIA,
        }
    }

    fn check(self, name: &str, bytes: &[u8]) -> Result<(), BuildError> {
        match self {
            Self::Image => UploadImage::new(name, bytes).map(drop),
            Self::VpFile => UploadVpFile::new(name, bytes).map(drop),
            Self::TempMedia => UploadTempMedia::new(name, bytes).map(drop),
        }
    }
}

impl Picture {
    pub(crate) fn read(path: &Path, bounds: Bounds) -> Result<Self, Error> {
        let refused = |error| Error::usage(format_args!("{}: {error}; nothing was sent", path.display()));
        let (name, bytes) = input::read_picture(path, bounds.largest())?;
        bounds.check(&name, &bytes).map_err(refused)?;
        let sent_name = match (bounds, name.rsplit_once('.')) {
            // WeChat Pay names the endings jpg, bmp and png only.
            (Bounds::Image, Some((stem, ending))) if ending.eq_ignore_ascii_case("jpeg") => format!("{stem}.jpg"),
            _ => name.clone(),
        };
        Ok(Self { name, sent_name, bytes })
    }

    /// The picture as channels take it.
    pub(crate) fn picture(&self) -> channel::Picture<'_> {
        channel::Picture::new(&self.sent_name, &self.bytes)
    }
}

/// Pictures in files, and ids of uploaded pictures.
#[derive(Default)]
pub(crate) struct Pictures<'a> {
    files: Vec<Picture>,
    ids: &'a [String],
}

/// Most pictures of a reply or of a refusal.
const MAX_PICTURES: usize = 4;

impl<'a> Pictures<'a> {
    pub(crate) fn read(files: &[PathBuf], ids: &'a [String], bounds: Bounds) -> Result<Self, Error> {
        if !matches!(bounds, Bounds::TempMedia) && files.len() + ids.len() > MAX_PICTURES {
            return Err(Error::usage(format_args!(
                "a message takes at most {MAX_PICTURES} pictures; nothing was sent; leave some out"
            )));
        }
        let files = files.iter().map(|file| Picture::read(file, bounds)).collect::<Result<_, _>>()?;
        Ok(Self { files, ids })
    }

    /// Placeholders for the ids of the files, and the other ids: enough to check and print an act.
    pub(crate) fn future_ids(&self) -> Vec<String> {
        self.files.iter().map(|file| format!("<id of {}>", file.name)).chain(self.ids.iter().cloned()).collect()
    }

    /// The requests that upload the files, not sent.
    pub(crate) fn requests<P: Platform + ?Sized>(&self, platform: &P) -> Result<Vec<SignedRequest>, Error> {
        self.files.iter().map(|file| platform.upload_request(file.picture())).collect()
    }

    /// Uploads the files and returns the ids of all pictures.
    pub(crate) async fn upload<C: Acting + ?Sized>(&self, channel: &C) -> Result<Vec<String>, Error> {
        let mut ids = Vec::with_capacity(self.files.len() + self.ids.len());
        for file in &self.files {
            let uploaded = channel.upload(file.picture()).await;
            ids.push(uploaded.map_err(|error| error.and("the act itself was not sent"))?);
        }
        ids.extend_from_slice(self.ids);
        Ok(ids)
    }

    /// The number of pictures, for the confirmation.
    pub(crate) fn describe(&self) -> String {
        let count = self.files.len() + self.ids.len();
        let pictures = || language().text_with("pictures-count", [("count", count.into())]);
        if count == 0 { String::new() } else { format!("\n  | {}", pictures()) }
    }
}
