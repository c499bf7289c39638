//! The codes of a Mini Program complaint's detail: every one of the documentation's tables has a
//! name, and no other one is lost. Those that the push has too are tested with the push.

use protocol_core::complaint::{AppealState, BlameResult, CallbackStatus, OrderDetail, OrderItemType, ReturnStatus};
use serde_json::json;

use crate::documents::decode;

#[rustfmt::skip]
const APPEAL_STATES: &[(i64, AppealState)] = {
    use AppealState as A;
    &[(0, A::None), (117, A::Won), (118, A::Lost), (401, A::MerchantMayAppeal), (402, A::TimeOver), (403, A::InProgress)]
};

#[rustfmt::skip]
const ITEM_TYPES: &[(i64, OrderItemType)] = {
    use OrderItemType as T;
    &[
        (1, T::UserFiled), (2, T::UserMessage), (3, T::MerchantMessage), (7, T::UserEvidence),
        (8, T::MerchantEvidence), (11, T::UserAskedPlatform), (12, T::UserWithdrew), (13, T::PlatformHandling),
        (14, T::UserEvidenceWanted), (16, T::MerchantEvidenceWanted), (18, T::EvidenceWantedFromBoth),
        (26, T::ProofAbnormal26), (30, T::MerchantNotLiableFinished), (31, T::MerchantLiable31),
        (32, T::MerchantLiable32), (33, T::MerchantNotLiable), (36, T::ProofAccepted), (37, T::ProofAbnormal37),
        (101, T::MerchantTimedOut), (104, T::UserAccepted), (107, T::ProofTimedOut), (108, T::UserConfirmTimedOut),
        (109, T::MerchantResponded), (110, T::MerchantSubmittedProof), (111, T::UserEvidenceTimedOut),
        (112, T::MerchantEvidenceTimedOut), (113, T::EvidenceOfBothTimedOut), (118, T::CompensatedAutomatically),
    ]
};

const BLAME_RESULTS: &[(i64, BlameResult)] = &[(0, BlameResult::AwaitingProof), (1, BlameResult::AwaitingReturn)];

#[rustfmt::skip]
const RETURN_STATES: &[(i64, ReturnStatus)] = {
    use ReturnStatus as S;
    &[
        (0, S::Ordered), (1, S::PickedUp), (2, S::InTransit), (3, S::Delivering), (4, S::Signed), (5, S::Abnormal),
        (6, S::SignedByProxy), (7, S::PickupFailed), (8, S::SignFailed), (10, S::NotOrdered), (11, S::Cancelled),
        (12, S::Deleted), (13, S::Returning), (14, S::Returned), (15, S::CancelledByCarrier),
        (99, S::UnknownToPlatform),
    ]
};

/// A detail in which every code is this one, as a number and as a text.
fn details(code: i64) -> [OrderDetail; 2] {
    [json!(code), json!(code.to_string())].map(|code| {
        let document = json!({
            "complaintOrder": {"status": code, "type": code, "appealState": code},
            "item": [{"itemType": code, "blameResult": code, "appealItemType": code}],
            "returnBill": {"orderStatus": code},
        });
        decode(document.to_string().as_bytes())
    })
}

#[test]
fn every_code_of_the_tables_has_a_name() {
    assert!(AppealState::KNOWN.iter().eq(APPEAL_STATES.iter().map(|(_, state)| state)));
    assert!(OrderItemType::KNOWN.iter().eq(ITEM_TYPES.iter().map(|(_, kind)| kind)));
    assert!(BlameResult::KNOWN.iter().eq(BLAME_RESULTS.iter().map(|(_, result)| result)));
    assert!(ReturnStatus::KNOWN.iter().eq(RETURN_STATES.iter().map(|(_, state)| state)));
    for (code, state) in APPEAL_STATES {
        for detail in details(*code) {
            assert_eq!(detail.complaint_order.unwrap().appeal_state, Some(*state));
            assert_eq!(detail.item[0].appeal_item_type, Some(*state));
        }
    }
    for (code, kind) in ITEM_TYPES {
        assert!(details(*code).iter().all(|detail| detail.item[0].item_type == Some(*kind)), "{code}");
    }
    for (code, result) in BLAME_RESULTS {
        assert!(details(*code).iter().all(|detail| detail.item[0].blame_result == Some(*result)), "{code}");
    }
    for (code, state) in RETURN_STATES {
        for detail in details(*code) {
            assert_eq!(detail.return_bill.unwrap().order_status, Some(*state));
        }
    }
}

#[test]
fn other_codes_are_kept_and_written_back() {
    for code in [-1, 9, 100, 404, 999, i64::MIN + 1, i64::MAX] {
        for detail in details(code) {
            let complaint = detail.complaint_order.as_ref().unwrap();
            let item = &detail.item[0];
            let codes = [
                complaint.appeal_state.map(|read| (read.code(), read.is_known())),
                item.appeal_item_type.map(|read| (read.code(), read.is_known())),
                item.item_type.map(|read| (read.code(), read.is_known())),
                item.blame_result.map(|read| (read.code(), read.is_known())),
                detail.return_bill.as_ref().unwrap().order_status.map(|read| (read.code(), read.is_known())),
                complaint.status.map(|read| (read.code(), read.is_known())),
                complaint.kind.map(|read| (read.code(), read.is_known())),
            ];
            assert_eq!(codes, [Some((code, false)); 7]);
            assert!(!complaint.is_closed());
            let written = serde_json::to_value(&detail).unwrap();
            assert_eq!(written["complaintOrder"]["appealState"], code);
            assert_eq!(written["item"][0]["itemType"], code);
            assert_eq!(written["returnBill"]["orderStatus"], code);
        }
    }
}

/// Only these states close a complaint, and only without an appeal that may still change it.
#[test]
fn a_complaint_is_closed_by_its_status_unless_an_appeal_is_open() {
    let closed = [102, 112, 115, 116, 205, 209];
    for status in CallbackStatus::KNOWN {
        assert_eq!(status.is_closed(), closed.contains(&status.code()), "{status}");
        for (appeal, state) in APPEAL_STATES {
            let document = json!({"complaintOrder": {"status": status.code(), "appealState": appeal}});
            let detail: OrderDetail = decode(document.to_string().as_bytes());
            let is_open = matches!(state, AppealState::MerchantMayAppeal | AppealState::InProgress);
            assert_eq!(detail.complaint_order.unwrap().is_closed(), status.is_closed() && !is_open, "{status} {state}");
        }
    }
}

/// A code that is no number is kept, and is neither absent nor any of the others.
#[test]
fn a_code_that_cannot_be_read_is_kept() {
    let text =
        r#"{"complaintOrder":{"status":209,"appealState":[401]},"item":[{"mediaIdList":[],"itemType":"filed"}]}"#;
    let detail = OrderDetail::decode(text.as_bytes()).unwrap().trust_anyway();
    let complaint = detail.complaint_order.as_ref().unwrap();
    assert!(matches!(complaint.appeal_state, Some(AppealState::Unreadable(_))));
    assert!(complaint.appeal_state().is_err() && !complaint.is_closed());
    assert!(matches!(detail.item[0].item_type, Some(OrderItemType::Unreadable(_))));
    assert_eq!(serde_json::to_string(&detail).unwrap(), text);
}
