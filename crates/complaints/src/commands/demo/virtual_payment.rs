//! Virtual payment's story: its event tells of a complaint, which gets a reply and is completed.

use platform_sandbox::{NewComplaint, PushConfig, Sandbox};
use protocol_core::Secret;
use protocol_core::channel::{ComplaintChannel, ComplaintRef, Reply};
use protocol_core::virtual_payment::{Env, Merchant, Notice};
use wechat_adapter::mini_program::Pushed;
use wechat_adapter::virtual_payment::Client;

use super::mini_program;
use super::steps::Steps;
use super::words::{entries, failed, words_of};
use crate::commands::history;
use crate::error::Error;

pub(super) async fn play(steps: &mut Steps, sandbox: &Sandbox) -> Result<(), Error> {
    let app_key = Secret::new(sandbox.virtual_payment().app_key.into_bytes());
    let merchant = Merchant::new(app_key, Env::Production)?;
    let client = Client::builder(mini_program::client(sandbox)?, merchant).build();
    let mut webhook = mini_program::listen(sandbox, number).await?;
    sandbox.set_push(PushConfig::new(webhook.url.clone())).await.map_err(failed)?;

    let arrival = async {
        let new = NewComplaint::default().with_complaint_detail("课程打不开").with_amount(9900);
        sandbox.file_virtual_payment_complaint(new).map_err(failed)?;
        webhook.next().await
    };
    let id = steps
        .take("virtual-payment push", arrival, |id| format!("complaint {id} was filed: verified, decrypted, stored"))
        .await?;
    let about = ComplaintRef::new(id.clone());

    let shown = async { client.show(&about).await.map_err(Into::into) };
    steps.take("show --via virtual-payment", shown, words_of).await?;
    let reply = Reply::new("您好，课程已重新开通。");
    let replied = async { client.reply(&about, &reply).await.map_err(Into::into) };
    steps.take("reply --via virtual-payment", replied, |_| reply.text.expose().clone()).await?;
    let completed = async { client.complete(&about).await.map_err(Into::into) };
    steps.take("complete --via virtual-payment", completed, |_| "the complaint is dealt with".to_owned()).await?;
    steps.take("history --via virtual-payment", history::read(&client, &id), |records| entries(records)).await?;
    webhook.stop().await;
    Ok(())
}

/// The complaint's number in an event of virtual payment.
fn number(pushed: &Pushed) -> Option<String> {
    match Notice::of(pushed.received.push())?.ok()? {
        Notice::Complaint(complaint) => complaint.number().map(str::to_owned),
        _ => None,
    }
}
