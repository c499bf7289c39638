//! A configuration that is read again while a service runs.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

#[cfg(feature = "webhook")]
use allinpay_adapter::Notices;
#[cfg(feature = "webhook")]
use wechat_adapter::Notifications;
#[cfg(all(feature = "mini-program", feature = "webhook"))]
use wechat_adapter::mini_program::Pushes;
#[cfg(feature = "webhook")]
use wechat_adapter::webhook_service::{Inbound, Replaceable};

use crate::channels::Channels;
use crate::error::{SettingError, SettingErrorKind};
use crate::settings::Settings;

/// The channels of a file that is read again while a service runs, for instance on `SIGHUP`. Clones
/// share them.
///
/// ```no_run
/// use complaint_channels::LiveChannels;
///
/// # fn main() -> Result<(), complaint_channels::SettingError> {
/// let live = LiveChannels::from_file("complaints.toml")?;
/// let channels = live.current(); // for one piece of work
/// # drop(channels);
/// if let Err(error) = live.reload() {
///     eprintln!("the configuration was not read again: {error}"); // all is as before
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct LiveChannels(Arc<Live>);

struct Live {
    path: PathBuf,
    current: RwLock<Arc<Channels>>,
    /// What follows a reload. Reloads take turns.
    following: Mutex<Following>,
}

#[derive(Default)]
struct Following {
    keeps_certificates: bool,
    followers: Vec<Follower>,
}

/// Prepares for a reload. Its result makes the change.
type Follower = Box<dyn Fn(&Settings, &Channels) -> Result<Change, SettingError> + Send>;
type Change = Box<dyn FnOnce()>;

impl LiveChannels {
    /// Reads a configuration and all that it names.
    ///
    /// # Errors
    /// [`SettingError`], of the first fault.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, SettingError> {
        Self::of(&Settings::from_file(path)?)
    }

    /// The channels of settings that were read from a file, which is read again.
    ///
    /// # Errors
    /// [`SettingError`], of the first fault.
    pub fn of(settings: &Settings) -> Result<Self, SettingError> {
        let none =
            || SettingError::new(SettingErrorKind::File, "the configuration is no file, and cannot be read again");
        let path = settings.path().ok_or_else(none)?.to_owned();
        let current = RwLock::new(Arc::new(Channels::of(settings)?));
        Ok(Self(Arc::new(Live { path, current, following: Mutex::default() })))
    }

    /// The channels as they are now. A piece of work takes them once, so that it sees one
    /// configuration.
    #[must_use]
    pub fn current(&self) -> Arc<Channels> {
        Arc::clone(&self.0.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads the configuration and all that it names again. Accounts for which nothing has changed
    /// keep their clients. With [`keep_certificates`](Self::keep_certificates), it must be called
    /// within a Tokio runtime.
    ///
    /// # Errors
    /// [`SettingError`], of the first fault. Everything is then as before.
    pub fn reload(&self) -> Result<Arc<Channels>, SettingError> {
        let following = self.0.following.lock().unwrap_or_else(PoisonError::into_inner);
        let settings = Settings::from_file(&self.0.path)?;
        let channels = Arc::new(self.current().renewed(&settings)?);
        let changes = following.followers.iter().map(|follower| follower(&settings, &channels));
        let changes = changes.collect::<Result<Vec<_>, _>>()?;
        *self.0.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&channels);
        changes.into_iter().for_each(|change| change());
        if following.keeps_certificates {
            channels.keep_certificates();
        }
        Ok(channels)
    }

    /// Keeps the certificates of every merchant fresh, where the platform's are used, also of those
    /// that a reload adds. It must be called within a Tokio runtime.
    pub fn keep_certificates(&self) {
        let mut following = self.0.following.lock().unwrap_or_else(PoisonError::into_inner);
        following.keeps_certificates = true;
        self.current().keep_certificates();
    }

    /// Changes something else with each reload, such as a certificate: `prepare` reads what it needs, and
    /// its result makes the change. If one `prepare` fails, the reload fails, and everything is as before.
    pub fn follow<C: FnOnce() + 'static>(
        &self,
        prepare: impl Fn(&Settings, &Channels) -> Result<C, SettingError> + Send + 'static,
    ) {
        let mut following = self.0.following.lock().unwrap_or_else(PoisonError::into_inner);
        let follower: Follower = Box::new(move |settings, channels| Ok(Box::new(prepare(settings, channels)?)));
        following.followers.push(follower);
    }

    /// What a webhook receives ([`Channels::notifications`]); it follows each reload.
    ///
    /// # Errors
    /// [`SettingError`], here or of a later reload: two merchants have the same APIv3 key.
    #[cfg(feature = "webhook")]
    pub fn notifications(&self) -> Result<Replaceable<Notifications>, SettingError> {
        let mut following = self.0.following.lock().unwrap_or_else(PoisonError::into_inner);
        let inbound = Replaceable::new(self.current().notifications()?);
        following.followers.push(follower(&inbound, Channels::notifications));
        Ok(inbound)
    }

    /// What a webhook receives ([`Channels::notices`]); it follows each reload.
    #[cfg(feature = "webhook")]
    pub fn notices(&self, path: impl Fn(&str) -> String + Send + 'static) -> Replaceable<Notices> {
        let mut following = self.0.following.lock().unwrap_or_else(PoisonError::into_inner);
        let inbound = Replaceable::new(self.current().notices(&path));
        following.followers.push(follower(&inbound, move |channels| Ok(channels.notices(&path))));
        inbound
    }

    /// What a webhook receives ([`Channels::pushes`]); it follows each reload.
    #[cfg(all(feature = "mini-program", feature = "webhook"))]
    pub fn pushes(&self, path: impl Fn(&str) -> String + Send + 'static) -> Replaceable<Pushes> {
        let mut following = self.0.following.lock().unwrap_or_else(PoisonError::into_inner);
        let inbound = Replaceable::new(self.current().pushes(&path));
        following.followers.push(follower(&inbound, move |channels| Ok(channels.pushes(&path))));
        inbound
    }

    /// Reads the configuration again whenever the process gets `SIGHUP`, and reports each outcome.
    /// It runs until it is dropped.
    ///
    /// # Errors
    /// The system's: the signal cannot be waited for.
    #[cfg(all(unix, feature = "signal"))]
    pub async fn reload_on_hangup(
        &self,
        mut report: impl FnMut(Result<Arc<Channels>, SettingError>),
    ) -> std::io::Result<()> {
        use tokio::signal::unix::{SignalKind, signal};

        let mut hangup = signal(SignalKind::hangup())?;
        while hangup.recv().await.is_some() {
            let live = self.clone();
            // Files are read on another thread than those that serve.
            report(tokio::task::spawn_blocking(move || live.reload()).await?);
        }
        Ok(())
    }
}

impl fmt::Debug for LiveChannels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("LiveChannels").field(&self.current()).finish()
    }
}

/// Replaces what a webhook receives.
#[cfg(feature = "webhook")]
fn follower<C: Inbound>(
    inbound: &Replaceable<C>,
    of: impl Fn(&Channels) -> Result<C, SettingError> + Send + 'static,
) -> Follower {
    let inbound = inbound.clone();
    Box::new(move |_, channels| {
        let (inbound, next) = (inbound.clone(), of(channels)?);
        Ok(Box::new(move || inbound.replace(next)))
    })
}
