//! The parts of a request: segments of its path, parameters, and what it accepts.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

use axum::extract::{FromRequestParts, Path};
use complaint_inbox::ComplaintKey;
use http::request::Parts;
use http::{HeaderMap, Uri, header};
use protocol_core::UnixTime;
use serde::de::DeserializeOwned;

use super::bounds::{DEFAULT_ROWS, MAX_ROWS};
use super::refusal::Refusal;

/// The segments of a path that are variable.
pub(crate) struct Segments<T>(pub(crate) T);

/// Channel, merchant and number.
impl From<Segments<(String, String, String)>> for ComplaintKey {
    fn from(Segments((channel, merchant, id)): Segments<(String, String, String)>) -> Self {
        Self { channel, merchant, id }
    }
}

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Segments<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let path = Path::from_request_parts(parts, state).await;
        let refusal = |_| Refusal::malformed("the address is not percent-encoded UTF-8; encode each segment of it");
        path.map(|Path(segments)| Self(segments)).map_err(refusal)
    }
}

/// Whether a request names a kind of content among those that it accepts.
pub(crate) fn accepts(headers: &HeaderMap, kind: &str) -> bool {
    let lists = headers.get_all(header::ACCEPT).iter().filter_map(|list| list.to_str().ok());
    let mut kinds = lists.flat_map(|list| list.split(',')).filter_map(|kind| kind.split(';').next());
    kinds.any(|accepted| accepted.trim().eq_ignore_ascii_case(kind))
}

/// The parameters of a request. An empty one counts as absent.
pub(crate) struct Query(BTreeMap<String, String>);

impl Query {
    /// Reads parameters. Any other than these is refused, since a filter that is misspelt would show
    /// everything.
    pub(crate) fn read(uri: &Uri, names: &[&str]) -> Result<Self, Refusal> {
        let mut parameters = BTreeMap::new();
        for (name, value) in form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()) {
            if !names.contains(&&*name) {
                let names = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
                return Err(Refusal::malformed(format!("an unknown parameter; this address takes: {names}")));
            }
            if !value.is_empty() && parameters.insert(name.into_owned(), value.into_owned()).is_some() {
                return Err(Refusal::malformed("a parameter stands twice; send it once"));
            }
        }
        Ok(Self(parameters))
    }

    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// A number within bounds; `None` if it is absent.
    pub(crate) fn number<N: FromStr + PartialOrd + fmt::Display>(
        &self,
        name: &str,
        bounds: RangeInclusive<N>,
    ) -> Result<Option<N>, Refusal> {
        let Some(text) = self.text(name) else { return Ok(None) };
        let number = text.parse().ok().filter(|number| bounds.contains(number));
        let (first, last) = bounds.into_inner();
        number.map(Some).ok_or_else(|| Refusal::malformed(format!("{name} is a whole number from {first} to {last}")))
    }

    /// The number of rows that are asked for.
    pub(crate) fn limit(&self) -> Result<u32, Refusal> {
        Ok(self.number("limit", 1..=MAX_ROWS)?.unwrap_or(DEFAULT_ROWS))
    }

    /// A number of an event or a letter; 0 if it is absent.
    pub(crate) fn after(&self) -> Result<i64, Refusal> {
        Ok(self.number("after", 0..=i64::MAX)?.unwrap_or(0))
    }

    pub(crate) fn flag(&self, name: &str) -> Result<Option<bool>, Refusal> {
        match self.text(name) {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(_) => Err(Refusal::malformed(format!("{name} is true or false"))),
        }
    }

    pub(crate) fn time(&self, name: &str) -> Result<Option<UnixTime>, Refusal> {
        let Some(text) = self.text(name) else { return Ok(None) };
        let time = text.parse::<jiff::Timestamp>().ok().map(|time| UnixTime(time.as_second()));
        let expected = "a time such as 2026-11-29T08:00:00Z";
        time.map(Some).ok_or_else(|| Refusal::malformed(format!("{name} is {expected} (a + is written %2B)")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> Result<Query, Refusal> {
        Query::read(&format!("/?{query}").parse().unwrap(), &["limit", "open", "after", "due_before"])
    }

    #[test]
    fn parameters_are_read_once_each_and_empty_ones_are_absent() {
        let query = read("open=&limit=7&open=true").unwrap();
        assert_eq!((query.flag("open"), query.limit(), query.after()), (Ok(Some(true)), Ok(7), Ok(0)));
        assert_eq!(read("").unwrap().limit(), Ok(DEFAULT_ROWS));
        for query in ["opne=true", "open=true&open=true", "limit=1&x="] {
            assert!(matches!(read(query), Err(Refusal::Malformed(_))), "{query}");
        }
    }

    #[test]
    fn numbers_have_bounds() {
        let limit = |text: String| read(&format!("limit={text}")).unwrap().limit();
        assert_eq!([1, MAX_ROWS].map(|rows| limit(rows.to_string())), [Ok(1), Ok(MAX_ROWS)]);
        for text in ["0", "-1", "a", "1.0", &(MAX_ROWS + 1).to_string(), "99999999999"] {
            assert!(limit(text.to_owned()).is_err(), "{text}");
        }
        assert_eq!(read(&format!("after={}", i64::MAX)).unwrap().after(), Ok(i64::MAX));
        assert!(read("after=-1").unwrap().after().is_err());
    }

    #[test]
    fn a_time_has_its_offset() {
        let time = |text: &str| read(&format!("due_before={text}")).unwrap().time("due_before");
        assert_eq!(time("2025-03-14T15:09:26%2B08:00"), Ok(Some(UnixTime(1_741_936_166))));
        assert_eq!(time("2025-03-14T07:09:26Z"), Ok(Some(UnixTime(1_741_936_166))));
        assert!(time("2025-03-14T15:09:26").is_err() && time("1741936166").is_err());
    }
}
