//! WeChat Pay's own interfaces as a [`Channel`].

use std::sync::Arc;

use futures_util::Stream;
use protocol_core::Delivery;
use protocol_core::channel::{ComplaintRef, Effect, Picture, Reply};
use protocol_core::complaint::{Complaint, MessageBlock, NormalMessage};
use protocol_core::crypto::Decryptor;
use protocol_core::wechat_pay::{
    Complete, DownloadImage, ListComplaints, Respond, RespondImmediateService, UpdateRefundProgress, UploadImage,
};
use wechat_adapter::Client;

use crate::args;
use crate::channel::dry_run::SignedRequest;
use crate::channel::wechat_pay::Network;
use crate::channel::{self, Act, Channel, ClientError, Decision, Image};
use crate::error::Error;
use crate::runtime::{Watch, WatchedTransport};
use crate::view::output::visible;

/// Complaints asked for at a time, unless said.
const PAGE: u32 = 50;

impl Channel for Network {
    type Client = Client<WatchedTransport>;

    const NAMES_THE_ACCUSED: bool = true;
    const PHONE_IS_CLEAR: bool = false;

    async fn client(&self) -> Result<&Self::Client, Error> {
        Self::client(self).await
    }

    fn watch(&self) -> &Watch {
        &self.watch
    }

    fn look(&self, complaint_id: &str) -> String {
        format!("`complaints history {}`", visible(complaint_id))
    }

    fn signed(&self, about: &ComplaintRef, act: &Act) -> Result<SignedRequest, Error> {
        match act {
            Act::Reply(reply) => Self::signed(self, &respond(about, reply, None)),
            Act::ReplyWithLink { reply, url, caption } => {
                Self::signed(self, &respond(about, reply, Some((url, caption))))
            }
            Act::ReplyAtOnce { reply, idempotent_id } => {
                // The platform's bound on words is the same for both.
                self.check(&respond(about, reply, None))?;
                Self::signed(self, &immediate(about, reply, idempotent_id))
            }
            Act::Complete => Self::signed(self, &Complete::new(about.complaint_id.clone(), accused(about))),
            Act::Refund(decision) => Self::signed(self, &progress(about, decision)),
        }
    }

    fn signed_upload(&self, picture: Picture<'_>) -> Result<SignedRequest, Error> {
        Self::signed(self, &UploadImage::new(picture.filename, picture.bytes)?)
    }

    async fn perform(&self, about: &ComplaintRef, act: &Act) -> Result<Effect, Error> {
        let client = Self::client(self).await.map_err(|error| error.and("nothing was sent"))?;
        match act {
            Act::Reply(_) | Act::Complete => channel::perform(client, about, act).await,
            Act::ReplyWithLink { reply, url, caption } => {
                client.respond(&respond(about, reply, Some((url, caption)))).await.map_err(Error::of_act)
            }
            Act::ReplyAtOnce { reply, idempotent_id } => {
                match client.send(&immediate(about, reply, idempotent_id)).await {
                    Ok(_) => Ok(Effect::Confirmed),
                    Err(error) if error.delivery() == Delivery::Unknown => Err(Error::of_act(error).and(format_args!(
                        "the same reply with --idempotent-id {} is processed once",
                        visible(idempotent_id)
                    ))),
                    Err(error) => Err(Error::of_act(error)),
                }
            }
            Act::Refund(decision) => {
                client.update_refund_progress(&progress(about, decision)).await.map_err(Error::of_act)
            }
        }
    }

    fn complaints(
        client: &Self::Client,
        arguments: &args::List,
        first: &str,
        last: &str,
    ) -> impl Stream<Item = Result<Complaint, ClientError<Self>>> {
        let mut list = ListComplaints::new(first, last).with_limit(arguments.page_size.unwrap_or(PAGE));
        list.complainted_mchid.clone_from(&arguments.accused);
        client.complaints(list)
    }

    async fn download(&self, media: &str) -> Result<Image, Error> {
        let operation = if media.contains("://") {
            DownloadImage::from_media_url(media)?
        } else {
            DownloadImage::from_media_id(media)?
        };
        // The host and TLS vouch for it.
        let image = Self::client(self).await?.send(&operation).await?.trust_anyway();
        Ok(Image { kind: Some(image.kind), bytes: image.bytes })
    }

    fn phone_keys(&self) -> Result<Vec<Arc<dyn Decryptor>>, Error> {
        self.config.decryptors()
    }
}

fn accused(about: &ComplaintRef) -> String {
    about.complainted_mchid.clone().unwrap_or_default()
}

fn respond(about: &ComplaintRef, reply: &Reply, link: Option<(&String, &String)>) -> Respond {
    let respond = Respond::new(&about.complaint_id, accused(about), reply.text.clone())
        .with_response_images(reply.images.clone());
    match link {
        Some((url, caption)) => respond.with_jump_url(url, caption),
        None => respond,
    }
}

fn immediate(about: &ComplaintRef, reply: &Reply, idempotent_id: &str) -> RespondImmediateService {
    let pictures = reply.images.iter().map(MessageBlock::image);
    let blocks = core::iter::once(MessageBlock::text(reply.text.clone())).chain(pictures).collect();
    let message = NormalMessage::new(blocks);
    RespondImmediateService::new(about.complaint_id.clone(), accused(about), message, idempotent_id)
}

fn progress(about: &ComplaintRef, decision: &Decision) -> UpdateRefundProgress {
    let mut progress = if decision.approve {
        UpdateRefundProgress::approve(&about.complaint_id, 0)
    } else {
        UpdateRefundProgress::reject(&about.complaint_id, "")
    };
    progress.launch_refund_day = decision.days;
    progress.reject_reason.clone_from(&decision.reason);
    progress.reject_media_list.clone_from(&decision.images);
    progress.remark.clone_from(&decision.remark);
    progress
}
