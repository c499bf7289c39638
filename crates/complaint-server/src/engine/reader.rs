//! The reader: complaints that are due are read from the platform and kept, whole.

use complaint_channels::{Account, AllinpayAccount};
use complaint_inbox::{AbortPoint, Claim, Reading, Source, Store, StoreError, Wait};
use futures_util::{StreamExt as _, stream};
use protocol_core::allinpay::AlipayComplaintQueryV2;
use protocol_core::channel::{ChannelError, ComplaintChannel, ComplaintRef};
use protocol_core::complaint::{Complaint, Deadlines};
use protocol_core::{Delivery, Failure, Fault};

use super::after_failure::{NETWORK_SECONDS, before_reading};
use super::alipay_reading::of_alipay;
use super::arrival::ALIPAY;
use super::picture_places::places;
use super::reading::{History, of_complaint};
use super::run::{Shared, account_of};
use super::story::Former;
use super::trace;

/// Reads what is due as soon as it is heard of, until the account is removed.
pub(super) async fn run<S: Store>(shared: &Shared<S>, source: &Source) {
    shared.attend(source, &shared.work, || read_some(shared, source)).await;
}

/// Reads some of what is due. Returns whether more may be.
async fn read_some<S: Store>(shared: &Shared<S>, source: &Source) -> Result<bool, StoreError> {
    let channels = shared.live.current();
    let Some(account) = account_of(&channels, source).filter(|_| !shared.stopping.is_wished()) else {
        return Ok(false);
    };
    let claims = shared.claims.of(shared.store.claim(source, CLAIMS, LEASE_SECONDS)).await?;
    let is_full = claims.len() == CLAIMS as usize;
    let readings = stream::iter(claims).map(|claim| read(shared, account, claim));
    let kept: Vec<_> = readings.buffer_unordered(AT_ONCE).collect().await;
    // One that the store did not take is claimed again after its lease.
    Ok(is_full && kept.iter().all(Result::is_ok))
}

async fn read<S: Store>(shared: &Shared<S>, account: Account<'_>, claim: Claim) -> Result<(), StoreError> {
    // It was claimed before the wish to stop, and not begun.
    if shared.stopping.is_wished() {
        shared.store.put_back(&claim, Wait::None).await?;
        return Ok(());
    }
    // The first reading has no history before it.
    let former = match &claim.document {
        Some(_) => match shared.store.complaint(&claim.key).await {
            Ok(record) => record.map(|record| record.entries).unwrap_or_default(),
            Err(error) => {
                // Nothing was asked, so it need not wait for the end of its lease.
                shared.store.put_back(&claim, Wait::Seconds(NETWORK_SECONDS)).await?;
                return Err(error);
            }
        },
        None => Vec::new(),
    };
    let former =
        Former { document: claim.document.as_ref().map(|document| document.expose().as_str()), entries: &former };
    let asked = ask(account, &claim, former).await;
    AbortPoint::ReadingAsked.reach();
    match asked {
        Ok(mut reading) => {
            let entries = reading.entries.as_deref().unwrap_or_default();
            reading.pictures = places(reading.document.expose(), entries);
            if shared.store_again(MAX_KEEPS, || shared.store.keep_reading(&claim, reading.clone())).await? {
                shared.events.ring();
                trace::read(&claim.key);
            }
        }
        Err(unread) => {
            trace::unread(&claim.key, &unread.words);
            let wait = before_reading(&unread.failure, unread.is_missing);
            shared.store_again(MAX_KEEPS, || shared.store.put_back(&claim, wait)).await?;
        }
    }
    Ok(())
}

/// A complaint that could not be read.
#[derive(Debug)]
struct Unread {
    failure: Failure,
    /// The platform does not know the complaint.
    is_missing: bool,
    words: String,
}

impl Unread {
    fn at_this_side(words: impl ToString) -> Self {
        Self { failure: Failure::new(Fault::Local, Delivery::NotSent), is_missing: false, words: words.to_string() }
    }
}

impl From<ChannelError> for Unread {
    fn from(error: ChannelError) -> Self {
        Self { failure: error.failure(), is_missing: is_missing(&error), words: error.to_string() }
    }
}

/// Whether the platform says that it does not know the complaint.
fn is_missing(error: &ChannelError) -> bool {
    #[cfg(feature = "virtual-payment")]
    if let Some(error) = error.cause::<wechat_adapter::virtual_payment::Error>() {
        return is_unknown(error);
    }
    let refusal = error.cause::<wechat_adapter::Error>().and_then(|error| error.response()?.refusal());
    refusal.is_some_and(|(status, _)| status == 404)
}

#[cfg(feature = "mini-program")]
fn is_unknown(error: &wechat_adapter::mini_program::Error) -> bool {
    use protocol_core::mini_program::ServerCode;

    error.response().and_then(|response| response.code()) == Some(ServerCode::NoSuchComplaint)
}

async fn ask(account: Account<'_>, claim: &Claim, former: Former<'_>) -> Result<Reading, Unread> {
    match account {
        Account::Allinpay(account) if claim.key.channel == ALIPAY => ask_alipay(account, claim, former).await,
        #[cfg(feature = "mini-program")]
        Account::MiniProgram(account) => ask_order(account, claim, former).await,
        #[cfg(feature = "virtual-payment")]
        Account::VirtualPayment(account) => {
            ask_channel(account.client(), claim, former, Deadlines::taken_as_wechat_pays).await
        }
        account => match account.complaint_channel() {
            Some(channel) => ask_channel(channel, claim, former, |deadlines| deadlines).await,
            None => Err(Unread::at_this_side("this channel has no client")),
        },
    }
}

async fn ask_channel(
    channel: &dyn ComplaintChannel,
    claim: &Claim,
    former: Former<'_>,
    deadlines: fn(Deadlines) -> Deadlines,
) -> Result<Reading, Unread> {
    let known = reference(&claim.key.id, former.document, claim.accused.as_deref());
    let complaint = channel.show(&known).await?;
    let mut entries = Vec::new();
    let mut end = Ok(());
    let mut about = ComplaintRef::from(&complaint);
    // An agent's list names the merchant; the detail does not.
    about.merchant_no = about.merchant_no.or(known.merchant_no);
    let mut history = channel.history(&about);
    while let Some(entry) = history.next().await {
        match entry {
            Ok(entry) => entries.push(entry),
            Err(error) => end = end.and(Err(error)),
        }
    }
    let history = match end {
        Ok(()) => History::Whole(&entries),
        Err(error) if error.leaves_the_others() => History::Partial(&entries),
        Err(error) if error.failure().is_retryable => return Err(error.into()),
        // The complaint alone is better than none.
        Err(_) => History::Unread,
    };
    of_complaint(&complaint, history, former, deadlines).map_err(Unread::at_this_side)
}

/// The list is asked, and not the detail: it finds a complaint by its task, also for an agent.
async fn ask_alipay(account: &AllinpayAccount, claim: &Claim, former: Former<'_>) -> Result<Reading, Unread> {
    let task = Some(&claim.key.id);
    let rows = account.client().alipay_complaints(AlipayComplaintQueryV2::default().with_task_id(&claim.key.id));
    let mut rows = Box::pin(rows);
    while let Some(row) = rows.next().await {
        let complaint = row.map_err(ChannelError::from)?;
        if complaint.task_id.as_ref() == task {
            return of_alipay(&complaint, former).map_err(Unread::at_this_side);
        }
    }
    Err(Unread {
        failure: Failure::new(Fault::Platform, Delivery::Processed),
        is_missing: true,
        words: "the list has no complaint of this task".to_owned(),
    })
}

#[cfg(feature = "mini-program")]
async fn ask_order(
    account: &complaint_channels::MiniProgramAccount,
    claim: &Claim,
    former: Former<'_>,
) -> Result<Reading, Unread> {
    use protocol_core::mini_program::GetOrderDetail;

    let client = account.client().ok_or_else(|| Unread::at_this_side(NO_APP_SECRET))?;
    let detail = client.send(&GetOrderDetail::new(&claim.key.id)).await.map_err(|error| Unread {
        failure: error.failure(),
        is_missing: is_unknown(&error),
        words: error.to_string(),
    })?;
    // TLS and the host's name vouch for it: there is no signature.
    let reading = super::order_reading::of_order(&detail.trust_anyway(), former).map_err(Unread::at_this_side)?;
    reading.ok_or_else(|| Unread {
        failure: Failure::new(Fault::Platform, Delivery::Processed),
        is_missing: false,
        words: "the detail has no complaint".to_owned(),
    })
}

/// The complaint as its document names it, or by its number alone; against this merchant, if the
/// document names none.
pub(super) fn reference(id: &str, document: Option<&str>, accused: Option<&str>) -> ComplaintRef {
    let complaint = document.and_then(|document| Complaint::decode(document.as_bytes()).ok());
    let mut complaint = complaint.map_or_else(|| ComplaintRef::new(id), |read| ComplaintRef::from(read.peek()));
    complaint.merchant_no = complaint.merchant_no.or_else(|| accused.map(str::to_owned));
    complaint
}

/// The reason why a Mini Program without a client is neither read nor acted for.
#[cfg(feature = "mini-program")]
pub(crate) const NO_APP_SECRET: &str =
    "the Mini Program has no `app_secret_file`: add it, and read the configuration again";

/// Complaints of one claim.
const CLAIMS: u32 = 8;

/// Complaints of an account that are read at once.
const AT_ONCE: usize = 4;

/// Attempts to store a reading: within a minute, which its lease outlasts.
const MAX_KEEPS: u32 = 12;

/// The lease of a claim: longer than the calls of all of them take together.
const LEASE_SECONDS: u32 = 600;
