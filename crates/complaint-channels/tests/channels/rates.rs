//! `rates` of each section: read, refused, and kept by the client.

use std::future::Future;
use std::pin::pin;

use complaint_channels::{Account, Settings};
use protocol_core::mini_program::GetPenaltyList;
use protocol_core::rate::{Rate, RateGroup, Rates};
use protocol_core::wechat_pay::{Echo, RATES};

use crate::folder::configured;

fn settings(text: &str) -> Settings {
    Settings::from_toml(text, "").unwrap()
}

#[test]
fn a_section_changes_the_rates_of_its_channel() {
    let rates = |text: &str| settings(text).wechat_pay(None).unwrap().rates();
    assert_eq!(rates("[wechat-pay]\n"), RATES);
    let changed = rates("[wechat-pay]\nrates = { list = 100, reply = \"none\", other = 4294967295 }\n");
    let expected = RATES.with(RateGroup::List, Some(Rate::per_minute(100))).with(RateGroup::Reply, None);
    assert_eq!(changed, expected.with(RateGroup::Other, Some(Rate::per_minute(u32::MAX))));
    let all = "rates = { list = 1, history = 2, reply = 3, upload = 4, complete = 5, other = 6 }\n";
    let expected = Rates::NONE
        .with(RateGroup::List, Some(Rate::per_minute(1)))
        .with(RateGroup::History, Some(Rate::per_minute(2)))
        .with(RateGroup::Reply, Some(Rate::per_minute(3)))
        .with(RateGroup::Upload, Some(Rate::per_minute(4)))
        .with(RateGroup::Complete, Some(Rate::per_minute(5)))
        .with(RateGroup::Other, Some(Rate::per_minute(6)));
    let of = |section: &str, members: &str| settings(&format!("[{section}]\n{members}"));
    for (members, expected) in [("", Rates::NONE), (all, expected)] {
        assert_eq!(of("mini-program", members).mini_program(None).unwrap().rates(), expected);
        assert_eq!(of("virtual-payment", members).virtual_payment(None).unwrap().rates(), expected);
        assert_eq!(of("allinpay", members).allinpay(None).unwrap().rates(), expected);
    }
}

#[test]
fn a_limit_is_a_number_of_at_least_one_or_none() {
    for limit in ["0", "-1", "4294967296", "1.5", "true", "\"60\"", "\"canary\"", "[1]"] {
        let error = Settings::from_toml(&format!("[wechat-pay]\nrates = {{ list = {limit} }}\n"), "").unwrap_err();
        let words = "line 2: `list` must be a number of requests a minute, at least 1, or \"none\" for no limit";
        assert!(error.to_string().ends_with(words), "{limit}: {error}");
    }
    let error = Settings::from_toml("[allinpay]\nrates = { lists = 1 }\n", "").unwrap_err();
    assert!(error.to_string().contains("unknown field `lists`"), "{error}");
}

/// Takes the one turn of a minute, then has a call that waits for the next, and one too many.
async fn has_one_a_minute<E, F>(call: impl Fn() -> F)
where
    F: Future<Output = Result<(), E>>,
    E: std::fmt::Debug + std::fmt::Display,
{
    call().await.unwrap();
    let waiting = pin!(call());
    tokio::select! {
        biased;
        done = waiting => panic!("{done:?}"),
        refused = call() => {
            let refused = refused.unwrap_err().to_string();
            assert!(refused.contains("nothing was sent"), "{refused}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_client_keeps_to_its_section() {
    let (_sandbox, folder) = configured().await;
    for section in ["wechat-pay", "mini-program", "virtual-payment", "allinpay"] {
        folder.change(&format!("[{section}]\n"), &format!("[{section}]\nrates = {{ list = 1, other = 1 }}\n"));
    }
    let channels = folder.channels().unwrap();
    for account in channels.accounts() {
        match account {
            Account::WechatPay(account) => {
                has_one_a_minute(|| async { account.client().send(&Echo::new("x")).await.map(drop) }).await;
            }
            Account::MiniProgram(account) => {
                let client = account.client().unwrap();
                has_one_a_minute(|| async { client.send(&GetPenaltyList::new(0)).await.map(drop) }).await;
            }
            Account::VirtualPayment(account) => has_one_a_minute(|| account.self_test()).await,
            Account::Allinpay(account) => has_one_a_minute(|| account.self_test()).await,
            _ => panic!("another channel"),
        }
    }
}
