//! WeChat Pay as a [`ComplaintChannel`].

use futures_util::stream::Stream;
use http_transport::Transport;
use protocol_core::channel::{Act, ComplaintChannel, ComplaintRef, Effect, Picture};
use protocol_core::complaint::{Complaint, NegotiationRecord};
use protocol_core::wechat_pay::{ActOperation, DownloadImage, GetComplaint, ListComplaints, UploadImage};
use protocol_core::{Personal, Unverified};

use crate::wechat_pay::client::Client;
use crate::wechat_pay::error::Error;

/// The largest page.
const PAGE: u32 = 50;

impl<S: Transport> Client<S> {
    /// The complaint with the merchant that it accuses: as given, or as the platform names it.
    async fn with_the_accused(&self, complaint: &ComplaintRef) -> Result<ComplaintRef, Error> {
        let mut complaint = complaint.clone();
        if complaint.complainted_mchid.is_none() {
            let read = self.show(&complaint).await.map_err(|error| error.unprepared("the complaint"))?;
            complaint.complainted_mchid = read.complainted_mchid;
        }
        Ok(complaint)
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

    async fn perform(&self, complaint: &ComplaintRef, act: &Act) -> Result<Effect, Error> {
        let operation = if ActOperation::names_the_accused(act.kind()) {
            ActOperation::new(&self.with_the_accused(complaint).await?, act)
        } else {
            ActOperation::new(complaint, act)
        };
        match operation? {
            ActOperation::Respond(respond) => self.respond(&respond).await,
            ActOperation::RespondImmediateService(reply) => self.send(&reply).await.map(|_| Effect::Confirmed),
            ActOperation::Complete(complete) => self.complete_complaint(&complete).await,
            ActOperation::UpdateRefundProgress(decision) => self.update_refund_progress(&decision).await,
        }
    }

    async fn upload_image(&self, picture: Picture<'_>) -> Result<String, Error> {
        Ok(self.send(&UploadImage::new(picture.filename, picture.bytes)?).await?.media_id)
    }

    async fn download_image(&self, media_url: &str) -> Result<Unverified<Personal<Vec<u8>>>, Error> {
        let image = self.send(&DownloadImage::from_media_url(media_url)?).await?;
        Ok(image.map(|image| image.bytes))
    }
}
