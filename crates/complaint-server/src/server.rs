//! The server of one configuration: every part, wired together.

use std::any::Any;
use std::fmt;
use std::future::Future;
use std::net::SocketAddr;
use std::panic::resume_unwind;
#[cfg(feature = "sqlite")]
use std::path::Path;
use std::pin::pin;
#[cfg(feature = "page")]
use std::time::SystemTime;

use complaint_channels::{Channels, LiveChannels, ServeSettings, SettingError, SettingErrorKind, Settings};
use complaint_inbox::{Event, NearSteps, Store};
#[cfg(feature = "sqlite")]
use complaint_inbox::{SqliteStore, StoreError};
use futures_util::future::{Either, select};
use http_transport::{ClientConfig, HttpsClient, Listener, ListenerConfig};
#[cfg(feature = "page")]
use protocol_core::Secret;
use tokio::task::JoinSet;

use crate::desk::{Desk, Hosts, desk_listener, router};
use crate::engine::{Engine, LiveSteps, Pace, panicked};
use crate::names::merchant_names;
use crate::notices::Recipient;
use crate::onward::{Endpoint, Onward};
#[cfg(feature = "page")]
use crate::page::{Page, Replies, Users};
use crate::stopping::Stopping;
use crate::tokens::Tokens;

/// The server of one configuration: webhooks, reader, sweeper and acts over an inbox, and each
/// `[[onward]]`. The desk is there if it is asked for ([`with_desk`](Self::with_desk)).
///
/// Its files are read, its addresses bound and its inbox open before anything is received or sent.
///
/// ```no_run
/// use complaint_inbox::{Event, StoreError};
/// use complaint_server::Server;
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let server = Server::from_file("complaints.toml").await?.with_desk().await?;
/// let server = server.handler("log", |_, event: Event| async move {
///     println!("{} {}", event.kind.as_str(), event.complaint.id);
///     Ok::<(), StoreError>(())
/// })?;
/// println!("webhooks at {}", server.webhooks_url());
/// server.run(std::future::pending()).await?;
/// # Ok(())
/// # }
/// ```
pub struct Server<S> {
    settings: ServeSettings,
    has_tls: bool,
    keep_days: u32,
    pace: Pace,
    near_steps: LiveSteps,
    store: S,
    channels: LiveChannels,
    onward: Onward<S>,
    webhooks: Listener,
    desk: Option<BoundDesk>,
}

/// The desk's address, and who may come.
struct BoundDesk {
    listener: Listener,
    tokens: Tokens,
    #[cfg(feature = "page")]
    users: Users,
    #[cfg(feature = "page")]
    page: Page,
    /// Path and query of the one-time link.
    #[cfg(feature = "page")]
    link: Option<Secret>,
}

#[cfg(feature = "sqlite")]
impl Server<SqliteStore> {
    /// Opens the inbox of a configuration, and binds the address of its webhooks. It must be called
    /// within a Tokio runtime.
    ///
    /// # Errors
    /// [`SettingError`]: the configuration, the inbox or the address cannot be used.
    pub async fn from_file(path: impl AsRef<Path>) -> Result<Self, SettingError> {
        Self::from_settings(&Settings::from_file(path)?).await
    }

    /// [`from_file`](Self::from_file), for settings that were read from a file.
    ///
    /// # Errors
    /// As [`from_file`](Self::from_file).
    pub async fn from_settings(settings: &Settings) -> Result<Self, SettingError> {
        let channels = LiveChannels::of(settings)?;
        if channels.current().accounts().next().is_none() {
            let name = settings.path().unwrap_or(Path::new("the configuration")).display();
            let none = "has no merchant and no application; add a section, such as [wechat-pay]";
            return Err(SettingError::new(SettingErrorKind::Missing, format_args!("{name} {none}")));
        }
        let database = settings.inbox().database()?;
        // It is looked through for damage, on another thread than those that serve.
        let opened = tokio::task::spawn_blocking(|| SqliteStore::open(database)).await;
        let store = opened
            .unwrap_or(Err(StoreError::Closed))
            .map_err(|error| SettingError::new(SettingErrorKind::File, format_args!("[inbox]: {error}")))?;
        Self::over(store, settings, channels).await
    }
}

impl<S: Store> Server<S> {
    /// Binds the address of the webhooks, for any store. It must be called within a Tokio runtime.
    ///
    /// # Errors
    /// [`SettingError`]: the configuration or the address cannot be used.
    pub async fn over(store: S, settings: &Settings, channels: LiveChannels) -> Result<Self, SettingError> {
        let (serve, keep_days) = (settings.serve(), settings.inbox().keep_days()?);
        let config = serve.listener()?;
        let has_tls = config.tls().is_some();
        if let Some(tls) = config.tls().cloned() {
            channels.follow(move |settings, _| {
                let (tls, config) = (tls.clone(), settings.serve().listener()?);
                Ok(move || config.tls().into_iter().for_each(|renewed| tls.replace(renewed)))
            });
        }
        // Endpoints accept `http` on loopback alone.
        let client = HttpsClient::new(ClientConfig::default().with_allow_http(true));
        let onward = Onward::new(store.clone(), client.map_err(|error| unusable(&error))?);
        let (endpoints, near_steps) = (onward.endpoints(), LiveSteps::new(NearSteps::default()));
        let live_steps = near_steps.clone();
        let follow = move |settings: &Settings, channels: &Channels| {
            let (services, recipients, steps) = receivers(settings, channels)?;
            let (change, live_steps) = (endpoints.replaced(services, recipients)?, live_steps.clone());
            Ok(move || {
                change();
                live_steps.replace(steps);
            })
        };
        follow(settings, &channels.current())?();
        channels.follow(follow);
        let webhooks = bind("webhooks", serve.webhooks()?, config).await?;
        let (pace, desk) = (Pace::default(), None);
        Ok(Self { settings: serve, has_tls, keep_days, pace, near_steps, store, channels, onward, webhooks, desk })
    }

    /// Binds the address of the desk, for the tokens and the users of the configuration. Without users
    /// there is a one-time link (`link_url`).
    ///
    /// # Errors
    /// [`SettingError`]: the file of the tokens ([`SettingErrorKind::File`] if it is not there) or the
    /// address cannot be used.
    pub async fn with_desk(self) -> Result<Self, SettingError> {
        let tokens = Tokens::from_file(self.settings.api_tokens_file())?;
        #[cfg(feature = "page")]
        let users = Users::from_file(self.settings.users_file())?;
        #[cfg(feature = "page")]
        let replies = templates(&self.settings)?;
        #[cfg(feature = "page")]
        {
            let offered = replies.clone();
            self.channels.follow(move |settings, _| {
                let (offered, read) = (offered.clone(), templates(&settings.serve())?);
                Ok(move || offered.replace(&read))
            });
        }
        #[cfg(feature = "page")]
        let (page, link) = match Page::new(users.clone()).with_replies(replies) {
            page if users.is_empty() => {
                let (page, link) = page.with_link(SystemTime::now().into())?;
                (page, Some(link))
            }
            page => (page, None),
        };
        let listener = bind("desk", self.settings.desk()?, desk_listener()).await?;
        let desk = BoundDesk {
            listener,
            tokens,
            #[cfg(feature = "page")]
            users,
            #[cfg(feature = "page")]
            page,
            #[cfg(feature = "page")]
            link,
        };
        Ok(Self { desk: Some(desk), ..self })
    }

    /// How often it does its rounds. `keep_days` and `near_steps` are the configuration's.
    #[must_use]
    pub fn with_pace(self, pace: Pace) -> Self {
        Self { pace, ..self }
    }

    /// Hands each event to a function of this process, with the inbox, as [`Onward::handler`] does.
    ///
    /// # Errors
    /// [`SettingError`]: a name that cannot be used, or that another endpoint has.
    pub fn handler<F, D, E>(mut self, name: &str, handle: F) -> Result<Self, SettingError>
    where
        F: Fn(S, Event) -> D + Send + Sync + 'static,
        D: Future<Output = Result<(), E>> + Send + 'static,
    {
        self.onward = self.onward.handler(name, handle)?;
        Ok(self)
    }

    /// The address of the webhooks.
    pub const fn webhooks(&self) -> SocketAddr {
        self.webhooks.local_addr()
    }

    /// The URL of the webhooks on this machine; their paths follow it.
    #[must_use]
    pub fn webhooks_url(&self) -> String {
        format!("{}://{}", if self.has_tls { "https" } else { "http" }, self.webhooks())
    }

    /// The URL of the desk, if there is one.
    #[must_use]
    pub fn desk_url(&self) -> Option<String> {
        self.desk.as_ref().map(|desk| format!("http://{}", desk.listener.local_addr()))
    }

    /// The link by which one person enters the page, once; `None` if there are users, or no desk. Show
    /// it to the operator alone.
    #[cfg(feature = "page")]
    #[must_use]
    pub fn link_url(&self) -> Option<Secret> {
        let (desk, url) = (self.desk.as_ref()?, self.desk_url()?);
        Some(Secret::new([url.as_bytes(), desk.link.as_ref()?.expose()].concat()))
    }

    /// The inbox.
    pub const fn store(&self) -> &S {
        &self.store
    }

    /// The channels, to be read again on `SIGHUP` for instance. The webhooks' certificate, each `[[onward]]`
    /// and `[[notice]]`, and the templates of replies change with them.
    pub const fn channels(&self) -> &LiveChannels {
        &self.channels
    }

    /// The tokens of the desk, if there is one, to be read again with the channels.
    #[must_use]
    pub fn tokens(&self) -> Option<&Tokens> {
        self.desk.as_ref().map(|desk| &desk.tokens)
    }

    /// The users of the page, if there is a desk, to be read again with the channels.
    #[cfg(feature = "page")]
    #[must_use]
    pub fn users(&self) -> Option<&Users> {
        self.desk.as_ref().map(|desk| &desk.users)
    }

    /// Starts everything.
    ///
    /// # Errors
    /// [`SettingError`], of [`Engine::webhooks`].
    pub fn start(self) -> Result<RunningServer<S>, SettingError> {
        let Self { settings, keep_days, pace, near_steps, store, channels, onward, webhooks, desk, .. } = self;
        let (stopping, pace) = (Stopping::default(), pace.with_keep_days(keep_days));
        let engine = Engine::start_with(store.clone(), channels.clone(), pace, near_steps, stopping.clone());
        let (router_of_webhooks, metrics, mut parts) = (engine.webhooks()?, engine.metrics(), JoinSet::new());
        parts.spawn(webhooks.serve(router_of_webhooks, wished(stopping.clone())));
        if let Some(bound) = desk {
            let hosts = settings.hosts().iter().fold(Hosts::of(bound.listener.local_addr()), Hosts::and);
            let desk = Desk::new(store, bound.tokens, hosts)
                .with_channels(channels)
                .with_stopping(stopping.clone())
                .with_metrics(metrics.clone())
                .with_endpoints(onward.endpoints())
                .with_work(engine.work())
                .with_events(engine.events());
            #[cfg(feature = "page")]
            let desk = desk.with_page(bound.page);
            parts.spawn(bound.listener.serve(router(desk), wished(stopping.clone())));
        }
        let onward = onward
            .with_stopping(stopping.clone())
            .with_metrics(metrics)
            .with_events(engine.events())
            .with_work(engine.work());
        parts.spawn(onward.run());
        Ok(RunningServer { engine, parts, stopping })
    }

    /// Serves until the future is ready, and then finishes what is in hand: an act may take minutes.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    ///
    /// # Panics
    /// As a part of it did. Everything has ended then as in a crash: the next server over the same
    /// inbox goes on.
    pub async fn run(self, until: impl Future<Output = ()>) -> Result<(), SettingError> {
        let mut running = self.start()?;
        if let Either::Right((panic, _)) = select(pin!(until), pin!(running.panicked())).await {
            resume_unwind(panic);
        }
        running.stop().await;
        Ok(())
    }
}

impl<S> fmt::Debug for Server<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("settings", &self.settings).field("onward", &self.onward).finish_non_exhaustive()
    }
}

/// A server that serves. If it is dropped, everything ends at once, as in a crash: the next server
/// over the same inbox goes on.
#[must_use = "it ends when it is dropped"]
pub struct RunningServer<S> {
    engine: Engine<S>,
    parts: JoinSet<()>,
    stopping: Stopping,
}

impl<S: Store> RunningServer<S> {
    /// Ready once a part has panicked, with what the panic carries. The others go on without it, so
    /// messages may be refused, or complaints not be read: drop the server and start another one over the
    /// same inbox, or [resume](std::panic::resume_unwind) the panic so that a supervisor does.
    pub async fn panicked(&mut self) -> Box<dyn Any + Send> {
        let (parts, engine) = (pin!(panicked(&mut self.parts)), pin!(self.engine.panicked()));
        select(parts, engine).await.factor_first().0
    }

    /// Stops once what is in hand is finished: an act may take minutes.
    pub async fn stop(mut self) {
        self.stopping.stop();
        while self.parts.join_next().await.is_some() {}
        self.engine.stop().await;
    }
}

impl<S> fmt::Debug for RunningServer<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunningServer").field("stopping", &self.stopping).finish_non_exhaustive()
    }
}

/// The endpoints and the recipients of notices that a configuration has, and the distances at which they
/// are told that a deadline is near.
fn receivers(
    settings: &Settings,
    channels: &Channels,
) -> Result<(Vec<Endpoint>, Vec<Recipient>, NearSteps), SettingError> {
    let services = settings.onward()?.iter().map(Endpoint::from_settings).collect::<Result<_, _>>()?;
    let serve = settings.serve();
    let (names, page) = (merchant_names(channels), serve.page_url()?);
    let recipient = |section| -> Result<Recipient, SettingError> {
        let recipient = Recipient::from_settings(section)?.with_names(names.clone());
        Ok(page.into_iter().fold(recipient, Recipient::with_page))
    };
    let recipients: Vec<Recipient> = settings.notices()?.iter().map(recipient).collect::<Result<_, _>>()?;
    let steps = recipients.iter().fold(NearSteps::default(), |steps, recipient| recipient.near_steps(steps));
    Ok((services, recipients, steps))
}

/// The templates of replies that a configuration names.
#[cfg(feature = "page")]
fn templates(settings: &ServeSettings) -> Result<Replies, SettingError> {
    settings.replies_file().map_or_else(|| Ok(Replies::default()), Replies::from_file)
}

async fn wished(stopping: Stopping) {
    stopping.wished().await;
}

/// Binds an address of `[serve]`.
async fn bind(member: &str, address: SocketAddr, config: ListenerConfig) -> Result<Listener, SettingError> {
    Listener::bind(address, config).await.map_err(|error| {
        let reason = error.kind();
        unusable(&format_args!("cannot listen on {address}, which `{member}` names: {reason}; name another"))
    })
}

fn unusable(problem: &dyn fmt::Display) -> SettingError {
    SettingError::new(SettingErrorKind::Value, format_args!("[serve]: {problem}"))
}
