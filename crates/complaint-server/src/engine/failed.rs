//! A failure as a reason that the inbox keeps: its code, the details, the platform's own words.

use complaint_inbox::Reason;
use protocol_core::call::{CallError, ResponseFailure};
use protocol_core::channel::ChannelError;
use protocol_core::{Delivery, Failure, Fault, Personal};

/// A failure of an act or of a picture: its meaning for the attempt, and the reason that is kept.
#[derive(Debug)]
pub(crate) struct Failed {
    pub(super) failure: Failure,
    pub(crate) reason: Reason,
}

impl Failed {
    /// A failure whose reason is known without an error.
    pub(crate) fn new(failure: Failure, code: &str, words: impl Into<String>) -> Self {
        Self { failure, reason: Reason::new(code, cut(&words.into())) }
    }

    /// A failure at this side, before anything was sent.
    pub(crate) fn local(code: &str, words: impl Into<String>) -> Self {
        Self::new(Failure::new(Fault::Local, Delivery::NotSent), code, words)
    }

    fn of(failure: Failure, words: &str, quote: Option<Personal<String>>) -> Self {
        let quote = quote.map(|quote| Personal::new(cut(quote.expose())));
        Self { failure, reason: Reason::new(code(&failure, quote.is_some()), cut(words)).with_quote(quote) }
    }
}

impl<R: ResponseFailure> From<CallError<R>> for Failed {
    fn from(error: CallError<R>) -> Self {
        Self::of(error.failure(), &error.to_string(), error.quote())
    }
}

impl From<ChannelError> for Failed {
    fn from(error: ChannelError) -> Self {
        Self::of(error.failure(), &error.to_string(), error.quote().cloned())
    }
}

/// The code of a failure; texts for people have the names `reason-CODE`.
const fn code(failure: &Failure, is_in_words: bool) -> &'static str {
    match failure.fault {
        Fault::Caller if matches!(failure.delivery, Delivery::NotSent) && !is_in_words => "invalid",
        Fault::Caller => "rejected",
        // Such as a state that Allinpay reports: it will not be another one later.
        Fault::Platform if is_in_words && !failure.is_retryable => "rejected",
        Fault::Platform => "platform",
        Fault::Network => "network",
        Fault::Peer => "unproven",
        _ => "local",
    }
}

fn cut(words: &str) -> String {
    words.chars().take(MAX_REASON).collect()
}

/// Longest words and quote that are kept, in characters.
const MAX_REASON: usize = 300;

#[cfg(test)]
mod tests {
    use complaint_texts::Language;

    use super::*;

    #[test]
    fn every_failure_has_a_code_with_words_in_each_language() {
        for fault in [Fault::Caller, Fault::Peer, Fault::Platform, Fault::Network, Fault::Local] {
            for delivery in [Delivery::NotSent, Delivery::Unknown, Delivery::Processed] {
                for is_in_words in [false, true] {
                    let code = code(&Failure::new(fault, delivery), is_in_words);
                    for language in Language::ALL {
                        assert!(language.known_word("reason", code).is_some(), "{language} {code}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_refusal_in_words_is_the_platforms() {
        let of = |fault, delivery, is_in_words| code(&Failure::new(fault, delivery), is_in_words);
        assert_eq!(of(Fault::Caller, Delivery::NotSent, false), "invalid");
        assert_eq!(of(Fault::Caller, Delivery::Processed, true), "rejected");
        assert_eq!(of(Fault::Platform, Delivery::Processed, true), "rejected");
        assert_eq!(of(Fault::Platform, Delivery::Unknown, false), "platform");
        let busy = Failure::new(Fault::Platform, Delivery::Unknown).with_is_retryable(true);
        assert_eq!(code(&busy, true), "platform");
    }

    #[test]
    fn words_and_quote_have_a_bound() {
        let failure = Failure::new(Fault::Caller, Delivery::Processed);
        for length in [MAX_REASON, MAX_REASON + 1] {
            let text = "词".repeat(length);
            let reason = Failed::of(failure, &text, Some(text.clone().into())).reason;
            let most = "词".repeat(MAX_REASON);
            assert_eq!(Failed::local("local", text.as_str()).reason.words, most);
            assert_eq!((&reason.words, reason.quote.unwrap().expose()), (&most, &most));
        }
    }
}
