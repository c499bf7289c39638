//! No `Debug`, error or event of `tracing` holds personal data or secrets.

use allinpay_adapter::{Cursor, Polling};
use futures_util::StreamExt as _;
use protocol_core::UnixTime;
use protocol_core::allinpay::ComplaintsResp;

use crate::calls::{detail, history};
use crate::complaints::Case;
use crate::platform::{Fault, Gateway, NOW};

const CANARY: &str = "CANARY";

fn gateway() -> Gateway {
    let gateway = Gateway::sm2();
    let mut case = Case::filed(1, UnixTime(NOW.0 - 5));
    case.write("USER_RESPONSE", CANARY, NOW);
    gateway.world().cases.push(case);
    gateway
}

fn resp() -> ComplaintsResp {
    ComplaintsResp::new("1", CANARY)
}

#[tokio::test(start_paused = true)]
async fn what_is_shown_is_silent() {
    let gateway = gateway();
    let client = gateway.client();
    let silent = |shown: String| assert!(!shown.contains(CANARY), "{shown}");
    silent(format!("{client:?} {:?}", gateway.builder()));
    silent(format!("{:?}", client.send(&history()).await.unwrap()));
    for fault in
        [Fault::Refused { done: false }, Fault::Failed, Fault::Forged, Fault::Html { done: false }, Fault::Status(500)]
    {
        gateway.world().broken.insert("complaintsResp", fault);
        let error = client.send_without_looking(&resp()).await.unwrap_err();
        silent(format!("{error} {error:?}"));
    }
    let mut poller = client.poller(Cursor::since(UnixTime(NOW.0 - 100)), Polling::default().once());
    while let Some(found) = poller.next().await {
        silent(format!("{found:?} {poller:?}"));
        silent(serde_json::to_string(poller.cursor()).unwrap());
    }
    client.send(&detail()).await.unwrap();
}

#[cfg(feature = "tracing")]
mod told {
    use std::fmt::Write as _;
    use std::sync::{Arc, Mutex};

    use tracing::field::{Field, Visit};
    use tracing::span::{Attributes, Id, Record};
    use tracing::{Event, Metadata, Subscriber};

    use super::*;

    /// Writes down every field of every span and event.
    #[derive(Clone, Default)]
    struct Ledger(Arc<Mutex<String>>);

    struct Line<'a>(&'a mut String);

    impl Visit for Line<'_> {
        fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
            write!(self.0, "{field}={value:?} ").unwrap();
        }
    }

    impl Subscriber for Ledger {
        fn enabled(&self, _: &Metadata<'_>) -> bool {
            true
        }

        fn new_span(&self, span: &Attributes<'_>) -> Id {
            let mut text = self.0.lock().unwrap();
            write!(text, "{} ", span.metadata().name()).unwrap();
            span.record(&mut Line(&mut text));
            Id::from_u64(1)
        }

        fn record(&self, _: &Id, values: &Record<'_>) {
            values.record(&mut Line(&mut self.0.lock().unwrap()));
        }

        fn record_follows_from(&self, _: &Id, _: &Id) {}

        fn event(&self, event: &Event<'_>) {
            event.record(&mut Line(&mut self.0.lock().unwrap()));
        }

        fn enter(&self, _: &Id) {}

        fn exit(&self, _: &Id) {}
    }

    #[tokio::test(start_paused = true)]
    async fn operations_attempts_and_outcomes() {
        let ledger = Ledger::default();
        // With one subscriber alone, a callsite that another test's thread reaches first would be
        // off for this one too.
        let _another = tracing::Dispatch::new(ledger.clone());
        let guard = tracing::subscriber::set_default(ledger.clone());
        let gateway = gateway();
        let client = gateway.client();
        for fault in [Fault::Refused { done: false }, Fault::Failed, Fault::Forged, Fault::Status(502)] {
            gateway.world().broken.insert("complaintsResp", fault);
            let _ = client.send(&resp()).await;
        }
        let poller = client.poller(Cursor::since(UnixTime(NOW.0 - 100)), Polling::default().once());
        assert_eq!(poller.count().await, 4);
        drop(guard);
        let told = ledger.0.lock().unwrap();
        let expected = [
            "allinpay operation=\"complaintsResp\" operation=\"complaintsResp\" attempt=1 outcome=\"refused\"",
            "outcome=\"failed\"",
            "outcome=\"unproven\"",
            "outcome=\"status\"",
            "operation=\"poll\" complaints=1 outcome=\"done\"",
        ];
        for words in expected {
            assert!(told.contains(words), "{words} in {told}");
        }
        assert!(!told.contains(CANARY) && !told.contains("990581007426001"), "{told}");
    }
}
