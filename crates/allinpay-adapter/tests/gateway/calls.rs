//! Calls: every operation, both algorithms, agents, and retries.

use std::time::Duration;

use allinpay_adapter::{Client, PRODUCTION, TEST};
use protocol_core::Delivery;
use protocol_core::allinpay::{
    AlipayComplaintQuery, AlipayComplaintQueryV2, AlipayFileUpload, AlipayProcessCode, AlipayProcessFinish,
    ComplaintsComplete, ComplaintsResp, File, Merchant, SignType, WxComplaintDetail, WxComplaintHistory,
    WxComplaintList, WxComplaintListOlder, WxComplaintOrderDetail, WxComplaintsRefundProgress, WxGetMerchantImage,
    WxMerchantImageUpload, WxRefundRejection,
};
use protocol_core::rate::{Rate, RateGroup, Rates};
use protocol_core::retry::RetryPolicy;

use crate::complaints::Case;
use crate::platform::{APPID, CUSID, Fault, Gateway, IMAGE, NOW, ORGID};

pub fn detail() -> WxComplaintDetail {
    WxComplaintDetail::new("1")
}

pub fn history() -> WxComplaintHistory {
    WxComplaintHistory::new("1").with_limit(50)
}

pub fn resp() -> ComplaintsResp {
    ComplaintsResp::new("1", "已退款 & 致歉=+%").with_response_images(vec!["media-1".to_owned(), "media-2".to_owned()])
}

pub fn complete() -> ComplaintsComplete {
    ComplaintsComplete::new("1")
}

pub fn approve() -> WxComplaintsRefundProgress {
    WxComplaintsRefundProgress::approve("1", 0)
}

pub fn list(page_size: u32) -> WxComplaintList {
    WxComplaintList::new("2025-02-20 00:00:00", "2025-03-20 00:00:00").with_page_size(page_size)
}

pub fn older(limit: u32) -> WxComplaintListOlder {
    let (begin_date, end_date) = ("2025-02-20".to_owned(), "2025-03-20".to_owned());
    WxComplaintListOlder::new(begin_date, end_date).with_limit(limit)
}

pub fn alipay(page_size: u32) -> AlipayComplaintQueryV2 {
    AlipayComplaintQueryV2::default().with_page_size(page_size)
}

/// A gateway with complaint 1, and a client.
pub fn one() -> (Client<Gateway>, Gateway) {
    let gateway = Gateway::sm2();
    gateway.world().cases.push(Case::filed(1, NOW));
    (gateway.client(), gateway)
}

#[tokio::test(start_paused = true)]
async fn every_operation_with_both_algorithms() {
    for sign_type in [SignType::Rsa, SignType::Sm2] {
        let gateway = Gateway::new(sign_type);
        gateway.world().cases.push(Case::filed(1, NOW));
        gateway.world().alipay.push(12_345_678_901_234_567_890);
        let client = gateway.client();
        let file = File::new("回执.png", b"\x89PNG\r\n--x\r\n");

        assert_eq!(client.send(&list(10)).await.unwrap().total_count, Some(1));
        assert_eq!(client.send(&older(10)).await.unwrap().complaints[0].complaint_id, "1");
        assert_eq!(client.send(&detail()).await.unwrap().user_complaint_times, Some(1));
        assert_eq!(client.send(&history()).await.unwrap().data[0].log_id, "1-0");
        client.send_without_looking(&resp()).await.unwrap();
        client.send_without_looking(&approve()).await.unwrap();
        let reject = WxRefundRejection::new("1", "未收到退货");
        client.send_without_looking(&WxComplaintsRefundProgress::from(reject)).await.unwrap();
        client.send_without_looking(&complete()).await.unwrap();
        let kinds: Vec<_> = gateway.world().case("1").history.iter().map(|entry| entry.kind).collect();
        let acts =
            ["MERCHANT_RESPONSE", "MERCHANT_APPROVE_REFUND", "MERCHANT_REFUSE_RERUND", "MERCHANT_CONFIRM_COMPLETE"];
        assert_eq!(kinds[1..], acts);
        assert_eq!(gateway.world().case("1").history[1].text, resp().response_content);

        assert_eq!(client.send(&WxMerchantImageUpload::new(file)).await.unwrap(), "media-1");
        assert_eq!(gateway.world().file.as_deref(), Some(file.bytes));
        let image = client.send(&WxGetMerchantImage::new(IMAGE)).await.unwrap();
        assert_eq!(image.into_bytes(), b"\xff\xd8\xffpicture");

        assert_eq!(client.send(&alipay(10)).await.unwrap().complaint_list[0].id, "12345678901234567890");
        let one = AlipayComplaintQuery::new("7");
        assert_eq!(client.send(&one).await.unwrap().id, "7");
        let finish = AlipayProcessFinish::new(vec!["7".to_owned()], AlipayProcessCode::Refund).with_remark("已退款");
        assert_eq!(client.send(&finish).await.unwrap().complaint_process_success.as_deref(), Some("true"));
        assert_eq!(client.send(&AlipayFileUpload::new(file)).await.unwrap().file_key.as_deref(), Some("k"));
        let order = WxComplaintOrderDetail::new("9");
        let order = client.send(&order).await.unwrap().complaint_order.unwrap();
        assert_eq!(order.complaint_order_id.as_deref(), Some("9"));
        assert_eq!(gateway.asked().len(), 15);
    }
}

/// A picture of 7 MiB, as phones take them. In base64 it is larger than any other response may be.
#[tokio::test(start_paused = true)]
async fn a_large_picture_is_downloaded() {
    let gateway = Gateway::quick();
    gateway.world().picture = [b"\xff\xd8\xff".as_slice(), &vec![0xd8; 7 * 1024 * 1024 - 3]].concat();
    let image = gateway.client().send(&WxGetMerchantImage::new(IMAGE)).await.unwrap();
    assert_eq!(image.into_bytes().len(), 7 * 1024 * 1024);
}

#[test]
fn the_hosts_are_the_documented_ones() {
    assert_eq!(PRODUCTION, "https://cus.allinpay.com/cusapi");
    assert_eq!(TEST, "https://syb-test.allinpay.com/vsppcusapi");
}

#[tokio::test(start_paused = true)]
async fn a_base_url_may_end_in_a_slash() {
    let (_, gateway) = one();
    let client = gateway.builder().base_url(&format!("{}/", crate::platform::BASE)).build_over(gateway.clone());
    client.send(&detail()).await.unwrap();
    let unsendable = gateway.builder().base_url("not a url").build_over(gateway.clone());
    let error = unsendable.send(&detail()).await.unwrap_err();
    assert_eq!(
        (error.failure().delivery, error.failure().is_retryable, gateway.asked().len()),
        (Delivery::NotSent, false, 1)
    );
}

#[tokio::test(start_paused = true)]
async fn an_agent_lists_all_and_asks_about_one() {
    let gateway = Gateway::sm2();
    gateway.world().cases = vec![Case::filed(1, NOW).of("550000000000001"), Case::filed(2, NOW).of("550000000000002")];
    let agent = gateway.agent();
    let complaints = agent.send(&list(10)).await.unwrap().complaints;
    assert_eq!(complaints.len(), 2);
    agent.send(&detail()).await.unwrap_err();
    let merchant = agent.about(complaints[0].merchant_no.as_deref().unwrap()).unwrap();
    merchant.send(&detail()).await.unwrap();
    let (_, form) = gateway.world().asked.last().cloned().unwrap();
    assert_eq!((form["orgid"].as_str(), form["cusid"].as_str()), (ORGID, "550000000000001"));
    agent.about("55 & more").unwrap_err();
}

#[tokio::test(start_paused = true)]
async fn a_group_is_listed_whole_when_asked_to() {
    let gateway = Gateway::sm2();
    gateway.world().cases.push(Case::filed(1, NOW).of("550000000000001"));
    let merchant = Merchant::new(APPID, CUSID, SignType::Sm2).unwrap().with_orgid(ORGID).unwrap();
    let client = gateway.builder_for(merchant).build_over(gateway.clone());
    assert!(client.send(&list(10)).await.unwrap().complaints.is_empty());
    let whole = list(10).with_groupall(true);
    assert_eq!(client.send(&whole).await.unwrap().complaints.len(), 1);
}

/// Attempts of a query, of an idempotent write and of one that is not, each with the fault every
/// time.
const AGAIN: [(Fault, [usize; 3]); 12] = [
    (Fault::Unreached, [3, 3, 3]),
    (Fault::Lost { done: false }, [3, 3, 1]),
    (Fault::Lost { done: true }, [3, 3, 1]),
    (Fault::Html { done: true }, [3, 3, 1]),
    (Fault::Status(502), [3, 3, 1]),
    (Fault::Status(429), [3, 3, 1]),
    (Fault::Status(404), [1, 1, 1]),
    (Fault::Refused { done: false }, [1, 1, 1]),
    (Fault::Failed, [1, 1, 1]),
    (Fault::Forged, [1, 1, 1]),
    (Fault::Unsigned, [1, 1, 1]),
    (Fault::WrongAppid, [1, 1, 1]),
];

/// The operations that must not happen twice.
pub const WRITES: [&str; 3] = ["complaintsResp", "complaintsComplete", "wxcomplaintsrefundprogress"];

#[tokio::test(start_paused = true)]
async fn what_is_sent_again() {
    for (fault, [query, idempotent, write]) in AGAIN {
        let (client, gateway) = one();
        for name in WRITES.into_iter().chain(["wxcomplainthistory", "wxmerchantimageupload"]) {
            gateway.world().broken.insert(name, fault);
        }
        client.send(&history()).await.unwrap_err();
        assert_eq!(gateway.count("wxcomplainthistory"), query, "{fault:?}");
        let file = File::new("a.png", b"\x89PNG");
        client.send(&WxMerchantImageUpload::new(file)).await.unwrap_err();
        assert_eq!(gateway.count("wxmerchantimageupload"), idempotent, "{fault:?}");
        client.send_without_looking(&resp()).await.unwrap_err();
        client.send_without_looking(&complete()).await.unwrap_err();
        client.send_without_looking(&approve()).await.unwrap_err();
        for name in WRITES {
            assert_eq!(gateway.count(name), write, "{name}: {fault:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn each_attempt_is_signed_anew() {
    let (client, gateway) = one();
    gateway.faults([Fault::Lost { done: false }, Fault::Status(502)]);
    client.send(&detail()).await.unwrap();
    let world = gateway.world();
    let nonces: std::collections::HashSet<_> = world.asked.iter().map(|(_, form)| &form["randomstr"]).collect();
    let signs: std::collections::HashSet<_> = world.asked.iter().map(|(_, form)| &form["sign"]).collect();
    assert_eq!((nonces.len(), signs.len()), (3, 3));
}

#[tokio::test(start_paused = true)]
async fn the_platforms_wish_to_wait_is_kept() {
    let (client, gateway) = one();
    gateway.faults([Fault::Status(429)]);
    let start = tokio::time::Instant::now();
    client.send(&detail()).await.unwrap();
    assert!(start.elapsed() >= Duration::from_secs(3));
    let policy = RetryPolicy::default().with_max_retry_after(Duration::from_secs(2));
    let hasty = gateway.builder().retry(policy).build_over(gateway.clone());
    gateway.faults([Fault::Status(429)]);
    hasty.send(&detail()).await.unwrap_err();
}

/// No rate is documented; one that is set is shared by the clones and by the merchants of an agent.
#[tokio::test(start_paused = true)]
async fn a_rate_that_is_set_is_kept() {
    let (_, gateway) = one();
    let rates = Rates::NONE.with(RateGroup::Other, Some(Rate::per_second(1))).with_max_wait(Duration::from_secs(2));
    let client = gateway.builder().rates(rates).build_over(gateway.clone());
    let start = tokio::time::Instant::now();
    for _ in 0..3 {
        client.clone().send(&detail()).await.unwrap();
    }
    assert!((2..3).contains(&start.elapsed().as_secs()), "{:?}", start.elapsed());
    let calls = [(); 4].map(|()| async { client.send(&detail()).await.is_ok() });
    assert_eq!(futures_util::future::join_all(calls).await, [true, true, false, false]);
    assert_eq!(gateway.asked().len(), 5);
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_was_not_sent_does_not_hide_one_that_may_have_been() {
    let (client, gateway) = one();
    gateway.faults([Fault::Lost { done: true }, Fault::Unreached, Fault::Unreached]);
    let file = File::new("a.png", b"\x89PNG");
    let error = client.send(&WxMerchantImageUpload::new(file)).await.unwrap_err();
    assert_eq!(gateway.asked().len(), 3);
    assert_eq!(error.failure().delivery, Delivery::Unknown);
}
