//! WeChat Pay as configured.

use std::cell::Cell;
use std::sync::Arc;

use complaint_channels::{PlatformKey, WechatPaySettings};
use futures_util::TryStreamExt as _;
use protocol_core::Personal;
use protocol_core::channel::{
    Act, ChannelError, ChannelStream, ComplaintChannel, ComplaintRef, ImmediateReply, Picture, Reply,
};
use protocol_core::complaint::Complaint;
use protocol_core::crypto::Decryptor;
use protocol_core::wechat_pay::{ActOperation, ActVisitor, DownloadImage, ListComplaints, Operation, UploadImage};
use wechat_adapter::{Client, Refreshed};

use super::dry_run::SignedRequest;
use super::watch::{Watch, WatchedTransport};
use super::{Channel, Platform, Task};
use crate::config::Config;
use crate::error::Error;
use crate::view::output::visible;

/// WeChat Pay as configured.
pub(crate) struct WechatPayChannel {
    pub(crate) config: WechatPaySettings,
    /// The platform's public key that requests name.
    pub(crate) platform_key: Option<PlatformKey>,
    client: Client<WatchedTransport>,
    pub(crate) watch: Watch,
    /// No key of the platform is configured, and none has been fetched yet.
    lacks_keys: Cell<bool>,
}

impl WechatPayChannel {
    /// Reads keys, sends nothing.
    pub(crate) fn open(config: &Config) -> Result<Self, Error> {
        Self::of(config.wechat_pay()?)
    }

    /// The same for a section.
    pub(crate) fn of(config: WechatPaySettings) -> Result<Self, Error> {
        let watch = Watch::default();
        let client = config.client(watch.over(config.transport()?))?;
        let platform_key = config.named_platform_key()?;
        let lacks_keys = Cell::new(!config.has_platform_keys());
        Ok(Self { config, platform_key, client, watch, lacks_keys })
    }

    /// The client. Without a configured key of the platform, the first call fetches certificates.
    pub(crate) async fn client(&self) -> Result<&Client<WatchedTransport>, Error> {
        if self.lacks_keys.get() {
            if let Refreshed::None = self.client.refresh_certificates().await? {
                return Err(Error::config(
                    "this account has no platform certificates; download the platform's public key from the \
                     merchant's console, and name it under [[wechat-pay.platform_keys]]",
                ));
            }
            self.lacks_keys.set(false);
        }
        Ok(&self.client)
    }

    /// The signed request of an operation, not sent.
    pub(crate) fn sign<O: Operation>(&self, operation: &O) -> Result<SignedRequest, Error> {
        Ok(SignedRequest::of(self.client.origin(), &self.client.sign(operation)?))
    }
}

impl ActVisitor for &WechatPayChannel {
    type Output = Result<SignedRequest, Error>;

    fn visit<O: Operation>(self, operation: O) -> Self::Output {
        self.sign(&operation)
    }
}

impl Platform for WechatPayChannel {
    fn watch(&self) -> &Watch {
        &self.watch
    }

    fn look(&self, complaint_id: &str) -> String {
        format!("`complaints history {}`", visible(complaint_id))
    }

    fn names_the_accused(&self, act: &Act) -> bool {
        ActOperation::names_the_accused(act)
    }

    fn request(&self, complaint: &ComplaintRef, act: &Act) -> Result<SignedRequest, Error> {
        // The platform's bounds on an immediate text and its pictures are those of a reply.
        if let Act::ReplyImmediately(ImmediateReply { text, images, .. }) = act {
            let mut reply = Reply::new(text.clone());
            reply.images.clone_from(images);
            self.request(complaint, &reply.into())?;
        }
        ActOperation::new(complaint, act)?.visit(self)
    }

    fn upload_request(&self, picture: Picture<'_>) -> Result<SignedRequest, Error> {
        self.sign(&UploadImage::new(picture.filename, picture.bytes)?)
    }
}

impl Channel for WechatPayChannel {
    fn client(&self) -> Task<'_, &dyn ComplaintChannel> {
        Box::pin(async move { Ok(Self::client(self).await? as _) })
    }

    fn complaints<'a>(&'a self, _: &'a dyn ComplaintChannel, list: ListComplaints) -> ChannelStream<'a, Complaint> {
        Box::pin(self.client.complaints(list).map_err(ChannelError::from))
    }

    fn download<'a>(&'a self, _: &'a ComplaintRef, media: &'a str) -> Task<'a, Personal<Vec<u8>>> {
        Box::pin(async move {
            let by_address = media.contains("://");
            let image = if by_address { DownloadImage::from_media_url } else { DownloadImage::from_media_id }(media)?;
            // The host and TLS vouch for it.
            Ok(Self::client(self).await?.send(&image).await?.trust_anyway().bytes)
        })
    }

    fn phone_is_clear(&self) -> bool {
        false
    }

    fn phone_keys(&self) -> Result<Vec<Arc<dyn Decryptor>>, Error> {
        Ok(self.config.decryptors()?)
    }
}
