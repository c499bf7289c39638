//! The accounts of a configuration call the platforms, and receive from them.

use complaint_channels::{Account, AccountId, ChannelName, EncryptedEcho, KeyOwner};
use futures_util::TryStreamExt as _;
use platform_sandbox::NewComplaint;
use protocol_core::mini_program::GetPenaltyList;
use protocol_core::wechat_pay::Echo;

use crate::folder::{configured, two_merchants};

#[tokio::test(flavor = "multi_thread")]
async fn every_channel_of_the_sandboxs_file_is_called() {
    let (sandbox, folder) = configured().await;
    let channels = folder.channels().unwrap();
    let ids: Vec<&AccountId> = channels.accounts().map(|account| account.id()).collect();
    let channel_names = ids.iter().map(|id| id.channel.as_str());
    assert_eq!(channel_names.collect::<Vec<_>>(), ["wechat-pay", "mini-program", "virtual-payment", "allinpay"]);
    let merchants = [
        &sandbox.merchant().mchid,
        &sandbox.mini_program().appid,
        &sandbox.mini_program().appid,
        &sandbox.allinpay().cusid,
    ];
    assert_eq!(ids.iter().map(|id| &id.merchant).collect::<Vec<_>>(), merchants);

    let complaint = sandbox.file_complaint(NewComplaint::default());
    let day = &sandbox.complaint(&complaint).unwrap()["complaint_time"].as_str().unwrap()[..10].to_owned();
    let mut listed = Vec::new();
    for account in channels.accounts() {
        if let Some(channel) = account.complaint_channel() {
            let rows: Vec<_> = channel.list(day, day).try_collect().await.unwrap();
            listed.push((account.id().channel, rows.len()));
        }
    }
    let counts = [(ChannelName::WechatPay, 1), (ChannelName::VirtualPayment, 0), (ChannelName::Allinpay, 0)];
    assert_eq!(listed, counts);
    let mini_program = channels.mini_programs().next().unwrap();
    mini_program.client().unwrap().send(&GetPenaltyList::new(0)).await.unwrap();
    assert_eq!(mini_program.receiver().unwrap().appid(), sandbox.mini_program().appid);
    // One token serves both channels of the application.
    let tokens = sandbox.requests().iter().filter(|request| request.operation == "get_stable_token").count();
    assert_eq!(tokens, 1, "{:?}", sandbox.requests().iter().map(|request| request.operation).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn merchants_of_one_channel_are_told_apart() {
    let (sandbox, merchants, folder) = two_merchants().await;
    folder.change(
        &format!("mchid = \"{}\"\n", merchants[1].mchid),
        &format!("mchid = \"{}\"\nname = \"shop\"\n", merchants[1].mchid),
    );
    let channels = folder.channels().unwrap();
    let ids: Vec<_> = channels.wechat_pay().map(|account| account.id().clone()).collect();
    assert_eq!([&ids[0].merchant, &ids[1].merchant], [&merchants[0].mchid, &merchants[1].mchid]);
    assert_eq!([&ids[0].name, &ids[1].name], [&None, &Some("shop".to_owned())]);
    for account in channels.wechat_pay() {
        account.client().send(&Echo::new("hello")).await.unwrap();
    }
    let callers: Vec<_> = sandbox.requests().into_iter().map(|request| (request.verified, request.mchid)).collect();
    assert_eq!(callers, merchants.map(|merchant| (true, Some(merchant.mchid))));
    channels.notifications().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_have_the_end_of_their_validity() {
    let (sandbox, [merchant, _], folder) = two_merchants().await;
    let channels = folder.channels().unwrap();
    let account = channels.wechat_pay().next().unwrap();
    let [own, platform] = &Account::WechatPay(account).keys()[..] else { panic!("two keys") };
    assert_eq!((own.owner, &own.id), (KeyOwner::Merchant, &merchant.serial_no));
    assert!(own.not_after.is_some());
    assert_eq!((platform.owner, &platform.id), (KeyOwner::Platform, &sandbox.platform_key().id));
    assert_eq!(platform.not_after, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn fetched_certificates_are_among_the_keys() {
    let (sandbox, folder) = configured().await;
    let text = folder.text();
    folder.write("complaints.toml", text.split("[[wechat-pay.platform_keys]]").next().unwrap());
    let channels = folder.channels().unwrap();
    let account = channels.wechat_pay().next().unwrap();
    assert_eq!(account.keys(), []);
    account.client().refresh_certificates().await.unwrap();
    let keys = account.keys();
    let serials = sandbox.certificate_serials(protocol_core::wechat_pay::Scheme::Rsa);
    assert!(
        !keys.is_empty() && keys.iter().all(|key| serials.contains(&key.id) && key.not_after.is_some()),
        "{keys:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_self_test_tries_the_keys_both_ways() {
    let (sandbox, folder) = configured().await;
    let channels = folder.channels().unwrap();
    let tested = channels.wechat_pay().next().unwrap().self_test().await.unwrap();
    assert_eq!((tested.echo, tested.encrypted), (true, Some(EncryptedEcho::Repeated)));
    let operations: Vec<_> = sandbox.requests().iter().map(|request| request.operation).collect();
    assert_eq!(operations, ["echo", "echo"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_channel_has_a_self_test_that_touches_no_complaint() {
    let (sandbox, folder) = configured().await;
    let channels = folder.channels().unwrap();
    let mini_program = channels.mini_programs().next().unwrap();
    mini_program.self_test().await.unwrap();
    let virtual_payment = channels.virtual_payments().next().unwrap();
    virtual_payment.self_test().await.unwrap();
    channels.allinpay().next().unwrap().self_test().await.unwrap();
    let operations: Vec<_> = sandbox.requests().iter().map(|request| request.operation).collect();
    let asked = ["get_stable_token", "get_penalty_list", "xpay_get_complaint_list", "wxcomplaintlistquery"];
    assert_eq!(operations, asked);

    // The other environment's AppKey, another secret, and another merchant's key.
    let merchant = sandbox.merchant().private_key_pem.clone();
    folder.write("sandbox_app_key", "canary01canary01canary01canary01");
    folder.write("sandbox_app_secret", "canary01canary01canary01canary01");
    folder.write("sandbox_allinpay.key", merchant);
    let channels = folder.channels().unwrap();
    let no_token = channels.mini_programs().next().unwrap().self_test().await.unwrap_err().to_string();
    let unpaid = channels.virtual_payments().next().unwrap().self_test().await.unwrap_err().to_string();
    let unsigned = channels.allinpay().next().unwrap().self_test().await.unwrap_err().to_string();
    for error in [no_token, unpaid, unsigned] {
        assert!(!error.is_empty() && !error.contains("canary"), "{error}");
    }
}
