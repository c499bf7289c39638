//! The clock of deadlines, and the end of what is old.

use std::sync::Arc;
use std::time::Duration;

use complaint_inbox::{Forgotten, MAX_ROWS, Store};
use protocol_core::UnixTime;
use tokio::time::Instant;

use super::run::Shared;
use super::signals::Bell;
use super::trace;

/// Writes an event for each deadline that becomes near or over.
pub(super) async fn note_deadlines<S: Store>(shared: Arc<Shared<S>>) {
    let mut silence = Bell::default().listener();
    loop {
        let mut looked_at = 0;
        let near_steps = shared.near_steps.current();
        // A store that fails logs it, and is asked again at the next look.
        while let Ok(noted) = shared.store.note_deadlines(&near_steps, MAX_ROWS).await {
            looked_at += noted;
            if noted < u64::from(MAX_ROWS) || shared.stopping.is_wished() {
                break;
            }
        }
        if looked_at > 0 {
            shared.events.ring();
        }
        if !shared.pause(&mut silence, shared.pace.look_every).await {
            return;
        }
    }
}

/// Removes what is older than it is to be kept. A clock that jumped forward, also between the newest
/// event and the start, is not believed for a day: all would be older.
pub(super) async fn forget<S: Store>(shared: Arc<Shared<S>>) {
    let mut silence = Bell::default().listener();
    let mut clock = Watched::new(shared.clock.now(), newest_event(&shared.store).await);
    loop {
        if clock.is_believed(shared.clock.now()) {
            while let Ok(forgotten) = shared.store.forget(shared.pace.keep_days, FORGOTTEN_ROWS).await {
                if is_all(forgotten) || shared.stopping.is_wished() {
                    break;
                }
            }
        } else {
            trace::jumped();
        }
        if !shared.pause(&mut silence, FORGET_EVERY).await {
            return;
        }
    }
}

/// The time of the newest event, if it can be told.
async fn newest_event<S: Store>(store: &S) -> Option<UnixTime> {
    let newest = store.newest_event().await.ok()?;
    store.events(newest.saturating_sub(1), 1).await.ok()?.first().map(|event| event.at)
}

/// The clock, beside one that never jumps.
#[derive(Debug)]
struct Watched {
    told: UnixTime,
    at: Instant,
    /// Since the last jump.
    jumped: Option<Instant>,
}

impl Watched {
    /// The clock at the start of an inbox that has its newest event since this time.
    fn new(now: UnixTime, newest_event: Option<UnixTime>) -> Self {
        let since = newest_event.filter(|at| !at.is_of_unset_clock()).unwrap_or(now);
        let has_jumped = now.0.saturating_sub(since.0) > MAX_QUIET_SECONDS;
        Self { told: now, at: Instant::now(), jumped: has_jumped.then(Instant::now) }
    }

    /// Whether it has not jumped forward for so long. A clock that is set for the first time is believed.
    fn is_believed(&mut self, now: UnixTime) -> bool {
        let at = Instant::now();
        let passed = i64::try_from(at.duration_since(self.at).as_secs()).unwrap_or(i64::MAX);
        let ahead = now.0.saturating_sub(self.told.0).saturating_sub(passed);
        if ahead > MAX_JUMP_SECONDS && !self.told.is_of_unset_clock() {
            self.jumped = Some(at);
        }
        (self.told, self.at) = (now, at);
        self.jumped.is_none_or(|jumped| at.duration_since(jumped) >= DISBELIEVED)
    }
}

/// A clock that gains more between two removals has jumped. A machine that slept has, too.
const MAX_JUMP_SECONDS: i64 = 3600;

/// An inbox without an event for so long may have one because the clock is wrong: thirty days, the
/// shortest time for which anything is kept.
const MAX_QUIET_SECONDS: i64 = 30 * 24 * 60 * 60;

/// The time after a jump in which nothing is removed: the operator can set the clock back.
const DISBELIEVED: Duration = Duration::from_secs(24 * 60 * 60);

/// Fewer pictures than other rows are removed at once.
fn is_all(Forgotten { complaints, messages, letters, pictures, deeds, sessions }: Forgotten) -> bool {
    let rows = [complaints, messages, letters, deeds, sessions];
    pictures == 0 && rows.iter().all(|removed| *removed < u64::from(FORGOTTEN_ROWS))
}

/// The time between two removals.
const FORGET_EVERY: Duration = Duration::from_secs(60 * 60);

/// Rows that are removed in one transaction. Messages wait for it.
const FORGOTTEN_ROWS: u32 = 200;

#[cfg(test)]
mod tests {
    use protocol_core::FIRST_OF_SET_CLOCK;
    use tokio::time::advance;

    use super::*;

    const NOW: UnixTime = UnixTime(1_741_936_166);

    #[tokio::test(start_paused = true)]
    async fn a_clock_that_jumped_forward_is_believed_a_day_later() {
        const HOUR: u32 = 3600;
        for (gained, is_believed) in [(HOUR, true), (HOUR + 1, false)] {
            let mut clock = Watched::new(NOW, None);
            advance(FORGET_EVERY).await;
            assert_eq!(clock.is_believed(NOW.plus(HOUR + gained)), is_believed, "{gained}");
            advance(DISBELIEVED - Duration::from_secs(1)).await;
            let later = NOW.plus(HOUR + gained + 24 * HOUR);
            assert_eq!(clock.is_believed(later), is_believed, "{gained}");
            advance(Duration::from_secs(1)).await;
            assert!(clock.is_believed(later.plus(1)));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_clock_far_ahead_of_the_newest_event_is_believed_a_day_after_the_start() {
        let unset = Some(UnixTime(FIRST_OF_SET_CLOCK.0 - 1));
        let ago = |seconds: i64| Some(UnixTime(NOW.0 - seconds));
        for (newest, is_believed) in [
            (None, true),
            (unset, true),
            (ago(-1), true),
            (ago(MAX_QUIET_SECONDS), true),
            (ago(MAX_QUIET_SECONDS + 1), false),
        ] {
            let mut clock = Watched::new(NOW, newest);
            assert_eq!(clock.is_believed(NOW), is_believed, "{newest:?}");
            advance(DISBELIEVED).await;
            assert!(clock.is_believed(NOW.plus(24 * 3600)), "{newest:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_clock_that_is_set_for_the_first_time_or_set_back_is_believed() {
        let mut clock = Watched::new(UnixTime(FIRST_OF_SET_CLOCK.0 - 1), None);
        assert!(clock.is_believed(NOW));
        assert!(clock.is_believed(FIRST_OF_SET_CLOCK));
        assert!(!clock.is_believed(NOW), "a jump");
    }

    #[test]
    fn all_is_removed_once_no_kind_fills_its_limit() {
        let forgotten = |complaints, letters| {
            let mut forgotten = Forgotten::default();
            (forgotten.complaints, forgotten.letters) = (complaints, letters);
            is_all(forgotten)
        };
        let limit = u64::from(FORGOTTEN_ROWS);
        assert!(!is_all(Forgotten { pictures: 1, ..Forgotten::default() }));
        assert!(forgotten(limit - 1, limit - 1));
        assert!(!forgotten(limit, 0) && !forgotten(0, limit));
    }
}
