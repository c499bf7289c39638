//! Numbers: how many complaints were filed, and how soon they were dealt with.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use complaint_inbox::{Day, DayNumbers, Deed, MAX_DAYS, Store};
use complaint_texts::Language;
use complaint_texts::csv::{Dialect, Field};
use http::{StatusCode, Uri};

use super::chart::{Caption, Chart};
use super::frame::{Frame, Section, show};
use super::list::attachment;
use super::merchants::Merchants;
use super::sums::{Measure, Sums};
use super::visitor::Visitor;
use crate::desk::{Desk, Query, Refusal};

/// `GET /numbers`
pub(super) async fn open<S: Store>(
    State(desk): State<Arc<Desk<S>>>,
    visitor: Visitor,
    uri: Uri,
) -> Result<Response, Refusal> {
    let span = Span::read(&desk, &uri)?;
    let numbers = span.numbers(&desk).await?;
    let language = visitor.language();
    let names = Merchants::of(&desk, language);
    let days = by(&numbers, |numbers| numbers.day.to_string());
    let merchants = by(&numbers, |numbers| {
        let merchant = names.words(&numbers.channel, &numbers.merchant);
        format!("{} · {merchant}", language.word("channel", &numbers.channel))
    });
    let mut columns: Vec<(String, Sums)> = span.days().map(|day| (day.to_string(), Sums::default())).collect();
    for (day, sums) in &mut columns {
        *sums = days.get(day).copied().unwrap_or_default();
    }
    let mut rows: Vec<(String, Sums)> = merchants.clone().into_iter().collect();
    rows.sort_by_key(|(_, sums)| Reverse(sums.filed));
    let total = numbers.iter().fold(Sums::default(), Sums::and);
    let page = Numbers {
        frame: Frame::of(&visitor, Section::Numbers, language.text("numbers-title"), &uri),
        from: span.from.to_string(),
        to: span.to.to_string(),
        parts: vec![
            Part {
                charts: charts(language, "numbers-by-day", Chart::by_day, &columns),
                table: Table::new(
                    language.text("numbers-by-day"),
                    language.text("numbers-day"),
                    days.iter().rev(),
                    total,
                    language,
                ),
            },
            Part {
                charts: charts(language, "numbers-by-merchant", Chart::by_merchant, &rows),
                table: Table::new(
                    language.text("numbers-by-merchant"),
                    language.text("list-merchant"),
                    merchants.iter(),
                    total,
                    language,
                ),
            },
        ],
        csv: format!("/numbers.csv?from={}&to={}", span.from, span.to),
    };
    Ok(show(StatusCode::OK, &page))
}

#[derive(Template)]
#[template(path = "numbers.html")]
struct Numbers {
    frame: Frame,
    from: String,
    to: String,
    parts: Vec<Part>,
    csv: String,
}

/// Numbers by day or by merchant.
struct Part {
    charts: Vec<Chart>,
    table: Table,
}

/// A chart of each measure.
fn charts(language: Language, kind: &str, chart: Kind, rows: &[(String, Sums)]) -> Vec<Chart> {
    let chart = |measure: Measure| chart(measure, caption(language, measure, kind), rows);
    Measure::ALL.map(chart).into()
}

type Kind = fn(Measure, Caption, &[(String, Sums)]) -> Chart;

/// The words of a chart.
fn caption(language: Language, measure: Measure, kind: &str) -> Caption {
    let kind = language.text(kind);
    let (title, words) = match measure {
        Measure::Filed => ("chart-filed", "chart-filed-words"),
        Measure::Replied => ("chart-replied", "chart-share-words"),
        Measure::Finished => ("chart-finished", "chart-share-words"),
        Measure::Repeated => ("chart-repeated", "chart-repeated-words"),
    };
    Caption { title: language.text_with(title, [("by", kind.into())]), words: language.text(words) }
}

/// `GET /numbers.csv`: a row for each day, channel and merchant.
pub(super) async fn csv<S: Store>(
    State(desk): State<Arc<Desk<S>>>,
    visitor: Visitor,
    uri: Uri,
) -> Result<Response, Refusal> {
    let numbers = Span::read(&desk, &uri)?.numbers(&desk).await?;
    desk.store().note(Deed::new(visitor.name(), "export")).await?;
    let language = visitor.language();
    let names: Vec<String> =
        [language.text("numbers-day"), language.text("list-channel"), language.text("list-merchant")]
            .into_iter()
            .chain(Sums::names(language))
            .collect();
    let mut text = Dialect::Excel.mark().to_owned() + &Dialect::Excel.line(names.iter().map(|name| Field::Text(name)));
    for row in &numbers {
        let channel = language.word("channel", &row.channel);
        let fields =
            [Field::Plain(row.day.to_string()), Field::Text(&channel), Field::Ids(std::slice::from_ref(&row.merchant))];
        let sums = Sums::default().and(row).values().map(|number| Field::Plain(number.to_string()));
        text.push_str(&Dialect::Excel.line(fields.into_iter().chain(sums)));
    }
    Ok(attachment(Body::from(text), "attachment; filename=\"numbers.csv\""))
}

/// The days that are asked for, both included.
struct Span {
    from: Day,
    to: Day,
}

impl Span {
    /// Reads the parameters. Default: the last 30 days.
    fn read<S: Store>(desk: &Desk<S>, uri: &Uri) -> Result<Self, Refusal> {
        let query = Query::read(uri, &["from", "to"])?;
        let day = |name: &str| {
            let no_day = || Refusal::malformed(format!("{name} is a day such as 2025-03-14"));
            query.text(name).map(|text| Day::parse(text).ok_or_else(no_day)).transpose()
        };
        let to = day("to")?.unwrap_or_else(|| Day::of(desk.clock().now()));
        let from = day("from")?.unwrap_or_else(|| to.plus(1 - DEFAULT_DAYS));
        if from > to || to >= from.plus(MAX_DAYS) {
            return Err(Refusal::malformed(format!("from is {MAX_DAYS} days before to at most")));
        }
        Ok(Self { from, to })
    }

    fn days(&self) -> impl Iterator<Item = Day> {
        let (from, to) = (self.from, self.to);
        std::iter::successors(Some(from), |day| Some(day.plus(1))).take_while(move |day| *day <= to)
    }

    async fn numbers<S: Store>(&self, desk: &Desk<S>) -> Result<Vec<DayNumbers>, Refusal> {
        Ok(desk.store().numbers(self.from, self.to, None, None).await?)
    }
}

fn by(numbers: &[DayNumbers], name: impl Fn(&DayNumbers) -> String) -> BTreeMap<String, Sums> {
    let mut sums = BTreeMap::<String, Sums>::new();
    for one in numbers {
        let sum = sums.entry(name(one)).or_default();
        *sum = sum.and(one);
    }
    sums
}

/// A table of numbers, with its total.
struct Table {
    title: String,
    heads: Vec<String>,
    rows: Vec<TableRow>,
}

struct TableRow {
    name: String,
    cells: Vec<TableCell>,
}

struct TableCell {
    /// The column's name, for a narrow screen.
    label: String,
    number: u64,
}

impl Table {
    fn new<'s>(
        title: String,
        first: String,
        rows: impl Iterator<Item = (&'s String, &'s Sums)>,
        total: Sums,
        language: Language,
    ) -> Self {
        let names = Sums::names(language);
        let row = |name: String, sums: Sums| {
            let cells = names.iter().zip(sums.values());
            let cells = cells.map(|(label, number)| TableCell { label: label.clone(), number });
            TableRow { name, cells: cells.collect() }
        };
        let mut rows: Vec<_> = rows.map(|(name, sums)| row(name.clone(), *sums)).collect();
        rows.push(row(language.text("numbers-total"), total));
        Self { title, heads: [first].into_iter().chain(names.iter().cloned()).collect(), rows }
    }
}

/// Days that are shown by default.
const DEFAULT_DAYS: i64 = 30;
