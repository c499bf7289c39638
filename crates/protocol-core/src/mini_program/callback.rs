//! The event `complaint_callback`: one model for XML and JSON, wrapped and flat.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;

use super::codes::OptionType;
use crate::codec::Extra;
use crate::codec::json::{WireValue, strictly};
use crate::codec::xml::{XmlMember, XmlReader, XmlValue, XmlWriter, is_xml_name};
use crate::complaint::{CallbackStatus, CallbackType, Deadlines, Fen, order_deadlines, transaction_id_of};
use crate::error::DecodeError;
use crate::limits::MAX_LIST;
use crate::secret::Personal;
use crate::time::UnixTime;

/// Declares an object that is read from JSON and XML: [`wire_object!`], and its reading from
/// elements. Unknown ones are kept in both, and so are known ones that do not fit.
macro_rules! push_object {
    (
        $(#[$meta:meta])*
        pub struct $name:ident {
            $( $(#[$member_meta:meta])* $member:ident $(= $wire:literal)? : $type:ty $(as $role:ident)?, )*
        }
    ) => {
        $crate::codec::json::wire_object! {
            $(#[$meta])*
            #[derive(Default)]
            pub struct $name {
                $( $(#[$member_meta])* $member $(= $wire)? : $type $(as $role)?, )*
            }
        }

        impl<'x> $crate::codec::xml::XmlElement<'x> for $name {
            fn child(
                &mut self,
                name: &str,
                reader: &mut $crate::codec::xml::XmlReader<'x>,
            ) -> Result<(), $crate::DecodeError> {
                use $crate::codec::json::{is_decisive, wire_name};

                $( if name == wire_name!($member $($wire)?) {
                    let (wire, is_decisive) = (wire_name!($member $($wire)?), is_decisive!($($role)?));
                    return reader.member(wire, is_decisive, &mut self.$member, &mut self.extra);
                } )*
                reader.keep(name, &mut self.extra)
            }
        }

        impl<'x> $crate::codec::xml::XmlValue<'x> for $name {
            fn read(reader: &mut $crate::codec::xml::XmlReader<'x>) -> Result<Option<Self>, $crate::DecodeError> {
                reader.members().map(Some)
            }
        }
    };
}

#[cfg(feature = "virtual-payment")]
pub(crate) use push_object;

push_object! {
    /// A complaint, as the platform pushes it.
    ///
    /// Every member may be missing. Numbers arrive as numbers or as strings, in JSON mostly as
    /// strings.
    #[doc(alias("complaint_callback", "投诉推送"))]
    pub struct ComplaintCallback {
        /// The Mini Program's application id.
        appid: Option<String> as decisive,
        /// First submission, or progress.
        option_type: Option<OptionType> as asked,
        /// The complaint's number: digits, opaque. A complaint from
        /// [`Receiver::open`](super::Receiver::open) always has it, with 1 to 64 characters.
        complaint_order_id: Option<String> as decisive,
        /// The complaint's state.
        status: Option<CallbackStatus> as asked,
        /// Time of filing.
        create_time: Option<UnixTime> as asked,
        /// End of the present state; 0 for never.
        expire_time: Option<UnixTime> as asked,
        /// The subject of the complaint.
        kind = "type": Option<CallbackType> as asked,
        /// WeChat Pay's order number. A `payorder@_` in front of it was seen: see
        /// [`ComplaintCallback::transaction_id`].
        order_id: Option<String> as asked,
        /// The merchant's order number.
        out_trade_no: Option<String> as asked,
        /// The payer's phone number.
        phone_number: Option<Personal<String>>,
        /// The payer's openid.
        open_id: Option<Personal<String>>,
        /// The payer's words.
        customer_material_content: Option<Personal<String>>,
        /// Links to the payer's pictures, which expire: read the detail for fresh ones.
        customer_material_media_id_list: MediaIds,
        /// Time of the order's payment.
        pay_time: Option<UnixTime> as asked,
        /// The order's amount. The unit is plausibly fen, but not documented.
        total_cost: Option<Fen> as asked,
        /// The product bought.
        product_name: Option<String>,
        /// The events so far. The order is not documented.
        history: Vec<HistoryEntry> as asked,
    }
}

push_object! {
    /// An event.
    pub struct HistoryEntry {
        /// Time of the event.
        time: Option<UnixTime> as asked,
        /// The event, in words that may be the payer's.
        content: Option<Personal<String>>,
        /// Pictures of the event.
        media_id_list: MediaIds,
    }
}

impl ComplaintCallback {
    /// [`order_id`](Self::order_id) as WeChat Pay's transaction id: without the prefix `payorder@_`.
    /// `None` for `payorder@…` without the `_`, which was seen and is no transaction id.
    #[must_use]
    pub fn transaction_id(&self) -> Option<&str> {
        transaction_id_of(self.order_id.as_deref()?)
    }

    /// The merchant's deadlines, as those of the
    /// detail: [`OrderComplaint::deadlines`](crate::complaint::OrderComplaint::deadlines).
    #[must_use]
    pub fn deadlines(&self) -> Deadlines {
        order_deadlines(self.status, self.expire_time)
    }

    pub(super) fn write_xml(&self, writer: &mut XmlWriter) {
        // A value that cannot be read has no number.
        let mut number = |name, value: Option<i64>| {
            value.filter(|_| !self.extra.holds(name)).into_iter().for_each(|value| writer.number(name, value));
        };
        number("option_type", self.option_type.map(OptionType::code));
        number("status", self.status.map(CallbackStatus::code));
        number("create_time", self.create_time.map(|time| time.0));
        number("expire_time", self.expire_time.map(|time| time.0));
        number("type", self.kind.map(CallbackType::code));
        number("pay_time", self.pay_time.map(|time| time.0));
        number("total_cost", self.total_cost.map(|fen| fen.0));
        for (name, value) in [
            ("appid", &self.appid),
            ("complaint_order_id", &self.complaint_order_id),
            ("order_id", &self.order_id),
            ("out_trade_no", &self.out_trade_no),
            ("product_name", &self.product_name),
        ] {
            value.iter().for_each(|value| writer.cdata(name, value));
        }
        for (name, value) in [
            ("phone_number", &self.phone_number),
            ("open_id", &self.open_id),
            ("customer_material_content", &self.customer_material_content),
        ] {
            value.iter().for_each(|value| writer.cdata(name, value.expose()));
        }
        self.customer_material_media_id_list.write_xml("customer_material_media_id_list", writer);
        for entry in &self.history {
            writer.element("history", |writer| {
                entry.time.iter().for_each(|time| writer.number("time", time.0));
                entry.content.iter().for_each(|content| writer.cdata("content", content.expose()));
                entry.media_id_list.write_xml("media_id_list", writer);
                write_texts(&entry.extra, writer);
            });
        }
        write_texts(&self.extra, writer);
    }
}

/// Writes those members of `extra` that XML can represent: texts and numbers, under a name of XML.
pub(super) fn write_texts(extra: &Extra, writer: &mut XmlWriter) {
    for (name, value) in extra.iter().filter(|(name, _)| is_xml_name(name)) {
        if let Ok(text) = strictly::<String>(value) {
            writer.cdata(name, &text);
        }
    }
}

/// Ids or links of pictures.
///
/// The platform's form is not confirmed, so every form is read: repeated elements, a JSON list, one
/// text, one text with commas. A comma separates ids anywhere, but links only where the next link
/// begins. Empty entries, and those beyond [`MAX_LIST`], are dropped.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct MediaIds(Vec<Personal<String>>);

impl MediaIds {
    /// The ids or links, in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|id| id.expose().as_str())
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn extend_from(&mut self, text: &str) {
        let mut rest = Some(text);
        while let Some(text) = rest {
            let id;
            (id, rest) = split_first(text);
            let id = id.trim();
            if !id.is_empty() && self.0.len() < MAX_LIST {
                self.0.push(Personal::new(id.to_owned()));
            }
        }
    }

    fn write_xml(&self, name: &str, writer: &mut XmlWriter) {
        self.iter().for_each(|id| writer.cdata(name, id));
    }
}

/// The first id or link of a text, and the text after its comma.
fn split_first(text: &str) -> (&str, Option<&str>) {
    let Some((first, rest)) = text.split_once(',') else { return (text, None) };
    if !first.contains("://") {
        return (first, Some(rest));
    }
    // The last comma before the next link's scheme.
    let next_link = rest.find("://").map(|scheme| text.split_at(first.len() + 1 + scheme).0);
    match next_link.and_then(|before| before.rfind(',')) {
        Some(comma) => (text.split_at(comma).0, text.get(comma + 1..)),
        None => (text, None),
    }
}

impl<S: AsRef<str>> FromIterator<S> for MediaIds {
    fn from_iter<I: IntoIterator<Item = S>>(texts: I) -> Self {
        let mut ids = Self::default();
        texts.into_iter().for_each(|text| ids.extend_from(text.as_ref()));
        ids
    }
}

impl<'de> WireValue<'de> for MediaIds {
    const EXPECTED: &'static str = "ids or links of pictures";

    fn decode<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Vec::<String>::decode(deserializer).map(Self::from_iter)
    }

    fn absent() -> Option<Self> {
        Some(Self::default())
    }
}

impl<'de> Deserialize<'de> for MediaIds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::decode(deserializer)
    }
}

impl<'x> XmlMember<'x> for MediaIds {
    fn add(&mut self, reader: &mut XmlReader<'x>) -> Result<(), DecodeError> {
        let text = reader.text()?;
        if !reader.is_spoilt() {
            self.extend_from(&text);
        }
        Ok(())
    }

    fn spoil(&mut self) -> Option<Box<RawValue>> {
        XmlMember::spoil(&mut self.0)
    }
}

impl<'x> XmlValue<'x> for UnixTime {
    fn read(reader: &mut XmlReader<'x>) -> Result<Option<Self>, DecodeError> {
        i64::read(reader).map(|seconds| seconds.map(Self))
    }
}

impl<'x> XmlValue<'x> for Fen {
    fn read(reader: &mut XmlReader<'x>) -> Result<Option<Self>, DecodeError> {
        i64::read(reader).map(|fen| fen.map(Self))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn media_ids_read_alike_in_every_form() {
        let ids = |texts: &[&str]| texts.iter().collect::<MediaIds>().iter().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(ids(&["a,b, c"]), ["a", "b", "c"]);
        assert_eq!(ids(&["a", "", ",", "b"]), ["a", "b"]);
        assert_eq!(ids(&["https://h/a?x=1,2,https://h/b"]), ["https://h/a?x=1,2", "https://h/b"]);
        assert_eq!(
            ids(&[" https://h/a ,b, c,d, https://h/b://,e", "f,https://h"]),
            ["https://h/a ,b, c,d", "https://h/b://,e", "f", "https://h"]
        );
    }

    #[test]
    fn the_order_number_is_matched_without_its_prefix() {
        let mut callback =
            ComplaintCallback { order_id: Some("payorder@_4200".into()), ..ComplaintCallback::default() };
        assert_eq!(callback.transaction_id(), Some("4200"));
        callback.order_id = Some("4200@_".into());
        assert_eq!(callback.transaction_id(), Some("4200@_"));
        // The documentation's pair of order number and transaction id, and its number without `_`.
        callback.order_id = Some("payorder@_4200001761202302096311111111".into());
        assert_eq!(callback.transaction_id(), Some("4200001761202302096311111111"));
        for none in ["payorder@567897862897364928374", "payorder@_", "payorder@", ""] {
            callback.order_id = Some(none.into());
            assert_eq!(callback.transaction_id(), None, "{none}");
        }
    }
}
