//! The service in Rust, as a process.

use std::process::Command;

use platform_sandbox::NewComplaint;

use crate::world::{Process, World};

fn start(world: &World) -> (Process, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_first-reply"));
    Process::start(command.arg(world.file("complaints.toml")), "listening at ")
}

#[tokio::test(flavor = "multi_thread")]
async fn each_complaint_has_one_reply_though_the_service_is_killed() {
    let world = World::new("").await;
    // This one was filed before there was a service.
    let mut filed = vec![world.sandbox.file_complaint(NewComplaint::default())];
    for _ in 0..2 {
        let (process, address) = start(&world);
        world.register(address.strip_prefix("https://").unwrap().parse().unwrap()).await;
        filed.push(world.sandbox.file_complaint(NewComplaint::default()));
        world.until(async || filed.iter().all(|id| !world.replies(id).is_empty())).await;
        drop(process);
    }
    for id in &filed {
        assert_eq!(world.replies(id), ["您好，您的投诉已收到，我们会在 24 小时内处理。"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_complaint_that_has_a_reply_gets_none() {
    let world = World::new("").await;
    let [old, new] = [(); 2].map(|()| world.sandbox.file_complaint(NewComplaint::default()));
    world.reply(&old, "已退款").await;
    let (_process, _) = start(&world);
    world.until(async || !world.replies(&new).is_empty()).await;
    assert_eq!(world.replies(&old), ["已退款"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_ends_when_it_is_told_to() {
    let world = World::new("").await;
    let (mut process, _) = start(&world);
    let told = Command::new("kill").arg(process.0.id().to_string()).status().unwrap();
    assert!(told.success());
    let ended = tokio::task::spawn_blocking(move || process.0.wait()).await.unwrap().unwrap();
    assert!(ended.success(), "{ended}");
}
