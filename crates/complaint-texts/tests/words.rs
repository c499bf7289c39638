//! Every word of the wire that the core knows has words for people, in both languages.

use complaint_texts::Language;
use protocol_core::allinpay::{AlipayComplaintStatus, AlipayProcessCode};
use protocol_core::channel::ActKind;
use protocol_core::complaint::{
    AppealState, BlameResult, CallbackStatus, CallbackType, ComplaintState, OperateType, OrderItemType, ProblemType,
    ReturnStatus, ServiceOrderState, UserTag,
};

fn assert_known(family: &str, words: impl IntoIterator<Item = String>) {
    let mut count = 0;
    for word in words {
        for language in Language::ALL {
            assert!(language.known_word(family, &word).is_some(), "{family} {word} {language}");
        }
        count += 1;
    }
    assert!(count > 1, "{family}");
}

#[test]
fn every_known_word_has_words() {
    fn words<T>(known: &[T], word: impl Fn(&T) -> String) -> Vec<String> {
        known.iter().map(word).collect()
    }

    assert_known("state", words(ComplaintState::KNOWN, |state| state.as_str().to_owned()));
    assert_known("state", words(CallbackStatus::KNOWN, |state| state.code().to_string()));
    assert_known("state", words(AlipayComplaintStatus::KNOWN, |state| state.as_str().to_owned()));
    assert_known("happened", words(OperateType::KNOWN, |kind| kind.as_str().to_owned()));
    assert_known("order-item", words(OrderItemType::KNOWN, |kind| kind.code().to_string()));
    assert_known("order-type", words(CallbackType::KNOWN, |kind| kind.code().to_string()));
    assert_known("appeal-state", words(AppealState::KNOWN, |state| state.code().to_string()));
    assert_known("blame", words(BlameResult::KNOWN, |result| result.code().to_string()));
    assert_known("return-status", words(ReturnStatus::KNOWN, |status| status.code().to_string()));
    assert_known("outcome", words(AlipayProcessCode::KNOWN, |code| code.as_str().to_owned()));
    assert_known("problem", words(ProblemType::KNOWN, |kind| kind.as_str().to_owned()));
    assert_known("user-tag", words(UserTag::KNOWN, |tag| tag.as_str().to_owned()));
    assert_known("service-order", words(ServiceOrderState::KNOWN, |state| state.as_str().to_owned()));
    assert_known("act", ActKind::ALL.iter().map(|kind| kind.as_str().to_owned()));
}
