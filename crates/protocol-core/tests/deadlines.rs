//! Deadlines: the published rules of each channel, both sides of every bound, and any story of a
//! complaint, told in any order and any time zone, at any time of a clock that goes back.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test states what must hold"
)]

mod common;

use common::decode_json;
use proptest::prelude::*;
use protocol_core::UnixTime;
use protocol_core::allinpay::AlipayComplaint;
use protocol_core::complaint::{
    CallbackStatus, Complaint, CountedFrom, DeadlineSource, DeadlineStatus, Deadlines, Due, FINISH_WITHIN_SECONDS,
    NEAR_SECONDS, NegotiationRecord, OrderDetail, REPLY_WITHIN_SECONDS, UnknownDue,
};
use protocol_core::mini_program::ComplaintCallback;
use serde_json::{Value, json};

/// 2025-03-14 15:09:26 in China.
const FILED: UnixTime = UnixTime(1_741_936_166);

const HOUR: u32 = 3600;

fn complaint(document: &Value) -> Complaint {
    Complaint::decode(document.to_string().as_bytes()).unwrap().trust_anyway()
}

/// A row of a list, filed at [`FILED`].
fn row(state: &str, times: i64) -> Value {
    json!({"complaint_id": "1", "complaint_time": "2025-03-14T15:09:26+08:00", "complaint_state": state,
        "user_complaint_times": times})
}

fn history(entries: &[(&str, &str, &str)]) -> Vec<NegotiationRecord> {
    let entry = |(id, kind, time): &(&str, &str, &str)| {
        let text = json!({"log_id": id, "operate_type": kind, "operate_time": time}).to_string();
        decode_json("an entry", text.as_bytes()).unwrap()
    };
    entries.iter().map(entry).collect()
}

const fn filing(within: u32) -> Due {
    Due::At { time: FILED.plus(within), counted_from: CountedFrom::Filing(FILED) }
}

fn dues(deadlines: Deadlines) -> (Due, Due) {
    (deadlines.reply.due, deadlines.finish.due)
}

const REPLY: Due = filing(REPLY_WITHIN_SECONDS);
const FINISH: Due = filing(FINISH_WITHIN_SECONDS);
const CONTINUED: Due = Due::Unknown(UnknownDue::Continued);

#[test]
fn the_published_periods_are_24_and_72_hours() {
    assert_eq!((REPLY_WITHIN_SECONDS, FINISH_WITHIN_SECONDS), (24 * HOUR, 72 * HOUR));
    let deadlines = complaint(&row("PENDING", 1)).deadlines();
    assert_eq!(dues(deadlines), (REPLY, FINISH));
    assert_eq!(deadlines.reply.source, DeadlineSource::WechatPayCustomerService);
    assert!(deadlines.reply.source.reference().contains("kf.qq.com/faq/230125a6NbmA230125vMNZnE.html"));
    assert_eq!(deadlines.next(), deadlines.reply);
}

#[test]
fn a_status_changes_at_its_bounds_exactly() {
    use DeadlineStatus::{Near, Open, Over};

    let reply = complaint(&row("PENDING", 1)).deadlines().reply;
    let due = REPLY_WITHIN_SECONDS;
    for (passed, near, status) in [
        (0, NEAR_SECONDS, Open),
        (due - NEAR_SECONDS - 1, NEAR_SECONDS, Open),
        (due - NEAR_SECONDS, NEAR_SECONDS, Near),
        (due - 1, NEAR_SECONDS, Near),
        (due, NEAR_SECONDS, Over),
        (due - HOUR - 1, HOUR, Open),
        (due - HOUR, HOUR, Near),
        (due - 1, 0, Open),
        (due, 0, Over),
        (0, due, Near),
        (0, due - 1, Open),
    ] {
        assert_eq!(reply.status(FILED.plus(passed), near), status, "{passed} {near}");
    }
    assert!(!reply.is_due_by(FILED.plus(due - 1)) && reply.is_due_by(FILED.plus(due)));
}

/// PENDING means no reply yet, PROCESSING that there was one, PROCESSED that it is over.
#[test]
fn a_row_alone_tells_of_a_first_complaint_only() {
    let of = |state, times| dues(complaint(&row(state, times)).deadlines());
    assert_eq!(of("PENDING", 1), (REPLY, FINISH));
    assert_eq!(of("PROCESSING", 1), (Due::Met, FINISH));
    assert_eq!(of("PROCESSED", 1), (Due::Met, Due::Met));
    assert_eq!(of("NEW_STATE", 1), (Due::Unknown(UnknownDue::State), Due::Unknown(UnknownDue::State)));
    for times in [2, 7, 0, -1, i64::MAX, i64::MIN] {
        assert_eq!(of("PENDING", times), (CONTINUED, CONTINUED), "{times}");
        assert_eq!(of("PROCESSING", times), (CONTINUED, CONTINUED), "{times}");
        assert_eq!(of("PROCESSED", times), (Due::Met, Due::Met), "{times}");
    }
}

/// An unknown deadline is listed first and never called over.
#[test]
fn unknown_comes_first_and_is_never_over() {
    let unknown = complaint(&row("PENDING", 2)).deadlines();
    let lapsed = order(CallbackStatus::MerchantTimedOut, 0).deadlines();
    let due = complaint(&row("PENDING", 1)).deadlines();
    let later = complaint(&row("PROCESSING", 1)).deadlines();
    let met = complaint(&row("PROCESSED", 1)).deadlines();
    let mut sorted = [met, later, due, lapsed, unknown];
    sorted.sort_by_key(Deadlines::next);
    assert_eq!(sorted, [unknown, lapsed, due, later, met]);
    for now in [i64::MIN, 0, FILED.0, i64::MAX] {
        assert_eq!(unknown.status(UnixTime(now)), DeadlineStatus::Unknown);
        assert_eq!(met.status(UnixTime(now)), DeadlineStatus::Met);
        assert_eq!(lapsed.status(UnixTime(now)), DeadlineStatus::Over);
        assert!(unknown.next().is_due_by(UnixTime(now)) && !met.next().is_due_by(UnixTime(now)));
    }
}

#[test]
fn a_member_that_is_absent_or_cannot_be_read_makes_it_unknown() {
    let without = |name: &str| {
        let mut row = row("PENDING", 1);
        row.as_object_mut().unwrap().remove(name);
        dues(complaint(&row).deadlines())
    };
    let with = |name: &str, value: Value| {
        let mut row = row("PENDING", 1);
        row[name] = value;
        dues(complaint(&row).deadlines())
    };
    let (state, time) = (Due::Unknown(UnknownDue::State), Due::Unknown(UnknownDue::Time));
    assert_eq!(without("complaint_time"), (time, time));
    assert_eq!(with("complaint_time", json!("20250314150926")), (time, time));
    assert_eq!(with("complaint_time", json!(["2025-03-14T15:09:26+08:00"])), (time, time));
    assert_eq!(without("complaint_state"), (state, state));
    assert_eq!(with("complaint_state", json!({})), (state, state));
    assert_eq!(without("user_complaint_times"), (CONTINUED, CONTINUED));
    assert_eq!(with("user_complaint_times", json!("once")), (CONTINUED, CONTINUED));
}

#[test]
fn a_continued_complaint_starts_anew_with_its_last_continuation() {
    let story = [
        ("1", "USER_CREATE_COMPLAINT", "2025-03-14T15:09:26+08:00"),
        ("2", "MERCHANT_RESPONSE", "2025-03-14T16:00:00+08:00"),
        ("3", "MERCHANT_CONFIRM_COMPLETE", "2025-03-14T17:00:00+08:00"),
        ("4", "USER_CONTINUE_COMPLAINT", "2025-03-20T10:00:00+08:00"),
    ];
    let again = UnixTime(1_742_436_000);
    let counted_from = CountedFrom::Continuation(again);
    let at = |within| Due::At { time: again.plus(within), counted_from };
    let (reply, finish) = (at(REPLY_WITHIN_SECONDS), at(FINISH_WITHIN_SECONDS));
    for state in ["PENDING", "PROCESSING"] {
        let complaint = complaint(&row(state, 2));
        assert_eq!(dues(complaint.deadlines_with(&history(&story))), (reply, finish), "{state}");
        // A reply within the same second may be the earlier of the two.
        let mut replied = story.to_vec();
        replied.push(("5", "MERCHANT_RESPONSE", "2025-03-20T10:00:00+08:00"));
        assert_eq!(dues(complaint.deadlines_with(&history(&replied))), (reply, finish), "{state}");
        for act in
            ["MERCHANT_RESPONSE", "MERCHANT_APPROVE_REFUND", "MERCHANT_REFUSE_RERUND", "MERCHANT_CONFIRM_COMPLETE"]
        {
            let mut replied = story.to_vec();
            replied.push(("5", act, "2025-03-20T10:00:01+08:00"));
            assert_eq!(dues(complaint.deadlines_with(&history(&replied))), (Due::Met, finish), "{state} {act}");
        }
        // Neither the payer nor the platform can reply for the merchant.
        for other in ["USER_RESPONSE", "PLATFORM_RESPONSE", "PLATFORM_HELP_APPLICATION", "NEW_KIND"] {
            let mut said = story.to_vec();
            said.push(("5", other, "2025-03-20T10:00:01+08:00"));
            assert_eq!(dues(complaint.deadlines_with(&history(&said))), (reply, finish), "{state} {other}");
        }
    }
    // The state was read before the payer continued.
    for state in ["PENDING", "PROCESSING", "PROCESSED"] {
        assert_eq!(dues(complaint(&row(state, 1)).deadlines_with(&history(&story))), (reply, finish), "{state}");
    }
    assert_eq!(dues(complaint(&row("PROCESSED", 2)).deadlines_with(&history(&story))), (Due::Met, Due::Met));
    // Older documents do not count.
    let mut older = row("PENDING", 2);
    older.as_object_mut().unwrap().remove("user_complaint_times");
    assert_eq!(dues(complaint(&older).deadlines_with(&history(&story))), (reply, finish));
}

/// The system's notice of a continuation is not another continuation, and stands for one that is
/// missing.
#[test]
fn a_notice_of_a_continuation_counts_once() {
    let notice = [
        ("1", "USER_CREATE_COMPLAINT", "2025-03-14T15:09:26+08:00"),
        ("2", "USER_CONTINUE_COMPLAINT", "2025-03-20T10:00:00+08:00"),
        ("3", "USER_CONTINUE_COMPLAINT_SYSTEM_MESSAGE", "2025-03-20T10:00:02+08:00"),
    ];
    let start = |entries: &[_]| complaint(&row("PENDING", 2)).deadlines_with(&history(entries)).reply.due;
    let continued = |time| Due::At {
        time: UnixTime(time).plus(REPLY_WITHIN_SECONDS),
        counted_from: CountedFrom::Continuation(UnixTime(time)),
    };
    assert_eq!(start(&notice), continued(1_742_436_000));
    assert_eq!(start(&[notice[0], notice[2]]), continued(1_742_436_002));
    // The same entry on two pages is one.
    assert_eq!(start(&[notice[0], notice[1], notice[1]]), continued(1_742_436_000));
}

#[test]
fn a_history_that_is_not_clear_tells_no_more_than_the_row() {
    let complaint = complaint(&row("PENDING", 2));
    let unknown = (CONTINUED, CONTINUED);
    assert_eq!(dues(complaint.deadlines_with(&[])), unknown);
    let filed = ("1", "USER_CREATE_COMPLAINT", "2025-03-14T15:09:26+08:00");
    // The continuation is not there: the history is older than the row, or not all of it.
    assert_eq!(dues(complaint.deadlines_with(&history(&[filed]))), unknown);
    assert_eq!(
        dues(complaint.deadlines_with(&history(&[filed, ("2", "USER_CONTINUE_COMPLAINT", "yesterday")]))),
        unknown
    );
    for member in [r#""operate_type":["USER_RESPONSE"]"#, r#""operate_type":"USER_RESPONSE","operate_time":true"#] {
        let text = format!(
            r#"{{"data":[{{"log_id":"1","operate_type":"USER_CONTINUE_COMPLAINT","operate_time":"2025-03-20T10:00:00+08:00"}},
                {{"log_id":"2",{member}}}]}}"#
        );
        let history = protocol_core::complaint::NegotiationHistory::decode(text.as_bytes()).unwrap().trust_anyway();
        assert_eq!(history.data.len(), 2);
        assert_eq!(dues(complaint.deadlines_with(&history.data)), unknown, "{member}");
    }
}

fn order(status: CallbackStatus, expire_time: i64) -> protocol_core::complaint::OrderComplaint {
    let text = json!({"complaintOrder": {"status": status.code(), "expireTime": expire_time}}).to_string();
    OrderDetail::decode(text.as_bytes()).unwrap().trust_anyway().complaint_order.unwrap()
}

/// `expire_time` is the merchant's in 201 and 206 only.
#[test]
fn a_mini_program_gives_the_time_itself() {
    let given = Due::At { time: FILED, counted_from: CountedFrom::GivenTime };
    let (time, lapsed) = (Due::Unknown(UnknownDue::Time), Due::Lapsed { time: None });
    for status in CallbackStatus::KNOWN {
        let expected = match status.code() {
            201 => (given, Due::Met),
            206 => (Due::Met, given),
            202 => (lapsed, Due::Met),
            208 => (Due::Met, lapsed),
            106 | 108 | 311 => (Due::Met, Due::Unknown(UnknownDue::NotTheMerchants)),
            _ => (Due::Met, Due::Met),
        };
        let deadlines = order(*status, FILED.0).deadlines();
        assert_eq!(dues(deadlines), expected, "{status}");
        assert_eq!(deadlines.finish.source, DeadlineSource::Document);
        let push: ComplaintCallback = decode_json(
            "a push",
            json!({"status": status.code().to_string(), "expire_time": FILED.0}).to_string().as_bytes(),
        )
        .unwrap();
        assert_eq!(push.deadlines(), deadlines);
    }
    let unknown = (Due::Unknown(UnknownDue::State), Due::Unknown(UnknownDue::State));
    assert_eq!(dues(order(999.into(), FILED.0).deadlines()), unknown);
    for none in [0, -1] {
        assert_eq!(dues(order(201.into(), none).deadlines()), (time, Due::Met));
        assert_eq!(dues(order(311.into(), none).deadlines()), (Due::Met, time));
    }
    for (text, expected) in [
        (r#"{"complaintOrder":{"status":["201"],"expireTime":1741936166}}"#, unknown),
        (r#"{"complaintOrder":{"status":201,"expireTime":"tomorrow"}}"#, (time, Due::Met)),
        (r#"{"complaintOrder":{"status":201}}"#, (time, Due::Met)),
        (r#"{"complaintOrder":{}}"#, unknown),
    ] {
        let detail = OrderDetail::decode(text.as_bytes()).unwrap().trust_anyway();
        assert_eq!(dues(detail.complaint_order.unwrap().deadlines()), expected, "{text}");
    }
}

#[test]
fn alipay_gives_the_time_of_processing_in_china() {
    let of = |status: &str, overdue: &str| {
        let text = json!({"id": "1", "status": status, "gmt_overdue": overdue}).to_string();
        let deadlines = decode_json::<AlipayComplaint>("a complaint", text.as_bytes()).unwrap().deadlines();
        assert_eq!((deadlines.reply.due, deadlines.finish.source), (Due::Met, DeadlineSource::Document));
        deadlines.finish.due
    };
    const AT: &str = "2025-03-14 15:09:26";
    let given = Due::At { time: FILED, counted_from: CountedFrom::GivenTime };
    for (status, due) in [
        ("WAIT_PROCESS", given),
        ("PROCESSING", given),
        ("OVERDUE", Due::Lapsed { time: Some(FILED) }),
        ("PART_OVERDUE", Due::Lapsed { time: Some(FILED) }),
        ("PROCESSED", Due::Met),
        ("OVERDUE_PROCESSED", Due::Met),
        ("DROP_COMPLAIN", Due::Met),
        ("DROP_OVERDUE_COMPLAIN", Due::Met),
        ("DROP_PROCESSED", Due::Met),
        ("DROP_OVERDUE_PROCESSED", Due::Met),
        ("NEW", Due::Unknown(UnknownDue::State)),
    ] {
        assert_eq!(of(status, AT), due, "{status}");
    }
    for none in ["", "soon", "2025-03-14", "2025-03-14T15:09:26+08:00", "2025-02-30 00:00:00", "2025-03-14 15:09:26 "] {
        assert_eq!(of("WAIT_PROCESS", none), Due::Unknown(UnknownDue::Time), "{none}");
        assert_eq!(of("OVERDUE", none), Due::Lapsed { time: None }, "{none}");
    }
}

#[test]
fn a_channel_without_a_source_says_so() {
    let deadlines = complaint(&row("PENDING", 1)).deadlines().taken_as_wechat_pays();
    assert_eq!(dues(deadlines), (REPLY, FINISH));
    assert_eq!((deadlines.reply.source, deadlines.finish.source), {
        let source = DeadlineSource::TakenAsWechatPays;
        (source, source)
    });
    assert!(deadlines.reply.source.reference().contains("not confirmed"));
}

#[test]
fn a_complaint_of_virtual_payment_has_no_source_of_its_own() {
    for order in [json!({"wxa_out_trade_no": "course-17"}), json!({"transaction_id": "42", "wx_order_id": "MP1"})] {
        let mut document = row("PENDING", 1);
        document["complaint_order_info"] = json!([{"transaction_id": "41"}, order]);
        let complaint = complaint(&document);
        let filed = history(&[("1", "USER_CREATE_COMPLAINT", "2025-03-14T15:09:26+08:00")]);
        let unclear = history(&[("1", "USER_CREATE_COMPLAINT", "soon")]);
        let all = [complaint.deadlines(), complaint.deadlines_with(&filed), complaint.deadlines_with(&unclear)];
        for deadlines in all {
            assert_eq!(dues(deadlines), (REPLY, FINISH));
            let sources = [deadlines.reply.source, deadlines.finish.source];
            assert_eq!(sources, [DeadlineSource::TakenAsWechatPays; 2]);
        }
    }
    let mut document = row("PENDING", 1);
    document["complaint_order_info"] = json!([{"transaction_id": "41", "out_trade_no": "1"}]);
    let source = complaint(&document).deadlines().reply.source;
    assert_eq!(source, DeadlineSource::WechatPayCustomerService);
}

/// What can happen to a complaint.
#[derive(Debug, Clone, Copy)]
enum Step {
    Reply,
    Complete,
    Refuse,
    Continue,
    PayerWrites,
}

/// A complaint as the platform lives through it: the steps, with the seconds between them.
fn stories() -> impl Strategy<Value = Vec<(Step, u32)>> {
    let step = prop_oneof![
        Just(Step::Reply),
        Just(Step::Complete),
        Just(Step::Refuse),
        Just(Step::Continue),
        Just(Step::PayerWrites),
    ];
    prop::collection::vec((step, 1..200 * HOUR), 0..12)
}

/// The same instant in a time zone, with or without a fraction.
fn written(time: UnixTime, zone_minutes: i32, fraction: bool) -> String {
    let local = time.0 + i64::from(zone_minutes) * 60;
    let (days, second) = (local.div_euclid(86_400), local.rem_euclid(86_400));
    // Howard Hinnant's civil-from-days, independent of the library's calendar.
    let z = days + 719_468;
    let (era, day_of_era) = (z.div_euclid(146_097), z.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_index = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_index + 2) / 5 + 1;
    let month = if month_index < 10 { month_index + 3 } else { month_index - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    let sign = if zone_minutes < 0 { '-' } else { '+' };
    let (zone_hours, zone_rest) = (zone_minutes.abs() / 60, zone_minutes.abs() % 60);
    let fraction = if fraction { ".120" } else { "" };
    let zone = if zone_minutes == 0 { "Z".to_owned() } else { format!("{sign}{zone_hours:02}:{zone_rest:02}") };
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}{zone}")
}

proptest! {
    /// The deadlines are those of a platform that lived through the story step by step, whatever
    /// the order of the entries and the time zones.
    #[test]
    fn any_story_has_the_deadlines_of_its_last_start(
        story in stories(),
        zones in prop::collection::vec((-14 * 60..=14 * 60_i32, any::<bool>()), 13),
        order in any::<prop::sample::Index>(),
        reversed in any::<bool>(),
        reopens_as_processing in any::<bool>(),
    ) {
        let mut now = FILED;
        let (mut start, mut has_acted, mut state, mut times) = (CountedFrom::Filing(FILED), false, "PENDING", 1);
        let zone = |number: usize| zones[number % zones.len()];
        let told = |time, number: usize| { let (zone, fraction) = zone(number); written(time, zone, fraction) };
        let mut entries = vec![("USER_CREATE_COMPLAINT", told(FILED, 0))];
        for (number, (step, pause)) in story.iter().enumerate() {
            now = now.plus(*pause);
            let kind = match step {
                Step::PayerWrites => "USER_RESPONSE",
                Step::Continue => {
                    (start, has_acted, times) = (CountedFrom::Continuation(now), false, times + 1);
                    state = if reopens_as_processing { "PROCESSING" } else { "PENDING" };
                    "USER_CONTINUE_COMPLAINT"
                }
                // Nothing more can be done about a closed complaint.
                _ if state == "PROCESSED" => continue,
                Step::Reply => { (has_acted, state) = (true, "PROCESSING"); "MERCHANT_RESPONSE" }
                Step::Complete => { (has_acted, state) = (true, "PROCESSED"); "MERCHANT_CONFIRM_COMPLETE" }
                Step::Refuse => { (has_acted, state) = (true, "PROCESSED"); "MERCHANT_REFUSE_RERUND" }
            };
            entries.push((kind, told(now, number + 1)));
        }
        let mut records: Vec<NegotiationRecord> = entries.iter().enumerate().map(|(number, (kind, time))| {
            history(&[(&number.to_string(), kind, time)]).remove(0)
        }).collect();
        let by = order.index(records.len());
        records.rotate_left(by);
        if reversed { records.reverse(); }

        let mut document = row(state, times);
        document["complaint_time"] = json!(told(FILED, 12));
        let complaint = complaint(&document);
        let begun = match start {
            CountedFrom::Filing(time) | CountedFrom::Continuation(time) => time,
            other => panic!("{other:?}"),
        };
        let at = |within| Due::At { time: begun.plus(within), counted_from: start };
        let is_closed = state == "PROCESSED";
        let reply = if has_acted || is_closed { Due::Met } else { at(REPLY_WITHIN_SECONDS) };
        let finish = if is_closed { Due::Met } else { at(FINISH_WITHIN_SECONDS) };
        prop_assert_eq!(dues(complaint.deadlines_with(&records)), (reply, finish));

        // The row alone says the same, or that it does not know. It never calls that over.
        let alone = complaint.deadlines();
        for (alone, told) in [(alone.reply.due, reply), (alone.finish.due, finish)] {
            prop_assert!(alone == told || (alone == CONTINUED && times > 1), "{:?} {:?}", alone, told);
        }
    }

    /// The status at a time does not depend on what was asked before, and only grows with the time.
    #[test]
    fn a_clock_that_goes_back_finds_what_was_then(
        state in prop::sample::select(vec!["PENDING", "PROCESSING", "PROCESSED", "OTHER"]),
        times in 1..3_i64,
        readings in prop::collection::vec(any::<i64>(), 1..8),
        around in prop::collection::vec(-300_000..300_000_i64, 1..8),
        near in any::<u32>(),
    ) {
        let deadlines = complaint(&row(state, times)).deadlines();
        let now = readings.into_iter().chain(around.into_iter().map(|offset| FILED.0 + offset));
        let mut now: Vec<UnixTime> = now.map(UnixTime).collect();
        let statuses = |now: &[UnixTime]| -> Vec<[DeadlineStatus; 2]> {
            now.iter().map(|now| [deadlines.reply, deadlines.finish].map(|one| one.status(*now, near))).collect()
        };
        let there = statuses(&now);
        now.reverse();
        let mut back = statuses(&now);
        back.reverse();
        prop_assert_eq!(there, back);
        now.sort_unstable();
        let rank = |status: &DeadlineStatus| match status {
            DeadlineStatus::Open => Some(0),
            DeadlineStatus::Near => Some(1),
            DeadlineStatus::Over => Some(2),
            DeadlineStatus::Met | DeadlineStatus::Unknown => None,
        };
        for pair in statuses(&now).windows(2) {
            for (before, after) in pair[0].iter().zip(&pair[1]) {
                match (rank(before), rank(after)) {
                    (Some(earlier), Some(later)) => prop_assert!(earlier <= later),
                    _ => prop_assert_eq!(before, after),
                }
            }
        }
    }
}

#[test]
fn deadlines_are_stored_as_json_and_read_again() {
    let pending = complaint(&row("PENDING", 1)).deadlines();
    let reply = json!({"due": {"at": {"time": FILED.0 + 86_400, "counted_from": {"filing": FILED.0}}},
        "source": "wechat_pay_customer_service"});
    assert_eq!(serde_json::to_value(pending).unwrap()["reply"], reply);
    for (state, times) in [("PENDING", 1), ("PENDING", 2), ("PROCESSING", 1), ("PROCESSED", 1), ("?", 1)] {
        let deadlines = complaint(&row(state, times)).deadlines();
        for deadlines in [deadlines, deadlines.taken_as_wechat_pays()] {
            let json = serde_json::to_string(&deadlines).unwrap();
            assert_eq!(serde_json::from_str::<Deadlines>(&json).unwrap(), deadlines);
        }
    }
}
