//! Acts: what was asked for is carried out by the channel, once, its state kept before each send.

use allinpay_adapter::Client;
use complaint_channels::Account;
use complaint_inbox::{AbortPoint, ActClaim, ComplaintRecord, Source, Store, StoreError, Wait};
use futures_util::{StreamExt as _, stream};
use protocol_core::allinpay::{AlipayComplaint, AlipayProcessFinish};
use protocol_core::call::{ActState, ActStore, OutsideError, StoreFuture};
use protocol_core::channel::Act;
use protocol_core::{Delivery, Effect, Failure, Fault};

use super::after_failure::{AfterAct, NETWORK_SECONDS, after_act};
use super::alipay_reading::read;
use super::arrival::ALIPAY;
use super::failed::Failed;
use super::reader::reference;
use super::run::{Shared, account_of};
use super::trace;

/// Carries out acts as soon as they are asked for, until the account is removed.
pub(super) async fn run<S: Store>(shared: &Shared<S>, source: &Source) {
    shared.attend(source, &shared.work, || act_on_some(shared, source)).await;
}

/// Carries out some acts. Returns whether there were any: the next on the same complaint may follow.
async fn act_on_some<S: Store>(shared: &Shared<S>, source: &Source) -> Result<bool, StoreError> {
    let channels = shared.live.current();
    let Some(account) = account_of(&channels, source).filter(|_| !shared.stopping.is_wished()) else {
        return Ok(false);
    };
    let claims = shared.claims.of(shared.store.claim_acts(source, CLAIMS, LEASE_SECONDS)).await?;
    let is_any = !claims.is_empty();
    let acts = stream::iter(claims).map(|claim| carry_out(shared, account, claim));
    let kept: Vec<_> = acts.buffer_unordered(CLAIMS as usize).collect().await;
    Ok(is_any && kept.iter().all(Result::is_ok))
}

async fn carry_out<S: Store>(shared: &Shared<S>, account: Account<'_>, claim: ActClaim) -> Result<(), StoreError> {
    if shared.stopping.is_wished() {
        shared.store.put_back_act(&claim, Wait::None).await?;
        return Ok(());
    }
    let record = match shared.store.complaint(&claim.record.ask.complaint).await {
        Ok(record) => record,
        Err(error) => {
            // Nothing was sent, so it need not wait for the end of its lease.
            shared.store.put_back_act(&claim, Wait::Seconds(NETWORK_SECONDS)).await?;
            return Err(error);
        }
    };
    let mut row = Row { store: &shared.store, claim: &claim, state: claim.record.state.clone(), is_ours: true };
    let performed = perform(account, &claim, record, &mut row).await;
    AbortPoint::ActSent.reach();
    let (outcome, reason) = match performed {
        Ok(effect) => (Ok(effect), None),
        Err(Failed { failure, reason }) => (Err(failure), Some(reason)),
    };
    if !row.is_ours {
        return Ok(());
    }
    let kind = claim.record.ask.act.kind();
    let end = match after_act(&outcome, claim.refused) {
        AfterAct::Finish(outcome) => {
            // An outcome that is lost would be looked for after the lease, and is unknown for an act that
            // no look can find.
            let finish = || shared.store.finish_act(&claim, outcome, reason.as_ref());
            shared.store_again(MAX_FINISHES, finish).await?;
            shared.work.ring();
            shared.events.ring();
            outcome.stage().as_str()
        }
        AfterAct::Again(wait) => {
            shared.store.put_back_act(&claim, wait).await?;
            "put back"
        }
    };
    trace::acted(&claim.record.ask.complaint, kind.as_str(), end);
    Ok(())
}

/// The platform's response, or the failure.
type Performed = Result<Effect, Failed>;

async fn perform<S: Store>(
    account: Account<'_>,
    claim: &ActClaim,
    record: Option<ComplaintRecord>,
    row: &mut Row<'_, S>,
) -> Performed {
    let ask = &claim.record.ask;
    let (document, accused) = record.map(|record| (record.document, record.accused)).unwrap_or_default();
    let document = document.as_ref().map(|document| document.expose().as_str());
    let complaint = reference(&ask.complaint.id, document, accused.as_deref());
    // An earlier client may have sent it.
    let delivery = if row.state.is_some() { Delivery::Unknown } else { Delivery::NotSent };
    let no_client = |code, words| Err(Failed::new(Failure::new(Fault::Local, delivery), code, words));
    match account {
        Account::Allinpay(account) if ask.complaint.channel == ALIPAY => match document.and_then(read) {
            Some(complaint) => process(account.client(), &complaint, accused.as_deref(), &ask.act, row).await,
            None => {
                let failure = Failure::new(Fault::Local, delivery).with_is_retryable(true);
                let words = "the complaint was not read yet, so its number at Alipay is not known";
                Err(Failed::new(failure, "unread", words))
            }
        },
        #[cfg(feature = "mini-program")]
        Account::MiniProgram(account) => match account.client() {
            Some(client) => client.perform_stored(&complaint, &ask.act, row).await.map_err(Failed::from),
            None => no_client("no-app-secret", super::reader::NO_APP_SECRET),
        },
        account => match account.complaint_channel() {
            Some(channel) => channel.perform_stored(&complaint, &ask.act, row).await.map_err(Failed::from),
            None => no_client("no-client", "this channel has no client"),
        },
    }
}

/// Alipay's complaints have one act.
async fn process<S: Store>(
    client: &Client,
    complaint: &AlipayComplaint,
    accused: Option<&str>,
    act: &Act,
    row: &mut Row<'_, S>,
) -> Performed {
    let merchant = complaint.merchant_no.as_deref().filter(|number| !number.is_empty()).or(accused);
    let client = merchant.map_or_else(|| Ok(client.clone()), |merchant| client.about(merchant));
    let client = client.map_err(|error| Failed::new(error.failure(), "invalid", error.to_string()))?;
    let finish = AlipayProcessFinish::of_act(&complaint.id, act).map_err(|error| {
        Failed::new(error.failure(), "process-alone", format!("{error}: ask for `process` instead"))
    })?;
    let performed = client.send_stored(&finish, row).await;
    performed.map(|_| Effect::Confirmed).map_err(Failed::from)
}

/// The act's row in the inbox.
struct Row<'a, S> {
    store: &'a S,
    claim: &'a ActClaim,
    state: Option<ActState>,
    /// No other process took the act over.
    is_ours: bool,
}

impl<S: Store> Row<'_, S> {
    async fn set(&mut self, state: Option<&ActState>) -> Result<(), OutsideError> {
        let kept = self.store.keep_act(self.claim, state, LEASE_SECONDS).await;
        self.is_ours = kept.map_err(OutsideError::before_sending)?;
        if !self.is_ours {
            let lost = Failure::new(Fault::Local, Delivery::NotSent);
            return Err(OutsideError::new(lost, "another process carries out this act"));
        }
        self.state = state.cloned();
        Ok(())
    }
}

impl<S: Store> ActStore for Row<'_, S> {
    fn load(&mut self) -> StoreFuture<'_, Option<ActState>> {
        Box::pin(async { Ok(self.state.clone()) })
    }

    fn keep<'a>(&'a mut self, state: &'a ActState) -> StoreFuture<'a, ()> {
        Box::pin(async {
            self.set(Some(state)).await?;
            AbortPoint::ActKept.reach();
            Ok(())
        })
    }

    fn remove(&mut self) -> StoreFuture<'_, ()> {
        Box::pin(self.set(None))
    }
}

/// Acts of one claim, which are carried out at once: each is on another complaint.
const CLAIMS: u32 = 4;

/// Attempts to store how an act ended: within five minutes, which its lease outlasts.
const MAX_FINISHES: u32 = 60;

/// The lease of an act, from each keeping of its state on: longer than a send and the looks after it.
const LEASE_SECONDS: u32 = 900;
