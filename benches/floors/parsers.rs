//! The two parsers: a history of 50 records in JSON, a push of 20 entries in XML. Goals: at most
//! 1.15 times its floor for a history, the floor's time for one from bytes, and 1.1 times its floor
//! for a push.

use std::hint::black_box;

use benches::{history, push_xml};

use crate::alternate::{Alternate, Comparison, Goal};

pub(crate) fn history(bench: Alternate) -> Vec<Comparison> {
    let document = history::document(history::PAGE);
    let ours = || history::ours(black_box(document.as_bytes()));
    let from_text = || history::floor(black_box(&document));
    let from_bytes = || history::floor_from_bytes(black_box(document.as_bytes()));
    history::assert_same(&from_text(), &ours());
    vec![
        bench.compare("history", from_text, ours).goal(Goal::Ratio(1.15)),
        bench.compare("history_from_bytes", from_bytes, ours).goal(Goal::Ratio(1.0)),
    ]
}

pub(crate) fn push_xml(bench: Alternate) -> Vec<Comparison> {
    let document = push_xml::document(push_xml::ENTRIES);
    let ours = || push_xml::ours(black_box(document.as_bytes()));
    let floor = || push_xml::floor::push(black_box(&document));
    push_xml::assert_same(&floor(), &ours());
    vec![bench.compare("push_xml", floor, ours).goal(Goal::Ratio(1.1))]
}
