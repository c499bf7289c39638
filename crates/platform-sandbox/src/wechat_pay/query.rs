//! The strict reading of query strings.

use std::collections::HashMap;

use serde_json::Value;

use super::refusal::Refusal;
use crate::clock::start_of_day;
use crate::form::decode;

/// The parameters of a request's query.
#[derive(Debug)]
pub(crate) struct Query(HashMap<String, String>);

impl Query {
    /// Reads the query of a target. Only these parameters are known, each once.
    pub(crate) fn read(target: &str, known: &[&str]) -> Result<Self, Refusal> {
        let mut parameters = HashMap::new();
        let query = target.split_once('?').map_or("", |(_, query)| query);
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let decoded = decode(value).ok_or_else(|| wrong(name, value, "转义不正确"))?;
            if !known.contains(&name) {
                return Err(wrong(name, value, "未知参数"));
            }
            if parameters.insert(name.to_owned(), decoded).is_some() {
                return Err(wrong(name, value, "参数重复"));
            }
        }
        Ok(Self(parameters))
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// A whole number within bounds.
    pub(crate) fn number(&self, name: &str, default: usize, least: usize, most: usize) -> Result<usize, Refusal> {
        let Some(text) = self.get(name) else { return Ok(default) };
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let number = digits.then(|| text.parse().ok()).flatten();
        number
            .filter(|number| (least..=most).contains(number))
            .ok_or_else(|| wrong(name, text, &format!("取值范围为[{least},{most}]")))
    }

    /// A day, `YYYY-MM-DD`, as days since 1970, and its text.
    pub(crate) fn day(&self, name: &str) -> Result<(i64, String), Refusal> {
        let text = self.get(name).ok_or_else(|| wrong(name, "", "此字段为必填项"))?;
        start_of_day(text)
            .map(|time| (time.0.div_euclid(86_400), text.to_owned()))
            .ok_or_else(|| wrong(name, text, "日期格式为YYYY-MM-DD"))
    }
}

pub(crate) fn wrong(name: &str, value: &str, issue: &str) -> Refusal {
    Refusal::parameter("query", name, Value::from(value), issue)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_known_and_stand_once() {
        let known = &["limit", "begin_date"];
        let query = Query::read("/p?limit=7&begin_date=2025%2D03-01", known).ok().unwrap();
        assert_eq!(query.number("limit", 10, 1, 50).ok(), Some(7));
        assert_eq!(query.number("offset", 3, 0, 50).ok(), Some(3));
        assert_eq!(query.day("begin_date").ok(), Some((20_148, "2025-03-01".to_owned())));
        for bad in ["/p?limit=1&limit=1", "/p?other=1", "/p?limit=%4"] {
            assert!(Query::read(bad, known).is_err(), "{bad}");
        }
        for bad in ["2025-02-30", "20250301", "2025-3-1", "2025-03-01T00"] {
            let query = Query::read(&format!("/p?begin_date={bad}"), known).ok().unwrap();
            assert!(query.day("begin_date").is_err(), "{bad}");
        }
        for bad in ["0", "51", "-1", "+1", "", "1.0"] {
            let query = Query::read(&format!("/p?limit={bad}"), known).ok().unwrap();
            assert!(query.number("limit", 10, 1, 50).is_err(), "{bad}");
        }
    }
}
