//! Allinpay's gateway: WeChat's complaints, Alipay's with their notices, and an agent's.

use complaint_inbox::{ActStage, ComplaintKey, EventKind, FIRST_WAIT_SECONDS, Store as _};
use platform_sandbox::{AllinpayAccount, Fault, FaultKind, NewAlipayComplaint, NewComplaint, NoticeFault};
use protocol_core::OperationInfo as _;
use protocol_core::allinpay::{AlipayComplaintQueryV2, AlipayProcessFinish, ComplaintsResp, SignType};
use protocol_core::channel::{Processing, Reply};

use crate::world::{SOON, STORE_IS_SLOW, World};

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_of_alipays_is_kept_once_and_the_complaint_read() {
    let world = World::listening().await;
    let cusid = world.sandbox.allinpay().cusid;
    world.sandbox.inject_notice(NoticeFault::DuplicateAtOnce(8));
    let new = NewAlipayComplaint::default().with_amount("12.50").with_content("没有收到货");
    let id = world.sandbox.file_alipay_complaint(new, &cusid).unwrap();
    let key = world.alipay(&cusid, &id);
    assert!(world.sandbox.settled(SOON).await);
    let record = world.read(&key).await;
    assert_eq!(record.summary.heard, 1, "it was noticed, and no sweep saw it");
    assert_eq!((record.summary.state.as_deref(), record.summary.amount), (Some("WAIT_PROCESS"), Some(1250)));
    let filed = record.summary.filed.unwrap();
    assert_eq!(record.summary.deadlines.unwrap().finish.at(), Some(filed.plus(86_400)));
    assert!(record.document.unwrap().expose().contains("没有收到货"));
    assert_eq!((record.entries, record.accused), (Vec::new(), None));
    assert_eq!(world.events(&key).await, [EventKind::Filed]);
    world.sandbox.alipay_status(&id, "DROP_COMPLAIN").unwrap();
    assert!(world.sandbox.settled(SOON).await);
    assert!(world.read(&key).await.summary.is_closed);
    assert_eq!(world.events(&key).await, [EventKind::Filed, EventKind::Completed]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_of_another_merchant_or_a_stranger_is_not_kept() {
    let world = World::listening().await;
    let cusid = world.sandbox.allinpay().cusid;
    for fault in [NoticeFault::Forged, NoticeFault::WrongMerchant, NoticeFault::NoSignature] {
        world.sandbox.inject_notice(fault);
        let id = world.sandbox.file_alipay_complaint(NewAlipayComplaint::default(), &cusid).unwrap();
        assert!(world.sandbox.settled(SOON).await);
        let sent = world.sandbox.sent_notices();
        let statuses = sent.iter().rev().map(|sent| sent.http_status).filter(|status| *status != STORE_IS_SLOW);
        assert_eq!(statuses.take(2).collect::<Vec<_>>(), [Some(200), Some(401)], "{fault:?}");
        // The retry has no fault.
        assert_eq!(world.read(&world.alipay(&cusid, &id)).await.summary.heard, 1, "{fault:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn alipays_complaints_whose_notices_are_lost_are_swept_beside_wechats() {
    let mut world = World::new().await;
    let cusid = world.sandbox.allinpay().cusid;
    let alipay = world.sandbox.file_alipay_complaint(NewAlipayComplaint::default(), &cusid).unwrap();
    let wechat = world.sandbox.file_allinpay_complaint(NewComplaint::default(), &cusid).unwrap();
    world.start().await;
    for (key, state) in [(world.alipay(&cusid, &alipay), "WAIT_PROCESS"), (world.allinpay(&wechat), "PENDING")] {
        assert_eq!(world.read(&key).await.summary.state.as_deref(), Some(state), "{key:?}");
        assert_eq!(world.events(&key).await, [EventKind::Filed], "{key:?}");
    }
    // The next sweep sees nothing new, and one after a lost notice the change.
    world.stop().await;
    let asked = world.asked(AlipayComplaintQueryV2::NAME);
    world.start().await;
    world.until(async |world| world.asked(AlipayComplaintQueryV2::NAME) > asked).await;
    world.stop().await;
    assert_eq!(world.asked(AlipayComplaintQueryV2::NAME), asked + 1, "a list, and no reading");
    world.sandbox.alipay_status(&alipay, "OVERDUE").unwrap();
    world.start().await;
    let key = world.alipay(&cusid, &alipay);
    world.until(async |world| world.events(&key).await.contains(&EventKind::Updated)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn alipays_complaints_take_their_one_act() {
    let world = World::listening().await;
    let cusid = world.sandbox.allinpay().cusid;
    let id = world.sandbox.file_alipay_complaint(NewAlipayComplaint::default(), &cusid).unwrap();
    let key = world.alipay(&cusid, &id);
    world.read(&key).await;
    world.ask(&key, Reply::new("您好"), "1").await;
    let act = world.ended("1").await;
    assert_eq!(act.stage, ActStage::Refused);
    let reason = act.reason.unwrap();
    assert!(reason.words.contains("ask for `process`"));
    assert_eq!(reason.code.as_deref(), Some("process-alone"));
    let mut processing = Processing::new("REFUND");
    processing.remark = Some("已退款".into());
    world.ask(&key, processing, "2").await;
    assert_eq!(world.ended("2").await.stage, ActStage::Done);
    let record = world.read(&key).await;
    assert_eq!((record.summary.state.as_deref(), record.summary.is_closed), (Some("PROCESSED"), true));
    let complaint = world.sandbox.alipay_complaint(&id).unwrap();
    assert_eq!((&complaint["process_code"], &complaint["process_remark"]), (&"REFUND".into(), &"已退款".into()));
    assert_eq!(world.asked(AlipayProcessFinish::NAME), 1);
    // The other channels do not have it.
    let wechat = world.wechat_pay(&world.sandbox.file_complaint(NewComplaint::default()));
    world.read(&wechat).await;
    world.ask(&wechat, Processing::new("REFUND"), "3").await;
    assert_eq!(world.ended("3").await.stage, ActStage::Refused);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_processing_whose_response_is_lost_is_unknown_and_never_sent_again() {
    let world = World::listening().await;
    let cusid = world.sandbox.allinpay().cusid;
    let id = world.sandbox.file_alipay_complaint(NewAlipayComplaint::default(), &cusid).unwrap();
    let key = world.alipay(&cusid, &id);
    world.read(&key).await;
    world.sandbox.inject(Fault::once(FaultKind::DropConnection).after_effect().on::<AlipayProcessFinish>());
    world.ask(&key, Processing::new("REFUND"), "1").await;
    let ended = async |world: &World| {
        // It waits before each look.
        world.pass(FIRST_WAIT_SECONDS);
        world.store().act("1").await.unwrap().unwrap().stage.is_finished()
    };
    world.until(ended).await;
    assert_eq!(world.ended("1").await.stage, ActStage::Unknown);
    assert_eq!(world.asked(AlipayProcessFinish::NAME), 1);
    // The complaint is read again, and shows it.
    world.until(async |world| world.record(&key).await.unwrap().summary.is_closed).await;
}

/// A configuration of an agent alone.
fn of_agent(world: &World, agent: &AllinpayAccount) -> String {
    std::fs::write(world.path("agent.key"), &agent.private_key).unwrap();
    std::fs::write(world.path("agent.pub"), &agent.platform_key).unwrap();
    let text = world.configuration();
    let (others, _) = text.split_once("[allinpay]").unwrap();
    format!(
        "{others}[allinpay]\nappid = \"{}\"\ncusid = \"{}\"\norgid = \"{}\"\nsign_type = \"{}\"\n\
         private_key = \"agent.key\"\nplatform_key = \"agent.pub\"\nbase_url = \"{}/cusapi\"\n\
         root_certificate = \"sandbox_root.pem\"\n",
        agent.appid,
        agent.cusid,
        agent.orgid.as_deref().unwrap(),
        agent.sign_type.as_str(),
        world.sandbox.base_url()
    )
}

/// The merchants of an operation's requests.
fn merchants_of(world: &World, operation: &str) -> Vec<Option<String>> {
    let requests = world.sandbox.requests().into_iter().filter(|request| request.operation == operation);
    requests.map(|request| request.mchid).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agents_complaints_are_read_and_acted_on_for_their_merchants() {
    for sign_type in [SignType::Rsa, SignType::Sm2] {
        let mut world = World::new().await;
        let agent = world.sandbox.add_allinpay(sign_type, true).unwrap();
        let text = of_agent(&world, &agent);
        world.configure(&text);
        let merchant = &agent.merchants[1];
        let wechat = world.sandbox.file_allinpay_complaint(NewComplaint::default(), merchant).unwrap();
        let swept = world.sandbox.file_alipay_complaint(NewAlipayComplaint::default(), merchant).unwrap();
        world.start().await;
        world.listen().await;
        // The detail takes the merchant's number alone, and does not tell it.
        let wechat = ComplaintKey::new("allinpay", &agent.cusid, wechat);
        let swept = world.alipay(&agent.cusid, &swept);
        let noticed = world.sandbox.file_alipay_complaint(NewAlipayComplaint::default(), merchant).unwrap();
        let noticed = world.alipay(&agent.cusid, &noticed);
        for key in [&wechat, &swept, &noticed] {
            let record = world.read(key).await;
            assert_eq!(record.accused.as_ref(), Some(merchant), "{key:?}");
            assert_eq!(record.summary.refused, 0, "{key:?}");
        }
        assert!(!world.record(&wechat).await.unwrap().entries.is_empty());
        world.ask(&wechat, Reply::new("您好"), "1").await;
        assert_eq!(world.ended("1").await.stage, ActStage::Done);
        assert_eq!(merchants_of(&world, ComplaintsResp::NAME), [Some(merchant.clone())]);
        for (key, number) in [(&swept, "2"), (&noticed, "3")] {
            world.ask(key, Processing::new("REFUND"), number).await;
            assert_eq!(world.ended(number).await.stage, ActStage::Done);
        }
        assert_eq!(merchants_of(&world, AlipayProcessFinish::NAME), vec![Some(merchant.clone()); 2]);
        assert_eq!(world.store().figures().await.unwrap().letters, 0);
    }
}
