//! A store that is late, or whose response is lost: what it may have reserved is released in the background.

use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Waker};
use std::time::Duration;

use protocol_core::UnixTime;
use protocol_core::replay::{Deduplicate, Key, Lease, MemoryDeduplicate, MemoryFull, Reservation};
use tokio::time::{Instant, sleep};
use wechat_adapter::{Clock, Received, Webhook};

use crate::platform::{NOW, api_v3_key};
use crate::webhook::{account, body, request, status, store};

const STORE_TIME: Duration = Duration::from_millis(600);
const LATE: Duration = Duration::from_millis(100);
/// `LATE_STORE` of the webhook.
const GIVES_UP: Duration = Duration::from_secs(60);

/// How a step of the store goes wrong.
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
    /// Not done.
    Error,
    /// Done at once; no response ever comes.
    Hangs,
}

/// A store whose first step of one name goes wrong.
#[derive(Clone)]
struct Faulty(Arc<Inner>);

struct Inner {
    memory: MemoryDeduplicate,
    step: &'static str,
    wrong: Wrong,
    is_spent: AtomicBool,
    /// When each release was asked for.
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

    async fn step<T>(
        &self,
        step: &str,
        effect: impl Future<Output = Result<T, MemoryFull>>,
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
                sleep(STORE_TIME + LATE).await;
                done
            }
            Wrong::LateEffect => {
                sleep(STORE_TIME + LATE).await;
                effect.await
            }
            Wrong::LostResponse => effect.await.and(Err("the connection broke")),
            Wrong::Panic => effect.await.map(|_| panic!("a scripted panic")),
            Wrong::Error => Err("down"),
            Wrong::Hangs => {
                let _done = effect.await;
                std::future::pending().await
            }
        }
    }
}

impl Deduplicate for Faulty {
    type Error = &'static str;

    async fn reserve(&self, key: Key<'_>, lease: Lease, now: UnixTime) -> Result<Reservation, &'static str> {
        self.step("reserve", async { self.0.memory.reserve(key, lease, now).await }).await
    }

    async fn commit(&self, key: Key<'_>, lease: Lease) -> Result<bool, &'static str> {
        self.step("commit", async { self.0.memory.commit(key, lease).await }).await
    }

    async fn release(&self, key: Key<'_>, lease: Lease) -> Result<(), &'static str> {
        self.0.released.lock().unwrap().push(Instant::now());
        self.step("release", async { self.0.memory.release(key, lease).await }).await
    }
}

/// A webhook over this store, whose clock goes with Tokio's, and how often its handler was called. The first calls fail.
fn webhook(
    store: &Faulty,
    failing: usize,
) -> (Webhook<impl wechat_adapter::Handler<Received> + use<>, Faulty>, Arc<AtomicUsize>) {
    let calls = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&calls);
    let handler = move |_: Received| {
        let fails = counter.fetch_add(1, Ordering::Relaxed) < failing;
        async move { if fails { Err("away") } else { Ok(()) } }
    };
    let began = Instant::now();
    let clock = Clock::new(move || NOW.plus(u32::try_from(began.elapsed().as_secs()).unwrap()));
    let building = Webhook::builder(store.clone(), handler).account(account()).clock(clock).store_time(STORE_TIME);
    (building.build().unwrap(), calls)
}

#[tokio::test(start_paused = true)]
async fn what_was_reserved_too_late_is_not_held_for_a_lease() {
    for wrong in [Wrong::LateResponse, Wrong::LateEffect, Wrong::LostResponse, Wrong::Panic, Wrong::Error] {
        let store = Faulty::new("reserve", wrong);
        let (webhook, calls) = webhook(&store, 0);
        let body = body("EV-1", &api_v3_key());
        let began = Instant::now();
        assert_eq!(status(&webhook, request(&body)).await, 503, "{wrong:?}");
        assert!(began.elapsed() <= STORE_TIME, "{wrong:?}: the platform is told at once");
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
    for wrong in [Wrong::LateResponse, Wrong::LateEffect, Wrong::LostResponse, Wrong::Panic, Wrong::Error] {
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
    assert!(released[0] - began >= STORE_TIME + GIVES_UP);
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
    let never = Webhook::builder(crate::webhook::store(), |_: Received| async {
        std::future::pending::<()>().await;
        Ok::<(), Infallible>(())
    });
    let never = never.account(account()).clock(Clock::new(|| NOW)).build().unwrap();
    let mut waiting = Box::pin(async move { status(&never, request(&body("EV-2", &api_v3_key()))).await });
    first.block_on(async {
        let mut context = Context::from_waker(Waker::noop());
        assert!(waiting.as_mut().poll(&mut context).is_pending());
    });
    drop(first);
    assert_eq!(second.block_on(waiting), 503);
}
