//! The configuration of a sandbox.

use std::path::PathBuf;
use std::time::Duration;

use protocol_core::wechat_pay::Scheme;
use protocol_core::{Secret, UnixTime};

use crate::clock::Clock;
use crate::exchange::{Exchange, Observer};

/// Smallest [`SandboxConfig::with_time_scale`]: a thousand times slower than the platform.
pub const MIN_TIME_SCALE: f64 = 1e-3;

/// The platforms' timeout for the response to a notification or a push.
pub const DELIVERY_TIMEOUT: Duration = Duration::from_secs(5);

/// Longest [`SandboxConfig::with_delivery_timeout`].
pub const MAX_DELIVERY_TIMEOUT: Duration = Duration::from_secs(3600);

/// The configuration of a sandbox. Default: any free port, real time, an RSA merchant.
#[derive(Debug, Clone)]
#[must_use]
pub struct SandboxConfig {
    pub(crate) port: u16,
    pub(crate) time_scale: f64,
    pub(crate) delivery_timeout: Duration,
    pub(crate) scheme: Scheme,
    pub(crate) clock: Clock,
    pub(crate) own_acts: bool,
    pub(crate) memory: Option<PathBuf>,
    pub(crate) observer: Option<Observer>,
    pub(crate) story_token: Option<Secret>,
}

impl Default for SandboxConfig {
    fn default() -> Self {
        Self {
            port: 0,
            time_scale: 1.0,
            delivery_timeout: DELIVERY_TIMEOUT,
            scheme: Scheme::Rsa,
            clock: Clock::default(),
            own_acts: false,
            memory: None,
            observer: None,
            story_token: None,
        }
    }
}

impl SandboxConfig {
    /// Listens on this port of 127.0.0.1. Default: 0, any free port.
    pub fn with_port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Divides the waits between two deliveries of a notification or a push: with 100, a minute
    /// takes 0.6 seconds. A value that is not a number of at least [`MIN_TIME_SCALE`] counts as 1.
    /// Default: 1.
    pub fn with_time_scale(mut self, time_scale: f64) -> Self {
        self.time_scale = if time_scale.is_finite() && time_scale >= MIN_TIME_SCALE { time_scale } else { 1.0 };
        self
    }

    /// The timeout for the response to a notification or a push. Default: [`DELIVERY_TIMEOUT`], as
    /// at the platforms. At most [`MAX_DELIVERY_TIMEOUT`]. The time scale does not divide it.
    ///
    /// A test that counts deliveries sets a minute, so that a busy machine causes no retry. A test
    /// of a webhook that never responds sets a few milliseconds.
    pub fn with_delivery_timeout(mut self, timeout: Duration) -> Self {
        self.delivery_timeout = timeout.min(MAX_DELIVERY_TIMEOUT);
        self
    }

    /// The scheme of the default merchant. Default: RSA.
    pub fn with_scheme(mut self, scheme: Scheme) -> Self {
        self.scheme = scheme;
        self
    }

    /// Reads the time from this clock. Default: the machine's.
    pub fn with_clock(mut self, clock: impl Fn() -> UnixTime + Send + Sync + 'static) -> Self {
        self.clock = Clock::new(clock);
        self
    }

    /// Also notifies the merchant of its own acts. The platform's documents disagree on whether it
    /// does. Default: false.
    pub fn with_own_acts_notified(mut self, own_acts: bool) -> Self {
        self.own_acts = own_acts;
        self
    }

    /// Keeps the default accounts, their keys and all complaints in this file, and goes on with
    /// what an earlier sandbox kept there. A change is in the file before its response is sent.
    /// Accounts that were added, registered URLs, and messages that are still to be delivered are
    /// not kept: see [`Sandbox::push_all_order_complaints`](crate::Sandbox::push_all_order_complaints).
    /// A process has one set of keys, and sandboxes that it starts later share those of the file.
    /// Default: nothing is kept.
    pub fn with_memory(mut self, file: impl Into<PathBuf>) -> Self {
        self.memory = Some(file.into());
        self
    }

    /// Tells stories over HTTP only to those who have this token. Default: to everybody on this
    /// machine.
    pub fn with_story_token(mut self, token: Secret) -> Self {
        self.story_token = Some(token);
        self
    }

    /// Calls this function with each request that was responded to and with each attempt to deliver
    /// a message, as they happen. It must return soon: the sandbox waits for it.
    ///
    /// ```
    /// use platform_sandbox::SandboxConfig;
    ///
    /// let config = SandboxConfig::default().with_observer(|exchange| {
    ///     println!("{} {} {:?}", exchange.method, exchange.path, exchange.status);
    /// });
    /// ```
    pub fn with_observer(mut self, observer: impl Fn(&Exchange) + Send + Sync + 'static) -> Self {
        self.observer = Some(Observer::new(observer));
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delivery_waits_five_seconds_and_an_hour_at_most() {
        assert_eq!(SandboxConfig::default().delivery_timeout, Duration::from_secs(5));
        for (set, kept) in [
            (Duration::ZERO, Duration::ZERO),
            (MAX_DELIVERY_TIMEOUT, MAX_DELIVERY_TIMEOUT),
            (MAX_DELIVERY_TIMEOUT + Duration::from_nanos(1), MAX_DELIVERY_TIMEOUT),
            (Duration::MAX, MAX_DELIVERY_TIMEOUT),
        ] {
            assert_eq!(SandboxConfig::default().with_delivery_timeout(set).delivery_timeout, kept);
        }
    }
}
