//! What goes with an act: words, pictures in files, and ids of pictures that were uploaded before.

use std::path::Path;

use protocol_core::Personal;
use protocol_core::mini_program::{MAX_TEMP_MEDIA, UploadTempMedia};

use crate::args;
use crate::channel::dry_run::SignedRequest;
use crate::channel::mini_program::Server;
use crate::error::Error;
use crate::input;
use crate::view::confirm::quoted;

/// A picture as it lies in a file.
pub(crate) struct Picture {
    name: String,
    bytes: Vec<u8>,
}

impl Picture {
    pub(crate) fn read(path: &Path) -> Result<Self, Error> {
        let (name, bytes) = input::read_picture(path, MAX_TEMP_MEDIA)?;
        let picture = Self { name, bytes };
        picture.upload().map_err(|error| Error::usage(format_args!("{}: {}", path.display(), error.message())))?;
        Ok(picture)
    }

    /// The request that uploads it.
    pub(crate) fn upload(&self) -> Result<UploadTempMedia<'_>, Error> {
        Ok(UploadTempMedia::new(&self.name, &self.bytes)?)
    }
}

/// Words and pictures.
pub(crate) struct Material<'a> {
    pub(crate) text: Option<Personal<String>>,
    files: Vec<Picture>,
    ids: &'a [String],
}

impl<'a> Material<'a> {
    pub(crate) fn read(arguments: &'a args::Material) -> Result<Self, Error> {
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
    pub(crate) fn future_ids(&self) -> Vec<String> {
        self.files.iter().map(|file| format!("<id of {}>", file.name)).chain(self.ids.iter().cloned()).collect()
    }

    /// The requests that upload the files, not sent.
    pub(crate) fn requests(&self, server: &Server) -> Result<Vec<SignedRequest>, Error> {
        self.files.iter().map(|file| server.request(&file.upload()?)).collect()
    }

    /// Uploads what lies in files; the ids of all.
    pub(crate) async fn upload(&self, server: &Server) -> Result<Vec<String>, Error> {
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
    pub(crate) fn describe(&self) -> String {
        let words = self.text.as_ref().map(|text| quoted(text.expose())).unwrap_or_default();
        let pictures = match self.files.len() + self.ids.len() {
            0 => String::new(),
            1 => "\n  | [1 picture]".to_owned(),
            count => format!("\n  | [{count} pictures]"),
        };
        format!("{words}{pictures}")
    }
}
