//! The reason of a failure in a person's language. Words of a platform are quoted as the platform's.

use complaint_inbox::Reason;
use complaint_texts::Language;

/// What is known of the reason, beside the platform's own words: the text of its code; its words, if it
/// has none.
pub(crate) fn ours(language: Language, reason: &Reason) -> String {
    let text = reason.code.as_deref().and_then(|code| language.known_word("reason", code));
    text.unwrap_or_else(|| reason.words.clone())
}

/// All of it in one text.
pub(crate) fn told(language: Language, reason: &Reason) -> String {
    let ours = ours(language, reason);
    match &reason.quote {
        None => ours,
        Some(quote) => {
            let values = [("ours", ours.into()), ("quote", quote.expose().as_str().into())];
            language.text_with("told-quoted", values)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_told_in_the_persons_language_and_a_platform_is_quoted() {
        let reason = Reason::new("rejected", "the platform responded with 400 PARAM_ERROR");
        assert_eq!(told(Language::Chinese, &reason), "平台拒绝了。");
        assert_eq!(told(Language::English, &reason), "The platform refused.");
        let reason = reason.with_quote(Some("PARAM_ERROR 参数错误".to_owned().into()));
        assert_eq!(told(Language::Chinese, &reason), "平台拒绝了。平台的说明：“PARAM_ERROR 参数错误”。");
        assert_eq!(
            told(Language::English, &reason),
            "The platform refused. The platform said: “PARAM_ERROR 参数错误”."
        );
    }

    #[test]
    fn a_reason_of_an_earlier_version_or_with_a_new_code_is_shown_as_it_was_told() {
        for reason in [Reason::from("PARAM_ERROR"), Reason::new("something-new", "PARAM_ERROR")] {
            assert_eq!(told(Language::Chinese, &reason), "PARAM_ERROR");
        }
    }
}
