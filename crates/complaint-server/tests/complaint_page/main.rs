//! The page of one complaint, as a browser without scripts sees it, over the engine and the simulated
//! platforms.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod browser;
mod channels;
mod hostile;
mod letters;
mod refusals;
mod story;
mod together;
mod world;
