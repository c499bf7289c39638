//! One transaction complaint: its state, its items, and its detail as the server writes it.

use protocol_core::UnixTime;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::new_order::NewOrderComplaint;
use crate::random;

/// The merchant's time for an act, in seconds: 48 hours since 2024-03-25.
const DUE: i64 = 48 * 3600;

/// The merchant's time for an appeal, in seconds.
const APPEAL_DUE: i64 = 72 * 3600;

pub(super) const WAITING_FOR_MERCHANT: u32 = 201;
pub(super) const AGENT_HANDLING: u32 = 107;
pub(super) const MERCHANT_RESPONDED: u32 = 203;
pub(super) const VERIFYING_PROOF: u32 = 207;

pub(super) const APPEAL_WANTED: u32 = 401;
pub(super) const APPEALING: u32 = 403;

/// The states that wait for the return of the goods.
pub(super) const AWAITING_RETURN: [u32; 2] = [308, 309];

/// The kinds of items, by number.
pub(super) mod item {
    pub(crate) const FILED: u32 = 1;
    pub(crate) const USER_MESSAGE: u32 = 2;
    pub(crate) const MERCHANT_EVIDENCE: u32 = 8;
    pub(crate) const PLATFORM_HANDLING: u32 = 13;
    pub(crate) const MERCHANT_RESPONDED: u32 = 109;
    pub(crate) const MERCHANT_PROOF: u32 = 110;
}

/// One entry of what happened.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Item {
    pub(super) kind: u32,
    pub(super) time: UnixTime,
    pub(super) content: String,
    pub(super) media: Vec<String>,
    pub(super) appeal_kind: Option<u32>,
}

/// One complaint. No `Debug`: it holds what payers say.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Order {
    pub(super) id: String,
    pub(super) status: u32,
    pub(super) appeal_state: u32,
    pub(super) create_time: UnixTime,
    /// The end of the state; 0 for a state without one.
    pub(super) expire_time: UnixTime,
    appeal_until: UnixTime,
    pub(super) kind: u32,
    pub(super) transaction_id: String,
    pub(super) out_trade_no: String,
    pub(super) phone_number: String,
    pub(super) open_id: String,
    pub(super) content: String,
    pub(super) media: Vec<String>,
    pub(super) pay_time: UnixTime,
    pub(super) total_cost: u64,
    pub(super) product_name: String,
    pub(super) items: Vec<Item>,
    /// The number of the return, once the goods are to be returned.
    pub(super) return_id: Option<String>,
}

impl Order {
    pub(super) fn file(id: String, new: NewOrderComplaint, now: UnixTime) -> Self {
        let time = new.time.unwrap_or(now);
        let mut order = Self {
            id,
            status: WAITING_FOR_MERCHANT,
            appeal_state: 0,
            create_time: time,
            expire_time: UnixTime(time.0.saturating_add(DUE)),
            appeal_until: UnixTime(0),
            kind: new.kind.unwrap_or(641),
            transaction_id: format!("42{}", random::digits(26)),
            out_trade_no: new.out_trade_no.unwrap_or_else(|| random::digits(19)),
            phone_number: new.phone_number.unwrap_or_else(|| "13900000000".to_owned()),
            open_id: new.open_id.unwrap_or_else(|| format!("o{}", random::alphanumeric(27))),
            content: new.content.unwrap_or_else(|| "与商品描述不符".to_owned()),
            media: new.media_links,
            pay_time: UnixTime(time.0.saturating_sub(3600)),
            total_cost: new.total_cost.unwrap_or(5000),
            product_name: new.product_name.unwrap_or_else(|| "五常大米".to_owned()),
            items: Vec::new(),
            return_id: None,
        };
        order.record(item::FILED, time, &order.content.clone(), order.media.clone());
        for number in 1..=new.history_entries {
            order.record(item::USER_MESSAGE, time, &format!("补充说明 {number}"), Vec::new());
        }
        order
    }

    /// Adds an item.
    pub(super) fn record(&mut self, kind: u32, time: UnixTime, content: &str, media: Vec<String>) {
        self.items.push(Item { kind, time, content: content.to_owned(), media, appeal_kind: None });
    }

    /// Adds the merchant's appeal.
    pub(super) fn record_appeal(&mut self, time: UnixTime, content: &str, media: Vec<String>) {
        self.record(item::MERCHANT_EVIDENCE, time, content, media);
        self.appeal_state = APPEALING;
        if let Some(item) = self.items.last_mut() {
            item.appeal_kind = Some(APPEALING);
        }
    }

    /// Moves to a state, with the time it lasts. A return of the goods gets its number.
    pub(super) fn enter(&mut self, status: u32, now: UnixTime) {
        self.status = status;
        let lasts = matches!(status, WAITING_FOR_MERCHANT | 106 | 108 | 206 | 308 | 309 | 311);
        self.expire_time = UnixTime(if lasts { now.0.saturating_add(DUE) } else { 0 });
        if AWAITING_RETURN.contains(&status) && self.return_id.is_none() {
            self.return_id = Some(random::digits(11));
        }
    }

    /// Sets the appeal's state. The time for an appeal starts now.
    pub(super) fn enter_appeal(&mut self, state: u32, now: UnixTime) {
        self.appeal_state = state;
        self.appeal_until = UnixTime(now.0.saturating_add(APPEAL_DUE));
    }

    /// Whether it is in one of these states, and the state's time is not over.
    pub(super) fn is_open_in(&self, states: &[u32], now: UnixTime) -> bool {
        states.contains(&self.status) && (self.expire_time.0 == 0 || now <= self.expire_time)
    }

    pub(super) fn may_appeal(&self, now: UnixTime) -> bool {
        self.appeal_state == APPEAL_WANTED && now <= self.appeal_until
    }

    /// The detail, in the spelling of the documentation's samples.
    pub(crate) fn to_json(&self) -> Value {
        let order = json!({
            "complaintOrderId": number_or_text(&self.id),
            "openId": self.open_id,
            "createTime": self.create_time.0,
            "phoneNumber": number_or_text(&self.phone_number),
            "type": self.kind,
            "status": self.status,
            "customerMaterial": {"content": self.content, "mediaIdList": self.media},
            "orderId": self.transaction_id,
            "outTradeNo": self.out_trade_no,
            "productName": self.product_name,
            "payTime": self.pay_time.0,
            "totalCostStr": format!("￥{}.{:02}", self.total_cost / 100, self.total_cost % 100),
            "expireTime": self.expire_time.0,
            "headImgUrl": "https://wx.qlogo.cn/mmhead/0",
            "nickName": "微信用户",
            "appealState": self.appeal_state,
        });
        let mut detail = json!({"errcode": 0, "errmsg": "ok", "complaintOrder": order});
        if let Some(detail) = detail.as_object_mut() {
            let items: Vec<Value> = self.items.iter().map(|item| self.item_to_json(item)).collect();
            detail.extend(one_or_many(items).map(|items| ("item".to_owned(), items)));
            if let Some(return_id) = &self.return_id {
                let bill = json!({
                    "returnId": return_id,
                    "waybillId": "SF0000000000000",
                    "deliveryName": "顺丰速运",
                    "orderStatus": 4,
                });
                detail.insert("returnBill".to_owned(), bill);
            }
        }
        detail
    }

    /// The complaint as a row of the penalties.
    pub(super) fn to_penalty(&self) -> Value {
        let changed = self.items.last().map_or(self.create_time, |item| item.time);
        json!({
            "illegalOrderId": format!("9{}", self.id),
            "complaintOrderId": number_or_text(&self.id),
            "illegalWording": "交易纠纷",
            "status": 2,
            "minusScore": 2,
            "orderId": self.transaction_id,
            "illegalTime": changed.0,
            "updateTime": changed.0,
        })
    }

    fn item_to_json(&self, item: &Item) -> Value {
        let mut members = Map::from_iter([
            ("itemType".to_owned(), Value::from(item.kind)),
            ("time".to_owned(), Value::from(item.time.0)),
            ("content".to_owned(), Value::from(item.content.as_str())),
            ("mediaIdList".to_owned(), Value::from(item.media.clone())),
        ]);
        if matches!(item.kind, item::FILED | item::USER_MESSAGE) {
            members.insert("phoneNumber".to_owned(), Value::from(self.phone_number.as_str()));
            members.insert("nickName".to_owned(), Value::from("微信用户"));
        }
        if let Some(kind) = item.appeal_kind {
            members.insert("appealItemType".to_owned(), Value::from(kind));
        }
        Value::from(members)
    }
}

/// The platform's habit: no value for none, the value itself for one, a list for several.
pub(super) fn one_or_many(mut values: Vec<Value>) -> Option<Value> {
    match values.len() {
        0 => None,
        1 => values.pop(),
        _ => Some(Value::from(values)),
    }
}

/// Digits as a number; as text where a number would lose a digit.
fn number_or_text(text: &str) -> Value {
    let number = text.parse::<u64>().ok().filter(|number| number.to_string() == text);
    number.map_or_else(|| Value::from(text), Value::from)
}
