//! The `records` of a response of Allinpay, validly signed: read by every operation, and as the
//! same document is in clear.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use protocol_core::Unverified;
use protocol_core::allinpay::{
    AlipayComplaintQuery, AlipayComplaintQueryV2, AlipayFileUpload, AlipayProcessCode, AlipayProcessFinish,
    ComplaintsComplete, ComplaintsResp, File, Merchant, Operation, Response, ResponseError, SignType,
    WxComplaintDetail, WxComplaintHistory, WxComplaintList, WxComplaintListOlder, WxComplaintOrderDetail,
    WxComplaintsRefundProgress, WxGetMerchantImage, WxMerchantImageUpload,
};
use protocol_core::complaint::{Complaint, NegotiationHistory};
use protocol_core::crypto::SignatureAlgorithm;

static MERCHANT: LazyLock<Merchant> =
    LazyLock::new(|| Merchant::new("00000051", "990581007426001", SignType::Rsa).expect("a merchant"));

fn read<O: Operation>(operation: &O, response: Response<'_>, length: usize) -> Option<O::Response> {
    match fuzz::within(768, length, || operation.receive(response)) {
        Ok(response) => Some(response),
        Err(error @ (ResponseError::Malformed(_) | ResponseError::Failed { .. } | ResponseError::Refused(_))) => {
            fuzz::quiet(&error);
            None
        }
        Err(error) => panic!("{error}"),
    }
}

fuzz_target!(|bytes: &[u8]| {
    // An empty member is not signed.
    if bytes.is_empty() {
        return;
    }
    let records = fuzz::to_base64(bytes);
    let signed = format!("records={records}&retcode=SUCCESS");
    let stand_in = fuzz::StandIn(SignatureAlgorithm::RsaSha1);
    let sign = stand_in.sign(&[signed.as_bytes()]);
    let body = format!("{{\"retcode\":\"SUCCESS\",\"records\":\"{records}\",\"sign\":\"{sign}\"}}");
    let response = Response::new(body.as_bytes(), &MERCHANT, &stand_in);
    match response.open() {
        Ok(_) => {}
        Err(error @ ResponseError::Refused(_)) => return fuzz::quiet(&error),
        Err(error) => panic!("{error}"),
    }

    let complaint = read(&WxComplaintDetail::new("1"), response, bytes.len());
    // A document that cannot be read at once is mended.
    if let Some(clear) = fuzz::document::<Complaint>("a complaint", bytes, 512) {
        assert_eq!(complaint, Some(clear));
    }
    // An entry that cannot be read is told, and not written. What does not fit, such as a member that stands
    // twice, is read again by the reader of histories alone.
    if let Some(history) =
        read(&WxComplaintHistory::new("1"), response, bytes.len()).filter(|history| history.unreadable.is_empty())
    {
        let written = serde_json::to_vec(&history).expect("what was read can be written");
        if history.is_clear() {
            assert_eq!(fuzz::document::<NegotiationHistory>("a history", &written, 512).as_ref(), Some(&history));
        }
        assert_eq!(NegotiationHistory::decode(&written).map(Unverified::trust_anyway), Ok(history));
    }
    if let Some(list) = read(&WxComplaintList::new("", ""), response, bytes.len()) {
        assert_eq!(read(&WxComplaintListOlder::new("", ""), response, bytes.len()), Some(list));
    }
    read(&WxComplaintOrderDetail::new("1"), response, bytes.len());
    read(&AlipayComplaintQueryV2::default(), response, bytes.len());
    read(&AlipayComplaintQuery::new("1"), response, bytes.len());
    read(&AlipayProcessFinish::new(Vec::new(), AlipayProcessCode::Refund), response, bytes.len());
    read(&AlipayFileUpload::new(File::new("a.png", b"")), response, bytes.len());
    read(&ComplaintsResp::new("1", "a"), response, bytes.len());
    read(&ComplaintsComplete::new("1"), response, bytes.len());
    read(&WxComplaintsRefundProgress::approve("1", 0), response, bytes.len());
    read(&WxMerchantImageUpload::new(File::new("a.png", b"")), response, bytes.len());
    read(&WxGetMerchantImage::new("a"), response, bytes.len());
});
