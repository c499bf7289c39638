//! Writes a push: as XML, as JSON, and as the key for its deduplication.

use std::borrow::Cow;

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::callback::write_texts;
use super::document::key_of;
use super::push::{ENVELOPE, Event, Push, WRAPPER};
use crate::codec::xml::XmlWriter;

impl Push {
    /// A key that is the same in every copy of a push, even when encrypted anew, and differs if any
    /// member that was read differs. The platform assigns no message id, and two changes of one
    /// complaint may have the same second. The key is a digest, so it is short and shows no
    /// personal data.
    ///
    /// For [`Deduplicate`](crate::replay::Deduplicate). Keep it at least as long as the platform
    /// retries.
    ///
    /// ```
    /// use protocol_core::mini_program::Push;
    ///
    /// # fn main() -> Result<(), protocol_core::DecodeError> {
    /// let key = Push::decode(b"{}")?.peek().dedup_key();
    /// assert_eq!(key, "push:bf21a9e8fbc5a3846fb05b4fa0859e0917b2202f");
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn dedup_key(&self) -> String {
        let text = match &self.content {
            // JSON first: it includes the untyped members.
            Event::Complaint(_) => Cow::Owned(serde_json::to_string(self).unwrap_or_else(|_| self.to_xml())),
            Event::Other(document) => Cow::Borrowed(document.as_str()),
        };
        key_of(&text)
    }

    /// Writes the push as XML, wrapped as documented. Another event is written unchanged, in its
    /// own format. Members that only JSON can represent are left out.
    #[must_use]
    pub fn to_xml(&self) -> String {
        let complaint = match &self.content {
            Event::Complaint(complaint) => complaint,
            Event::Other(document) => return document.as_str().to_owned(),
        };
        let mut writer = XmlWriter::default();
        writer.element("xml", |writer| {
            let text = |value: &Option<String>, name, writer: &mut XmlWriter| {
                value.iter().for_each(|value| writer.cdata(name, value));
            };
            text(&self.to_user_name, "ToUserName", writer);
            self.from_user_name.iter().for_each(|name| writer.cdata("FromUserName", name.expose()));
            self.create_time.iter().for_each(|time| writer.number("CreateTime", time.0));
            text(&self.msg_type, "MsgType", writer);
            text(&self.event, "Event", writer);
            write_texts(&self.extra, |_| true, writer);
            writer.element(WRAPPER, |writer| complaint.write_xml(writer));
        });
        writer.finish()
    }
}

/// The push as JSON: flat, unless a name is ambiguous. Another event is written unchanged.
impl Serialize for Push {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let complaint = match &self.content {
            Event::Complaint(complaint) => complaint,
            Event::Other(document) => return document.serialize(serializer),
        };
        let mut map = serializer.serialize_map(None)?;
        let [to, from, time, kind, event] = ENVELOPE;
        self.to_user_name.iter().try_for_each(|value| map.serialize_entry(to, value))?;
        self.from_user_name.iter().try_for_each(|value| map.serialize_entry(from, value))?;
        self.create_time.iter().try_for_each(|value| map.serialize_entry(time, value))?;
        self.msg_type.iter().try_for_each(|value| map.serialize_entry(kind, value))?;
        self.event.iter().try_for_each(|value| map.serialize_entry(event, value))?;
        self.extra.serialize_into(&mut map)?;
        // A member of the complaint with the name of an envelope's member would be read as that: it
        // stays in the wrapper.
        let ambiguous = |name: &&str| complaint.extra.get(name).is_some();
        if ENVELOPE.iter().chain(&[WRAPPER]).any(ambiguous) {
            map.serialize_entry(WRAPPER, &**complaint)?;
        } else {
            complaint.serialize_members(&mut map)?;
        }
        map.end()
    }
}
