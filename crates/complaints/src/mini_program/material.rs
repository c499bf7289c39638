//! What goes with an act: words, pictures in files, and ids of pictures that were uploaded before.

use std::path::Path;

use protocol_core::Personal;
use protocol_core::mini_program::{MAX_TEMP_MEDIA, UploadTempMedia};

use super::server::Server;
use crate::args;
use crate::confirm::quoted;
use crate::error::Error;
use crate::input;
use crate::signed::SignedRequest;

/// A picture as it lies in a file.
pub(super) struct Picture {
    name: String,
    bytes: Vec<u8>,
}

impl Picture {
    pub(super) fn read(path: &Path) -> Result<Self, Error> {
        let (name, bytes) = input::read_picture(path, MAX_TEMP_MEDIA)?;
        let picture = Self { name, bytes };
        picture.upload().map_err(|error| Error::usage(format_args!("{}: {}", path.display(), error.message())))?;
        Ok(picture)
    }

    /// The request that uploads it.
    pub(super) fn upload(&self) -> Result<UploadTempMedia<'_>, Error> {
        Ok(UploadTempMedia::new(&self.name, &self.bytes)?)
    }
}

/// Words and pictures.
pub(super) struct Material<'a> {
    pub(super) text: Option<Personal<String>>,
    files: Vec<Picture>,
    ids: &'a [String],
}

impl<'a> Material<'a> {
    pub(super) fn read(arguments: &'a args::Material) -> Result<Self, Error> {
        let has_pictures = !(arguments.files.is_empty() && arguments.ids.is_empty());
        if !has_pictures && arguments.text.as_deref().is_none_or(str::is_empty) {
            return Err(Error::usage("there is nothing to say: give words with --text, or pictures; nothing was sent"));
        }
        Ok(Self {
            text: arguments.text.clone().map(Personal::new),
            files: arguments.files.iter().map(|file| Picture::read(file)).collect::<Result<_, _>>()?,
            ids: &arguments.ids,
        })
    }

    /// Ids that stand for those to come: what needs them can be checked and shown before anything is uploaded.
    pub(super) fn future_ids(&self) -> Vec<String> {
        self.files.iter().map(|file| format!("<id of {}>", file.name)).chain(self.ids.iter().cloned()).collect()
    }

    /// The requests that upload the files, not sent.
    pub(super) fn requests(&self, server: &Server) -> Result<Vec<SignedRequest>, Error> {
        self.files.iter().map(|file| server.request(&file.upload()?)).collect()
    }

    /// Uploads what lies in files; the ids of all.
    pub(super) async fn upload(&self, server: &Server) -> Result<Vec<String>, Error> {
        let mut ids = Vec::with_capacity(self.files.len() + self.ids.len());
        for file in &self.files {
            let uploaded = server.client.send(&file.upload()?).await;
            let uploaded = uploaded.map_err(|error| Error::from(error).and("nothing was said about the complaint"))?;
            ids.push(uploaded.trust_anyway().media_id);
        }
        ids.extend_from_slice(self.ids);
        Ok(ids)
    }

    /// For the question.
    pub(super) fn describe(&self) -> String {
        let words = self.text.as_ref().map(|text| quoted(text.expose())).unwrap_or_default();
        let pictures = match self.files.len() + self.ids.len() {
            0 => String::new(),
            1 => "\n  | [1 picture]".to_owned(),
            count => format!("\n  | [{count} pictures]"),
        };
        format!("{words}{pictures}")
    }
}
