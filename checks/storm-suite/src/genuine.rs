//! Genuine traffic: what the platforms send, as they send it.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, StatusCode};
use http_transport::{ClientConfig, Deadline, HttpsClient, Resolve, Roots};
use platform_sandbox::{NewComplaint, PushFormat, PushMode, Sandbox, WEBHOOK_HOST};
use tokio::task::JoinSet;
use tokio::time::{Instant, interval, sleep};

use crate::Failure;
use crate::service::Service;

/// What the platforms wait for a response.
const PLATFORM_WAITS: Duration = Duration::from_secs(5);

/// One message after the other, so often.
const EVERY: Duration = Duration::from_millis(50);

/// How often a message is sent at most, as the platforms do: the third time is the last of the Mini Program.
const TRIES: usize = 3;

/// The wait before a message is sent again: shorter than WeChat Pay's 15 seconds.
const AGAIN_AFTER: Duration = Duration::from_secs(1);

/// One message, sent until it was acknowledged.
struct Arrival {
    number: String,
    /// The platform can be asked about it.
    readable: bool,
    /// How long each try took, and whether it was acknowledged.
    tries: Vec<(Duration, bool)>,
}

/// What became of all messages.
#[derive(Default)]
pub(crate) struct Arrivals(Vec<Arrival>);

impl Arrivals {
    pub(crate) fn sent(&self) -> usize {
        self.0.len()
    }

    /// Acknowledged, but not at the first try.
    pub(crate) fn again(&self) -> usize {
        self.0.iter().filter(|arrival| arrival.tries.len() > 1 && arrival.is_acknowledged()).count()
    }

    pub(crate) fn lost(&self) -> usize {
        self.0.iter().filter(|arrival| !arrival.is_acknowledged()).count()
    }

    pub(crate) fn acknowledged(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter(|arrival| arrival.is_acknowledged()).map(|arrival| &*arrival.number)
    }

    pub(crate) fn readable(&self) -> impl Iterator<Item = &str> {
        let readable = |arrival: &&Arrival| arrival.readable && arrival.is_acknowledged();
        self.0.iter().filter(readable).map(|arrival| &*arrival.number)
    }

    /// Of the time of all tries, so many of a hundred took no longer.
    pub(crate) fn percentile(&self, percent: usize) -> Duration {
        let mut times: Vec<Duration> =
            self.0.iter().flat_map(|arrival| &arrival.tries).map(|(time, _)| *time).collect();
        times.sort_unstable();
        let last = times.len().saturating_sub(1);
        times.get((times.len() * percent / 100).min(last)).copied().unwrap_or_default()
    }
}

impl Arrival {
    fn is_acknowledged(&self) -> bool {
        self.tries.last().is_some_and(|(_, acknowledged)| *acknowledged)
    }
}

pub(crate) struct Sender {
    client: HttpsClient,
    origin: String,
}

impl Sender {
    pub(crate) fn new(sandbox: &Sandbox, service: &Service, tls: bool) -> Result<Self, Failure> {
        let address = service.address();
        let config = ClientConfig::default()
            .with_roots(Roots::Pem(sandbox.root_certificate().as_bytes().to_vec()))
            .with_resolve(Resolve::To(address.ip()))
            .with_connect_timeout(PLATFORM_WAITS)
            .with_max_idle_per_host(0)
            .with_allow_http(!tls);
        let scheme = if tls { "https" } else { "http" };
        Ok(Self { client: HttpsClient::new(config)?, origin: format!("{scheme}://{WEBHOOK_HOST}:{}", address.port()) })
    }

    /// Sends a message of each channel in turn, for so long.
    pub(crate) async fn send_for(&self, time: Duration, sandbox: &Sandbox) -> Result<Arrivals, Failure> {
        let mchid = sandbox.merchant().mchid.clone();
        let until = Instant::now() + time;
        let mut ticks = interval(EVERY);
        let mut sending = JoinSet::new();
        let mut count = 0_u64;
        while Instant::now() < until {
            ticks.tick().await;
            count += 1;
            let (number, readable, path, headers, body) = if count.is_multiple_of(2) {
                let number = sandbox.file_complaint(NewComplaint::default());
                let signed = sandbox.signed_notification(&mchid, &number, "CREATE_COMPLAINT", None)?;
                (number, true, "/wechat-pay/complaints".to_owned(), signed.headers, signed.body)
            } else {
                let number = format!("86{count:010}");
                let message = format!(
                    r#"{{"Event":"complaint_callback","CreateTime":{count},"complaint_order_id":"{number}","status":"201"}}"#
                );
                let signed = sandbox.signed_message(message.as_bytes(), PushMode::Secure, PushFormat::Json);
                let headers = vec![("Content-Type".to_owned(), signed.content_type.to_owned())];
                (number, false, format!("/mini-program/push?{}", signed.query), headers, signed.body)
            };
            let mut request = Request::post(format!("{}{path}", self.origin));
            for (name, value) in &headers {
                request = request.header(name, value);
            }
            let request = request.extension(Deadline(PLATFORM_WAITS)).body(Bytes::from(body))?;
            let client = self.client.clone();
            sending.spawn(async move { send(&client, request, number, readable).await });
        }
        Ok(Arrivals(sending.join_all().await))
    }
}

async fn send(client: &HttpsClient, request: Request<Bytes>, number: String, readable: bool) -> Arrival {
    let mut tries = Vec::new();
    for again in 0..TRIES {
        if again > 0 {
            sleep(AGAIN_AFTER).await;
        }
        let begun = Instant::now();
        let response = client.send(request.clone()).await;
        let acknowledged =
            matches!(&response, Ok(response) if matches!(response.status(), StatusCode::OK | StatusCode::NO_CONTENT));
        tries.push((begun.elapsed(), acknowledged));
        if acknowledged {
            break;
        }
    }
    Arrival { number, readable, tries }
}
