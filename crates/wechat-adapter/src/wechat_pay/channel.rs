//! WeChat Pay as a [`ComplaintChannel`].

use futures_util::stream::Stream;
use http_transport::Transport;
use protocol_core::channel::{ComplaintChannel, ComplaintRef, Effect, Picture, RefundDecision, Reply};
use protocol_core::complaint::{Complaint, NegotiationRecord};
use protocol_core::wechat_pay::{
    Complete, DownloadImage, GetComplaint, ListComplaints, Respond, UpdateRefundProgress, UploadImage,
};
use protocol_core::{BuildError, Personal, Unverified};

use crate::wechat_pay::client::Client;
use crate::wechat_pay::error::Error;

/// The largest page.
const PAGE: u32 = 50;

impl<S: Transport> Client<S> {
    /// The accused merchant: as given, or as the complaint names it.
    async fn accused(&self, complaint: &ComplaintRef) -> Result<String, Error> {
        if let Some(mchid) = &complaint.complainted_mchid {
            return Ok(mchid.clone());
        }
        let missing =
            BuildError::Field { field: "complainted_mchid", expected: "given: the complaint does not name it" };
        let complaint = self.show(complaint).await.map_err(|error| error.unprepared("the complaint"))?;
        complaint.complainted_mchid.ok_or(Error::Build(missing))
    }
}

impl<S: Transport> ComplaintChannel for Client<S> {
    type Error = Error;

    fn list(&self, first_day: &str, last_day: &str) -> impl Stream<Item = Result<Complaint, Error>> + Send {
        self.complaints(ListComplaints::new(first_day, last_day).with_limit(PAGE))
    }

    async fn show(&self, complaint: &ComplaintRef) -> Result<Complaint, Error> {
        self.send(&GetComplaint::new(complaint.complaint_id.clone())).await
    }

    fn history(&self, complaint: &ComplaintRef) -> impl Stream<Item = Result<NegotiationRecord, Error>> + Send {
        self.negotiation_history(&complaint.complaint_id)
    }

    async fn reply(&self, complaint: &ComplaintRef, reply: &Reply) -> Result<Effect, Error> {
        let respond = Respond::new(complaint.complaint_id.clone(), self.accused(complaint).await?, reply.text.clone())
            .with_response_images(reply.images.clone());
        self.respond(&respond).await
    }

    async fn complete(&self, complaint: &ComplaintRef) -> Result<Effect, Error> {
        let complainted_mchid = self.accused(complaint).await?;
        self.complete_complaint(&Complete::new(complaint.complaint_id.clone(), complainted_mchid)).await
    }

    async fn decide_refund(&self, complaint: &ComplaintRef, decision: &RefundDecision) -> Result<Effect, Error> {
        let progress = match decision {
            RefundDecision::Approve { launch_refund_day, .. } => {
                UpdateRefundProgress::approve(&complaint.complaint_id, *launch_refund_day)
            }
            RefundDecision::Reject(rejection) => {
                let mut progress = UpdateRefundProgress::reject(&complaint.complaint_id, rejection.reason.clone())
                    .with_reject_media_list(rejection.images.clone());
                progress.remark.clone_from(&rejection.remark);
                progress
            }
        };
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
