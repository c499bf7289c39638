//! The members of a request's body, read strictly.

use std::ops::RangeInclusive;

use serde_json::{Map, Value};

use super::error::AdminError;

/// The members of a body. A handler takes each by its name; [`Members::finish`] refuses the rest.
#[derive(Debug)]
pub(super) struct Members {
    left: Map<String, Value>,
    known: Vec<&'static str>,
}

impl Members {
    /// Reads a body. An empty one has no members.
    pub(super) fn read(body: &[u8]) -> Result<Self, AdminError> {
        let left = match body {
            [] => Map::new(),
            body => match serde_json::from_slice(body).map_err(|error| AdminError::NotJson(error.to_string()))? {
                Value::Object(members) => members,
                _ => return Err(AdminError::NotAnObject),
            },
        };
        Ok(Self { left, known: Vec::new() })
    }

    fn take(&mut self, name: &'static str) -> Option<Value> {
        self.known.push(name);
        self.left.remove(name)
    }

    /// A member's text.
    pub(super) fn text(&mut self, name: &'static str) -> Result<Option<String>, AdminError> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(AdminError::InvalidMember { member: name, expected: "a text".to_owned() }),
        }
    }

    /// A member's number, within bounds.
    pub(super) fn number<N: TryFrom<u64>>(
        &mut self,
        name: &'static str,
        bounds: RangeInclusive<u64>,
    ) -> Result<Option<N>, AdminError> {
        let Some(value) = self.take(name) else { return Ok(None) };
        let number = value.as_u64().filter(|number| bounds.contains(number)).and_then(|number| number.try_into().ok());
        let expected = || format!("a whole number from {} to {}", bounds.start(), bounds.end());
        number.map(Some).ok_or_else(|| AdminError::InvalidMember { member: name, expected: expected() })
    }

    /// A member's true or false.
    pub(super) fn flag(&mut self, name: &'static str) -> Result<Option<bool>, AdminError> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(flag)),
            Some(_) => Err(AdminError::InvalidMember { member: name, expected: "true or false".to_owned() }),
        }
    }

    /// The meaning of a member's word.
    pub(super) fn word<T: Copy>(
        &mut self,
        name: &'static str,
        words: &[(&'static str, T)],
    ) -> Result<Option<T>, AdminError> {
        let Some(word) = self.text(name)? else { return Ok(None) };
        match words.iter().find(|(known, _)| *known == word) {
            Some((_, meaning)) => Ok(Some(*meaning)),
            None => {
                let known = words.iter().map(|(known, _)| *known).collect();
                Err(AdminError::UnknownValue { member: name, value: word, known })
            }
        }
    }

    /// Refuses every member that was not taken.
    pub(super) fn finish(self) -> Result<(), AdminError> {
        match self.left.into_iter().next() {
            None => Ok(()),
            Some((member, _)) => Err(AdminError::UnknownMember { member, known: self.known }),
        }
    }
}

/// A member that must be there.
pub(super) fn needed<T>(name: &'static str, value: Option<T>) -> Result<T, AdminError> {
    value.ok_or(AdminError::MissingMember(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_member_is_taken_or_refused() {
        let read = |body: &str| Members::read(body.as_bytes()).unwrap();
        let mut members = read(r#"{"text": "a", "times": 3, "colour": 1}"#);
        assert_eq!(members.text("text"), Ok(Some("a".to_owned())));
        assert_eq!(members.number::<u32>("times", 1..=3), Ok(Some(3)));
        assert_eq!(members.flag("really"), Ok(None));
        let error = members.finish().unwrap_err();
        assert_eq!(error.to_string(), "the member colour is unknown; this path takes text, times, really");
        assert_eq!(
            read("{\"a\": 1}").finish().unwrap_err().to_string(),
            "the member a is unknown; this path takes none"
        );
    }

    #[test]
    fn a_value_out_of_bounds_is_refused() {
        let read = |body: &str| Members::read(body.as_bytes()).unwrap();
        for value in ["0", "4", "-1", "1.5", "\"2\"", "null", "true"] {
            let error = read(&format!("{{\"n\": {value}}}")).number::<u32>("n", 1..=3).unwrap_err();
            assert_eq!(error.to_string(), "the member n must be a whole number from 1 to 3", "{value}");
        }
        assert!(read("{\"n\": 256}").number::<u8>("n", 0..=256).is_err(), "beyond the type");
        let words = [("xml", 1), ("json", 2)];
        assert_eq!(read(r#"{"format": "json"}"#).word("format", &words), Ok(Some(2)));
        let error = read(r#"{"format": "yaml"}"#).word("format", &words).unwrap_err();
        assert_eq!(error.to_string(), "the member format has the unknown value \"yaml\"; it takes xml, json");
        for body in ["[]", "1", "\"a\"", "null"] {
            assert_eq!(Members::read(body.as_bytes()).unwrap_err(), AdminError::NotAnObject, "{body}");
        }
        assert!(matches!(Members::read(b"{"), Err(AdminError::NotJson(_))));
    }
}
