//! The endpoints that events are handed on to. A configuration that is read again changes them.

use std::sync::Arc;

use complaint_channels::{SettingError, SettingErrorKind};
use complaint_inbox::StartAt;
use tokio::sync::watch;

use super::endpoint::Endpoint;
use super::handler::Handler;
use crate::notices::{People, Recipient};

/// The endpoints of an [`Onward`](crate::Onward), as they are now. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct Endpoints(Arc<watch::Sender<Vec<Arc<Named>>>>);

/// An endpoint as the store knows it.
#[derive(Debug)]
pub(super) struct Named {
    pub(super) name: String,
    pub(super) start: StartAt,
    pub(super) to: To,
}

#[derive(Debug)]
pub(super) enum To {
    Service(Endpoint),
    Handler(Handler),
    People(Box<People>),
}

impl Endpoints {
    /// The names under which the store keeps events for them.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.0.borrow().iter().flat_map(|endpoint| endpoint.queues()).collect()
    }

    /// Hears each change.
    pub(super) fn follow(&self) -> watch::Receiver<Vec<Arc<Named>>> {
        self.0.subscribe()
    }

    /// Adds one.
    pub(super) fn add(&self, endpoint: Named) -> Result<(), SettingError> {
        let mut endpoints = self.0.borrow().clone();
        push(&mut endpoints, Arc::new(endpoint))?;
        self.0.send_replace(endpoints);
        Ok(())
    }

    /// Puts these in the place of all except functions of this process, once the result is called. One for
    /// which nothing has changed is the same one: it keeps what it remembers.
    ///
    /// # Errors
    /// [`SettingError`]: two have one name.
    pub(crate) fn replaced(
        &self,
        services: Vec<Endpoint>,
        recipients: Vec<Recipient>,
    ) -> Result<impl FnOnce() + use<>, SettingError> {
        let before = self.0.borrow().clone();
        let handlers = before.iter().filter(|endpoint| matches!(endpoint.to, To::Handler(_))).cloned();
        let mut after: Vec<Arc<Named>> = handlers.collect();
        let configured = services.into_iter().map(Named::from).chain(recipients.into_iter().map(Named::from));
        for endpoint in configured {
            let same = before.iter().find(|before| before.is_same(&endpoint)).cloned();
            push(&mut after, same.unwrap_or_else(|| Arc::new(endpoint)))?;
        }
        let endpoints = self.clone();
        Ok(move || {
            tell_what_goes(&before, &after);
            endpoints.0.send_replace(after);
        })
    }
}

impl Named {
    /// The names under which the store keeps events for it.
    pub(super) fn queues(&self) -> Vec<String> {
        match &self.to {
            To::People(people) => people.queues(),
            To::Service(_) | To::Handler(_) => vec![self.name.clone()],
        }
    }

    /// Whether both have a queue.
    pub(super) fn shares_a_queue(&self, other: &Self) -> bool {
        let queues = self.queues();
        other.queues().iter().any(|queue| queues.contains(queue))
    }

    /// Whether nothing of it differs.
    fn is_same(&self, other: &Self) -> bool {
        match (&self.to, &other.to) {
            (To::Service(one), To::Service(other)) => one == other,
            (To::People(one), To::People(other)) => one.recipient() == other.recipient(),
            _ => false,
        }
    }
}

impl From<Endpoint> for Named {
    fn from(endpoint: Endpoint) -> Self {
        Self { name: endpoint.name.clone(), start: endpoint.start, to: To::Service(endpoint) }
    }
}

impl From<Recipient> for Named {
    fn from(recipient: Recipient) -> Self {
        let name = recipient.name().to_owned();
        Self { name, start: StartAt::Next, to: To::People(Box::new(People::new(recipient))) }
    }
}

/// Adds an endpoint, unless another would receive a part of its events.
fn push(endpoints: &mut Vec<Arc<Named>>, endpoint: Arc<Named>) -> Result<(), SettingError> {
    if endpoints.iter().any(|other| other.shares_a_queue(&endpoint)) {
        let twice = format_args!("two endpoints have the name {}; rename one", endpoint.name);
        return Err(SettingError::new(SettingErrorKind::Choice, twice));
    }
    endpoints.push(endpoint);
    Ok(())
}

/// Logs the names that are configured no longer: the store still keeps events for them.
#[cfg(feature = "tracing")]
fn tell_what_goes(before: &[Arc<Named>], after: &[Arc<Named>]) {
    let stay: Vec<String> = after.iter().flat_map(|endpoint| endpoint.queues()).collect();
    for endpoint in before.iter().flat_map(|endpoint| endpoint.queues()).filter(|queue| !stay.contains(queue)) {
        tracing::warn!(
            endpoint,
            "an endpoint is no longer configured: its events are kept and count as pending, until it is configured \
             again, or forgotten by `complaints onward forget`"
        );
    }
}

#[cfg(not(feature = "tracing"))]
fn tell_what_goes(_: &[Arc<Named>], _: &[Arc<Named>]) {}
