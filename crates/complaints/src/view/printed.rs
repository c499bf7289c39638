//! A message as it is printed: its JSON, and the form of it for a person.

use protocol_core::wechat_pay::{Notification, Resource};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use crate::error::Error;
use crate::view::output;
use crate::view::violation;

/// A message as it is printed. Serialized, it is its JSON.
pub(crate) struct Printed {
    json: Box<RawValue>,
    sheet: Option<String>,
}

impl Printed {
    /// A message that a person reads as an outline of its JSON.
    pub(crate) fn new(message: &impl Serialize) -> Result<Self, Error> {
        let json = serde_json::value::to_raw_value(message)
            .map_err(|_| Error::usage("the result cannot be written as JSON; please report this"))?;
        Ok(Self { json, sheet: None })
    }

    /// A message that a person reads as a form.
    pub(crate) fn with_sheet(self, sheet: String) -> Self {
        Self { sheet: Some(sheet), ..self }
    }

    /// A notification of WeChat Pay. A violation is a form.
    pub(crate) fn notification(notification: &Notification) -> Result<Self, Error> {
        let printed = Self::new(notification)?;
        Ok(match &notification.resource {
            Resource::Violation(violation) => printed.with_sheet(violation::sheet(notification, violation)),
            _ => printed,
        })
    }

    /// The form, or the outline.
    pub(crate) fn text(&self) -> String {
        self.sheet.clone().unwrap_or_else(|| output::readable(self.json.get()))
    }

    /// Prints the JSON to a pipe, the form on a terminal.
    pub(crate) fn print(&self) -> Result<(), Error> {
        output::print_either(self, || self.text())
    }
}

impl Serialize for Printed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.json.serialize(serializer)
    }
}
