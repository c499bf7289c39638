//! The complaints behind the gateway.

use protocol_core::UnixTime;
use serde_json::{Value, json};

/// A complaint, and its history, oldest first.
#[derive(Clone)]
pub struct Case {
    pub id: String,
    pub filed: i64,
    pub state: &'static str,
    pub waits: bool,
    pub times: i64,
    pub merchant_no: Option<&'static str>,
    pub history: Vec<Entry>,
}

#[derive(Clone)]
pub struct Entry {
    pub log_id: String,
    pub written: i64,
    pub kind: &'static str,
    pub text: String,
}

pub fn china(time: i64) -> jiff::civil::DateTime {
    jiff::tz::Offset::constant(8).to_datetime(jiff::Timestamp::from_second(time).unwrap())
}

pub fn moment(time: i64) -> String {
    china(time).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

fn rfc3339(time: i64) -> String {
    china(time).strftime("%Y-%m-%dT%H:%M:%S+08:00").to_string()
}

impl Case {
    /// Filed at a time, with the entry that says so.
    pub fn filed(id: impl ToString, at: UnixTime) -> Self {
        let mut case = Self {
            id: id.to_string(),
            filed: at.0,
            state: "PENDING",
            waits: true,
            times: 1,
            merchant_no: None,
            history: Vec::new(),
        };
        case.write("USER_CREATE_COMPLAINT", "help", at);
        case
    }

    pub fn processed(mut self) -> Self {
        self.state = "PROCESSED";
        self
    }

    pub fn of(mut self, merchant_no: &'static str) -> Self {
        self.merchant_no = Some(merchant_no);
        self
    }

    /// Whether a merchant may read it.
    pub fn belongs_to(&self, cusid: &str) -> bool {
        self.merchant_no.is_none_or(|merchant| merchant.is_empty() || merchant == cusid)
    }

    pub fn write(&mut self, kind: &'static str, text: &str, at: UnixTime) {
        let log_id = format!("{}-{}", self.id, self.history.len());
        self.history.push(Entry { log_id, written: at.0, kind, text: text.to_owned() });
    }

    pub fn json(&self) -> Value {
        let mut json = json!({
            "complaint_id": self.id,
            "complaint_time": rfc3339(self.filed),
            "complaint_state": self.state,
            "incoming_user_response": self.waits,
            "user_complaint_times": self.times,
        });
        if let Some(merchant_no) = self.merchant_no {
            json["merchantNo"] = merchant_no.into();
        }
        json
    }
}

impl Entry {
    pub fn json(&self) -> Value {
        json!({
            "log_id": self.log_id,
            "operator": "商家",
            "operate_time": rfc3339(self.written),
            "operate_type": self.kind,
            "operate_details": self.text,
        })
    }
}
