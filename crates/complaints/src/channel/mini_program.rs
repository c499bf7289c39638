//! The Mini Program's server as configured.

use protocol_core::channel::{Act, ComplaintRef, Effect, Picture};
use protocol_core::complaint::OrderDetail;
use protocol_core::mini_program::{
    ActOperation, ActVisitor, GetOrderDetail, Operation, ServerRequest, UploadTempMedia,
};
use wechat_adapter::mini_program::{Client, Error as CallError};

use super::Platform;
use super::acting::{Acting, Shown};
use super::dry_run::SignedRequest;
use super::watch::{Watch, WatchedTransport};
use crate::config::Config;
use crate::error::Error;
use crate::input;
use crate::view::order;
use crate::view::output::visible;

/// The server, called with a token that the first call fetches.
pub(crate) struct MiniProgramChannel {
    client: Client<WatchedTransport>,
    watch: Watch,
}

impl MiniProgramChannel {
    /// Reads the secret, sends nothing.
    pub(crate) fn open(config: &Config) -> Result<Self, Error> {
        let config = config.mini_program()?;
        let watch = Watch::default();
        Ok(Self { client: config.client(watch.over(config.transport()?))?, watch })
    }

    /// Reads a complaint.
    pub(crate) async fn detail(&self, complaint_id: &str) -> Result<OrderDetail, Error> {
        // Checked before a token is fetched.
        self.sign(&GetOrderDetail::new(complaint_id))?;
        Ok(self.read(complaint_id).await?)
    }

    async fn read(&self, complaint_id: &str) -> Result<OrderDetail, CallError> {
        // The server signs no response: TLS and the host vouch for it.
        Ok(self.client.send(&GetOrderDetail::new(complaint_id)).await?.trust_anyway())
    }

    /// The request of an operation, with a placeholder for the token.
    fn sign<O: Operation>(&self, operation: &O) -> Result<SignedRequest, Error> {
        let request = input::with_stamp(|stamp| ServerRequest::prepare(operation, stamp))?;
        Ok(SignedRequest::without_token(self.client.origin(), &request))
    }
}

impl ActVisitor for &MiniProgramChannel {
    type Output = Result<SignedRequest, Error>;

    fn visit<O: Operation>(self, operation: O) -> Self::Output {
        self.sign(&operation)
    }
}

impl Platform for MiniProgramChannel {
    fn id(&self) -> &'static str {
        "complaint_order_id"
    }

    fn watch(&self) -> &Watch {
        &self.watch
    }

    fn look(&self, complaint_id: &str) -> String {
        format!("`complaints mini-program show {}`", visible(complaint_id))
    }

    fn request(&self, complaint: &ComplaintRef, act: &Act) -> Result<SignedRequest, Error> {
        ActOperation::new(complaint, act)?.visit(self)
    }

    fn upload_request(&self, picture: Picture<'_>) -> Result<SignedRequest, Error> {
        self.sign(&UploadTempMedia::new(picture.filename, picture.bytes)?)
    }
}

impl Acting for MiniProgramChannel {
    async fn show(&self, complaint_id: &str, go_on: &str) -> Result<Shown, Error> {
        let detail = self.read(complaint_id).await.map_err(|error| Error::of_preparation(error, go_on))?;
        let description = order::describe(complaint_id, &detail);
        Ok(Shown { description, misfits: detail.misfits(), accused: None, refund: None })
    }

    async fn upload(&self, picture: Picture<'_>) -> Result<String, Error> {
        let upload = UploadTempMedia::new(picture.filename, picture.bytes)?;
        Ok(self.client.send(&upload).await?.trust_anyway().media_id)
    }

    async fn perform(&self, complaint: &ComplaintRef, act: &Act) -> Result<Effect, Error> {
        self.client.perform(complaint, act).await.map_err(Error::of_act)
    }
}
