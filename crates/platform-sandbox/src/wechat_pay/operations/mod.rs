//! What a verified request does: one file a group of operations.

mod notification_url;
mod read;
mod refund;
mod reply;
mod security;
mod upload;

use bytes::Bytes;
use protocol_core::UnixTime;

use super::authenticate::Caller;
use super::case::Case;
use super::reply::{Refusal, Reply};
use super::route::Operation;
use super::state::State;

/// A verified request.
pub(crate) struct Request<'r> {
    pub(crate) caller: &'r Caller,
    pub(crate) target: &'r str,
    pub(crate) content_type: &'r str,
    /// `Wechatpay-Serial`.
    pub(crate) platform_key: Option<&'r str>,
    pub(crate) body: &'r Bytes,
    pub(crate) now: UnixTime,
}

impl State {
    /// Carries a verified request out.
    pub(crate) fn carry_out(&mut self, operation: &Operation, request: &Request<'_>) -> Result<Reply, Refusal> {
        if !request.body.is_empty() && !matches!(operation, Operation::UploadImage) {
            let kind = request.content_type.split(';').next().unwrap_or_default().trim();
            if !kind.eq_ignore_ascii_case("application/json") {
                return Err(Refusal::invalid("Content-Type不是application/json"));
            }
        }
        match operation {
            Operation::CreateNotificationUrl => self.create_notification_url(request),
            Operation::QueryNotificationUrl => self.query_notification_url(request),
            Operation::UpdateNotificationUrl => self.update_notification_url(request),
            Operation::DeleteNotificationUrl => self.delete_notification_url(request),
            Operation::ListComplaints => self.list_complaints(request),
            Operation::GetComplaint(id) => self.get_complaint(id, request),
            Operation::GetNegotiationHistory(id) => self.get_negotiation_history(id, request),
            Operation::Respond(id) => self.respond(id, request),
            Operation::Complete(id) => self.complete(id, request),
            Operation::UpdateRefundProgress(id) => self.update_refund_progress(id, request),
            Operation::RespondImmediateService(id) => self.respond_immediate_service(id, request),
            Operation::UploadImage => self.upload_image(request),
            Operation::DownloadImage(id) => self.images.download(&request.caller.mchid, id),
            Operation::ListCertificates => self.list_certificates(request),
            Operation::Echo => self.echo(request),
        }
    }

    /// A complaint the caller may see.
    fn case_of(&self, id: &str, caller: &Caller) -> Result<&Case, Refusal> {
        let case = self.cases.get(id).ok_or_else(|| Refusal::missing(404, "投诉单不存在"))?;
        if case.mchid == caller.mchid { Ok(case) } else { Err(Refusal::no_auth("无权限查询该投诉单")) }
    }
}
