//! `image`: uploads and downloads of pictures.

use std::fs::{self, File, OpenOptions};
use std::io::{self, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use protocol_core::PictureKind;
use protocol_core::channel::ComplaintRef;
use serde::Serialize;

use crate::args::{ChannelName, Consent, Via};
use crate::channel;
use crate::channel::acting::Acting;
use crate::error::Error;
use crate::input;
use crate::input::picture::{Bounds, Picture};
use crate::view::output;

#[derive(Debug, Subcommand)]
pub(crate) enum Arguments {
    /// Upload a picture; replies name it by its id.
    Upload(ImageUpload),
    /// Download a picture of a complaint or its history.
    Download(ImageDownload),
}

#[derive(Debug, Args)]
pub(crate) struct ImageUpload {
    /// A JPEG, BMP or PNG file of at most 2 MiB; with `--via virtual-payment` a JPEG, BMP, PNG or
    /// GIF file of at most 1 MiB.
    pub(crate) file: PathBuf,

    #[command(flatten)]
    pub(crate) via: Via,

    #[command(flatten)]
    pub(crate) consent: Consent,
}

#[derive(Debug, Args)]
pub(crate) struct ImageDownload {
    /// A `media_url` of the complaint, unchanged. WeChat Pay also takes a media id.
    #[arg(value_name = "URL-or-ID")]
    pub(crate) media: String,

    /// The complaint that shows the picture. `--via virtual-payment` requires it.
    #[arg(long, value_name = "ID")]
    pub(crate) complaint: Option<String>,

    /// The file to write; `-` for standard output.
    #[arg(long, value_name = "FILE")]
    pub(crate) output: PathBuf,

    /// Replace an existing file.
    #[arg(long)]
    pub(crate) force: bool,

    #[command(flatten)]
    pub(crate) via: Via,
}

pub(crate) fn run(command: &Arguments, config: &Path) -> Result<(), Error> {
    match command {
        Arguments::Upload(arguments) => {
            arguments.via.check(&[])?;
            let picture = Picture::read(&arguments.file, Bounds::of(arguments.via.channel))?;
            let dry_run = arguments.consent.dry_run;
            channel::run(&arguments.via, config, async |channel| upload(channel, &picture, dry_run).await)
        }
        Arguments::Download(arguments) => download(arguments, config),
    }
}

/// Uploads without a confirmation: a picture is invisible until a reply shows it.
pub(crate) async fn upload<C: Acting + ?Sized>(channel: &C, picture: &Picture, dry_run: bool) -> Result<(), Error> {
    if dry_run {
        return output::print(&channel.upload_request(picture.picture())?);
    }
    output::print(&Uploaded { media_id: channel.upload(picture.picture()).await? })
}

/// The printed id of a picture.
#[derive(Serialize)]
struct Uploaded {
    media_id: String,
}

fn download(arguments: &ImageDownload, config: &Path) -> Result<(), Error> {
    let ImageDownload { media, complaint, via, .. } = arguments;
    via.check(&[])?;
    if via.channel == ChannelName::VirtualPayment && complaint.is_none() {
        return Err(Error::usage("--via virtual-payment needs --complaint ID, the complaint that shows the picture"));
    }
    let target = Target::of(arguments)?;
    let complaint = ComplaintRef::new(complaint.as_deref().unwrap_or_default());
    channel::run(via, config, async |channel| target.write(channel.download(&complaint, media).await?.expose()))
}

/// The place that a picture is written to.
enum Target {
    StandardOutput,
    File { path: PathBuf, replace: bool },
}

/// The printed result.
#[derive(Serialize)]
struct Written {
    file: String,
    content_type: Option<&'static str>,
    bytes: usize,
}

impl Target {
    fn of(arguments: &ImageDownload) -> Result<Self, Error> {
        let path = &arguments.output;
        if path == Path::new("-") {
            if io::stdout().is_terminal() {
                return Err(Error::usage("a terminal cannot show a picture; name a file with --output"));
            }
            return Ok(Self::StandardOutput);
        }
        if path.file_name().is_none() || path.is_dir() {
            return Err(Error::usage(format_args!("{} is a folder; name a file with --output", path.display())));
        }
        // Checked before anything is fetched.
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        if folder.is_some_and(|folder| !folder.is_dir()) {
            return Err(Error::usage(format_args!(
                "the folder of {} does not exist; nothing was fetched",
                path.display()
            )));
        }
        match path.metadata() {
            Ok(there) if !there.is_file() => {
                return Err(Error::usage(format_args!("{} is not a file; name another with --output", path.display())));
            }
            _ if path.symlink_metadata().is_ok() && !arguments.force => return Err(is_there(path)),
            _ => {}
        }
        Ok(Self::File { path: path.clone(), replace: arguments.force })
    }

    fn write(&self, bytes: &[u8]) -> Result<(), Error> {
        match self {
            Self::StandardOutput => match to_standard_output(bytes) {
                Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                    Err(Error::usage(format_args!("cannot write to standard output: {error}")))
                }
                _ => Ok(()),
            },
            Self::File { path, replace } => {
                write_whole(path, bytes, *replace)?;
                output::print(&Written {
                    file: path.display().to_string(),
                    content_type: PictureKind::of(bytes).map(PictureKind::content_type),
                    bytes: bytes.len(),
                })
            }
        }
    }
}

fn to_standard_output(bytes: &[u8]) -> io::Result<()> {
    let mut output = io::stdout().lock();
    output.write_all(bytes)?;
    output.flush()
}

fn is_there(path: &Path) -> Error {
    Error::usage(format_args!("{} exists; give --force to replace it", path.display()))
}

/// Writes all of a file or nothing: beside it first, then under its name at once.
fn write_whole(path: &Path, bytes: &[u8], replace: bool) -> Result<(), Error> {
    let cannot = |error: io::Error| Error::usage(format_args!("cannot write {}: {error}", path.display()));
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let short: String = name.chars().take(32).collect();
    let beside = Beside(path.with_file_name(format!(".{short}.{}.part", input::nonce()?)));
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    // A payer's picture is for the user alone.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file: File = options.open(&beside.0).map_err(cannot)?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(cannot)?;
    drop(file);
    if replace {
        return fs::rename(&beside.0, path).map_err(cannot);
    }
    // A second name never replaces a file that was created meanwhile. Some file systems have none.
    match fs::hard_link(&beside.0, path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(is_there(path)),
        Err(_) if path.symlink_metadata().is_ok() => Err(is_there(path)),
        Err(_) => fs::rename(&beside.0, path).map_err(cannot),
        Ok(()) => Ok(()),
    }
}

/// A file that is removed afterwards, if it was not renamed.
struct Beside(PathBuf);

impl Drop for Beside {
    fn drop(&mut self) {
        // After a success, the file has another name.
        let _ = fs::remove_file(&self.0);
    }
}
