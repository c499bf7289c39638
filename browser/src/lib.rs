//! People at the page, each with a browser: Chromium without a window, against the real
//! `complaints serve --sandbox`.
//!
//! A story in `tests/` finds what it uses by role and label, as a person does. `checks/browser` builds
//! the command line, fetches axe-core and runs the stories.

mod accessibility;
mod browser;
mod element;
mod keys;
mod language;
mod outside;
mod patience;
mod server;
mod webdriver;

pub use self::browser::{Browser, DESKTOP, Scripts, TELEPHONE};
pub use self::element::Element;
pub use self::keys::{Focus, Key};
pub use self::language::{Words, foreign};
pub use self::patience::wait_for;
pub use self::server::{Server, User};
