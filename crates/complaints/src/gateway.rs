//! Allinpay as configured: a [`Channel`].

use std::sync::{Arc, Mutex, PoisonError};

use allinpay_adapter::Client;
use http_transport::HttpsClient;
use protocol_core::allinpay::{
    ComplaintsComplete, ComplaintsResp, File, Handled, Merchant, Operation, WxComplaintsRefundProgress,
    WxMerchantImageUpload, WxRefundRejection,
};
use protocol_core::channel::{ComplaintRef, Picture, RefundDecision, RefundRejection};
use protocol_core::crypto::Signer;
use protocol_core::{OperationInfo as _, Stamp};

use crate::act::Said;
use crate::channel::{Act, Channel, only_wechat_pay};
use crate::config::Allinpay;
use crate::error::Error;
use crate::input;
use crate::interrupt::{Watch, WatchedTransport};
use crate::network::unusable_connection;
use crate::output::{print_note, visible};
use crate::signed::SignedRequest;

/// Allinpay's gateway, for one merchant.
pub(crate) struct Gateway {
    merchant: Merchant,
    signer: Arc<dyn Signer>,
    base_url: String,
    client: Client<WatchedTransport>,
    watch: Watch,
    /// The merchant below the agent, as the command names it.
    merchant_no: Option<String>,
    said: Arc<Mutex<Said>>,
}

impl Gateway {
    /// Reads keys; nothing is sent. An agent names the merchant that it speaks for.
    pub(crate) fn open(config: &Allinpay, merchant_no: Option<&str>) -> Result<Self, Error> {
        let own = config.merchant()?;
        let merchant = match merchant_no {
            None => own,
            Some(merchant_no) => own
                .about(merchant_no)
                .map_err(|_| Error::usage("--merchant has to be a merchant's number, letters and digits"))?,
        };
        let signer = config.signer(merchant.appid())?;
        let base_url = config.base_url()?;
        let transport = HttpsClient::new(config.connection()?).map_err(unusable_connection)?;
        let watch = Watch::default();
        let said = Arc::default();
        let client = Client::builder(merchant.clone(), Arc::clone(&signer), config.verifier()?)
            .base_url(&base_url)
            .on_handled(hearing(Arc::clone(&said)))
            .build_over(watch.over(transport));
        Ok(Self { merchant, signer, base_url, client, watch, merchant_no: merchant_no.map(str::to_owned), said })
    }

    fn sign<O: Operation>(&self, operation: &O) -> Result<SignedRequest, Error> {
        let nonce = input::nonce()?;
        let stamp = Stamp { now: input::now(None)?, nonce: &nonce };
        Ok(SignedRequest::of(&self.base_url, &self.merchant.sign(operation, &stamp, &*self.signer)?))
    }
}

/// Keeps what the platform says beside its response to an act, and tells at once what it says beside a document.
fn hearing(said: Arc<Mutex<Said>>) -> impl Fn(&'static str, &Handled) + Send + Sync {
    const ACTS: [&str; 3] = [ComplaintsResp::NAME, ComplaintsComplete::NAME, WxComplaintsRefundProgress::NAME];

    move |operation, handled| {
        let Handled { handlestate, handlemsg, retmsg, .. } = handled.clone();
        if ACTS.contains(&operation) {
            *said.lock().unwrap_or_else(PoisonError::into_inner) = Said { handlestate, handlemsg, retmsg };
        } else if handled.is_unclear() {
            let state = visible(&handlestate.unwrap_or_default());
            let words = handlemsg.or(retmsg).map(|words| format!(": {}", visible(words.expose()))).unwrap_or_default();
            print_note(&format!(
                "note: beside its response to {operation} the platform says handlestate {state}{words}; what came is signed, \
                 but may not be all\n"
            ));
        }
    }
}

impl Channel for Gateway {
    type Client = Client<WatchedTransport>;

    const NAMES_THE_ACCUSED: bool = false;
    const PHONE_IS_CLEAR: bool = true;

    async fn client(&self) -> Result<&Self::Client, Error> {
        Ok(&self.client)
    }

    fn watch(&self) -> &Watch {
        &self.watch
    }

    fn look(&self, complaint_id: &str) -> String {
        let merchant = self.merchant_no.as_ref().map(|number| format!(" --merchant {number}")).unwrap_or_default();
        format!("`complaints history {} --via allinpay{merchant}`", visible(complaint_id))
    }

    fn signed(&self, about: &ComplaintRef, act: &Act) -> Result<SignedRequest, Error> {
        let complaint_id = about.complaint_id.clone();
        match act {
            Act::Reply(reply) => {
                let response_content = reply.text.expose().clone();
                // WeChat behind the gateway takes none.
                if response_content.chars().any(|character| character > '\u{ffff}') {
                    return Err(Error::usage("the text has to be without characters beyond U+FFFF, such as emoji"));
                }
                self.sign(
                    &ComplaintsResp::new(complaint_id, response_content).with_response_images(reply.images.clone()),
                )
            }
            Act::Complete => self.sign(&ComplaintsComplete::new(complaint_id)),
            Act::Refund(decision) => self.sign(&match decision.common()? {
                RefundDecision::Approve(approval) => {
                    WxComplaintsRefundProgress::approve(complaint_id, approval.launch_refund_day.unwrap_or_default())
                }
                RefundDecision::Reject(RefundRejection { reason, images, remark, .. }) => {
                    WxRefundRejection::new(complaint_id, reason.into_exposed())
                        .with_reject_media_list(images)
                        .with_remark(remark.map(|remark| remark.into_exposed()).unwrap_or_default())
                        .into()
                }
            }),
            Act::ReplyWithLink { .. } | Act::ReplyAtOnce { .. } => Err(only_wechat_pay()),
        }
    }

    fn said(&self) -> Said {
        self.said.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn signed_upload(&self, picture: Picture<'_>) -> Result<SignedRequest, Error> {
        self.sign(&WxMerchantImageUpload::new(File::new(picture.filename, picture.bytes)))
    }
}
