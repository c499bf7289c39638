//! The lists that a poller reads.

use crate::call::Paged;
use crate::complaint::Complaint;
use crate::time::UnixTime;

/// A list of complaints by their time of filing.
pub trait PolledList: Paged<Row = Complaint> {
    /// The same list over a span of any length: one or several lists that the platform takes, oldest
    /// first. Adjoining lists may overlap. `page_size` is the number of complaints per page, clamped
    /// to the platform's bounds; `None` means the channel's default.
    #[must_use]
    fn of_span(&self, begin: UnixTime, end: UnixTime, page_size: Option<u32>) -> Vec<Self>;
}
