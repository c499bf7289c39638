//! A complaint as it is stored.

use protocol_core::complaint::{Complaint, ComplaintState, OrderComplaint, OrderDetail};

/// A complaint as it was read, whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// JSON.
    pub text: String,
    /// It is closed, and needs no reading until a message about it arrives.
    pub closed: bool,
}

impl Document {
    /// WeChat Pay's.
    ///
    /// # Errors
    /// It cannot be written as JSON.
    pub fn of_complaint(complaint: &Complaint) -> serde_json::Result<Self> {
        // An unreadable member is not absent.
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
