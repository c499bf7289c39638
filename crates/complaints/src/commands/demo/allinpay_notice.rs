//! The notice's story: Allinpay posts that Alipay has a complaint; it is read by its task, and
//! dealt with.

use allinpay_adapter::{Account, Client, Noticed, Notices, Webhook};
use platform_sandbox::{NewAlipayComplaint, Sandbox};
use protocol_core::allinpay::{
    AlipayComplaint, AlipayComplaintQueryV2, AlipayProcessCode, AlipayProcessFinish, Merchant, verifier,
};
use protocol_core::crypto::PublicKey;

use super::allinpay::client;
use super::listening::{Listening, remembered};
use super::steps::Steps;
use super::words::failed;
use crate::error::Error;
use crate::language::say_with;
use crate::view::words::word;

pub(super) async fn play(steps: &mut Steps, sandbox: &Sandbox) -> Result<(), Error> {
    let cusid = sandbox.allinpay_sm2().cusid;
    let client = client(sandbox)?;
    let mut webhook = listen(sandbox).await?;
    sandbox.set_notice_url(&cusid, &webhook.url).map_err(failed)?;

    let arrival = async {
        let new = NewAlipayComplaint::default().with_content("付款后没有收到商品").with_amount("29.90");
        sandbox.file_alipay_complaint(new, &cusid).map_err(failed)?;
        webhook.next().await
    };
    let task =
        steps.take("allinpay notice", arrival, |task| say_with("demo-task", [("task", task.as_str().into())])).await?;

    let complaint = steps.take("alicomplaintqueryv2", by_task(&client, &task), words_of).await?;
    let done = AlipayProcessFinish::new(vec![complaint.id], AlipayProcessCode::Refund).with_remark("已全额退款");
    let processed = async { Ok(client.send(&done).await?) };
    steps.take("alicomplaintprocessfinish", processed, |_| done.remark.clone()).await?;
    steps.take("alicomplaintqueryv2", by_task(&client, &task), words_of).await?;
    webhook.stop().await;
    Ok(())
}

/// The complaint of a task: a notice is a hint.
async fn by_task(client: &Client, task: &str) -> Result<AlipayComplaint, Error> {
    let list = client.send(&AlipayComplaintQueryV2::default().with_task_id(task)).await?;
    list.complaint_list.into_iter().next().ok_or_else(|| failed("the list is empty"))
}

fn words_of(complaint: &AlipayComplaint) -> String {
    let state = complaint.status.as_ref().map(|state| word("state", state.as_str())).unwrap_or_default();
    let words = complaint.complain_content.as_ref().map_or("", |words| words.expose());
    let time = complaint.gmt_overdue.as_deref().unwrap_or_default();
    say_with("demo-until", [("state", state.into()), ("time", time.into()), ("words", words.into())])
}

/// A webhook as in a service.
async fn listen(sandbox: &Sandbox) -> Result<Listening, Error> {
    let account = sandbox.allinpay_sm2();
    let merchant = Merchant::new(account.appid, account.cusid, account.sign_type)?;
    let platform_key = PublicKey::read(account.platform_key.as_bytes()).map_err(failed)?;
    let account = Account::new(merchant, verifier(&platform_key).map_err(failed)?);
    Listening::start(sandbox, "/allinpay/notices", |listener, stored, stopped| {
        let webhook = Webhook::builder(Notices::of(account), remembered(), move |noticed: Noticed| {
            let stored = stored.clone();
            async move {
                match noticed.notice.into_inner().task_id {
                    Some(task) => stored.send(task).await,
                    None => Ok(()),
                }
            }
        })
        .build();
        Ok(tokio::spawn(listener.serve(webhook, stopped)))
    })
    .await
}
