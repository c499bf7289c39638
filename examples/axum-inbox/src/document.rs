//! A complaint as it is stored.

use protocol_core::complaint::{Complaint, ComplaintState, OrderComplaint, OrderDetail};

/// A complaint as it was read, whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// JSON.
    pub text: String,
    /// Nothing more happens to it, and there is no need to read it again unless something is heard of it.
    pub closed: bool,
}

impl Document {
    /// WeChat Pay's.
    ///
    /// # Errors
    /// It cannot be written as JSON.
    pub fn of_complaint(complaint: &Complaint) -> serde_json::Result<Self> {
        // What cannot be read is not absent.
        let is_assisted = !matches!(complaint.in_platform_service(), Ok(None | Some(false)));
        let closed = complaint.complaint_state == Some(ComplaintState::Processed) && !is_assisted;
        Ok(Self { text: serde_json::to_string(complaint)?, closed })
    }

    /// The Mini Program's.
    ///
    /// # Errors
    /// It cannot be written as JSON.
    pub fn of_order(detail: &OrderDetail) -> serde_json::Result<Self> {
        let closed = detail.complaint_order.as_ref().is_some_and(OrderComplaint::is_closed);
        Ok(Self { text: serde_json::to_string(detail)?, closed })
    }
}
