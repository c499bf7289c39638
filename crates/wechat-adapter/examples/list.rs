//! Lists the complaints of a span of days, and shows the history of each.
//!
//! Runs against the simulated platform: `cargo run -p wechat-adapter --example list`.
#![allow(clippy::print_stdout, reason = "an example tells what it does")]

mod platform;

use std::error::Error;
use std::pin::pin;

use futures_util::StreamExt as _;
use platform_sandbox::NewComplaint;
use protocol_core::wechat_pay::ListComplaints;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let (sandbox, client) = platform::start().await?;
    sandbox.file_complaint(NewComplaint::default().with_complaint_detail("货物没有收到"));
    sandbox.file_complaint(NewComplaint::default().with_history_entries(3));

    // Both days are included, in China's time; a call takes at most 30 days.
    let now = jiff::Timestamp::now();
    let day = |days: i64| {
        let time = now + jiff::SignedDuration::from_hours(24 * days);
        jiff::tz::Offset::constant(8).to_datetime(time).date().to_string()
    };
    let mut complaints = pin!(client.complaints(ListComplaints::new(day(-7), day(1))));
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
