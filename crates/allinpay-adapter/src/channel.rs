//! Allinpay as a [`ComplaintChannel`].

use std::future::ready;

use futures_util::TryStreamExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream::once;
use http_transport::Transport;
use protocol_core::allinpay::{
    ACTS, ActOperation, ActVisitor, File, Operation, WxComplaintDetail, WxGetMerchantImage, WxMerchantImageUpload,
    lists_of_days,
};
use protocol_core::call::ActStore;
use protocol_core::channel::{
    Act, ActKind, ChannelError, ChannelFuture, ChannelStream, ComplaintChannel, ComplaintRef, Effect, Picture,
};
use protocol_core::complaint::{Complaint, NegotiationRecord};
use protocol_core::{Personal, Unverified};

use crate::client::Client;
use crate::error::Error;

impl<S: Transport> Client<S> {
    /// This client, or the one for the merchant that the complaint is against. An empty number
    /// counts as missing.
    pub(crate) fn concerning(&self, merchant_no: Option<&str>) -> Result<Self, Error> {
        Ok(match merchant_no {
            None | Some("") => self.clone(),
            Some(merchant_no) => self.about(merchant_no)?,
        })
    }

    async fn act_on(
        &self,
        complaint: &ComplaintRef,
        act: &Act,
        store: Option<&mut dyn ActStore>,
    ) -> Result<Effect, Error> {
        let client = self.concerning(complaint.merchant_no.as_deref())?;
        ActOperation::new(complaint, act)?
            .visit(SendAct { client: &client, store: store.map(|store| store as _) })
            .await
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
        let lists = lists_of_days(first_day, last_day, self.shared.whole_group);
        Box::pin(self.read(lists).map_err(ChannelError::from))
    }

    fn show<'a>(&'a self, complaint: &'a ComplaintRef) -> ChannelFuture<'a, Complaint> {
        Box::pin(async move {
            let client = self.concerning(complaint.merchant_no.as_deref())?;
            Ok(client.send(&WxComplaintDetail::new(complaint.complaint_id.clone())).await?)
        })
    }

    fn history<'a>(&'a self, complaint: &ComplaintRef) -> ChannelStream<'a, NegotiationRecord> {
        match self.concerning(complaint.merchant_no.as_deref()) {
            Ok(client) => Box::pin(client.negotiation_history(&complaint.complaint_id).map_err(ChannelError::from)),
            Err(error) => Box::pin(once(ready(Err(error.into())))),
        }
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
            let file = File::new(picture.filename, picture.bytes);
            Ok(self.send(&WxMerchantImageUpload::new(file)).await?)
        })
    }

    fn download_image<'a>(
        &'a self,
        complaint: &'a ComplaintRef,
        media_url: &'a str,
    ) -> ChannelFuture<'a, Unverified<Personal<Vec<u8>>>> {
        Box::pin(async move {
            let client = self.concerning(complaint.merchant_no.as_deref())?;
            Ok(client.send(&WxGetMerchantImage::new(media_url)).await?.into_unverified())
        })
    }
}
