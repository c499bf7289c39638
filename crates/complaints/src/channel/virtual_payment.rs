//! Virtual payment as configured.

use std::future::ready;

use protocol_core::channel::{Act, ComplaintChannel, ComplaintRef, Picture};
use protocol_core::complaint::Deadlines;
use protocol_core::virtual_payment::{ActOperation, ActVisitor, Operation, UploadVpFile};
use wechat_adapter::virtual_payment::Client;

use super::dry_run::SignedRequest;
use super::watch::{Watch, WatchedTransport};
use super::{Channel, Platform, Task};
use crate::config::Config;
use crate::error::Error;
use crate::view::output::visible;

/// Virtual payment, called with a token that the first call fetches.
pub(crate) struct VirtualPaymentChannel {
    pub(crate) client: Client<WatchedTransport>,
    watch: Watch,
}

impl VirtualPaymentChannel {
    /// Reads the secrets, sends nothing.
    pub(crate) fn open(config: &Config) -> Result<Self, Error> {
        let config = config.virtual_payment()?;
        let watch = Watch::default();
        Ok(Self { client: config.client(watch.over(config.transport()?))?, watch })
    }

    /// The signed request of an operation, with a placeholder for the token.
    pub(crate) fn sign<O: Operation>(&self, operation: &O) -> Result<SignedRequest, Error> {
        Ok(SignedRequest::without_token(self.client.origin(), &self.client.prepare(operation)?))
    }
}

impl ActVisitor for &VirtualPaymentChannel {
    type Output = Result<SignedRequest, Error>;

    fn visit<O: Operation>(self, operation: O) -> Self::Output {
        self.sign(&operation)
    }
}

impl Platform for VirtualPaymentChannel {
    fn watch(&self) -> &Watch {
        &self.watch
    }

    fn look(&self, complaint_id: &str) -> String {
        format!("`complaints history {} --via virtual-payment`", visible(complaint_id))
    }

    fn request(&self, complaint: &ComplaintRef, act: &Act) -> Result<SignedRequest, Error> {
        ActOperation::new(complaint, act)?.visit(self)
    }

    fn upload_request(&self, picture: Picture<'_>) -> Result<SignedRequest, Error> {
        self.sign(&UploadVpFile::new(picture.filename, picture.bytes)?)
    }
}

impl Channel for VirtualPaymentChannel {
    fn client(&self) -> Task<'_, &dyn ComplaintChannel> {
        Box::pin(ready(Ok(&self.client as _)))
    }

    /// No source names any for this channel.
    fn deadlines(&self, deadlines: Deadlines) -> Deadlines {
        deadlines.taken_as_wechat_pays()
    }
}
