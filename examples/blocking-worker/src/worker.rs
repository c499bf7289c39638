//! The job: every payer who waits for a first reply gets one, once.

use protocol_core::Delivery;
use protocol_core::call::blocking;
use protocol_core::complaint::{Complaint, ComplaintState};
use protocol_core::wechat_pay::{ListComplaints, Respond, Sender as _};

use crate::client::{CallError, Client};

/// The platform's longest span.
const DAYS: i64 = 30;

/// The result of a run.
#[derive(Debug, Default)]
pub struct Report {
    /// Complaints of the last 30 days.
    pub listed: usize,
    /// Replied to in this run.
    pub greeted: Vec<String>,
    /// Perhaps replied to: the next run reads the state.
    pub unknown: Vec<(String, CallError)>,
    /// Waiting, but not replied to: the platform does not name the accused merchant, and a reply
    /// must.
    pub unnamed: Vec<String>,
    /// Not replied to.
    pub failed: Vec<(String, CallError)>,
    /// Listed in a form that cannot be read, or counted and not listed: they may be waiting.
    pub amiss: Vec<CallError>,
}

/// Replies to each complaint that waits for its first reply.
///
/// The job keeps no state between runs: at the platform a complaint is `PENDING` until its first
/// reply arrived. So this run does not send a reply again whose response was lost, and the next one
/// does only if the reply is not there.
///
/// # Errors
/// [`CallError`]: the list cannot be read.
pub fn greet(client: &Client, text: &str) -> Result<Report, CallError> {
    let month = ListComplaints::new(day(-DAYS + 1), day(0));
    let (complaints, amiss) = blocking(client.read_all(vec![month]))?;
    let listed = complaints.len();
    let (waiting, unnamed) = waiting(complaints);
    let mut report = Report { listed, unnamed, amiss, ..Report::default() };
    for (number, accused) in waiting {
        match blocking(client.send(&Respond::new(&number, accused, text))) {
            Ok(_) => report.greeted.push(number),
            Err(error) if error.failure().delivery == Delivery::Unknown => report.unknown.push((number, error)),
            Err(error) => report.failed.push((number, error)),
        }
    }
    Ok(report)
}

/// The complaints that wait for a first reply: those with the merchant they are against, and the
/// numbers of those without.
///
/// The configured merchant is no substitute: a service provider's list holds complaints about its
/// sub-merchants.
fn waiting(complaints: Vec<Complaint>) -> (Vec<(String, String)>, Vec<String>) {
    let (mut named, mut unnamed) = (Vec::new(), Vec::new());
    for complaint in complaints {
        let number = complaint.complaint_id;
        match (complaint.complaint_state, complaint.complainted_mchid) {
            (Some(ComplaintState::Pending), Some(accused)) => named.push((number, accused)),
            (Some(ComplaintState::Pending), None) => unnamed.push(number),
            // A person should look: it may wait for a reply.
            (Some(ComplaintState::Unreadable(_)), _) => unnamed.push(number),
            _ => {}
        }
    }
    (named, unnamed)
}

/// A day in China, `days` from today.
fn day(days: i64) -> String {
    let time = jiff::Timestamp::now().saturating_add(jiff::SignedDuration::from_hours(24 * days));
    let time = time.unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    jiff::tz::Offset::constant(8).to_datetime(time).date().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_waiting_payer_is_replied_to_or_reported() {
        let page = r#"[
            {"complaint_id": "1", "complaint_state": "PENDING", "complainted_mchid": "1900000001"},
            {"complaint_id": "2", "complaint_state": "PENDING"},
            {"complaint_id": "3", "complaint_state": "PROCESSED"}
        ]"#;
        let page: Vec<Complaint> = serde_json::from_str(page).unwrap();
        let named = vec![("1".to_owned(), "1900000001".to_owned())];
        assert_eq!(waiting(page), (named, vec!["2".to_owned()]));
    }
}
