//! Allinpay's story, signed with SM2: a complaint is found in the list, gets a reply, and is
//! completed.

use allinpay_adapter::Client;
use futures_util::TryStreamExt as _;
use http_transport::{ClientConfig, HttpsClient, Roots};
use platform_sandbox::{NewComplaint, Sandbox};
use protocol_core::allinpay::{Merchant, signer, verifier};
use protocol_core::channel::{ComplaintChannel, ComplaintRef, Reply};
use protocol_core::complaint::Complaint;
use protocol_core::crypto::{PrivateKey, PublicKey};

use super::steps::Steps;
use super::words::{entries, failed, words_of};
use crate::commands::{history, list};
use crate::error::Error;
use crate::input;
use crate::language::{say, say_with};

pub(super) async fn play(steps: &mut Steps, sandbox: &Sandbox) -> Result<(), Error> {
    let account = sandbox.allinpay_sm2();
    let new = NewComplaint::default().with_complaint_detail("充值一直没有到账").with_amount(500);
    sandbox.file_allinpay_complaint(new, &account.cusid).map_err(failed)?;
    response(steps, &client(sandbox)?).await
}

/// The same for every channel.
async fn response<C: ComplaintChannel>(steps: &mut Steps, client: &C) -> Result<(), Error> {
    let today = list::today(input::now(None)?)?.to_string();
    let found = async { client.list(&today, &today).try_collect::<Vec<Complaint>>().await.map_err(Into::into) };
    let complaints = steps
        .take("list --via allinpay", found, |complaints| say_with("demo-listed", [("count", complaints.len().into())]))
        .await?;
    let about = complaints.first().map(ComplaintRef::from).ok_or_else(|| failed("the list is empty"))?;
    let id = &about.complaint_id;

    let shown = async { client.show(&about).await.map_err(Into::into) };
    steps.take("show --via allinpay", shown, words_of).await?;
    steps.take("history --via allinpay", history::read(client, id), |records| entries(records)).await?;

    let reply = Reply::new("您好，已为您补充到账。");
    let replied = async { client.reply(&about, &reply).await.map_err(Into::into) };
    steps.take("reply --via allinpay", replied, |_| reply.text.expose().clone()).await?;
    let completed = async { client.complete(&about).await.map_err(Into::into) };
    steps.take("complete --via allinpay", completed, |_| say("demo-completed")).await?;
    steps.take("history --via allinpay", history::read(client, id), |records| entries(records)).await?;
    Ok(())
}

/// A client of the sandbox, with a merchant's means: its key, the platform's key, the TLS root.
pub(super) fn client(sandbox: &Sandbox) -> Result<Client, Error> {
    let account = sandbox.allinpay_sm2();
    let key = PrivateKey::read(account.private_key.as_bytes()).map_err(failed)?;
    let platform_key = PublicKey::read(account.platform_key.as_bytes()).map_err(failed)?;
    let merchant = Merchant::new(account.appid.clone(), account.cusid, account.sign_type)?;
    let connection = ClientConfig::default().with_roots(Roots::Pem(sandbox.root_certificate().as_bytes().to_vec()));
    Ok(Client::builder(
        merchant,
        signer(&key, &account.appid).map_err(failed)?,
        verifier(&platform_key).map_err(failed)?,
    )
    .base_url(&format!("{}/cusapi", sandbox.base_url()))
    .build_over(HttpsClient::new(connection).map_err(failed)?))
}
