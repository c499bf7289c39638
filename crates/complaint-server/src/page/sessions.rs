//! Sessions: what a browser holds, and what the store keeps of it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use complaint_inbox::{Session, Store};
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::{HeaderMap, HeaderValue};
use http_transport::BodyError;
use protocol_core::UnixTime;
use sha2::{Digest as _, Sha256};

use super::cookie::{cookie, set_cookie};
use super::users::User;
use crate::desk::{Desk, Refusal};
use crate::random::random;

/// What a browser holds of a session: a random secret, and whose it is.
pub(super) struct Ticket {
    secret: [u8; SECRET_BYTES],
    name: String,
}

impl Ticket {
    fn new(name: &str) -> Result<Self, Refusal> {
        let random = random(SECRET_BYTES).ok();
        let secret = random.and_then(|random| random.expose().try_into().ok());
        let secret = secret.ok_or(Refusal::Body(BodyError::NoRoom))?;
        Ok(Self { secret, name: name.to_owned() })
    }

    /// The ticket of a request; `None` if it has none.
    pub(super) fn of(headers: &HeaderMap) -> Option<Self> {
        let text = cookie(headers, COOKIE_OF_HTTPS).or_else(|| cookie(headers, COOKIE))?;
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (secret, name) = bytes.split_first_chunk()?;
        Some(Self { secret: *secret, name: String::from_utf8(name.to_vec()).ok()? })
    }

    /// The name that it says, which only the [digest](Self::digest) proves.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The digest that the store knows. It covers the hash of the user's password: another password
    /// makes another digest, so that earlier sessions are over.
    pub(super) fn digest(&self, user: &User) -> [u8; 32] {
        let hash = Sha256::new().chain_update(self.secret).chain_update(&user.name);
        hash.chain_update([0]).chain_update(&user.stamp).finalize().into()
    }

    /// The token for the session's forms. It tells nothing of the secret.
    pub(super) fn form_token(&self) -> String {
        let mac = Hmac::<Sha256>::new_from_slice(&self.secret);
        mac.map(|mac| URL_SAFE_NO_PAD.encode(mac.chain_update(FORM).finalize().into_bytes())).unwrap_or_default()
    }

    fn text(&self) -> String {
        URL_SAFE_NO_PAD.encode([&self.secret[..], self.name.as_bytes()].concat())
    }
}

/// Opens a session for a user. Returns its ticket, and the cookie.
pub(super) async fn open<S: Store>(
    desk: &Desk<S>,
    user: &User,
    is_https: bool,
) -> Result<(Ticket, HeaderValue), Refusal> {
    let ticket = Ticket::new(&user.name)?;
    let now = desk.clock().now();
    let session =
        Session { digest: ticket.digest(user), user: user.name.clone(), opened: now, expires: now.plus(IDLE_SECONDS) };
    desk.store().open_session(session).await?;
    let name = if is_https { COOKIE_OF_HTTPS } else { COOKIE };
    let cookie = set_cookie(name, &ticket.text(), SESSION_SECONDS, is_https);
    Ok((ticket, cookie.ok_or(Refusal::Body(BodyError::NoRoom))?))
}

/// The cookies that make a browser forget its session.
pub(super) fn forgotten() -> impl Iterator<Item = HeaderValue> {
    [(COOKIE, false), (COOKIE_OF_HTTPS, true)]
        .into_iter()
        .filter_map(|(name, is_https)| set_cookie(name, "", 0, is_https))
}

/// Whether a session is open, which is used now: it then stays open for [`IDLE_SECONDS`] more, up to
/// [`SESSION_SECONDS`] from its beginning.
pub(super) async fn is_open<S: Store>(desk: &Desk<S>, digest: &[u8; 32], user: &User) -> Result<bool, Refusal> {
    let Some(session) = desk.store().session(digest).await? else { return Ok(false) };
    if session.user != user.name {
        return Ok(false);
    }
    let expires = prolonged(&session, desk.clock().now());
    // Not for each request: it is a write.
    if expires.0 >= session.expires.0.saturating_add(RENEWAL_SECONDS.into()) {
        desk.store().open_session(Session { expires, ..session }).await?;
    }
    Ok(true)
}

/// Whether the session of a ticket is open, without using it.
pub(super) async fn is_open_still<S: Store>(desk: &Desk<S>, ticket: &Ticket) -> bool {
    let Some(user) = desk.page().user(ticket.name()) else { return false };
    let session = desk.store().session(&ticket.digest(&user)).await.ok().flatten();
    session.is_some_and(|session| session.user == user.name)
}

fn prolonged(session: &Session, now: UnixTime) -> UnixTime {
    now.plus(IDLE_SECONDS).min(session.opened.plus(SESSION_SECONDS))
}

/// A session is over so long after it was used last: a working day with its pauses is one log-in.
pub const IDLE_SECONDS: u32 = 10 * 3600;

/// A session is over so long after the log-in, however it is used.
pub const SESSION_SECONDS: u32 = 7 * 86_400;

const RENEWAL_SECONDS: u32 = 600;
const SECRET_BYTES: usize = 32;
const FORM: &[u8] = b"form";
const COOKIE: &str = "complaints_session";
/// Browsers accept this name from `https` alone, and from no other host.
const COOKIE_OF_HTTPS: &str = "__Host-complaints_session";

#[cfg(test)]
mod tests {
    use http::header;

    use super::*;
    use crate::tokens::May;

    fn user(name: &str, stamp: &str) -> User {
        User { name: name.to_owned(), may: May::Read, stamp: stamp.to_owned() }
    }

    #[test]
    fn a_ticket_is_read_back_and_proves_name_and_password() {
        let ticket = Ticket::new("王芳").unwrap();
        let digest = ticket.digest(&user("王芳", "hash"));
        for name in [COOKIE, COOKIE_OF_HTTPS] {
            let mut headers = HeaderMap::new();
            headers.insert(header::COOKIE, format!("{name}={}", ticket.text()).parse().unwrap());
            let read = Ticket::of(&headers).unwrap();
            assert_eq!((read.name(), read.digest(&user("王芳", "hash"))), ("王芳", digest));
            assert_eq!(read.form_token(), ticket.form_token());
        }
        for other in [user("王芳", "another hash"), user("王", "芳hash")] {
            assert_ne!(ticket.digest(&other), digest);
        }
        assert_ne!(Ticket::new("王芳").unwrap().form_token(), ticket.form_token());
        assert!(!ticket.text().contains(&ticket.form_token()));
    }

    #[test]
    fn what_is_no_ticket_is_none() {
        for text in ["", "x", "AAAA", "=", &"A".repeat(42), "%00"] {
            let mut headers = HeaderMap::new();
            headers.insert(header::COOKIE, format!("{COOKIE}={text}").parse().unwrap());
            assert!(Ticket::of(&headers).is_none(), "{text}");
        }
    }

    #[test]
    fn a_session_is_prolonged_up_to_its_end() {
        let session = Session { digest: [0; 32], user: String::new(), opened: UnixTime(0), expires: UnixTime(1) };
        let end = i64::from(SESSION_SECONDS);
        for (now, expires) in
            [(0, i64::from(IDLE_SECONDS)), (end - i64::from(IDLE_SECONDS), end), (end - 1, end), (end, end)]
        {
            assert_eq!(prolonged(&session, UnixTime(now)), UnixTime(expires), "{now}");
        }
    }
}
