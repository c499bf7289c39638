//! The page for the people who reply: drawn by the server, usable without scripts.

mod act_form;
mod acting;
mod asked;
mod assets;
mod case;
mod chart;
mod complaint;
mod cookie;
mod draft;
mod due;
mod failures;
mod filters;
mod foreign;
mod form;
mod form_view;
mod frame;
mod journal;
mod language;
mod letters;
mod link;
mod list;
mod live;
mod login;
mod merchants;
mod numbers;
mod passwords;
mod pictures;
mod possible;
mod problem;
mod reason;
mod replies;
mod sessions;
mod sheet;
mod sums;
mod timeline;
mod upload_form;
mod uploading;
mod users;
mod visitor;
mod wrong;

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn;
use axum::routing::{get, post};
use complaint_channels::SettingError;
use complaint_inbox::Store;
use protocol_core::{Secret, UnixTime};

use self::failures::Failures;
use self::link::OneTimeLink;
use self::live::Places;
use self::passwords::Verifier;
use self::users::{SETUP, User};
use crate::desk::Desk;
use crate::tokens::May;

pub use self::link::LINK_SECONDS;
pub use self::live::MAX_LIVE_PAGES;
pub use self::passwords::{MAX_PASSWORD, MIN_PASSWORD};
pub(crate) use self::problem::draw as draw_problems;
pub use self::replies::{MAX_REPLIES, Replies};
pub use self::sessions::{IDLE_SECONDS, SESSION_SECONDS};
pub use self::users::{MAX_USER_NAME, MAX_USERS, Users};

/// The page of a desk: who may log in, and the templates of replies.
///
/// ```
/// use complaint_server::{Page, Users};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let page = Page::new(Users::from_file("users.toml")?);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Default)]
pub struct Page {
    users: Users,
    link: OneTimeLink,
    failures: Failures,
    verifier: Verifier,
    replies: Replies,
    live: Places,
}

impl Page {
    /// The page for these users.
    #[must_use]
    pub fn new(users: Users) -> Self {
        Self { users, ..Self::default() }
    }

    /// Offers these templates of replies. Default: none.
    #[must_use]
    pub fn with_replies(self, replies: Replies) -> Self {
        Self { replies, ..self }
    }

    /// Lets one person in by a link, which works once, within [`LINK_SECONDS`]. The link and the
    /// person's session end with this page, and with the first user, for good. Returns path and query of
    /// the link. Show it to the operator alone.
    ///
    /// # Errors
    /// [`SettingError`]: the system has no random bytes.
    pub fn with_link(self, now: UnixTime) -> Result<(Self, Secret), SettingError> {
        let (link, token) = OneTimeLink::open(now)?;
        Ok((Self { link, ..self }, Secret::new(format!("/enter?token={token}").into_bytes())))
    }

    pub(crate) const fn replies(&self) -> &Replies {
        &self.replies
    }

    /// The user of a name, as things stand.
    fn user(&self, name: &str) -> Option<User> {
        if name == SETUP { self.setup_user() } else { self.users.find(name) }
    }

    /// The one who comes by the link, until there is a user. Each link has sessions of its own.
    fn setup_user(&self) -> Option<User> {
        let user = User { name: SETUP.to_owned(), may: May::Act, stamp: self.link.stamp() };
        (!self.users.had_any()).then_some(user)
    }
}

/// The addresses of the page.
pub(crate) fn router<S: Store>() -> Router<Arc<Desk<S>>> {
    Router::new()
        .route("/", get(list::open))
        .route("/complaints/{channel}/{merchant}/{id}", get(complaint::open))
        .route("/complaints/{channel}/{merchant}/{id}/acts", post(acting::ask))
        .route("/complaints/{channel}/{merchant}/{id}/phone", post(complaint::phone))
        .route("/complaints/{channel}/{merchant}/{id}/pictures/{number}", get(pictures::one))
        .route("/letters", get(letters::open))
        .route("/letters/{number}", post(letters::finish))
        .route("/letters/{number}/content", post(letters::content))
        .route("/journal", get(journal::open))
        .route("/complaints.csv", get(list::csv))
        .route("/live", get(live::changes))
        .route("/numbers", get(numbers::open))
        .route("/numbers.csv", get(numbers::csv))
        .route("/login", get(login::ask).post(login::enter))
        .route("/enter", get(login::ask_by_link).post(login::enter_by_link))
        .route("/logout", post(login::leave))
        .route("/language", post(language::choose))
        .route("/page.css", get(assets::style))
        .route("/page.js", get(assets::script))
        .route("/page.svg", get(assets::icon))
        .layer(from_fn(frame::protect))
}
