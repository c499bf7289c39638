//! `sandbox`: the simulated platforms, until stopped.

use std::path::{Path, PathBuf};

use clap::Args;
use platform_sandbox::{NewComplaint, NewOrderComplaint, Sandbox, SandboxConfig};
use serde::Serialize;

use crate::error::Error;
use crate::runtime;
use crate::runtime::Stop;
use crate::view::output;
use crate::view::output::visible;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The port of 127.0.0.1 to listen on; 0 for a free one.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) port: u16,

    /// The folder that the configuration is written to.
    #[arg(long, value_name = "DIR", default_value = "sandbox")]
    pub(crate) folder: PathBuf,

    /// The speed of resending compared with the real platform: 10 is ten times faster, 0.5 is half
    /// as fast.
    #[arg(long, value_name = "F", default_value_t = 1.0, value_parser = time_scale)]
    pub(crate) time_scale: f64,
}

/// Printed once it runs.
#[derive(Serialize)]
struct Running<'a> {
    base_url: String,
    configuration: &'a str,
    /// Complaints that exist from the start.
    complaints: [String; 2],
    /// The same at Allinpay, and with the Mini Program.
    allinpay_complaints: [String; 1],
    mini_program_complaints: [String; 1],
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Error> {
    spare_foreign_configuration(&arguments.folder)?;
    runtime::block_on(async {
        let stop = Stop::listen()?;
        let config = SandboxConfig::default().with_port(arguments.port).with_time_scale(arguments.time_scale);
        let sandbox = Sandbox::start(config).await.map_err(Error::usage)?;
        sandbox.write_configuration(&arguments.folder).map_err(|error| {
            Error::usage(format_args!("cannot write the configuration to {}: {error}", arguments.folder.display()))
        })?;
        let configuration = arguments.folder.join("complaints.toml").display().to_string();
        let complaints = [
            sandbox.file_complaint(
                NewComplaint::default()
                    .with_complaint_detail("重复扣费，请退还多扣的一笔")
                    .with_amount(2990)
                    .with_refund(2990)
                    .with_payer_phone("13900001234"),
            ),
            sandbox.file_complaint(NewComplaint::default().with_complaint_detail("充值一直没有到账").with_amount(500)),
        ];
        let new = NewComplaint::default().with_complaint_detail("会员没有开通").with_amount(1500).with_refund(1500);
        let allinpay = sandbox.file_allinpay_complaint(new, &sandbox.allinpay().cusid).map_err(Error::usage)?;
        let order = sandbox.file_order_complaint(NewOrderComplaint::default().with_content("收到的商品与描述不符"));
        let running = Running {
            base_url: sandbox.base_url(),
            configuration: &configuration,
            complaints,
            allinpay_complaints: [allinpay],
            mini_program_complaints: [order],
        };
        output::print_either(&running, || instructions(&running))?;
        stop.wait().await;
        sandbox.stop().await;
        Ok(())
    })
}

/// Refuses to overwrite a configuration that no sandbox wrote.
fn spare_foreign_configuration(folder: &Path) -> Result<(), Error> {
    let path = folder.join("complaints.toml");
    let is_foreign =
        std::fs::read(&path).is_ok_and(|text| !text.windows(OWN_KEY.len()).any(|window| window == OWN_KEY.as_bytes()));
    if is_foreign {
        let path = path.display();
        return Err(Error::usage(format_args!(
            "{path} is not a sandbox's, and is kept; name another folder with --folder"
        )));
    }
    Ok(())
}

/// A name that only a sandbox's configuration has.
const OWN_KEY: &str = "sandbox_merchant_key.pem";

fn instructions(running: &Running<'_>) -> String {
    let configuration = visible(running.configuration);
    let Running { base_url, complaints: [complaint, _], mini_program_complaints: [order], .. } = running;
    format!(
        "simulated platforms at {base_url}, until Ctrl-C; from another terminal:\n\n  \
         complaints --config {configuration} list\n  \
         complaints --config {configuration} reply {complaint} --text '您好，已为您核实'\n  \
         complaints --config {configuration} list --via allinpay\n  \
         complaints --config {configuration} mini-program show {order}\n\n\
         to file another complaint:\n\n  \
         curl -k {base_url}/sandbox/complaints -d '{{\"complaint_detail\":\"没有收到货\",\"amount\":1990}}'"
    )
}

fn time_scale(text: &str) -> Result<f64, &'static str> {
    let scale =
        text.parse::<f64>().ok().filter(|scale| scale.is_finite() && *scale >= platform_sandbox::MIN_TIME_SCALE);
    scale.ok_or("expected a number of at least 0.001")
}
