//! `image`: uploads and downloads of pictures.

use std::io::{self, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use clap::{ArgGroup, Args, Subcommand};
use protocol_core::PictureKind;
use protocol_core::channel::ComplaintRef;
use protocol_core::virtual_payment::{GetUploadFileSign, UploadVpFile};
use serde::Serialize;

use crate::args::{ChannelName, Consent, Via};
use crate::channel::acting::Acting;
use crate::channel::{self, VirtualPaymentChannel, run_on};
use crate::config::Config;
use crate::error::Error;
use crate::input::picture::{Bounds, Picture};
use crate::view::output;
use crate::view::whole_file::WholeFile;

#[derive(Debug, Subcommand)]
pub(crate) enum Arguments {
    /// Upload a picture; replies name it by its id.
    Upload(ImageUpload),
    /// Download a picture of a complaint or its history.
    Download(ImageDownload),
    /// Request the permission to fetch a payer's picture: the `Authorization` header of its GET.
    /// Virtual payment only.
    Permit(ImagePermit),
}

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("picture").required(true))]
pub(crate) struct ImageUpload {
    /// A JPEG, BMP or PNG file of at most 2 MiB; with `--via virtual-payment` a JPEG, BMP, PNG or
    /// GIF file of at most 1 MiB.
    #[arg(group = "picture")]
    pub(crate) file: Option<PathBuf>,

    /// An address that the platform fetches the picture from, of at most 2 MB: `http` or `https`,
    /// readable by everyone, no redirect. Virtual payment only.
    #[arg(long, value_name = "URL", group = "picture")]
    pub(crate) link: Option<String>,

    /// The picture's name beside `--link`. Default: the last part of the address's path.
    #[arg(long, value_name = "NAME", requires = "link")]
    pub(crate) name: Option<String>,

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
    pub(crate) file: PathBuf,

    /// Replace an existing file.
    #[arg(long)]
    pub(crate) force: bool,

    #[command(flatten)]
    pub(crate) via: Via,
}

#[derive(Debug, Args)]
pub(crate) struct ImagePermit {
    /// A `media_url` of the complaint, unchanged.
    #[arg(value_name = "URL")]
    pub(crate) media: String,

    /// The complaint that shows the picture.
    #[arg(long, value_name = "ID")]
    pub(crate) complaint: String,

    /// Request a plain link to a copy too, `cos_url`, valid for 30 minutes.
    #[arg(long)]
    pub(crate) convert_cos: bool,

    #[command(flatten)]
    pub(crate) via: Via,

    /// Print the signed request without sending it.
    #[arg(long)]
    pub(crate) dry_run: bool,
}

pub(crate) fn run(command: &Arguments, config: &Config) -> Result<(), Error> {
    match command {
        Arguments::Upload(ImageUpload { file, link, name, via, consent }) => {
            via.check(&[])?;
            if let Some(link) = link {
                only_virtual_payment(via, "--link")?;
                return upload_link(link, name.as_deref(), consent.dry_run, config);
            }
            let picture = Picture::read(file.as_deref().unwrap_or(Path::new("")), Bounds::of(via.channel))?;
            channel::run(via, config, async |channel| upload(channel, &picture, consent.dry_run).await)
        }
        Arguments::Download(arguments) => download(arguments, config),
        Arguments::Permit(arguments) => permit(arguments, config),
    }
}

/// Refuses the other channels, which have no such interface.
fn only_virtual_payment(via: &Via, what: &str) -> Result<(), Error> {
    via.check(&[])?;
    if via.channel == ChannelName::VirtualPayment {
        return Ok(());
    }
    let channel = via.channel.as_str();
    Err(Error::usage(format_args!("{what} needs --via virtual-payment; {channel} has no such interface")))
}

/// Uploads without a confirmation: a picture is invisible until a reply shows it.
pub(crate) async fn upload<C: Acting + ?Sized>(channel: &C, picture: &Picture, dry_run: bool) -> Result<(), Error> {
    if dry_run {
        return output::print(&channel.upload_request(picture.picture())?);
    }
    output::print(&Uploaded { media_id: channel.upload(picture.picture()).await? })
}

/// Uploads a picture that the platform fetches itself.
fn upload_link(link: &str, name: Option<&str>, dry_run: bool, config: &Config) -> Result<(), Error> {
    let name = name.or_else(|| name_in(link)).ok_or_else(|| {
        Error::usage("the address has no path with a name at its end; nothing was sent; give --name NAME")
    })?;
    let upload = UploadVpFile::from_link(name, link)?;
    run_on(VirtualPaymentChannel::open(config), async |channel: &VirtualPaymentChannel| {
        if dry_run {
            return output::print(&channel.sign(&upload)?);
        }
        // The server signs no response: TLS and the host vouch for it.
        output::print(&Uploaded { media_id: channel.client.send(&upload).await?.trust_anyway().file_id })
    })
}

/// The last part of an address's path.
fn name_in(link: &str) -> Option<&str> {
    let address = link.split(['?', '#']).next()?;
    let (_, path) = address.split_once("://")?.1.split_once('/')?;
    path.rsplit('/').next().filter(|name| !name.is_empty())
}

fn permit(arguments: &ImagePermit, config: &Config) -> Result<(), Error> {
    let ImagePermit { media, complaint, convert_cos, via, dry_run } = arguments;
    only_virtual_payment(via, "`image permit`")?;
    let question = GetUploadFileSign::new(complaint, media.clone()).with_convert_cos(*convert_cos);
    run_on(VirtualPaymentChannel::open(config), async |channel: &VirtualPaymentChannel| {
        // A wrong address is refused before a token is fetched.
        let request = channel.sign(&question)?;
        if *dry_run {
            return output::print(&request);
        }
        output::print(channel.client.send(&question).await?.peek())
    })
}

/// The printed id of a picture.
#[derive(Serialize)]
struct Uploaded {
    media_id: String,
}

fn download(arguments: &ImageDownload, config: &Config) -> Result<(), Error> {
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
        let path = &arguments.file;
        if path == Path::new("-") {
            if io::stdout().is_terminal() {
                return Err(Error::usage("a terminal cannot show a picture; name a file with --file"));
            }
            return Ok(Self::StandardOutput);
        }
        // Checked before anything is fetched.
        WholeFile::check(path, "--file", arguments.force)?;
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
                let mut file = WholeFile::create(path, *replace)?;
                file.write(bytes)?;
                file.finish()?;
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
