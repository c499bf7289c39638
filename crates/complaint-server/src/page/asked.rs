//! The acts on a complaint that were asked for, and how each went.

use complaint_inbox::{ActRecord, ActStage};
use complaint_texts::Language;
use protocol_core::Personal;
use protocol_core::channel::{Act, RefundDecision};

use super::act_form::images;
use super::foreign::Foreign;
use super::reason::ours;
use crate::moments::china_time;

/// An act that was asked for.
pub(crate) struct AskedView {
    /// Its idempotency key, for the place on the page.
    pub(crate) key: String,
    pub(crate) title: String,
    /// `asked`, `sending`, `done`, `found`, `refused` or `unknown`: the class of the style.
    pub(crate) state: &'static str,
    pub(crate) state_word: String,
    pub(crate) line: Foreign,
    pub(crate) ended: Option<String>,
    /// What it says.
    pub(crate) words: Vec<Foreign>,
    pub(crate) pictures: Option<String>,
    /// Why it failed, as far as it is known here.
    pub(crate) reason: Option<Foreign>,
    /// The platform's words.
    pub(crate) quote: Option<Foreign>,
    pub(crate) advice: Option<String>,
}

impl AskedView {
    pub(crate) fn new(language: Language, record: &ActRecord) -> Self {
        let ask = &record.ask;
        let line = [("by", ask.by.as_str().into()), ("time", china_time(record.asked_at).into())];
        let ended = record.finished_at.map(|at| language.text_with("asked-ended", [("time", china_time(at).into())]));
        let count = images(&ask.act).len();
        let state = record.stage.as_str();
        let quote = record.reason.as_ref().and_then(|reason| reason.quote.as_ref());
        Self {
            key: ask.key.clone(),
            title: title(language, &ask.act),
            state,
            state_word: language.word("act-state", state).into_owned(),
            line: Foreign::new(language, &language.text_with("asked-line", line)),
            ended,
            words: words(language, &ask.act).iter().filter_map(|words| Foreign::of(language, Some(words))).collect(),
            pictures: (count > 0).then(|| language.text_with("asked-pictures", [("count", count.into())])),
            reason: record.reason.as_ref().map(|reason| Foreign::new(language, &ours(language, reason))),
            quote: Foreign::of(language, quote.map(|quote| quote.expose().as_str())),
            advice: (record.stage == ActStage::Unknown).then(|| language.text("asked-unknown-do")),
        }
    }
}

/// The name of an act; a decision on a refund has two.
fn title(language: Language, act: &Act) -> String {
    match act {
        Act::DecideRefund(RefundDecision::Approve(_)) => language.text("form-approve-refund"),
        Act::DecideRefund(RefundDecision::Reject(_)) => language.text("form-reject-refund"),
        act => language.word("act", act.kind().as_str()).into_owned(),
    }
}

fn words(language: Language, act: &Act) -> Vec<String> {
    let text = |text: &Option<Personal<String>>| text.as_ref().map(|text| text.expose().clone());
    let words = match act {
        Act::Reply(reply) => {
            let agrees = reply.agrees.map(|agrees| match agrees {
                true => language.text("form-agrees-yes"),
                false => language.text("form-agrees-no"),
            });
            let link = reply.link.as_ref().map(|link| format!("{} {}", link.caption, link.url));
            vec![agrees, Some(reply.text.expose().clone()), link]
        }
        Act::ReplyImmediately(reply) => vec![Some(reply.text.expose().clone())],
        Act::DecideRefund(RefundDecision::Approve(approval)) => {
            let days = approval.launch_refund_day.map(|days| match days {
                0 => language.text("asked-day-today"),
                days => language.text_with("asked-days", [("days", days.into())]),
            });
            vec![days, text(&approval.remark)]
        }
        Act::DecideRefund(RefundDecision::Reject(rejection)) => {
            vec![Some(rejection.reason.expose().clone()), text(&rejection.remark)]
        }
        Act::SupplyProof(evidence) | Act::Appeal(evidence) => vec![text(&evidence.text)],
        Act::SupplyRefund(evidence) => vec![text(&evidence.text)],
        Act::Process(processing) => {
            vec![Some(language.word("outcome", &processing.code).into_owned()), text(&processing.remark)]
        }
        _ => Vec::new(),
    };
    words.into_iter().flatten().collect()
}
