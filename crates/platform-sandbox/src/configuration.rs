//! The configuration that makes the command line a client of this sandbox.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

use protocol_core::wechat_pay::Scheme;

use crate::wechat_pay::{MerchantAccount, PlatformKeyInfo};

const PRIVATE_KEY: &str = "sandbox_merchant_key.pem";
const API_V3_KEY: &str = "sandbox_apiv3.key";
const PLATFORM_KEY: &str = "sandbox_platform_key.pem";
const ROOT: &str = "sandbox_root.pem";

/// Writes `complaints.toml` and the files it names, readable by their owner only.
pub(crate) fn write(
    folder: &Path,
    merchant: &MerchantAccount,
    platform_key: &PlatformKeyInfo,
    base_url: &str,
    root: &str,
) -> io::Result<()> {
    let algorithm = if merchant.scheme == Scheme::Sm2 { "sm2" } else { "rsa" };
    let configuration = format!(
        "[wechat-pay]\nmchid = \"{}\"\nserial_no = \"{}\"\nprivate_key = \"{PRIVATE_KEY}\"\n\
         apiv3_key_file = \"{API_V3_KEY}\"\nalgorithm = \"{algorithm}\"\nbase_url = \"{base_url}\"\n\
         root_certificate = \"{ROOT}\"\n\n[[wechat-pay.platform_keys]]\nid = \"{}\"\nfile = \"{PLATFORM_KEY}\"\n",
        merchant.mchid, merchant.serial_no, platform_key.id
    );
    let files = [
        (PRIVATE_KEY, merchant.private_key_pem.as_str()),
        (API_V3_KEY, &merchant.api_v3_key),
        (PLATFORM_KEY, &platform_key.public_key_pem),
        (ROOT, root),
        ("complaints.toml", &configuration),
    ];
    fs::create_dir_all(folder)?;
    files.into_iter().try_for_each(|(name, content)| write_private(&folder.join(name), content.as_bytes()))
}

/// The mode is set before there is anything to read.
fn write_private(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    #[cfg(unix)]
    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    file.write_all(content)
}
