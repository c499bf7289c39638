//! What happened, in numbers, as Prometheus reads them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

use complaint_inbox::Figures;

/// The counters of a server. Clones share them.
///
/// Labels come from closed sets and from the configuration, never from a request: their number does
/// not grow.
#[derive(Debug, Clone, Default)]
pub struct Metrics(Arc<Mutex<BTreeMap<Family, BTreeMap<String, u64>>>>);

impl Metrics {
    /// One more.
    pub(crate) fn count(&self, family: Family, labels: &[(&'static str, &str)]) {
        let mut families = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let counter = families.entry(family).or_default().entry(written(labels)).or_default();
        *counter = counter.saturating_add(1);
    }

    /// All counters, and the gauges of the inbox, in the text format.
    pub(crate) fn text(&self, figures: &Figures) -> String {
        let mut text = String::new();
        let families = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (family, counters) in &*families {
            let (name, help) = family.words();
            head(&mut text, name, help, "counter");
            for (labels, value) in counters {
                let _ = writeln!(text, "{name}{labels} {value}");
            }
        }
        drop(families);
        for (name, help, value) in gauges(figures) {
            head(&mut text, name, help, "gauge");
            let _ = writeln!(text, "{name} {value}");
        }
        text
    }
}

/// The counters of one name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Family {
    /// `status` and `reason`.
    Responses,
    /// `endpoint` and `outcome`.
    Attempts,
    /// `notice` and `outcome`.
    Notices,
    /// `by`.
    PhoneLooks,
    /// `channel`, `merchant` and `outcome`.
    Sweeps,
}

impl Family {
    const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Responses => {
                ("complaints_desk_responses_total", "Responses of the API, by status and, for refusals, by reason.")
            }
            Self::Attempts => {
                ("complaints_onward_attempts_total", "Attempts to hand an event on, by endpoint and outcome.")
            }
            Self::Notices => ("complaints_notices_total", "Messages to people, by notice and outcome."),
            Self::Sweeps => (
                "complaints_sweeps_total",
                "Sweeps of an account's list, by channel, merchant and outcome: whole, or broken off.",
            ),
            Self::PhoneLooks => {
                ("complaints_desk_phone_looks_total", "Payers' telephone numbers that were shown, by token.")
            }
        }
    }
}

fn gauges(figures: &Figures) -> [(&'static str, &'static str, u64); 8] {
    let Figures { open, due, acts, pictures, letters, handovers, dead, newest_event } = *figures;
    [
        ("complaints_open", "Complaints that are not closed.", open),
        ("complaints_due", "Complaints that are due to be read.", due),
        ("complaints_acts_in_hand", "Acts that are asked for or being sent.", acts),
        ("complaints_pictures_wanted", "Pictures that are to be fetched.", pictures),
        ("complaints_letters", "Messages that a person has to read.", letters),
        ("complaints_handovers_pending", "Events that an endpoint has yet to receive.", handovers),
        ("complaints_handovers_dead", "Events that an endpoint was given up on.", dead),
        ("complaints_newest_event", "The number of the newest event.", newest_event.try_into().unwrap_or(0)),
    ]
}

fn head(text: &mut String, name: &str, help: &str, kind: &str) {
    let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}");
}

/// `{a="b",c="d"}`, with the three characters escaped that the format escapes.
fn written(labels: &[(&'static str, &str)]) -> String {
    let escaped = |value: &str| value.replace('\\', r"\\").replace('"', "\\\"").replace('\n', r"\n");
    let labels: Vec<String> = labels.iter().map(|(name, value)| format!("{name}=\"{}\"", escaped(value))).collect();
    if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text format 0.0.4 of Prometheus: HELP and TYPE stand once, before the samples of a name.
    #[test]
    fn counters_and_gauges_are_written_in_the_text_format() {
        let metrics = Metrics::default();
        for outcome in ["delivered", "failed", "delivered"] {
            metrics.clone().count(Family::Attempts, &[("endpoint", "a\"\\\n"), ("outcome", outcome)]);
        }
        let text = metrics.text(&Figures { open: 3, newest_event: 42, ..Figures::default() });
        let counters = r#"# HELP complaints_onward_attempts_total Attempts to hand an event on, by endpoint and outcome.
# TYPE complaints_onward_attempts_total counter
complaints_onward_attempts_total{endpoint="a\"\\\n",outcome="delivered"} 2
complaints_onward_attempts_total{endpoint="a\"\\\n",outcome="failed"} 1
# HELP complaints_open Complaints that are not closed.
# TYPE complaints_open gauge
complaints_open 3
"#;
        assert!(text.starts_with(counters), "{text}");
        assert!(text.ends_with("\ncomplaints_newest_event 42\n"), "{text}");
        let names: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("# TYPE ")).collect();
        assert_eq!(names.len(), 9);
    }
}
