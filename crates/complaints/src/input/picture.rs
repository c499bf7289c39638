//! Pictures to upload before something that shows them.

use std::path::{Path, PathBuf};

use protocol_core::channel::{self, ComplaintChannel as _};
use protocol_core::limits::MAX_UPLOAD;
use protocol_core::wechat_pay::UploadImage;

use crate::channel::Channel;
use crate::channel::dry_run::SignedRequest;
use crate::error::Error;
use crate::input;

/// Most pictures of a reply or a refusal.
const MAX_PICTURES: usize = 4;

/// A picture as it lies in a file.
pub(crate) struct Picture {
    name: String,
    /// What the platforms are told: WeChat names the endings jpg, bmp and png alone.
    sent_name: String,
    bytes: Vec<u8>,
}

impl Picture {
    pub(crate) fn read(path: &Path) -> Result<Self, Error> {
        let (name, bytes) = input::read_picture(path, MAX_UPLOAD)?;
        let sent_name = match name.rsplit_once('.') {
            Some((stem, ending)) if ending.eq_ignore_ascii_case("jpeg") => format!("{stem}.jpg"),
            _ => name.clone(),
        };
        let picture = Self { name, sent_name, bytes };
        // The platforms' bounds are the same.
        UploadImage::new(&picture.name, &picture.bytes)
            .map_err(|error| Error::usage(format_args!("{}: {error}", path.display())))?;
        Ok(picture)
    }

    /// The picture as channels take it: with one of the endings that WeChat names, whichever channel hands it on.
    pub(crate) fn picture(&self) -> channel::Picture<'_> {
        channel::Picture::new(&self.sent_name, &self.bytes)
    }
}

/// Pictures in files, and ids of those that were uploaded before.
pub(crate) struct Pictures<'a> {
    files: Vec<Picture>,
    ids: &'a [String],
}

impl<'a> Pictures<'a> {
    pub(crate) fn read(files: &[PathBuf], ids: &'a [String]) -> Result<Self, Error> {
        if files.len() + ids.len() > MAX_PICTURES {
            return Err(Error::usage(format_args!("at most {MAX_PICTURES} pictures go with one message")));
        }
        Ok(Self { files: files.iter().map(|file| Picture::read(file)).collect::<Result<_, _>>()?, ids })
    }

    pub(crate) fn count(&self) -> usize {
        self.files.len() + self.ids.len()
    }

    /// Ids that stand for those to come: what needs them can be checked and shown before anything is uploaded.
    pub(crate) fn future_ids(&self) -> Vec<String> {
        self.files.iter().map(|file| format!("<id of {}>", file.name)).chain(self.ids.iter().cloned()).collect()
    }

    /// The requests that upload them, signed and not sent.
    pub(crate) fn signed<C: Channel>(&self, channel: &C) -> Result<Vec<SignedRequest>, Error> {
        self.files.iter().map(|file| channel.signed_upload(file.picture())).collect()
    }

    /// Uploads those in files; the ids of all.
    pub(crate) async fn upload<C: Channel>(&self, channel: &C) -> Result<Vec<String>, Error> {
        let mut ids = Vec::with_capacity(self.count());
        for file in &self.files {
            let uploaded = channel.client().await?.upload_image(file.picture()).await;
            ids.push(uploaded.map_err(|error| error.into().and("nothing was said to the payer"))?);
        }
        ids.extend_from_slice(self.ids);
        Ok(ids)
    }
}
