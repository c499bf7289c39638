//! Filters by state, product and words, and the values that they may take.

use complaint_inbox::{
    Choices, ComplaintKey, Cursor, Filter, MAX_CHOICES, MAX_PRODUCT, MAX_SEARCHED, Reading, Sighting, Store,
};

use crate::world::{DAY, World, closed, complaint, due, filed};

/// A reading in this state about this product, with the text by which it is found.
fn reading(state: &str, product: Option<&str>, searched: &str) -> Reading {
    let mut reading = due(filed(0));
    reading.state = Some(state.to_owned());
    reading.product = product.map(str::to_owned);
    reading.searched = searched.to_owned().into();
    reading
}

async fn fill<S: Store>(world: &World<S>) {
    world.put("1", reading("PENDING", Some("月卡"), "4200000404 WX-Order-7\n重复扣费，请退款")).await;
    world.put("2", reading("PENDING", None, "4200000405\n请退款")).await;
    world.put("3", reading("201", Some("年卡"), "没有发货 Refund")).await;
    let mut done = closed();
    done.searched = "请退款".into();
    world.put("4", done).await;
    world.hear("unread", "UNREAD-9").await;
}

fn text(text: &str) -> Filter {
    Filter { text: Some(text.to_owned()), ..Filter::default() }
}

/// The ids that a filter shows, in the list and in the export.
async fn shown<S: Store>(world: &World<S>, filter: Filter) -> Vec<String> {
    let page = world.store.list(&filter, None, 100).await.unwrap();
    assert_eq!(page.next, None);
    let listed: Vec<String> = page.rows.into_iter().map(|row| row.key.id).collect();
    let exported = world.store.export(&filter, None, 100).await.unwrap();
    let exported: Vec<String> = exported.into_iter().map(|row| row.summary.key.id).collect();
    let mut by_key = listed.clone();
    by_key.sort_unstable();
    assert_eq!(exported, by_key);
    listed
}

pub(crate) async fn a_state_and_a_product_are_filtered_by<S: Store>(world: &World<S>) {
    fill(world).await;
    let of = |state: Option<&str>, product: Option<&str>| Filter {
        state: state.map(str::to_owned),
        product: product.map(str::to_owned),
        ..Filter::default()
    };
    assert_eq!(shown(world, of(Some("PENDING"), None)).await, ["1", "2"]);
    assert_eq!(shown(world, of(Some("201"), None)).await, ["3"]);
    assert_eq!(shown(world, of(None, Some("月卡"))).await, ["1"]);
    assert_eq!(shown(world, of(Some("201"), Some("月卡"))).await, [""; 0]);
    assert_eq!(shown(world, of(Some("pending"), None)).await, [""; 0]);
}

pub(crate) async fn each_word_of_a_search_is_found_in_number_or_text<S: Store>(world: &World<S>) {
    fill(world).await;
    for (search, ids) in [
        ("退款", &["1", "2", "4"][..]),
        ("退款 42000004", &["1", "2"]),
        ("wx-oRDER-7", &["1"]),
        ("refund\u{3000}发货", &["3"]),
        ("unread", &["UNREAD-9"]),
        ("退货", &[]),
        ("_200000404", &[]),
        ("%", &[]),
        (" ", &["UNREAD-9", "1", "2", "3", "4"]),
    ] {
        assert_eq!(shown(world, text(search)).await, ids, "{search}");
    }
    assert_eq!(shown(world, Filter { is_open: Some(true), ..text("退款") }).await, ["1", "2"]);
    assert_eq!(shown(world, Filter { state: Some("201".to_owned()), ..text("退款") }).await, [""; 0]);
    // A later reading has other words.
    world.put("1", reading("PENDING", None, "已退")).await;
    assert_eq!(shown(world, text("扣费")).await, [""; 0]);
    assert_eq!(shown(world, text("已退")).await, ["1"]);
}

pub(crate) async fn a_whole_number_finds_those_that_have_it_alone<S: Store>(world: &World<S>) {
    let reading = |numbers: &[&str], words: &str| {
        let mut reading = due(filed(0));
        reading.numbers = numbers.iter().map(|number| (*number).to_owned()).collect();
        reading.searched = format!("{}\n{words}", numbers.join("\n")).into();
        reading
    };
    world.put("100", reading(&["W-1", "4200"], "扣费")).await;
    world.put("1001", reading(&["w-12", "42000"], "退款 4200")).await;
    world.put("1002", reading(&["W-1"], "退款")).await;
    world.hear("unread", "4200").await;
    for (search, ids) in [
        // Its own number, and that of an order.
        ("100", &["100"][..]),
        ("W-1", &["100", "1002"]),
        ("w-1", &["100", "1002"]),
        ("4200", &["100"]),
        // Each word has to be there.
        ("w-1 退款", &["1002"]),
        ("w-1 100", &["100"]),
        ("w-1 42000", &[]),
        ("w-1 发货", &[]),
        // A part of a number.
        ("00", &["4200", "100", "1001", "1002"]),
        ("420", &["4200", "100", "1001"]),
        ("w-", &["100", "1001", "1002"]),
    ] {
        assert_eq!(shown(world, text(search)).await, ids, "{search}");
    }
    let elsewhere = Filter { merchant: Some("1900000002".to_owned()), ..text("4200") };
    assert_eq!(shown(world, elsewhere).await, [""; 0]);
    // A later reading has other numbers.
    world.put("100", reading(&["W-2"], "扣费")).await;
    assert_eq!(shown(world, text("w-1")).await, ["1002"]);
    assert_eq!(shown(world, text("w-2")).await, ["100"]);
    assert_eq!(shown(world, text("4200")).await, ["4200", "1001"], "a part of others again");
    // Those that went have none.
    world.tick(3 * DAY);
    assert_eq!(world.store.forget(1, 9).await.unwrap().complaints, 4);
    world.put("7", reading(&[], "w-2 退款")).await;
    assert_eq!(shown(world, text("w-2")).await, ["7"]);
}

pub(crate) async fn a_search_is_the_same_in_pages_of_any_size<S: Store>(world: &World<S>) {
    fill(world).await;
    for limit in 1..=4 {
        let (mut ids, mut from) = (Vec::new(), None::<Cursor>);
        loop {
            let page = world.store.list(&text("退款"), from.as_ref(), limit).await.unwrap();
            ids.extend(page.rows.into_iter().map(|row| row.key.id));
            from = page.next;
            if from.is_none() {
                break;
            }
        }
        assert_eq!(ids, ["1", "2", "4"], "{limit}");
    }
}

pub(crate) async fn a_search_looks_through_so_many_complaints_at_once<S: Store>(world: &World<S>) {
    let store = &world.store;
    let name = |number: usize| format!("{number:06}");
    let all = (0..MAX_SEARCHED).map(|number| Sighting::new(complaint(&name(number)), ""));
    store.sight(all.collect()).await.unwrap();
    let last = name(MAX_SEARCHED - 1);
    let page = store.list(&text(&last), None, 9).await.unwrap();
    assert_eq!((page.rows.len(), page.next), (1, None));
    store.sight(vec![Sighting::new(complaint(&name(MAX_SEARCHED)), "")]).await.unwrap();
    let page = store.list(&text(&name(MAX_SEARCHED)), None, 9).await.unwrap();
    assert!(page.rows.is_empty());
    let page = store.list(&text(&name(MAX_SEARCHED)), page.next.as_ref(), 9).await.unwrap();
    assert_eq!((page.rows.len(), page.next), (1, None));
    // Those that other members of the filter leave out do not count.
    let one = Filter { id: Some(name(MAX_SEARCHED)), ..text(&name(MAX_SEARCHED)) };
    let page = store.list(&one, None, 9).await.unwrap();
    assert_eq!((page.rows.len(), page.next), (1, None));
}

pub(crate) async fn a_product_has_a_bound<S: Store>(world: &World<S>) {
    let product = async |name: &str| {
        world.put("1", reading("201", Some(name), "")).await;
        world.store.complaint(&complaint("1")).await.unwrap().unwrap().summary.product.unwrap()
    };
    let most = "a".repeat(MAX_PRODUCT);
    assert_eq!(product(&most).await, most);
    assert_eq!(product(&format!("{most}a")).await, most);
}

pub(crate) async fn a_filter_has_the_choices_that_there_are<S: Store>(world: &World<S>) {
    let store = &world.store;
    assert_eq!(store.choices().await.unwrap(), Choices::default());
    fill(world).await;
    let elsewhere = ComplaintKey::new("allinpay", "990581007426001", "1");
    store.sight(vec![Sighting::new(elsewhere, "")]).await.unwrap();
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    let expected = Choices {
        channels: texts(&["allinpay", "wechat-pay"]),
        merchants: texts(&["1900000001", "990581007426001"]),
        states: texts(&["201", "PENDING"]),
        products: texts(&["年卡", "月卡"]),
    };
    assert_eq!(store.choices().await.unwrap(), expected);
    let merchant = |number: usize| ComplaintKey::new("allinpay", format!("{number:03}"), "1");
    for (merchants, expected) in [(MAX_CHOICES - 2, MAX_CHOICES), (MAX_CHOICES + 1, MAX_CHOICES)] {
        store.sight((0..merchants).map(|number| Sighting::new(merchant(number), "")).collect()).await.unwrap();
        assert_eq!(store.choices().await.unwrap().merchants.len(), expected, "{merchants}");
    }
    assert_eq!(store.choices().await.unwrap().channels, texts(&["allinpay"]), "of the first sources");
}
