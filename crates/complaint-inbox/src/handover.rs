//! Events on their way to endpoints.

use crate::event::Event;
use crate::rules::Wait;

/// An event that an endpoint is due to receive, and the right to send it until the lease ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handover {
    /// The endpoint's name.
    pub endpoint: String,
    /// The event.
    pub event: Event,
    /// The number of attempts that failed.
    pub failed: u32,
    /// The number of this claim: a later claim has a larger one.
    pub fence: i64,
}

/// The outcome of an attempt. Exhaustive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HandoverOutcome {
    /// The endpoint has it.
    Delivered,
    /// It failed, and is tried again after a wait.
    Failed(Wait),
    /// It failed, and is not tried again.
    Dead,
}

/// The first event that a new endpoint receives. Exhaustive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StartAt {
    /// The oldest one in the inbox.
    Oldest,
    /// The next one.
    Next,
}

/// The events that an endpoint receives once more. Exhaustive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replay {
    /// Those that it was given up on.
    Dead,
    /// All with a number larger than this.
    After(i64),
}
