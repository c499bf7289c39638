//! `complaints.toml`, which makes the command line a client of the sandbox.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::Arc;

use protocol_core::wechat_pay::Scheme;

use crate::allinpay::AllinpayAccount;
use crate::mini_program::{MiniProgramAccount, PushMode};
use crate::tls::TlsIdentities;
use crate::virtual_payment::VirtualPaymentAccount;
use crate::wechat_pay::{MerchantAccount, PlatformKeyInfo};

const CONFIGURATION: &str = "complaints.toml";
const PRIVATE_KEY: &str = "sandbox_merchant_key.pem";
const API_V3_KEY: &str = "sandbox_apiv3.key";
const PLATFORM_KEY: &str = "sandbox_platform_key.pem";
const TOKEN: &str = "sandbox_token";
const ENCODING_AES_KEY: &str = "sandbox_encoding_aes_key";
const APP_SECRET: &str = "sandbox_app_secret";
const APP_KEY: &str = "sandbox_app_key";
const ALLINPAY_PRIVATE_KEY: &str = "sandbox_allinpay.key";
const ALLINPAY_PLATFORM_KEY: &str = "sandbox_allinpay_platform.pub";
const ROOT: &str = "sandbox_root.pem";
const WEBHOOK_CHAIN: &str = "sandbox_webhook.pem";
const WEBHOOK_KEY: &str = "sandbox_webhook.key";

/// The Mini Program, the mode of its pushes, and its virtual payment.
pub(crate) struct MiniProgram {
    pub(crate) account: Arc<MiniProgramAccount>,
    pub(crate) mode: PushMode,
    pub(crate) virtual_payment: Arc<VirtualPaymentAccount>,
}

/// Writes `complaints.toml`, the files it names, and the TLS identity of a webhook. Only the owner
/// can read them. With `keep`, a `complaints.toml` that is there stays, with the new address.
pub(crate) fn write(
    folder: &Path,
    (merchant, platform_key): (&MerchantAccount, &PlatformKeyInfo),
    mini_program: &MiniProgram,
    allinpay: &AllinpayAccount,
    (keep, base_url): (bool, &str),
    tls: &TlsIdentities,
) -> io::Result<()> {
    let written = if keep { fs::read_to_string(folder.join(CONFIGURATION)).ok() } else { None };
    let kept = written.filter(|text| !text.is_empty()).map(|text| moved(text, base_url));
    let configuration = kept.unwrap_or_else(|| {
        [
            wechat_pay_section(merchant, platform_key, base_url),
            mini_program_section(mini_program, base_url),
            virtual_payment_section(base_url),
            allinpay_section(allinpay, base_url),
        ]
        .join("\n")
    });
    let files = [
        (PRIVATE_KEY, merchant.private_key_pem.as_str()),
        (API_V3_KEY, &merchant.api_v3_key),
        (PLATFORM_KEY, &platform_key.public_key_pem),
        (TOKEN, &mini_program.account.token),
        (ENCODING_AES_KEY, &mini_program.account.encoding_aes_key),
        (APP_SECRET, &mini_program.account.app_secret),
        (APP_KEY, &mini_program.virtual_payment.app_key),
        (ALLINPAY_PRIVATE_KEY, &allinpay.private_key),
        (ALLINPAY_PLATFORM_KEY, &allinpay.platform_key),
        (ROOT, &tls.root_pem),
        (WEBHOOK_CHAIN, &tls.webhook.chain_pem),
        (WEBHOOK_KEY, &tls.webhook.key_pem),
        (CONFIGURATION, &configuration),
    ];
    fs::create_dir_all(folder)?;
    files.into_iter().try_for_each(|(name, content)| write_private(&folder.join(name), content.as_bytes()))
}

/// The text with the new address in place of the sandbox's old one. The file itself tells the old
/// one: a start that was killed may have recorded another elsewhere.
fn moved(text: String, base_url: &str) -> String {
    let port = text.lines().find_map(|line| {
        let port = line.trim().strip_prefix("base_url = \"")?.strip_prefix(LOOPBACK)?;
        port.split(|other: char| !other.is_ascii_digit()).next()
    });
    match port {
        Some(port) => text.replace(&format!("{LOOPBACK}{port}"), base_url),
        None => text,
    }
}

fn wechat_pay_section(merchant: &MerchantAccount, platform_key: &PlatformKeyInfo, base_url: &str) -> String {
    let algorithm = if merchant.scheme == Scheme::Sm2 { "sm2" } else { "rsa" };
    format!(
        "[wechat-pay]\nmchid = \"{}\"\nserial_no = \"{}\"\nprivate_key = \"{PRIVATE_KEY}\"\n\
         apiv3_key_file = \"{API_V3_KEY}\"\nalgorithm = \"{algorithm}\"\nbase_url = \"{base_url}\"\n\
         root_certificate = \"{ROOT}\"\n\n[[wechat-pay.platform_keys]]\nid = \"{}\"\nfile = \"{PLATFORM_KEY}\"\n",
        merchant.mchid, merchant.serial_no, platform_key.id
    )
}

fn mini_program_section(mini_program: &MiniProgram, base_url: &str) -> String {
    let mode = match mini_program.mode {
        PushMode::Plain => "plain",
        PushMode::Compatible => "compatible",
        PushMode::Secure => "secure",
    };
    format!(
        "[mini-program]\nappid = \"{}\"\ntoken_file = \"{TOKEN}\"\nencoding_aes_key_file = \"{ENCODING_AES_KEY}\"\n\
         mode = \"{mode}\"\napp_secret_file = \"{APP_SECRET}\"\nbase_url = \"{base_url}\"\n\
         root_certificate = \"{ROOT}\"\n",
        mini_program.account.appid
    )
}

fn virtual_payment_section(base_url: &str) -> String {
    format!("[virtual-payment]\napp_key_file = \"{APP_KEY}\"\nimage_base_url = \"{base_url}\"\n")
}

fn allinpay_section(account: &AllinpayAccount, base_url: &str) -> String {
    format!(
        "[allinpay]\nappid = \"{}\"\ncusid = \"{}\"\nsign_type = \"{}\"\nprivate_key = \"{ALLINPAY_PRIVATE_KEY}\"\n\
         platform_key = \"{ALLINPAY_PLATFORM_KEY}\"\nbase_url = \"{base_url}/cusapi\"\nroot_certificate = \"{ROOT}\"\n",
        account.appid,
        account.cusid,
        account.sign_type.as_str()
    )
}

/// The beginning of a sandbox's address; its port follows.
const LOOPBACK: &str = "https://127.0.0.1:";

/// Writes a file for its owner alone, as a whole: a process that is killed leaves the old one. The
/// mode is set before the content is written.
pub(crate) fn write_private(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut new = path.as_os_str().to_owned();
    new.push(".new");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&new)?;
    #[cfg(unix)]
    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    file.write_all(content)?;
    fs::rename(new, path)
}
