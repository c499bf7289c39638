//! The connections' slots: who gets in, and who goes for it. A data structure without I/O: time is
//! an argument.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use tokio::time::Instant;

/// The fraction of slots, as numerator and denominator, from which on connections that wait too
/// long are closed.
const PRESSURE: (usize, usize) = (3, 4);

/// The connections whose waiting ones share a part of the slots.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Group {
    /// Loopback and the proxies: every request may come through them.
    Exempt,
    /// One IPv4 address.
    V4(Ipv4Addr),
    /// An IPv6 network of 64 bits: one customer has all of its addresses.
    V6([u16; 4]),
}

impl Group {
    /// The group of an address that is neither loopback nor a proxy's. An IPv4 address written as
    /// IPv6 is IPv4.
    pub(crate) fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self::V4(address),
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                Self::V6([a, b, c, d])
            }
        }
    }
}

/// A connection's name among the slots.
pub(crate) type Id = u64;

/// Who got in, and who has to be closed for it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Admitted<T> {
    pub(crate) id: Id,
    pub(crate) evicted: Option<T>,
}

/// The slots. `T` is what closes a connection.
#[derive(Debug, Clone)]
pub(crate) struct Slots<T> {
    max: usize,
    share: usize,
    pressed_timeout: Duration,
    last: Id,
    taken: BTreeMap<Id, Slot<T>>,
    /// By the time since which they wait: the first has waited longest.
    waiting: BTreeSet<(Instant, Id)>,
    groups: BTreeMap<Group, BTreeSet<(Instant, Id)>>,
}

#[derive(Debug, Clone)]
struct Slot<T> {
    group: Group,
    /// Since when it waits for a proven message; `None` while one is in hand.
    waiting: Option<Instant>,
    /// Changes as an exchange begins and as it ends: a proof that comes late is for nothing.
    exchange: u64,
    /// Whether the exchange before was proven and none has begun since.
    earned: bool,
    close: T,
}

impl<T> Slots<T> {
    /// So many slots, and so many waiting connections a group, 1 at least of each. Under pressure,
    /// a connection may wait for this long.
    pub(crate) fn new(max: usize, share: usize, pressed_timeout: Duration) -> Self {
        let (taken, waiting, groups) = Default::default();
        Self { max: max.max(1), share: share.max(1), pressed_timeout, last: 0, taken, waiting, groups }
    }

    /// Lets a connection in. For it goes the longest-waiting one of its group, where the group has
    /// its share of waiting ones, or else the longest-waiting of all, where all slots are taken.
    /// `None`: nothing can go, as proven messages are in hand in every slot.
    pub(crate) fn admit(&mut self, group: Group, now: Instant, close: T) -> Option<Admitted<T>> {
        let own = self.groups.get(&group).filter(|own| group != Group::Exempt && own.len() >= self.share);
        let evicted = match own.and_then(BTreeSet::first) {
            Some(&(_, id)) => self.remove(id),
            None if self.taken.len() >= self.max => Some(self.evict()?),
            None => None,
        };
        self.last += 1;
        let id = self.last;
        self.taken.insert(id, Slot { group, waiting: None, exchange: 0, earned: false, close });
        self.wait(id, now);
        Some(Admitted { id, evicted })
    }

    /// Takes the longest-waiting connection out.
    pub(crate) fn evict(&mut self) -> Option<T> {
        let &(_, id) = self.waiting.first()?;
        self.remove(id)
    }

    /// Takes a connection out that waits too long, as it does under pressure alone. Once more until
    /// there is none.
    pub(crate) fn evict_lapsed(&mut self, now: Instant) -> Option<T> {
        let &(since, _) = self.waiting.first()?;
        if self.is_pressed() && since + self.pressed_timeout <= now { self.evict() } else { None }
    }

    /// When [`Self::evict_lapsed`] may have something to take out; `None` without pressure.
    pub(crate) fn next_lapse(&self, now: Instant) -> Option<Instant> {
        let since = self.waiting.first().map_or(now, |&(since, _)| since);
        self.is_pressed().then(|| since + self.pressed_timeout)
    }

    /// A request's head is there; returns the exchange's name. If the connection's exchange before
    /// was proven, it waits from now on.
    pub(crate) fn begin(&mut self, id: Id, now: Instant) -> u64 {
        let Some(slot) = self.taken.get_mut(&id) else { return 0 };
        slot.exchange += 1;
        let exchange = slot.exchange;
        if std::mem::take(&mut slot.earned) {
            self.in_hand(id);
            self.wait(id, now);
        }
        exchange
    }

    /// The exchange's message is proven: the connection does not wait until the exchange ends.
    pub(crate) fn proven(&mut self, id: Id, exchange: u64) {
        if self.taken.get(&id).is_some_and(|slot| slot.exchange == exchange) {
            self.in_hand(id);
        }
    }

    /// The exchange is over. If its message was proven, the connection waits from now on; otherwise
    /// it waits as long as before.
    pub(crate) fn end(&mut self, id: Id, now: Instant) {
        if let Some(slot) = self.taken.get_mut(&id) {
            slot.exchange += 1;
            if slot.waiting.is_none() {
                slot.earned = true;
                self.wait(id, now);
            }
        }
    }

    /// Takes a connection out, wherever it stands; `None` where it was taken out before.
    pub(crate) fn remove(&mut self, id: Id) -> Option<T> {
        self.in_hand(id);
        self.taken.remove(&id).map(|slot| slot.close)
    }

    fn is_pressed(&self) -> bool {
        let (numerator, denominator) = PRESSURE;
        self.taken.len().saturating_mul(denominator) >= self.max.saturating_mul(numerator)
    }

    fn wait(&mut self, id: Id, now: Instant) {
        let Some(slot) = self.taken.get_mut(&id) else { return };
        slot.waiting = Some(now);
        self.waiting.insert((now, id));
        self.groups.entry(slot.group).or_default().insert((now, id));
    }

    fn in_hand(&mut self, id: Id) {
        let Some(slot) = self.taken.get_mut(&id) else { return };
        let Some(since) = slot.waiting.take() else { return };
        self.waiting.remove(&(since, id));
        if let Some(own) = self.groups.get_mut(&slot.group) {
            own.remove(&(since, id));
            if own.is_empty() {
                self.groups.remove(&slot.group);
            }
        }
    }
}

#[cfg(test)]
#[path = "slots_tests.rs"]
mod tests;
