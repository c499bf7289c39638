//! A look for an act in a complaint's history, by the platform's own clock.

use super::{Before, Look, Looked, Moment, Sight};
use crate::complaint::{NegotiationHistory, NegotiationRecord, OperateType};
use crate::secret::Personal;

/// How many seconds before the act an entry may be dated and still be the act: the clock that dates
/// entries is not the one that dates responses. For a reply it costs little: the payer has a
/// message with the same words of the last minute.
const CLOCK_TOLERANCE: i64 = 60;

/// The same for an entry of a type, which may be an earlier act of the same kind: the time of the
/// entry and that of the act are both rounded to whole seconds. Between this and
/// [`CLOCK_TOLERANCE`] the look is unclear.
const ROUNDING: i64 = 2;

/// Most pages of a history that a look reads.
const MAX_PAGES: u32 = 100;

/// The progress of a look that reads a history page by page.
///
/// The entry of an act must be newer than the act: by the platform's clock or, if the history was
/// read before, by its id. Another reply since then, a decision or completion of the minute before,
/// an entry without a time, or anything that cannot be read leaves the look unclear.
#[derive(Debug, Clone)]
pub(crate) struct HistoryLook {
    mark: Mark,
    /// Entries a page.
    limit: u32,
    offset: u32,
    pages: u32,
    best: Sight,
    is_clear: bool,
    ids: Vec<String>,
}

/// The decisive parts of an entry.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Mark {
    /// The merchant's message with this text.
    Reply(Personal<String>),
    /// Any entry of this type.
    Entry(OperateType),
}

impl Mark {
    /// Whether the act completes the complaint.
    pub(crate) fn completes(&self) -> bool {
        *self == Self::Entry(OperateType::MerchantConfirmComplete)
    }
}

impl HistoryLook {
    /// A look for this mark, before the first page.
    pub(crate) const fn new(mark: Mark, limit: u32) -> Self {
        Self { mark, limit, offset: 0, pages: 0, best: Sight::NotThere, is_clear: true, ids: Vec::new() }
    }

    pub(crate) const fn mark(&self) -> &Mark {
        &self.mark
    }

    /// Begins anew.
    pub(crate) fn restart(&mut self) {
        *self = Self::new(self.mark.clone(), self.limit);
    }

    /// Takes a page. [`Looked::More`] holds the offset of the next one.
    pub(crate) fn take(&mut self, page: &NegotiationHistory, moment: &Moment<'_>) -> Looked<u32> {
        for record in &page.data {
            self.best = self.weigh(record, moment);
            self.ids.push(record.log_id.clone());
        }
        // An unreadable entry may be the act, or show that a found entry is an older one.
        self.is_clear &= page.is_clear();
        let length = u32::try_from(page.data.len() + page.unreadable.len()).unwrap_or(u32::MAX);
        let is_seen = moment.look == Look::After && self.best == Sight::Found && length < self.limit;
        self.pages += 1;
        if length == 0 || is_seen {
            return self.end(moment);
        }
        if self.pages >= MAX_PAGES {
            self.is_clear = false;
            return self.end(moment);
        }
        self.offset = self.offset.saturating_add(length);
        Looked::More(self.offset)
    }

    fn end(&mut self, moment: &Moment<'_>) -> Looked<u32> {
        let ids = std::mem::take(&mut self.ids);
        if moment.look == Look::Before {
            // No history is empty, since it begins with the filing.
            let is_known = self.is_clear && !ids.is_empty();
            return Looked::Before(is_known.then(|| Before::Ids(ids.into_iter().collect())));
        }
        let is_whole = match moment.before {
            Some(Before::Ids(before)) if self.best == Sight::NotThere => before.iter().all(|id| ids.contains(id)),
            _ => true,
        };
        Looked::Sight(if self.is_clear && is_whole { self.best } else { Sight::Unclear })
    }

    /// The combined result of all entries so far and this one.
    fn weigh(&self, record: &NegotiationRecord, moment: &Moment<'_>) -> Sight {
        let (is_older, is_newer) = match moment.before {
            Some(Before::Ids(ids)) => (ids.contains(&record.log_id), true),
            _ => {
                let written = record.operate_time.as_ref().and_then(|time| time.to_unix());
                let seconds_before =
                    written.zip(moment.since).map(|(written, since)| since.0.saturating_sub(written.0));
                let tolerance = if matches!(self.mark, Mark::Reply(_)) { CLOCK_TOLERANCE } else { ROUNDING };
                (
                    seconds_before.is_some_and(|seconds| seconds > CLOCK_TOLERANCE),
                    seconds_before.is_some_and(|seconds| seconds <= tolerance),
                )
            }
        };
        match (self.sight(record), self.best) {
            _ if is_older => self.best,
            (Sight::Found, _) if is_newer => Sight::Found,
            // The entry may be an earlier act, after which the payer continued.
            (Sight::NotThere, Sight::Found) if moment.before.is_none() && continues(record) => Sight::Unclear,
            (Sight::Found | Sight::Unclear, Sight::NotThere) => Sight::Unclear,
            (_, best) => best,
        }
    }

    /// The result of one entry.
    fn sight(&self, record: &NegotiationRecord) -> Sight {
        match &self.mark {
            Mark::Entry(operate_type) if record.operate_type.as_ref() == Some(operate_type) => Sight::Found,
            Mark::Reply(text) if record.operate_type == Some(OperateType::MerchantResponse) => {
                let details = record.operate_details.as_ref();
                let same = details.is_some_and(|details| same_words(details.expose(), text.expose()));
                if same { Sight::Found } else { Sight::Unclear }
            }
            Mark::Entry(_) | Mark::Reply(_) => Sight::NotThere,
        }
    }
}

/// Whether the payer continues a complaint that was completed or decided on.
fn continues(record: &NegotiationRecord) -> bool {
    record.operate_type == Some(OperateType::UserContinueComplaint)
}

/// Whether two texts are the same except for white space, which platforms trim and rewrite.
fn same_words(one: &str, other: &str) -> bool {
    one.split_whitespace().eq(other.split_whitespace())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::complaint::Timestamp;
    use crate::time::UnixTime;

    const SINCE: UnixTime = UnixTime(1_741_936_166);

    /// The result of a look, if the history has one entry, written so many seconds before the act.
    fn look(mark: Mark, operate_type: &str, seconds: i64, before: Option<&Before>) -> Sight {
        let time = Timestamp::from(UnixTime(SINCE.0 - seconds));
        let json = format!(
            r#"{{"data":[{{"log_id":"2","operate_time":"{time}","operate_type":"{operate_type}","operate_details":"您好"}}]}}"#
        );
        let moment = Moment {
            look: Look::After,
            before,
            since: Some(SINCE),
            platform_time: Some(SINCE),
            now: Duration::ZERO,
            is_restored: false,
        };
        let page = |json: &str| NegotiationHistory::decode(json.as_bytes()).unwrap().trust_anyway();
        let mut history = HistoryLook::new(mark, 100);
        let mut looked = history.take(&page(&json), &moment);
        if matches!(looked, Looked::More(_)) {
            looked = history.take(&page(r#"{"data":[]}"#), &moment);
        }
        match looked {
            Looked::Sight(sight) => sight,
            other => panic!("{other:?}"),
        }
    }

    /// A refund may be refused, asked for again and refused again within a minute: the first
    /// refusal is no evidence of the second.
    #[test]
    fn an_act_of_the_minute_before_is_not_taken_for_the_one_that_was_lost() {
        let refusal = || Mark::Entry(OperateType::MerchantRefuseRefund);
        for (seconds, sight) in [
            (-1, Sight::Found),
            (ROUNDING, Sight::Found),
            (ROUNDING + 1, Sight::Unclear),
            (CLOCK_TOLERANCE, Sight::Unclear),
            (CLOCK_TOLERANCE + 1, Sight::NotThere),
        ] {
            assert_eq!(look(refusal(), "MERCHANT_REFUSE_RERUND", seconds, None), sight, "{seconds}");
        }
        // The ids of the history before the act leave no doubt.
        let same = Before::Ids(["2".to_owned()].into());
        let other = Before::Ids(["1".to_owned()].into());
        assert_eq!(look(refusal(), "MERCHANT_REFUSE_RERUND", 0, Some(&same)), Sight::NotThere);
        assert_eq!(look(refusal(), "MERCHANT_REFUSE_RERUND", 30, Some(&other)), Sight::Found);
    }

    #[test]
    fn the_same_words_of_the_minute_before_are_the_reply() {
        let reply = || Mark::Reply(Personal::new("您好".to_owned()));
        for (seconds, sight) in [(CLOCK_TOLERANCE, Sight::Found), (CLOCK_TOLERANCE + 1, Sight::NotThere)] {
            assert_eq!(look(reply(), "MERCHANT_RESPONSE", seconds, None), sight, "{seconds}");
        }
    }
}
