//! A simulated platform in this process, and a folder configured for it.

use platform_sandbox::{AllinpayAccount, NewComplaint, NewOrderComplaint, Sandbox, SandboxConfig};
use serde_json::Value;
use tokio::runtime::Runtime;

use crate::fixture::{Folder, Outcome};

pub(crate) struct Platform {
    pub(crate) sandbox: Sandbox,
    pub(crate) folder: Folder,
    /// It serves as long as this lives.
    _runtime: Runtime,
}

impl Platform {
    pub(crate) fn new() -> Self {
        Self::with(SandboxConfig::default())
    }

    pub(crate) fn with(config: SandboxConfig) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        // A busy machine causes no second delivery.
        let config = config.with_delivery_timeout(std::time::Duration::from_secs(120));
        let sandbox = runtime.block_on(Sandbox::start(config)).unwrap();
        let folder = Folder::new();
        sandbox.write_configuration(folder.path()).unwrap();
        Self { sandbox, folder, _runtime: runtime }
    }

    /// With a complaint that asks for a refund; its id.
    pub(crate) fn with_complaint() -> (Self, String) {
        let platform = Self::new();
        let complaint = NewComplaint::default().with_complaint_detail("重复扣费").with_refund(2990);
        let id = platform.sandbox.file_complaint(complaint.with_payer_phone("13900001234"));
        (platform, id)
    }

    /// With a complaint at Allinpay that asks for a refund; its id.
    pub(crate) fn with_allinpay_complaint() -> (Self, String) {
        let platform = Self::new();
        let complaint = NewComplaint::default().with_complaint_detail("充值没有到账").with_refund(2990);
        let complaint = complaint.with_payer_phone("13900001234");
        let id = platform.sandbox.file_allinpay_complaint(complaint, &platform.sandbox.allinpay().cusid).unwrap();
        (platform, id)
    }

    /// With a complaint of the Mini Program; its number.
    pub(crate) fn with_order_complaint() -> (Self, String) {
        let platform = Self::new();
        let complaint = NewOrderComplaint::default().with_content("收到的商品与描述不符");
        let id = platform.sandbox.file_order_complaint(complaint.with_phone_number("13900001234"));
        (platform, id)
    }

    /// Makes the command line this caller of Allinpay's.
    pub(crate) fn speak_as(&self, account: &AllinpayAccount) {
        self.folder.write("caller.key", &account.private_key);
        self.folder.write("gateway.pub", &account.platform_key);
        let orgid = account.orgid.as_ref().map(|orgid| format!("orgid = \"{orgid}\"\n")).unwrap_or_default();
        self.folder.write(
            "complaints.toml",
            format!(
                "[allinpay]\nappid = \"{}\"\ncusid = \"{}\"\n{orgid}sign_type = \"{}\"\nprivate_key = \"caller.key\"\n\
                 platform_key = \"gateway.pub\"\nbase_url = \"{}/cusapi\"\nroot_certificate = \"root.pem\"\n",
                account.appid,
                account.cusid,
                account.sign_type.as_str(),
                self.sandbox.base_url()
            ),
        );
        self.folder.write("root.pem", self.sandbox.root_certificate());
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Outcome {
        self.folder.run(arguments)
    }

    /// Replaces a line of the configuration by its beginning.
    pub(crate) fn configure(&self, beginning: &str, line: &str) {
        let text = std::fs::read_to_string(self.folder.path().join("complaints.toml")).unwrap();
        let mut changed: Vec<_> = text.lines().map(|old| if old.starts_with(beginning) { line } else { old }).collect();
        changed.push("");
        assert_ne!(changed.join("\n"), text);
        self.folder.write("complaints.toml", changed.join("\n"));
    }

    /// Takes the platform's keys out of the configuration.
    pub(crate) fn forget_platform_keys(&self) {
        let text = std::fs::read_to_string(self.folder.path().join("complaints.toml")).unwrap();
        self.folder.write("complaints.toml", text.split("[[wechat-pay.platform_keys]]").next().unwrap());
    }

    /// The operations that the platform was asked for, in order.
    pub(crate) fn operations(&self) -> Vec<&'static str> {
        self.sandbox.requests().iter().map(|request| request.operation).collect()
    }

    /// Whether only reads reached the platform.
    pub(crate) fn was_only_asked(&self) -> bool {
        let of_allinpay = ["wxcomplaintlistquery", "wxcomplaintdetail", "wxcomplainthistory"];
        let asks = |name: &&str| {
            ["get_", "list_", "query_"].iter().any(|start| name.starts_with(start)) || of_allinpay.contains(name)
        };
        self.operations().iter().all(asks)
    }

    /// The merchant's replies in the complaint's history.
    pub(crate) fn said(&self, complaint_id: &str) -> Vec<Value> {
        let history = self.sandbox.history(complaint_id);
        history.into_iter().filter(|entry| entry["operate_type"] == "MERCHANT_RESPONSE").collect()
    }
}

/// The least that is taken for a picture.
pub(crate) const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\npixels";
