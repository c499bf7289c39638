//! The job: every payer who waits for a first reply gets one, once.

use std::collections::BTreeMap;

use protocol_core::Delivery;
use protocol_core::complaint::{Complaint, ComplaintState};
use protocol_core::wechat_pay::{ListComplaints, Respond};

use crate::client::{CallError, Client};

/// The platform's largest page, and longest span.
const PAGE: u32 = 50;
const DAYS: i64 = 30;

/// What came of a run.
#[derive(Debug, Default)]
pub struct Report {
    /// Complaints of the last 30 days.
    pub listed: usize,
    /// Replied to now.
    pub greeted: Vec<String>,
    /// Perhaps replied to: the next run sees it.
    pub unknown: Vec<(String, CallError)>,
    /// Not replied to.
    pub failed: Vec<(String, CallError)>,
}

/// Replies to each complaint that waits for its first reply.
///
/// The platform's own state is all that is remembered from run to run: a complaint is `PENDING` until its first reply arrived.
/// So a reply whose answer was lost is not sent again by this run, and by the next one only if it is not there.
///
/// # Errors
/// [`CallError`] where the list cannot be read.
pub fn greet(client: &Client, text: &str) -> Result<Report, CallError> {
    let complaints = list(client)?;
    let mut report = Report { listed: complaints.len(), ..Report::default() };
    for complaint in complaints.into_values() {
        let (Some(ComplaintState::Pending), Some(accused)) = (complaint.complaint_state, complaint.complainted_mchid)
        else {
            continue;
        };
        let reply = Respond::new(&complaint.complaint_id, accused, text);
        match client.call(&reply) {
            Ok(()) => report.greeted.push(complaint.complaint_id),
            Err(error) if error.delivery() == Delivery::Unknown => report.unknown.push((complaint.complaint_id, error)),
            Err(error) => report.failed.push((complaint.complaint_id, error)),
        }
    }
    Ok(report)
}

/// Each once, although new complaints push others to the next page.
fn list(client: &Client) -> Result<BTreeMap<String, Complaint>, CallError> {
    let mut complaints = BTreeMap::new();
    for offset in (0..).step_by(PAGE as usize) {
        let (begin_date, end_date) = (day(-DAYS + 1), day(0));
        let list = ListComplaints::new(begin_date, end_date).with_limit(PAGE).with_offset(offset);
        let page = client.call(&list)?.data;
        let is_last = page.len() < PAGE as usize;
        complaints.extend(page.into_iter().map(|complaint| (complaint.complaint_id.clone(), complaint)));
        if is_last {
            break;
        }
    }
    Ok(complaints)
}

/// A day in China, so many days from today.
fn day(days: i64) -> String {
    let time = jiff::Timestamp::now().saturating_add(jiff::SignedDuration::from_hours(24 * days));
    let time = time.unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    jiff::tz::Offset::constant(8).to_datetime(time).date().to_string()
}
