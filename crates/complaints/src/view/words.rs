//! Times, amounts and acts as text. Every result is visible.

use jiff::tz::Offset;
use protocol_core::UnixTime;
use protocol_core::complaint::{Complaint, Fen, OperateType, Timestamp};

use crate::view::output::visible;
use crate::view::table::Cell;

/// A time in China's time zone. A text that is no time stays as it is.
pub(crate) fn china_time(time: &Timestamp) -> String {
    let instant = time.to_unix().and_then(|UnixTime(seconds)| jiff::Timestamp::from_second(seconds).ok());
    match instant {
        Some(instant) => Offset::constant(8).to_datetime(instant).to_string().replacen('T', " ", 1),
        None => visible(time.as_str()),
    }
}

/// A time in China's time zone; where a table has little room, without year and seconds.
pub(crate) fn time_cell(time: UnixTime) -> Cell {
    let whole = china_time(&time.into());
    let short = short_time(&whole).to_owned();
    Cell::new(whole).or(short)
}

/// `03-14 15:09` of `2025-03-14 15:09:26`.
pub(crate) fn short_time(china_time: &str) -> &str {
    china_time.get(5..16).unwrap_or(china_time)
}

/// The sum of the orders complained about.
pub(crate) fn amount(complaint: &Complaint) -> Option<Fen> {
    let orders = complaint.complaint_order_info.iter();
    orders.filter_map(|order| order.amount).map(|fen| fen.0).reduce(i64::saturating_add).map(Fen)
}

/// `12.05`
pub(crate) fn yuan(Fen(fen): Fen) -> String {
    complaint_texts::yuan(fen)
}

/// An act in words. An unknown kind stays as on the wire.
pub(crate) fn act(operate_type: &OperateType) -> String {
    use OperateType as Act;

    let words = match operate_type {
        Act::UserCreateComplaint | Act::CreateComplaintByPlatform => "filed the complaint",
        Act::UserContinueComplaint | Act::ContinueComplaintByPlatform => "continued the complaint",
        Act::UserResponse | Act::PlatformResponse | Act::MerchantResponse | Act::ResponseByPlatform => "said",
        Act::UserClickResponse => "clicked",
        Act::MerchantConfirmComplete | Act::MerchantLaunchConfirmProcess => "asked to close it",
        Act::UserRevokeComplaint => "withdrew it",
        Act::UserConfirmSolved | Act::UserConfirmComplaint => "confirmed that it is solved",
        Act::PlatformHelpApplication => "urged",
        Act::UserApplyPlatformHelp => "asked the platform for help",
        Act::UserApplyPlatformService => "asked for the platform's assistance",
        Act::UserCancelPlatformService => "took back the request for assistance",
        Act::PlatformServiceFinished => "ended the assistance",
        Act::MerchantApproveRefund => "approved the refund",
        Act::MerchantRefuseRefund => "refused the refund",
        Act::SellerRefund => "refunded",
        Act::UserSubmitSatisfaction => "rated the handling",
        Act::ServiceOrderCancel => "cancelled the service order",
        Act::ServiceOrderComplete => "finished the service order",
        Act::ServiceOrderWaitUserPay => "service order waits for payment",
        Act::UserCreateComplaintSystemMessage | Act::CreateComplaintSystemMessage => "noted the complaint",
        Act::UserContinueComplaintSystemMessage | Act::ContinueComplaintSystemMessage => "noted the continuation",
        Act::MerchantConfirmCompleteSystemMessage | Act::LaunchConfirmProcessSystemMessage => {
            "noted the wish to close it"
        }
        Act::ComplaintTimeoutSystemMessage => "noted that the merchant was too late",
        Act::ComplaintFullRefundedSystemMessage | Act::ComplaintFullRefunded => "noted that a full refund was started",
        Act::ComplaintPartialRefundedSystemMessage => "noted that a partial refund was started",
        Act::SellerRefundSystemMessage => "noted the refund",
        Act::ComplaintRefundReceivedSystemMessage => "noted that the refund arrived",
        Act::ComplaintEntrustedRefundSystemMessage => "noted the entrusted refund",
        other => return visible(other.as_str()),
    };
    words.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_act_has_words() {
        for known in OperateType::KNOWN {
            assert_ne!(act(known), known.as_str());
        }
        assert_eq!(act(&OperateType::from("NEW\u{1b}[2J")), "NEW\\u{1b}[2J");
    }

    #[test]
    fn money_is_in_yuan_and_time_in_china() {
        assert_eq!([0, 3, 1205, -1205].map(|fen| yuan(Fen(fen))), ["0.00", "0.03", "12.05", "-12.05"]);
        assert_eq!(yuan(Fen(i64::MIN)), "-92233720368547758.08");
        assert_eq!(china_time(&Timestamp::from("2025-03-14T07:09:26Z")), "2025-03-14 15:09:26");
        assert_eq!(china_time(&Timestamp::from("20180225\u{1b}")), "20180225\\u{1b}");
        assert_eq!(time_cell(UnixTime(1_741_936_166)), Cell::new("2025-03-14 15:09:26").or("03-14 15:09"));
    }
}
