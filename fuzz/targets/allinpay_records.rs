//! The `records` of a response of Allinpay, validly signed: read by every operation, and as the
//! same document is in clear.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use protocol_core::Verified;
use protocol_core::allinpay::{
    AlipayComplaintQuery, AlipayComplaintQueryV2, AlipayFileUpload, AlipayProcessFinish, ComplaintsComplete,
    ComplaintsResp, Merchant, Operation, Response, ResponseError, SignType, WxComplaintDetail, WxComplaintHistory,
    WxComplaintList, WxComplaintListOlder, WxComplaintOrderDetail, WxComplaintsRefundProgress, WxGetMerchantImage,
    WxMerchantImageUpload,
};
use protocol_core::complaint::{Complaint, NegotiationHistory};
use protocol_core::crypto::SignatureAlgorithm;

static MERCHANT: LazyLock<Merchant> =
    LazyLock::new(|| Merchant::new("00000051", "990581007426001", SignType::Rsa).expect("a merchant"));

fn read<O: Operation>(response: &Verified<Response<'_>>, length: usize) -> Option<O::Response> {
    match fuzz::within(768, length, || O::decode(response)) {
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
    let response = match MERCHANT.open(body.as_bytes(), &stand_in) {
        Ok(response) => response,
        Err(error @ ResponseError::Refused(_)) => return fuzz::quiet(&error),
        Err(error) => panic!("{error}"),
    };

    let complaint = read::<WxComplaintDetail>(&response, bytes.len());
    // A document that cannot be read at once is mended.
    if let Some(clear) = fuzz::document::<Complaint>("a complaint", bytes, 512) {
        assert_eq!(complaint, Some(clear));
    }
    // An entry that cannot be read is told, and not written.
    if let Some(history) =
        read::<WxComplaintHistory>(&response, bytes.len()).filter(|history| history.unreadable.is_empty())
    {
        let written = serde_json::to_vec(&history).expect("what was read can be written");
        assert_eq!(fuzz::document::<NegotiationHistory>("a history", &written, 512), Some(history));
    }
    if let Some(list) = read::<WxComplaintList>(&response, bytes.len()) {
        assert_eq!(read::<WxComplaintListOlder>(&response, bytes.len()), Some(list));
    }
    read::<WxComplaintOrderDetail>(&response, bytes.len());
    read::<AlipayComplaintQueryV2>(&response, bytes.len());
    read::<AlipayComplaintQuery>(&response, bytes.len());
    read::<AlipayProcessFinish>(&response, bytes.len());
    read::<AlipayFileUpload>(&response, bytes.len());
    read::<ComplaintsResp>(&response, bytes.len());
    read::<ComplaintsComplete>(&response, bytes.len());
    read::<WxComplaintsRefundProgress>(&response, bytes.len());
    read::<WxMerchantImageUpload>(&response, bytes.len());
    read::<WxGetMerchantImage>(&response, bytes.len());
});
