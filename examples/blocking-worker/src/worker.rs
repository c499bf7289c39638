//! The job: every payer who waits for a first reply gets one, once.

use std::collections::BTreeMap;

use protocol_core::Delivery;
use protocol_core::complaint::{Complaint, ComplaintState, UnreadableRow};
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
    /// Waiting, but not replied to: the platform does not say which merchant they complain about, and a reply has to.
    pub unnamed: Vec<String>,
    /// Not replied to.
    pub failed: Vec<(String, CallError)>,
    /// Listed in a form that cannot be read: nobody knows whether they wait.
    pub unreadable: Vec<UnreadableRow>,
}

/// Replies to each complaint that waits for its first reply.
///
/// The platform's own state is all that is remembered from run to run: a complaint is `PENDING` until its first reply arrived.
/// So a reply whose answer was lost is not sent again by this run, and by the next one only if it is not there.
///
/// # Errors
/// [`CallError`] where the list cannot be read.
pub fn greet(client: &Client, text: &str) -> Result<Report, CallError> {
    let (complaints, unreadable) = list(client)?;
    let listed = complaints.len();
    let (waiting, unnamed) = waiting(complaints);
    let mut report = Report { listed, unnamed, unreadable, ..Report::default() };
    for (number, accused) in waiting {
        match client.call(&Respond::new(&number, accused, text)) {
            Ok(()) => report.greeted.push(number),
            Err(error) if error.delivery() == Delivery::Unknown => report.unknown.push((number, error)),
            Err(error) => report.failed.push((number, error)),
        }
    }
    Ok(report)
}

/// The complaints that wait for a first reply: those with the merchant they are against, and the numbers of those without.
///
/// The own number is no substitute: a service provider's list has the complaints about its merchants.
fn waiting(complaints: BTreeMap<String, Complaint>) -> (Vec<(String, String)>, Vec<String>) {
    let (mut named, mut unnamed) = (Vec::new(), Vec::new());
    for (number, complaint) in complaints {
        match (complaint.complaint_state, complaint.complainted_mchid) {
            (Some(ComplaintState::Pending), Some(accused)) => named.push((number, accused)),
            (Some(ComplaintState::Pending), None) => unnamed.push(number),
            // Somebody has to look: it may wait for a reply.
            (Some(ComplaintState::Unreadable(_)), _) => unnamed.push(number),
            _ => {}
        }
    }
    (named, unnamed)
}

/// Each once, although new complaints push others to the next page.
fn list(client: &Client) -> Result<(BTreeMap<String, Complaint>, Vec<UnreadableRow>), CallError> {
    let (mut complaints, mut unreadable) = (BTreeMap::new(), BTreeMap::new());
    let mut offset = 0;
    let mut total = 0;
    loop {
        let (begin_date, end_date) = (day(-DAYS + 1), day(0));
        let list = ListComplaints::new(begin_date, end_date).with_limit(PAGE).with_offset(offset);
        let page = client.call(&list)?;
        let rows = u32::try_from(page.data.len() + page.unreadable.len()).unwrap_or(u32::MAX);
        offset += rows;
        // Only the first page tells how many there are.
        total = page.total_count.unwrap_or(total);
        // A platform that gives less than was asked for is not at its end.
        let is_last = rows == 0 || (rows < PAGE && i64::from(offset) >= total);
        complaints.extend(page.data.into_iter().map(|complaint| (complaint.complaint_id.clone(), complaint)));
        unreadable.extend(page.unreadable.into_iter().map(|row| (row.identity().to_owned(), row)));
        if is_last {
            break;
        }
    }
    Ok((complaints, unreadable.into_values().collect()))
}

/// A day in China, so many days from today.
fn day(days: i64) -> String {
    let time = jiff::Timestamp::now().saturating_add(jiff::SignedDuration::from_hours(24 * days));
    let time = time.unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    jiff::tz::Offset::constant(8).to_datetime(time).date().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_waits_is_replied_to_or_reported() {
        let page = r#"[
            {"complaint_id": "1", "complaint_state": "PENDING", "complainted_mchid": "1900000001"},
            {"complaint_id": "2", "complaint_state": "PENDING"},
            {"complaint_id": "3", "complaint_state": "PROCESSED"}
        ]"#;
        let page: Vec<Complaint> = serde_json::from_str(page).unwrap();
        let complaints = page.into_iter().map(|complaint| (complaint.complaint_id.clone(), complaint)).collect();
        let named = vec![("1".to_owned(), "1900000001".to_owned())];
        assert_eq!(waiting(complaints), (named, vec!["2".to_owned()]));
    }
}
