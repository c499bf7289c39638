//! WeChat Pay as a [`ComplaintChannel`].

use futures_util::TryStreamExt as _;
use futures_util::future::BoxFuture;
use http_transport::Transport;
use protocol_core::call::{ActStore, is_kept};
use protocol_core::channel::{
    Act, ActKind, ChannelError, ChannelFuture, ChannelStream, ComplaintChannel, ComplaintRef, Effect, Picture,
};
use protocol_core::complaint::{Complaint, NegotiationRecord};
use protocol_core::wechat_pay::{
    ACTS, ActOperation, ActVisitor, DownloadImage, GetComplaint, ListComplaints, Operation, UploadImage,
};
use protocol_core::{Personal, Unverified};

use crate::wechat_pay::client::Client;
use crate::wechat_pay::error::Error;

/// The largest page.
const PAGE: u32 = 50;

impl<S: Transport> Client<S> {
    /// The complaint with the merchant that it accuses, as given or as the platform names it.
    async fn with_the_accused(&self, complaint: &ComplaintRef) -> Result<ComplaintRef, Error> {
        let mut complaint = complaint.clone();
        if complaint.complainted_mchid.is_none() {
            let read = self.send(&GetComplaint::new(complaint.complaint_id.clone())).await;
            let read = read.map_err(|error| error.unprepared("the complaint"))?;
            complaint.complainted_mchid = read.complainted_mchid;
        }
        Ok(complaint)
    }

    async fn act_on(
        &self,
        complaint: &ComplaintRef,
        act: &Act,
        mut store: Option<&mut dyn ActStore>,
    ) -> Result<Effect, Error> {
        let operation = if ActOperation::names_the_accused(act) {
            let is_kept = is_kept(store.as_deref_mut()).await?;
            let named = self.with_the_accused(complaint).await;
            ActOperation::new(&named.map_err(|error| if is_kept { error.after_unknown() } else { error })?, act)
        } else {
            ActOperation::new(complaint, act)
        };
        operation?.visit(SendAct { client: self, store: store.map(|store| store as _) }).await
    }
}

/// Sends the operation of an act.
struct SendAct<'a, S> {
    client: &'a Client<S>,
    store: Option<&'a mut dyn ActStore>,
}

impl<'a, S: Transport> ActVisitor for SendAct<'a, S> {
    type Output = BoxFuture<'a, Result<Effect, Error>>;

    fn visit<O>(self, operation: O) -> Self::Output
    where
        O: Operation<Response: Into<Effect>> + Send + Sync + 'static,
    {
        let Self { client, store } = self;
        Box::pin(async move { client.send_once(&operation, store).await.map(Into::into) })
    }
}

impl<S: Transport> ComplaintChannel for Client<S> {
    fn acts(&self) -> &'static [ActKind] {
        &ACTS
    }

    fn list<'a>(&'a self, first_day: &str, last_day: &str) -> ChannelStream<'a, Complaint> {
        let list = ListComplaints::new(first_day, last_day).with_limit(PAGE);
        Box::pin(self.complaints(list).map_err(ChannelError::from))
    }

    fn show<'a>(&'a self, complaint: &'a ComplaintRef) -> ChannelFuture<'a, Complaint> {
        Box::pin(async move { Ok(self.send(&GetComplaint::new(complaint.complaint_id.clone())).await?) })
    }

    fn history<'a>(&'a self, complaint: &ComplaintRef) -> ChannelStream<'a, NegotiationRecord> {
        Box::pin(self.negotiation_history(&complaint.complaint_id).map_err(ChannelError::from))
    }

    fn perform<'a>(&'a self, complaint: &'a ComplaintRef, act: &'a Act) -> ChannelFuture<'a, Effect> {
        Box::pin(async move { Ok(self.act_on(complaint, act, None).await?) })
    }

    fn perform_stored<'a>(
        &'a self,
        complaint: &'a ComplaintRef,
        act: &'a Act,
        store: &'a mut dyn ActStore,
    ) -> ChannelFuture<'a, Effect> {
        Box::pin(async move { Ok(self.act_on(complaint, act, Some(store)).await?) })
    }

    fn upload_image<'a>(&'a self, picture: Picture<'a>) -> ChannelFuture<'a, String> {
        Box::pin(async move {
            let upload = UploadImage::new(picture.filename, picture.bytes).map_err(Error::from)?;
            Ok(self.send(&upload).await?.media_id)
        })
    }

    fn download_image<'a>(
        &'a self,
        _: &'a ComplaintRef,
        media_url: &'a str,
    ) -> ChannelFuture<'a, Unverified<Personal<Vec<u8>>>> {
        Box::pin(async move {
            let download = DownloadImage::from_media_url(media_url).map_err(Error::from)?;
            Ok(self.send(&download).await?.map(|image| image.bytes))
        })
    }
}
