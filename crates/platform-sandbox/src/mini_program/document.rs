//! The message of a push, in XML and in JSON, with the platform's habits. It does not share code
//! with the core's writer, so that the two cannot be wrong together.

use protocol_core::UnixTime;
use serde_json::{Map, Value, json};

use super::order::{Item, Order, one_or_many};
use super::push_config::PushFormat;

/// A complaint at the time of its push.
#[derive(Clone)]
pub(crate) struct Event {
    pub(super) order: Order,
    /// 1 for the first submission.
    pub(super) option_type: u32,
    pub(super) created: UnixTime,
}

impl Event {
    /// The message for this Mini Program.
    pub(super) fn write(&self, original_id: &str, appid: &str, format: PushFormat) -> String {
        match format {
            PushFormat::Json => self.json(original_id, appid).to_string(),
            PushFormat::Xml | PushFormat::FlatXml => self.xml(original_id, appid, format == PushFormat::Xml),
        }
    }

    /// The members in both formats. Numbers are bare in XML and strings in JSON.
    fn members(&self, appid: &str) -> Vec<(&'static str, Member)> {
        let order = &self.order;
        let mut members = vec![
            ("appid", Member::Text(appid.to_owned())),
            ("option_type", Member::Number(self.option_type.into())),
            ("complaint_order_id", Member::Digits(order.id.clone())),
            ("status", Member::Number(order.status.into())),
            ("create_time", Member::Number(order.create_time.0)),
            ("expire_time", Member::Number(order.expire_time.0)),
            ("type", Member::Number(order.kind.into())),
            ("order_id", Member::Text(format!("payorder@_{}", order.transaction_id))),
            ("out_trade_no", Member::Text(order.out_trade_no.clone())),
            ("phone_number", Member::Text(order.phone_number.clone())),
            ("open_id", Member::Text(order.open_id.clone())),
        ];
        if !order.content.is_empty() {
            members.push(("customer_material_content", Member::Text(order.content.clone())));
        }
        if !order.media.is_empty() {
            members.push(("customer_material_media_id_list", Member::Texts(order.media.clone())));
        }
        members.extend([
            ("pay_time", Member::Number(order.pay_time.0)),
            ("total_cost", Member::Number(i64::try_from(order.total_cost).unwrap_or(i64::MAX))),
            ("product_name", Member::Text(order.product_name.clone())),
        ]);
        members
    }

    fn xml(&self, original_id: &str, appid: &str, wrapped: bool) -> String {
        let mut xml = String::from("<xml>");
        cdata(&mut xml, "ToUserName", original_id);
        cdata(&mut xml, "FromUserName", &self.order.open_id);
        plain(&mut xml, "CreateTime", &self.created.to_string());
        cdata(&mut xml, "MsgType", "event");
        cdata(&mut xml, "Event", "complaint_callback");
        if wrapped {
            xml.push_str("<BussiCallBackInfo>");
        }
        for (name, member) in self.members(appid) {
            match member {
                Member::Number(number) => plain(&mut xml, name, &number.to_string()),
                Member::Digits(digits) => plain(&mut xml, name, &digits),
                Member::Text(text) => cdata(&mut xml, name, &text),
                Member::Texts(texts) => texts.iter().for_each(|text| cdata(&mut xml, name, text)),
            }
        }
        for item in &self.order.items {
            xml.push_str("<history>");
            plain(&mut xml, "time", &item.time.to_string());
            cdata(&mut xml, "content", &item.content);
            item.media.iter().for_each(|id| cdata(&mut xml, "media_id_list", id));
            xml.push_str("</history>");
        }
        if wrapped {
            xml.push_str("</BussiCallBackInfo>");
        }
        xml.push_str("</xml>");
        xml
    }

    /// JSON has no wrapper: the complaint's members stand beside the envelope's.
    fn json(&self, original_id: &str, appid: &str) -> Value {
        let mut members = Map::new();
        for (name, value) in [
            ("ToUserName", json!(original_id)),
            ("FromUserName", json!(self.order.open_id)),
            ("CreateTime", json!(self.created.0)),
            ("MsgType", json!("event")),
            ("Event", json!("complaint_callback")),
        ] {
            members.insert(name.to_owned(), value);
        }
        for (name, member) in self.members(appid) {
            let value = match member {
                Member::Number(number) => Value::from(number.to_string()),
                Member::Digits(text) | Member::Text(text) => Value::from(text),
                Member::Texts(texts) => media(texts),
            };
            members.insert(name.to_owned(), value);
        }
        let history: Vec<Value> = self.order.items.iter().map(history_entry).collect();
        members.extend(one_or_many(history).map(|history| ("history".to_owned(), history)));
        Value::from(members)
    }
}

enum Member {
    Number(i64),
    /// Digits that are kept as text.
    Digits(String),
    Text(String),
    Texts(Vec<String>),
}

fn history_entry(item: &Item) -> Value {
    json!({"time": item.time.to_string(), "content": item.content, "media_id_list": media(item.media.clone())})
}

/// A list of pictures is the one list that was seen empty.
fn media(ids: Vec<String>) -> Value {
    one_or_many(ids.into_iter().map(Value::from).collect()).unwrap_or_else(|| json!([]))
}

pub(crate) fn plain(xml: &mut String, name: &str, text: &str) {
    xml.push_str(&format!("<{name}>{text}</{name}>"));
}

pub(crate) fn cdata(xml: &mut String, name: &str, text: &str) {
    let text = text.replace("]]>", "]]]]><![CDATA[>");
    xml.push_str(&format!("<{name}><![CDATA[{text}]]></{name}>"));
}

#[cfg(test)]
mod tests {
    use super::super::new_order::NewOrderComplaint;
    use super::*;

    fn event(new: NewOrderComplaint) -> Event {
        let order = Order::file("8622001".to_owned(), new, UnixTime(1_744_244_406));
        Event { order, option_type: 1, created: UnixTime(1_744_244_407) }
    }

    #[test]
    fn a_list_of_one_is_the_value_itself_in_json() {
        let written = |new| serde_json::from_str::<Value>(&event(new).write("gh_1", "wx1", PushFormat::Json)).unwrap();
        let one = written(NewOrderComplaint::default().with_media_link("https://l"));
        assert_eq!(one["history"]["media_id_list"], "https://l");
        assert_eq!(one["CreateTime"], 1_744_244_407);
        assert_eq!(one["create_time"], "1744244406");
        assert!(one.get("BussiCallBackInfo").is_none());
        let two = written(NewOrderComplaint::default().with_history_entries(1).with_content(""));
        assert_eq!(two["history"][1]["media_id_list"], json!([]));
        assert!(two.get("customer_material_content").is_none());
    }

    #[test]
    fn xml_is_wrapped_or_flat_and_nothing_ends_a_section_early() {
        let event = event(NewOrderComplaint::default().with_content("a]]>b"));
        let wrapped = event.write("gh_1", "wx1", PushFormat::Xml);
        assert!(wrapped.contains("<BussiCallBackInfo><appid>"));
        assert!(wrapped.contains("<![CDATA[a]]]]><![CDATA[>b]]>"));
        assert!(wrapped.contains("<status>201</status>"));
        let flat = event.write("gh_1", "wx1", PushFormat::FlatXml);
        assert_eq!(flat, wrapped.replace("<BussiCallBackInfo>", "").replace("</BussiCallBackInfo>", ""));
    }
}
