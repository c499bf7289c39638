//! Virtual payment as a [`ComplaintChannel`].

use futures_util::TryStreamExt as _;
use futures_util::future::BoxFuture;
use http_transport::Transport;
use protocol_core::call::ActStore;
use protocol_core::channel::{
    Act, ActKind, ChannelError, ChannelFuture, ChannelStream, ComplaintChannel, ComplaintRef, Effect, Picture,
};
use protocol_core::complaint::{Complaint, NegotiationRecord};
use protocol_core::virtual_payment::{
    ACTS, ActOperation, ActVisitor, GetComplaintDetail, GetComplaintList, Operation, UploadVpFile,
};
use protocol_core::{Personal, Unverified};

use super::Error;
use super::client::Client;
use crate::mini_program::TokenSource;

impl<S: Transport, T: TokenSource> Client<S, T> {
    async fn act_on(
        &self,
        complaint: &ComplaintRef,
        act: &Act,
        store: Option<&mut dyn ActStore>,
    ) -> Result<Effect, Error> {
        let store = store.map(|store| store as _);
        ActOperation::new(complaint, act)?.visit(SendAct { client: self, store }).await
    }
}

/// Sends the operation of an act.
struct SendAct<'a, S, T> {
    client: &'a Client<S, T>,
    store: Option<&'a mut dyn ActStore>,
}

impl<'a, S: Transport, T: TokenSource> ActVisitor for SendAct<'a, S, T> {
    type Output = BoxFuture<'a, Result<Effect, Error>>;

    fn visit<O>(self, operation: O) -> Self::Output
    where
        O: Operation<Response: Into<Effect>> + Send + Sync + 'static,
    {
        let Self { client, store } = self;
        Box::pin(async move { client.send_once(&operation, store).await.map(Into::into) })
    }
}

impl<S: Transport, T: TokenSource> ComplaintChannel for Client<S, T> {
    fn acts(&self) -> &'static [ActKind] {
        &ACTS
    }

    fn list<'a>(&'a self, first_day: &str, last_day: &str) -> ChannelStream<'a, Complaint> {
        Box::pin(self.complaints(GetComplaintList::new(first_day, last_day)).map_err(ChannelError::from))
    }

    fn show<'a>(&'a self, complaint: &'a ComplaintRef) -> ChannelFuture<'a, Complaint> {
        Box::pin(async move {
            let read = self.send(&GetComplaintDetail::new(complaint.complaint_id.clone())).await?;
            Ok(read.trust_anyway())
        })
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
            let upload = UploadVpFile::new(picture.filename, picture.bytes).map_err(Error::from)?;
            Ok(self.send(&upload).await?.trust_anyway().file_id)
        })
    }

    fn download_image<'a>(
        &'a self,
        complaint: &'a ComplaintRef,
        media_url: &'a str,
    ) -> ChannelFuture<'a, Unverified<Personal<Vec<u8>>>> {
        Box::pin(async move { Ok(self.image(&complaint.complaint_id, media_url).await?) })
    }
}
