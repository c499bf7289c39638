//! The bounds of the API.

use std::time::Duration;

use protocol_core::rate::Rate;

/// Most rows of one response.
pub const MAX_ROWS: u32 = 200;

/// Rows of a response. Default: so many.
pub(crate) const DEFAULT_ROWS: u32 = 50;

/// Largest body of a request, in bytes.
pub const MAX_REQUEST_BODY: usize = 64 * 1024;

/// The time in which a body must arrive.
pub(crate) const BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// Longest idempotency key, in bytes.
pub const MAX_IDEMPOTENCY_KEY: usize = 128;

/// Longest wait for the next event, in seconds.
pub const MAX_FEED_WAIT_SECONDS: u32 = 25;

/// Most requests and streams that wait for events at a time.
pub const MAX_FEED_WAITERS: usize = 64;

/// How long a stream of events lasts, in seconds; its reader then connects again.
pub const FEED_STREAM_SECONDS: u32 = 600;

/// How often the store is asked for events while a request waits for them.
pub(crate) const FEED_POLL: Duration = Duration::from_millis(500);

/// How often a stream without events shows that it is alive: proxies close silent connections.
pub(crate) const FEED_SIGN_OF_LIFE: Duration = Duration::from_secs(15);

/// The rate of one token: 600 requests a minute, 60 of them at once.
pub const TOKEN_RATE: Rate = Rate::per_minute(600).with_burst(60);

/// Most connections of the desk.
pub const MAX_DESK_CONNECTIONS: usize = 256;

/// The time in which the store must respond for the server to be ready.
pub(crate) const READY_TIMEOUT: Duration = Duration::from_secs(2);
