//! Alipay's risk complaints through Allinpay: list, detail, processing, upload.

use super::alipay_complaint::{AlipayComplaint, AlipayComplaintList, AlipayComplaintStatus, AlipayProcessCode};
use super::form::{File, Form};
use super::handled::Handled;
use super::operation::{Operation, Response};
use super::response_error::ResponseError;
use crate::channel::{Act, Processing};
use crate::codec::id::is_id;
use crate::codec::json::wire_object;
use crate::operation::{Idempotency, OperationInfo, setters};
use crate::rate::RateGroup;
use crate::request::{BuildError, Stamp};
use crate::secret::Personal;
use crate::time::{MOMENT, check_span};

/// `alicomplaintqueryv2`: the list.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AlipayComplaintQueryV2 {
    /// Page, from 1 to 999 999.
    pub current_page_num: u32,
    /// Complaints per page, 1 to 999 999.
    pub page_size: u32,
    /// Start of the filing time, `yyyy-MM-dd HH:mm:ss` in China; set together with
    /// `gmt_complaint_end`, or empty.
    pub gmt_complaint_start: String,
    /// End of the filing time, at most 30 days later; or empty.
    pub gmt_complaint_end: String,
    /// Only the complaint of this trade; or empty.
    pub trade_no: String,
    /// Only the complaints of this task; or empty.
    pub task_id: String,
    /// Only the complaints in these states; or empty. This and the following filters have the names
    /// of Alipay's own list; that Allinpay passes them on is not confirmed.
    pub status_list: Vec<AlipayComplaintStatus>,
    /// Start of the processing time, as that of the filing time; or empty.
    pub gmt_process_start: String,
    /// End of the processing time, at most 30 days later; or empty.
    pub gmt_process_end: String,
    /// Only the complaints of these tasks, at most 100; or empty.
    pub task_id_list: Vec<String>,
}

impl AlipayComplaintQueryV2 {
    /// Maximum number of tasks in [`task_id_list`](Self::task_id_list).
    pub const MAX_TASKS: usize = 100;

    /// Only complaints filed between two times, `yyyy-MM-dd HH:mm:ss` in China, at most 30 days
    /// apart.
    #[must_use]
    pub fn with_gmt_complaint(mut self, start: impl Into<String>, end: impl Into<String>) -> Self {
        self.gmt_complaint_start = start.into();
        self.gmt_complaint_end = end.into();
        self
    }

    /// Only complaints processed between two times, in the same form and bounds.
    #[must_use]
    pub fn with_gmt_process(mut self, start: impl Into<String>, end: impl Into<String>) -> Self {
        self.gmt_process_start = start.into();
        self.gmt_process_end = end.into();
        self
    }
}

/// The first 20 complaints, filed at any time.
impl Default for AlipayComplaintQueryV2 {
    fn default() -> Self {
        Self {
            current_page_num: 1,
            page_size: 20,
            gmt_complaint_start: String::new(),
            gmt_complaint_end: String::new(),
            trade_no: String::new(),
            task_id: String::new(),
            status_list: Vec::new(),
            gmt_process_start: String::new(),
            gmt_process_end: String::new(),
            task_id_list: Vec::new(),
        }
    }
}

setters! {
    impl AlipayComplaintQueryV2;
    with_current_page_num(current_page_num: u32) { current_page_num }
    with_page_size(page_size: u32) { page_size }
    with_trade_no(trade_no: impl Into<String>) { trade_no.into() }
    with_task_id(task_id: impl Into<String>) { task_id.into() }
    with_status_list(status_list: Vec<AlipayComplaintStatus>) { status_list }
    with_task_id_list(task_id_list: Vec<String>) { task_id_list }
}

impl OperationInfo for AlipayComplaintQueryV2 {
    type Response = AlipayComplaintList;

    const NAME: &'static str = "alicomplaintqueryv2";
    const IDEMPOTENCY: Idempotency = Idempotency::Safe;
    const RATE: RateGroup = RateGroup::List;
}

impl Operation for AlipayComplaintQueryV2 {
    fn request(&self, stamp: &Stamp<'_>) -> Result<Form<'_>, BuildError> {
        let mut form = Form::default();
        form.timestamp(stamp)?;
        for (name, value) in [("current_page_num", self.current_page_num), ("page_size", self.page_size)] {
            if !(1..=999_999).contains(&value) {
                return Err(BuildError::Field { field: name, expected: "1 to 999999" });
            }
            form.set(name, value.to_string());
        }
        for (start, end) in [
            (("gmt_complaint_start", &self.gmt_complaint_start), ("gmt_complaint_end", &self.gmt_complaint_end)),
            (("gmt_process_start", &self.gmt_process_start), ("gmt_process_end", &self.gmt_process_end)),
        ] {
            if start.1.is_empty() && end.1.is_empty() {
                continue;
            }
            let expected = "`yyyy-MM-dd HH:mm:ss` twice, in order, at most 30 days apart";
            check_span((start.1, end.1), MOMENT, jiff::civil::DateTime::date, expected)?;
            form.set(start.0, start.1);
            form.set(end.0, end.1);
        }
        form.optional("trade_no", &self.trade_no, 64, "at most 64 characters")?;
        form.optional("task_id", &self.task_id, 64, "at most 64 characters")?;
        let statuses: Vec<&str> = self.status_list.iter().map(AlipayComplaintStatus::as_str).collect();
        let is_readable = |status: &AlipayComplaintStatus| !matches!(status, AlipayComplaintStatus::Unreadable(_));
        if !self.status_list.iter().all(is_readable) || statuses.contains(&"") {
            return Err(BuildError::Field { field: "status_list", expected: "states that the platform writes" });
        }
        if self.task_id_list.len() > Self::MAX_TASKS || !self.task_id_list.iter().all(|task| is_id(task)) {
            let expected = "at most 100 tasks, each of 1 to 64 characters";
            return Err(BuildError::Field { field: "task_id_list", expected });
        }
        // Lists of strings can always be written as JSON.
        if !statuses.is_empty() {
            form.set("status_list", serde_json::to_string(&statuses).unwrap_or_default());
        }
        if !self.task_id_list.is_empty() {
            form.set("task_id_list", serde_json::to_string(&self.task_id_list).unwrap_or_default());
        }
        Ok(form)
    }

    fn receive(&self, response: Response<'_>) -> Result<AlipayComplaintList, ResponseError> {
        let response = response.open()?;
        let list = response.page_json().and_then(|json| match json {
            Some(json) => Ok(AlipayComplaintList::read(json)?),
            None => Ok(AlipayComplaintList::empty()),
        });
        response.unless_refused(list, |list| list.complaint_list.is_empty() && list.unreadable.is_empty())
    }
}

/// `alicomplaintquery`: one complaint.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AlipayComplaintQuery {
    /// The list item's `id`.
    pub complain_id: String,
}

impl AlipayComplaintQuery {
    /// Requests this complaint.
    #[must_use]
    pub fn new(complain_id: impl Into<String>) -> Self {
        Self { complain_id: complain_id.into() }
    }
}

impl OperationInfo for AlipayComplaintQuery {
    type Response = AlipayComplaint;

    const NAME: &'static str = "alicomplaintquery";
    const IDEMPOTENCY: Idempotency = Idempotency::Safe;
}

impl Operation for AlipayComplaintQuery {
    fn request(&self, stamp: &Stamp<'_>) -> Result<Form<'_>, BuildError> {
        let mut form = Form::default();
        form.timestamp(stamp)?;
        form.required("complain_id", &self.complain_id, 64, "1 to 64 characters")?;
        Ok(form)
    }

    fn receive(&self, response: Response<'_>) -> Result<AlipayComplaint, ResponseError> {
        let response = response.open()?;
        response.document("an Alipay complaint")
    }
}

/// `alicomplaintprocessfinish`: reports how complaints were handled.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AlipayProcessFinish {
    /// The list items' `id`s.
    pub id_list: Vec<String>,
    /// The handling.
    pub process_code: AlipayProcessCode,
    /// A note in words.
    pub remark: String,
    /// Uploaded pictures.
    pub img_file_list: Vec<AlipayImage>,
}

impl AlipayProcessFinish {
    /// Reports this handling of these complaints.
    #[must_use]
    pub fn new(id_list: Vec<String>, process_code: AlipayProcessCode) -> Self {
        Self { id_list, process_code, remark: String::new(), img_file_list: Vec::new() }
    }

    /// The operation that carries out this act on the complaint of this `id`.
    ///
    /// # Errors
    /// [`BuildError::NotTaken`]: it is no [`Act::Process`].
    pub fn of_act(id: impl Into<String>, act: &Act) -> Result<Self, BuildError> {
        let Act::Process(Processing { code, remark }) = act else {
            return Err(BuildError::NotTaken { channel: "Alipay through Allinpay", what: act.kind().as_str() });
        };
        let finish = Self::new(vec![id.into()], AlipayProcessCode::from(code.as_str()));
        Ok(finish.with_remark(remark.as_ref().map(|remark| remark.expose().clone()).unwrap_or_default()))
    }
}

setters! {
    impl AlipayProcessFinish;
    with_remark(remark: impl Into<String>) { remark.into() }
    with_img_file_list(img_file_list: Vec<AlipayImage>) { img_file_list }
}

/// Hides the words and the pictures.
impl std::fmt::Debug for AlipayProcessFinish {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AlipayProcessFinish")
            .field("id_list", &self.id_list)
            .field("process_code", &self.process_code)
            .finish_non_exhaustive()
    }
}

impl OperationInfo for AlipayProcessFinish {
    type Response = AlipayProcessResult;

    const NAME: &'static str = "alicomplaintprocessfinish";
    const IDEMPOTENCY: Idempotency = Idempotency::Unsafe;
}

impl Operation for AlipayProcessFinish {
    fn request(&self, stamp: &Stamp<'_>) -> Result<Form<'_>, BuildError> {
        let mut form = Form::default();
        form.timestamp(stamp)?;
        if self.id_list.is_empty() || self.id_list.iter().any(String::is_empty) || self.process_code.as_str().is_empty()
        {
            return Err(BuildError::Field {
                field: "id_list",
                expected: "at least one id, none empty, and a process code",
            });
        }
        // Lists of strings can always be written as JSON.
        form.set("id_list", serde_json::to_string(&self.id_list).unwrap_or_default());
        form.set("process_code", self.process_code.as_str());
        form.optional("remark", &self.remark, 500, "at most 500 characters")?;
        form.set("img_file_list", serde_json::to_string(&self.img_file_list).unwrap_or_default());
        Ok(form)
    }

    fn receive(&self, response: Response<'_>) -> Result<AlipayProcessResult, ResponseError> {
        let response = response.open()?;
        let success = response.get("complaint_process_success");
        if success.is_some_and(|success| success == "0" || success.eq_ignore_ascii_case("false")) {
            return Err(ResponseError::Failed { handlemsg: response.get("handlemsg").map(Personal::from) });
        }
        let complaint_process_success = success.map(str::to_owned);
        response.done()?;
        Ok(AlipayProcessResult { complaint_process_success, handled: response.handled() })
    }
}

/// The result of processing.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AlipayProcessResult {
    /// `complaint_process_success`, unchanged. `false` and `0` mean failure.
    pub complaint_process_success: Option<String>,
    /// The platform's words beside it.
    pub handled: Handled,
}

/// An uploaded picture.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct AlipayImage {
    /// `file_url` of the upload.
    pub img_url: String,
    /// `file_key` of the upload.
    pub img_url_key: String,
}

impl AlipayImage {
    /// A picture with this address and key.
    #[must_use]
    pub fn new(img_url: impl Into<String>, img_url_key: impl Into<String>) -> Self {
        Self { img_url: img_url.into(), img_url_key: img_url_key.into() }
    }
}

/// `alicomplaintfileupload`: a picture.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct AlipayFileUpload<'a> {
    /// The picture, at most 2 MiB.
    pub file: File<'a>,
}

impl<'a> AlipayFileUpload<'a> {
    /// Uploads this picture.
    #[must_use]
    pub const fn new(file: File<'a>) -> Self {
        Self { file }
    }
}

impl OperationInfo for AlipayFileUpload<'_> {
    type Response = AlipayFile;

    const NAME: &'static str = "alicomplaintfileupload";
    const IDEMPOTENCY: Idempotency = Idempotency::Idempotent;
    const RATE: RateGroup = RateGroup::Upload;
}

impl Operation for AlipayFileUpload<'_> {
    fn request(&self, stamp: &Stamp<'_>) -> Result<Form<'_>, BuildError> {
        let mut form = Form::default();
        form.timestamp(stamp)?;
        form.upload(self.file)?;
        Ok(form)
    }

    fn receive(&self, response: Response<'_>) -> Result<AlipayFile, ResponseError> {
        let response = response.open()?;
        // Every object decodes as a file.
        response.unless_refused(response.document("an uploaded file"), |_| true)
    }
}

wire_object! {
    /// An uploaded file.
    pub struct AlipayFile {
        /// Its key.
        file_key: Option<String>,
        /// Its address.
        file_url: Option<String>,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channel::samples::{CANARY, acts_of_each_kind};
    use crate::time::UnixTime;

    #[test]
    fn the_processing_of_a_complaint_is_the_one_act_and_is_sent_whole() {
        for act in acts_of_each_kind() {
            match AlipayProcessFinish::of_act("7", &act) {
                Ok(finish) => {
                    assert!(!format!("{finish:?}").contains(CANARY));
                    let stamp = Stamp { now: UnixTime(1_741_936_166), nonce: "1" };
                    let form = finish.request(&stamp).unwrap();
                    let sent = |name: &str| form.parameters.iter().find(|(other, _)| *other == name).unwrap().1;
                    let names = ["id_list", "process_code", "remark", "img_file_list"];
                    assert_eq!(names.map(sent), [r#"["7"]"#, "REFUND", CANARY, "[]"]);
                }
                Err(error) => {
                    let what = act.kind().as_str();
                    assert_eq!(error, BuildError::NotTaken { channel: "Alipay through Allinpay", what });
                    assert_ne!(what, "process");
                }
            }
        }
    }
}
