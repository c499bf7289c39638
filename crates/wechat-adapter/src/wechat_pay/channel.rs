//! WeChat Pay as a [`ComplaintChannel`].

use futures_util::stream::Stream;
use http_transport::Transport;
use protocol_core::channel::{ChannelError, ComplaintChannel, ComplaintRef, Effect, Picture, RefundDecision, Reply};
use protocol_core::complaint::{Complaint, NegotiationRecord};
use protocol_core::wechat_pay::{
    Complete, DownloadImage, GetComplaint, ListComplaints, RefundAction, Respond, UpdateRefundProgress, UploadImage,
};
use protocol_core::{BuildError, Delivery, Fault, Personal, Unverified};

use crate::wechat_pay::client::Client;
use crate::wechat_pay::error::Error;

/// The largest page.
const PAGE: u32 = 50;

impl ChannelError for Error {
    fn fault(&self) -> Fault {
        Self::fault(self)
    }

    fn delivery(&self) -> Delivery {
        Self::delivery(self)
    }

    fn is_retryable(&self) -> bool {
        Self::is_retryable(self)
    }
}

impl<S: Transport> Client<S> {
    /// The accused merchant: as given, or as the complaint names it.
    async fn accused(&self, complaint: &ComplaintRef) -> Result<String, Error> {
        if let Some(mchid) = &complaint.complainted_mchid {
            return Ok(mchid.clone());
        }
        let missing =
            BuildError::Field { field: "complainted_mchid", expected: "given: the complaint does not name it" };
        self.show(complaint).await?.complainted_mchid.ok_or(Error::Build(missing))
    }
}

impl<S: Transport> ComplaintChannel for Client<S> {
    type Error = Error;

    fn list(&self, first_day: &str, last_day: &str) -> impl Stream<Item = Result<Complaint, Error>> + Send {
        self.complaints(ListComplaints {
            begin_date: first_day.to_owned(),
            end_date: last_day.to_owned(),
            limit: PAGE,
            offset: 0,
            complainted_mchid: None,
        })
    }

    async fn show(&self, complaint: &ComplaintRef) -> Result<Complaint, Error> {
        self.send(&GetComplaint { complaint_id: complaint.complaint_id.clone() }).await
    }

    fn history(&self, complaint: &ComplaintRef) -> impl Stream<Item = Result<NegotiationRecord, Error>> + Send {
        self.negotiation_history(&complaint.complaint_id)
    }

    async fn reply(&self, complaint: &ComplaintRef, reply: &Reply) -> Result<Effect, Error> {
        let respond = Respond {
            complaint_id: complaint.complaint_id.clone(),
            complainted_mchid: self.accused(complaint).await?,
            response_content: reply.text.clone(),
            response_images: reply.images.clone(),
            jump_url: None,
            jump_url_text: None,
            mini_program_jump_info: None,
        };
        self.respond(&respond).await
    }

    async fn complete(&self, complaint: &ComplaintRef) -> Result<Effect, Error> {
        let complainted_mchid = self.accused(complaint).await?;
        self.complete_complaint(&Complete { complaint_id: complaint.complaint_id.clone(), complainted_mchid }).await
    }

    async fn decide_refund(&self, complaint: &ComplaintRef, decision: &RefundDecision) -> Result<Effect, Error> {
        let mut progress = UpdateRefundProgress {
            complaint_id: complaint.complaint_id.clone(),
            action: RefundAction::Approve,
            launch_refund_day: None,
            reject_reason: None,
            reject_media_list: Vec::new(),
            remark: None,
        };
        match decision {
            RefundDecision::Approve { launch_refund_day } => progress.launch_refund_day = Some(*launch_refund_day),
            RefundDecision::Reject { reason, images, remark } => {
                progress.action = RefundAction::Reject;
                progress.reject_reason = Some(reason.clone());
                progress.reject_media_list.clone_from(images);
                progress.remark.clone_from(remark);
            }
        }
        self.update_refund_progress(&progress).await
    }

    async fn upload_image(&self, picture: Picture<'_>) -> Result<String, Error> {
        Ok(self.send(&UploadImage::new(picture.filename, picture.bytes)?).await?.media_id)
    }

    async fn download_image(&self, media_url: &str) -> Result<Unverified<Personal<Vec<u8>>>, Error> {
        let image = self.send(&DownloadImage::from_media_url(media_url)?).await?;
        Ok(image.map(|image| image.bytes))
    }
}
