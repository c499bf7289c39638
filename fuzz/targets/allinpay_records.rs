//! What an answer of Allinpay holds in `records`, validly signed: read by every operation, and as the same document is in
//! clear.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use protocol_core::Verified;
use protocol_core::allinpay::{
    AlipayComplaintQuery, AlipayComplaintQueryV2, AlipayFileUpload, AlipayProcessFinish, Answer, AnswerError,
    ComplaintsComplete, ComplaintsResp, Merchant, Operation, SignType, WxComplaintDetail, WxComplaintHistory,
    WxComplaintList, WxComplaintListOlder, WxComplaintOrderDetail, WxComplaintsRefundProgress, WxGetMerchantImage,
    WxMerchantImageUpload,
};
use protocol_core::complaint::{Complaint, NegotiationHistory};
use protocol_core::crypto::SignatureAlgorithm;

static MERCHANT: LazyLock<Merchant> =
    LazyLock::new(|| Merchant::new("00000051", "990581007426001", SignType::Rsa).expect("a merchant"));

fn read<O: Operation>(answer: &Verified<Answer<'_>>, length: usize) -> Option<O::Answer> {
    match fuzz::within(768, length, || O::decode(answer)) {
        Ok(answer) => Some(answer),
        Err(error @ (AnswerError::Malformed(_) | AnswerError::Failed { .. } | AnswerError::Refused(_))) => {
            fuzz::quiet(&error);
            None
        }
        Err(error) => panic!("{error}"),
    }
}

fuzz_target!(|bytes: &[u8]| {
    // What is empty is not signed.
    if bytes.is_empty() {
        return;
    }
    let records = fuzz::to_base64(bytes);
    let signed = format!("records={records}&retcode=SUCCESS");
    let stand_in = fuzz::StandIn(SignatureAlgorithm::RsaSha1);
    let sign = stand_in.sign(&[signed.as_bytes()]);
    let body = format!("{{\"retcode\":\"SUCCESS\",\"records\":\"{records}\",\"sign\":\"{sign}\"}}");
    let answer = match MERCHANT.open(body.as_bytes(), &stand_in) {
        Ok(answer) => answer,
        Err(error @ AnswerError::Refused(_)) => return fuzz::quiet(&error),
        Err(error) => panic!("{error}"),
    };

    let complaint = read::<WxComplaintDetail>(&answer, bytes.len());
    // What cannot be read at once is mended.
    if let Some(clear) = fuzz::document::<Complaint>("a complaint", bytes, 512) {
        assert_eq!(complaint, Some(clear));
    }
    // An entry that cannot be read is told, and not written.
    if let Some(history) =
        read::<WxComplaintHistory>(&answer, bytes.len()).filter(|history| history.unreadable.is_empty())
    {
        let written = serde_json::to_vec(&history).expect("what was read can be written");
        assert_eq!(fuzz::document::<NegotiationHistory>("a history", &written, 512), Some(history));
    }
    if let Some(list) = read::<WxComplaintList>(&answer, bytes.len()) {
        assert_eq!(read::<WxComplaintListOlder>(&answer, bytes.len()), Some(list));
    }
    read::<WxComplaintOrderDetail>(&answer, bytes.len());
    read::<AlipayComplaintQueryV2>(&answer, bytes.len());
    read::<AlipayComplaintQuery>(&answer, bytes.len());
    read::<AlipayProcessFinish>(&answer, bytes.len());
    read::<AlipayFileUpload>(&answer, bytes.len());
    read::<ComplaintsResp>(&answer, bytes.len());
    read::<ComplaintsComplete>(&answer, bytes.len());
    read::<WxComplaintsRefundProgress>(&answer, bytes.len());
    read::<WxMerchantImageUpload>(&answer, bytes.len());
    read::<WxGetMerchantImage>(&answer, bytes.len());
});
