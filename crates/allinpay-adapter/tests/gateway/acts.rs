//! Acts whose outcome is unknown: the complaint is read before the act is sent again.

use allinpay_adapter::{Effect, Error};
use protocol_core::retry::RetryPolicy;
use protocol_core::{Delivery, UnixTime};

use serde_json::json;

use crate::calls::{WRITES, approve, complete, one, resp};
use crate::complaints::Case;
use crate::platform::{Fault, Gateway, NOW};

/// Faults of replies only.
pub fn replies_go(gateway: &Gateway, faults: impl IntoIterator<Item = Fault>) {
    let mut faults: Vec<Fault> = faults.into_iter().collect();
    faults.reverse();
    gateway.world().hook = Some(Box::new(move |world, name| {
        if name == "complaintsResp" {
            world.faults = faults.pop().into_iter().collect();
        }
    }));
}

/// Messages of the merchant with the text, in the history.
pub fn said(gateway: &Gateway) -> usize {
    gateway.world().case("1").history.iter().filter(|entry| entry.text == resp().response_content).count()
}

#[tokio::test(start_paused = true)]
async fn a_reply_is_confirmed() {
    let (client, gateway) = one();
    assert_eq!(client.send(&resp()).await.unwrap(), Effect::Confirmed);
    assert_eq!(gateway.asked(), ["wxcomplainthistory", "complaintsResp"]);
}

#[tokio::test(start_paused = true)]
async fn a_reply_whose_response_was_lost_is_found() {
    let lost = [
        Fault::Lost { done: true },
        Fault::Slow { done: true },
        Fault::Html { done: true },
        Fault::Forged,
        Fault::Unsigned,
        Fault::WrongAppid,
        Fault::Refused { done: true },
    ];
    for fault in lost {
        let (client, gateway) = one();
        replies_go(&gateway, [fault]);
        assert_eq!(client.send(&resp()).await.unwrap(), Effect::Found, "{fault:?}");
        assert_eq!((said(&gateway), gateway.count("complaintsResp")), (1, 1), "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_reply_that_did_not_arrive_is_sent_again() {
    for fault in [Fault::Lost { done: false }, Fault::Html { done: false }, Fault::Status(500), Fault::Unreached] {
        let (client, gateway) = one();
        replies_go(&gateway, [fault]);
        assert_eq!(client.send(&resp()).await.unwrap(), Effect::Confirmed, "{fault:?}");
        assert_eq!(said(&gateway), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_history_without_its_entries_tells_nothing() {
    // Before the act: an old message could otherwise be taken for this reply.
    let (client, gateway) = one();
    gateway.world().case("1").write("MERCHANT_RESPONSE", &resp().response_content, UnixTime(NOW.0 - 3600));
    gateway.world().broken.insert("complaintsResp", Fault::Lost { done: false });
    gateway.world().faults = [Fault::Empty].into();
    assert_eq!(client.send(&resp()).await.unwrap_err().failure().delivery, Delivery::Unknown);
    assert_eq!(gateway.count("complaintsResp"), 1);
    // After the act: a reply that has arrived could otherwise be sent again.
    let (client, gateway) = one();
    let mut is_sent = false;
    gateway.world().hook = Some(Box::new(move |world, name| {
        is_sent |= name == "complaintsResp";
        let fault = if name == "complaintsResp" { Fault::Lost { done: true } } else { Fault::Empty };
        world.faults = is_sent.then_some(fault).into_iter().collect();
    }));
    assert_eq!(client.send(&resp()).await.unwrap_err().failure().delivery, Delivery::Unknown);
    assert_eq!((said(&gateway), gateway.count("complaintsResp")), (1, 1));
}

/// The errors after a slow gateway: it, or a proxy before it, may still pass the request on.
const ON_ITS_WAY: [Fault; 5] =
    [Fault::Slow { done: false }, Fault::Status(408), Fault::Status(502), Fault::Status(503), Fault::Status(504)];

#[tokio::test(start_paused = true)]
async fn what_may_still_be_on_its_way_is_never_sent_again() {
    for fault in ON_ITS_WAY {
        let (client, gateway) = one();
        for name in WRITES {
            gateway.world().broken.insert(name, fault);
        }
        for outcome in [client.send(&resp()).await, client.send(&complete()).await, client.send(&approve()).await] {
            assert_eq!(outcome.unwrap_err().failure().delivery, Delivery::Unknown, "{fault:?}");
        }
        for name in WRITES {
            assert_eq!(gateway.count(name), 1, "{name}: {fault:?}");
        }
    }
    // Nor after an attempt that did not arrive.
    let (client, gateway) = one();
    replies_go(&gateway, [Fault::Lost { done: false }, Fault::Slow { done: false }]);
    assert_eq!(client.send(&resp()).await.unwrap_err().failure().delivery, Delivery::Unknown);
    assert_eq!(gateway.count("complaintsResp"), 2);
}

#[tokio::test(start_paused = true)]
async fn what_was_on_its_way_is_found_when_it_shows() {
    for fault in ON_ITS_WAY {
        let (client, gateway) = one();
        let mut looks = 0;
        gateway.world().hook = Some(Box::new(move |world, name| {
            if name == "complaintsResp" {
                world.faults = [fault].into();
            } else {
                looks += 1;
                if looks == 4 {
                    let now = world.now;
                    world.case("1").write("MERCHANT_RESPONSE", &resp().response_content, now);
                }
            }
        }));
        assert_eq!(client.send(&resp()).await.unwrap(), Effect::Found, "{fault:?}");
        assert_eq!((said(&gateway), gateway.count("complaintsResp")), (1, 1), "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn after_a_refusal_or_a_bad_signature_nothing_is_sent_again() {
    for fault in [Fault::Refused { done: false }, Fault::Status(404)] {
        let (client, gateway) = one();
        replies_go(&gateway, [fault; 2]);
        let error = client.send(&resp()).await.unwrap_err();
        assert_eq!((error.failure().delivery, gateway.count("complaintsResp")), (Delivery::Unknown, 1), "{fault:?}");
    }
    // A forged response to a reply that the history does not show: it may still come.
    let (client, gateway) = one();
    replies_go(&gateway, [Fault::Forged]);
    gateway.world().habits.page_cap = 0;
    client.send(&resp()).await.unwrap_err();
    assert_eq!(gateway.count("complaintsResp"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_failure_that_is_signed_is_final() {
    let (client, gateway) = one();
    replies_go(&gateway, [Fault::Failed]);
    assert_eq!(client.send(&resp()).await.unwrap_err().failure().delivery, Delivery::Processed);
    assert_eq!(gateway.asked(), ["wxcomplainthistory", "complaintsResp"]);
}

#[tokio::test(start_paused = true)]
async fn the_same_words_said_before_are_not_this_reply() {
    let (client, gateway) = one();
    // In the very second of the reply: no clock could tell the two apart.
    client.send(&resp()).await.unwrap();
    replies_go(&gateway, [Fault::Lost { done: false }]);
    assert_eq!(client.send(&resp()).await.unwrap(), Effect::Confirmed);
    assert_eq!(said(&gateway), 2);
}

#[tokio::test(start_paused = true)]
async fn a_reply_that_shows_late_is_found() {
    let (client, gateway) = one();
    let mut looks = 0;
    gateway.world().hook = Some(Box::new(move |world, name| {
        if name == "complaintsResp" {
            world.faults = [Fault::Lost { done: false }].into();
        } else {
            looks += 1;
            // One before, and three after: it shows in the last.
            if looks == 4 {
                let now = world.now;
                world.case("1").write("MERCHANT_RESPONSE", &resp().response_content, now);
            }
        }
    }));
    assert_eq!(client.send(&resp()).await.unwrap(), Effect::Found);
    assert_eq!(said(&gateway), 1);
}

#[tokio::test(start_paused = true)]
async fn another_new_message_of_the_merchant_leaves_the_outcome_unknown() {
    let (client, gateway) = one();
    gateway.world().hook = Some(Box::new(move |world, name| {
        if name == "complaintsResp" {
            world.faults = [Fault::Lost { done: false }].into();
            // A colleague's reply, or ours with a word masked.
            let now = world.now;
            world.case("1").write("MERCHANT_RESPONSE", "已退款 ***", now);
        }
    }));
    let error = client.send(&resp()).await.unwrap_err();
    assert_eq!((error.failure().delivery, gateway.count("complaintsResp")), (Delivery::Unknown, 1));
}

#[tokio::test(start_paused = true)]
async fn a_reply_that_may_stand_in_what_cannot_be_read_is_not_sent_again() {
    for misfit in [
        ("log_id", json!({"id": 1})),
        ("operate_type", json!(["MERCHANT_RESPONSE"])),
        ("operate_type", json!(true)),
        ("operate_details", json!({"text": "已退款"})),
    ] {
        let (client, gateway) = one();
        gateway.world().misfit = Some(misfit.clone());
        replies_go(&gateway, [Fault::Lost { done: true }]);
        let error = client.send(&resp()).await.unwrap_err();
        assert_eq!((error.failure().delivery, gateway.count("complaintsResp")), (Delivery::Unknown, 1), "{misfit:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn where_the_history_is_out_of_reach_a_reply_is_sent_once() {
    let (client, gateway) = one();
    gateway.world().unreadable.push("1".to_owned());
    assert_eq!(client.send(&resp()).await.unwrap(), Effect::Confirmed);
    replies_go(&gateway, [Fault::Lost { done: false }]);
    let error = client.send(&resp()).await.unwrap_err();
    assert_eq!((error.failure().delivery, gateway.count("complaintsResp")), (Delivery::Unknown, 2));
}

#[tokio::test(start_paused = true)]
async fn where_the_history_goes_out_of_reach_afterwards_the_outcome_stays_unknown() {
    let (client, gateway) = one();
    gateway.world().hook = Some(Box::new(|world, name| {
        if name == "complaintsResp" {
            world.faults = [Fault::Lost { done: true }].into();
            world.unreadable.push("1".to_owned());
        }
    }));
    let error = client.send(&resp()).await.unwrap_err();
    assert!(matches!(error, Error::Send(_)) && error.failure().delivery == Delivery::Unknown);
    assert_eq!(said(&gateway), 1);
}

#[tokio::test(start_paused = true)]
async fn a_reply_is_sent_three_times_at_most() {
    let (client, gateway) = one();
    replies_go(&gateway, [Fault::Lost { done: false }; 9]);
    assert_eq!(client.send(&resp()).await.unwrap_err().failure().delivery, Delivery::Unknown);
    assert_eq!(gateway.count("complaintsResp"), 3);
    let once = gateway.builder().retry(RetryPolicy::NEVER).build_over(gateway.clone());
    once.send(&resp()).await.unwrap_err();
    assert_eq!(gateway.count("complaintsResp"), 4);
}

#[tokio::test(start_paused = true)]
async fn every_course_of_faults_says_it_once_at_most_and_never_lies() {
    let faults = [
        Fault::None,
        Fault::Unreached,
        Fault::Lost { done: false },
        Fault::Lost { done: true },
        Fault::Slow { done: false },
        Fault::Slow { done: true },
        Fault::Refused { done: false },
        Fault::Refused { done: true },
        Fault::Forged,
        Fault::Html { done: true },
        Fault::Status(502),
    ];
    for first in faults {
        for second in faults {
            for third in faults {
                let gateway = Gateway::quick();
                gateway.world().cases.push(Case::filed(1, NOW));
                let client = gateway.client();
                replies_go(&gateway, [first, second, third]);
                let outcome = client.send(&resp()).await;
                let said = said(&gateway);
                let course = [first, second, third];
                match outcome {
                    Ok(_) => assert_eq!(said, 1, "{course:?}"),
                    Err(error) if error.failure().delivery == Delivery::Unknown => assert!(said <= 1, "{course:?}"),
                    Err(_) => assert_eq!(said, 0, "{course:?}"),
                }
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_complete_already_is_as_good() {
    let (client, gateway) = one();
    assert_eq!(client.send(&complete()).await.unwrap(), Effect::Confirmed);
    assert_eq!(client.send(&complete()).await.unwrap(), Effect::Found);
    let (client, gateway_of_lost) = one();
    gateway_of_lost.world().broken.insert("complaintsComplete", Fault::Lost { done: true });
    assert_eq!(client.send(&complete()).await.unwrap(), Effect::Found);
    assert_eq!(gateway.count("complaintsComplete") + gateway_of_lost.count("complaintsComplete"), 2 + 1);
}

#[tokio::test(start_paused = true)]
async fn a_completion_whose_response_was_lost_does_not_close_what_the_payer_continued() {
    let (client, gateway) = one();
    gateway.world().hook = Some(Box::new(|world, name| {
        let (now, case) = (world.now, world.case("1"));
        if name == "complaintsComplete" {
            world.faults = [Fault::Lost { done: true }].into();
        } else if case.state == "PROCESSED" {
            case.state = "PENDING";
            case.write("USER_CONTINUE_COMPLAINT", "again", now);
        }
    }));
    assert_eq!(client.send(&complete()).await.unwrap(), Effect::Found);
    assert_eq!((gateway.count("complaintsComplete"), gateway.world().case("1").state), (1, "PENDING"));
}

#[tokio::test(start_paused = true)]
async fn what_is_certainly_not_there_is_done_again() {
    let (client, gateway) = one();
    gateway.faults([Fault::None, Fault::Lost { done: false }]);
    assert_eq!(client.send(&complete()).await.unwrap(), Effect::Confirmed);
    gateway.faults([Fault::None, Fault::Lost { done: false }]);
    assert_eq!(client.send(&approve()).await.unwrap(), Effect::Confirmed);
    assert_eq!(gateway.count("complaintsComplete"), 2);
    assert_eq!(gateway.count("wxcomplaintsrefundprogress"), 2);
}

#[tokio::test(start_paused = true)]
async fn a_repetition_that_is_refused_does_not_hide_that_the_first_arrived_late() {
    let (client, gateway) = one();
    let mut sent = 0;
    gateway.world().hook = Some(Box::new(move |world, name| {
        if name == "wxcomplaintsrefundprogress" {
            sent += 1;
            world.faults = [Fault::Lost { done: false }].into();
            if sent == 2 {
                let now = world.now;
                world.case("1").write("MERCHANT_APPROVE_REFUND", "", now);
                world.faults = [Fault::Failed].into();
            }
        }
    }));
    assert_eq!(client.send(&approve()).await.unwrap(), Effect::Found);
    assert_eq!(gateway.count("wxcomplaintsrefundprogress"), 2);
}

#[tokio::test(start_paused = true)]
async fn where_the_history_is_out_of_reach_nothing_is_decided_twice() {
    let (client, gateway) = one();
    gateway.world().unreadable.push("1".to_owned());
    for name in ["complaintsComplete", "wxcomplaintsrefundprogress"] {
        gateway.world().broken.insert(name, Fault::Lost { done: false });
    }
    assert_eq!(client.send(&complete()).await.unwrap_err().failure().delivery, Delivery::Unknown);
    assert_eq!(client.send(&approve()).await.unwrap_err().failure().delivery, Delivery::Unknown);
    assert_eq!(gateway.count("complaintsComplete"), 1);
    assert_eq!(gateway.count("wxcomplaintsrefundprogress"), 1);
}

#[tokio::test(start_paused = true)]
async fn what_is_not_complete_is_not() {
    for fault in [Fault::Lost { done: false }, Fault::Refused { done: false }, Fault::Unreached] {
        let (client, gateway) = one();
        gateway.world().broken.insert("complaintsComplete", fault);
        client.send(&complete()).await.unwrap_err();
        assert_eq!(gateway.world().case("1").state, "PENDING");
    }
}

#[tokio::test(start_paused = true)]
async fn a_decision_whose_response_was_lost_is_found() {
    let (client, gateway) = one();
    gateway.faults([Fault::None, Fault::Lost { done: true }]);
    assert_eq!(client.send(&approve()).await.unwrap(), Effect::Found);
    assert_eq!(gateway.count("wxcomplaintsrefundprogress"), 1);
    // An old decision is no success of this one.
    assert!(client.send(&approve()).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn a_decision_that_is_refused_is_refused() {
    let (client, gateway) = one();
    gateway.world().broken.insert("wxcomplaintsrefundprogress", Fault::Refused { done: false });
    client.send(&approve()).await.unwrap_err();
    assert_eq!(gateway.count("wxcomplaintsrefundprogress"), 1);
    gateway.world().broken.clear();
    assert_eq!(client.send(&approve()).await.unwrap(), Effect::Confirmed);
}
