//! The events of virtual payment among the pushes: their names, and the number of a complaint.

use super::document::Document;
use super::push::{Event, Push};
use crate::codec::json::wire_object;
use crate::codec::xml::{XmlElement, XmlReader};
use crate::error::DecodeError;

/// The beginning of the names of virtual payment's events.
pub(super) const XPAY: &str = "xpay_";

/// A complaint was filed.
pub(crate) const XPAY_COMPLAINT: &str = "xpay_complaint_notify";

/// The merchant is restricted, or a restriction was lifted.
pub(crate) const XPAY_RESTRICTION: &str = "xpay_wxpay_callback_notify";

/// The member that holds the number of such a complaint.
pub(super) const COMPLAINT_ID: &str = "ComplaintId";

wire_object! {
    /// The number in the event of a complaint, which may lack it. A number with dropped or replaced
    /// characters is another complaint's, or none's.
    #[derive(Default)]
    pub(super) struct Notified {
        /// The complaint's number.
        complaint_id = "ComplaintId": Option<String> as decisive,
    }
}

impl Notified {
    /// Whether a push with this event has it.
    pub(super) fn is_in(event: Option<&str>) -> bool {
        event.map(str::trim) == Some(XPAY_COMPLAINT)
    }

    /// The number in an XML push without control characters.
    pub(super) fn of_xml(document: &'static str, text: &str, is_cut: bool) -> Result<Self, DecodeError> {
        let mut reader = XmlReader::of_readable(document, text).cut(is_cut);
        let notified = reader.document()?;
        reader.take_misfit().map_or(Ok(notified), Err)
    }

    /// The number in an XML push that was read.
    pub(super) fn number_of(push: &Push) -> Option<String> {
        match &push.content {
            Event::Other(Document::Xml(text)) if Self::is_in(push.event.as_deref()) => {
                Self::of_xml("", text, false).ok()?.complaint_id
            }
            _ => None,
        }
    }
}

impl<'x> XmlElement<'x> for Notified {
    fn child(&mut self, name: &str, reader: &mut XmlReader<'x>) -> Result<(), DecodeError> {
        match name {
            COMPLAINT_ID => reader.member(COMPLAINT_ID, true, &mut self.complaint_id, &mut self.extra),
            _ => reader.skip(),
        }
    }
}
