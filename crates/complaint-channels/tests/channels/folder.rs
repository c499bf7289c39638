//! A folder with a configuration for the simulated platforms.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use complaint_channels::{Channels, SettingError};
use platform_sandbox::{MerchantAccount, Sandbox, SandboxConfig};
use protocol_core::wechat_pay::Scheme;

/// A folder of its own for each test, gone afterwards.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("complaint-channels-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    pub fn configuration(&self) -> PathBuf {
        self.0.join("complaints.toml")
    }

    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        std::fs::write(self.0.join(name), content).unwrap();
    }

    /// The configuration's text.
    pub fn text(&self) -> String {
        std::fs::read_to_string(self.configuration()).unwrap()
    }

    /// Changes the configuration.
    pub fn change(&self, from: &str, to: &str) {
        let text = self.text();
        assert!(text.contains(from), "{from}");
        self.write("complaints.toml", text.replace(from, to));
    }

    pub fn channels(&self) -> Result<Channels, SettingError> {
        Channels::from_file(self.configuration())
    }

    /// Writes the keys of a merchant, and returns its section of a list.
    pub fn merchant(&self, sandbox: &Sandbox, merchant: &MerchantAccount) -> String {
        let MerchantAccount { mchid, serial_no, private_key_pem, certificate_pem, api_v3_key, .. } = merchant;
        self.write(&format!("{mchid}.pem"), private_key_pem);
        self.write(&format!("{mchid}.crt"), certificate_pem);
        self.write(&format!("{mchid}_apiv3.key"), api_v3_key);
        let platform = sandbox.platform_key();
        self.write("platform.pub", &platform.public_key_pem);
        self.write("root.pem", sandbox.root_certificate());
        format!(
            "[[wechat-pay]]\nmchid = \"{mchid}\"\nserial_no = \"{serial_no}\"\nprivate_key = \"{mchid}.pem\"\n\
             certificate = \"{mchid}.crt\"\napiv3_key_file = \"{mchid}_apiv3.key\"\nbase_url = \"{}\"\n\
             root_certificate = \"root.pem\"\nplatform_keys = [{{ id = \"{}\", file = \"platform.pub\" }}]\n",
            sandbox.base_url(),
            platform.id,
        )
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A sandbox, and a folder configured for it.
pub async fn configured() -> (Sandbox, Folder) {
    let sandbox = Sandbox::start(SandboxConfig::default()).await.unwrap();
    let folder = Folder::new();
    sandbox.write_configuration(&folder.0).unwrap();
    (sandbox, folder)
}

/// A sandbox with two merchants, and a folder configured for both.
pub async fn two_merchants() -> (Sandbox, [MerchantAccount; 2], Folder) {
    let sandbox = Sandbox::start(SandboxConfig::default()).await.unwrap();
    let merchants = [sandbox.merchant().clone(), sandbox.add_merchant(Scheme::Rsa).unwrap()];
    let folder = Folder::new();
    let sections = merchants.iter().map(|merchant| folder.merchant(&sandbox, merchant));
    let sections: Vec<_> = sections.collect();
    folder.write("complaints.toml", sections.join("\n"));
    (sandbox, merchants, folder)
}
