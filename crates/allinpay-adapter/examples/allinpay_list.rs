//! Lists the complaints of a span of time, and shows the history of each.
//!
//! Runs against the simulated gateway: `cargo run -p allinpay-adapter --example allinpay_list`.
#![allow(clippy::print_stdout, reason = "an example tells what it does")]

mod gateway;

use std::error::Error;
use std::pin::pin;

use futures_util::StreamExt as _;
use platform_sandbox::NewComplaint;
use protocol_core::allinpay::WxComplaintList;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let (sandbox, client) = gateway::start().await?;
    gateway::file(&sandbox, NewComplaint::default().with_complaint_detail("货物没有收到"))?;
    gateway::file(&sandbox, NewComplaint::default().with_history_entries(3))?;

    // Both times are China's; a call takes at most 30 days.
    let now = jiff::Timestamp::now();
    let moment = |days: i64| {
        let time = now + jiff::SignedDuration::from_hours(24 * days);
        jiff::tz::Offset::constant(8).to_datetime(time).strftime("%Y-%m-%d %H:%M:%S").to_string()
    };
    let mut complaints = pin!(client.complaints(WxComplaintList::new(moment(-7), moment(1))));
    let mut count = 0;
    while let Some(complaint) = complaints.next().await {
        match complaint {
            Ok(complaint) => {
                let history = client.negotiation_history(&complaint.complaint_id).count().await;
                println!("{}: {:?}, {history} entries", complaint.complaint_id, complaint.complaint_state);
                count += 1;
            }
            // Rows that cannot be read come last. The others stand.
            Err(error) if error.leaves_the_others() => println!("{error}"),
            Err(error) => return Err(error.into()),
        }
    }
    sandbox.stop().await;
    if count == 2 { Ok(()) } else { Err("two complaints were filed".into()) }
}
