//! `sandbox`: the simulated platforms, until stopped.

pub(super) mod exchanges;
mod folder;
mod trigger;

use std::path::PathBuf;

use clap::{Args, Subcommand};
use platform_sandbox::SandboxConfig;
use serde::Serialize;

pub(super) use self::folder::{Filed, SandboxFolder};
#[cfg(feature = "serve")]
pub(super) use self::folder::{cannot, write_private};
use crate::error::Error;
use crate::language::{say, say_with};
use crate::runtime;
use crate::runtime::Stop;
use crate::view::output;
use crate::view::output::visible;

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,

    #[command(flatten)]
    options: Options,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Have something happen at the sandbox that runs: a payer responds, a push is lost, an outage.
    Trigger(trigger::Arguments),
}

#[derive(Debug, Args)]
struct Options {
    /// The port of 127.0.0.1 to listen on; 0 for a free one.
    #[arg(long, value_name = "N", default_value_t = 0)]
    port: u16,

    /// The folder of the configuration, the keys and the complaints. The next start goes on with
    /// what is there.
    #[arg(long, value_name = "DIR", default_value = "sandbox")]
    folder: PathBuf,

    /// The speed of resending compared with the real platform: 10 is ten times faster, 0.5 is half
    /// as fast.
    #[arg(long, value_name = "F", default_value_t = 1.0, value_parser = time_scale)]
    time_scale: f64,

    /// Write no line for each request and each delivery.
    #[arg(long)]
    quiet: bool,
}

/// Printed once it runs.
#[derive(Serialize)]
struct Running<'a> {
    base_url: String,
    configuration: &'a str,
    #[serde(skip)]
    folder: String,
    #[serde(flatten)]
    filed: Filed,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Error> {
    match &arguments.command {
        Some(Command::Trigger(trigger)) => trigger::run(trigger),
        None => simulate(&arguments.options),
    }
}

/// Simulates the platforms until it is stopped.
fn simulate(options: &Options) -> Result<(), Error> {
    let folder = SandboxFolder::hold(&options.folder)?;
    runtime::block_on(async {
        let stop = Stop::listen()?;
        let config = SandboxConfig::default().with_port(options.port).with_time_scale(options.time_scale);
        let config = if options.quiet { config } else { config.with_observer(exchanges::writer()) };
        let sandbox = folder.start(config).await?;
        let configuration = folder.path().join("complaints.toml").display().to_string();
        let filed = folder.file_first(&sandbox)?;
        let path = folder.path().display().to_string();
        let running = Running { base_url: sandbox.base_url(), configuration: &configuration, folder: path, filed };
        output::print_either(&running, || instructions(&running))?;
        stop.wait().await;
        sandbox.stop().await;
        Ok(())
    })
}

fn instructions(running: &Running<'_>) -> String {
    let configuration = visible(running.configuration);
    let Running { base_url, filed, .. } = running;
    let first = |numbers: &[String]| visible(numbers.first().map_or("NUMBER", String::as_str));
    let (complaint, order) = (first(&filed.complaints), first(&filed.mini_program_complaints));
    format!(
        "{}\n\n  \
         complaints --config {configuration} list\n  \
         complaints --config {configuration} reply {complaint} --text '您好，已为您核实'\n  \
         complaints --config {configuration} list --via allinpay\n  \
         complaints --config {configuration} list --via virtual-payment\n  \
         complaints --config {configuration} mini-program show {order}\n\n{}",
        say_with("sandbox-until", [("url", base_url.as_str().into())]),
        trigger_and_file(base_url, &running.folder)
    )
}

/// How to have something happen at the platforms that run in a folder.
pub(super) fn trigger_and_file(base_url: &str, folder: &str) -> String {
    let folder = visible(folder);
    format!(
        "{}\n\n  \
         complaints sandbox trigger --list\n  \
         complaints sandbox trigger payer-responds --folder '{folder}'\n\n\
         {}\n\n  \
         curl -k {base_url}/sandbox/complaints -d '{{\"complaint_detail\":\"没有收到货\",\"amount\":1990}}'",
        say("sandbox-trigger"),
        say("sandbox-file")
    )
}

fn time_scale(text: &str) -> Result<f64, &'static str> {
    let scale =
        text.parse::<f64>().ok().filter(|scale| scale.is_finite() && *scale >= platform_sandbox::MIN_TIME_SCALE);
    scale.ok_or("expected a number of at least 0.001")
}
