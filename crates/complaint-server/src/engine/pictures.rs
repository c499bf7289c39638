//! Pictures: each is fetched once, soon after its complaint was read, and kept.

use std::time::Duration;

use complaint_channels::Account;
use complaint_inbox::{
    ComplaintRecord, PictureClaim, PictureOutcome, Reason, Sighting, Source, Store, StoreError, Wait,
};
use futures_util::{StreamExt as _, stream};
use protocol_core::{Delivery, Failure, Fault, Personal};
use tokio::time::timeout;

use super::after_failure::after_fetch;
use super::failed::Failed;
use super::picture_places::{Link, link_at};
use super::reader::reference;
use super::run::{Shared, account_of};
use super::trace;

/// Fetches what is wanted, until the account is removed.
pub(super) async fn run<S: Store>(shared: &Shared<S>, source: &Source) {
    // A reading rings it.
    shared.attend(source, &shared.events, || fetch_some(shared, source)).await;
}

/// Fetches some pictures. Returns whether more may be wanted.
async fn fetch_some<S: Store>(shared: &Shared<S>, source: &Source) -> Result<bool, StoreError> {
    let channels = shared.live.current();
    let Some(account) = account_of(&channels, source).filter(|_| !shared.stopping.is_wished()) else {
        return Ok(false);
    };
    let claims = shared.claims.of(shared.store.claim_pictures(source, AT_ONCE, LEASE_SECONDS)).await?;
    let is_full = claims.len() == AT_ONCE as usize;
    let fetches = stream::iter(claims).map(|claim| fetch(shared, account, claim));
    let kept: Vec<_> = fetches.buffer_unordered(AT_ONCE as usize).collect().await;
    Ok(is_full && kept.iter().all(Result::is_ok))
}

async fn fetch<S: Store>(shared: &Shared<S>, account: Account<'_>, claim: PictureClaim) -> Result<(), StoreError> {
    let Some(record) = shared.store.complaint(&claim.complaint).await? else { return Ok(()) };
    let outcome = match ask(account, &claim, &record).await {
        Ok(Fetched::Content(content)) => PictureOutcome::Kept(content),
        Ok(Fetched::OldLink) => {
            let sighting = Sighting::new(claim.complaint.clone(), OLD_LINKS);
            shared.store.sight(vec![sighting]).await?;
            shared.work.ring();
            PictureOutcome::Failed { reason: Reason::new("old-link", OLD_LINK), wait: Wait::Seconds(READING_SECONDS) }
        }
        Err(Failed { failure, reason }) => after_fetch(&failure, claim.refused, reason),
    };
    trace::picture(&claim.complaint, claim.number, &outcome);
    shared.store.finish_picture(&claim, outcome).await.map(drop)
}

/// What a link led to.
enum Fetched {
    Content(Personal<Vec<u8>>),
    /// The link failed before, and is of the same reading: a reading has another one.
    OldLink,
}

async fn ask(account: Account<'_>, claim: &PictureClaim, record: &ComplaintRecord) -> Result<Fetched, Failed> {
    let document = record.document.as_ref().map(|document| document.expose().as_str());
    let link = document.and_then(|document| link_at(&claim.place, document, &record.entries));
    let fetching = async {
        match link {
            Some(Link::Plain(link)) => {
                account.links().check(link.expose()).map_err(|error| {
                    // Its words name the host.
                    Failed::new(error.failure(), "foreign-host", error.to_string())
                })?;
                if !claim.is_read_since {
                    return Ok(Fetched::OldLink);
                }
                account.links().fetch(link.expose()).await.map_err(Failed::from)
            }
            Some(Link::Channel(link)) => match account.complaint_channel() {
                Some(channel) => {
                    let complaint = reference(&claim.complaint.id, document, record.accused.as_deref());
                    channel.download_image(&complaint, link.expose()).await.map_err(Failed::from)
                }
                None => Err(Failed::local("no-client", "this channel has no client for pictures")),
            },
            None => {
                let failure = Failure::new(Fault::Caller, Delivery::NotSent);
                Err(Failed::new(failure, "named-no-more", "the complaint names it no more"))
            }
        }
        // TLS and the host's name vouch for it: there is no signature.
        .map(|picture| Fetched::Content(picture.trust_anyway()))
    };
    match timeout(FETCH_TIMEOUT, fetching).await {
        Ok(fetched) => fetched,
        Err(_) => {
            let late = Failure::new(Fault::Network, Delivery::Unknown).with_is_retryable(true);
            let words = format!("the picture did not arrive within {} seconds", FETCH_TIMEOUT.as_secs());
            Err(Failed::new(late, "network", words))
        }
    }
}

const OLD_LINK: &str = "the link led to no picture; the complaint is read again for a fresh one";

/// No reading stands so: the complaint becomes due.
const OLD_LINKS: &str = "old links";

/// How long a picture waits for a reading of its complaint, which ends the wait, in seconds.
const READING_SECONDS: u32 = 300;

/// Pictures of an account that are fetched at once.
const AT_ONCE: u32 = 2;

/// The time for one picture, the client's retries included.
const FETCH_TIMEOUT: Duration = Duration::from_secs(120);

/// The lease of a claim: longer than a fetch.
const LEASE_SECONDS: u32 = 300;
