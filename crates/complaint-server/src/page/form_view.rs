//! The forms of the page, as they are drawn: empty, or as they were filled in.

use complaint_texts::Language;
use protocol_core::allinpay::AlipayProcessCode;

use super::act_form::{max_pictures, needs_consent, remark_limit, text_limit};
use super::case::Case;
use super::possible::FormKind;
use super::upload_form::UploadForm;
use super::uploading::max_bytes;
use super::wrong::megabytes;

/// A form on the page.
pub(crate) struct FormView {
    pub(crate) name: &'static str,
    pub(crate) title: String,
    pub(crate) about: Option<String>,
    pub(crate) send: String,
    /// The idempotency key: what is sent twice is one act.
    pub(crate) key: String,
    pub(crate) is_open: bool,
    pub(crate) wrong: Vec<String>,
    pub(crate) texts: Vec<TextField>,
    /// Whether the merchant settles: `yes`, `no` or not chosen yet.
    pub(crate) agrees: Option<String>,
    pub(crate) days: Option<String>,
    pub(crate) outcomes: Vec<Outcome>,
    /// The number of a return of goods, and the code of its arrival.
    pub(crate) goods: Option<(String, String)>,
    /// The words about pictures, if the form takes some.
    pub(crate) pictures: Option<String>,
    /// The words about pictures that were chosen: a page cannot give them back to the browser.
    pub(crate) lost_pictures: Option<String>,
    pub(crate) has_templates: bool,
}

/// A text of a form, with its bound in characters.
pub(crate) struct TextField {
    pub(crate) name: &'static str,
    pub(crate) label: String,
    pub(crate) value: String,
    pub(crate) limit: usize,
    pub(crate) count: String,
    /// For the script: the words for characters that are left, and that are too many.
    pub(crate) left: String,
    pub(crate) over: String,
}

/// An outcome that Alipay knows.
pub(crate) struct Outcome {
    pub(crate) code: &'static str,
    pub(crate) label: String,
    pub(crate) is_chosen: bool,
}

impl FormView {
    /// The form for a complaint; as it was filled in, if it was.
    pub(crate) fn new(
        language: Language,
        channel: &str,
        case: &Case,
        form: FormKind,
        filled: Option<&UploadForm>,
    ) -> Self {
        let name = form.name();
        let value = |field: &str| filled.map_or_else(String::new, |filled| filled.text(field).to_owned());
        let about = language.known_word("form", &format!("{name}-about"));
        let text = |name, limit, label| TextField::new(language, name, limit, label, value(name));
        let mut texts = Vec::new();
        if let Some(limit) = text_limit(form) {
            let label = if form == FormKind::RejectRefund { "form-reason" } else { "form-text" };
            texts.push(text("text", limit, language.text(label)));
        }
        if let Some(limit) = remark_limit(channel, form) {
            texts.push(text("remark", limit, language.text("form-remark")));
        }
        let is_process = form == FormKind::Process;
        let outcome = |code: &'static AlipayProcessCode| Outcome {
            code: code.as_str(),
            label: language.word("outcome", code.as_str()).into_owned(),
            is_chosen: value("outcome") == code.as_str(),
        };
        let pictures = max_pictures(form);
        let megabytes = megabytes(max_bytes(channel));
        Self {
            name,
            title: language.word("form", name).into_owned(),
            about,
            send: language.word("form", &format!("{name}-send")).into_owned(),
            key: format!("page-{:032x}", fastrand::u128(..)),
            is_open: false,
            wrong: Vec::new(),
            texts,
            agrees: needs_consent(channel, form).then(|| value("agrees")),
            days: (form == FormKind::ApproveRefund).then(|| value("days")),
            outcomes: if is_process { AlipayProcessCode::KNOWN.iter().map(outcome).collect() } else { Vec::new() },
            goods: goods_of(form, case).map(|id| (id, value("accept_return"))),
            pictures: (pictures > 0).then(|| {
                language.text_with("form-pictures-about", [("most", pictures.into()), ("megabytes", megabytes.into())])
            }),
            lost_pictures: filled
                .filter(|filled| !filled.pictures.is_empty())
                .map(|_| language.text("form-pictures-again")),
            has_templates: matches!(form, FormKind::Reply | FormKind::ReplyImmediately),
        }
    }
}

impl TextField {
    fn new(language: Language, name: &'static str, limit: usize, label: String, value: String) -> Self {
        Self {
            name,
            label,
            value,
            limit,
            count: language.text_with("form-count", [("limit", limit.into())]),
            left: language.text_with("form-left", [("left", COUNT.into())]),
            over: language.text_with("form-over", [("over", COUNT.into())]),
        }
    }
}

/// The return of goods that a proof has to name.
fn goods_of(form: FormKind, case: &Case) -> Option<String> {
    let Case::Order(detail) = case else { return None };
    let id = detail.return_bill.as_ref()?.return_id.clone();
    id.filter(|id| form == FormKind::SupplyRefund && !id.is_empty())
}

/// Stands for the number in texts that the script completes.
const COUNT: &str = "{n}";
