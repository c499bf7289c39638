//! Calls over any transport: a client makes single attempts, and the rest of a call stands here.

use std::time::Duration;

use super::{Evidence, EvidenceQuery, EvidenceResponse, Operation, RawResponse, Response, ResponseError};
use crate::call::{
    self, ActOnce, ActStore, Attempts, CallError, CallResponse, Exchanger, FailedCall, Hosts, Paged, Pages, Performer,
    RECHECK_DELAYS, Setback, Turns, perform, perform_unseen,
};
use crate::crypto::KeyStore;
use crate::headers::Headers;
use crate::operation::OperationInfo;
use crate::retry::RetryPolicy;
use crate::time::UnixTime;

/// The result of an attempt, or of a call, with the platform's clock and the wait that the platform
/// asks for.
pub type Exchanged<T> = Result<CallResponse<T>, FailedCall<ResponseError>>;

/// The rows of some lists, and their problems.
pub type ReadRows<R> = (Vec<R>, Vec<CallError<ResponseError>>);

/// A client of WeChat Pay over any transport, with or without a runtime. It makes single attempts;
/// retries, other hosts and looks are provided.
///
/// A client without a runtime blocks in [`attempt`](Self::attempt) and [`sleep`](Self::sleep), and
/// runs its calls in [`blocking`](crate::call::blocking).
pub trait Sender: Sync {
    /// Makes one attempt at this origin, stamped and signed anew. Attempts count from 1.
    fn attempt<O: Operation + Sync>(
        &self,
        operation: &O,
        number: u32,
        origin: &str,
    ) -> impl Future<Output = Exchanged<O::Response>> + Send;

    /// Waits.
    fn sleep(&self, wait: Duration) -> impl Future<Output = ()> + Send;

    /// The time.
    fn now(&self) -> UnixTime;

    /// The time of a monotonic clock. It has the same starting point for all calls that share their
    /// [`turns`](Self::turns).
    fn elapsed(&self) -> Duration;

    /// A number that is uniform over all of `u64`: waits differ by it.
    fn random(&self) -> u64;

    /// The hosts of requests.
    fn hosts(&self) -> &Hosts;

    /// The turns of requests: `Turns::new(RATES)`, kept as long as the client.
    fn turns(&self) -> &Turns;

    /// How often and how fast a request is sent again.
    fn retry(&self) -> RetryPolicy {
        RetryPolicy::default()
    }

    /// The waits before each look for an act whose outcome is unknown.
    fn recheck_delays(&self) -> &[Duration] {
        &RECHECK_DELAYS
    }

    /// Makes the attempts of one call, and calls `sending` before each. The complaint is not looked
    /// at after an unknown outcome.
    fn exchange<O: Operation + Sync>(
        &self,
        operation: &O,
        sending: impl FnMut() + Send,
    ) -> impl Future<Output = Exchanged<O::Response>> + Send {
        exchange(self, operation, sending)
    }

    /// Sends an operation and waits for its response. An act happens once: after an unknown outcome
    /// the complaint is looked at before anything is sent again.
    fn send<O: Operation + Sync>(
        &self,
        operation: &O,
    ) -> impl Future<Output = Result<O::Response, CallError<ResponseError>>> + Send {
        send_once(self, operation, None)
    }

    /// Sends an operation as [`send`](Self::send) does, also across a crash: an act's state is kept
    /// in the store before each attempt. If the store has a state, an earlier process may have sent
    /// the act: the complaint is read before anything is sent.
    fn send_stored<O: Operation + Sync>(
        &self,
        operation: &O,
        store: &mut dyn ActStore,
    ) -> impl Future<Output = Result<O::Response, CallError<ResponseError>>> + Send {
        send_once(self, operation, Some(store))
    }

    /// Reads every row of these lists once, even if new rows shift the pages. Returns the rows, and
    /// the problems: rows that cannot be read, and lists that ended too early. If a request fails,
    /// the rows read so far are lost.
    fn read_all<P>(
        &self,
        lists: Vec<P>,
    ) -> impl Future<Output = Result<ReadRows<P::Row>, CallError<ResponseError>>> + Send
    where
        P: Paged<Row: Send, Response: Send> + Operation<Response = <P as Paged>::Response> + Send + Sync,
    {
        async move {
            let (mut pages, mut rows) = (Pages::new(lists), Vec::new());
            while let Some(page) = pages.next() {
                rows.extend(pages.take(self.send(&page).await?));
            }
            Ok((rows, pages.amiss()))
        }
    }
}

async fn send_once<S: Sender + ?Sized, O: Operation + Sync>(
    sender: &S,
    operation: &O,
    store: Option<&mut dyn ActStore>,
) -> Result<O::Response, CallError<ResponseError>> {
    let Some((evidence, found)) = operation.evidence() else {
        let sending = async {
            sender.exchange(operation, || {}).await.map(|received| received.response).map_err(|failed| failed.error)
        };
        return perform_unseen(O::IDEMPOTENCY, store, sending).await;
    };
    let (retry, delays) = (sender.retry(), sender.recheck_delays());
    perform(evidence, found, retry, delays, store, &mut Once { sender, operation }).await
}

/// What [`Sender::exchange`] does, for a sender that adds to it.
///
/// # Errors
/// The failure of the last attempt.
pub async fn exchange<S: Sender + ?Sized, O: Operation + Sync>(
    sender: &S,
    operation: &O,
    sending: impl FnMut() + Send,
) -> Exchanged<O::Response> {
    let attempts = Attempts::new(sender.retry(), O::IDEMPOTENCY, sender.hosts(), sender.now());
    let attempts = attempts.with_turns(sender.turns(), O::RATE);
    call::exchange(attempts, &mut Call { sender, operation, sending }).await
}

/// Verifies and reads the response to an attempt, as [`Sender::attempt`] returns it.
///
/// # Errors
/// [`CallError::Response`].
pub fn receive<O: Operation>(
    operation: &O,
    response: RawResponse<'_, dyn Headers + '_>,
    keys: &dyn KeyStore,
    now: UnixTime,
) -> Exchanged<O::Response> {
    match operation.receive(Response::new(response, keys, now)) {
        Ok(content) => Ok(CallResponse { response: content, platform_time: platform_time(response.headers) }),
        Err(error) => Err(FailedCall { error: error.into(), retry_after: response.retry_after(now) }),
    }
}

/// Of a response that was verified.
fn platform_time(headers: &dyn Headers) -> Option<UnixTime> {
    UnixTime::from_digits(headers.header("Wechatpay-Timestamp").text()?)
}

/// One call of a sender.
struct Call<'a, S: ?Sized, O, F> {
    sender: &'a S,
    operation: &'a O,
    sending: F,
}

impl<S: Sender + ?Sized, O: Operation + Sync, F: FnMut() + Send> Exchanger for Call<'_, S, O, F> {
    type Response = CallResponse<<O as OperationInfo>::Response>;
    type Refusal = ResponseError;

    async fn attempt(&mut self, number: u32, origin: &str) -> Exchanged<O::Response> {
        (self.sending)();
        self.sender.attempt(self.operation, number, origin).await
    }

    async fn sleep(&mut self, wait: Duration) {
        self.sender.sleep(wait).await;
    }

    fn now(&self) -> UnixTime {
        self.sender.now()
    }

    fn elapsed(&self) -> Duration {
        self.sender.elapsed()
    }

    fn random(&mut self) -> u64 {
        self.sender.random()
    }
}

/// One act of a sender.
struct Once<'a, S: ?Sized, O> {
    sender: &'a S,
    operation: &'a O,
}

impl<S: Sender + ?Sized, O: Operation + Sync> Performer<Evidence> for Once<'_, S, O> {
    type Response = <O as OperationInfo>::Response;
    type Refusal = ResponseError;

    async fn send(&mut self, act: &mut ActOnce<Evidence>) -> Result<O::Response, FailedCall<ResponseError>> {
        let Self { sender, operation } = self;
        // A wait for a turn comes before: an entry of that time is not the act.
        let sending = || act.sending(sender.elapsed());
        sender.exchange(*operation, sending).await.map(|received| received.response)
    }

    fn setback(&self, FailedCall { error, retry_after }: &FailedCall<ResponseError>, _: bool) -> Setback {
        Evidence::setback(error, *retry_after)
    }

    async fn look(&mut self, query: EvidenceQuery) -> Option<(EvidenceResponse, Option<UnixTime>)> {
        Some(match query {
            EvidenceQuery::History(page) => {
                let CallResponse { response, platform_time } = self.sender.exchange(&page, || {}).await.ok()?;
                (EvidenceResponse::History(response), platform_time)
            }
            EvidenceQuery::Complaint(complaint) => {
                let CallResponse { response, platform_time } = self.sender.exchange(&complaint, || {}).await.ok()?;
                (EvidenceResponse::Complaint(Box::new(response)), platform_time)
            }
        })
    }

    async fn sleep(&mut self, wait: Duration) {
        self.sender.sleep(wait).await;
    }

    fn now(&self) -> Duration {
        self.sender.elapsed()
    }
}
