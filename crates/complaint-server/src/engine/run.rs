//! The engine: its parts, how they start, and how they stop.

use std::any::Any;
use std::collections::HashMap;
use std::fmt;
use std::future::pending;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use axum::Router;
use complaint_channels::{Account, Channels, LiveChannels, SettingError};
use complaint_inbox::{Source, Store, StoreError};
use protocol_core::Clock;
use tokio::task::{AbortHandle, JoinSet};

use super::arrival::ALIPAY;
use super::pace::{LiveSteps, Pace};
use super::signals::{Bell, Listener, Turns, pause};
use super::{acts, keeper, pictures, reader, sweeper, webhooks};
use crate::metrics::Metrics;
use crate::stopping::Stopping;

/// Keeps an inbox as the platforms have it, and carries out what was asked for.
///
/// Each account is attended by itself, and Alipay's complaints through Allinpay beside WeChat's: its
/// complaints are read as soon as they are heard of, its lists are swept, its pictures are fetched, its
/// acts are carried out. An account that a reload adds is attended too, and one
/// that it removes is left. Beside that, deadlines are noted, and what is old is forgotten.
///
/// Dropping it ends everything at once, as a crash does: the next engine over the same store goes on.
///
/// ```no_run
/// use complaint_channels::LiveChannels;
/// use complaint_inbox::SqliteStore;
/// use complaint_server::{Engine, Pace, Stopping};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let store = SqliteStore::open("complaints.db")?;
/// let channels = LiveChannels::from_file("complaints.toml")?;
/// let engine = Engine::start(store, channels, Pace::default(), Stopping::default());
/// let webhooks = engine.webhooks()?; // for a listener
/// # drop(webhooks);
/// engine.stop().await;
/// # Ok(())
/// # }
/// ```
pub struct Engine<S> {
    shared: Arc<Shared<S>>,
    tasks: JoinSet<()>,
}

/// What the parts share.
pub(super) struct Shared<S> {
    pub(super) store: S,
    pub(super) live: LiveChannels,
    pub(super) pace: Pace,
    pub(super) near_steps: LiveSteps,
    pub(super) clock: Clock,
    /// There may be something to read or to carry out.
    pub(super) work: Bell,
    /// A list has something new.
    pub(super) unlisted: Bell,
    /// There may be new events.
    pub(super) events: Bell,
    /// A ring of `work` or `events` wakes every account, and each asks the store for its own.
    pub(super) claims: Turns,
    pub(super) stopping: Stopping,
    pub(super) metrics: Metrics,
}

impl<S> Shared<S> {
    /// Waits for news, at most so long. `false`: it is time to stop.
    pub(super) async fn pause(&self, news: &mut Listener, at_most: Duration) -> bool {
        pause(&self.stopping, news, at_most).await
    }

    /// Works on a source at once and whenever this bell rings, until its account is removed. The work
    /// returns whether more may be to do. A store that fails logs it, and is asked again at the next look.
    pub(super) async fn attend<F>(&self, source: &Source, news: &Bell, work: impl Fn() -> F)
    where
        F: Future<Output = Result<bool, StoreError>>,
    {
        let mut news = news.listener();
        loop {
            if account_of(&self.live.current(), source).is_none() {
                return;
            }
            while let Ok(true) = work().await {}
            if !self.pause(&mut news, self.pace.look_every).await {
                return;
            }
        }
    }

    /// Stores what cannot be had again for nothing, at most so often while the store may recover.
    pub(super) async fn store_again<T, F>(&self, attempts: u32, store: impl Fn() -> F) -> Result<T, StoreError>
    where
        F: Future<Output = Result<T, StoreError>>,
    {
        let mut silence = Bell::default().listener();
        let mut attempt = 1;
        loop {
            match store().await {
                Err(error) if error.is_retryable() && attempt < attempts => {
                    if !self.pause(&mut silence, STORE_EVERY).await {
                        return Err(error);
                    }
                }
                stored => return stored,
            }
            attempt += 1;
        }
    }
}

/// The time between two attempts to store the same.
const STORE_EVERY: Duration = Duration::from_secs(5);

impl<S: Store> Engine<S> {
    /// Starts everything. It must be called within a Tokio runtime. The certificates of the channels
    /// are kept fresh from now on. It stops with the other parts that share the wish.
    #[must_use]
    pub fn start(store: S, channels: LiveChannels, pace: Pace, stopping: Stopping) -> Self {
        let near_steps = LiveSteps::new(pace.near_steps.clone());
        Self::start_with(store, channels, pace, near_steps, stopping)
    }

    /// [`start`](Self::start), with distances that may change.
    pub(crate) fn start_with(
        store: S,
        channels: LiveChannels,
        pace: Pace,
        near_steps: LiveSteps,
        stopping: Stopping,
    ) -> Self {
        channels.keep_certificates();
        let shared = Arc::new(Shared {
            store,
            live: channels,
            pace,
            near_steps,
            clock: Clock::new(|| SystemTime::now().into()),
            work: Bell::default(),
            unlisted: Bell::default(),
            events: Bell::default(),
            claims: Turns::default(),
            stopping,
            metrics: Metrics::default(),
        });
        let mut tasks = JoinSet::new();
        tasks.spawn(attend_all(Arc::clone(&shared)));
        tasks.spawn(keeper::note_deadlines(Arc::clone(&shared)));
        tasks.spawn(keeper::forget(Arc::clone(&shared)));
        Self { shared, tasks }
    }

    /// The webhooks of all channels: WeChat Pay's notifications at
    /// [`WECHAT_PAY_PATH`](crate::WECHAT_PAY_PATH), each Mini Program's pushes at
    /// `/mini-program/` and its `appid`, each Allinpay merchant's notices at
    /// [`allinpay_path`](crate::allinpay_path). They follow each reload.
    ///
    /// A message is acknowledged once it is in the store. A store that cannot keep it is a 503, and
    /// the platform retries.
    ///
    /// # Errors
    /// [`SettingError`]: two merchants of WeChat Pay have one APIv3 key, or a Mini Program's pushes
    /// are not signed.
    pub fn webhooks(&self) -> Result<Router, SettingError> {
        webhooks::router(&self.shared)
    }

    /// The counters of the sweeps, to be shared with the other parts.
    #[must_use]
    pub fn metrics(&self) -> Metrics {
        self.shared.metrics.clone()
    }

    /// To be rung when an act was asked for.
    #[must_use]
    pub fn work(&self) -> Bell {
        self.shared.work.clone()
    }

    /// Rings when the engine may have written events.
    #[must_use]
    pub fn events(&self) -> Bell {
        self.shared.events.clone()
    }

    /// As [`RunningServer::panicked`](crate::RunningServer::panicked). The work on an account is no part:
    /// it begins again by itself.
    pub(crate) async fn panicked(&mut self) -> Panic {
        panicked(&mut self.tasks).await
    }

    /// Asks all that share the wish to stop, and returns once the engine's own work in hand is
    /// finished. An act may take minutes.
    pub async fn stop(mut self) {
        self.shared.stopping.stop();
        while self.tasks.join_next().await.is_some() {}
    }
}

impl<S> fmt::Debug for Engine<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").field("pace", &self.shared.pace).finish_non_exhaustive()
    }
}

/// What a panic carries.
pub(crate) type Panic = Box<dyn Any + Send>;

/// Ready once one of these parts has panicked.
pub(crate) async fn panicked(parts: &mut JoinSet<()>) -> Panic {
    while let Some(ended) = parts.join_next().await {
        if let Some(panic) = ended.err().and_then(|error| error.try_into_panic().ok()) {
            return panic;
        }
    }
    pending().await
}

/// Attends each account, by tasks of its own: one whose platform is slow holds up no other.
async fn attend_all<S: Store>(shared: Arc<Shared<S>>) {
    let mut tasks = JoinSet::new();
    let mut attended: HashMap<(Source, Work), AbortHandle> = HashMap::new();
    // Reloads ring no bell, so accounts are looked up every so often.
    let mut silence = Bell::default().listener();
    loop {
        while tasks.try_join_next().is_some() {}
        attended.retain(|_, task| !task.is_finished());
        for source in shared.live.current().accounts().flat_map(sources_of) {
            for work in [Work::Read, Work::Sweep, Work::Picture, Work::Act] {
                let attend = || tasks.spawn(attend(Arc::clone(&shared), source.clone(), work));
                attended.entry((source.clone(), work)).or_insert_with(attend);
            }
        }
        if !shared.pause(&mut silence, shared.pace.look_every).await {
            break;
        }
    }
    while tasks.join_next().await.is_some() {}
}

/// The work on a source. Each ends by itself once it sees that the account is removed, and begins
/// again by itself if the account is added again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Work {
    Read,
    Sweep,
    Picture,
    Act,
}

/// Does its work on a source until the account is removed.
async fn attend<S: Store>(shared: Arc<Shared<S>>, source: Source, work: Work) {
    match work {
        Work::Read => reader::run(&shared, &source).await,
        Work::Sweep => sweeper::run(&shared, &source).await,
        Work::Picture => pictures::run(&shared, &source).await,
        Work::Act => acts::run(&shared, &source).await,
    }
}

/// The account in the inbox. Allinpay has Alipay's complaints beside WeChat's.
fn sources_of(account: Account<'_>) -> impl Iterator<Item = Source> {
    channels_of(account).map(move |channel| Source::new(channel, &account.id().merchant))
}

fn channels_of(account: Account<'_>) -> impl Iterator<Item = &'static str> {
    let alipay = matches!(account, Account::Allinpay(_)).then_some(ALIPAY);
    [account.id().channel.as_str()].into_iter().chain(alipay)
}

/// The account of a source; `None` if the configuration has it no more.
pub(crate) fn account_of<'c>(channels: &'c Channels, source: &Source) -> Option<Account<'c>> {
    let is_its = |account: Account<'_>| {
        account.id().merchant == source.merchant && channels_of(account).any(|channel| channel == source.channel)
    };
    channels.accounts().find(|account| is_its(*account))
}

#[cfg(test)]
mod tests {
    use std::panic::resume_unwind;

    use futures_util::FutureExt as _;

    use super::*;

    #[tokio::test]
    async fn the_panic_of_a_part_is_told_and_its_end_is_not() {
        let mut parts = JoinSet::new();
        parts.spawn(std::future::ready(()));
        parts.spawn(pending());
        assert!(panicked(&mut parts).now_or_never().is_none(), "nothing has panicked");
        parts.spawn(async { resume_unwind(Box::new("planted")) });
        assert_eq!(panicked(&mut parts).await.downcast_ref(), Some(&"planted"));
        parts.abort_all();
        assert!(panicked(&mut parts).now_or_never().is_none(), "what was aborted has not panicked");
    }
}
