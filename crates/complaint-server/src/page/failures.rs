//! Failed log-ins: each makes the next one of the same name from the same address wait longer.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use http::{Extensions, HeaderMap};
use http_transport::Peer;
use protocol_core::UnixTime;

use super::users::MAX_USER_NAME;

/// The failures by name and address. Another address than the stranger's is never locked out: a name
/// is guessed from there, and used from elsewhere.
#[derive(Debug, Default)]
pub(super) struct Failures(Mutex<BTreeMap<Attempt, Failed>>);

/// Who tries to log in, and from where.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Attempt {
    name: String,
    address: Option<IpAddr>,
}

#[derive(Debug, Clone, Copy)]
struct Failed {
    times: u32,
    last: UnixTime,
}

impl Attempt {
    /// The attempt of a request.
    pub(super) fn new(name: &str, headers: &HeaderMap, extensions: &Extensions) -> Self {
        Self { name: name.chars().take(MAX_USER_NAME).collect(), address: address(headers, extensions) }
    }
}

impl Failures {
    /// Counts an attempt as failed until it [succeeds](Self::succeeded), so that many at once are
    /// many. One that comes too early is refused with the seconds that are left, and not counted.
    pub(super) fn attempt(&self, attempt: &Attempt, now: UnixTime) -> Result<(), u32> {
        let mut failures = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        failures.retain(|_, failed| now < failed.last.plus(FORGOTTEN_SECONDS));
        let times = match failures.get(attempt) {
            Some(Failed { times, last }) => {
                let left = last.plus(wait(*times)).0.saturating_sub(now.0);
                if left > 0 {
                    return Err(u32::try_from(left).unwrap_or(LONGEST_WAIT).min(LONGEST_WAIT));
                }
                times.saturating_add(1)
            }
            None => 1,
        };
        if failures.len() >= MAX_FAILURES && !failures.contains_key(attempt) {
            let oldest = failures.iter().min_by_key(|(_, failed)| failed.last).map(|(attempt, _)| attempt.clone());
            oldest.map(|attempt| failures.remove(&attempt));
        }
        failures.insert(attempt.clone(), Failed { times, last: now });
        Ok(())
    }

    /// The attempt succeeded: earlier failures are forgotten.
    pub(super) fn succeeded(&self, attempt: &Attempt) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(attempt);
    }
}

/// The wait after so many failures, in seconds.
fn wait(times: u32) -> u32 {
    match times.checked_sub(FREE_FAILURES) {
        None => 0,
        Some(more) => FIRST_WAIT.saturating_mul(2_u32.saturating_pow(more)).min(LONGEST_WAIT),
    }
}

/// The address of the person: the peer's, or the one that a proxy on this machine names last. `None`
/// if the proxy names none. Of IPv6 the first 64 bits count, which one line has.
fn address(headers: &HeaderMap, extensions: &Extensions) -> Option<IpAddr> {
    let Peer(peer) = *extensions.get::<Peer>()?;
    let address = if peer.to_canonical().is_loopback() {
        let last = headers.get_all("x-forwarded-for").iter().next_back()?.to_str().ok()?;
        last.rsplit(',').next()?.trim().parse().ok()?
    } else {
        peer
    };
    Some(match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6((u128::from(address) >> 64 << 64).into()),
        address @ IpAddr::V4(_) => address,
    })
}

/// Failures without a wait: a person mistypes.
const FREE_FAILURES: u32 = 5;

/// The wait after [`FREE_FAILURES`], in seconds. Each further failure doubles it.
const FIRST_WAIT: u32 = 5;

/// Longest wait, in seconds.
const LONGEST_WAIT: u32 = 15 * 60;

/// A failure is forgotten so long after the last one.
const FORGOTTEN_SECONDS: u32 = 3600;

/// Most names and addresses that are remembered. One more takes the place of the oldest.
const MAX_FAILURES: usize = 4096;

#[cfg(test)]
mod tests {
    use super::*;

    fn attempt(name: &str, address: &str) -> Attempt {
        Attempt { name: name.to_owned(), address: address.parse().ok() }
    }

    #[test]
    fn waits_grow_and_concern_one_name_and_one_address() {
        let (failures, wang) = (Failures::default(), attempt("wang", "192.0.2.1"));
        let mut now = UnixTime(0);
        for _ in 0..FREE_FAILURES {
            assert_eq!(failures.attempt(&wang, now), Ok(()));
        }
        for seconds in [5, 10, 20, 40, 80, 160, 320, 640, 900, 900] {
            assert_eq!(failures.attempt(&wang, now), Err(seconds));
            assert_eq!(failures.attempt(&wang, now.plus(seconds - 1)), Err(1));
            assert_eq!(failures.attempt(&attempt("wang", "192.0.2.2"), now.plus(seconds)), Ok(()));
            failures.succeeded(&attempt("wang", "192.0.2.2"));
            assert_eq!(failures.attempt(&attempt("li", "192.0.2.1"), now.plus(seconds)), Ok(()));
            failures.succeeded(&attempt("li", "192.0.2.1"));
            now = now.plus(seconds);
            assert_eq!(failures.attempt(&wang, now), Ok(()));
        }
        failures.succeeded(&wang);
        assert_eq!(failures.attempt(&wang, now), Ok(()));
    }

    #[test]
    fn failures_are_forgotten() {
        let (failures, wang) = (Failures::default(), attempt("wang", ""));
        for _ in 0..FREE_FAILURES {
            failures.attempt(&wang, UnixTime(0)).unwrap();
        }
        assert!(failures.attempt(&wang, UnixTime(1)).is_err());
        for _ in 0..FREE_FAILURES {
            assert_eq!(failures.attempt(&wang, UnixTime(FORGOTTEN_SECONDS.into())), Ok(()));
        }
    }

    #[test]
    fn so_many_are_remembered_and_no_more() {
        let failures = Failures::default();
        let name = |number: usize| attempt(&number.to_string(), "");
        for number in 0..=MAX_FAILURES {
            failures.attempt(&name(number), UnixTime(i64::try_from(number / 100).unwrap())).unwrap();
        }
        let failures = failures.0.lock().unwrap();
        assert_eq!(failures.len(), MAX_FAILURES);
        assert!(!failures.contains_key(&name(0)) && failures.contains_key(&name(MAX_FAILURES)));
    }

    #[test]
    fn an_address_is_the_peers_or_what_a_proxy_here_says_last() {
        let of = |peer: Option<&str>, forwarded: &[&str]| {
            let (mut headers, mut extensions) = (HeaderMap::new(), Extensions::new());
            peer.map(|peer| extensions.insert(Peer(peer.parse().unwrap())));
            for value in forwarded {
                headers.append("x-forwarded-for", value.parse().unwrap());
            }
            address(&headers, &extensions).map(|address| address.to_string())
        };
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(of(Some("192.0.2.1"), &["198.51.100.7"]), some("192.0.2.1"));
        assert_eq!(of(Some("127.0.0.1"), &["10.0.0.1", "10.0.0.2, 198.51.100.7"]), some("198.51.100.7"));
        assert_eq!(of(Some("::ffff:127.0.0.1"), &["::ffff:198.51.100.7"]), some("198.51.100.7"));
        assert_eq!(of(Some("2001:db8:1:2:3::4"), &[]), some("2001:db8:1:2::"));
        for nothing in [&[][..], &["unknown"], &[""]] {
            assert_eq!(of(Some("127.0.0.1"), nothing), None);
        }
        assert_eq!(of(None, &["198.51.100.7"]), None);
    }
}
