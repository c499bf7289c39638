//! A durable inbox of complaints: messages, documents with their deadlines and history, events, and
//! the acts that people and programs ask for. No acknowledged message is lost, and no act is done
//! twice.
//!
//! In scope: the trait [`Store`], whose every verb is one transaction; a store in one SQLite file
//! (`SqliteStore`, feature `sqlite`), and one in memory for tests and trials ([`MemoryStore`]). Out of
//! scope: HTTP, the platforms, and the loops that read, sweep and send.
//!
//! The inbox is level-triggered. There is no queue of jobs: a complaint is due to be read while it
//! was heard of more often than it was read. A claim is a lease with a fencing number, so that a
//! process may die at any instant, and one that only slept changes nothing.
//!
//! ```
//! use complaint_inbox::{ComplaintKey, Filter, MemoryStore, Message, Reading, Source, Store, StoreError};
//! use protocol_core::Clock;
//!
//! /// One complaint, from its message to its place in the list.
//! async fn story(store: impl Store) -> Result<(), StoreError> {
//!     let complaint = ComplaintKey::new("wechat-pay", "1900000001", "200201820200101080076610000");
//!     store.hear(Message::new("1900000001/EV-1", complaint.clone())).await?;
//!     for claim in store.claim(&complaint.source(), 10, 60).await? {
//!         // The platform is asked here.
//!         store.keep_reading(&claim, Reading::new(r#"{"complaint_id":"200201820200101080076610000"}"#)).await?;
//!     }
//!     let page = store.list(&Filter::default(), None, 50).await?;
//!     assert_eq!(page.rows[0].key, complaint);
//!     Ok(())
//! }
//! # let store = MemoryStore::new(Clock::new(|| protocol_core::UnixTime(0)));
//! # let told = std::pin::pin!(story(store)).poll(&mut std::task::Context::from_waker(std::task::Waker::noop()));
//! # assert!(matches!(told, std::task::Poll::Ready(Ok(()))));
//! ```

// docs.rs shows which feature an item needs.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod abort_point;
mod act;
mod complaint;
mod day;
mod deed;
mod error;
mod event;
mod handover;
mod kept_act;
mod memory;
mod message;
mod numbers;
mod picture;
mod reading;
mod reason;
mod reservations;
mod rules;
mod search;
mod session;
#[cfg(any(feature = "sqlite", test))]
mod signature;
#[cfg(feature = "sqlite")]
mod sqlite;
mod store;

/// For this project's own proofs.
#[doc(hidden)]
pub use abort_point::AbortPoint;
pub use act::{ActClaim, ActOutcome, ActRecord, ActStage, Ask, Asked};
pub use complaint::{
    Choices, ComplaintKey, ComplaintRecord, Cursor, Exported, Figures, Filter, Forgotten, MAX_CHOICES, Page, Source,
    Summary,
};
pub use day::Day;
pub use deed::{Deed, DeedRecord, MAX_DEED_TEXT};
pub use error::StoreError;
pub use event::{Event, EventKind, NewEvent};
pub use handover::{Handover, HandoverOutcome, Replay, StartAt};
pub use kept_act::KeptAct;
pub use memory::MemoryStore;
pub use message::{Heard, Letter, Message, NewLetter};
pub use numbers::{DayNumbers, MAX_DAYS, Milestone, Progress};
pub use picture::{
    MAX_PHONE_LOOKS, MAX_PICTURE_BYTES, MAX_PICTURES, PhoneLook, PhoneLooks, Picture, PictureClaim, PictureOutcome,
    PictureRecord, PictureState,
};
pub use reading::{Claim, Entry, MAX_PRODUCT, Reading, Sighting};
pub use reason::Reason;
pub use rules::{
    FIRST_WAIT_SECONDS, MAX_LEASE_SECONDS, MAX_NEAR_SECONDS, MAX_ROWS, MAX_WAIT_SECONDS, NearSteps,
    RESERVATION_SECONDS, Wait, kept_since,
};
pub use search::{MAX_NUMBER, MAX_NUMBERS, MAX_SEARCH_WORDS, MAX_SEARCHED, MAX_SEARCHED_TEXT};
pub use session::Session;
#[cfg(feature = "sqlite")]
pub use sqlite::SqliteStore;
pub use store::Store;
