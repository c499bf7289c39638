//! A pushed message: its event, and the complaint in it.

use std::borrow::Cow;

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::callback::ComplaintCallback;
use super::document::{DOCUMENT, Document, TextFormat, format_of};
use super::xpay::{COMPLAINT_ID, Notified, XPAY_COMPLAINT};
use crate::codec::Extra;
use crate::codec::id::{ID, id_before_damage, is_id};
use crate::codec::json::{Members, Misfit, WireValue, mend_document, read_json, read_unopened, wire_object};
use crate::codec::text::{marked_json, whole, without_forbidden, without_marks};
use crate::codec::xml::{XmlElement, XmlMember as _, XmlReader};
use crate::error::DecodeError;
use crate::secret::Personal;
use crate::time::UnixTime;
use crate::trust::Unverified;

/// The event's name on the wire.
const COMPLAINT_CALLBACK: &str = "complaint_callback";

/// The same in one transcription of a real push.
const COMPLAINT_CALLBACK_ALIAS: &str = "complaint callback";

/// The error for an identity with dropped or replaced characters.
const NOT_WHOLE: &str = "expected a text without dropped or replaced characters";

/// The member that holds the complaint's number.
const NUMBER: &str = "complaint_order_id";

/// The element that wraps a complaint in newer XML. Flat XML and JSON have none.
pub(super) const WRAPPER: &str = "BussiCallBackInfo";

/// A pushed message.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Push {
    /// The Mini Program's original id, `gh_…`.
    pub to_user_name: Option<String>,
    /// The user's openid.
    pub from_user_name: Option<Personal<String>>,
    /// Time of the push.
    pub create_time: Option<UnixTime>,
    /// `event`.
    pub msg_type: Option<String>,
    /// The event's name, unchanged.
    pub event: Option<String>,
    /// The event's content.
    pub content: Event,
    /// Members above that do not fit, unchanged; for a complaint only.
    pub extra: Extra,
}

/// The content of a push.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// A transaction complaint.
    Complaint(Box<ComplaintCallback>),
    /// Another event, or no event at all, unchanged.
    Other(Document),
}

wire_object! {
    /// The members of every push around its content.
    #[derive(Default)]
    struct Envelope {
        /// See [`Push`].
        to_user_name = "ToUserName": Option<String>,
        /// See [`Push`].
        from_user_name = "FromUserName": Option<Personal<String>>,
        /// See [`Push`].
        create_time = "CreateTime": Option<UnixTime>,
        /// See [`Push`].
        msg_type = "MsgType": Option<String>,
        /// See [`Push`].
        event = "Event": Option<String>,
    }
}

/// Names of the envelope's members.
pub(super) const ENVELOPE: [&str; 5] = ["ToUserName", "FromUserName", "CreateTime", "MsgType", "Event"];

/// Whether an event of this name is a complaint.
fn is_complaint(event: Option<&str>) -> bool {
    matches!(event.map(str::trim), Some(COMPLAINT_CALLBACK | COMPLAINT_CALLBACK_ALIAS))
}

impl<'x> XmlElement<'x> for Envelope {
    fn child(&mut self, name: &str, reader: &mut XmlReader<'x>) -> Result<(), DecodeError> {
        let extra = &mut self.extra;
        match name {
            "ToUserName" => reader.member("ToUserName", false, &mut self.to_user_name, extra),
            "FromUserName" => reader.member("FromUserName", false, &mut self.from_user_name, extra),
            "CreateTime" => reader.member("CreateTime", false, &mut self.create_time, extra),
            "MsgType" => reader.member("MsgType", false, &mut self.msg_type, extra),
            "Event" => self.event.add(reader),
            _ => reader.skip(),
        }
    }
}

/// A whole XML push in one pass: only its end shows whether it is a complaint, and whether it is
/// wrapped or flat.
#[derive(Default)]
struct XmlPush {
    envelope: Envelope,
    wrapped: Option<ComplaintCallback>,
    flat: ComplaintCallback,
}

impl<'x> XmlElement<'x> for XmlPush {
    fn child(&mut self, name: &str, reader: &mut XmlReader<'x>) -> Result<(), DecodeError> {
        match name {
            WRAPPER => self.wrapped.add(reader),
            name if ENVELOPE.contains(&name) => self.envelope.child(name, reader),
            name => self.flat.child(name, reader),
        }
    }
}

/// Whether an event whose name is not text contains the name of a complaint.
fn may_be_a_complaint(json: &str) -> bool {
    let (members, _) = Members::until_damage(json.trim());
    members.iter().any(|(name, value)| name == "Event" && names_a_complaint(value.get()))
}

fn names_a_complaint(text: &str) -> bool {
    [COMPLAINT_CALLBACK, COMPLAINT_CALLBACK_ALIAS, XPAY_COMPLAINT].iter().any(|name| text.contains(name))
}

/// The way a JSON document is read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reading {
    /// In one pass.
    First,
    /// Member by member, with its text mended.
    Second,
}

impl Reading {
    fn object<'x, T: Deserialize<'x> + WireValue<'x>>(self, text: &'x str) -> Result<T, DecodeError> {
        match self {
            Self::First => read_json(DOCUMENT, text.as_bytes()),
            Self::Second => {
                read_unopened::<IgnoredAny>(DOCUMENT, text.as_bytes())?;
                let no_object = DecodeError::at(DOCUMENT, text.as_bytes(), 0, T::EXPECTED);
                mend_document(DOCUMENT, text, no_object)
            }
        }
    }
}

impl Push {
    /// Reads a push that no signature covers, such as a file. The caller bounds its size.
    ///
    /// ```
    /// use protocol_core::mini_program::{CallbackStatus, Push};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let push = Push::decode(include_bytes!("../../samples/mini-program/complaint.xml"))?;
    /// // No signature was verified: `trust_anyway` says so.
    /// let push = push.trust_anyway();
    /// let complaint = push.complaint().ok_or("a complaint")?;
    /// assert_eq!(complaint.complaint_order_id.as_deref(), Some("8622001"));
    /// assert_eq!(complaint.status, Some(CallbackStatus::WaitingForMerchant));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`DecodeError`] for broken JSON or XML, and for a complaint whose identity cannot be read.
    /// Any other member that does not fit is kept unchanged: see [`Push::misfits`].
    pub fn decode(bytes: &[u8]) -> Result<Unverified<Self>, DecodeError> {
        Self::parse(bytes).map(Unverified::new)
    }

    pub(super) fn parse(bytes: &[u8]) -> Result<Self, DecodeError> {
        let before = whole(bytes);
        let text = without_forbidden(&before);
        match format_of(&text) {
            Some(TextFormat::Xml) => {
                let push = Self::parse_xml(text.trim_start_matches('\u{feff}'), matches!(before, Cow::Owned(_)))?;
                if matches!(text, Cow::Borrowed(_)) || push.is_of_whole_texts(&before) {
                    Ok(push)
                } else {
                    Err(DecodeError::at(DOCUMENT, b"", 0, NOT_WHOLE))
                }
            }
            Some(TextFormat::Json) => Self::parse_json(bytes),
            None => Ok(Self::new(Envelope::default(), Event::Other(Document::of_no_event(&text)))),
        }
    }

    /// Whether application and complaint have the same names as before control characters were
    /// dropped.
    fn is_of_whole_texts(&self, before: &str) -> bool {
        let number = Notified::number_of(self);
        let identities = self.complaint().map(|complaint| [&complaint.appid, &complaint.complaint_order_id]);
        let mut identities = identities.into_iter().flatten().flatten().chain(&number);
        let stands = |identity: &String| {
            let mut pieces = before.split(identity.as_str()).peekable();
            while let Some(piece) = pieces.next() {
                let after = pieces.peek().map(|next| next.trim_start());
                let is_bare = piece.trim_end().ends_with(['>', '[']);
                if is_bare && after.is_some_and(|after| after.starts_with(['<', ']'])) {
                    return true;
                }
            }
            false
        };
        identities.all(stands)
    }

    /// Reads a text without control characters.
    fn parse_xml(text: &str, is_cut: bool) -> Result<Self, DecodeError> {
        let mut reader = XmlReader::of_readable(DOCUMENT, text).cut(is_cut);
        let mut push: XmlPush = reader.document()?;
        if !is_complaint(push.envelope.event.as_deref()) {
            if Notified::is_in(push.envelope.event.as_deref()) {
                Notified::of_xml(DOCUMENT, text, is_cut)?;
            }
            return Ok(Self::new(push.envelope, Event::Other(Document::Xml(text.to_owned()))));
        }
        if reader.take_misfit().is_some() {
            let mut reader = XmlReader::of_readable(DOCUMENT, text).cut(is_cut).again();
            push = reader.document()?;
            if let Some(misfit) = reader.take_misfit() {
                return Err(misfit);
            }
        }
        // An empty wrapper counts as none.
        let wrapped = push.wrapped.filter(|wrapped| *wrapped != ComplaintCallback::default());
        Ok(Self::of(push.envelope, wrapped.unwrap_or(push.flat)))
    }

    fn parse_json(bytes: &[u8]) -> Result<Self, DecodeError> {
        let first = DecodeError::check_utf8(DOCUMENT, bytes).and_then(|text| Self::parse_json_by(text, Reading::First));
        first.or_else(|_| match marked_json(bytes) {
            Cow::Borrowed(text) => Self::parse_json_by(text, Reading::Second),
            Cow::Owned(text) => {
                let push = Self::parse_json_by(&without_marks(&text), Reading::Second)?;
                // Read again with marks: an identity that contains one is refused.
                Self::parse_json_by(&text, Reading::Second).map(|_| push)
            }
        })
    }

    fn parse_json_by(text: &str, reading: Reading) -> Result<Self, DecodeError> {
        wire_object! {
            /// Newer XML has this wrapper. It is read in JSON too, should the platform ever use it
            /// there.
            struct Wrapped {
                /// The complaint.
                complaint = "BussiCallBackInfo": Option<ComplaintCallback> as decisive,
            }
        }

        let other = |envelope| -> Result<Self, DecodeError> {
            Ok(Self::new(envelope, Event::Other(Document::Json(read_unopened(DOCUMENT, text.as_bytes())?))))
        };
        // Another event may have members of the same names with other values: only its name is
        // read.
        let mut envelope = match reading.object::<Envelope>(text) {
            Ok(envelope) => envelope,
            // An object whose members cannot be split may be a complaint too.
            Err(error) if reading == Reading::First || names_a_complaint(text) => return Err(error),
            Err(_) => return other(Envelope::default()),
        };
        if !is_complaint(envelope.event.as_deref()) {
            // The event's name cannot be read.
            if envelope.extra.holds("Event") && may_be_a_complaint(text) {
                return Err(DecodeError::at(DOCUMENT, b"", 0, "`Event` is not a string"));
            }
            if Notified::is_in(envelope.event.as_deref()) {
                reading.object::<Notified>(text)?;
            }
            return other(envelope);
        }
        envelope.extra.forget(|name| !ENVELOPE.contains(&name));
        let wrapped = reading.object::<Wrapped>(text)?.complaint;
        let complaint = match wrapped {
            Some(wrapped) if wrapped != ComplaintCallback::default() => wrapped,
            _ => {
                let mut flat: ComplaintCallback = reading.object(text)?;
                flat.extra.forget(|name| ENVELOPE.contains(&name) || name == WRAPPER);
                flat
            }
        };
        Ok(Self::of(envelope, complaint))
    }

    /// A complaint, with the envelope's members that do not fit.
    fn of(mut envelope: Envelope, complaint: ComplaintCallback) -> Self {
        let extra = std::mem::take(&mut envelope.extra);
        Self { extra, ..Self::new(envelope, Event::Complaint(Box::new(complaint))) }
    }

    /// The members that do not fit, of the push and of the complaint in it. Other events are not
    /// read, so they have none.
    #[must_use]
    pub fn misfits(&self) -> Vec<Misfit> {
        let Some(complaint) = self.complaint() else { return Vec::new() };
        let of_envelope = |name: &'static str| {
            let expected = if name == "CreateTime" { UnixTime::EXPECTED } else { String::EXPECTED };
            self.extra.misfit(name, expected).map(|expected| Misfit::new(name.to_owned(), expected))
        };
        ENVELOPE.into_iter().filter_map(of_envelope).chain(complaint.misfits()).collect()
    }

    /// Checks the complaint's number.
    ///
    /// # Errors
    /// [`DecodeError`] for a number that is missing, empty or too long.
    pub(super) fn check_number(&self) -> Result<(), DecodeError> {
        match self.complaint() {
            Some(complaint) if !complaint.complaint_order_id.as_deref().is_some_and(is_id) => {
                Err(DecodeError::at(DOCUMENT, b"", 0, format!("expected `{NUMBER}` to have {ID}")))
            }
            _ => Ok(()),
        }
    }

    /// The number of a complaint in a push that cannot be read, if it precedes the damage.
    pub(super) fn number_before_damage(text: &str) -> Option<String> {
        /// The number, wrapped or flat, or that of virtual payment.
        #[derive(Default)]
        struct Number {
            complaint_order_id: Option<String>,
            complaint_id: Option<String>,
        }

        impl<'x> XmlElement<'x> for Number {
            fn child(&mut self, name: &str, reader: &mut XmlReader<'x>) -> Result<(), DecodeError> {
                match name {
                    NUMBER => self.complaint_order_id.add(reader),
                    COMPLAINT_ID => self.complaint_id.add(reader),
                    WRAPPER => reader.members_into(self),
                    _ => reader.skip(),
                }
            }
        }

        match format_of(text)? {
            TextFormat::Xml => {
                let mut number = Number::default();
                // The error is known already.
                let _ = XmlReader::new(DOCUMENT, text).document_into(&mut number);
                number.complaint_order_id.or(number.complaint_id).filter(|number| is_id(number))
            }
            TextFormat::Json => {
                let number = |name| id_before_damage(text.as_bytes(), name);
                number(NUMBER).or_else(|| number(COMPLAINT_ID))
            }
        }
    }

    fn new(envelope: Envelope, content: Event) -> Self {
        Self {
            to_user_name: envelope.to_user_name,
            from_user_name: envelope.from_user_name,
            create_time: envelope.create_time,
            msg_type: envelope.msg_type,
            event: envelope.event,
            content,
            extra: Extra::default(),
        }
    }

    /// A push of a complaint, for fixtures and simulated platforms.
    #[must_use]
    pub fn of_complaint(create_time: UnixTime, complaint: ComplaintCallback) -> Self {
        let envelope = Envelope {
            create_time: Some(create_time),
            msg_type: Some("event".to_owned()),
            event: Some(COMPLAINT_CALLBACK.to_owned()),
            ..Envelope::default()
        };
        Self::new(envelope, Event::Complaint(Box::new(complaint)))
    }

    /// The complaint, if it is one.
    #[must_use]
    pub const fn complaint(&self) -> Option<&ComplaintCallback> {
        match &self.content {
            Event::Complaint(complaint) => Some(complaint),
            Event::Other(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrapped_member_is_never_read_as_one_of_the_envelope() {
        for member in [r#""Event":"another""#, r#""CreateTime":5"#, r#""BussiCallBackInfo":{"appid":"wx2"}"#] {
            let json = format!(r#"{{"Event":"complaint_callback","BussiCallBackInfo":{{"appid":"wx1",{member}}}}}"#);
            let push = Push::decode(json.as_bytes()).unwrap().trust_anyway();
            assert_eq!(push.complaint().unwrap().appid.as_deref(), Some("wx1"));
            let written = serde_json::to_string(&push).unwrap();
            assert_eq!(Push::decode(written.as_bytes()).unwrap().peek(), &push);
        }
    }

    #[test]
    fn every_push_has_its_own_key() {
        let key = |text: &str| Push::decode(text.as_bytes()).unwrap().peek().dedup_key();
        // `sha1sum` of the text.
        assert_eq!(key("{}"), "push:bf21a9e8fbc5a3846fb05b4fa0859e0917b2202f");
        let complaint = |member: &str| {
            key(&format!(r#"{{"Event":"complaint_callback","CreateTime":1,"complaint_order_id":"7",{member}}}"#))
        };
        assert_eq!(complaint(r#""status":201"#), complaint(r#""status": 201"#));
        let members = [r#""status":201"#, r#""status":202"#, r#""new":1"#, r#""new":2"#];
        let keys: std::collections::BTreeSet<_> = members.into_iter().map(complaint).collect();
        assert_eq!(keys.len(), members.len());
        assert!(keys.iter().all(|key| key.len() == "push:".len() + 40));
        assert_ne!(key("<xml><a>1</a></xml>"), key("<xml><a>2</a></xml>"));
    }
}
