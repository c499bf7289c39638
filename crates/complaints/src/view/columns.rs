//! The columns of lists: their names, their heads, and the choice of them.

use complaint_texts::Language;
use complaint_texts::csv::{Dialect, Field};
use serde::{Serialize, Serializer};

use crate::error::Error;
use crate::language::say_with;
use crate::view::output;
use crate::view::rows::{self, Value};
use crate::view::screen::Form;
use crate::view::table::{self, Fit, Table};
use crate::view::tone::Tone;

/// A column.
#[derive(Debug)]
pub(crate) struct Column {
    /// The API's or the platform's.
    name: &'static str,
    /// In a table.
    shown: table::Column,
    /// The unit in a spreadsheet; programs get fen and UTC.
    unit: Option<&'static str>,
    is_for_people: bool,
}

impl Column {
    pub(crate) const fn text(name: &'static str, fit: Fit) -> Self {
        Self { name, shown: table::Column::new(name, fit), unit: None, is_for_people: false }
    }

    pub(crate) const fn count(name: &'static str, fit: Fit) -> Self {
        Self { name, shown: table::Column::number(name, fit), unit: None, is_for_people: false }
    }

    pub(crate) const fn yuan(name: &'static str, fit: Fit) -> Self {
        Self { unit: Some("yuan"), ..Self::count(name, fit) }
    }

    pub(crate) const fn china(name: &'static str, fit: Fit) -> Self {
        Self { unit: Some("China"), ..Self::text(name, fit) }
    }

    /// A column that only tables have.
    pub(crate) const fn for_people(name: &'static str, fit: Fit) -> Self {
        Self { is_for_people: true, ..Self::text(name, fit) }
    }

    /// Whether a user means it: by its name, or by the first word of its head in any language.
    fn is_meant(&self, asked: &str) -> bool {
        let is_head = |language: Language| {
            let head = self.shown.head(language);
            head.split([' ', '（']).next().is_some_and(|head| asked.eq_ignore_ascii_case(head))
        };
        asked.eq_ignore_ascii_case(self.name) || Language::ALL.into_iter().any(is_head)
    }
}

/// The columns that are printed, each with its place in a row.
#[derive(Debug)]
pub(crate) struct Columns {
    form: Form,
    chosen: Vec<(usize, &'static Column)>,
    by_the_user: bool,
}

impl Columns {
    /// Of these columns, those that the user asks for. Default: those of `in_table` in a table, each
    /// that is not for people alone elsewhere.
    pub(crate) fn choose(
        form: Form,
        all: &[&'static [Column]],
        asked: Option<&[String]>,
        in_table: &[&str],
    ) -> Result<Self, Error> {
        let all = all.iter().copied().flatten().enumerate();
        let all: Vec<_> = all.filter(|(_, column)| form == Form::Table || !column.is_for_people).collect();
        let find = |asked: &str| all.iter().copied().find(|(_, column)| column.is_meant(asked));
        let mut chosen: Vec<(usize, &'static Column)> = Vec::new();
        for name in asked.into_iter().flatten() {
            let found = find(name).ok_or_else(|| {
                let names: Vec<_> = all.iter().map(|(_, column)| column.name).collect();
                Error::usage(format_args!("--columns has no {name:?}; choose from {}", names.join(", ")))
            })?;
            if chosen.iter().any(|(place, _)| *place == found.0) {
                return Err(Error::usage(format_args!("--columns has {} twice; leave one out", found.1.name)));
            }
            chosen.push(found);
        }
        if asked.is_none() {
            chosen = if form == Form::Table { in_table.iter().filter_map(|name| find(name)).collect() } else { all };
        }
        Ok(Self { form, chosen, by_the_user: asked.is_some() })
    }

    /// The text before the first row: the names behind the mark, in CSV.
    pub(crate) fn head(&self) -> String {
        let Some(dialect) = self.form.dialect() else { return String::new() };
        let name = |(_, column): &(usize, &Column)| match (dialect, column.unit) {
            (Dialect::Excel, Some(unit)) => format!("{} ({unit})", column.name),
            _ => column.name.to_owned(),
        };
        let names: Vec<String> = self.chosen.iter().map(name).collect();
        format!("{}{}", dialect.mark(), dialect.line(names.iter().map(|name| Field::Text(name))))
    }

    /// A row with the end of its line: CSV, or else JSON.
    pub(crate) fn line(&self, values: &[Value]) -> Result<String, Error> {
        match self.form.dialect() {
            Some(dialect) => Ok(rows::line(dialect, self.of(values).map(|(_, value)| value))),
            None => Ok(output::json(&Object { columns: self, values })? + "\n"),
        }
    }

    /// The rows as a table, with their number below.
    pub(crate) fn table(&self, rows: impl IntoIterator<Item = (Tone, Vec<Value>)>) -> String {
        let mut table = Table::new(self.chosen.iter().map(|(_, column)| column.shown).collect::<Vec<_>>());
        if self.by_the_user {
            table.keep_columns();
        }
        let mut count = 0_u64;
        for (tone, values) in rows {
            table.add_in(tone, self.of(&values).map(|(_, value)| value.cell()).collect::<Vec<_>>());
            count += 1;
        }
        format!("{}\n{}", table.text(), say_with("list-count", [("count", count.into())]))
    }

    /// Prints the rows: as a table, or line by line.
    pub(crate) fn print(&self, rows: impl IntoIterator<Item = (Tone, Vec<Value>)>) -> Result<(), Error> {
        if self.form == Form::Table {
            return output::print_text(&self.table(rows));
        }
        let rows = rows.into_iter().map(|(_, values)| self.line(&values));
        output::print_lines([Ok(self.head())].into_iter().chain(rows))
    }

    fn of<'v>(&self, values: &'v [Value]) -> impl Iterator<Item = (&'static Column, &'v Value)> {
        self.chosen.iter().filter_map(|(place, column)| Some((*column, values.get(*place)?)))
    }
}

/// A row with its columns as members.
struct Object<'r> {
    columns: &'r Columns,
    values: &'r [Value],
}

impl Serialize for Object<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.columns.of(self.values).map(|(column, value)| (column.name, value)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: &[Column] =
        &[Column::for_people("due", Fit::Whole), Column::text("id", Fit::Id), Column::yuan("amount", Fit::Spare(1))];

    fn choose(form: Form, asked: &[&str]) -> Result<Vec<&'static str>, String> {
        let asked: Vec<_> = asked.iter().map(|name| (*name).to_owned()).collect();
        let asked = (!asked.is_empty()).then_some(&*asked);
        let columns = Columns::choose(form, &[ALL], asked, &["due", "id"]);
        let names = |columns: Columns| columns.chosen.iter().map(|(_, column)| column.name).collect();
        columns.map(names).map_err(|error| error.message().to_owned())
    }

    #[test]
    fn columns_are_meant_by_their_name_or_their_head() {
        assert_eq!(choose(Form::Table, &["yuan", "ID", "due"]), Ok(vec!["amount", "id", "due"]));
        assert_eq!(choose(Form::Csv, &["amount"]), Ok(vec!["amount"]));
        assert_eq!(choose(Form::Csv, &["金额", "投诉单号"]), Ok(vec!["amount", "id"]));
        assert_eq!(choose(Form::Table, &[]), Ok(vec!["due", "id"]));
        assert_eq!(choose(Form::Excel, &[]), Ok(vec!["id", "amount"]));
    }

    #[test]
    fn a_column_that_is_not_there_is_refused_with_those_that_are() {
        let none = |form: Form, name: &str| choose(form, &["id", name]).unwrap_err();
        assert_eq!(none(Form::Table, "\u{1b}"), "--columns has no \"\\u{1b}\"; choose from due, id, amount");
        assert_eq!(none(Form::Csv, "due"), "--columns has no \"due\"; choose from id, amount");
        assert_eq!(none(Form::Table, ""), "--columns has no \"\"; choose from due, id, amount");
        assert_eq!(none(Form::Csv, "ID"), "--columns has id twice; leave one out");
    }

    #[test]
    fn a_row_has_the_chosen_columns_in_their_order() {
        let values = [Value::None, Value::text(Some("1")), Value::Fen(1205)];
        let line = |form: Form| {
            let asked = ["amount".to_owned(), "id".to_owned()];
            let columns = Columns::choose(form, &[ALL], Some(&asked), &[]).unwrap();
            columns.head() + &columns.line(&values).unwrap()
        };
        assert_eq!(line(Form::Csv), "amount,id\r\n1205,1\r\n");
        assert_eq!(line(Form::Excel), "\u{feff}amount (yuan),id\r\n12.05,1\r\n");
        assert_eq!(line(Form::Jsonl), "{\"amount\":1205,\"id\":\"1\"}\n");
    }
}
