//! The hosts of a platform: the first one, and its backup while the first cannot be reached.

use std::sync::atomic::{AtomicI64, Ordering};

use crate::time::UnixTime;

/// The time for which calls avoid a host that could not be reached, in seconds.
const AVOIDED_SECONDS: u32 = 60;

/// A platform's origins in order of preference. All calls of a client share them, and their known
/// state.
#[derive(Debug)]
pub struct Hosts {
    origins: Vec<String>,
    /// In seconds since 1970.
    avoid_first_until: AtomicI64,
}

impl Hosts {
    /// At least one origin: scheme, host and, if the platform has one, the path before all others.
    /// A slash at the end is dropped.
    #[must_use]
    pub fn new(origins: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let mut origins: Vec<String> = origins.into_iter().map(Into::into).collect();
        for origin in &mut origins {
            origin.truncate(origin.trim_end_matches('/').len());
        }
        Self { origins, avoid_first_until: AtomicI64::new(i64::MIN) }
    }

    /// The preferred origin; empty if there is none.
    #[must_use]
    pub fn preferred(&self) -> &str {
        self.origin(0)
    }

    /// The host where a call begins.
    pub(super) fn first(&self, now: UnixTime) -> usize {
        usize::from(self.origins.len() > 1 && now.0 < self.avoid_first_until.load(Ordering::Relaxed))
    }

    /// The host after this one, in a circle.
    pub(super) fn after(&self, host: usize) -> usize {
        (host + 1) % self.origins.len().max(1)
    }

    pub(super) fn origin(&self, host: usize) -> &str {
        self.origins.get(host).map_or("", String::as_str)
    }

    /// Whether there is another host.
    pub(super) fn has_backup(&self) -> bool {
        self.origins.len() > 1
    }

    /// A host could not be reached: calls begin with the next one for a while.
    pub(super) fn avoid(&self, host: usize, now: UnixTime) {
        if host == 0 {
            self.avoid_first_until.store(now.plus(AVOIDED_SECONDS).0, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_that_cannot_be_reached_is_passed_over_for_a_while() {
        let hosts = Hosts::new(["https://a.example", "https://b.example/"]);
        assert_eq!(hosts.first(UnixTime(0)), 0);
        hosts.avoid(0, UnixTime(0));
        assert_eq!((hosts.first(UnixTime(59)), hosts.first(UnixTime(60))), (1, 0));
        assert_eq!((hosts.after(0), hosts.after(1)), (1, 0));
        assert_eq!((hosts.preferred(), hosts.origin(1)), ("https://a.example", "https://b.example"));
        hosts.avoid(1, UnixTime(100));
        assert_eq!(hosts.first(UnixTime(100)), 0);
    }

    #[test]
    fn one_host_is_all_there_is() {
        let hosts = Hosts::new(["https://a.example"]);
        hosts.avoid(0, UnixTime(0));
        assert_eq!((hosts.first(UnixTime(1)), hosts.after(0), hosts.origin(0)), (0, 0, "https://a.example"));
    }
}
