//! Where requests go: the platform's host, and its backup while the first cannot be reached.

use core::sync::atomic::{AtomicI64, Ordering};

use protocol_core::UnixTime;

/// The platform's hosts, the nearest access point first, the backup in another city second.
pub const ORIGINS: [&str; 2] = ["https://api.mch.weixin.qq.com", "https://api2.mch.weixin.qq.com"];

/// How long a host that could not be reached is passed over, in seconds.
const AVOIDED_SECONDS: u32 = 60;

/// Origins in order of preference.
#[derive(Debug)]
pub(crate) struct Hosts {
    origins: Vec<String>,
    avoid_first_until: AtomicI64,
}

impl Hosts {
    /// At least one origin.
    pub(crate) const fn new(origins: Vec<String>) -> Self {
        Self { origins, avoid_first_until: AtomicI64::new(i64::MIN) }
    }

    /// Where a call begins.
    pub(crate) fn first(&self, now: UnixTime) -> usize {
        usize::from(self.origins.len() > 1 && now.0 < self.avoid_first_until.load(Ordering::Relaxed))
    }

    /// The host after this one, in a circle.
    pub(crate) fn after(&self, host: usize) -> usize {
        (host + 1) % self.origins.len().max(1)
    }

    pub(crate) fn origin(&self, host: usize) -> &str {
        self.origins.get(host).map_or("", String::as_str)
    }

    /// Whether there is another host to turn to.
    pub(crate) fn has_backup(&self) -> bool {
        self.origins.len() > 1
    }

    /// A host could not be reached: for a while, calls begin with the next.
    pub(crate) fn avoid(&self, host: usize, now: UnixTime) {
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
        let hosts = Hosts::new(ORIGINS.map(str::to_owned).to_vec());
        assert_eq!(hosts.first(UnixTime(0)), 0);
        hosts.avoid(0, UnixTime(0));
        assert_eq!((hosts.first(UnixTime(59)), hosts.first(UnixTime(60))), (1, 0));
        assert_eq!((hosts.after(0), hosts.after(1)), (1, 0));
        hosts.avoid(1, UnixTime(100));
        assert_eq!(hosts.first(UnixTime(100)), 0);
    }

    #[test]
    fn one_host_is_all_there_is() {
        let hosts = Hosts::new(vec!["https://a.example".to_owned()]);
        hosts.avoid(0, UnixTime(0));
        assert_eq!((hosts.first(UnixTime(1)), hosts.after(0), hosts.origin(0)), (0, 0, "https://a.example"));
    }
}
