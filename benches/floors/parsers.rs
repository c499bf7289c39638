//! The two parsers: a history of 50 records in JSON, a push of 20 entries in XML. Goals: at most
//! 1.15 times its floor for a history from text, 1.0 times from bytes; 1.1 times for a push.
//!
//! The lines that end in `_least` have the least work with the same result for a floor: the check of
//! UTF-8 and the texts by the same means as ours.

use std::hint::black_box;

use benches::alternate::Alternate;
use benches::comparison::{Comparison, Goal};
use benches::{history, push_xml};

pub(crate) fn history(bench: Alternate) -> Vec<Comparison> {
    let document = history::document(history::PAGE);
    let ours = || history::ours(black_box(document.as_bytes()));
    let from_text = || history::floor(black_box(&document));
    let from_bytes = || history::floor_from_bytes(black_box(document.as_bytes()));
    let least = || history::least_from_bytes(black_box(document.as_bytes()));
    history::assert_same(&from_text(), &ours());
    vec![
        bench.compare("history", from_text, ours).goal(Goal::Ratio(1.15)),
        bench.compare("history_from_bytes", from_bytes, ours).goal(Goal::Ratio(1.0)),
        bench.compare("history_from_bytes_least", least, ours).held(Goal::Ratio(1.15)),
    ]
}

pub(crate) fn push_xml(bench: Alternate) -> Vec<Comparison> {
    let document = push_xml::document(push_xml::ENTRIES);
    let ours = || push_xml::ours(black_box(document.as_bytes()));
    let floor = || push_xml::floor::push(black_box(&document));
    let least = || push_xml::floor::least(black_box(&document));
    push_xml::assert_same(&floor(), &ours());
    push_xml::assert_same(&least(), &ours());
    vec![
        bench.compare("push_xml", floor, ours).goal(Goal::Ratio(1.1)),
        bench.compare("push_xml_least", least, ours).held(Goal::Ratio(1.4)),
    ]
}
