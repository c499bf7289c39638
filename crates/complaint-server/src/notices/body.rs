//! The message of each kind, and how long it may be.

use complaint_channels::Mention;
use protocol_core::{Secret, UnixTime};
use serde_json::{Value, json};

use super::recipient::{Recipient, Way};
use super::sign::feishu;

/// The body of a robot's message.
pub(super) fn body(recipient: &Recipient, text: &str, now: UnixTime) -> String {
    let Mention { users, mobiles, all, .. } = &recipient.mention;
    let document = match &recipient.way {
        Way::Wecom(_) => {
            let everybody = all.then_some("@all");
            let users: Vec<&str> = users.iter().map(String::as_str).chain(everybody).collect();
            json!({"msgtype": "text", "text": {
                "content": text, "mentioned_list": users, "mentioned_mobile_list": mobiles,
            }})
        }
        Way::Dingtalk(..) => json!({"msgtype": "text", "text": {"content": text},
            "at": {"atUserIds": users, "atMobiles": mobiles, "isAtAll": all}}),
        Way::Feishu(_, secret) => signed(secret.as_ref(), now, &with_people(text, users, *all)),
        Way::Url(_) | Way::Command(..) => json!({ "text": text }),
    };
    document.to_string()
}

/// Whether a robot takes a text of this length.
pub(super) fn fits(recipient: &Recipient, text: &str) -> bool {
    match &recipient.way {
        Way::Wecom(_) => text.len() <= MAX_WECOM_BYTES,
        Way::Dingtalk(..) => text.chars().count() <= MAX_DINGTALK_CHARACTERS,
        Way::Feishu(..) => body(recipient, text, UnixTime(i64::MAX)).len() <= MAX_FEISHU_BYTES,
        Way::Url(_) | Way::Command(..) => true,
    }
}

fn signed(secret: Option<&Secret>, now: UnixTime, text: &str) -> Value {
    let content = json!({ "text": text });
    match secret {
        Some(secret) => json!({
            "timestamp": now.0.to_string(), "sign": feishu(secret, now.0), "msg_type": "text", "content": content,
        }),
        None => json!({"msg_type": "text", "content": content}),
    }
}

/// Feishu mentions people within the text. Ids have no markup.
fn with_people(text: &str, users: &[String], all: bool) -> String {
    let people = users.iter().map(String::as_str).chain(all.then_some("all"));
    people.fold(text.to_owned(), |text, id| format!("{text}\n<at user_id=\"{id}\"></at>"))
}

/// Longest text of WeCom's, in bytes of UTF-8.
pub(super) const MAX_WECOM_BYTES: usize = 2048;

/// Longest text of DingTalk's, in characters. The robot refuses 20 000 bytes; clients speak of 4000
/// and 5000 characters.
pub(super) const MAX_DINGTALK_CHARACTERS: usize = 3999;

/// Largest body of Feishu's, in bytes.
pub(super) const MAX_FEISHU_BYTES: usize = 20_000;

#[cfg(test)]
mod tests {
    use super::super::recipient::samples;
    use super::*;

    const NOW: UnixTime = UnixTime(1_599_360_473);

    fn document(recipient: &Recipient) -> Value {
        serde_json::from_str(&body(recipient, "投诉", NOW)).unwrap()
    }

    #[test]
    fn each_robot_has_its_body() {
        let mut wecom = samples::wecom();
        assert_eq!(
            document(&wecom),
            json!({"msgtype": "text", "text": {"content": "投诉", "mentioned_list": [], "mentioned_mobile_list": []}})
        );
        wecom.mention = samples::mention();
        let text = &document(&wecom)["text"];
        assert_eq!(text["mentioned_list"], json!(["zhangsan", "@all"]));
        assert_eq!(text["mentioned_mobile_list"], json!(["13800001111"]));
        let mut dingtalk = samples::dingtalk();
        dingtalk.mention = samples::mention();
        assert_eq!(
            document(&dingtalk),
            json!({"msgtype": "text", "text": {"content": "投诉"},
                "at": {"atUserIds": ["zhangsan"], "atMobiles": ["13800001111"], "isAtAll": true}})
        );
        let mut feishu = samples::feishu();
        feishu.mention = samples::mention();
        assert_eq!(
            document(&feishu),
            json!({"timestamp": "1599360473", "sign": "l1N0gAcBjdwBvGm1xMjOF0XSyaLRpR7tuO5dHfhAYc8=", "msg_type": "text",
                "content": {"text": "投诉\n<at user_id=\"zhangsan\"></at>\n<at user_id=\"all\"></at>"}})
        );
        feishu.way = match feishu.way {
            Way::Feishu(url, _) => Way::Feishu(url, None),
            other => other,
        };
        assert_eq!(document(&feishu).get("sign"), None);
    }

    #[test]
    fn a_text_is_as_long_as_a_robot_takes() {
        let wecom = |bytes: usize| fits(&samples::wecom(), &"a".repeat(bytes));
        assert_eq!([MAX_WECOM_BYTES, MAX_WECOM_BYTES + 1].map(wecom), [true, false]);
        let dingtalk = |letters: usize| fits(&samples::dingtalk(), &"投".repeat(letters));
        assert_eq!([MAX_DINGTALK_CHARACTERS, MAX_DINGTALK_CHARACTERS + 1].map(dingtalk), [true, false]);
        assert!(body(&samples::dingtalk(), &"投".repeat(MAX_DINGTALK_CHARACTERS), NOW).len() <= 20_000);
        let feishu = |bytes: usize| fits(&samples::feishu(), &"a".repeat(bytes));
        let around = body(&samples::feishu(), "", UnixTime(i64::MAX)).len();
        assert_eq!([MAX_FEISHU_BYTES - around, MAX_FEISHU_BYTES - around + 1].map(feishu), [true, false]);
    }
}
