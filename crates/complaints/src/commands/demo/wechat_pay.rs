//! WeChat Pay's story: a notification tells of a complaint, which gets a reply and is completed.

use std::sync::Arc;

use http_transport::{ClientConfig, HttpsClient, Roots};
use platform_sandbox::{NewComplaint, Sandbox};
use protocol_core::complaint::NegotiationRecord;
use protocol_core::crypto::{ApiV3Key, Keyring, PrivateKey, PublicKey};
use protocol_core::wechat_pay::{Complete, GetComplaint, Merchant, Resource, Respond, signer, verifier};
use wechat_adapter::{Account, Client, Notifications, Received, Webhook};

use super::listening::{Listening, remembered};
use super::steps::Steps;
use super::words::{entries, failed, words_of};
use crate::commands::history;
use crate::error::Error;
use crate::language::{say, say_with};

/// Plays it. Returns the complaint's history.
pub(super) async fn play(steps: &mut Steps, sandbox: &Sandbox) -> Result<Vec<NegotiationRecord>, Error> {
    let client = client(sandbox)?;
    let mut webhook = listen(sandbox, &client).await?;

    let url = webhook.url.clone();
    let registered = async { Ok(client.ensure_notification_url(&url).await?) };
    steps
        .take("callback ensure", registered, |there| say_with("demo-posted", [("url", there.url.as_str().into())]))
        .await?;

    let arrival = async {
        sandbox.file_complaint(
            NewComplaint::default()
                .with_complaint_detail("重复扣费，请退还多扣的一笔")
                .with_amount(2990)
                .with_payer_phone("13900001234"),
        );
        webhook.next().await
    };
    let id = steps.take("notification", arrival, |id| say_with("demo-stored", [("id", id.as_str().into())])).await?;

    let complaint = async { Ok(client.send(&GetComplaint::new(id.clone())).await?) };
    let complaint = steps.take("show", complaint, words_of).await?;
    let accused = complaint.complainted_mchid.unwrap_or_default();
    steps.take("history", history::read(&client, &id), |records| entries(records)).await?;

    let respond = Respond::new(id.clone(), accused.clone(), "您好，已核实为重复扣费，多扣的 29.90 元将原路退回。");
    let replied = async { Ok(client.send(&respond).await?) };
    steps.take("reply", replied, |_| respond.response_content.expose().clone()).await?;

    let response = async {
        sandbox.user_message(&id, "收到了，谢谢！").map_err(failed)?;
        webhook.next().await
    };
    steps.take("notification", response, |_| say("demo-responded")).await?;
    steps.take("history", history::read(&client, &id), |records| entries(records)).await?;

    let complete = Complete::new(id.clone(), accused);
    let completed = async { Ok(client.send(&complete).await?) };
    steps.take("complete", completed, |_| say("demo-completed")).await?;
    let records = steps.take("history", history::read(&client, &id), |records| entries(records)).await?;

    let deleted = async { Ok(client.delete_notification_url().await?) };
    steps.take("callback delete", deleted, |()| say("demo-no-longer")).await?;
    webhook.stop().await;
    Ok(records)
}

/// A client of the sandbox, with a merchant's means: its key, the platform's key, the TLS root.
fn client(sandbox: &Sandbox) -> Result<Client, Error> {
    let account = sandbox.merchant();
    let platform = sandbox.platform_key();
    let merchant = Merchant::new(account.mchid.clone(), account.serial_no.clone(), account.scheme)?;
    let signer = signer(&PrivateKey::read(account.private_key_pem.as_bytes()).map_err(failed)?).map_err(failed)?;
    let keys = Keyring::new();
    let platform_key = PublicKey::read(platform.public_key_pem.as_bytes()).map_err(failed)?;
    keys.insert(&platform.id, verifier(&platform_key).map_err(failed)?);
    let connection = ClientConfig::default().with_roots(Roots::Pem(sandbox.root_certificate().as_bytes().to_vec()));
    Ok(Client::builder(merchant.with_platform_key(platform.id)?, signer)
        .keys(Arc::new(keys))
        .origins([sandbox.base_url()])
        .build_over(HttpsClient::new(connection).map_err(failed)?))
}

/// A webhook as in a service.
async fn listen(sandbox: &Sandbox, client: &Client) -> Result<Listening, Error> {
    let account = sandbox.merchant();
    let key = ApiV3Key::new(account.api_v3_key.as_bytes()).map_err(failed)?;
    let account = Account::new(account.mchid.clone(), client.keys(), Arc::new(key));
    Listening::start(sandbox, "/wechat-pay/complaints", |listener, stored, stopped| {
        let webhook = Webhook::builder(Notifications::of(account), remembered(), move |received: Received| {
            let stored = stored.clone();
            async move {
                match received.notification.resource {
                    Resource::Complaint(event) => stored.send(event.complaint_id).await,
                    _ => Ok(()),
                }
            }
        })
        .build();
        Ok(tokio::spawn(listener.serve(webhook, stopped)))
    })
    .await
}
