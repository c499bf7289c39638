//! The order in which the entries of a history are handed out.

use crate::complaint::NegotiationRecord;
use crate::time::UnixTime;

/// The time when an entry was written, if it has one.
pub(super) fn written(record: &NegotiationRecord) -> Option<UnixTime> {
    record.operate_time.as_ref()?.to_unix()
}

/// Sorts entries by their times. The platform's order seems to be newest first, which is not
/// documented. Entries of the same second keep its order, reversed if it is newest first. An entry
/// without a time stays behind the one that it followed.
pub(super) fn oldest_first(mut records: Vec<NegotiationRecord>) -> Vec<NegotiationRecord> {
    if records.iter().find_map(written) > records.iter().rev().find_map(written) {
        records.reverse();
    }
    let mut last = None;
    let mut timed: Vec<(Option<UnixTime>, NegotiationRecord)> = Vec::with_capacity(records.len());
    for record in records {
        last = written(&record).or(last);
        timed.push((last, record));
    }
    timed.sort_by_key(|(time, _)| *time);
    timed.into_iter().map(|(_, record)| record).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Entries in the platform's order, each with its second if it has one; their ids as they are
    /// handed out.
    #[track_caller]
    fn assert_order(platform: &[(&str, Option<u32>)], expected: &str) {
        let records = platform.iter().map(|(id, second)| {
            let time = second.map(|second| format!("2025-03-14T15:09:{second:02}+08:00"));
            serde_json::from_value(serde_json::json!({"log_id": id, "operate_time": time})).unwrap()
        });
        let ids: String = oldest_first(records.collect()).into_iter().map(|record| record.log_id).collect();
        assert_eq!(ids, expected);
    }

    #[test]
    fn oldest_first_whatever_the_platforms_order() {
        assert_order(&[], "");
        assert_order(&[("a", Some(1)), ("b", Some(2)), ("c", Some(3))], "abc");
        assert_order(&[("c", Some(3)), ("b", Some(2)), ("a", Some(1))], "abc");
        // An entry that slipped in between two pages, one that stands at the end although it is
        // new.
        assert_order(&[("d", Some(4)), ("b", Some(2)), ("a", Some(1)), ("c", Some(3))], "abcd");
        assert_order(&[("a", Some(1)), ("c", Some(3)), ("b", Some(2)), ("d", Some(4))], "abcd");
    }

    #[test]
    fn entries_of_the_same_second_keep_their_order() {
        assert_order(&[("a", Some(1)), ("b", Some(1)), ("c", Some(2))], "abc");
        assert_order(&[("c", Some(2)), ("b", Some(1)), ("a", Some(1))], "abc");
    }

    #[test]
    fn entries_without_a_time_keep_their_place() {
        assert_order(&[("a", None), ("b", None)], "ab");
        assert_order(&[("a", None), ("b", Some(1)), ("c", None), ("d", Some(2))], "abcd");
        assert_order(&[("d", None), ("c", Some(2)), ("b", None), ("a", Some(1))], "abcd");
        assert_order(&[("a", Some(1)), ("d", Some(3)), ("e", None), ("b", Some(2)), ("f", Some(4))], "abdef");
    }
}
