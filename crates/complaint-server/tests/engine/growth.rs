//! What an engine takes: its memory with many complaints, and with many merchants.

use std::fmt::Write as _;
use std::fs;

use platform_sandbox::NewComplaint;
use protocol_core::OperationInfo as _;
use protocol_core::wechat_pay::{ListComplaints, Scheme};

use crate::process::Process;
use crate::world::World;

/// The most that an engine's memory grows from some complaints to ten times as many, in KiB. The
/// documents of the shorter test would take more.
const MOST_GROWTH: u64 = 4 * 1024;

/// Characters of a complaint's text, and entries of its history.
const LONG: usize = 300;
const ENTRIES: usize = 100;

#[tokio::test(flavor = "multi_thread")]
async fn memory_stays_flat_over_some_complaints() {
    memory_stays_flat(30).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a long load"]
async fn memory_stays_flat_over_five_thousand_complaints() {
    memory_stays_flat(500).await;
}

/// Over the channel of virtual payment, which has no rate.
async fn memory_stays_flat(few: usize) {
    let world = World::new().await;
    let mut engine = Process::start(&world.path(""), 1);
    let mut filed = 0;
    let mut resident = [0, 0];
    for (memory, complaints) in resident.iter_mut().zip([few, 10 * few]) {
        while filed < complaints {
            let long = NewComplaint::default().with_complaint_detail("字".repeat(LONG)).with_history_entries(ENTRIES);
            world.sandbox.file_virtual_payment_complaint(long).unwrap();
            filed += 1;
        }
        *memory = engine.told(|told| told.open == complaints && told.due == 0).resident;
    }
    println!("{} KiB with {few} complaints, {} KiB with ten times as many", resident[0], resident[1]);
    assert!(resident[1] <= resident[0] + MOST_GROWTH, "{resident:?}");
}

/// The most memory that one more merchant takes, in KiB.
const MOST_OF_A_MERCHANT: u64 = 64;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a long load"]
async fn a_hundred_merchants_take_one_request_a_sweep_and_little_memory() {
    const SWEEPS: usize = 5;

    let mut resident = Vec::new();
    for merchants in [1, 10, 100] {
        let world = World::new().await;
        configure(&world, merchants);
        let mut engine = Process::start(&world.path(""), 3);
        world.until(async |world| world.asked(ListComplaints::NAME) >= merchants).await;
        let (began, before) = (engine.processor_time(), world.sandbox.requests().len());
        world.until(async |world| world.asked(ListComplaints::NAME) >= (1 + SWEEPS) * merchants).await;
        let (took, requests) = (engine.processor_time() - began, world.sandbox.requests().len() - before);
        let told = engine.told(|told| told.open == 0);
        let each = took / u32::try_from(SWEEPS * merchants).unwrap();
        println!("{merchants} merchants: {} KiB, {requests} requests, {each:?} a sweep", told.resident);
        assert!(requests <= (SWEEPS + 1) * merchants, "{requests}");
        resident.push(told.resident);
    }
    assert!(resident[2] <= resident[1] + 90 * MOST_OF_A_MERCHANT, "{resident:?}");
}

/// Configures so many merchants of WeChat Pay, with a private key each, and nothing else.
fn configure(world: &World, merchants: usize) {
    let platform_key = world.sandbox.platform_key();
    let write = |name: &str, content: &str| fs::write(world.path(name), content).unwrap();
    write("platform.pem", &platform_key.public_key_pem);
    let mut configuration = String::new();
    for number in 0..merchants {
        let merchant = world.sandbox.add_merchant(Scheme::Rsa).unwrap();
        write(&format!("{number}.pem"), &merchant.private_key_pem);
        write(&format!("{number}.key"), &merchant.api_v3_key);
        writeln!(
            configuration,
            "[[wechat-pay]]\nmchid = \"{}\"\nserial_no = \"{}\"\nprivate_key = \"{number}.pem\"\n\
             apiv3_key_file = \"{number}.key\"\nbase_url = \"{}\"\nroot_certificate = \"sandbox_root.pem\"\n\
             platform_keys = [{{ id = \"{}\", file = \"platform.pem\" }}]\n",
            merchant.mchid,
            merchant.serial_no,
            world.sandbox.base_url(),
            platform_key.id
        )
        .unwrap();
    }
    write("complaints.toml", &configuration);
}
