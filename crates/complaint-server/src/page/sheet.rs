//! The sheet of one complaint: its members in words, and the payer's own.

use complaint_inbox::ComplaintRecord;
use complaint_texts::Language;
use protocol_core::UnixTime;
use protocol_core::allinpay::AlipayComplaint;
use protocol_core::complaint::{AppealState, CallbackStatus, Complaint, OrderDetail, ProblemType, Timestamp};

use super::case::Case;
use super::foreign::Foreign;
use super::list::yuan;
use super::merchants::Merchants;
use crate::moments::china_time;

/// What the page says of a complaint above its history.
pub(crate) struct Sheet {
    pub(crate) facts: Vec<Fact>,
    /// What a person should know before anything else.
    pub(crate) notes: Vec<String>,
    /// Whether the platform told of something that was not read yet. A note says so.
    pub(crate) is_waiting: bool,
    /// The payer's words.
    pub(crate) words: Option<Foreign>,
}

/// A member that is present.
pub(crate) struct Fact {
    pub(crate) name: String,
    pub(crate) value: Foreign,
}

impl Sheet {
    pub(crate) fn new(language: Language, record: &ComplaintRecord, case: &Case, merchants: &Merchants) -> Self {
        let mut sheet = Self { facts: Vec::new(), notes: Vec::new(), is_waiting: false, words: None };
        let mut facts = Facts { language, facts: &mut sheet.facts };
        let summary = &record.summary;
        facts.add(language.text("sheet-state"), Some(state(language, summary.state.as_deref(), case)));
        facts.add(language.text("sheet-channel"), Some(language.word("channel", &summary.key.channel)));
        let merchant = merchants.words(&summary.key.channel, &summary.key.merchant);
        facts.add(language.text("sheet-merchant"), Some(merchant));
        facts.add(language.text("sheet-filed"), summary.filed.map(china_time));
        facts.add(language.text("sheet-amount"), summary.amount.map(yuan));
        match case {
            Case::Trade(complaint) => {
                facts.trade(complaint);
                sheet.notes = notes(language, complaint);
                let words = complaint.complaint_detail.as_ref();
                sheet.words = Foreign::of(language, words.map(|words| words.expose().as_str()));
            }
            Case::Order(detail) => {
                facts.order(detail);
                let order = detail.complaint_order.as_ref();
                if order.and_then(|order| order.status) == Some(CallbackStatus::HandlingProofWanted) {
                    sheet.notes.push(language.text("due-lapse"));
                }
                let words = order.and_then(|order| order.customer_material.as_ref()?.content.as_ref());
                sheet.words = Foreign::of(language, words.map(|words| words.expose().as_str()));
            }
            Case::Alipay(complaint) => {
                facts.alipay(complaint);
                let words = complaint.complain_content.as_ref();
                sheet.words = Foreign::of(language, words.map(|words| words.expose().as_str()));
            }
            Case::Unread => sheet.notes.push(language.text("complaint-unread")),
            Case::Unreadable => sheet.notes.push(language.text("complaint-unknown-document")),
        }
        sheet.is_waiting = summary.read < summary.heard;
        if sheet.is_waiting && !matches!(case, Case::Unread) {
            sheet.notes.push(language.text("complaint-lags"));
        }
        sheet
    }
}

/// The state in words; the platform's own for one that is not known.
pub(crate) fn state(language: Language, state: Option<&str>, case: &Case) -> String {
    let state = state.unwrap_or_default();
    let told = match case {
        Case::Alipay(complaint) => complaint.status_description.as_deref().filter(|told| !told.is_empty()),
        _ => None,
    };
    language.known_word("state", state).unwrap_or_else(|| told.unwrap_or(state).to_owned())
}

fn notes(language: Language, complaint: &Complaint) -> Vec<String> {
    let note = |is_so: Option<bool>, words: String| (is_so == Some(true)).then_some(words);
    [
        note(complaint.incoming_user_response, language.text("note-response-waits")),
        note(complaint.need_immediate_service, language.text("note-immediate")),
        note(complaint.in_platform_service, language.text("note-assisted")),
        note(complaint.complaint_full_refunded, language.text("note-refunded")),
        note(complaint.is_agent_mode, language.text("note-agent")),
    ]
    .into_iter()
    .flatten()
    .collect()
}

struct Facts<'s> {
    language: Language,
    facts: &'s mut Vec<Fact>,
}

impl Facts<'_> {
    /// Adds a member, unless it is absent or empty.
    fn add(&mut self, name: String, value: Option<impl AsRef<str>>) {
        if let Some(value) = Foreign::of(self.language, value.as_ref().map(AsRef::as_ref)) {
            self.facts.push(Fact { name, value });
        }
    }

    fn trade(&mut self, complaint: &Complaint) {
        let language = self.language;
        let accused = complaint.complainted_mchid.as_deref().or(complaint.merchant_no.as_deref());
        self.add(language.text("sheet-accused"), accused);
        self.add(language.text("sheet-about"), complaint.problem_description.as_deref());
        let demand = complaint.problem_type.as_ref().map(ProblemType::as_str);
        self.add(language.text("sheet-demand"), demand.map(|demand| language.word("problem", demand)));
        let refund = complaint.apply_refund_amount.as_ref().map(|amount| yuan(amount.0));
        self.add(language.text("sheet-refund-wanted"), refund);
        let has_several = complaint.complaint_order_info.len() > 1;
        for order in &complaint.complaint_order_info {
            self.add(language.text("sheet-transaction"), order.transaction_id.as_deref());
            let own = order.wxa_out_trade_no.as_deref().or(order.out_trade_no.as_deref());
            self.add(language.text("sheet-order"), own);
            self.add(language.text("sheet-wx-order"), order.wx_order_id.as_deref());
            let amount = order.amount.as_ref().filter(|_| has_several).map(|amount| yuan(amount.0));
            self.add(language.text("sheet-amount"), amount);
        }
        for order in &complaint.service_order_info {
            let state = order.state.as_ref().map(|state| language.word("service-order", state.as_str()).into_owned());
            let parts = [order.order_id.clone(), order.out_order_no.clone(), state];
            self.add(language.text("sheet-service-order"), Some(joined(parts)));
        }
        let returned = complaint.additional_info.as_ref().and_then(|info| info.share_power_info.as_ref());
        if let Some(returned) = returned {
            let address = returned.return_address_info.as_ref().and_then(|address| address.return_address.as_ref());
            let parts = [returned.return_time.as_ref().map(told), address.map(|address| address.expose().clone())];
            self.add(language.text("sheet-returned-at"), Some(joined(parts)));
        }
        let times = complaint.user_complaint_times.filter(|times| *times > 1);
        self.add(language.text("sheet-times"), times.map(|times| times.to_string()));
        let tags = complaint.user_tag_list.iter().map(|tag| Some(language.word("user-tag", tag.as_str()).into_owned()));
        self.add(language.text("sheet-tags"), Some(joined(tags)));
    }

    fn order(&mut self, detail: &OrderDetail) {
        let language = self.language;
        let time = |time: Option<UnixTime>| time.filter(|time| time.0 != 0).map(china_time);
        if let Some(order) = &detail.complaint_order {
            let kind = order.kind.map(|kind| kind.code().to_string());
            self.add(language.text("sheet-about"), kind.as_deref().map(|kind| language.word("order-type", kind)));
            self.add(language.text("sheet-product"), order.product_name.as_deref());
            let cost = order.total_cost.as_deref().or(order.total_cost_str.as_deref());
            self.add(language.text("sheet-amount"), cost);
            self.add(language.text("sheet-transaction"), order.order_id.as_deref());
            self.add(language.text("sheet-order"), order.out_trade_no.as_deref());
            self.add(language.text("sheet-paid"), time(order.pay_time));
            let appeal = order.appeal_state.filter(|state| *state != AppealState::None);
            let appeal = appeal.map(|state| state.code().to_string());
            self.add(language.text("sheet-appeal"), appeal.as_deref().map(|code| language.word("appeal-state", code)));
        }
        if let Some(bill) = &detail.return_bill {
            let status = bill.order_status.map(|status| status.code().to_string());
            let status = status.as_deref().map(|status| language.word("return-status", status).into_owned());
            let parts = [bill.return_id.clone(), bill.delivery_name.clone(), bill.waybill_id.clone(), status];
            self.add(language.text("sheet-return"), Some(joined(parts)));
        }
    }

    fn alipay(&mut self, complaint: &AlipayComplaint) {
        let language = self.language;
        self.add(
            language.text("sheet-accused"),
            complaint.opposite_name.as_deref().or(complaint.opposite_pid.as_deref()),
        );
        self.add(language.text("sheet-trade"), complaint.trade_no.as_deref());
        for trade in &complaint.complaint_trade_info_list {
            if trade.trade_no != complaint.trade_no {
                self.add(language.text("sheet-trade"), trade.trade_no.as_deref());
            }
            self.add(language.text("sheet-order"), trade.out_no.as_deref());
            self.add(language.text("sheet-refunded"), trade.gmt_refund.as_deref());
        }
        let outcome = complaint.process_code.as_ref().map(|code| code.as_str());
        let told = complaint.process_message.clone().filter(|told| !told.is_empty());
        let outcome =
            outcome.map(|code| language.known_word("outcome", code).or(told).unwrap_or_else(|| code.to_owned()));
        self.add(language.text("sheet-outcome"), outcome);
        let remark = complaint.process_remark.as_ref().map(|remark| remark.expose().as_str());
        self.add(language.text("sheet-remark"), remark);
    }
}

/// The parts that are there, with a point between them.
fn joined(parts: impl IntoIterator<Item = Option<String>>) -> String {
    let parts: Vec<String> = parts.into_iter().flatten().filter(|part| !part.is_empty()).collect();
    parts.join(" · ")
}

/// A time in China; a text that is none stays.
pub(crate) fn told(time: &Timestamp) -> String {
    time.to_unix().map_or_else(|| time.as_str().to_owned(), china_time)
}
