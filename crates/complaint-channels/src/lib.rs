//! One `complaints.toml` for every channel: the merchants and applications of a service, their
//! clients, receivers and keys.
//!
//! | I want to | use |
//! |---|---|
//! | everything of a file, checked at the start | [`Channels::from_file`] |
//! | read it again while the service runs, on `SIGHUP` for instance | [`LiveChannels`] |
//! | receive for every merchant of the file | [`LiveChannels::notifications`], [`LiveChannels::pushes`], [`LiveChannels::notices`] |
//! | list and act through every channel alike | [`Account::complaint_channel`] |
//! | one section, its keys read when they are asked for | [`Settings::wechat_pay`] and the like |
//! | know where the server listens, keeps its inbox and hands events on to | [`Settings::serve`], [`Settings::inbox`], [`Settings::onward`] |
//! | try an account's keys against its platform | [`WechatPayAccount::self_test`], and those of the other accounts |
//! | fetch a picture behind a plain link | [`Account::links`] |
//! | see which certificate ends when | [`Account::keys`] |
//!
//! ```no_run
//! use std::num::NonZeroUsize;
//!
//! use complaint_channels::LiveChannels;
//! use protocol_core::replay::MemoryDeduplicate;
//! use wechat_adapter::{Received, Webhook};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let live = LiveChannels::from_file("complaints.toml")?;
//! live.keep_certificates();
//! for account in live.current().accounts() {
//!     println!("{} {}", account.id().channel, account.id().merchant);
//! }
//!
//! let store = MemoryDeduplicate::new(NonZeroUsize::new(100_000).ok_or("zero")?, 60);
//! let handler = |received: Received| async move {
//!     println!("{} for {}", received.notification.event_type, received.mchid);
//!     Ok::<(), std::io::Error>(()) // once it is stored
//! };
//! let webhook = Webhook::builder(live.notifications()?, store, handler).build();
//! # let _ = webhook;
//!
//! // Later, in another task: all is as before if the file has a fault.
//! if let Err(error) = live.reload() {
//!     eprintln!("the configuration was not read again: {error}");
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # The file
//!
//! Each section is one table, `[wechat-pay]`, or a list of tables, `[[wechat-pay]]`. Sections of a
//! list have different numbers (`mchid`, `appid`, `cusid`), and may have a `name`. A
//! `[virtual-payment]` belongs to the Mini Program with its `appid`; it needs none if there is a
//! single `[mini-program]`. File names are relative to the folder of the file. A variable such as
//! `COMPLAINTS_WECHAT_PAY_APIV3_KEY` takes the place of a secret's file in a single section.
//! `docs/command-line.md` of the repository has every member.
//!
//! In scope: reading, checking and reading again. Out of scope: storing complaints, serving, and
//! the wait for a signal, except on Unix with the feature `signal`.
//!
//! Types of other crates are part of this interface, and change with a new major version only:
//! those of `protocol-core`, and with `clients` those of `http-transport`, `wechat-adapter` and
//! `allinpay-adapter`.

// docs.rs shows which feature an item needs.
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "clients")]
mod account;
#[cfg(feature = "clients")]
mod allinpay;
#[cfg(feature = "clients")]
mod channels;
mod error;
#[cfg(feature = "clients")]
mod links;
#[cfg(feature = "clients")]
mod live;
#[cfg(all(feature = "clients", feature = "mini-program"))]
mod mini_program;
#[cfg(feature = "webhook")]
mod paths;
#[cfg(feature = "clients")]
mod self_test;
mod settings;
#[cfg(all(feature = "clients", feature = "virtual-payment"))]
mod virtual_payment;
#[cfg(feature = "clients")]
mod wechat_pay;

#[cfg(feature = "clients")]
pub use account::{Account, AccountId, ChannelName, KeyOwner, NamedKey};
#[cfg(feature = "clients")]
pub use allinpay::AllinpayAccount;
#[cfg(feature = "clients")]
pub use channels::Channels;
pub use error::{SettingError, SettingErrorKind};
#[cfg(feature = "clients")]
pub use links::{Links, PICTURE_HOSTS};
#[cfg(feature = "clients")]
pub use live::LiveChannels;
#[cfg(all(feature = "clients", feature = "mini-program"))]
pub use mini_program::MiniProgramAccount;
#[cfg(all(feature = "mini-program", feature = "webhook"))]
pub use paths::mini_program_path;
#[cfg(feature = "webhook")]
pub use paths::{WECHAT_PAY_PATH, allinpay_path};
#[cfg(all(feature = "clients", feature = "mini-program"))]
pub use self_test::self_test_mini_program;
#[cfg(all(feature = "clients", feature = "virtual-payment"))]
pub use self_test::self_test_virtual_payment;
#[cfg(feature = "clients")]
pub use self_test::{EncryptedEcho, SelfTest, self_test, self_test_allinpay};
#[cfg(feature = "mini-program")]
pub use settings::MiniProgramSettings;
#[cfg(feature = "virtual-payment")]
pub use settings::VirtualPaymentSettings;
pub use settings::{
    AllinpaySettings, InboxSettings, MAX_KEEP_DAYS, MAX_MENTIONS, MAX_NEAR_HOURS, MAX_NEAR_STEPS, MIN_KEEP_DAYS,
    Mention, NoticeEvent, NoticeKind, NoticeSettings, OnwardSettings, PlatformKey, Quiet, ServeSettings, Settings,
    WechatPaySettings,
};
#[cfg(all(feature = "clients", feature = "virtual-payment"))]
pub use virtual_payment::VirtualPaymentAccount;
#[cfg(feature = "clients")]
pub use wechat_pay::WechatPayAccount;
