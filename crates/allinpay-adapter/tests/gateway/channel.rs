//! Allinpay as a channel of complaints.

use futures_util::TryStreamExt as _;
use protocol_core::UnixTime;
use protocol_core::channel::{
    ChannelError, ComplaintChannel, ComplaintRef, Effect, Picture, RefundDecision, RefundRejection, Reply,
};

use crate::complaints::Case;
use crate::platform::{Gateway, IMAGE, NOW};

/// Written against the trait alone.
async fn serve(channel: &dyn ComplaintChannel) -> Result<(), ChannelError> {
    let complaints: Vec<_> = channel.list("2025-03-01", "2025-03-31").try_collect().await?;
    for complaint in &complaints {
        let one = ComplaintRef::from(complaint);
        assert_eq!(channel.show(&one).await?.complaint_id, complaint.complaint_id);
        let picture = channel.upload_image(Picture::new("a.png", b"\x89PNG")).await?;
        let mut reply = Reply::new("您好");
        reply.images = vec![picture];
        assert_eq!(channel.reply(&one, &reply).await?, Effect::Confirmed);
        let approve = RefundDecision::approve(1);
        assert_eq!(channel.decide_refund(&one, &approve).await?, Effect::Confirmed);
        let mut reject = RefundRejection::new("未收到退货");
        reject.remark = Some("note".into());
        assert_eq!(channel.decide_refund(&one, &reject.into()).await?, Effect::Confirmed);
        assert_eq!(channel.complete(&one).await?, Effect::Confirmed);
        assert_eq!(channel.complete(&one).await?, Effect::Found);
        let history: Vec<_> = channel.history(&one).try_collect().await?;
        assert_eq!(history.len(), 5);
    }
    let image = channel.download_image(&ComplaintRef::new("1"), IMAGE).await?;
    assert_eq!(image.trust_anyway().expose(), b"\xff\xd8\xffpicture");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_service_needs_the_trait_only() {
    let gateway = Gateway::sm2();
    gateway.world().cases = (0..3).map(|id| Case::filed(id, NOW)).collect();
    serve(&gateway.client()).await.unwrap();
    assert_eq!(gateway.count("complaintsResp"), 3);
}

#[tokio::test(start_paused = true)]
async fn for_an_agent_the_complaint_names_the_merchant() {
    let gateway = Gateway::sm2();
    gateway.world().cases = vec![Case::filed(1, NOW).of("550000000000001"), Case::filed(2, NOW).of("550000000000002")];
    serve(&gateway.agent()).await.unwrap();
    let mut one = ComplaintRef::new("1");
    one.merchant_no = Some("550000000000001".to_owned());
    gateway.agent().download_image(&one, IMAGE).await.unwrap();
    let asked = gateway.world().asked.last().map(|(_, form)| form["cusid"].clone());
    assert_eq!(asked.as_deref(), Some("550000000000001"));
    let mut bad = ComplaintRef::new("1");
    bad.merchant_no = Some("no id".to_owned());
    assert!(gateway.agent().history(&bad).try_collect::<Vec<_>>().await.is_err());
    assert!(gateway.agent().show(&bad).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn an_empty_number_of_a_merchant_is_none() {
    let gateway = Gateway::sm2();
    gateway.world().cases = vec![Case::filed(1, NOW).of("")];
    serve(&gateway.client()).await.unwrap();
    let mut one = ComplaintRef::new("1");
    one.merchant_no = Some(String::new());
    assert_eq!(gateway.client().show(&one).await.unwrap().complaint_id, "1");
    let history: Vec<_> = gateway.client().history(&one).try_collect().await.unwrap();
    assert_eq!(history.len(), 5);
}

#[tokio::test(start_paused = true)]
async fn thirty_one_days_are_asked_for_in_two_lists() {
    let gateway = Gateway::sm2();
    // 2025-03-01 00:00:00 in China, an hour apart.
    let first = 1_740_758_400;
    gateway.world().cases = (0..31 * 24).map(|hour| Case::filed(hour, UnixTime(first + hour * 3600))).collect();
    let client = gateway.client();
    let all: Vec<_> = client.list("2025-03-01", "2025-03-31").try_collect().await.unwrap();
    assert_eq!(all.len(), 31 * 24);
    let begins: std::collections::BTreeSet<_> =
        gateway.world().asked.iter().map(|(_, form)| form["begindate"].clone()).collect();
    assert_eq!(begins.len(), 2);
    for (first, last) in [("2025-03-01", "2025-04-01"), ("2025-03-02", "2025-03-01"), ("yesterday", "today")] {
        assert!(client.list(first, last).try_collect::<Vec<_>>().await.is_err(), "{first}");
    }
}
