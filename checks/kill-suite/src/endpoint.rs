//! The service that events are handed on to: it notes what arrives.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::routing::post;
use http::{HeaderMap, StatusCode};
use http_transport::{Listener, ListenerConfig};
use serde_json::Value;

use crate::Failure;

/// What arrived at the endpoint, in its order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Arrivals(Arc<Mutex<Vec<Arrival>>>);

#[derive(Debug, Clone)]
pub(crate) struct Arrival {
    /// `webhook-id`.
    id: String,
    /// The event's number.
    number: i64,
    /// Channel, merchant and number.
    complaint: String,
}

impl Arrivals {
    /// Listens, and returns the URL.
    pub(crate) async fn listen(&self) -> Result<String, Failure> {
        let listener = Listener::bind("127.0.0.1:0".parse()?, ListenerConfig::default()).await?;
        let url = format!("http://{}/events", listener.local_addr());
        let router = Router::new().route("/events", post(arrive)).with_state(self.clone());
        tokio::spawn(listener.serve(router, std::future::pending()));
        Ok(url)
    }

    pub(crate) fn count(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// What is wrong with them, if these are the numbers of all events.
    pub(crate) fn faults(&self, events: &BTreeSet<i64>) -> Vec<String> {
        faults(&self.0.lock().unwrap_or_else(PoisonError::into_inner), events)
    }
}

async fn arrive(State(arrivals): State<Arrivals>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let Some(arrival) = read(&headers, &body) else { return StatusCode::BAD_REQUEST };
    arrivals.0.lock().unwrap_or_else(PoisonError::into_inner).push(arrival);
    StatusCode::NO_CONTENT
}

fn read(headers: &HeaderMap, body: &[u8]) -> Option<Arrival> {
    let document: Value = serde_json::from_slice(body).ok()?;
    let data = document.get("data")?;
    let word = |name: &str| data.get(name)?.as_str().map(str::to_owned);
    Some(Arrival {
        id: headers.get("webhook-id")?.to_str().ok()?.to_owned(),
        number: data.get("version")?.as_i64()?,
        complaint: [word("channel")?, word("merchant")?, word("id")?].join("/"),
    })
}

fn faults(arrivals: &[Arrival], events: &BTreeSet<i64>) -> Vec<String> {
    let mut faults = Vec::new();
    let mut ids: BTreeMap<i64, &str> = BTreeMap::new();
    let mut newest: BTreeMap<&str, i64> = BTreeMap::new();
    for Arrival { id, number, complaint } in arrivals {
        let is_first = !ids.contains_key(number);
        if *ids.entry(*number).or_insert(id) != id {
            faults.push(format!("event {number} arrived under two ids"));
        }
        let newest = newest.entry(complaint).or_default();
        if is_first && *number < *newest {
            faults.push(format!("event {number} of {complaint} arrived after {newest}"));
        }
        *newest = (*newest).max(*number);
    }
    let unique: BTreeSet<&&str> = ids.values().collect();
    if unique.len() < ids.len() {
        faults.push("two events arrived under one id".to_owned());
    }
    let missing = events.iter().filter(|number| !ids.contains_key(number));
    faults.extend(missing.map(|number| format!("event {number} was never handed on")));
    let unknown = ids.keys().filter(|number| !events.contains(number));
    faults.extend(unknown.map(|number| format!("event {number} was handed on, and is not in the inbox")));
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(arrivals: &[(&str, i64, &str)], events: &[i64]) -> Vec<String> {
        let arrival = |(id, number, complaint): &(&str, i64, &str)| Arrival {
            id: (*id).to_owned(),
            number: *number,
            complaint: (*complaint).to_owned(),
        };
        let arrivals: Vec<Arrival> = arrivals.iter().map(arrival).collect();
        faults(&arrivals, &events.iter().copied().collect())
    }

    #[test]
    fn repeats_and_other_complaints_order_are_no_faults() {
        let arrivals = [("a", 1, "x"), ("c", 3, "y"), ("b", 2, "x"), ("a", 1, "x"), ("b", 2, "x")];
        assert_eq!(seen(&arrivals, &[1, 2, 3]), Vec::<String>::new());
    }

    #[test]
    fn each_fault_is_found() {
        for (arrivals, events, fault) in [
            (&[("b", 2, "x"), ("a", 1, "x")][..], &[1, 2][..], "event 1 of x arrived after 2"),
            (&[("a", 1, "x"), ("b", 1, "x")], &[1], "event 1 arrived under two ids"),
            (&[("a", 1, "x"), ("a", 2, "x")], &[1, 2], "two events arrived under one id"),
            (&[("a", 1, "x")], &[1, 2], "event 2 was never handed on"),
            (&[("a", 1, "x")], &[], "event 1 was handed on, and is not in the inbox"),
        ] {
            assert_eq!(seen(arrivals, events), [fault]);
        }
    }
}
