//! Virtual payment against the simulated platform: every operation over TLS, refusals, faults.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::TryStreamExt as _;
use http_transport::HttpsClient;
use platform_sandbox::{Fault, FaultKind, NewComplaint, PushConfig, PushFormat, PushMode, Sandbox};
use protocol_core::mini_program::{EncodingAesKey, Mode, Receiver};
use protocol_core::virtual_payment::{
    ComplaintNotify, CompleteComplaint, Env, GetComplaintDetail, GetComplaintList, GetUploadFileSign, Merchant, Notice,
    ResponseComplaint, RestrictionNotify, ServerCode, UploadVpFile,
};
use protocol_core::{Delivery, Secret, UnixTime};
use wechat_adapter::mini_program::{Pushed, Pushes};
use wechat_adapter::virtual_payment::{Client, Error};
use wechat_adapter::{Effect, Webhook, mini_program};

use crate::world::{PATIENCE, QUICK, listen, patient, started as sandbox, store, transport};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\npicture";

pub type Shop = Client<HttpsClient, mini_program::StableToken<HttpsClient>>;

fn client_under(sandbox: &Sandbox, app_key: &str, env: Env) -> Shop {
    let account = sandbox.mini_program();
    let transport = transport(sandbox);
    let secret = Secret::new(account.app_secret.into_bytes());
    let tokens = mini_program::StableToken::builder(account.appid, secret).origin(sandbox.base_url());
    let tokens = tokens.build_over(transport.clone());
    let client = mini_program::Client::builder(tokens).origin(sandbox.base_url()).retry(QUICK).build_over(transport);
    let merchant = Merchant::new(Secret::new(app_key.as_bytes().to_vec()), env).unwrap();
    Client::builder(client, merchant)
        .image_origin(sandbox.base_url())
        .recheck_delays([Duration::from_millis(10); 3])
        .build()
}

pub fn client(sandbox: &Sandbox) -> Shop {
    client_under(sandbox, &sandbox.virtual_payment().app_key, Env::Production)
}

fn filed(sandbox: &Sandbox) -> String {
    let new = NewComplaint::default().with_complaint_detail("课程打不开").with_image(PNG);
    sandbox.file_virtual_payment_complaint(new).unwrap()
}

/// Every day that the sandbox's clock may be at.
fn list(sandbox: &Sandbox, id: &str) -> GetComplaintList {
    let day = sandbox.complaint(id).unwrap()["complaint_time"].as_str().unwrap()[..10].to_owned();
    GetComplaintList::new(day.clone(), day)
}

fn code<T: std::fmt::Debug>(outcome: Result<T, Error>) -> Option<ServerCode> {
    outcome.unwrap_err().response().and_then(|error| error.code())
}

#[tokio::test]
async fn every_operation_over_tls() {
    let sandbox = sandbox().await;
    let client = client(&sandbox);
    let id = filed(&sandbox);
    let listed: Vec<_> = client.complaints(list(&sandbox, &id).with_limit(1)).try_collect().await.unwrap();
    assert_eq!((listed.len(), &listed[0].complaint_id), (1, &id));
    let shown = client.send(&GetComplaintDetail::new(&id)).await.unwrap().trust_anyway();
    assert!(shown.complaint_order_info[0].wxa_out_trade_no.is_some());
    assert_eq!(shown.incoming_user_response, Some(false));
    sandbox.user_message(&id, "还是打不开").unwrap();
    let shown = client.send(&GetComplaintDetail::new(&id)).await.unwrap().trust_anyway();
    assert_eq!(shown.incoming_user_response, Some(true));

    let file = client.send(&UploadVpFile::new("a.png", PNG).unwrap()).await.unwrap().trust_anyway().file_id;
    let link = UploadVpFile::from_link("a.png", "https://merchant.example/a.png").unwrap();
    let linked = client.send(&link).await.unwrap().trust_anyway().file_id;
    let reply = ResponseComplaint::new(&id, "已退款").with_response_images(vec![file, linked]);
    assert_eq!(client.send(&reply).await.unwrap(), Effect::Confirmed);
    let history: Vec<_> = client.negotiation_history(&id).try_collect().await.unwrap();
    let said = history.last().unwrap();
    assert_eq!(said.operate_details.as_ref().unwrap().expose(), "已退款");

    // The permission is a request that WeChat Pay's host verifies.
    for url in [&history[0].complaint_media_list[0].media_url[0], &said.complaint_media_list[0].media_url[0]] {
        assert_eq!(client.image(&id, url.expose()).await.unwrap().trust_anyway().expose(), PNG);
    }
    let url = history[0].complaint_media_list[0].media_url[0].expose().clone();
    let sign = GetUploadFileSign::new(&id, url).with_convert_cos(true);
    assert!(client.send(&sign).await.unwrap().trust_anyway().cos_url.is_some());

    assert_eq!(client.send(&CompleteComplaint::new(&id)).await.unwrap(), Effect::Confirmed);
    assert_eq!(client.send(&CompleteComplaint::new(&id)).await.unwrap(), Effect::Found);
    assert_eq!(sandbox.complaint(&id).unwrap()["complaint_state"], "PROCESSED");
}

#[tokio::test]
async fn a_request_under_another_key_is_refused() {
    let sandbox = sandbox().await;
    let id = filed(&sandbox);
    let account = sandbox.virtual_payment();
    let detail = GetComplaintDetail::new(&id);
    client_under(&sandbox, &account.sandbox_app_key, Env::Sandbox).send(&detail).await.unwrap();
    for (key, env) in [
        (account.sandbox_app_key.as_str(), Env::Production),
        (&account.app_key, Env::Sandbox),
        ("another", Env::Production),
    ] {
        let refused = client_under(&sandbox, key, env).send(&detail).await;
        assert_eq!(code(refused.map(drop)), Some(ServerCode::BadPaySignature));
    }
    let client = client(&sandbox);
    assert_eq!(code(client.send(&GetComplaintDetail::new("7")).await.map(drop)), Some(ServerCode::BadMember));
    let foreign = ResponseComplaint::new(&id, "x").with_response_images(vec!["file_of_another".to_owned()]);
    assert_eq!(code(client.send(&foreign).await), Some(ServerCode::BadMember));
    sandbox.expire_tokens();
    client.send(&detail).await.unwrap();
}

#[tokio::test]
async fn faults_lose_no_act_and_repeat_none() {
    let sandbox = sandbox().await;
    let client = client(&sandbox);
    let id = filed(&sandbox);
    let replies = || {
        let history = sandbox.history(&id);
        history.iter().filter(|entry| entry["operate_type"] == "MERCHANT_RESPONSE").count()
    };
    for kind in
        [FaultKind::DropConnection, FaultKind::ServerError, FaultKind::GatewayHtml(502), FaultKind::EmptyBody(200)]
    {
        let before = replies();
        let fault = || Fault::once(kind.clone()).on::<ResponseComplaint>();
        let reply = ResponseComplaint::new(&id, format!("您好 {kind:?}"));
        sandbox.inject(fault().after_effect());
        assert_eq!(client.send(&reply).await.unwrap(), Effect::Found, "{kind:?}");
        assert_eq!(replies(), before + 1);
        let other = ResponseComplaint::new(&id, format!("再见 {kind:?}"));
        sandbox.inject(fault());
        let error = client.send(&other).await.unwrap_err();
        assert_eq!((error.failure().delivery, replies()), (Delivery::Unknown, before + 1), "{kind:?}");
    }
    sandbox.inject(Fault::once(FaultKind::MalformedJson).on::<GetComplaintDetail>());
    client.send(&GetComplaintDetail::new(&id)).await.expect("a read is repeated");
}

#[tokio::test]
async fn a_push_opens_in_every_mode_and_names_the_complaint() {
    let sandbox = sandbox().await;
    let id = filed(&sandbox);
    for (push_mode, mode) in
        [(PushMode::Plain, Mode::Plain), (PushMode::Compatible, Mode::Compatible), (PushMode::Secure, Mode::Secure)]
    {
        for format in [PushFormat::Xml, PushFormat::Json] {
            let receiver = receiver(&sandbox, mode);
            let push = sandbox.signed_complaint_notice(&id, push_mode, format, None).unwrap();
            let received =
                receiver.open(&push.query, &push.body, UnixTime::from(std::time::SystemTime::now())).unwrap();
            let Some(Ok(Notice::Complaint(complaint))) = Notice::of(received.push()) else { panic!("a complaint") };
            assert_eq!(complaint.number(), Some(&*id));
            assert_eq!(complaint.complaint_detail.as_ref().unwrap().expose(), "课程打不开");
            assert_eq!(complaint.retry_times, Some(0));
        }
    }
}

fn receiver(sandbox: &Sandbox, mode: Mode) -> Receiver {
    let account = sandbox.mini_program();
    let key = EncodingAesKey::read(&account.encoding_aes_key).unwrap();
    Receiver::new(account.appid, Secret::new(account.token.into_bytes()), mode, Some(key)).unwrap()
}

#[tokio::test]
async fn a_restriction_is_pushed_and_acknowledged_in_its_own_format() {
    for (push_mode, mode) in [(PushMode::Plain, Mode::Plain), (PushMode::Secure, Mode::Secure)] {
        for format in [PushFormat::Xml, PushFormat::Json] {
            let sandbox = sandbox().await;
            let told = Arc::new(Mutex::new(Vec::<RestrictionNotify>::new()));
            let stored = Arc::clone(&told);
            let webhook = Webhook::builder(Pushes::of(receiver(&sandbox, mode)), store(), move |pushed: Pushed| {
                let Some(Ok(Notice::Restriction(notice))) = Notice::of(pushed.received.push()) else {
                    panic!("a restriction")
                };
                stored.lock().unwrap().push(*notice);
                std::future::ready(Ok::<(), Infallible>(()))
            })
            .build();
            let listening = listen(&sandbox, patient(), webhook).await;
            let config = PushConfig::new(listening.url.clone()).with_mode(push_mode).with_format(format);
            sandbox.set_push(config).await.unwrap();
            let code = sandbox.restrict_virtual_payment("LIMITED", "RISK", "投诉较多").unwrap();
            assert!(sandbox.settled(PATIENCE).await);
            let told = told.lock().unwrap();
            let [told] = &**told else { panic!("one push: {}", told.len()) };
            assert_eq!(
                (told.business_code.as_deref(), told.business_state.as_deref()),
                (Some(&*code), Some("LIMITED"))
            );
            assert_eq!((told.event_type.as_deref(), told.extra.iter().count()), (Some("RISK"), 0));
            assert_eq!(told.remark.as_ref().unwrap().expose(), "投诉较多");
            assert!(told.merchant_code.is_some());
            let sent = sandbox.sent_pushes();
            assert!(sent.len() == 1 && sent[0].acknowledged && sent[0].complaint_order_id.is_empty(), "{sent:?}");
        }
    }
}

/// The older published table has no number: the listed complaint of the same order is it.
#[tokio::test]
async fn a_push_without_a_number_leads_to_its_complaint_by_the_list() {
    for format in [PushFormat::Xml, PushFormat::Json] {
        let sandbox = sandbox().await;
        sandbox.push_older_complaint_notices();
        let notices = Arc::new(Mutex::new(Vec::<ComplaintNotify>::new()));
        let stored = Arc::clone(&notices);
        let pushes = Pushes::of(receiver(&sandbox, Mode::Secure));
        let webhook = Webhook::builder(pushes, store(), move |pushed: Pushed| {
            let Some(Ok(Notice::Complaint(notice))) = Notice::of(pushed.received.push()) else { panic!("a complaint") };
            stored.lock().unwrap().push(*notice);
            std::future::ready(Ok::<(), Infallible>(()))
        })
        .build();
        let listening = listen(&sandbox, patient(), webhook).await;
        sandbox.set_push(PushConfig::new(listening.url.clone()).with_format(format)).await.unwrap();
        let ids = [filed(&sandbox), filed(&sandbox)];
        assert!(sandbox.settled(PATIENCE).await);

        let listed: Vec<_> = client(&sandbox).complaints(list(&sandbox, &ids[0])).try_collect().await.unwrap();
        let notices = notices.lock().unwrap();
        let found: Vec<_> = notices
            .iter()
            .map(|notice| {
                assert_eq!((notice.number(), &notice.transaction_id, &notice.complaint_detail), (None, &None, &None));
                let mut about = listed.iter().filter(|complaint| notice.is_about(complaint));
                let complaint = about.next().unwrap();
                assert!(about.next().is_none(), "another order's");
                complaint.complaint_id.clone()
            })
            .collect();
        let mut sorted = (found, ids.to_vec());
        sorted.0.sort();
        sorted.1.sort();
        assert_eq!(sorted.0, sorted.1, "{format:?}");
    }
}
