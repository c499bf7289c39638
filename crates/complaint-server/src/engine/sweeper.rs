//! The sweeper: what the platforms list is in the inbox, though every message about it was lost.

use std::time::Duration;

use complaint_channels::{Account, AllinpayAccount};
use complaint_inbox::{ComplaintKey, Day, MAX_ROWS, NewLetter, Sighting, Source, Store, StoreError};
use futures_util::{Stream, StreamExt as _, TryStreamExt as _};
use protocol_core::UnixTime;
use protocol_core::allinpay::{AlipayComplaint, AlipayComplaintQueryV2};
use protocol_core::channel::{ChannelError, ComplaintChannel, ComplaintRef};
use protocol_core::complaint::{Complaint, UnreadableRow};

use super::arrival::{self, ALIPAY};
use super::reading::standing;
use super::run::{Shared, account_of};
use super::webhooks::keep_letter;
use super::{alipay_reading, trace};
use crate::metrics::Family;

/// Sweeps at once, then every so often and when a list is known to have something new, until the
/// account is removed.
pub(super) async fn run<S: Store>(shared: &Shared<S>, source: &Source) {
    let mut news = shared.unlisted.listener();
    loop {
        let channels = shared.live.current();
        let Some(account) = account_of(&channels, source) else { return };
        // A store that fails logs it.
        let swept = sweep(shared, source, account).await.unwrap_or_default();
        let Source { channel, merchant } = source;
        let outcome = if swept.is_whole { "whole" } else { "broken-off" };
        shared.metrics.count(Family::Sweeps, &[("channel", channel), ("merchant", merchant), ("outcome", outcome)]);
        if swept.due > 0 {
            shared.work.ring();
        }
        drop(channels);
        let every = shared.pace.sweep_every;
        let every = if swept.is_whole { every } else { every.min(AFTER_FAILURE) };
        if !shared.pause(&mut news, every).await {
            return;
        }
    }
}

/// The result of a sweep.
#[derive(Debug, Default)]
struct Swept {
    /// Complaints that became due.
    due: u64,
    /// Every row was seen.
    is_whole: bool,
}

/// Makes due what a list shows otherwise than it was read, and open complaints that were not read
/// for long.
async fn sweep<S: Store>(shared: &Shared<S>, source: &Source, account: Account<'_>) -> Result<Swept, StoreError> {
    let Some(days) = swept_days(shared.clock.now()) else {
        trace::unswept(source, "the clock is not set");
        return Ok(Swept::default());
    };
    let mut swept = match account {
        Account::Allinpay(account) if source.channel == ALIPAY => sweep_alipay(shared, source, account, days).await?,
        #[cfg(feature = "mini-program")]
        Account::MiniProgram(account) => sweep_penalties(shared, source, account).await?,
        account => match account.complaint_channel() {
            Some(channel) => sweep_list(shared, source, channel, days).await?,
            None => Swept { due: 0, is_whole: true },
        },
    };
    swept.due += shared.store.read_again(source, shared.pace.unread_seconds, MAX_ROWS).await?;
    Ok(swept)
}

/// A row of a list, for the inbox.
enum Seen {
    Complaint(Sighting),
    Letter(NewLetter),
}

/// The row of a list, or the error of one that cannot be read.
type Row<'e, R> = Result<R, &'e UnreadableRow>;

async fn sweep_list<S: Store>(
    shared: &Shared<S>,
    source: &Source,
    channel: &dyn ComplaintChannel,
    (first, last): (String, String),
) -> Result<Swept, StoreError> {
    let rows = channel.list(&first, &last);
    let seen = |row: Row<'_, Complaint>| match row {
        Ok(complaint) => {
            let accused = ComplaintRef::from(&complaint).merchant_no;
            let sighting = sighting(source, &complaint.complaint_id, standing(&complaint));
            Seen::Complaint(Sighting { accused, ..sighting })
        }
        Err(row) => unreadable(row, source, |source, id| sighting(source, id, UNREADABLE)),
    };
    sweep_rows(shared, source, rows, seen).await
}

async fn sweep_alipay<S: Store>(
    shared: &Shared<S>,
    source: &Source,
    account: &AllinpayAccount,
    (first, last): (String, String),
) -> Result<Swept, StoreError> {
    let list =
        AlipayComplaintQueryV2::default().with_gmt_complaint(format!("{first} 00:00:00"), format!("{last} 23:59:59"));
    let rows = account.client().alipay_complaints(list).map_err(ChannelError::from);
    let seen = |row: Row<'_, AlipayComplaint>| match row {
        Ok(complaint) => match alipay_reading::sighting(source, &complaint) {
            Ok(sighting) => Seen::Complaint(sighting),
            Err(letter) => Seen::Letter(*letter),
        },
        // Its number is not the one by which it could be read.
        Err(row) => Seen::Letter(letter(source, row)),
    };
    sweep_rows(shared, source, Box::pin(rows), seen).await
}

async fn sweep_rows<S: Store, R>(
    shared: &Shared<S>,
    source: &Source,
    mut rows: impl Stream<Item = Result<R, ChannelError>> + Unpin,
    seen: impl Fn(Row<'_, R>) -> Seen,
) -> Result<Swept, StoreError> {
    let (mut swept, mut sightings) = (Swept { due: 0, is_whole: true }, Vec::new());
    while let Some(row) = rows.next().await {
        let seen = match row {
            Ok(row) => Some(seen(Ok(row))),
            Err(error) => {
                trace::unswept(source, &error.to_string());
                // The next sweep would meet the same unreadable rows.
                swept.is_whole &= error.leaves_the_others();
                error.unreadable().map(|row| seen(Err(row)))
            }
        };
        match seen {
            Some(Seen::Complaint(sighting)) => sightings.push(sighting),
            Some(Seen::Letter(letter)) => keep_letter(shared, letter).await?,
            None => {}
        }
        if sightings.len() == AT_ONCE {
            swept.due += shared.store.sight(std::mem::take(&mut sightings)).await?;
        }
        if shared.stopping.is_wished() {
            swept.is_whole = false;
            break;
        }
    }
    swept.due += shared.store.sight(sightings).await?;
    Ok(swept)
}

/// The Mini Program lists the complaints that were decided against the merchant, and no others. A
/// penalty tells nothing of how its complaint stands now, so one that was read is left.
#[cfg(feature = "mini-program")]
async fn sweep_penalties<S: Store>(
    shared: &Shared<S>,
    source: &Source,
    account: &complaint_channels::MiniProgramAccount,
) -> Result<Swept, StoreError> {
    use complaint_inbox::kept_since;
    use protocol_core::mini_program::{GetPenaltyList, MAX_PENALTIES, Penalty};

    let mut swept = Swept { due: 0, is_whole: true };
    let Some(client) = account.client() else { return Ok(swept) };
    // The list has no end of its own: an older penalty would bring back what was removed.
    let kept_since = kept_since(shared.pace.keep_days, shared.clock.now());
    for page in 0..MAX_PENALTY_PAGES {
        if shared.stopping.is_wished() {
            swept.is_whole = false;
            break;
        }
        let offset = page * MAX_PENALTIES;
        let list = match client.send(&GetPenaltyList::new(offset)).await {
            Ok(list) => list.trust_anyway(),
            Err(error) => {
                trace::unswept(source, &error.to_string());
                swept.is_whole = false;
                break;
            }
        };
        let mut sightings = Vec::new();
        let is_kept = |penalty: &&Penalty| penalty.changed().is_none_or(|changed| changed >= kept_since);
        let penalties = list.appeal_list.iter().filter(is_kept);
        let penalties = penalties.map(|penalty| match penalty.complaint_order_id.as_deref() {
            Some(id) => Seen::Complaint(existing(source, id)),
            None => {
                // A document that was read can be written.
                let content = serde_json::to_vec(penalty).unwrap_or_default();
                let reason = complaint_inbox::Reason::new("penalty", "a penalty without its complaint's number");
                Seen::Letter(NewLetter::new(source.clone(), reason, content))
            }
        });
        for seen in penalties.chain(list.unreadable.iter().map(|row| unreadable(row, source, existing))) {
            match seen {
                Seen::Complaint(sighting) => sightings.push(sighting),
                Seen::Letter(letter) => keep_letter(shared, letter).await?,
            }
        }
        swept.due += shared.store.sight(sightings).await?;
        if list.appeal_list.is_empty() && list.unreadable.is_empty()
            || list.total_num <= i64::from(offset + MAX_PENALTIES)
        {
            return Ok(swept);
        }
    }
    if swept.is_whole {
        trace::unswept(source, "it has more penalties than a sweep reads");
        swept.is_whole = false;
    }
    Ok(swept)
}

/// A row that cannot be read. By its number, the complaint may be readable.
fn unreadable(row: &UnreadableRow, source: &Source, sighting: impl Fn(&Source, &str) -> Sighting) -> Seen {
    match row.complaint_id() {
        Some(id) => Seen::Complaint(sighting(source, id)),
        None => Seen::Letter(letter(source, row)),
    }
}

/// A complaint of which a penalty tells alone.
#[cfg(feature = "mini-program")]
fn existing(source: &Source, id: &str) -> Sighting {
    Sighting::existing(ComplaintKey::new(&source.channel, &source.merchant, id))
}

fn letter(source: &Source, row: &UnreadableRow) -> NewLetter {
    NewLetter::new(source.clone(), arrival::reason_of(&row.error), row.row.expose().as_bytes().to_vec())
}

fn sighting(source: &Source, id: &str, standing: impl Into<String>) -> Sighting {
    Sighting::new(ComplaintKey::new(&source.channel, &source.merchant, id), standing)
}

/// The first and the last day of a sweep; `None` under a clock that is not set.
fn swept_days(now: UnixTime) -> Option<(String, String)> {
    let last = Day::of(now);
    (!now.is_of_unset_clock()).then(|| (last.plus(1 - SWEPT_DAYS).to_string(), last.to_string()))
}

/// Days that a sweep looks back, by the day of filing: the platforms list 30 at most.
const SWEPT_DAYS: i64 = 30;

/// The longest time from a sweep that failed to the next one.
const AFTER_FAILURE: Duration = Duration::from_secs(60);

/// Rows of a list that are compared in one transaction.
const AT_ONCE: usize = 100;

/// Pages of penalties that a sweep reads at most.
#[cfg(feature = "mini-program")]
const MAX_PENALTY_PAGES: u32 = 50;

/// How a complaint stands whose row cannot be read: otherwise than any that was read.
const UNREADABLE: &str = "unreadable";

#[cfg(test)]
mod tests {
    use protocol_core::FIRST_OF_SET_CLOCK;

    use super::*;

    #[test]
    fn a_sweep_covers_thirty_days_of_china() {
        // 2025-03-14 23:59:59 and a second later, in China.
        let before_midnight = UnixTime(1_741_967_999);
        let days = |first: &str, last: &str| Some((first.to_owned(), last.to_owned()));
        assert_eq!(swept_days(before_midnight), days("2025-02-13", "2025-03-14"));
        assert_eq!(swept_days(before_midnight.plus(1)), days("2025-02-14", "2025-03-15"));
    }

    #[test]
    fn nothing_is_swept_under_a_clock_that_is_not_set() {
        assert_eq!(swept_days(UnixTime(FIRST_OF_SET_CLOCK.0 - 1)), None);
        assert!(swept_days(FIRST_OF_SET_CLOCK).is_some());
    }
}
