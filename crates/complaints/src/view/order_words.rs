//! Words for the codes of a Mini Program's complaints. An unknown code stays a number.

use protocol_core::complaint::{AppealState, CallbackStatus, CallbackType, OrderItemType, ReturnStatus};

/// A complaint's status: `201, waiting for merchant`.
pub(crate) fn status(status: CallbackStatus) -> String {
    if status.is_known() { format!("{status}, {}", spaced(&format!("{status:?}"))) } else { status.to_string() }
}

/// A complaint's subject: `641, not as described`.
pub(crate) fn kind(kind: CallbackType) -> String {
    if kind.is_known() { format!("{kind}, {}", spaced(&format!("{kind:?}"))) } else { kind.to_string() }
}

/// The delivery of returned goods: `in transit`.
pub(crate) fn delivery(status: ReturnStatus) -> String {
    if status.is_known() { spaced(&format!("{status:?}")) } else { status.to_string() }
}

/// `NotAsDescribed` and `AgentHandling101` in words.
fn spaced(name: &str) -> String {
    let mut words = String::new();
    for character in name.chars().filter(|character| !character.is_ascii_digit()) {
        if character.is_ascii_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.push(character.to_ascii_lowercase());
    }
    words
}

/// The state of the appeal, if there is one.
pub(crate) fn appeal(state: AppealState) -> Option<String> {
    let words = match state {
        AppealState::None => return None,
        AppealState::MerchantMayAppeal => "you may appeal: `mini-program appeal`",
        AppealState::TimeOver => "the time to appeal is over",
        AppealState::InProgress => "is under way",
        AppealState::Won => "was won",
        AppealState::Lost => "was lost",
        other => return Some(other.to_string()),
    };
    Some(words.to_owned())
}

/// An entry of the history.
pub(crate) fn happened(kind: OrderItemType) -> String {
    use OrderItemType as Item;

    let words = match kind {
        Item::UserFiled => "the payer filed the complaint",
        Item::UserMessage => "the payer said",
        Item::MerchantMessage => "the merchant said",
        Item::UserEvidence => "the payer's evidence",
        Item::MerchantEvidence => "the merchant's evidence",
        Item::UserAskedPlatform => "the payer asked the platform for help",
        Item::UserWithdrew => "the payer withdrew it",
        Item::PlatformHandling => "the platform is handling it",
        Item::UserEvidenceWanted => "the payer has to supply evidence",
        Item::MerchantEvidenceWanted => "the merchant has to supply evidence",
        Item::EvidenceWantedFromBoth => "both have to supply evidence",
        Item::ProofAbnormal26 | Item::ProofAbnormal37 => "the proof is not in order; closed",
        Item::MerchantNotLiableFinished => "not the merchant's fault; finished",
        Item::MerchantLiable31 | Item::MerchantLiable32 => "the merchant's fault",
        Item::MerchantNotLiable => "not the merchant's fault",
        Item::ProofAccepted => "the proof is in order; finished",
        Item::MerchantTimedOut => "the merchant was too late",
        Item::UserAccepted => "the payer accepted",
        Item::ProofTimedOut => "the proof came too late",
        Item::UserConfirmTimedOut => "the payer did not respond in time; finished",
        Item::MerchantResponded => "the merchant responded",
        Item::MerchantSubmittedProof => "the merchant submitted proof",
        Item::UserEvidenceTimedOut => "the payer's evidence came too late",
        Item::MerchantEvidenceTimedOut => "the merchant's evidence came too late",
        Item::EvidenceOfBothTimedOut => "both were too late with evidence",
        Item::CompensatedAutomatically => "compensated automatically",
        other => return other.to_string(),
    };
    words.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_words_and_unknown_ones_stay() {
        assert_eq!(status(CallbackStatus::WaitingForMerchant), "201, waiting for merchant");
        assert_eq!(status(CallbackStatus::AgentHandling103), "103, agent handling");
        assert_eq!(status(999.into()), "999");
        assert_eq!(kind(CallbackType::NotAsDescribed), "641, not as described");
        assert_eq!((appeal(AppealState::None), appeal(500.into())), (None, Some("500".to_owned())));
        assert_eq!(happened((-3).into()), "-3");
        assert_eq!(
            (delivery(ReturnStatus::InTransit), delivery(16.into())),
            ("in transit".to_owned(), "16".to_owned())
        );
    }

    #[test]
    fn every_known_event_has_words() {
        for known in OrderItemType::KNOWN {
            assert_ne!(happened(*known), known.to_string());
        }
    }
}
