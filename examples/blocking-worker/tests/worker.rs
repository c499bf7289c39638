//! The job against the simulated platform, which has its own runtime. The job has none.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test's helpers fail by panicking"
)]

use std::time::{Duration, Instant};

use blocking_worker::{CallError, Client, Report, greet};
use complaint_channels::Settings;
use platform_sandbox::{Fault, FaultKind, NewComplaint, Sandbox, SandboxConfig};
use protocol_core::Delivery;
use protocol_core::call::CallError as Failed;
use protocol_core::rate::{Rate, RateGroup, Rates};
use protocol_core::wechat_pay::{ListComplaints, Respond, ResponseError};
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

struct World {
    sandbox: Sandbox,
    client: Client,
    runtime: Runtime,
}

impl World {
    fn new() -> Self {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let sandbox = runtime.block_on(Sandbox::start(SandboxConfig::default())).unwrap();
        let client = client(&sandbox, |settings| settings).with_rates(Rates::NONE);
        Self { sandbox, client, runtime }
    }

    fn file(&self) -> String {
        self.sandbox.file_complaint(NewComplaint::default())
    }

    fn run(&self) -> Report {
        greet(&self.client, "您好").unwrap()
    }

    /// The number of replies to the payer.
    fn replies(&self, number: &str) -> usize {
        self.sandbox.history(number).iter().filter(|entry| entry["operate_type"] == "MERCHANT_RESPONSE").count()
    }

    fn asked(&self, operation: &str) -> usize {
        self.sandbox.requests().iter().filter(|request| request.operation == operation).count()
    }
}

/// A client with the sandbox's configuration file, changed.
fn client(sandbox: &Sandbox, change: impl FnOnce(String) -> String) -> Client {
    let folder = TempDir::new().unwrap();
    sandbox.write_configuration(folder.path()).unwrap();
    let path = folder.path().join("complaints.toml");
    std::fs::write(&path, change(std::fs::read_to_string(&path).unwrap())).unwrap();
    Client::new(&Settings::from_file(path).unwrap().wechat_pay(None).unwrap()).unwrap()
}

#[test]
fn the_job_keeps_to_its_rate() {
    let world = World::new();
    let at =
        |rate| client(&world.sandbox, |settings| settings).with_rates(Rates::NONE.with(RateGroup::Reply, Some(rate)));
    (0..4).for_each(|_| drop(world.file()));
    let none = greet(&at(Rate::per_second(0)), "您好").unwrap();
    assert!(none.failed.iter().all(|(_, error)| matches!(error, Failed::OverRate { .. })), "{none:?}");
    assert_eq!((none.failed.len(), world.asked("respond")), (4, 0));
    let began = Instant::now();
    let report = greet(&at(Rate::per_second(10).with_burst(1)), "您好").unwrap();
    assert_eq!(report.greeted.len(), 4);
    assert!(began.elapsed() >= Duration::from_millis(300), "{:?}", began.elapsed());
}

#[test]
fn each_payer_is_replied_to_once() {
    let world = World::new();
    let numbers: Vec<String> = (0..60).map(|_| world.file()).collect();
    let report = world.run();
    assert_eq!((report.listed, report.greeted.len()), (60, 60));
    assert!(numbers.iter().all(|number| world.replies(number) == 1));
    assert!(world.run().greeted.is_empty());
    assert!(numbers.iter().all(|number| world.replies(number) == 1));
}

#[test]
fn a_reply_whose_response_was_lost_is_found_and_not_sent_again() {
    let world = World::new();
    let number = world.file();
    for kind in [FaultKind::DropConnection, FaultKind::ForgedSignature] {
        world.sandbox.user_continues(&number, "还没有解决").unwrap();
        let before = world.replies(&number);
        world.sandbox.inject(Fault::once(kind).on::<Respond>().after_effect());
        let report = world.run();
        assert_eq!((report.greeted.len(), report.unknown.len()), (1, 0), "{report:?}");
        assert_eq!(world.replies(&number), before + 1);
        assert!(world.run().greeted.is_empty());
        assert_eq!(world.replies(&number), before + 1);
    }
}

#[test]
fn a_reply_that_never_arrived_is_sent_again_after_a_look() {
    let world = World::new();
    let number = world.file();
    world.sandbox.inject(Fault::once(FaultKind::DropConnection).on::<Respond>());
    assert_eq!(world.run().greeted, [number.as_str()]);
    assert_eq!((world.asked("respond"), world.replies(&number)), (2, 1));
}

#[test]
fn a_refusal_in_proven_words_is_waited_out() {
    let world = World::new();
    let number = world.file();
    world.sandbox.inject(Fault::once(FaultKind::RateLimited { retry_after: Some(1), signed: true }).on::<Respond>());
    assert_eq!(world.run().greeted, [number.as_str()]);
    assert_eq!((world.asked("respond"), world.replies(&number)), (2, 1));
}

#[test]
fn a_list_with_a_forged_signature_is_not_believed() {
    let world = World::new();
    world.file();
    world.sandbox.inject(Fault::once(FaultKind::ForgedSignature).on::<ListComplaints>());
    let refused = greet(&world.client, "您好").unwrap_err();
    assert!(matches!(refused, CallError::Response(ResponseError::Verification(_))), "{refused}");
    assert_eq!(world.asked("respond"), 0);
}

#[test]
fn nothing_was_sent_if_no_server_listens() {
    let world = World::new();
    world.runtime.block_on(world.sandbox.stop());
    let error = greet(&world.client, "您好").unwrap_err();
    assert!(matches!(error, CallError::Send(_)) && error.failure().delivery == Delivery::NotSent, "{error}");
}

/// Every configuration except the sandbox's has the public roots.
#[test]
fn with_the_public_roots_the_sandboxs_certificate_is_an_error() {
    let world = World::new();
    let with_public_roots = client(&world.sandbox, |settings| settings.replace("root_certificate = ", "# "));
    let error = greet(&with_public_roots, "您好").unwrap_err();
    assert!(error.to_string().contains("certificate"), "{error}");
    assert!(world.sandbox.requests().is_empty());
}
