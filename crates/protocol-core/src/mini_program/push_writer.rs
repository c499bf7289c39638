//! Writes a push: as XML, as JSON, and as the key for its deduplication.

use std::borrow::Cow;

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::callback::write_texts;
use super::document::key_of;
use super::push::{ENVELOPE, Event, Push, WRAPPER};
use super::xpay::XPAY;
use crate::codec::xml::XmlWriter;

impl Push {
    /// A key that is the same in every copy of a push, even when encrypted anew, and differs if any
    /// member that was read differs. The number of the retry (`RetryTimes`), which events of virtual
    /// payment have, does not count. The platform assigns no message id, and two changes of one
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
            Event::Other(document) if self.event.as_deref().is_some_and(|event| event.trim().starts_with(XPAY)) => {
                without_retry(document.as_str())
            }
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
            write_texts(&self.extra, writer);
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

/// An event of virtual payment without the number of its retry, which differs in each copy.
fn without_retry(text: &str) -> Cow<'_, str> {
    const MEMBER: &str = "RetryTimes";
    const BEFORE_THE_NUMBER: [&str; 6] = [">", "><![CDATA[", "\":", "\": ", "\":\"", "\": \""];

    let Some((before, after)) = text.split_once(MEMBER) else { return Cow::Borrowed(text) };
    let number = BEFORE_THE_NUMBER.iter().filter_map(|mark| after.strip_prefix(mark));
    match number
        .map(|number| (number, number.trim_start_matches(|digit: char| digit.is_ascii_digit())))
        .find(|(number, rest)| number.len() > rest.len())
    {
        Some((_, rest)) => Cow::Owned(format!("{before}{MEMBER}{rest}")),
        None => Cow::Borrowed(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_retry_of_virtual_payment_has_the_key_of_the_first_copy() {
        let key = |text: String| Push::decode(text.as_bytes()).unwrap().peek().dedup_key();
        let json =
            |event: &str, member: &str, time: i64| format!(r#"{{"Event":"{event}","CreateTime":{time},{member}}}"#);
        let xml = |event: &str, member: &str| {
            format!("<xml><Event><![CDATA[{event}]]></Event><RetryTimes>{member}</RetryTimes><OpenId>o</OpenId></xml>")
        };
        let first = key(json("xpay_complaint_notify", r#""RetryTimes":0"#, 1));
        assert_eq!(key(json("xpay_complaint_notify", r#""RetryTimes":15"#, 1)), first);
        assert_ne!(key(json("xpay_complaint_notify", r#""RetryTimes":0"#, 2)), first, "another time");
        assert_ne!(key(json("xpay_complaint_notify", r#""RetryTimes":0,"OpenId":"o""#, 1)), first, "another member");
        let text = |member| key(json("xpay_complaint_notify", member, 1));
        assert_eq!(text(r#""RetryTimes": "2""#), text(r#""RetryTimes": "3""#));
        assert_ne!(text(r#""ComplaintDetail":"RetryTimes 2""#), text(r#""ComplaintDetail":"RetryTimes 3""#));
        assert_eq!(key(xml("xpay_complaint_notify", "0")), key(xml("xpay_complaint_notify", "7")));
        assert_eq!(key(xml("xpay_refund_notify", "<![CDATA[0]]>")), key(xml("xpay_refund_notify", "<![CDATA[1]]>")));
        assert_ne!(key(xml("another", "0")), key(xml("another", "7")), "an event of another kind");
    }
}
