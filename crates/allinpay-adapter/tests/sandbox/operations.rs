//! Every operation in RSA and SM2, for a merchant and for an agent.

use allinpay_adapter::Error;
use futures_util::TryStreamExt as _;
use platform_sandbox::{NewAlipayComplaint, NewComplaint, NewOrderComplaint};
use protocol_core::Delivery;
use protocol_core::allinpay::{
    AlipayComplaintQuery, AlipayComplaintQueryV2, AlipayFileUpload, AlipayImage, AlipayProcessCode,
    AlipayProcessFinish, ComplaintsComplete, ComplaintsResp, File, ResponseError, SignType, WxComplaintDetail,
    WxComplaintHistory, WxComplaintList, WxComplaintListOlder, WxComplaintOrderDetail, WxComplaintsRefundProgress,
    WxGetMerchantImage, WxMerchantImageUpload,
};
use protocol_core::complaint::{ComplaintState, OperateType};

use crate::world::{client, moment, sandbox};

const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\n";

fn list() -> WxComplaintList {
    WxComplaintList::new(moment(-24), moment(24)).with_page_size(10)
}

fn reply(id: &str) -> ComplaintsResp {
    ComplaintsResp::new(id, "您好")
}

#[tokio::test]
async fn each_operation_in_both_algorithms() {
    let sandbox = sandbox().await;
    for account in [sandbox.allinpay(), sandbox.allinpay_sm2()] {
        let client = client(&sandbox, &account);
        let new = NewComplaint::default().with_payer_phone("13800138000").with_image(PICTURE);
        let id = sandbox.file_allinpay_complaint(new, &account.cusid).unwrap();

        let listed = client.send(&list()).await.unwrap();
        assert_eq!((listed.complaints.len(), listed.total_count), (1, Some(1)), "{:?}", account.sign_type);
        let day = |hours| moment(hours)[..10].to_owned();
        let older = WxComplaintListOlder::new(day(-24), day(24)).with_limit(10);
        assert_eq!(client.send(&older).await.unwrap().complaints.len(), 1);
        let complaint = client.send(&WxComplaintDetail::new(id.clone())).await.unwrap();
        assert_eq!(complaint.payer_phone.as_ref().map(|phone| phone.as_wire()), Some("13800138000"));
        let media_url = complaint.complaint_media_list[0].media_url[0].expose().clone();
        let image = client.send(&WxGetMerchantImage::new(media_url)).await.unwrap();
        assert_eq!(image.into_bytes(), PICTURE);

        let upload = WxMerchantImageUpload::new(File::new("a.png", PICTURE));
        let media_id = client.send(&upload).await.unwrap();
        client.send(&reply(&id).with_response_images(vec![media_id])).await.unwrap();
        let history = WxComplaintHistory::new(id.clone());
        let history = client.send(&history).await.unwrap();
        assert!(history.data.iter().any(|record| record.operate_type == Some(OperateType::MerchantResponse)));
        client.send(&ComplaintsComplete::new(id.clone())).await.unwrap();
        let closed = client.send(&WxComplaintDetail::new(id)).await.unwrap();
        assert_eq!(closed.complaint_state, Some(ComplaintState::Processed));

        let refund = sandbox.file_allinpay_complaint(NewComplaint::default().with_refund(5), &account.cusid).unwrap();
        let approve = WxComplaintsRefundProgress::approve(refund, 0);
        client.send(&approve).await.unwrap();

        let order = sandbox.file_order_complaint(NewOrderComplaint::default());
        let detail = client.send(&WxComplaintOrderDetail::new(order.clone())).await.unwrap();
        assert_eq!(detail.complaint_order.unwrap().complaint_order_id, Some(order));
    }
}

#[tokio::test]
async fn alipays_complaints_too() {
    let sandbox = sandbox().await;
    let account = sandbox.allinpay_sm2();
    let client = client(&sandbox, &account);
    let id = sandbox.file_alipay_complaint(NewAlipayComplaint::default(), &account.cusid).unwrap();
    let query = AlipayComplaintQueryV2::default().with_page_size(10);
    let all: Vec<_> = client.alipay_complaints(query).try_collect().await.unwrap();
    assert_eq!(all.len(), 1);
    client.send(&AlipayComplaintQuery::new(id.clone())).await.unwrap();
    let upload = AlipayFileUpload::new(File::new("a.png", PICTURE));
    let file = client.send(&upload).await.unwrap();
    let finish = AlipayProcessFinish::new(vec![id], AlipayProcessCode::Refund)
        .with_remark("已退")
        .with_img_file_list(vec![AlipayImage::new(file.file_url.clone().unwrap(), file.file_key.clone().unwrap())]);
    client.send(&finish).await.unwrap();
}

#[tokio::test]
async fn an_agent_asks_for_all_and_acts_for_one() {
    let sandbox = sandbox().await;
    let account = sandbox.add_allinpay(SignType::Sm2, true).unwrap();
    let agent = client(&sandbox, &account);
    let mut filed = Vec::new();
    for merchant in &account.merchants {
        filed.push(sandbox.file_allinpay_complaint(NewComplaint::default(), merchant).unwrap());
    }
    let complaints: Vec<_> = agent.complaints(list()).try_collect().await.unwrap();
    assert_eq!(complaints.len(), filed.len());
    for complaint in complaints {
        let merchant = complaint.merchant_no.as_deref().expect("an agent's list names each merchant");
        let about = agent.about(merchant).unwrap();
        about.send(&reply(&complaint.complaint_id)).await.unwrap();
    }
}

#[tokio::test]
async fn what_the_platform_refuses() {
    let sandbox = sandbox().await;
    let account = sandbox.allinpay_sm2();
    let client = client(&sandbox, &account);
    // FAIL is not signed: its words are not proven, and it proves nothing about an act.
    let missing = client.send(&WxComplaintDetail::new("200000000000000000000000000")).await;
    assert!(matches!(missing, Err(Error::Response(ResponseError::Rejected { .. }))), "{missing:?}");
    // A refusal because of the complaint's state is signed (3999).
    let id = sandbox.file_allinpay_complaint(NewComplaint::default(), &account.cusid).unwrap();
    let approve = WxComplaintsRefundProgress::approve(id, 0);
    let error = client.send_without_looking(&approve).await.unwrap_err();
    assert!(matches!(error, Error::Response(ResponseError::Failed { .. })), "{error:?}");
    assert_eq!(error.failure().delivery, Delivery::Processed);
    // Another merchant's key.
    let mut impostor = account.clone();
    impostor.private_key = sandbox.add_allinpay(SignType::Sm2, false).unwrap().private_key;
    let error = crate::world::client(&sandbox, &impostor).send(&list()).await.unwrap_err();
    assert!(matches!(error, Error::Response(ResponseError::Rejected { .. })), "{error:?}");
}
