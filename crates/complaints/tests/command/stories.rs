//! Each story of `sandbox trigger`, as the server sees it.
#![cfg(unix)]

use std::fs;
use std::sync::OnceLock;
use std::time::Duration;

use bytes::Bytes;
use http_transport::{ClientConfig, HttpsClient, Roots};
use platform_sandbox::Story;
use serde_json::{Value, json};

use crate::fixture::Folder;
use crate::served::{Served, wait_for};

/// A server with the simulated platforms.
struct Trial {
    folder: Folder,
    served: Served,
    token: String,
    client: OnceLock<(tokio::runtime::Runtime, HttpsClient)>,
}

impl Trial {
    fn start() -> Self {
        let folder = Folder::new();
        let served = Served::start(&folder, &["serve", "--sandbox", "--folder", "trial"]);
        let token = fs::read_to_string(folder.path().join("trial/api.token")).unwrap();
        Self { folder, served, token, client: OnceLock::new() }
    }

    /// Tells a story. Returns the addresses of its complaints.
    fn trigger(&self, name: &str, options: &[&str]) -> Vec<String> {
        let arguments = ["sandbox", "trigger", name, "--folder", "trial"];
        let told = self.folder.run(&[&arguments, options].concat()).json();
        let text = |name: &str| told[name].as_str().unwrap().to_owned();
        let (channel, merchant) = (text("channel"), text("merchant"));
        let complaints = told["complaints"].as_array().unwrap().iter();
        complaints.map(|id| format!("/api/complaints/{channel}/{merchant}/{}", id.as_str().unwrap())).collect()
    }

    /// Waits until the complaint is read and like this.
    #[expect(clippy::print_stdout, reason = "the name stands in the output of a failure")]
    fn wait(&self, name: &str, address: &str, is_so: impl Fn(&Value) -> bool) {
        wait_for(|| {
            let (status, complaint) = self.served.get(address, &self.token);
            let is_read = status == 200 && !complaint["document"].is_null();
            (is_read && is_so(&complaint)).then_some(()).or_else(|| {
                println!("{name}: waiting for {address}");
                None
            })
        });
    }

    /// A log of the simulated platforms.
    fn sent(&self, log: &str) -> Vec<Value> {
        let (runtime, client) = self.client.get_or_init(|| {
            let runtime = tokio::runtime::Runtime::new().unwrap();
            let root = fs::read(self.folder.path().join("trial/sandbox_root.pem")).unwrap();
            (runtime, HttpsClient::new(ClientConfig::default().with_roots(Roots::Pem(root))).unwrap())
        });
        let url = format!("{}/sandbox/{log}", self.served.ready["sandbox"].as_str().unwrap());
        let request = http::Request::get(url).body(Bytes::new()).unwrap();
        let response = runtime.block_on(client.send(request)).unwrap();
        serde_json::from_slice::<Value>(response.body()).unwrap()["data"].as_array().unwrap().clone()
    }

    /// Waits until the log has so many attempts about this complaint. Returns their statuses.
    fn attempts(&self, log: &str, address: &str, count: usize) -> Vec<Value> {
        let id = address.rsplit('/').next().unwrap();
        let is_about =
            |sent: &&Value| ["complaint_id", "complaint_order_id", "task_id"].iter().any(|member| sent[*member] == id);
        wait_for(|| {
            let sent = self.sent(log);
            let statuses = sent.iter().filter(is_about).map(|sent| match &sent["status"] {
                status if log == "notifications" => status.clone(),
                _ => sent["http_status"].clone(),
            });
            let statuses: Vec<_> = statuses.collect();
            (statuses.len() >= count).then_some(statuses)
        })
    }
}

fn has(complaint: &Value, kind: &str) -> bool {
    complaint["history"].as_array().unwrap().iter().any(|entry| entry["kind"] == kind)
}

fn words(complaint: &Value) -> &str {
    complaint["document"]["complaint_detail"].as_str().unwrap()
}

/// What the server has after a story.
type Seen = fn(&Value) -> bool;

#[rustfmt::skip]
const SEEN: &[(&str, Seen)] = &[
    ("complaint", |seen| seen["state"] == "PENDING" && seen["document"]["payer_phone"].is_string()),
    ("complaint-pictures", |seen| seen["pictures"].as_array().is_some_and(|all| all.len() == 3 && all.iter().all(|one| one["state"] == "kept"))),
    ("complaint-long", |seen| words(seen).chars().count() == 10_000),
    ("complaint-html", |seen| words(seen).starts_with("<script>")),
    ("complaint-rtl", |seen| words(seen).contains('\u{202e}')),
    ("urgent", |seen| seen["document"]["need_immediate_service"] == true && has(seen, "USER_RESPONSE")),
    ("deadline-near", |seen| seen["deadline"] == "near"),
    ("deadline-over", |seen| seen["deadline"] == "over"),
    ("payer-responds", |seen| has(seen, "USER_RESPONSE")),
    ("complaint-revoked", |seen| has(seen, "USER_REVOKE_COMPLAINT") && seen["is_open"] == false),
    ("payer-continues", |seen| has(seen, "USER_CONTINUE_COMPLAINT") && seen["is_open"] == true),
    ("refund-requested", |seen| seen["document"]["problem_type"] == "REFUND"),
    ("refund-fails", |seen| has(seen, "MERCHANT_APPROVE_REFUND") && has(seen, "PLATFORM_RESPONSE") && seen["is_open"] == true),
    ("refund-arrives", |seen| has(seen, "COMPLAINT_REFUND_RECEIVED_SYSTEM_MESSAGE") && seen["is_open"] == false),
    ("platform-steps-in", |seen| seen["document"]["in_platform_service"] == true),
    ("platform-completes", |seen| has(seen, "PLATFORM_SERVICE_FINISHED") && seen["is_open"] == false),
    ("mini-program", |seen| seen["state"] == "201"),
    ("mini-program-responds", |seen| has(seen, "2")),
    ("mini-program-appeal", |seen| seen["document"]["complaintOrder"]["appealState"] == 401),
    ("virtual-payment", |seen| seen["state"] == "PENDING"),
    ("virtual-payment-responds", |seen| has(seen, "USER_RESPONSE")),
    ("allinpay", |seen| seen["state"] == "PENDING"),
    ("alipay", |seen| seen["state"] == "WAIT_PROCESS"),
    ("alipay-overdue", |seen| seen["state"] == "OVERDUE"),
    ("alipay-dropped", |seen| seen["state"] == "DROP_COMPLAIN"),
];

/// What the platforms' log has after a story: the statuses of the first attempts.
#[rustfmt::skip]
const SENT: &[(&str, &str, &[u16])] = &[
    ("lost-push", "notifications", &[]),
    ("duplicate-push", "notifications", &[204, 204]),
    ("forged-signature", "notifications", &[401]),
    ("signature-probe", "notifications", &[401]),
    // The configuration has the platform's public key, and no certificate.
    ("rotated-certificate", "notifications", &[401]),
    ("mini-program-forged", "pushes", &[401, 200]),
    ("alipay-forged", "notices", &[401]),
];

/// The documented states of the Mini Program's complaints.
const STATES: [u32; 31] = [
    101, 102, 103, 104, 105, 106, 107, 108, 109, 112, 115, 116, 201, 202, 203, 204, 205, 206, 207, 208, 209, 305, 307,
    308, 309, 310, 311, 312, 206, 201, 205,
];

#[test]
fn the_server_sees_every_story() {
    let trial = Trial::start();
    for (name, is_so) in SEEN {
        if *name == "mini-program-appeal" {
            // Its push names the order, its state and the second: one in the second of the push before is
            // a copy of it.
            std::thread::sleep(Duration::from_millis(1100));
        }
        for address in trial.trigger(name, &[]) {
            trial.wait(name, &address, is_so);
        }
    }
    for state in STATES {
        let address = &trial.trigger("mini-program-status", &["--status", &state.to_string()])[0];
        trial.wait("mini-program-status", address, |seen| seen["state"].as_str() == Some(&*state.to_string()));
    }
    let first = trial.trigger("reordered-push", &[]);
    for address in &first {
        trial.wait("reordered-push", address, |_| true);
        trial.attempts("notifications", address, 1);
    }
    let order = |address: &String| {
        let id = address.rsplit('/').next().unwrap();
        trial.sent("notifications").iter().position(|sent| sent["complaint_id"] == id).unwrap()
    };
    assert!(order(&first[1]) < order(&first[0]));
    for (name, log, statuses) in SENT {
        for address in trial.trigger(name, &[]) {
            trial.wait(name, &address, |_| true);
            let sent = trial.attempts(log, &address, statuses.len());
            assert!(
                json!(sent).as_array().unwrap().starts_with(json!(statuses).as_array().unwrap()),
                "{name}: {sent:?}"
            );
            assert!(!statuses.is_empty() || sent.is_empty(), "{name}: {sent:?}");
        }
    }
    trial.trigger("virtual-payment-restricted", &[]);
    wait_for(|| {
        let (_, page) = trial.served.get("/api/letters", &trial.token);
        page["letters"].as_array().unwrap().iter().any(|letter| letter["channel"] == "virtual-payment").then_some(())
    });
    for (name, status) in [("outage", 503), ("rate-limit", 429)] {
        trial.trigger(name, &["--seconds", "5"]);
        let address = &trial.trigger("complaint", &[])[0];
        wait_for(|| trial.sent("requests").iter().any(|request| request["status"] == status).then_some(()));
        trial.wait(name, address, |_| true);
    }
    let tested = SEEN.iter().map(|row| row.0).chain(SENT.iter().map(|row| row.0));
    let others = ["mini-program-status", "reordered-push", "virtual-payment-restricted", "outage", "rate-limit"];
    let tested: Vec<_> = tested.chain(others).collect();
    let untested: Vec<_> = Story::all().map(Story::name).filter(|name| !tested.contains(name)).collect();
    assert!(untested.is_empty(), "{untested:?}");
}
