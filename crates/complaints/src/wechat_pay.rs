//! WeChat Pay's own interfaces as a [`Channel`].

use std::sync::Arc;

use futures_util::Stream;
use protocol_core::Delivery;
use protocol_core::channel::{ComplaintRef, Effect, Picture, Reply};
use protocol_core::complaint::{BlockType, Complaint, ImageBlock, MessageBlock, NormalMessage, TextBlock};
use protocol_core::crypto::Decryptor;
use protocol_core::wechat_pay::{
    Complete, DownloadImage, ListComplaints, RefundAction, Respond, RespondImmediateService, UpdateRefundProgress,
    UploadImage,
};
use wechat_adapter::Client;

use crate::args;
use crate::channel::{self, Act, Channel, ClientError, Decision, Image};
use crate::error::Error;
use crate::network::Network;
use crate::output::visible;
use crate::signed::SignedRequest;

/// Complaints asked for at a time, unless said.
const PAGE: u32 = 50;

impl Channel for Network {
    type Client = Client;

    const NAMES_THE_ACCUSED: bool = true;
    const PHONE_IS_CLEAR: bool = false;

    async fn client(&self) -> Result<&Client, Error> {
        Self::client(self).await
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
            Act::Complete => Self::signed(
                self,
                &Complete { complaint_id: about.complaint_id.clone(), complainted_mchid: accused(about) },
            ),
            Act::Refund(decision) => Self::signed(self, &progress(about, decision)),
        }
    }

    fn signed_upload(&self, picture: Picture<'_>) -> Result<SignedRequest, Error> {
        Self::signed(self, &UploadImage::new(picture.filename, picture.bytes)?)
    }

    async fn perform(&self, about: &ComplaintRef, act: &Act) -> Result<Effect, Error> {
        let client = Self::client(self).await?;
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
        client: &Client,
        arguments: &args::List,
        first: &str,
        last: &str,
    ) -> impl Stream<Item = Result<Complaint, ClientError<Self>>> {
        client.complaints(ListComplaints {
            begin_date: first.to_owned(),
            end_date: last.to_owned(),
            limit: arguments.page_size.unwrap_or(PAGE),
            offset: 0,
            complainted_mchid: arguments.accused.clone(),
        })
    }

    async fn download(&self, media: &str) -> Result<Image, Error> {
        let operation = if media.contains("://") {
            DownloadImage::from_media_url(media)?
        } else {
            DownloadImage::from_media_id(media)?
        };
        // The host and TLS vouch for it.
        let image = Self::client(self).await?.send(&operation).await?.trust_anyway();
        Ok(Image { content_type: image.content_type, bytes: image.bytes })
    }

    fn phone_keys(&self) -> Result<Vec<Arc<dyn Decryptor>>, Error> {
        self.config.decryptors()
    }
}

fn accused(about: &ComplaintRef) -> String {
    about.complainted_mchid.clone().unwrap_or_default()
}

fn respond(about: &ComplaintRef, reply: &Reply, link: Option<(&String, &String)>) -> Respond {
    let (jump_url, jump_url_text) = link.map(|(url, caption)| (url.clone(), caption.clone())).unzip();
    Respond {
        complaint_id: about.complaint_id.clone(),
        complainted_mchid: accused(about),
        response_content: reply.text.clone(),
        response_images: reply.images.clone(),
        jump_url,
        jump_url_text,
        mini_program_jump_info: None,
    }
}

fn immediate(about: &ComplaintRef, reply: &Reply, idempotent_id: &str) -> RespondImmediateService {
    let mut message = NormalMessage::default();
    let mut words = MessageBlock::default();
    let mut text = TextBlock::default();
    text.text = Some(reply.text.clone());
    words.kind = Some(BlockType::Text);
    words.text = Some(text);
    message.blocks.push(words);
    message.blocks.extend(reply.images.iter().map(|id| {
        let mut block = MessageBlock::default();
        let mut image = ImageBlock::default();
        image.media_id = Some(id.clone());
        block.kind = Some(BlockType::Image);
        block.image = Some(image);
        block
    }));
    RespondImmediateService {
        complaint_id: about.complaint_id.clone(),
        complainted_mchid: accused(about),
        message,
        idempotent_id: idempotent_id.to_owned(),
    }
}

fn progress(about: &ComplaintRef, decision: &Decision) -> UpdateRefundProgress {
    UpdateRefundProgress {
        complaint_id: about.complaint_id.clone(),
        action: if decision.approve { RefundAction::Approve } else { RefundAction::Reject },
        launch_refund_day: decision.days,
        reject_reason: decision.reason.clone(),
        reject_media_list: decision.images.clone(),
        remark: decision.remark.clone(),
    }
}
