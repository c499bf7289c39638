//! The Mini Program's story: an encrypted push tells of a complaint, and the merchant agrees to
//! settle.

use http_transport::{ClientConfig, HttpsClient, Roots};
use platform_sandbox::{NewOrderComplaint, PushConfig, Sandbox};
use protocol_core::Secret;
use protocol_core::complaint::OrderDetail;
use protocol_core::mini_program::{BussiHandle, EncodingAesKey, GetOrderDetail, Mode, Receiver, RespondComplaint};
use wechat_adapter::Webhook;
use wechat_adapter::mini_program::{Client, Pushed, Pushes, StableToken};

use super::listening::{Listening, remembered};
use super::steps::Steps;
use super::words::failed;
use crate::error::Error;
use crate::language::say_with;
use crate::view::order_words::status;
use crate::view::words::explained;

pub(super) async fn play(steps: &mut Steps, sandbox: &Sandbox) -> Result<(), Error> {
    let client = client(sandbox)?;
    let mut webhook = listen(sandbox, number).await?;

    let config = PushConfig::new(webhook.url.clone());
    let verified = async { sandbox.set_push(config).await.map_err(failed) };
    steps
        .take("mini-program push", verified, |()| say_with("demo-tried", [("url", webhook.url.as_str().into())]))
        .await?;

    let arrival = async {
        sandbox.file_order_complaint(
            NewOrderComplaint::default().with_content("收到的商品与描述不符").with_phone_number("13900001234"),
        );
        webhook.next().await
    };
    let id =
        steps.take("mini-program push", arrival, |id| say_with("demo-decrypted", [("id", id.as_str().into())])).await?;

    let question = GetOrderDetail::new(id.clone());
    let detail = async { Ok(client.send(&question).await?.trust_anyway()) };
    steps.take("mini-program show", detail, words_of).await?;

    let response = RespondComplaint::new(id, BussiHandle::Agree).with_content("您好，同意退货退款。");
    let responded = async { Ok(client.send(&response).await?) };
    let words = response.content.as_ref().map_or("", |words| words.expose());
    steps.take("mini-program reply", responded, |_| say_with("demo-agreed", [("words", words.into())])).await?;

    let detail = async { Ok(client.send(&question).await?.trust_anyway()) };
    steps.take("mini-program show", detail, words_of).await?;
    webhook.stop().await;
    Ok(())
}

fn words_of(detail: &OrderDetail) -> String {
    let complaint = detail.complaint_order.as_ref();
    let status = complaint.and_then(|complaint| complaint.status).map(status).unwrap_or_default();
    let words = complaint.and_then(|complaint| complaint.customer_material.as_ref()?.content.as_ref());
    explained(&status, words.map_or("", |words| words.expose()).to_owned())
}

/// A client of the sandbox, with a merchant's means: application id and secret, the TLS root.
pub(super) fn client(sandbox: &Sandbox) -> Result<Client, Error> {
    let account = sandbox.mini_program();
    let connection = ClientConfig::default().with_roots(Roots::Pem(sandbox.root_certificate().as_bytes().to_vec()));
    let transport = HttpsClient::new(connection).map_err(failed)?;
    let tokens = StableToken::builder(account.appid, Secret::new(account.app_secret.into_bytes()))
        .origin(sandbox.base_url())
        .build_over(transport.clone());
    Ok(Client::builder(tokens).origin(sandbox.base_url()).build_over(transport))
}

/// The complaint's number in a push.
fn number(pushed: &Pushed) -> Option<String> {
    pushed.received.push().complaint().and_then(|complaint| complaint.complaint_order_id.clone())
}

/// A webhook as in a service. `read` finds the complaint in a push.
pub(super) async fn listen<T: Send + Sync + 'static>(
    sandbox: &Sandbox,
    read: fn(&Pushed) -> Option<T>,
) -> Result<Listening<T>, Error> {
    let account = sandbox.mini_program();
    let key = EncodingAesKey::read(&account.encoding_aes_key).map_err(failed)?;
    let token = Secret::new(account.token.into_bytes());
    let receiver = Receiver::new(account.appid, token, Mode::Secure, Some(key)).map_err(failed)?;
    Listening::start(sandbox, "/mini-program/push", |listener, stored, stopped| {
        let webhook = Webhook::builder(Pushes::of(receiver), remembered(), move |pushed: Pushed| {
            let stored = stored.clone();
            async move {
                match read(&pushed) {
                    Some(complaint) => stored.send(complaint).await,
                    None => Ok(()),
                }
            }
        })
        .build();
        Ok(tokio::spawn(listener.serve(webhook, stopped)))
    })
    .await
}
