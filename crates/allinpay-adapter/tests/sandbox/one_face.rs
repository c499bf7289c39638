//! The same code for both channels: a function over the trait, with two clients.

use std::sync::Arc;

use futures_util::TryStreamExt as _;
use platform_sandbox::{NewComplaint, Sandbox};
use protocol_core::channel::{ActKind, ComplaintChannel, ComplaintRef, Effect, Picture, RefundRejection, Reply};
use protocol_core::complaint::{ComplaintState, OperateType};
use protocol_core::crypto::{Keyring, PrivateKey, PublicKey};

use crate::world::{QUICK, client, moment, sandbox, transport};

const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\n";

/// A service's work on a complaint of any channel.
async fn deal_with(channel: &dyn ComplaintChannel, id: &str, refund: &str) {
    let day = |hours| moment(hours)[..10].to_owned();
    let listed: Vec<_> = channel.list(&day(-24), &day(24)).try_collect().await.unwrap();
    let complaint = listed.iter().find(|complaint| complaint.complaint_id == id).expect("it is listed");
    let about = ComplaintRef::from(complaint);
    assert_eq!(channel.show(&about).await.unwrap().complaint_state, Some(ComplaintState::Pending));
    let picture = channel.upload_image(Picture::new("a.png", PICTURE)).await.unwrap();
    let mut reply = Reply::new("请看");
    reply.images = vec![picture];
    assert_eq!(channel.reply(&about, &reply).await.unwrap(), Effect::Confirmed);
    let history: Vec<_> = channel.history(&about).try_collect().await.unwrap();
    let sent = history.iter().find(|record| record.operate_type == Some(OperateType::MerchantResponse)).unwrap();
    let media_url = sent.complaint_media_list[0].media_url[0].expose();
    let image = channel.download_image(&about, media_url).await.unwrap().trust_anyway();
    assert_eq!(image.expose().as_slice(), PICTURE);
    assert_eq!(channel.complete(&about).await.unwrap(), Effect::Confirmed);
    assert_eq!(channel.complete(&about).await.unwrap(), Effect::Found);
    let refund = ComplaintRef::new(refund);
    let rejection = RefundRejection::new("已发货").into();
    assert_eq!(channel.decide_refund(&refund, &rejection).await.unwrap(), Effect::Confirmed);
    let missing = channel.show(&ComplaintRef::new("200000000000000000000000000")).await.unwrap_err();
    assert!(!missing.failure().is_retryable);
}

fn wechat_pay(sandbox: &Sandbox) -> wechat_adapter::Client {
    use protocol_core::wechat_pay::{Merchant, signer, verifier};

    let (account, platform) = (sandbox.merchant(), sandbox.platform_key());
    let keys = Arc::new(Keyring::new());
    keys.insert(&platform.id, verifier(&PublicKey::read(platform.public_key_pem.as_bytes()).unwrap()).unwrap());
    let merchant = Merchant::new(&*account.mchid, &*account.serial_no, account.scheme).unwrap();
    let private_key = PrivateKey::read(account.private_key_pem.as_bytes()).unwrap();
    wechat_adapter::Client::builder(merchant.with_platform_key(platform.id).unwrap(), signer(&private_key).unwrap())
        .keys(keys)
        .origins([sandbox.base_url()])
        .retry(QUICK)
        .build_over(transport(sandbox))
}

#[tokio::test]
async fn one_service_for_both_channels() {
    let sandbox = sandbox().await;
    let new = || [NewComplaint::default(), NewComplaint::default().with_refund(5)];
    let mut ids = vec![new().map(|new| sandbox.file_complaint(new))];
    let mut channels: Vec<Box<dyn ComplaintChannel>> = vec![Box::new(wechat_pay(&sandbox))];
    for account in [sandbox.allinpay(), sandbox.allinpay_sm2()] {
        ids.push(new().map(|new| sandbox.file_allinpay_complaint(new, &account.cusid).unwrap()));
        channels.push(Box::new(client(&sandbox, &account)));
    }
    for (channel, [id, refund]) in channels.iter().zip(ids) {
        assert!(channel.acts().contains(&ActKind::Reply));
        deal_with(&**channel, &id, &refund).await;
    }
}
