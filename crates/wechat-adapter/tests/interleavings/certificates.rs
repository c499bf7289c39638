//! The certificates' keeper: a refresh, a keeper, and a response under a new key at once; one of
//! them is dropped at some moment.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, OnceLock};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_transport::SendError;
use protocol_core::crypto::{AeadAlgorithm, Certificate, KeyStore as _, Keyring, Signature};
use protocol_core::wechat_pay::Complete;
use tower_service::Service;
use wechat_adapter::{Client, Refreshed};

use crate::explorer::{Gates, Ticks, ensure, explore};
use crate::platform::{NOW, api_v3_key, builder, signed_by};

const CERTIFICATE: &str =
    include_str!("../../../protocol-core/tests/vectors/wechatpay/java/wechat_pay_certificate.pem");

const STILL: Ticks = Ticks { each: Duration::from_secs(1), number: 0 };

fn serial() -> String {
    Certificate::read(CERTIFICATE.as_bytes()).unwrap().serial_no().to_owned()
}

/// The list, and the response to an act, both under the key that only the list has. Signed once for
/// all runs.
fn responses() -> &'static [Response<Bytes>; 2] {
    static RESPONSES: OnceLock<[Response<Bytes>; 2]> = OnceLock::new();
    RESPONSES.get_or_init(|| {
        let sealed =
            api_v3_key().seal(AeadAlgorithm::Aes256Gcm, b"0123456789ab", b"certificate", CERTIFICATE.as_bytes());
        let ciphertext = Signature::new(sealed.unwrap()).to_base64();
        let list = format!(
            r#"{{"data":[{{"serial_no":"{}","encrypt_certificate":{{"algorithm":"AEAD_AES_256_GCM","nonce":"0123456789ab","associated_data":"certificate","ciphertext":"{ciphertext}"}}}}]}}"#,
            serial()
        );
        [signed_by(&serial(), 200, list).unwrap(), signed_by(&serial(), 204, "").unwrap()]
    })
}

#[derive(Clone)]
struct Platform {
    gates: Gates,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    lists: usize,
    in_flight: usize,
    most_in_flight: usize,
}

/// A request for the list that is on its way.
struct InFlight(Arc<Mutex<State>>);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.lock().unwrap().in_flight -= 1;
    }
}

impl Service<Request<Bytes>> for Platform {
    type Response = Response<Bytes>;
    type Error = SendError;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Bytes>, SendError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), SendError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Bytes>) -> Self::Future {
        let platform = self.clone();
        Box::pin(async move {
            let [list, done] = responses();
            if request.uri().path() != "/v3/certificates" {
                platform.gates.pass("act").await;
                return Ok(done.clone());
            }
            let _in_flight = {
                let mut state = platform.state.lock().unwrap();
                state.lists += 1;
                state.in_flight += 1;
                state.most_in_flight = state.most_in_flight.max(state.in_flight);
                InFlight(Arc::clone(&platform.state))
            };
            platform.gates.pass("list").await;
            Ok(list.clone())
        })
    }
}

/// The future that is dropped at some moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Dropped {
    Nothing,
    Keeper,
    Refresh,
}

async fn at_once(gates: Gates, dropped: Dropped) -> Result<(), String> {
    let platform = Platform { gates: gates.clone(), state: Arc::default() };
    let client: Client<Platform> =
        builder().keys(Arc::new(Keyring::new())).certificates(api_v3_key()).build_over(platform.clone());
    let refreshing = [0, 1].map(|_| {
        let (client, gates) = (client.clone(), gates.clone());
        tokio::spawn(async move {
            gates.pass("refresh").await;
            client.refresh_certificates().await
        })
    });
    let acting = {
        let client = client.clone();
        tokio::spawn(async move { client.send(&Complete::new("1", "1900007291")).await })
    };
    let mut keeper = Some(client.keep_certificates());
    match dropped {
        Dropped::Nothing => {}
        Dropped::Keeper => {
            gates.pass("drop").await;
            keeper = None;
        }
        Dropped::Refresh => {
            gates.pass("drop").await;
            refreshing[0].abort();
        }
    }
    acting.await.unwrap().map_err(|error| format!("the act: {error}"))?;
    for (number, refresh) in refreshing.into_iter().enumerate() {
        match refresh.await {
            Ok(refreshed) => {
                let loaded = Refreshed::Loaded { certificates: 1, failed: 0 };
                ensure(refreshed.as_ref().ok() == Some(&loaded), || format!("{refreshed:?}"))?;
            }
            Err(_) => ensure(dropped == Dropped::Refresh && number == 0, || "a refresh was cut off".to_owned())?,
        }
    }
    drop(keeper);
    ensure(client.keys().find(&serial(), NOW).is_ok(), || "the key is not there".to_owned())?;
    let State { lists, most_in_flight, .. } = *platform.state.lock().unwrap();
    ensure(most_in_flight == 1, || format!("{most_in_flight} lists at once"))?;
    // A caller who is dropped half-way leaves the fetch to the next one.
    let most = if dropped == Dropped::Nothing { 1 } else { 2 };
    ensure(lists <= most, || format!("{lists} lists"))
}

#[test]
fn certificates_are_fetched_once_for_all_whichever_caller_is_dropped() {
    for dropped in [Dropped::Nothing, Dropped::Keeper, Dropped::Refresh] {
        let runs =
            explore(STILL, |gates| at_once(gates, dropped)).unwrap_or_else(|found| panic!("{dropped:?}: {found:?}"));
        assert!(runs > 10, "{runs}");
    }
}
