//! Virtual payment's story: its event tells of a complaint, perhaps without its number; the
//! complaint gets a reply and is completed.

use futures_util::StreamExt as _;
use platform_sandbox::{NewComplaint, PushConfig, Sandbox};
use protocol_core::Secret;
use protocol_core::channel::{ComplaintChannel, ComplaintRef, Reply};
use protocol_core::virtual_payment::{ComplaintNotify, Env, Merchant, Notice};
use wechat_adapter::mini_program::Pushed;
use wechat_adapter::virtual_payment::Client;

use super::mini_program;
use super::steps::Steps;
use super::words::{entries, failed, words_of};
use crate::commands::{history, list};
use crate::error::Error;
use crate::input;
use crate::language::{say, say_with};

pub(super) async fn play(steps: &mut Steps, sandbox: &Sandbox) -> Result<(), Error> {
    let app_key = Secret::new(sandbox.virtual_payment().app_key.into_bytes());
    let merchant = Merchant::new(app_key, Env::Production)?;
    let client = Client::builder(mini_program::client(sandbox)?, merchant).build();
    let mut webhook = mini_program::listen(sandbox, notice).await?;
    sandbox.set_push(PushConfig::new(webhook.url.clone())).await.map_err(failed)?;

    let arrival = async {
        let new = NewComplaint::default().with_complaint_detail("课程打不开").with_amount(9900);
        // The shape that is harder to follow.
        sandbox.push_older_complaint_notices();
        sandbox.file_virtual_payment_complaint(new).map_err(failed)?;
        find(&client, &*webhook.next().await?).await
    };
    let id =
        steps.take("virtual-payment push", arrival, |id| say_with("demo-found", [("id", id.as_str().into())])).await?;
    let about = ComplaintRef::new(id.clone());

    let shown = async { client.show(&about).await.map_err(Into::into) };
    steps.take("show --via virtual-payment", shown, words_of).await?;
    let reply = Reply::new("您好，课程已重新开通。");
    let replied = async { client.reply(&about, &reply).await.map_err(Into::into) };
    steps.take("reply --via virtual-payment", replied, |_| reply.text.expose().clone()).await?;
    let completed = async { client.complete(&about).await.map_err(Into::into) };
    steps.take("complete --via virtual-payment", completed, |_| say("demo-completed")).await?;
    steps.take("history --via virtual-payment", history::read(&client, &id), |records| entries(records)).await?;
    webhook.stop().await;
    Ok(())
}

/// The complaint in a push, if it is an event of virtual payment.
fn notice(pushed: &Pushed) -> Option<Box<ComplaintNotify>> {
    match Notice::of(pushed.received.push())?.ok()? {
        Notice::Complaint(complaint) => Some(complaint),
        _ => None,
    }
}

/// The complaint's number: the event's, or that of the listed complaint that the event is about.
async fn find(client: &dyn ComplaintChannel, notice: &ComplaintNotify) -> Result<String, Error> {
    if let Some(number) = notice.number() {
        return Ok(number.to_owned());
    }
    let today = list::today(input::now(None)?)?;
    // The complaint may have been filed before midnight.
    let yesterday = today.yesterday().unwrap_or(today);
    let (first, last) = (yesterday.to_string(), today.to_string());
    let mut listed = client.list(&first, &last);
    while let Some(complaint) = listed.next().await {
        let complaint = complaint?;
        if notice.is_about(&complaint) {
            return Ok(complaint.complaint_id);
        }
    }
    Err(failed("no complaint is listed for the order of the push"))
}
