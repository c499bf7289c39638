//! Notices of the simulated gateway: both algorithms, every fault, the retries, and the complaint
//! read again by its task.

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use allinpay_adapter::{Account, Noticed, Notices, Webhook};
use futures_util::FutureExt as _;
use http_transport::{Listener, ListenerConfig, ServerTls};
use platform_sandbox::{AllinpayAccount, NewAlipayComplaint, NoticeFault, Sandbox, SandboxConfig, WEBHOOK_HOST};
use protocol_core::allinpay::{
    AlipayComplaintQueryV2, AlipayComplaintStatus, AlipayProcessCode, AlipayProcessFinish, Merchant, Notice, SignType,
    verifier,
};
use protocol_core::crypto::PublicKey;
use protocol_core::replay::MemoryDeduplicate;
use tokio::sync::oneshot;

use crate::world::{PATIENCE, client, moment};

/// The number of times that each task was stored in each state.
#[derive(Clone, Default)]
struct Inbox {
    stored: Arc<Mutex<HashMap<(String, String), usize>>>,
    /// How many notices are refused first.
    refusals: Arc<AtomicUsize>,
}

impl Inbox {
    fn times(&self, task: &str, status: &str) -> usize {
        self.stored.lock().unwrap().get(&(task.to_owned(), status.to_owned())).copied().unwrap_or(0)
    }

    fn store(&self, notice: &Notice) -> Result<(), &'static str> {
        if self.refusals.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok() {
            return Err("the database is away");
        }
        let key = (notice.task_id.clone().unwrap(), notice.status.clone().unwrap().to_string());
        *self.stored.lock().unwrap().entry(key).or_default() += 1;
        Ok(())
    }
}

/// It listens until it is dropped.
struct Listening {
    url: String,
    _stop: oneshot::Sender<()>,
}

async fn listening(sandbox: &Sandbox, account: &AllinpayAccount, inbox: &Inbox) -> Listening {
    let mut merchant = Merchant::new(&*account.appid, &*account.cusid, account.sign_type).unwrap();
    if let Some(orgid) = &account.orgid {
        merchant = merchant.with_orgid(&**orgid).unwrap();
    }
    let key = verifier(&PublicKey::read(account.platform_key.as_bytes()).unwrap()).unwrap();
    let store = MemoryDeduplicate::new(NonZeroUsize::new(1000).unwrap(), 10);
    let stored = inbox.clone();
    let notices = Notices::of(Account::new(merchant, key));
    let webhook =
        Webhook::builder(notices, store, move |noticed: Noticed| std::future::ready(stored.store(&noticed.notice)));
    let (chain, key) = sandbox.webhook_identity();
    let tls = ServerTls::from_pem(chain.as_bytes(), key.as_bytes()).unwrap();
    let config = ListenerConfig::default().with_tls(tls).with_header_timeout(PATIENCE);
    let listener = Listener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), config).await.unwrap();
    let url = format!("https://{WEBHOOK_HOST}:{}/allinpay/notices", listener.local_addr().port());
    let (stop, stopped) = oneshot::channel::<()>();
    tokio::spawn(listener.serve(webhook.build(), stopped.map(drop)));
    sandbox.set_notice_url(&account.cusid, &url).unwrap();
    Listening { url, _stop: stop }
}

/// A sandbox whose half an hour takes two seconds.
async fn started() -> Sandbox {
    let config = SandboxConfig::default().with_time_scale(1000.0).with_delivery_timeout(PATIENCE);
    Sandbox::start(config).await.unwrap()
}

fn task(sandbox: &Sandbox, id: &str) -> String {
    sandbox.alipay_complaint(id).unwrap()["task_id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_notice_leads_to_its_complaint() {
    let sandbox = started().await;
    for account in [sandbox.allinpay(), sandbox.allinpay_sm2()] {
        let inbox = Inbox::default();
        let _listening = listening(&sandbox, &account, &inbox).await;
        let id = sandbox.file_alipay_complaint(NewAlipayComplaint::default(), &account.cusid).unwrap();
        assert!(sandbox.settled(PATIENCE).await);
        let task = task(&sandbox, &id);
        assert_eq!(inbox.times(&task, "WAIT_PROCESS"), 1, "{:?}", sandbox.sent_notices());

        // Read again by the task, then dealt with; the payer withdraws meanwhile in another one.
        let client = client(&sandbox, &account);
        let by_task = AlipayComplaintQueryV2::default().with_task_id(&*task);
        let list = client.send(&by_task).await.unwrap();
        let [complaint] = &*list.complaint_list else { panic!("one complaint of the task") };
        assert_eq!(complaint.id, id);
        let done = AlipayProcessFinish::new(vec![id.clone()], AlipayProcessCode::Refund);
        client.send(&done).await.unwrap();
        sandbox.alipay_status(&id, "DROP_PROCESSED").unwrap();
        assert!(sandbox.settled(PATIENCE).await);
        assert_eq!(inbox.times(&task, "DROP_PROCESSED"), 1);
    }
}

#[tokio::test]
async fn each_notice_is_stored_once_whatever_comes_with_it() {
    let sandbox = started().await;
    for account in [sandbox.allinpay(), sandbox.allinpay_sm2()] {
        let inbox = Inbox::default();
        let _listening = listening(&sandbox, &account, &inbox).await;
        for (fault, refused) in [
            (NoticeFault::Duplicate, false),
            (NoticeFault::DuplicateAtOnce(8), false),
            (NoticeFault::UnknownField, false),
            (NoticeFault::Forged, true),
            (NoticeFault::NoSignature, true),
            (NoticeFault::UnsignedField, true),
            (NoticeFault::MissingField, true),
            (NoticeFault::WrongMerchant, true),
        ] {
            sandbox.inject_notice(fault);
            let before = sandbox.sent_notices().len();
            let id = sandbox.file_alipay_complaint(NewAlipayComplaint::default(), &account.cusid).unwrap();
            assert!(sandbox.settled(PATIENCE).await);
            let sent = sandbox.sent_notices().split_off(before);
            assert_eq!(inbox.times(&task(&sandbox, &id), "WAIT_PROCESS"), 1, "{fault:?}: {sent:?}");
            assert_eq!(sent[0].http_status == Some(401), refused, "{fault:?}: {sent:?}");
            assert!(sent.iter().any(|sent| sent.acknowledged));
        }
    }
}

#[tokio::test]
async fn a_notice_is_tried_six_times() {
    let sandbox = started().await;
    let account = sandbox.allinpay_sm2();
    for (refusals, stored) in [(5, 1), (6, 0)] {
        let inbox = Inbox::default();
        inbox.refusals.store(refusals, Ordering::Relaxed);
        let _listening = listening(&sandbox, &account, &inbox).await;
        let before = sandbox.sent_notices().len();
        let id = sandbox.file_alipay_complaint(NewAlipayComplaint::default(), &account.cusid).unwrap();
        assert!(sandbox.settled(PATIENCE).await);
        let sent = sandbox.sent_notices().split_off(before);
        assert_eq!(sent.iter().map(|sent| sent.attempt).collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6]);
        assert_eq!(inbox.times(&task(&sandbox, &id), "WAIT_PROCESS"), stored, "{sent:?}");
        assert_eq!(sent.iter().filter(|sent| sent.http_status == Some(500)).count(), refusals);
    }
}

#[tokio::test]
async fn an_agent_receives_for_the_merchants_below_it() {
    let sandbox = started().await;
    let agent = sandbox.add_allinpay(SignType::Rsa, true).unwrap();
    let inbox = Inbox::default();
    let _listening = listening(&sandbox, &agent, &inbox).await;
    for merchant in &agent.merchants {
        let id = sandbox.file_alipay_complaint(NewAlipayComplaint::default(), merchant).unwrap();
        assert!(sandbox.settled(PATIENCE).await);
        assert_eq!(inbox.times(&task(&sandbox, &id), "WAIT_PROCESS"), 1);
    }
}

#[tokio::test]
async fn only_a_url_over_tls_is_taken() {
    let sandbox = started().await;
    let account = sandbox.allinpay();
    let listening = listening(&sandbox, &account, &Inbox::default()).await;
    for url in ["", "http://localhost/", "localhost", "https://"] {
        sandbox.set_notice_url(&account.cusid, url).unwrap_err();
    }
    sandbox.set_notice_url("1", &listening.url).unwrap_err();
    // Without a URL no notice is sent.
    sandbox.file_alipay_complaint(NewAlipayComplaint::default(), &sandbox.allinpay_sm2().cusid).unwrap();
    assert!(sandbox.settled(Duration::ZERO).await && sandbox.sent_notices().is_empty());
}

#[tokio::test]
async fn the_list_goes_by_states_processing_time_and_tasks() {
    let sandbox = started().await;
    let account = sandbox.allinpay_sm2();
    let client = client(&sandbox, &account);
    let file = || sandbox.file_alipay_complaint(NewAlipayComplaint::default(), &account.cusid).unwrap();
    let (waiting, done, dropped) = (file(), file(), file());
    client.send(&AlipayProcessFinish::new(vec![done.clone()], AlipayProcessCode::Refund)).await.unwrap();
    sandbox.alipay_status(&dropped, "DROP_COMPLAIN").unwrap();
    let found = async |query: AlipayComplaintQueryV2| {
        let list = client.send(&query).await.unwrap();
        let mut ids: Vec<_> = list.complaint_list.iter().map(|complaint| complaint.id.clone()).collect();
        ids.sort_unstable();
        ids
    };
    let all = AlipayComplaintQueryV2::default;
    assert_eq!(found(all()).await, [&*waiting, &done, &dropped]);
    let states = vec![AlipayComplaintStatus::WaitProcess, AlipayComplaintStatus::DropComplain];
    assert_eq!(found(all().with_status_list(states)).await, [&*waiting, &dropped]);
    assert_eq!(found(all().with_gmt_process(moment(-1), moment(1))).await, [&*done]);
    assert!(found(all().with_gmt_process(moment(-2), moment(-1))).await.is_empty());
    let tasks = vec![task(&sandbox, &waiting), task(&sandbox, &done)];
    assert_eq!(found(all().with_task_id_list(tasks)).await, [&*waiting, &done]);
}
