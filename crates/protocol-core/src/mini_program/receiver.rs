//! One Mini Program's message push: verifies its URL, opens its messages, writes its replies.

use std::fmt;

use sha1::{Digest as _, Sha1};
use sha2::Sha256;
use subtle::ConstantTimeEq as _;

use super::cipher::EncodingAesKey;
use super::push::{Document, Push};
use super::query::Query;
use super::sealed::Sealed;
use crate::codec::text::readable;
use crate::codec::xml::XmlWriter;
use crate::error::{DecodeError, Fault};
use crate::limits::{CLOCK_WINDOW_SECONDS, MAX_PUSH_BODY};
use crate::replay::SignedDigest;
use crate::request::BuildError;
use crate::secret::Secret;
use crate::time::UnixTime;
use crate::trust::{Unverified, Verified};

/// The reply to a push that was stored. An empty body means the same. Neither is encrypted, in any
/// mode.
pub const SUCCESS: &str = "success";

/// The mode of the push at the platform. Exhaustive: the console has these three, and the proof of
/// a message differs in each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mode {
    /// Unencrypted and unproven: the signature covers the query, not the message. With one query
    /// from an access log, a stranger can write messages for five minutes, and again when its nonce
    /// reads as the present time. Use it for trials only, and [`Mode::Secure`] in a service.
    Plain,
    /// Unencrypted and encrypted; only the encrypted copy is read.
    Compatible,
    /// Encrypted.
    Secure,
}

/// The format of the push at the platform. Exhaustive: the console has no third.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// XML.
    Xml,
    /// JSON.
    Json,
}

/// The configuration of one Mini Program's push.
#[doc(alias("消息推送", "webhook"))]
pub struct Receiver {
    appid: String,
    token: Secret,
    mode: Mode,
    key: Option<EncodingAesKey>,
}

/// Why a push is refused. Respond with 4xx; for an error of the configuration with 5xx, so that the
/// platform retries.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PushError {
    /// Larger than any push.
    #[error("the body has more than {MAX_PUSH_BODY} bytes")]
    TooLarge,
    /// A parameter of the query is missing or empty.
    #[error("the query has no {0}")]
    MissingParameter(&'static str),
    /// A parameter occurs twice.
    #[error("the query has {0} more than once")]
    RepeatedParameter(&'static str),
    /// A parameter has a value that the platform never writes.
    #[error("the query's {0} is not what the platform writes")]
    MalformedParameter(&'static str),
    /// The message's clock and ours are too far apart.
    #[error("the message is dated {seconds} seconds {direction}; {CLOCK_WINDOW_SECONDS} are too many", direction = if *.future { "from now" } else { "ago" })]
    StaleTimestamp {
        /// The difference between the clocks.
        seconds: u64,
        /// Whether the message is ahead of our clock.
        future: bool,
    },
    /// The signature does not belong to the message, or the message is not encrypted although it
    /// must be.
    #[error("the signature does not verify")]
    BadSignature,
    /// The ciphertext cannot be decrypted: the `EncodingAESKey` is another one.
    #[error("the message cannot be decrypted: the EncodingAESKey is another one, or the message is damaged")]
    DecryptFailed,
    /// The message is another application's.
    #[error("the message is for another application")]
    WrongAppid,
    /// The platform sends encrypted messages, but the mode is plain.
    #[error("the message is encrypted, but the mode is plain")]
    Encrypted,
    /// Not the XML or JSON of an encrypted push. It is unproven.
    #[error("{0}")]
    Malformed(#[from] DecodeError),
    /// The platform's own message for this application, but unreadable, or a complaint without a
    /// number of 1 to 64 characters. Keep it for a person to read: a retry does not change it. In
    /// plain mode, anyone who knows one signed query can cause this.
    #[error("{error}")]
    Unreadable {
        /// The problem.
        error: DecodeError,
        /// The complaint's number, if it precedes the damage. It is a hint: it was not read
        /// together with the rest.
        complaint_order_id: Option<String>,
        /// The decrypted message, and whether it is verified.
        document: Box<Received<Document>>,
        /// The digest of its signature, as [`Receiver::open_signed`] returns it.
        signed: SignedDigest,
    },
}

impl PushError {
    fn unreadable(error: DecodeError, document: Received<Document>, signature: &str) -> Self {
        let complaint_order_id = Push::number_before_damage(document.as_str());
        Self::Unreadable { error, complaint_order_id, document: Box::new(document), signed: digest(signature) }
    }

    /// Whether the signature of the refused push verified. In plain mode that proves as little as
    /// for a push that is accepted.
    #[must_use]
    pub const fn is_proven(&self) -> bool {
        match self {
            Self::DecryptFailed | Self::WrongAppid | Self::Encrypted | Self::Unreadable { .. } => true,
            Self::TooLarge
            | Self::MissingParameter(_)
            | Self::RepeatedParameter(_)
            | Self::MalformedParameter(_)
            | Self::StaleTimestamp { .. }
            | Self::BadSignature
            | Self::Malformed(_) => false,
        }
    }

    /// The side at fault.
    #[must_use]
    pub const fn fault(&self) -> Fault {
        match self {
            Self::DecryptFailed | Self::Encrypted => Fault::Local,
            Self::Unreadable { document, .. } if document.is_verified() => Fault::Platform,
            _ => Fault::Peer,
        }
    }
}

/// A push, verified or not; or the [`Document`] of one that cannot be read. Exhaustive: callers
/// decide on both, and no unverified push passes through a `_`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Received<T = Push> {
    /// Compatible and secure mode: the signature covers the message, which names the configured
    /// application.
    Verified(Verified<T>),
    /// Plain mode: anyone who knows one signed query can write any message under it. At best TLS
    /// and a secret path protect it.
    Unverified(Unverified<T>),
}

impl Received {
    /// The push, verified or not.
    #[must_use]
    pub fn push(&self) -> &Push {
        self.peek()
    }
}

impl Received<Document> {
    /// [`Document::dedup_key`], verified or not.
    #[must_use]
    pub fn dedup_key(&self) -> String {
        self.peek().dedup_key()
    }

    /// The message's text, verified or not.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.peek().as_str()
    }
}

impl<T> Received<T> {
    const fn verified(value: T) -> Self {
        Self::Verified(Verified::new(value))
    }

    const fn unverified(value: T) -> Self {
        Self::Unverified(Unverified::new(value))
    }

    const fn is_verified(&self) -> bool {
        matches!(self, Self::Verified(_))
    }

    fn peek(&self) -> &T {
        match self {
            Self::Verified(value) => value,
            Self::Unverified(value) => value.peek(),
        }
    }
}

impl Receiver {
    /// A receiver. `key` is the `EncodingAESKey`; plain mode needs none.
    ///
    /// # Errors
    /// [`BuildError::Field`]: the receiver would protect nothing. Encrypted modes need a key. With
    /// an empty token anyone could sign; without an application id messages of other applications
    /// could not be refused.
    pub fn new(
        appid: impl Into<String>,
        token: Secret,
        mode: Mode,
        key: Option<EncodingAesKey>,
    ) -> Result<Self, BuildError> {
        const GIVEN: &str = "given";

        let appid = appid.into();
        if mode != Mode::Plain && key.is_none() {
            let expected = "given in compatible and secure mode";
            return Err(BuildError::Field { field: "the EncodingAESKey", expected });
        }
        if token.expose().is_empty() {
            return Err(BuildError::Field { field: "the token", expected: GIVEN });
        }
        if appid.is_empty() {
            return Err(BuildError::Field { field: "the application id", expected: GIVEN });
        }
        Ok(Self { appid, token, mode, key })
    }

    /// The application id.
    #[must_use]
    pub fn appid(&self) -> &str {
        &self.appid
    }

    /// The mode of the push.
    #[must_use]
    pub const fn mode(&self) -> Mode {
        self.mode
    }

    /// Checks everything that the query alone shows: its parameters, its clock and, in plain mode,
    /// its signature. Call it before reading a body, so that strangers' bodies are not read.
    /// [`Receiver::open`] checks all of it again.
    ///
    /// # Errors
    /// [`PushError`].
    pub fn check_query(&self, query: &str, now: UnixTime) -> Result<(), PushError> {
        let query = Query::parse(query)?;
        check_clock(&query, now)?;
        match self.mode {
            Mode::Plain => self.check_signature(&query, None, query.signature()?),
            Mode::Compatible | Mode::Secure => query.msg_signature().map(drop),
        }
    }

    /// Verifies the GET by which the platform checks the URL. Respond with exactly the returned
    /// body.
    ///
    /// ```
    /// use protocol_core::mini_program::{Mode, Receiver};
    /// use protocol_core::{Secret, UnixTime};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let receiver = Receiver::new("wx1", Secret::new(b"AAAAA".to_vec()), Mode::Plain, None)?;
    /// let query = "signature=f464b24fc39322e44b38aa78f5edd27bd1441696&echostr=4375120948345356249\
    ///              &timestamp=1714036504&nonce=1514711492";
    /// assert_eq!(receiver.verify_url(query, UnixTime(1714036504))?, "4375120948345356249");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`PushError`].
    pub fn verify_url(&self, query: &str, now: UnixTime) -> Result<String, PushError> {
        let query = Query::parse(query)?;
        check_clock(&query, now)?;
        self.check_signature(&query, None, query.signature()?)?;
        query.echostr().map(str::to_owned)
    }

    /// Opens a pushed message from the URL's unchanged query and the unchanged body. Use it to
    /// inspect a message. A service that acts on pushes calls [`open_signed`](Self::open_signed),
    /// otherwise a recorded one opens again.
    ///
    /// # Errors
    /// [`PushError`].
    pub fn open(&self, query: &str, body: &[u8], now: UnixTime) -> Result<Received, PushError> {
        self.open_under(&query_of(query, body)?, body, now)
    }

    /// Opens a pushed message, and returns the digest of its signature for
    /// [`Key::signed`](crate::replay::Key::signed).
    ///
    /// The digest is the same for every query and body that the signature fits, for example with
    /// timestamp and nonce exchanged. In encrypted modes all of these have the same message (a
    /// nonce is too short to hold whole blocks of the ciphertext). In plain mode they may have any
    /// message.
    ///
    /// ```
    /// use protocol_core::mini_program::{Mode, Receiver, push_signature};
    /// use protocol_core::{Secret, UnixTime};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let receiver = Receiver::new("wx1", Secret::new(b"AAAAA".to_vec()), Mode::Plain, None)?;
    /// let signature = push_signature(b"AAAAA", "1714036504", "1814711492", None);
    /// let today = format!("signature={signature}&timestamp=1714036504&nonce=1814711492");
    /// let in_three_years = format!("signature={signature}&timestamp=1814711492&nonce=1714036504");
    /// let (_, digest) = receiver.open_signed(&today, b"{}", UnixTime(1714036504))?;
    /// let (_, again) = receiver.open_signed(&in_three_years, b"{}", UnixTime(1814711492))?;
    /// assert_eq!(digest, again);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`PushError`].
    pub fn open_signed(&self, query: &str, body: &[u8], now: UnixTime) -> Result<(Received, SignedDigest), PushError> {
        let query = query_of(query, body)?;
        let received = self.open_under(&query, body, now)?;
        let signature = if self.mode == Mode::Plain { query.signature() } else { query.msg_signature() };
        Ok((received, digest(signature?)))
    }

    fn open_under(&self, query: &Query, body: &[u8], now: UnixTime) -> Result<Received, PushError> {
        check_clock(query, now)?;
        match &self.key {
            Some(key) if self.mode != Mode::Plain => {
                let signature = query.msg_signature()?;
                let sealed = Sealed::read(body)?;
                // An unencrypted message counts as unsigned where it must be encrypted.
                let encrypt = sealed.encrypt().ok_or(PushError::BadSignature)?;
                self.check_signature(query, Some(encrypt), signature)?;
                let opened = key.open(encrypt).map_err(|_| PushError::DecryptFailed)?;
                if opened.receiver() != self.appid.as_bytes() {
                    return Err(PushError::WrongAppid);
                }
                self.read(opened.message(), Received::verified, signature).map(Received::verified)
            }
            _ => {
                let signature = query.signature()?;
                self.check_signature(query, None, signature)?;
                if query.says_encrypted() {
                    return Err(PushError::Encrypted);
                }
                self.read(body, Received::unverified, signature).map(Received::unverified)
            }
        }
    }

    /// The push in a decrypted message.
    fn read(
        &self,
        message: &[u8],
        vouched: fn(Document) -> Received<Document>,
        signature: &str,
    ) -> Result<Push, PushError> {
        let unreadable = |error| PushError::unreadable(error, vouched(Document::unread(&readable(message))), signature);
        let push = self.own(Push::parse(message).map_err(unreadable)?)?;
        push.check_number().map_err(unreadable)?;
        Ok(push)
    }

    /// The complaint itself names the application too.
    fn own(&self, push: Push) -> Result<Push, PushError> {
        let named = push.complaint().and_then(|complaint| complaint.appid.as_deref());
        if named.is_some_and(|appid| appid != self.appid) { Err(PushError::WrongAppid) } else { Ok(push) }
    }

    fn check_signature(&self, query: &Query, encrypt: Option<&str>, signature: &str) -> Result<(), PushError> {
        let (timestamp, _) = query.timestamp()?;
        let nonce = query.nonce()?;
        let expected = sign(self.token.expose(), timestamp, nonce, encrypt);
        if bool::from(expected.as_slice().ct_eq(signature.as_bytes())) { Ok(()) } else { Err(PushError::BadSignature) }
    }

    /// Writes an encrypted reply. `random` is 16 random bytes, `nonce` letters and digits (the
    /// query's own will do). The platform requires one only if it needs more than [`SUCCESS`],
    /// which never happens for complaints.
    ///
    /// `None` without a key.
    #[must_use]
    pub fn encrypted_reply(
        &self,
        format: Format,
        message: &str,
        random: &[u8; 16],
        now: UnixTime,
        nonce: &str,
    ) -> Option<String> {
        let encrypt = self.key.as_ref()?.seal(random, message, &self.appid);
        let timestamp = now.to_string();
        let signature = push_signature(self.token.expose(), &timestamp, nonce, Some(&encrypt));
        Some(match format {
            Format::Json => format!(
                r#"{{"Encrypt":"{encrypt}","MsgSignature":"{signature}","TimeStamp":{timestamp},"Nonce":"{nonce}"}}"#
            ),
            Format::Xml => {
                let mut writer = XmlWriter::default();
                writer.element("xml", |writer| {
                    writer.cdata("Encrypt", &encrypt);
                    writer.cdata("MsgSignature", &signature);
                    writer.number("TimeStamp", now.0);
                    writer.cdata("Nonce", nonce);
                });
                writer.finish()
            }
        })
    }

    /// Encrypts and signs a message as the platform does in secure mode, and returns the query and
    /// the body. For fixtures and simulated platforms. `None` without a key.
    #[must_use]
    pub fn secure_push(
        &self,
        format: Format,
        message: &str,
        random: &[u8; 16],
        now: UnixTime,
        nonce: &str,
    ) -> Option<(String, String)> {
        let encrypt = self.key.as_ref()?.seal(random, message, &self.appid);
        let timestamp = now.to_string();
        let signature = |encrypt| push_signature(self.token.expose(), &timestamp, nonce, encrypt);
        let query = format!(
            "signature={}&timestamp={timestamp}&nonce={nonce}&encrypt_type=aes&msg_signature={}",
            signature(None),
            signature(Some(&encrypt))
        );
        let body = match format {
            Format::Json => format!(r#"{{"ToUserName":"gh_000000000000","Encrypt":"{encrypt}"}}"#),
            Format::Xml => {
                let mut writer = XmlWriter::default();
                writer.element("xml", |writer| {
                    writer.cdata("ToUserName", "gh_000000000000");
                    writer.cdata("Encrypt", &encrypt);
                });
                writer.finish()
            }
        };
        Some((query, body))
    }
}

/// A push's query, if its body is not too large.
fn query_of(query: &str, body: &[u8]) -> Result<Query, PushError> {
    if body.len() > MAX_PUSH_BODY { Err(PushError::TooLarge) } else { Query::parse(query) }
}

/// Requires the signed parameters, then checks the clock.
fn check_clock(query: &Query, now: UnixTime) -> Result<(), PushError> {
    let (_, time) = query.timestamp()?;
    query.nonce()?;
    let seconds = time.distance(now);
    if seconds >= CLOCK_WINDOW_SECONDS {
        return Err(PushError::StaleTimestamp { seconds, future: time > now });
    }
    Ok(())
}

/// The signed parts of a push, before any check: for showing what was signed.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SignedParts {
    /// `timestamp`, unchanged.
    pub timestamp: String,
    /// `nonce`, unchanged.
    pub nonce: String,
    /// `signature`: over token, timestamp and nonce.
    pub signature: Option<String>,
    /// `msg_signature`: over those and `Encrypt`.
    pub msg_signature: Option<String>,
    /// The body's `Encrypt`; absent from an unencrypted message.
    pub encrypt: Option<String>,
}

impl fmt::Debug for SignedParts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedParts").field("timestamp", &self.timestamp).finish_non_exhaustive()
    }
}

impl SignedParts {
    /// Reads the parts from query and body.
    ///
    /// # Errors
    /// [`PushError`] if they cannot be read.
    pub fn read(query: &str, body: &[u8]) -> Result<Self, PushError> {
        let query = query_of(query, body)?;
        Ok(Self {
            timestamp: query.timestamp()?.0.to_owned(),
            nonce: query.nonce()?.to_owned(),
            signature: query.signature().ok().map(str::to_owned),
            msg_signature: query.msg_signature().ok().map(str::to_owned),
            encrypt: Sealed::read(body).ok().and_then(|sealed| sealed.encrypt().map(str::to_owned)),
        })
    }
}

/// The signature of a push, in lower-case hexadecimal: SHA-1 over token, timestamp, nonce and, for
/// an encrypted message, `Encrypt`, sorted byte by byte and concatenated.
///
/// ```
/// use protocol_core::mini_program::push_signature;
///
/// let signature = push_signature(b"AAAAA", "1714112445", "486452656", None);
/// assert_eq!(signature.len(), 40);
/// assert_ne!(signature, push_signature(b"AAAAA", "1714112445", "486452656", Some("sealed")));
/// ```
#[must_use]
pub fn push_signature(token: &[u8], timestamp: &str, nonce: &str, encrypt: Option<&str>) -> String {
    String::from_utf8_lossy(&sign(token, timestamp, nonce, encrypt)).into_owned()
}

/// The digest of a verified signature. A replay must contain this signature, for whichever string
/// it is used. The store gets a digest, since the signature itself is still valid and worth
/// stealing.
fn digest(signature: &str) -> SignedDigest {
    SignedDigest::new(Sha256::digest(signature.as_bytes()).into())
}

/// SHA-1 in lower-case hexadecimal over the sorted and concatenated pieces.
fn sign(token: &[u8], timestamp: &str, nonce: &str, encrypt: Option<&str>) -> [u8; 40] {
    let mut pieces = [token, timestamp.as_bytes(), nonce.as_bytes(), encrypt.unwrap_or_default().as_bytes()];
    pieces.sort_unstable();
    hex_sha1(&pieces)
}

/// SHA-1 in lower-case hexadecimal over the concatenated pieces.
pub(super) fn hex_sha1(pieces: &[&[u8]]) -> [u8; 40] {
    let mut hasher = Sha1::new();
    pieces.iter().for_each(|piece| hasher.update(piece));
    let mut text = [0; 40];
    for (pair, byte) in text.chunks_exact_mut(2).zip(hasher.finalize()) {
        let digits =
            [byte >> 4, byte & 15].map(|digit| char::from_digit(digit.into(), 16).map_or(0, |digit| digit as u8));
        pair.copy_from_slice(&digits);
    }
    text
}

impl fmt::Debug for Receiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver").field("appid", &self.appid).field("mode", &self.mode).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_query_alone_is_checked() {
        const NOW: UnixTime = UnixTime(1_714_036_504);
        let query = "signature=f464b24fc39322e44b38aa78f5edd27bd1441696&timestamp=1714036504&nonce=1514711492";
        let receiver = |mode| {
            let key = EncodingAesKey::read(&"A".repeat(43)).unwrap();
            Receiver::new("wx1", Secret::new(b"AAAAA".to_vec()), mode, Some(key)).unwrap()
        };
        let forged = query.replace("signature=f", "signature=0");
        let sealed = format!("{query}&msg_signature={}", "0".repeat(40));
        let (plain, secure) = (receiver(Mode::Plain), receiver(Mode::Secure));
        assert_eq!((plain.appid(), plain.mode()), ("wx1", Mode::Plain));
        assert_eq!(plain.check_query(query, NOW), Ok(()));
        assert_eq!(plain.check_query(&forged, NOW), Err(PushError::BadSignature));
        // The signed string of an encrypted message cannot be checked without its body, but its
        // parameters are required.
        assert_eq!(secure.check_query(&sealed, NOW), Ok(()));
        assert_eq!(secure.check_query(query, NOW), Err(PushError::BadSignature));
        for sealed in [sealed.replacen("00", "0", 1), format!("{sealed}0"), sealed.replacen("00", "0g", 1)] {
            assert_eq!(secure.check_query(&sealed, NOW), Err(PushError::BadSignature), "{sealed}");
            assert_eq!(secure.open(&sealed, b"", NOW), Err(PushError::BadSignature), "{sealed}");
        }
        let missing = PushError::MissingParameter("msg_signature");
        assert_eq!(secure.check_query("timestamp=1714036504&nonce=1", NOW), Err(missing));
        let stale = PushError::StaleTimestamp { seconds: 300, future: false };
        assert_eq!(plain.check_query(query, NOW.plus(300)), Err(stale.clone()));
        assert_eq!(secure.check_query(&sealed, NOW.plus(300)), Err(stale));
    }

    #[test]
    fn the_digest_is_the_signatures_in_every_mode_and_for_unreadable_messages() {
        const NOW: UnixTime = UnixTime(1_714_036_504);
        let receiver = |mode| {
            let key = EncodingAesKey::read(&"A".repeat(43)).unwrap();
            Receiver::new("wx1", Secret::new(b"AAAAA".to_vec()), mode, Some(key)).unwrap()
        };
        let plain = "signature=f464b24fc39322e44b38aa78f5edd27bd1441696&timestamp=1714036504&nonce=1514711492";
        let (_, signed) = receiver(Mode::Plain).open_signed(plain, b"{}", NOW).unwrap();
        // `sha256sum` of the signature.
        assert_eq!(signed.to_string(), "db81fbf2d9b1ae0ed4b3be9ae3dad1cfe2a0871399c45c64c6533dc7d2ffe043");
        let refused = receiver(Mode::Plain).open_signed(plain, b"<xml>", NOW).unwrap_err();
        assert!(matches!(refused, PushError::Unreadable { signed: of_refused, .. } if of_refused == signed));
        for mode in [Mode::Compatible, Mode::Secure] {
            // The other signature is present too, but is not the one that counts.
            let sealed = |message| {
                receiver(Mode::Secure).secure_push(Format::Json, message, &[1; 16], NOW, "1514711492").unwrap()
            };
            let (query, body) = sealed("{}");
            let (_, other) = receiver(mode).open_signed(&query, body.as_bytes(), NOW).unwrap();
            assert_ne!(other, signed);
            let (query, body) = sealed("<xml>");
            let refused = receiver(mode).open_signed(&query, body.as_bytes(), NOW).unwrap_err();
            assert!(
                matches!(refused, PushError::Unreadable { signed: of_refused, .. } if of_refused != other && of_refused != signed)
            );
        }
    }
}
