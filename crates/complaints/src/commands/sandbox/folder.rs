//! The folder of simulated platforms: their configuration, their memory, and how to speak to them.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use platform_sandbox::{NewComplaint, NewOrderComplaint, SAMPLE_PICTURE, Sandbox, SandboxConfig};
use protocol_core::Secret;
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::input;
use crate::view::output::visible;

/// A folder that this process holds as long as this lives.
pub(in crate::commands) struct SandboxFolder {
    path: PathBuf,
    _lock: File,
}

impl SandboxFolder {
    /// Makes the folder for this user alone, and holds it.
    pub(in crate::commands) fn hold(path: &Path) -> Result<Self, Error> {
        spare_foreign_configuration(path)?;
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        let file = builder.create(path).and_then(|()| File::create(path.join("sandbox.lock")));
        let file = file.map_err(|error| cannot("write to", path, &error))?;
        file.try_lock().map_err(|_| {
            let folder = path.display().to_string();
            let folder = visible(&folder);
            Error::usage(format_args!(
                "{folder}: another process serves this folder; stop it, or name another one with --folder"
            ))
        })?;
        Ok(Self { path: path.to_owned(), _lock: file })
    }

    pub(in crate::commands) fn path(&self) -> &Path {
        &self.path
    }

    /// Starts the simulated platforms with what the folder has, writes their configuration, and says
    /// how to speak to them.
    pub(in crate::commands) async fn start(&self, config: SandboxConfig) -> Result<Sandbox, Error> {
        let token = input::nonce()?;
        let config = config.with_memory(self.path.join(MEMORY));
        let config = config.with_story_token(Secret::new(token.clone().into_bytes()));
        let sandbox = Sandbox::start(config).await.map_err(Error::usage)?;
        let door = Door { base_url: sandbox.base_url(), token };
        sandbox
            .write_configuration(&self.path)
            .and_then(|()| write_private(&self.path.join(DOOR), serde_json::to_string(&door)?.as_bytes()))
            .map_err(|error| cannot("write the configuration to", &self.path, &error))?;
        Ok(sandbox)
    }

    /// Files complaints the first time, to try the commands with. A start that is killed meanwhile is
    /// not counted. Returns those that were filed then.
    pub(in crate::commands) fn file_first(&self, sandbox: &Sandbox) -> Result<Filed, Error> {
        let path = self.path.join(FILED);
        if let Ok(text) = fs::read(&path) {
            // An older file is empty.
            return Ok(serde_json::from_slice(&text).unwrap_or_default());
        }
        let filed = file_complaints(sandbox)?;
        let text = serde_json::to_string(&filed).map_err(Error::usage)?;
        write_private(&path, text.as_bytes()).map_err(|error| cannot("write", &path, &error))?;
        Ok(filed)
    }
}

/// The complaints that were filed first.
#[derive(Default, Serialize, Deserialize)]
pub(in crate::commands) struct Filed {
    pub(super) complaints: Vec<String>,
    /// The same at Allinpay, with the Mini Program, and of its virtual payment.
    allinpay_complaints: Vec<String>,
    pub(super) mini_program_complaints: Vec<String>,
    virtual_payment_complaints: Vec<String>,
}

/// How another process speaks to the platforms of a folder.
#[derive(Serialize, Deserialize)]
pub(super) struct Door {
    pub(super) base_url: String,
    pub(super) token: String,
}

impl Door {
    /// Reads it from a folder, with the root of its certificate.
    pub(super) fn read(folder: &Path) -> Result<(Self, Vec<u8>), Error> {
        let read = |name: &str| fs::read(folder.join(name)).ok();
        let door = read(DOOR).and_then(|text| serde_json::from_slice(&text).ok()).zip(read(ROOT));
        door.ok_or_else(|| {
            let folder = folder.display().to_string();
            let folder = visible(&folder);
            Error::usage(format_args!(
                "no sandbox has run in {folder}; start one with `complaints sandbox` or `complaints serve --sandbox`, \
                 and name its folder with --folder"
            ))
        })
    }
}

/// Files complaints of every channel.
fn file_complaints(sandbox: &Sandbox) -> Result<Filed, Error> {
    let complaints = vec![
        sandbox.file_complaint(
            NewComplaint::default()
                .with_complaint_detail("重复扣费，请退还多扣的一笔")
                .with_amount(2990)
                .with_refund(2990)
                .with_payer_phone("13900001234")
                .with_image(SAMPLE_PICTURE),
        ),
        sandbox.file_complaint(NewComplaint::default().with_complaint_detail("充值一直没有到账").with_amount(500)),
    ];
    let new = NewComplaint::default().with_complaint_detail("会员没有开通").with_amount(1500).with_refund(1500);
    let allinpay = sandbox.file_allinpay_complaint(new, &sandbox.allinpay().cusid).map_err(Error::usage)?;
    let new = NewOrderComplaint::default().with_content("收到的商品与描述不符");
    let order = sandbox.file_order_complaint(new.with_media_link(sandbox.link_picture(SAMPLE_PICTURE)));
    let new = NewComplaint::default().with_complaint_detail("课程打不开").with_amount(9900);
    let virtual_payment = sandbox.file_virtual_payment_complaint(new).map_err(Error::usage)?;
    Ok(Filed {
        complaints,
        allinpay_complaints: vec![allinpay],
        mini_program_complaints: vec![order],
        virtual_payment_complaints: vec![virtual_payment],
    })
}

/// Refuses to overwrite a configuration that no sandbox wrote.
fn spare_foreign_configuration(folder: &Path) -> Result<(), Error> {
    let path = folder.join("complaints.toml");
    let is_foreign = fs::read(&path)
        .is_ok_and(|text| !text.is_empty() && !text.windows(OWN_KEY.len()).any(|window| window == OWN_KEY.as_bytes()));
    if is_foreign {
        let path = path.display();
        return Err(Error::usage(format_args!(
            "{path} is not a sandbox's, and is kept; name another folder with --folder"
        )));
    }
    Ok(())
}

/// The file of the simulated platforms.
const MEMORY: &str = "sandbox.json";

/// The file that says that the first complaints were filed, and which.
const FILED: &str = "sandbox.filed";

/// The file of the [`Door`].
const DOOR: &str = "sandbox.door";

/// The root of the platforms' certificate.
const ROOT: &str = "sandbox_root.pem";

/// A name that only a sandbox's configuration has.
const OWN_KEY: &str = "sandbox_merchant_key.pem";

pub(in crate::commands) fn cannot(what: &str, path: &Path, error: &io::Error) -> Error {
    Error::usage(format_args!("cannot {what} {}: {}", path.display(), error.kind()))
}

/// Writes a file for its owner alone, as a whole: a process that is killed leaves the old one.
pub(in crate::commands) fn write_private(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut new = path.as_os_str().to_owned();
    new.push(".new");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(&new)?.write_all(content)?;
    fs::rename(new, path)
}
