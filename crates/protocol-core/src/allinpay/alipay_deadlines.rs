//! The deadline of an Alipay complaint.

use jiff::civil::DateTime;
use jiff::tz::Offset;

use super::{AlipayComplaint, AlipayComplaintStatus};
use crate::codec::json::Misfit;
use crate::complaint::{CountedFrom, Deadline, DeadlineSource, Deadlines, Due, UnknownDue};
use crate::time::UnixTime;

impl AlipayComplaint {
    /// The deadlines. Alipay has one, `gmt_overdue`, of the processing; no reply is asked for.
    /// `OVERDUE` and `PART_OVERDUE` are over whatever the clock says.
    #[must_use]
    pub fn deadlines(&self) -> Deadlines {
        deadlines(self.status(), self.gmt_overdue.as_deref())
    }
}

/// The deadlines of a complaint in this state, overdue from this time on.
pub(super) fn deadlines(status: Result<&Option<AlipayComplaintStatus>, Misfit>, overdue: Option<&str>) -> Deadlines {
    use AlipayComplaintStatus as Status;

    let time = overdue.and_then(china_time);
    let finish = match status.map(Option::as_ref) {
        Ok(Some(Status::WaitProcess | Status::Processing)) => match time {
            Some(time) => Due::At { time, counted_from: CountedFrom::GivenTime },
            None => Due::Unknown(UnknownDue::Time),
        },
        Ok(Some(Status::Overdue | Status::PartOverdue)) => Due::Lapsed { time },
        Ok(Some(status)) if status.is_known() => Due::Met,
        Ok(_) | Err(_) => Due::Unknown(UnknownDue::State),
    };
    let deadline = |due| Deadline::new(due, DeadlineSource::Document);
    Deadlines::new(deadline(Due::Met), deadline(finish))
}

/// A time in Alipay's form, `yyyy-MM-dd HH:mm:ss` in China.
pub(super) fn china_time(text: &str) -> Option<UnixTime> {
    let time = DateTime::strptime("%Y-%m-%d %H:%M:%S", text).ok()?;
    let instant = Offset::constant(8).to_timestamp(time).ok()?;
    Some(UnixTime(instant.as_second()))
}
