//! Allinpay as a [`ComplaintChannel`].

use core::future::ready;

use futures_util::stream::{Stream, StreamExt as _, once};
use http_transport::Transport;
use protocol_core::allinpay::{
    ActOperation, File, WxComplaintDetail, WxGetMerchantImage, WxMerchantImageUpload, lists_of_days,
};
use protocol_core::channel::{Act, ComplaintChannel, ComplaintRef, Effect, Picture};
use protocol_core::complaint::{Complaint, NegotiationRecord};
use protocol_core::{Personal, Unverified};

use crate::client::Client;
use crate::error::Error;

impl<S: Transport> Client<S> {
    /// This client, or the one about the merchant that the complaint is against. An empty number is none.
    pub(crate) fn concerning(&self, merchant_no: Option<&str>) -> Result<Self, Error> {
        Ok(match merchant_no {
            None | Some("") => self.clone(),
            Some(merchant_no) => self.about(merchant_no)?,
        })
    }
}

impl<S: Transport> ComplaintChannel for Client<S> {
    type Error = Error;

    fn list(&self, first_day: &str, last_day: &str) -> impl Stream<Item = Result<Complaint, Error>> + Send {
        self.read(lists_of_days(first_day, last_day, self.shared.whole_group))
    }

    async fn show(&self, complaint: &ComplaintRef) -> Result<Complaint, Error> {
        let client = self.concerning(complaint.merchant_no.as_deref())?;
        client.send(&WxComplaintDetail::new(complaint.complaint_id.clone())).await
    }

    fn history(&self, complaint: &ComplaintRef) -> impl Stream<Item = Result<NegotiationRecord, Error>> + Send {
        match self.concerning(complaint.merchant_no.as_deref()) {
            Ok(client) => client.negotiation_history(&complaint.complaint_id).left_stream(),
            Err(error) => once(ready(Err(error))).right_stream(),
        }
    }

    async fn perform(&self, complaint: &ComplaintRef, act: &Act) -> Result<Effect, Error> {
        let client = self.concerning(complaint.merchant_no.as_deref())?;
        match ActOperation::new(complaint, act)? {
            ActOperation::Resp(reply) => client.respond(&reply).await,
            ActOperation::Complete(complete) => client.complete_complaint(&complete).await,
            ActOperation::RefundProgress(decision) => client.update_refund_progress(&decision).await,
        }
    }

    async fn upload_image(&self, picture: Picture<'_>) -> Result<String, Error> {
        let file = File::new(picture.filename, picture.bytes);
        self.send(&WxMerchantImageUpload::new(file)).await
    }

    async fn download_image(&self, media_url: &str) -> Result<Unverified<Personal<Vec<u8>>>, Error> {
        let image = self.send(&WxGetMerchantImage::new(media_url)).await?;
        Ok(image.into_unverified())
    }
}
