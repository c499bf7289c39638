//! Words for the codes of a Mini Program's complaints. An unknown code stays a number.

use protocol_core::mini_program::{CallbackStatus, CallbackType};

/// A complaint's status: `201, waiting for merchant`.
pub(crate) fn status(code: i64) -> String {
    let status = CallbackStatus::from(code);
    if status.is_known() { format!("{code}, {}", spaced(&format!("{status:?}"))) } else { code.to_string() }
}

/// A complaint's subject: `641, not as described`.
pub(crate) fn kind(code: i64) -> String {
    let kind = CallbackType::from(code);
    if kind.is_known() { format!("{code}, {}", spaced(&format!("{kind:?}"))) } else { code.to_string() }
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
pub(crate) fn appeal(code: i64) -> Option<String> {
    let words = match code {
        0 => return None,
        401 => "you may appeal: `mini-program appeal`",
        402 => "the time to appeal is over",
        403 => "is under way",
        117 => "was won",
        118 => "was lost",
        _ => return Some(code.to_string()),
    };
    Some(words.to_owned())
}

/// An entry of the history, by `itemType`.
pub(crate) fn happened(code: i64) -> String {
    let words = match code {
        1 => "the payer filed the complaint",
        2 => "the payer said",
        3 => "the merchant said",
        7 => "the payer's evidence",
        8 => "the merchant's evidence",
        11 => "the payer asked the platform for help",
        12 => "the payer withdrew it",
        13 => "the platform is handling it",
        14 => "the payer has to supply evidence",
        16 => "the merchant has to supply evidence",
        18 => "both have to supply evidence",
        26 => "the proof is not in order; closed",
        30 => "not the merchant's fault; finished",
        31 | 32 => "the merchant's fault",
        33 => "not the merchant's fault",
        36 => "the proof is in order; finished",
        37 => "the proof is not in order; closed",
        101 => "the merchant was too late",
        104 => "the payer accepted",
        107 => "the proof came too late",
        108 => "the payer did not respond in time; finished",
        109 => "the merchant responded",
        110 => "the merchant submitted proof",
        111 => "the payer's evidence came too late",
        112 => "the merchant's evidence came too late",
        113 => "both were too late with evidence",
        118 => "compensated automatically",
        _ => return code.to_string(),
    };
    words.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_words_and_unknown_ones_stay() {
        assert_eq!(status(201), "201, waiting for merchant");
        assert_eq!(status(103), "103, agent handling");
        assert_eq!(status(999), "999");
        assert_eq!(kind(641), "641, not as described");
        assert_eq!((appeal(0), appeal(500)), (None, Some("500".to_owned())));
        assert_eq!(happened(-3), "-3");
    }
}
