//! Every operation against the simulated platform: its effect, and each documented refusal.

use bytes::Bytes;
use futures_util::TryStreamExt as _;
use platform_sandbox::NewComplaint;
use protocol_core::complaint::{ComplaintState, Encrypted, MediaType, NormalMessage, OperateType};
use protocol_core::crypto::{PrivateKey, PublicKey};
use protocol_core::wechat_pay::{
    Complete, CreateNotificationUrl, CreateViolationUrl, DeleteViolationUrl, DownloadImage, Echo,
    GetNegotiationHistory, ListComplaints, QueryNotificationUrl, QueryViolationUrl, RefusalProof,
    RespondImmediateService, ResponseError, UpdateNotificationUrl, UpdateRefundProgress, UpdateViolationUrl,
    UploadImage, ViolationUrl, decryptor, encryptor,
};
use protocol_core::{Delivery, Personal};
use wechat_adapter::{Effect, Error};

use crate::world::{World, client, get};

/// Status and code of a refusal that the platform signed.
#[track_caller]
fn refused<T: std::fmt::Debug>(outcome: Result<T, Error>) -> (u16, String) {
    match outcome.unwrap_err() {
        Error::Response(ResponseError::Rejected { status, error, proof, request_id }) => {
            assert_eq!(proof, RefusalProof::Verified);
            assert!(request_id.is_some());
            (status, error.unwrap().code.to_string())
        }
        other => panic!("{other:?}"),
    }
}

/// A day in China, counted from today: one on either side, since midnight may pass while a test
/// runs.
fn day(from_today: i64) -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let now = jiff::Timestamp::from_second(now as i64 + 86_400 * from_today).unwrap();
    jiff::tz::Offset::constant(8).to_datetime(now).date().to_string()
}

fn list(limit: u32) -> ListComplaints {
    ListComplaints::new(day(-1), day(1)).with_limit(limit)
}

#[tokio::test]
async fn the_notification_url_is_created_queried_updated_and_deleted() {
    let world = World::new().await;
    let client = &world.client;
    let url = |path: &str| format!("https://merchant.example/{path}");
    assert_eq!(refused(client.send(&QueryNotificationUrl).await), (400, "RESOURCE_NOT_EXISTS".to_owned()));
    assert_eq!(refused(client.send(&UpdateNotificationUrl::new(url("a"))).await).1, "RESOURCE_NOT_EXISTS");
    let created = client.send(&CreateNotificationUrl::new(url("a"))).await.unwrap();
    assert_eq!((created.url, created.mchid.as_deref()), (url("a"), Some(&*world.sandbox.merchant().mchid)));
    assert!((400..500).contains(&refused(client.send(&CreateNotificationUrl::new(url("b"))).await).0));
    assert_eq!(client.send(&UpdateNotificationUrl::new(url("b"))).await.unwrap().url, url("b"));
    assert_eq!(client.send(&QueryNotificationUrl).await.unwrap().url, url("b"));
    for wanted in ["b", "c"] {
        assert_eq!(client.ensure_notification_url(&url(wanted)).await.unwrap().url, url(wanted));
    }
    client.delete_notification_url().await.unwrap();
    client.delete_notification_url().await.unwrap();
    assert_eq!(client.ensure_notification_url(&url("d")).await.unwrap().url, url("d"));
    assert_eq!(world.sandbox.notification_url(&world.sandbox.merchant().mchid), Some(url("d")));
}

#[tokio::test]
async fn the_violation_url_is_created_queried_updated_and_deleted() {
    let world = World::new().await;
    let client = &world.client;
    let url = |path: &str| format!("https://merchant.example/{path}");
    assert_eq!(refused(client.send(&QueryViolationUrl).await), (400, "RESOURCE_NOT_EXISTS".to_owned()));
    assert_eq!(client.send(&CreateViolationUrl::new(url("a"))).await.unwrap().notify_url, url("a"));
    assert_eq!(client.send(&UpdateViolationUrl::new(url("b"))).await.unwrap().notify_url, url("b"));
    assert_eq!(client.send(&QueryViolationUrl).await.unwrap().notify_url, url("b"));
    client.send(&DeleteViolationUrl).await.unwrap();
    assert_eq!(refused(client.send(&DeleteViolationUrl).await).1, "RESOURCE_NOT_EXISTS");
    client.delete_url::<ViolationUrl>().await.unwrap();
    for wanted in ["c", "c", "d"] {
        assert_eq!(client.ensure_url::<ViolationUrl>(&url(wanted)).await.unwrap().notify_url, url(wanted));
    }
    assert_eq!(world.sandbox.notification_url(&world.sandbox.merchant().mchid), None, "the other URL is untouched");
}

#[tokio::test]
async fn complaints_are_listed_and_looked_up() {
    let world = World::new().await;
    let new = || NewComplaint::default().with_payer_openid("oUpF8uMuAJO_M2pxb1Q9zNjWeS6o");
    let ids: Vec<_> = (0..23).map(|_| world.sandbox.file_complaint(new())).collect();
    let page = world.client.send(&list(10)).await.unwrap();
    assert_eq!((page.data.len(), page.total_count), (10, Some(23)));
    let second = world.client.send(&list(10).with_offset(10)).await.unwrap();
    assert_eq!((second.data.len(), second.total_count), (10, None), "the count comes with the first page only");
    let all: Vec<_> = world.client.complaints(list(10)).try_collect().await.unwrap();
    let mut read: Vec<_> = all.iter().map(|complaint| complaint.complaint_id.clone()).collect();
    read.sort();
    let mut filed = ids.clone();
    filed.sort();
    assert_eq!(read, filed);
    let nothing = list(10).with_complainted_mchid("1900009999");
    assert!(world.client.send(&nothing).await.unwrap().data.is_empty());
    let complaint = world.client.send(&get(&ids[0])).await.unwrap();
    assert_eq!(complaint.complaint_state, Some(ComplaintState::Pending));
    assert!(complaint.payer_openid.is_some() && all[0].payer_openid.is_none());
    assert!(complaint.extra.is_empty(), "{:?}", complaint.extra);
}

#[tokio::test]
async fn another_merchants_complaint_is_refused() {
    let world = World::new().await;
    let id = world.file();
    let stranger = world.sandbox.add_merchant(protocol_core::wechat_pay::Scheme::Rsa).unwrap();
    let client = client(&world.sandbox, &stranger, Some(&world.sandbox.platform_key()));
    assert_eq!(refused(client.send(&get(&id)).await), (403, "NO_AUTH".to_owned()));
    assert_eq!(refused(client.send(&world.complete(&id)).await).0, 403);
    assert_eq!(refused(client.send(&world.respond(&id, "x")).await).0, 403);
}

#[tokio::test]
async fn a_complaint_goes_its_way() {
    let world = World::new().await;
    let id = world.file();
    assert_eq!(world.client.send(&world.respond(&id, "您好")).await.unwrap(), Effect::Confirmed);
    assert_eq!(world.client.send(&get(&id)).await.unwrap().complaint_state, Some(ComplaintState::Processing));
    assert_eq!(world.client.send(&world.complete(&id)).await.unwrap(), Effect::Confirmed);
    assert_eq!(world.client.send(&world.complete(&id)).await.unwrap(), Effect::Found, "complete already");
    assert_eq!(
        refused(world.client.send_without_looking(&world.complete(&id)).await),
        (400, "INVALID_REQUEST".to_owned())
    );
    world.sandbox.user_continues(&id, "还没解决").unwrap();
    let again = world.client.send(&get(&id)).await.unwrap();
    assert_eq!((again.complaint_state, again.user_complaint_times), (Some(ComplaintState::Pending), Some(2)));
    let history: Vec<_> = world.client.negotiation_history(&id).try_collect().await.unwrap();
    let types: Vec<_> = history.iter().filter_map(|record| record.operate_type.clone()).collect();
    for expected in [
        OperateType::UserCreateComplaint,
        OperateType::MerchantResponse,
        OperateType::MerchantConfirmComplete,
        OperateType::UserContinueComplaint,
    ] {
        assert!(types.contains(&expected), "{expected} in {types:?}");
    }
    assert!(types.iter().all(OperateType::is_known), "{types:?}");
    assert!(history.iter().any(|record| record.operate_details == Some(Personal::new("您好".to_owned()))));
}

#[tokio::test]
async fn a_long_history_is_read_page_by_page() {
    let world = World::new().await;
    let id = world.sandbox.file_complaint(NewComplaint::default().with_history_entries(250));
    let all: Vec<_> = world.client.negotiation_history(&id).try_collect().await.unwrap();
    assert_eq!(all.len(), world.sandbox.history(&id).len());
    assert!(all.len() >= 250 && world.asked("get_negotiation_history") == 3);
    let page = GetNegotiationHistory::new(id).with_limit(300);
    assert_eq!(world.client.send(&page).await.unwrap().total_count, Some(all.len() as i64));
}

#[tokio::test]
async fn refunds_are_decided_once() {
    let world = World::new().await;
    let refund = || world.sandbox.file_complaint(NewComplaint::default().with_refund(10));
    let approved = refund();
    let approval = UpdateRefundProgress::approve(&approved, 0);
    assert_eq!(world.client.send(&approval).await.unwrap(), Effect::Confirmed);
    assert_eq!(refused(world.client.send(&approval).await).0, 400, "a repetition is told");
    world.sandbox.refund_received(&approved).unwrap();
    assert_eq!(world.client.send(&get(&approved)).await.unwrap().complaint_state, Some(ComplaintState::Processed));
    let rejected = refund();
    let rejection = UpdateRefundProgress::reject(&rejected, "已发货");
    assert_eq!(world.client.send(&rejection).await.unwrap(), Effect::Confirmed);
    let history: Vec<_> = world.client.negotiation_history(&rejected).try_collect().await.unwrap();
    let refusal = history.iter().find(|record| record.operate_type == Some(OperateType::MerchantRefuseRefund));
    assert_eq!(refusal.unwrap().operate_details, rejection.reject_reason);
}

#[tokio::test]
async fn immediate_service_is_processed_once() {
    let world = World::new().await;
    let id = world.sandbox.file_complaint(NewComplaint::default().with_immediate_service());
    let message: NormalMessage = serde_json::from_str(
        r#"{"blocks":[{"type":"TEXT","text":{"text":"您好，马上为您处理","color":"DEFAULT","is_bold":false}},{"type":"BUTTON_GROUP","button_group":{"buttons":[{"text":"已解决","action":{"action_type":"ACTION_TYPE_SEND_MESSAGE","message_info":{"content":"已解决"},"action_id":"a1"}}],"button_layout":"LAYOUT_HORIZONTAL"}}],"sender_identity":"MANUAL"}"#,
    )
    .unwrap();
    let reply =
        RespondImmediateService::new(id.clone(), world.sandbox.merchant().mchid.clone(), message.clone(), "0f8b1a52");
    let first = world.client.send(&reply).await.unwrap();
    let second = world.client.send(&reply).await.unwrap();
    assert_eq!(first.log_id, second.log_id);
    assert_eq!(world.written(&id, "MERCHANT_RESPONSE"), 1);
    let history: Vec<_> = world.client.negotiation_history(&id).try_collect().await.unwrap();
    let record = history.iter().find(|record| record.log_id == first.log_id).unwrap();
    assert_eq!(record.normal_message.as_ref(), Some(&message));
    let plain = world.file();
    let misplaced = RespondImmediateService::new(plain, reply.complainted_mchid, reply.message, "other");
    assert_eq!(refused(world.client.send(&misplaced).await).0, 400);
}

#[tokio::test]
async fn pictures_go_up_and_come_down() {
    let world = World::new().await;
    let picture = Bytes::from_static(b"\x89PNG\r\n\x1a\n--boundary\r\n\r\n\0\xff");
    let id = world.sandbox.file_complaint(NewComplaint::default().with_image(picture.clone()));
    let complaint = world.client.send(&get(&id)).await.unwrap();
    let media = &complaint.complaint_media_list[0];
    assert_eq!(media.media_type, Some(MediaType::UserComplaintImage));
    let url = media.media_url[0].expose();
    assert!(url.contains('%'), "{url}");
    let downloaded = world.client.send(&DownloadImage::from_media_url(url).unwrap()).await.unwrap().trust_anyway();
    assert_eq!(downloaded.bytes.expose(), &picture);
    let name = url.rsplit_once('/').unwrap().1;
    let encoded_twice = url.replace(name, &name.replace('%', "%25"));
    world.client.send(&DownloadImage::from_media_url(&encoded_twice).unwrap()).await.unwrap_err();

    let uploaded = world.client.send(&UploadImage::new("退款.png", &picture).unwrap()).await.unwrap();
    let mut reply = world.respond(&id, "请看图");
    reply.response_images = vec![uploaded.media_id.clone()];
    world.client.send(&reply).await.unwrap();
    let history: Vec<_> = world.client.negotiation_history(&id).try_collect().await.unwrap();
    let sent = history.iter().find(|record| record.operate_type == Some(OperateType::MerchantResponse)).unwrap();
    let url = sent.complaint_media_list[0].media_url[0].expose();
    let seen = world.client.send(&DownloadImage::from_media_url(url).unwrap()).await.unwrap().trust_anyway();
    assert_eq!(seen.bytes.expose(), &picture);
    assert_eq!(refused(world.client.send(&DownloadImage::from_media_id(&uploaded.media_id).unwrap()).await).0, 400);
    reply.response_images = vec!["never-uploaded".to_owned()];
    assert_eq!(refused(world.client.send(&reply).await).0, 400);
}

#[tokio::test]
async fn the_payers_phone_opens_with_the_merchants_key() {
    let world = World::new().await;
    let id = world.sandbox.file_complaint(NewComplaint::default().with_payer_phone("13800138000"));
    let complaint = world.client.send(&get(&id)).await.unwrap();
    let key = PrivateKey::read(world.sandbox.merchant().private_key_pem.as_bytes()).unwrap();
    let phone = complaint.payer_phone.unwrap().decrypt([&*decryptor(&key)]).unwrap();
    assert_eq!(phone.expose(), "13800138000");
}

#[tokio::test]
async fn links_need_the_platforms_permission() {
    let world = World::new().await;
    let id = world.file();
    let mut reply = world.respond(&id, "请看");
    reply.jump_url = Some("https://merchant.example/refund".to_owned());
    reply.jump_url_text = Some("退款".to_owned());
    assert_eq!(refused(world.client.send(&reply).await), (403, "NO_AUTH".to_owned()));
    world.sandbox.allow_links(&world.sandbox.merchant().mchid);
    world.client.send(&reply).await.unwrap();
}

#[tokio::test]
async fn the_self_test_goes_both_ways() {
    let world = World::new().await;
    let plain = Echo::new("hello");
    assert_eq!(world.client.send(&plain).await.unwrap().echo_message, "hello");
    let platform = PublicKey::read(world.sandbox.platform_key().public_key_pem.as_bytes()).unwrap();
    let sealed = encryptor(&platform).encrypt(b"secret", &mut Seeded(7)).unwrap();
    let sealed = Encrypted::new(protocol_core::crypto::Signature::new(sealed).to_base64());
    let echoed = world.client.send(&plain.with_encrypted_echo_message(sealed)).await.unwrap();
    let key = PrivateKey::read(world.sandbox.merchant().private_key_pem.as_bytes()).unwrap();
    let opened = echoed.encrypted_echo_message.unwrap().decrypt([&*decryptor(&key)]).unwrap();
    assert_eq!(opened.expose(), "secret");
}

/// Not random: it suffices for a test's padding.
struct Seeded(u64);

impl rand_core::TryRng for Seeded {
    type Error = std::convert::Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        self.try_next_u64().map(|word| word as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        Ok(self.0 ^ (self.0 >> 33))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Self::Error> {
        for chunk in bytes.chunks_mut(8) {
            let word = self.try_next_u64()?.to_le_bytes();
            chunk.copy_from_slice(&word[..chunk.len()]);
        }
        Ok(())
    }
}

impl rand_core::TryCryptoRng for Seeded {}

#[tokio::test]
async fn requests_that_the_platform_refuses_before_reading_them() {
    let world = World::new().await;
    let id = world.file();
    // Another merchant's key under this merchant's name.
    let mut account = world.sandbox.merchant().clone();
    account.private_key_pem = world.sandbox.add_merchant(account.scheme).unwrap().private_key_pem;
    let impostor = client(&world.sandbox, &account, Some(&world.sandbox.platform_key()));
    match impostor.send(&get(&id)).await.unwrap_err() {
        Error::Response(ResponseError::Rejected { status: 401, error, proof: RefusalProof::Unsigned, .. }) => {
            assert_eq!(error.unwrap().code.as_str(), "SIGN_ERROR");
        }
        other => panic!("{other:?}"),
    }
    // A clock ten minutes off.
    let late = crate::world::builder(&world.sandbox, world.sandbox.merchant(), Some(&world.sandbox.platform_key()))
        .clock(wechat_adapter::Clock::new(|| protocol_core::UnixTime(1_741_936_166)))
        .build_over(crate::world::transport(&world.sandbox));
    let error = late.send(&get(&id)).await.unwrap_err();
    assert!(matches!(error, Error::Response(ResponseError::Rejected { status: 401, .. })), "{error:?}");
    assert!(world.sandbox.requests().iter().all(|request| !request.verified));
}

#[tokio::test]
async fn a_missing_complaint_is_refused() {
    let world = World::new().await;
    let (status, _) = refused(world.client.send(&get("200000000000000000000000000")).await);
    assert!((400..500).contains(&status), "{status}");
    let wrong = Complete::new(world.file(), "1900009999");
    let error = world.client.send(&wrong).await.unwrap_err();
    assert_eq!(error.failure().delivery, Delivery::Processed);
}
