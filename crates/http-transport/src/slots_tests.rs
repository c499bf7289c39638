//! Every short order of events, and long random ones, against a model that looks at all connections
//! each time.

use super::*;

const PRESSED: Duration = Duration::from_secs(1);
const A: Group = Group::V4(Ipv4Addr::new(192, 0, 2, 1));
const B: Group = Group::V4(Ipv4Addr::new(192, 0, 2, 2));

/// The slots, and the same as a plain list in the order of admission.
struct Both {
    slots: Slots<Id>,
    model: Vec<Modelled>,
    max: usize,
    share: usize,
    now: Instant,
}

#[derive(Debug, Clone)]
struct Modelled {
    id: Id,
    group: Group,
    since: Instant,
    /// The exchange in hand, and whether its message is proven.
    exchange: Option<(u64, bool)>,
    /// Whether the exchange before was proven, and the next one has not begun.
    earned: bool,
}

impl Modelled {
    fn waits(&self) -> bool {
        !matches!(self.exchange, Some((_, true)))
    }
}

#[derive(Debug, Clone, Copy)]
enum Event {
    Connect(Group),
    /// Of the connection that has been there longest or shortest.
    Begin(End),
    Prove(End),
    Respond(End),
    Leave(End),
    /// Half of what a connection may wait under pressure.
    Wait,
    OutOfFiles,
}

#[derive(Debug, Clone, Copy)]
enum End {
    First,
    Last,
}

use End::{First, Last};
use Event::{Begin, Connect, Leave, OutOfFiles, Prove, Respond, Wait};

const EVENTS: [Event; 12] = [
    Connect(A),
    Connect(B),
    Connect(Group::Exempt),
    Begin(First),
    Begin(Last),
    Prove(First),
    Prove(Last),
    Respond(First),
    Respond(Last),
    Leave(First),
    Wait,
    OutOfFiles,
];

impl Both {
    fn new(max: usize, share: usize, now: Instant) -> Self {
        Self { slots: Slots::new(max, share, PRESSED), model: Vec::new(), max, share, now }
    }

    /// Who waits longest, of those that this is said of: the first admitted of equals.
    fn longest(&self, of: impl Fn(&Modelled) -> bool) -> Option<Id> {
        let waiting = self.model.iter().filter(|one| one.waits() && of(one));
        waiting.min_by_key(|one| (one.since, one.id)).map(|one| one.id)
    }

    fn forget(&mut self, id: Option<Id>) {
        self.model.retain(|one| Some(one.id) != id);
    }

    fn at(&mut self, end: End) -> Option<&mut Modelled> {
        match end {
            First => self.model.first_mut(),
            Last => self.model.last_mut(),
        }
    }

    fn apply(&mut self, event: Event) {
        match event {
            Connect(group) => self.connect(group),
            Begin(end) => {
                let Some(one) = self.at(end).filter(|one| one.exchange.is_none()).map(|one| one.id) else { return };
                let now = self.now;
                let exchange = self.slots.begin(one, now);
                let one = self.at(end).unwrap();
                one.exchange = Some((exchange, false));
                if std::mem::take(&mut one.earned) {
                    one.since = now;
                }
            }
            Prove(end) => {
                let Some(one) = self.at(end) else { return };
                let id = one.id;
                let exchange = match &mut one.exchange {
                    Some((exchange, proven)) => {
                        *proven = true;
                        *exchange
                    }
                    // The proof of an exchange that is over, or that never was.
                    None => 1,
                };
                self.slots.proven(id, exchange);
            }
            Respond(end) => {
                let now = self.now;
                let Some(one) = self.at(end) else { return };
                let Some((_, proven)) = one.exchange.take() else { return };
                if proven {
                    one.since = now;
                    one.earned = true;
                }
                let id = one.id;
                self.slots.end(id, now);
            }
            Leave(end) => {
                let Some(id) = self.at(end).map(|one| one.id) else { return };
                self.forget(Some(id));
                assert_eq!(self.slots.remove(id), Some(id));
                assert_eq!(self.slots.remove(id), None);
            }
            Wait => {
                self.now += PRESSED / 2;
                while let Some(evicted) = self.slots.evict_lapsed(self.now) {
                    let lapsed = self.longest(|_| true);
                    assert!(self.model.len() * 4 >= self.max * 3);
                    assert_eq!(Some(evicted), lapsed);
                    let one = self.model.iter().find(|one| one.id == evicted).unwrap();
                    assert!(self.now >= one.since + PRESSED);
                    self.forget(lapsed);
                }
            }
            OutOfFiles => {
                let longest = self.longest(|_| true);
                assert_eq!(self.slots.evict(), longest);
                self.forget(longest);
            }
        }
        self.check();
    }

    fn connect(&mut self, group: Group) {
        let own = self.model.iter().filter(|one| one.group == group && one.waits()).count();
        let shared = group != Group::Exempt && own >= self.share;
        let full = self.model.len() == self.max;
        let expected = if shared { self.longest(|one| one.group == group) } else { self.longest(|_| full) };
        let id = self.slots.last + 1;
        match self.slots.admit(group, self.now, id) {
            Some(admitted) => {
                assert_eq!(admitted, Admitted { id, evicted: expected });
                self.forget(expected);
                self.model.push(Modelled { id, group, since: self.now, exchange: None, earned: false });
            }
            None => assert!(full && expected.is_none()),
        }
    }

    fn check(&self) {
        assert!(self.model.len() <= self.max);
        assert_eq!(self.slots.taken.len(), self.model.len());
        let waiting: BTreeSet<_> = self.model.iter().filter(|one| one.waits()).map(|one| (one.since, one.id)).collect();
        assert_eq!(self.slots.waiting, waiting);
        let of_groups: BTreeSet<_> = self.slots.groups.values().flatten().copied().collect();
        assert_eq!(of_groups, waiting);
        assert!(self.slots.groups.values().all(|own| !own.is_empty()), "no memory is kept of who left");
        // Nothing lapses without the listener being woken for it.
        let pressed = self.model.len() * 4 >= self.max * 3;
        let next = self.slots.next_lapse(self.now);
        assert_eq!(next.is_some(), pressed);
        let first = waiting.first().map(|&(since, _)| since + PRESSED);
        assert!(next.is_none() || first.is_none_or(|first| next.unwrap() <= first));
    }
}

/// Every order of so many events.
fn every_order(both: &Both, left: usize) -> u64 {
    if left == 0 {
        return 1;
    }
    let mut orders = 0;
    for event in EVENTS {
        let mut next = Both { slots: both.slots.clone(), model: both.model.clone(), ..*both };
        next.apply(event);
        orders += every_order(&next, left - 1);
    }
    orders
}

#[test]
fn every_short_order_of_events_does_as_the_model_does() {
    let start = Instant::now();
    for (max, share, length) in [(1, 1, 4), (2, 1, 5), (3, 2, 4)] {
        // All slots but one taken, so that a few events reach all there is.
        let mut both = Both::new(max, share, start);
        for _ in 1..max {
            both.apply(Connect(A));
        }
        assert_eq!(every_order(&both, length), (EVENTS.len() as u64).pow(length as u32));
    }
}

#[test]
fn long_random_orders_do_as_the_model_does() {
    let start = Instant::now();
    for seed in 0..40 {
        let mut state = seed;
        let mut both = Both::new(1 + (seed as usize % 9), 1 + (seed as usize % 3), start);
        for _ in 0..1_000 {
            // Knuth's generator of 64 bits; its upper bits are good.
            state = u64::wrapping_mul(state, 6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            // Some more newcomers than others, so that it is full as a rule.
            let event = match state >> 60 {
                12 => Connect(A),
                13 => Connect(Group::Exempt),
                14 => Begin(Last),
                15 => Prove(Last),
                number => EVENTS[number as usize],
            };
            both.apply(event);
        }
    }
}

#[test]
fn the_bounds_on_both_sides() {
    let now = Instant::now();
    // The share: its last place costs no group anything, the next one costs the group's own first.
    let mut slots = Slots::new(100, 3, PRESSED);
    for _ in 0..3 {
        assert_eq!(slots.admit(A, now, ()).unwrap().evicted, None);
    }
    assert_eq!(slots.admit(B, now, ()).unwrap().evicted, None);
    assert_eq!(slots.admit(A, now, ()).unwrap().evicted, Some(()));
    assert!(!slots.taken.contains_key(&1) && slots.taken.contains_key(&4));
    for _ in 0..50 {
        assert_eq!(slots.admit(Group::Exempt, now, ()).unwrap().evicted, None);
    }
    // Pressure, from three quarters on.
    let mut slots = Slots::new(100, 100, PRESSED);
    for _ in 0..74 {
        slots.admit(A, now, ());
    }
    assert_eq!(slots.next_lapse(now), None);
    assert_eq!(slots.evict_lapsed(now + PRESSED), None);
    slots.admit(A, now, ());
    assert_eq!(slots.next_lapse(now), Some(now + PRESSED));
    assert_eq!(slots.evict_lapsed(now + PRESSED - Duration::from_nanos(1)), None);
    assert_eq!(slots.evict_lapsed(now + PRESSED), Some(()));
    assert_eq!(slots.evict_lapsed(now + PRESSED), None, "74 are no pressure");
    // All slots.
    let mut slots = Slots::new(2, 2, PRESSED);
    for _ in 0..2 {
        assert_eq!(slots.admit(A, now, ()).unwrap().evicted, None);
    }
    assert_eq!(slots.admit(B, now, ()).unwrap().evicted, Some(()));
}

#[test]
fn a_late_proof_is_for_nothing() {
    let now = Instant::now();
    let mut slots = Slots::new(1, 1, PRESSED);
    let id = slots.admit(A, now, ()).unwrap().id;
    let first = slots.begin(id, now);
    slots.end(id, now);
    slots.proven(id, first);
    assert_eq!(slots.waiting.len(), 1);
    let second = slots.begin(id, now);
    slots.proven(id, first);
    assert_eq!(slots.waiting.len(), 1);
    slots.proven(id, second);
    assert_eq!(slots.waiting.len(), 0);
    assert_eq!(slots.admit(B, now, ()), None, "its message is in hand");
}

#[test]
fn a_proof_makes_the_next_head_count_anew_and_no_other() {
    let start = Instant::now();
    let at = |half_seconds| start + PRESSED / 2 * half_seconds;
    let mut slots = Slots::new(1, 1, PRESSED);
    let id = slots.admit(A, start, ()).unwrap().id;
    slots.begin(id, at(1));
    slots.end(id, at(1));
    assert_eq!(slots.next_lapse(at(1)), Some(at(2)), "nothing is earned without a proof");
    let exchange = slots.begin(id, at(1));
    slots.proven(id, exchange);
    slots.end(id, at(1));
    assert_eq!(slots.next_lapse(at(2)), Some(at(3)));
    slots.begin(id, at(2));
    assert_eq!(slots.next_lapse(at(2)), Some(at(4)), "the head that follows a proof");
    slots.end(id, at(3));
    slots.begin(id, at(3));
    assert_eq!(slots.next_lapse(at(3)), Some(at(4)), "once");
}
