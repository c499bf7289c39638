//! A store that is late, or whose response is lost: what it may have reserved is released in the
//! background.

use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Waker};
use std::time::Duration;

use protocol_core::UnixTime;
use protocol_core::replay::{Deduplicate, Key, Lease, MemoryDeduplicate, MemoryFullError, Reservation};
use tokio::time::{Instant, sleep};
use wechat_adapter::{Clock, Handler, Notifications, Received, Webhook, WebhookBuilder, WebhookTimeouts};

use crate::platform::{NOW, api_v3_key};
use crate::webhook::{account, body, request, status, store};

const STORE_TIMEOUT: Duration = Duration::from_millis(600);
const LATE: Duration = Duration::from_millis(100);
/// Less than the clock's tolerance.
const MUCH_LATER: Duration = Duration::from_secs(3);
/// `LATE_STORE` of the webhook.
const GIVES_UP: Duration = Duration::from_secs(60);

/// A fault of a step of the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wrong {
    /// Done at once; the response comes too late.
    LateResponse,
    /// Done too late.
    LateEffect,
    /// Done at once; the response is an error.
    LostResponse,
    /// Done at once; then it panics.
    Panic,
    /// Not done: it panics before there is a future.
    EagerPanic,
    /// Done when the next copies have come.
    MuchLater,
    /// Not done.
    Error,
    /// Done at once; no response ever comes.
    Hangs,
}

/// A store whose first step of one name fails.
#[derive(Clone)]
struct Faulty(Arc<Inner>);

struct Inner {
    memory: MemoryDeduplicate,
    step: &'static str,
    wrong: Wrong,
    is_spent: AtomicBool,
    /// The time of each release.
    released: Mutex<Vec<Instant>>,
    /// Steps that were begun, and have neither ended nor been dropped.
    open: AtomicUsize,
}

struct Open<'a>(&'a AtomicUsize);

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Faulty {
    fn new(step: &'static str, wrong: Wrong) -> Self {
        Self(Arc::new(Inner {
            memory: store(),
            step,
            wrong,
            is_spent: AtomicBool::new(false),
            released: Mutex::default(),
            open: AtomicUsize::new(0),
        }))
    }

    fn begin(&self, step: &str) {
        let panics = step == self.0.step && self.0.wrong == Wrong::EagerPanic;
        assert!(!panics || self.0.is_spent.swap(true, Ordering::Relaxed), "a scripted panic");
    }

    async fn step<T>(
        &self,
        step: &str,
        effect: impl Future<Output = Result<T, MemoryFullError>>,
    ) -> Result<T, &'static str> {
        self.0.open.fetch_add(1, Ordering::Relaxed);
        let _open = Open(&self.0.open);
        let effect = async { effect.await.map_err(|_| "full") };
        if step != self.0.step || self.0.is_spent.swap(true, Ordering::Relaxed) {
            return effect.await;
        }
        match self.0.wrong {
            Wrong::LateResponse => {
                let done = effect.await;
                sleep(STORE_TIMEOUT + LATE).await;
                done
            }
            Wrong::LateEffect => {
                sleep(STORE_TIMEOUT + LATE).await;
                effect.await
            }
            Wrong::MuchLater => {
                sleep(MUCH_LATER).await;
                effect.await
            }
            Wrong::LostResponse => effect.await.and(Err("the connection broke")),
            Wrong::Panic => effect.await.map(|_| panic!("a scripted panic")),
            Wrong::EagerPanic | Wrong::Error => Err("down"),
            Wrong::Hangs => {
                let _done = effect.await;
                std::future::pending().await
            }
        }
    }
}

impl Deduplicate for Faulty {
    type Error = &'static str;

    fn reserve(
        &self,
        key: Key<'_>,
        lease: Lease,
        now: UnixTime,
    ) -> impl Future<Output = Result<Reservation, &'static str>> + Send {
        self.begin("reserve");
        self.step("reserve", async move { self.0.memory.reserve(key, lease, now).await })
    }

    fn commit(&self, key: Key<'_>, lease: Lease) -> impl Future<Output = Result<bool, &'static str>> + Send {
        self.begin("commit");
        self.step("commit", async move { self.0.memory.commit(key, lease).await })
    }

    fn release(&self, key: Key<'_>, lease: Lease) -> impl Future<Output = Result<(), &'static str>> + Send {
        self.0.released.lock().unwrap().push(Instant::now());
        self.begin("release");
        self.step("release", async move { self.0.memory.release(key, lease).await })
    }
}

/// A webhook over this store.
fn over<H: Handler<Received>, D: Deduplicate + 'static>(store: D, handler: H) -> WebhookBuilder<Notifications, H, D> {
    let timeouts = WebhookTimeouts::default().with_store(STORE_TIMEOUT);
    Webhook::builder(Notifications::of(account()), store, handler).timeouts(timeouts)
}

/// A webhook over this store, whose clock goes with Tokio's, and how often its handler was called.
/// The first calls fail.
fn webhook(
    store: &Faulty,
    failing: usize,
) -> (Webhook<Notifications, impl Handler<Received> + use<>, Faulty>, Arc<AtomicUsize>) {
    let calls = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&calls);
    let handler = move |_: Received| {
        let fails = counter.fetch_add(1, Ordering::Relaxed) < failing;
        async move { if fails { Err("away") } else { Ok(()) } }
    };
    let began = Instant::now();
    let clock = Clock::new(move || NOW.plus(u32::try_from(began.elapsed().as_secs()).unwrap()));
    let building = over(store.clone(), handler).clock(clock);
    (building.build(), calls)
}

#[tokio::test(start_paused = true)]
async fn what_was_reserved_too_late_is_not_held_for_a_lease() {
    for wrong in
        [Wrong::LateResponse, Wrong::LateEffect, Wrong::LostResponse, Wrong::Panic, Wrong::EagerPanic, Wrong::Error]
    {
        let store = Faulty::new("reserve", wrong);
        let (webhook, calls) = webhook(&store, 0);
        let body = body("EV-1", &api_v3_key());
        let began = Instant::now();
        assert_eq!(status(&webhook, request(&body)).await, 503, "{wrong:?}");
        assert!(began.elapsed() <= STORE_TIMEOUT, "{wrong:?}: the platform is told at once");
        assert_eq!(calls.load(Ordering::Relaxed), 0, "{wrong:?}");
        sleep(Duration::from_secs(1)).await;
        assert_eq!(status(&webhook, request(&body)).await, 204, "{wrong:?}");
        assert_eq!((calls.load(Ordering::Relaxed), store.0.released.lock().unwrap().len()), (1, 1), "{wrong:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_committed_too_late_is_done_and_what_was_not_is_handled_again() {
    for (wrong, handled) in [
        (Wrong::LateResponse, 1),
        (Wrong::LateEffect, 1),
        (Wrong::LostResponse, 1),
        (Wrong::Panic, 1),
        (Wrong::EagerPanic, 2),
        (Wrong::Error, 2),
    ] {
        let store = Faulty::new("commit", wrong);
        let (webhook, calls) = webhook(&store, 0);
        let body = body("EV-1", &api_v3_key());
        assert_eq!(status(&webhook, request(&body)).await, 503, "{wrong:?}");
        sleep(Duration::from_secs(1)).await;
        assert_eq!(status(&webhook, request(&body)).await, 204, "{wrong:?}");
        assert_eq!(calls.load(Ordering::Relaxed), handled, "{wrong:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_released_too_late_is_free_once_it_is() {
    for wrong in
        [Wrong::LateResponse, Wrong::LateEffect, Wrong::LostResponse, Wrong::Panic, Wrong::EagerPanic, Wrong::Error]
    {
        let store = Faulty::new("release", wrong);
        let (webhook, calls) = webhook(&store, 1);
        let body = body("EV-1", &api_v3_key());
        assert_eq!(status(&webhook, request(&body)).await, 500, "{wrong:?}");
        sleep(Duration::from_secs(1)).await;
        assert_eq!(status(&webhook, request(&body)).await, 204, "{wrong:?}");
        assert_eq!(calls.load(Ordering::Relaxed), 2, "{wrong:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_reservation_that_comes_late_takes_nothing_from_the_copy_in_hand() {
    let store = Faulty::new("reserve", Wrong::MuchLater);
    let handled = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&handled);
    let handler = move |_: Received| {
        counter.fetch_add(1, Ordering::Relaxed);
        async {
            sleep(MUCH_LATER).await;
            Ok::<(), Infallible>(())
        }
    };
    let began = Instant::now();
    let clock = Clock::new(move || NOW.plus(u32::try_from(began.elapsed().as_secs()).unwrap()));
    let building = over(store.clone(), handler).clock(clock);
    let webhook = building.build();
    let body = body("EV-1", &api_v3_key());
    assert_eq!(status(&webhook, request(&body)).await, 503);
    sleep(Duration::from_secs(1)).await;
    // The second copy is in hand from a second later on than the first one looked at the clock.
    let (second, third) = tokio::join!(status(&webhook, request(&body)), async {
        sleep(MUCH_LATER - Duration::from_millis(500)).await;
        // The late reservation has been released.
        assert_eq!(store.0.released.lock().unwrap().len(), 1);
        status(&webhook, request(&body)).await
    });
    assert_eq!((second, third), (204, 503));
    assert_eq!(handled.load(Ordering::Relaxed), 1);
}

/// A store that never responds to a reservation, and counts them.
#[derive(Clone, Default)]
struct Silent(Arc<AtomicUsize>);

impl Deduplicate for Silent {
    type Error = Infallible;

    async fn reserve(&self, _: Key<'_>, _: Lease, _: UnixTime) -> Result<Reservation, Infallible> {
        self.0.fetch_add(1, Ordering::Relaxed);
        std::future::pending().await
    }

    async fn commit(&self, _: Key<'_>, _: Lease) -> Result<bool, Infallible> {
        Ok(false)
    }

    async fn release(&self, _: Key<'_>, _: Lease) -> Result<(), Infallible> {
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn messages_that_come_in_one_moment_are_no_more_at_once_than_the_store_is_asked_for() {
    const TOGETHER: usize = 16;
    let store = Silent::default();
    let handler = |_: Received| async { Ok::<(), Infallible>(()) };
    let webhook = over(store.clone(), handler).clock(Clock::new(|| NOW)).build();
    let body = body("EV-1", &api_v3_key());
    // The first ones are all late, which halves the window.
    for asked in [TOGETHER, TOGETHER + TOGETHER / 2] {
        let statuses = futures_util::future::join_all((0..TOGETHER).map(|_| status(&webhook, request(&body)))).await;
        assert_eq!(statuses, [503; TOGETHER]);
        assert_eq!(store.0.load(Ordering::Relaxed), asked);
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_that_hangs_is_waited_for_a_minute_and_keeps_nothing_open() {
    let store = Faulty::new("reserve", Wrong::Hangs);
    let (webhook, _) = webhook(&store, 0);
    let began = Instant::now();
    assert_eq!(status(&webhook, request(&body("EV-1", &api_v3_key()))).await, 503);
    sleep(GIVES_UP - LATE).await;
    assert_eq!((store.0.released.lock().unwrap().len(), store.0.open.load(Ordering::Relaxed)), (0, 1));
    sleep(2 * LATE).await;
    let released = store.0.released.lock().unwrap().clone();
    assert_eq!(released.len(), 1);
    assert!(released[0] - began >= STORE_TIMEOUT + GIVES_UP);
    assert_eq!(store.0.open.load(Ordering::Relaxed), 0);
}

#[test]
fn a_runtime_that_shuts_down_drops_what_waits() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    let store = Faulty::new("reserve", Wrong::Hangs);
    runtime.block_on(async {
        let (webhook, _) = webhook(&store, 0);
        assert_eq!(status(&webhook, request(&body("EV-1", &api_v3_key()))).await, 503);
    });
    assert_eq!(store.0.open.load(Ordering::Relaxed), 1);
    drop(runtime);
    assert_eq!(store.0.open.load(Ordering::Relaxed), 0);
    // Nor does a request that outlives its runtime panic.
    let first = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let second = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let never = crate::webhook::building(|_: Received| async {
        std::future::pending::<()>().await;
        Ok::<(), Infallible>(())
    });
    let never = never.build();
    let mut waiting = Box::pin(async move { status(&never, request(&body("EV-2", &api_v3_key()))).await });
    first.block_on(async {
        let mut context = Context::from_waker(Waker::noop());
        assert!(waiting.as_mut().poll(&mut context).is_pending());
    });
    drop(first);
    assert_eq!(second.block_on(waiting), 503);
}
