//! Allinpay as configured.

use std::future::ready;
use std::sync::{Arc, Mutex, PoisonError};

use allinpay_adapter::Client;
use protocol_core::allinpay::{ActOperation, ActVisitor, File, Handled, Operation, WxMerchantImageUpload};
use protocol_core::channel::{Act, ComplaintChannel, ComplaintRef, Picture};

use super::acting::Said;
use super::dry_run::SignedRequest;
use super::watch::{Watch, WatchedTransport};
use super::{Channel, Platform, Task};
use crate::config::Config;
use crate::error::Error;
use crate::language::language;
use crate::view::output::{print_note, visible};

/// Allinpay's gateway, for one merchant.
pub(crate) struct AllinpayChannel {
    client: Client<WatchedTransport>,
    watch: Watch,
    /// The merchant that an agent acts for.
    merchant_no: Option<String>,
    said: Arc<Mutex<Said>>,
}

impl AllinpayChannel {
    /// Reads keys, sends nothing. An agent names the merchant that it acts for.
    pub(super) fn open(config: &Config, merchant_no: Option<&str>) -> Result<Self, Error> {
        let config = config.allinpay()?;
        let watch = Watch::default();
        let said = Arc::default();
        let own = config.merchant()?;
        let merchant = match merchant_no {
            None => own,
            Some(merchant_no) => own
                .about(merchant_no)
                .map_err(|_| Error::usage("--merchant must be a merchant's number, letters and digits"))?,
        };
        let client = config.client(merchant)?.on_handled(keep(Arc::clone(&said)));
        let client = client.build_over(watch.over(config.transport()?));
        Ok(Self { client, watch, merchant_no: merchant_no.map(str::to_owned), said })
    }

    fn sign<O: Operation>(&self, operation: &O) -> Result<SignedRequest, Error> {
        Ok(SignedRequest::of(self.client.base_url(), &self.client.sign(operation)?))
    }
}

impl ActVisitor for &AllinpayChannel {
    type Output = Result<SignedRequest, Error>;

    fn visit<O: Operation>(self, operation: O) -> Self::Output {
        self.sign(&operation)
    }
}

impl Platform for AllinpayChannel {
    fn watch(&self) -> &Watch {
        &self.watch
    }

    fn look(&self, complaint_id: &str) -> String {
        let merchant = self.merchant_no.as_ref().map(|number| format!(" --merchant {number}")).unwrap_or_default();
        format!("`complaints history {} --via allinpay{merchant}`", visible(complaint_id))
    }

    fn request(&self, complaint: &ComplaintRef, act: &Act) -> Result<SignedRequest, Error> {
        let operation = ActOperation::new(complaint, act)?;
        // WeChat, behind the gateway, takes none.
        if matches!(act, Act::Reply(reply) if reply.text.expose().chars().any(|character| character > '\u{ffff}')) {
            let problem = "the text has characters beyond U+FFFF, such as emoji; nothing was sent; leave them out";
            return Err(Error::usage(problem));
        }
        operation.visit(self)
    }

    fn upload_request(&self, picture: Picture<'_>) -> Result<SignedRequest, Error> {
        self.sign(&WxMerchantImageUpload::new(File::new(picture.filename, picture.bytes)))
    }

    fn said(&self) -> Said {
        self.said.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Channel for AllinpayChannel {
    fn client(&self) -> Task<'_, &dyn ComplaintChannel> {
        Box::pin(ready(Ok(&self.client as _)))
    }
}

/// Keeps the platform's words beside its response to an act, and notes those beside a document.
fn keep(said: Arc<Mutex<Said>>) -> impl Fn(&'static str, &Handled) + Send + Sync {
    move |operation, handled| {
        let Handled { handlestate, handlemsg, retmsg, .. } = handled.clone();
        if ActOperation::NAMES.contains(&operation) {
            *said.lock().unwrap_or_else(PoisonError::into_inner) = Said { handlestate, handlemsg, retmsg };
        } else if handled.is_unclear() {
            let state = visible(&handlestate.unwrap_or_default());
            let words = handlemsg.or(retmsg).map(|words| format!(": {}", visible(words.expose()))).unwrap_or_default();
            let values = [("operation", operation.into()), ("state", state.into()), ("words", words.into())];
            print_note(&format!("{}\n", language().text_with("warn-handlestate", values)));
        }
    }
}
