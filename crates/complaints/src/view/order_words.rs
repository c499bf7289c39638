//! Words for the codes of a Mini Program's complaints. An unknown code stays a number.

use protocol_core::complaint::{AppealState, CallbackStatus, CallbackType, OrderItemType, ReturnStatus};

use crate::language::{of_results, say};
use crate::view::words::coded;

/// A complaint's status: `201, waiting for the merchant`.
pub(crate) fn status(status: CallbackStatus) -> String {
    coded("state", &status.to_string())
}

/// A complaint's subject: `641, not as described`.
pub(crate) fn kind(kind: CallbackType) -> String {
    coded("order-type", &kind.to_string())
}

/// The delivery of returned goods: `in transit`.
pub(crate) fn delivery(status: ReturnStatus) -> String {
    of_results().word("return-status", &status.to_string()).into_owned()
}

/// The state of the appeal, if there is one.
pub(crate) fn appeal(state: AppealState) -> Option<String> {
    match state {
        AppealState::None => None,
        AppealState::MerchantMayAppeal => Some(say("appeal-open-command")),
        other => Some(of_results().word("appeal-state", &other.to_string()).into_owned()),
    }
}

/// An entry of the history.
pub(crate) fn happened(kind: OrderItemType) -> String {
    of_results().word("order-item", &kind.to_string()).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_words_and_unknown_ones_stay() {
        assert_eq!(status(CallbackStatus::WaitingForMerchant), "201, waiting for the merchant");
        assert_eq!(status(CallbackStatus::AgentHandling103), "103, the platform is handling it");
        assert_eq!(status(999.into()), "999");
        assert_eq!(kind(CallbackType::NotAsDescribed), "641, not as described");
        assert_eq!((appeal(AppealState::None), appeal(500.into())), (None, Some("500".to_owned())));
        assert_eq!(appeal(AppealState::MerchantMayAppeal).unwrap(), "you may appeal: `mini-program appeal`");
        assert_eq!(happened((-3).into()), "-3");
        assert_eq!(
            (delivery(ReturnStatus::InTransit), delivery(16.into())),
            ("in transit".to_owned(), "16".to_owned())
        );
    }
}
