//! `list`: the complaints of a span of days.

use std::collections::HashSet;

use clap::Args;
use futures_util::StreamExt as _;
use jiff::ToSpan as _;
use jiff::civil::Date;
use jiff::tz::Offset;
use protocol_core::UnixTime;
use protocol_core::complaint::{Complaint, ComplaintState, Deadlines, Due};
use protocol_core::wechat_pay::ListComplaints;
use serde::Serialize;

use crate::args::{ColumnArguments, Via};
use crate::channel::{self, Channel};
use crate::commands::decode::open_phones;
use crate::commands::show::Shown;
use crate::config::Config;
use crate::error::Error;
use crate::input;
use crate::language::{language, say, say_with};
use crate::view::columns::{Column, Columns};
use crate::view::due;
use crate::view::output;
use crate::view::phone::Phones;
use crate::view::progress::Progress;
use crate::view::rows::{Case, DOCUMENT_COLUMNS, Value, of_complaint};
use crate::view::screen::{self, Form};
use crate::view::table::Fit;
use crate::view::tone::Tone;
use crate::view::words::amount;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// First day, in China. Default: 29 days before the last one.
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    pub(crate) from: Option<Date>,

    /// Last day, in China. Default: today.
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    pub(crate) to: Option<Date>,

    /// Only complaints in this state: PENDING, PROCESSING or PROCESSED.
    #[arg(long, value_name = "STATE", value_parser = state)]
    pub(crate) state: Option<ComplaintState>,

    /// Only complaints that the merchant still has to act on.
    #[arg(long)]
    pub(crate) open: bool,

    /// Only complaints whose next deadline is over, unknown, or within this time, such as 30m, 6h
    /// or 2d; at most 365d.
    #[arg(long, value_name = "TIME", value_parser = within)]
    pub(crate) due_within: Option<u32>,

    /// Only complaints about this merchant, for a service provider. WeChat Pay only.
    #[arg(long, value_name = "MCHID")]
    pub(crate) accused: Option<String>,

    /// Complaints per page. Default: 50. WeChat Pay only.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=50))]
    pub(crate) page_size: Option<u32>,

    /// Print `payer_phone` in clear, decrypted with the merchant's key or an older one.
    /// WeChat Pay only. Without it, tables and CSV mask phone numbers.
    #[arg(long)]
    pub(crate) decrypt: bool,

    #[command(flatten)]
    pub(crate) columns: ColumnArguments,

    #[command(flatten)]
    pub(crate) via: Via,
}

/// Days of a window. The platform takes spans of 30 days.
const WINDOW_DAYS: i32 = 30;

/// Complaints per page, by default.
const PAGE: u32 = 50;

/// The columns of the table. On a narrow terminal some are left out, as [`Fit`] says.
const TABLE: &[&str] =
    &["due", "id", "filed", "state", "amount", "user_complaint_times", "waiting", "complaint_detail"];

/// The same with the phone numbers that are asked for.
const TABLE_WITH_PHONES: &[&str] =
    &["due", "id", "filed", "state", "amount", "user_complaint_times", "waiting", "payer_phone", "complaint_detail"];

/// Whether the payer waits for a reply.
const WAITING: &[Column] = &[Column::for_people("waiting", Fit::Spare(4))];

pub(crate) fn run(arguments: &Arguments, config: &Config) -> Result<(), Error> {
    arguments.via.check(&[
        ("--accused", arguments.accused.is_some()),
        ("--page-size", arguments.page_size.is_some()),
        (arguments.via.no_decrypt(), arguments.decrypt),
    ])?;
    let now = input::now(None)?;
    let span = Span::of(arguments, now)?;
    let form = screen::form().unwrap_or(if screen::is_terminal() { Form::Table } else { Form::Json });
    let columns = columns(arguments, form)?;
    channel::run(&arguments.via, config, async |channel| {
        let keys = arguments.decrypt.then(|| channel.phone_keys()).transpose()?;
        let (mut complaints, mut amiss) = read(channel, arguments, span).await?;
        complaints.retain(|complaint| arguments.wants(&complaint.deadlines(), now));
        complaints.sort_by_key(|complaint| complaint.deadlines().next());
        for complaint in &complaints {
            let of = language().text_with("warn-of-complaint", [("id", complaint.complaint_id.as_str().into())]);
            output::note_misfits(Some(of), &complaint.misfits());
        }
        amiss.extend(open_phones(&keys, &mut complaints).err());
        let printed =
            match form {
                Form::Table if complaints.is_empty() && amiss.is_empty() => {
                    let days = [("from", span.first.to_string().into()), ("to", span.last.to_string().into())];
                    output::print_text(&say_with("list-none-between", days))
                }
                Form::Json => output::print_lines([output::json(&Listed::new(channel, &complaints, now))]),
                Form::Jsonl => output::print_lines(complaints.iter().map(|complaint| {
                    output::json(&Shown::new(complaint, &channel.deadlines(complaint.deadlines()), now))
                })),
                Form::Table | Form::Csv | Form::Excel => {
                    columns.print(complaints.iter().map(|complaint| row(complaint, channel, arguments, now)))
                }
            };
        printed.and(output::print_all_but_last(amiss))
    })
}

impl Arguments {
    fn wants(&self, deadlines: &Deadlines, now: UnixTime) -> bool {
        let next = deadlines.next();
        let is_open = !self.open || next.due != Due::Met;
        is_open && self.due_within.is_none_or(|within| next.is_due_by(now.plus(within)))
    }
}

/// The complaints, earliest deadline first, and the deadlines of each.
#[derive(Serialize)]
struct Listed<'a> {
    data: &'a [Complaint],
    deadlines: Vec<due::Told<'a>>,
}

impl<'a> Listed<'a> {
    fn new(channel: &dyn Channel, data: &'a [Complaint], now: UnixTime) -> Self {
        let told = |complaint: &'a Complaint| {
            due::Told::new(&complaint.complaint_id, &channel.deadlines(complaint.deadlines()), now)
        };
        Self { data, deadlines: data.iter().map(told).collect() }
    }
}

/// The complaints, the newest window first and each window in the platform's order, and the errors
/// of some of them.
async fn read(channel: &dyn Channel, arguments: &Arguments, span: Span) -> Result<(Vec<Complaint>, Vec<Error>), Error> {
    let client = channel.client().await?;
    let progress = Progress::reading("progress-complaints");
    let (mut complaints, mut amiss) = (Vec::new(), Vec::new());
    let mut seen = HashSet::new();
    for (first, last) in span.windows() {
        let mut list =
            ListComplaints::new(first.to_string(), last.to_string()).with_limit(arguments.page_size.unwrap_or(PAGE));
        list.complainted_mchid.clone_from(&arguments.accused);
        let mut found = channel.complaints(client, list);
        while let Some(listed) = found.next().await {
            let complaint = match listed {
                Ok(complaint) => complaint,
                Err(error) if error.leaves_the_others() => {
                    amiss.push(error.into());
                    continue;
                }
                Err(error) => return Err(error.into()),
            };
            progress.count();
            let state = &arguments.state;
            // A state that cannot be read may be any.
            let is_readable = complaint.complaint_state().is_ok();
            let wanted = state.is_none() || complaint.complaint_state == *state || !is_readable;
            // A complaint that changes meanwhile may stand in two windows.
            if wanted && seen.insert(complaint.complaint_id.clone()) {
                complaints.push(complaint);
            }
        }
    }
    Ok((complaints, amiss))
}

fn day(text: &str) -> Result<Date, &'static str> {
    // The parser takes every form of ISO 8601; one is documented.
    let date = (text.len() == 10).then(|| text.parse::<Date>().ok()).flatten();
    date.filter(|date| date.to_string() == text).ok_or("expected a day of the calendar, written YYYY-MM-DD")
}

fn state(text: &str) -> Result<ComplaintState, &'static str> {
    let state = ComplaintState::from(&*text.to_ascii_uppercase());
    if state.is_known() { Ok(state) } else { Err("expected PENDING, PROCESSING or PROCESSED") }
}

/// Longest distance of `--due-within`, in days.
const MAX_WITHIN_DAYS: u32 = 365;

/// A distance in seconds, from minutes, hours or days.
pub(crate) fn within(text: &str) -> Result<u32, &'static str> {
    let units = [("m", 60), ("h", 60 * 60), ("d", DAY_SECONDS)];
    let found = units.iter().find_map(|(unit, seconds)| Some((text.strip_suffix(unit)?, seconds)));
    found
        .filter(|(digits, _)| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()))
        .and_then(|(digits, seconds)| digits.parse::<u32>().ok()?.checked_mul(*seconds))
        .filter(|seconds| *seconds <= MAX_WITHIN_DAYS * DAY_SECONDS)
        .ok_or("expected a number with m, h or d after it, such as 6h, at most 365d")
}

const DAY_SECONDS: u32 = 24 * 60 * 60;

/// Days in China, both included.
#[derive(Debug, Clone, Copy)]
struct Span {
    first: Date,
    last: Date,
}

impl Span {
    fn of(arguments: &Arguments, now: UnixTime) -> Result<Self, Error> {
        let last = match arguments.to {
            Some(last) => last,
            None => today(now)?,
        };
        let first = arguments.from.unwrap_or_else(|| last.saturating_sub((WINDOW_DAYS - 1).days()));
        if first > last {
            return Err(Error::usage(format_args!(
                "the span begins on {first}, after its end on {last}; nothing was sent"
            )));
        }
        Ok(Self { first, last })
    }

    /// Windows that the platform takes, the newest first.
    fn windows(self) -> impl Iterator<Item = (Date, Date)> {
        let mut last = Some(self.last);
        std::iter::from_fn(move || {
            let end = last.filter(|last| *last >= self.first)?;
            let begin = end.saturating_sub((WINDOW_DAYS - 1).days()).max(self.first);
            last = begin.yesterday().ok();
            Some((begin, end))
        })
    }
}

pub(crate) fn today(now: UnixTime) -> Result<Date, Error> {
    let now = jiff::Timestamp::from_second(now.0)
        .map_err(|_| Error::usage("this machine's clock is beyond the calendar; set it"))?;
    Ok(Offset::constant(8).to_datetime(now).date())
}

fn columns(arguments: &Arguments, form: Form) -> Result<Columns, Error> {
    if matches!(form, Form::Json | Form::Jsonl) {
        arguments.columns.refuse()?;
    }
    let in_table = if arguments.decrypt { TABLE_WITH_PHONES } else { TABLE };
    Columns::choose(form, &[Case::COLUMNS, DOCUMENT_COLUMNS, WAITING], arguments.columns.names(), in_table)
}

/// The values of every column, and the urgency.
fn row(complaint: &Complaint, channel: &dyn Channel, arguments: &Arguments, now: UnixTime) -> (Tone, Vec<Value>) {
    let phones = if arguments.decrypt { Phones::Clear } else { Phones::Masked };
    let deadlines = channel.deadlines(complaint.deadlines());
    let case = Case {
        channel: arguments.via.channel.as_str(),
        merchant: complaint.merchant_no.as_deref().or(complaint.complainted_mchid.as_deref()),
        id: &complaint.complaint_id,
        state: complaint.complaint_state.as_ref().map(|state| state.as_str()),
        is_open: deadlines.next().due != Due::Met,
        filed: complaint.complaint_time.as_ref().and_then(|time| time.to_unix()),
        deadlines: Some(deadlines),
        amount: amount(complaint).map(|fen| fen.0),
    };
    let mut values = case.values(now);
    values.extend(of_complaint(complaint, phones));
    values.push(Value::text(waiting(complaint).as_deref()));
    (case.tone(now), values)
}

/// Whether the payer waits for a reply, and how urgently.
fn waiting(complaint: &Complaint) -> Option<String> {
    match (complaint.need_immediate_service, complaint.incoming_user_response) {
        (Some(true), _) => Some(say("waiting-now")),
        (_, Some(true)) => Some(say("waiting-yes")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(first: &str, last: &str) -> Span {
        Span { first: first.parse().unwrap(), last: last.parse().unwrap() }
    }

    fn windows(first: &str, last: &str) -> Vec<String> {
        span(first, last).windows().map(|(begin, end)| format!("{begin} {end}")).collect()
    }

    #[test]
    fn a_span_is_read_in_windows_without_a_gap_or_a_day_twice() {
        assert_eq!(windows("2025-03-01", "2025-03-01"), ["2025-03-01 2025-03-01"]);
        assert_eq!(windows("2025-03-01", "2025-03-30"), ["2025-03-01 2025-03-30"]);
        assert_eq!(windows("2025-03-01", "2025-03-31"), ["2025-03-02 2025-03-31", "2025-03-01 2025-03-01"]);
        let year = span("2024-01-01", "2024-12-31").windows().collect::<Vec<_>>();
        assert_eq!(year.len(), 13);
        assert!(year.is_sorted_by(|later, earlier| later.0.yesterday().unwrap() == earlier.1));
    }

    #[test]
    fn a_distance_has_a_unit_and_a_bound() {
        let seconds = |text| within(text).ok();
        assert_eq!(["30m", "6h", "2d", "0h"].map(seconds), [Some(1800), Some(21_600), Some(172_800), Some(0)]);
        assert_eq!((seconds("365d"), seconds("366d"), seconds("8760h"), seconds("8761h")), {
            let year = Some(31_536_000);
            (year, None, year, None)
        });
        for none in ["", "h", "6", "6 h", "+6h", "-6h", "6.5h", "６h", "99999999999d"] {
            assert_eq!(seconds(none), None, "{none}");
        }
    }

    #[test]
    fn today_is_chinas() {
        assert_eq!(today(UnixTime(1_741_967_999)).unwrap().to_string(), "2025-03-14");
        assert_eq!(today(UnixTime(1_741_968_000)).unwrap().to_string(), "2025-03-15");
    }
}
