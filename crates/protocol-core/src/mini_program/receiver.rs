//! One Mini Program's message push: verifies its URL, opens its messages, writes its responses.

use std::fmt;

use subtle::ConstantTimeEq as _;

use super::cipher::EncodingAesKey;
use super::document::Document;
use super::push::Push;
use super::push_error::PushError;
use super::push_signature::{digest, push_signature, sign};
use super::query::Query;
use super::received::Received;
use super::sealed::Sealed;
use crate::codec::text::readable;
use crate::codec::xml::XmlWriter;
use crate::limits::CLOCK_WINDOW_SECONDS;
use crate::replay::SignedDigest;
use crate::request::BuildError;
use crate::secret::Secret;
use crate::time::UnixTime;

/// The configuration of one Mini Program's push.
#[doc(alias("消息推送", "webhook"))]
pub struct Receiver {
    appid: String,
    token: Secret,
    mode: Mode,
    key: Option<EncodingAesKey>,
}

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
        self.open_under(&Query::of_push(query, body)?, body, now)
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
        let query = Query::of_push(query, body)?;
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

    /// Writes an encrypted response. `random` is 16 random bytes, `nonce` letters and digits (the
    /// query's own will do). Complaints never need one: [`SUCCESS`] is enough.
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

impl fmt::Debug for Receiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver").field("appid", &self.appid).field("mode", &self.mode).finish_non_exhaustive()
    }
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

/// The response to a push that was stored. An empty body means the same. Neither is encrypted, in
/// any mode.
pub const SUCCESS: &str = "success";

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
