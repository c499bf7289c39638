//! A verified request, and the strict reading of its parameters.

use jiff::civil::DateTime;
use jiff::tz::Offset;
use protocol_core::UnixTime;

use super::response::{Refusal, fail};
use super::verify::{AllinpayCaller, Form};
use crate::state::State;
use crate::wechat_pay::Complaint;

/// The longest span of a list, in seconds.
const MAX_SPAN: i64 = 30 * 86_400;

/// A verified request.
pub(super) struct Call<'r> {
    pub(super) caller: &'r AllinpayCaller,
    pub(super) form: &'r Form,
    pub(super) now: UnixTime,
}

impl<'r> Call<'r> {
    pub(super) fn get(&self, name: &str) -> Option<&'r str> {
        self.form.get(name)
    }

    /// A required parameter with a maximum number of characters.
    pub(super) fn text(&self, name: &str, longest: usize) -> Result<&'r str, Refusal> {
        let Some(text) = self.get(name) else { return fail(format!("参数[{name}]不能为空")) };
        if text.chars().count() > longest {
            return fail(format!("参数[{name}]长度超过{longest}"));
        }
        Ok(text)
    }

    /// A whole number of at most 6 digits.
    pub(super) fn number(&self, name: &str, default: usize, least: usize) -> Result<usize, Refusal> {
        let Some(text) = self.get(name) else { return Ok(default) };
        let digits = text.len() <= 6 && text.bytes().all(|byte| byte.is_ascii_digit());
        let number = digits.then(|| text.parse().ok()).flatten();
        number.filter(|number| *number >= least).map_or_else(|| fail(format!("参数[{name}]不合法")), Ok)
    }

    /// A span of time in China. Both ends have this format, and are at most 30 days apart. `end_of`
    /// is the length of the last unit, in seconds.
    pub(super) fn span(&self, names: (&str, &str), format: &str, end_of: i64) -> Result<(i64, i64), Refusal> {
        let moment = |name: &str| {
            let text = self.text(name, 19)?;
            let parsed = if format.contains("%H") {
                DateTime::strptime(format, text).ok()
            } else {
                jiff::civil::Date::strptime(format, text).ok().map(DateTime::from)
            };
            // Written back, to refuse other spellings of the same moment.
            let read = parsed.filter(|moment| moment.strftime(format).to_string() == text);
            let time = read.and_then(|moment| Offset::constant(8).to_timestamp(moment).ok());
            time.map_or_else(|| fail(format!("参数[{name}]格式错误")), |time| Ok(time.as_second()))
        };
        let (from, to) = (moment(names.0)?, moment(names.1)?);
        if to < from || to - from > MAX_SPAN {
            return fail("查询时间区间不能超过30天");
        }
        Ok((from, to + end_of - 1))
    }

    /// Media ids, joined with `#@#`.
    pub(super) fn media_ids(&self, name: &str) -> Result<Vec<String>, Refusal> {
        let ids: Vec<String> =
            self.get(name).map(|ids| ids.split("#@#").map(str::to_owned).collect()).unwrap_or_default();
        if ids.len() > 4 || ids.iter().any(String::is_empty) {
            return fail(format!("参数[{name}]不合法"));
        }
        Ok(ids)
    }

    /// The complaint that the request names. It must be `cusid`'s, for an agent too.
    pub(super) fn complaint<'s>(&self, state: &'s State) -> Result<&'s Complaint, Refusal> {
        let id = self.text("complaint_id", 64)?;
        match state.wechat_pay.complaints.get(id).filter(|complaint| complaint.mchid == self.caller.cusid) {
            Some(complaint) => Ok(complaint),
            None => fail("投诉单不存在"),
        }
    }
}
