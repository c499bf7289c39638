//! A poller that is stopped anywhere, begins again with the last saved cursor, and meets every
//! fault.

use std::collections::HashSet;
use std::time::Duration;

use allinpay_adapter::{Cursor, Polling};
use futures_util::StreamExt as _;

use crate::complaints::Case;
use crate::platform::{Fault, Gateway};
use crate::poller::{DAY, ago, word};

fn polling() -> Polling {
    Polling::default().once().with_page_size(5)
}

#[tokio::test(start_paused = true)]
async fn stopped_after_each_item_nothing_is_missed_or_comes_twice() {
    let gateway = Gateway::quick();
    gateway.world().cases = (0..30).map(|id| Case::filed(id, ago(id)).processed()).collect();
    for id in 0..30 {
        gateway.world().case(&id.to_string()).write("USER_RESPONSE", "?", ago(0));
    }
    // After each number of items: the first poller stops there, another one goes on.
    for items in 0..=90 {
        let polling = polling().with_watch(Duration::ZERO);
        let mut first = gateway.client().poller(Cursor::since(ago(DAY)), polling);
        let mut words = Vec::new();
        for _ in 0..items {
            words.push(word(&first.next().await.unwrap().unwrap()));
        }
        let saved = serde_json::to_string(first.cursor()).unwrap();
        drop(first);
        let mut second = gateway.client().poller(serde_json::from_str(&saved).unwrap(), polling);
        while let Some(found) = second.next().await {
            words.push(word(&found.unwrap()));
        }
        assert_eq!((words.len(), words.iter().collect::<HashSet<_>>().len()), (90, 90), "{items}");
    }
}

/// One life of a gateway, with a poller that is stopped at random.
async fn a_life(seed: u64) {
    let mut random = fastrand::Rng::with_seed(seed);
    let polling = if random.bool() { polling() } else { polling().with_watch(Duration::ZERO) };
    let gateway = Gateway::quick();
    gateway.world().habits.newest_first = random.bool();
    gateway.world().habits.counts = random.bool();
    let mut hook_random = random.fork();
    gateway.world().hook = Some(Box::new(move |world, name| {
        let now = world.now;
        if hook_random.u8(..) < 40 {
            // Now, or up to two hours late.
            let late = if hook_random.bool() { 0 } else { hook_random.i64(0..7200) };
            let id = world.cases.len();
            world.cases.push(Case::filed(id, protocol_core::UnixTime(now.0 - late)));
        }
        if hook_random.u8(..) < 40 && !world.cases.is_empty() {
            let at = hook_random.usize(0..world.cases.len());
            let case = &mut world.cases[at];
            match case.state {
                "PROCESSED" => {
                    case.state = "PENDING";
                    case.times += 1;
                    case.write("USER_CONTINUE_COMPLAINT", "again", now);
                }
                _ if hook_random.bool() => {
                    case.state = "PROCESSED";
                    case.write("MERCHANT_CONFIRM_COMPLETE", "", now);
                }
                _ => case.write("USER_RESPONSE", "?", now),
            }
        }
        let faults = [
            Fault::Unreached,
            Fault::Lost { done: false },
            Fault::Refused { done: false },
            Fault::Forged,
            Fault::Html { done: false },
            Fault::Status(502),
            Fault::WrongAppid,
        ];
        let is_query = name.starts_with("wx");
        world.faults = if is_query && hook_random.u8(..) < 25 {
            [*hook_random.choice(&faults).unwrap()].into()
        } else {
            [].into()
        };
    }));
    let mut saved = Cursor::since(ago(0));
    let mut handled = HashSet::new();
    for _ in 0..25 {
        let mut poller = gateway.client().poller(saved.clone(), polling);
        let mut unsaved = HashSet::new();
        let items = random.usize(0..60);
        for _ in 0..items {
            match poller.next().await {
                Some(Ok(found)) => {
                    let word = word(&found);
                    assert!(!handled.contains(&word), "seed {seed}: {word} was saved and came again");
                    assert!(unsaved.insert(word), "seed {seed}: twice from one poller");
                }
                Some(Err(_)) => {}
                None => break,
            }
            if random.u8(..) < 90 {
                saved = serde_json::from_str(&serde_json::to_string(poller.cursor()).unwrap()).unwrap();
                handled.extend(unsaved.drain());
            }
        }
        tokio::time::advance(Duration::from_secs(random.u64(0..20_000))).await;
    }
    // The world stands still; every history that failed is read in a further round.
    gateway.world().hook = None;
    gateway.world().faults.clear();
    for _ in 0..2 {
        let mut poller = gateway.client().poller(saved.clone(), polling);
        while let Some(found) = poller.next().await {
            let word = word(&found.unwrap());
            assert!(handled.insert(word), "seed {seed}: came again");
        }
        saved = poller.cursor().clone();
    }
    let world = gateway.world();
    let happened: HashSet<String> = world
        .cases
        .iter()
        .flat_map(|case| case.history.iter().map(|entry| entry.log_id.clone()).chain([case.id.clone()]))
        .collect();
    let since = ago(0).0;
    for missed in happened.difference(&handled) {
        // A late complaint from before the beginning is not the poller's, nor are its entries of
        // that time.
        let case = world.cases.iter().find(|case| missed.split('-').next() == Some(&case.id)).unwrap();
        let is_old =
            case.history.iter().find(|entry| entry.log_id == *missed).map_or(case.filed, |entry| entry.written);
        assert!(is_old < since, "seed {seed}: {missed} is missed");
    }
}

#[tokio::test(start_paused = true)]
async fn five_lives() {
    for seed in 0..5 {
        a_life(seed).await;
    }
}

#[tokio::test(start_paused = true)]
#[ignore = "a long load"]
async fn forty_lives() {
    for seed in 0..40 {
        a_life(seed).await;
    }
}
