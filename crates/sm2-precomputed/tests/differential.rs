//! A thousand verifications beside the crate `sm2`; `examples/differential` makes any number.
#![allow(clippy::indexing_slicing, clippy::expect_used, clippy::panic, reason = "the module of an example")]

#[path = "../examples/differential/rounds.rs"]
mod rounds;

#[test]
fn a_thousand_verdicts_are_the_peers() {
    let tally = rounds::run(1, 1_000);
    assert_eq!(tally.accepted + tally.refused, 1_000);
    assert!(tally.accepted >= 250 && tally.refused >= 500, "{tally:?}");
}
