//! The time of the first page of a large inbox, for each filter, of the values that filters take, of the
//! numbers of 400 days, and of a whole export.
//!
//! `cargo run --release -p complaint-inbox --example lists -- 100000 FILE` makes an inbox of so many
//! complaints in a new file, which stays: 20 merchants, deadlines in any order, a tenth of them
//! closed, 1 KiB each, each with words of its own. Default: 100 000 complaints in the folder `TMPDIR`. The median of the rounds is
//! told, with the least and the largest.

#![allow(clippy::print_stdout, clippy::indexing_slicing, reason = "a program that prints what it measured")]

use std::error::Error;
use std::path::PathBuf;
use std::time::Instant;

use complaint_inbox::{
    ComplaintKey, Day, Filter, MAX_DAYS, MAX_ROWS, Message, Milestone, Reading, Source, SqliteStore, Store, StoreError,
};
use protocol_core::UnixTime;
use protocol_core::complaint::Complaint;
use serde_json::json;

/// Rows of a first page.
const PAGE: u32 = 50;

const ROUNDS: usize = 21;

const MERCHANTS: usize = 20;

/// 2025-03-14 15:09:26 in China.
const NOW: UnixTime = UnixTime(1_741_936_166);

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let complaints: usize = arguments.next().map_or(Ok(100_000), |number| number.parse())?;
    let folder = tempfile::TempDir::new()?;
    let path = arguments.next().map_or_else(|| folder.path().join("inbox.db"), PathBuf::from);
    let store = SqliteStore::open(&path)?;
    let begun = Instant::now();
    fill(&store, complaints).await?;
    println!("{complaints} complaints kept in {:.2?}", begun.elapsed());
    let all = Filter::default;
    let text = |text: &str| Some(text.to_owned());
    for (name, filter) in [
        ("all", all()),
        ("open", Filter { is_open: Some(true), ..all() }),
        ("closed", Filter { is_open: Some(false), ..all() }),
        ("due within 6 hours", Filter { due_by: Some(NOW.plus(6 * 3600)), ..all() }),
        ("one merchant of 20", Filter { merchant: text("1900000007"), ..all() }),
        ("open, one merchant", Filter { is_open: Some(true), merchant: text("1900000007"), ..all() }),
        ("a channel without any", Filter { channel: text("allinpay"), ..all() }),
        ("a number", Filter { id: text("7"), ..all() }),
        ("a state", Filter { state: text("PENDING"), ..all() }),
        ("a product without any", Filter { product: text("月卡"), ..all() }),
        ("a word of all", Filter { text: text("退还"), ..all() }),
        ("an order's number", Filter { text: text("4200000404201909069100000007"), ..all() }),
        ("a part of one", Filter { text: text("9069100000007"), ..all() }),
        ("its last four digits", Filter { text: text("0007"), ..all() }),
        ("three characters", Filter { text: text("没发货"), ..all() }),
        ("one character", Filter { text: text("狗"), ..all() }),
        ("a word of none", Filter { text: text("发货"), ..all() }),
        ("open, a word of none", Filter { is_open: Some(true), text: text("发货"), ..all() }),
        ("one merchant, of none", Filter { merchant: text("1900000007"), text: text("发货"), ..all() }),
    ] {
        timed(name, async || {
            let mut from = None;
            loop {
                let page = store.list(&filter, from.as_ref(), PAGE).await?;
                from = page.next;
                // A search goes on until it has found something.
                if !page.rows.is_empty() || from.is_none() {
                    return Ok(());
                }
            }
        })
        .await?;
    }
    timed("choices", async || store.choices().await.map(drop)).await?;
    let today = Day::of(NOW);
    timed("numbers", async || store.numbers(today.plus(1 - MAX_DAYS), today, None, None).await.map(drop)).await?;
    let merchant = Some("1900000007");
    timed("numbers of a merchant", async || store.numbers(today.plus(-3), today, None, merchant).await.map(drop))
        .await?;
    let (begun, mut exported, mut after) = (Instant::now(), 0, None);
    loop {
        let page = store.export(&all(), after.as_ref(), 100).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.summary.key.clone());
        exported += page.len();
    }
    println!("{exported} complaints exported in {:.2?}", begun.elapsed());
    drop(store);
    println!("{} bytes each on disk", std::fs::metadata(&path)?.len() / complaints.max(1) as u64);
    Ok(())
}

/// Tells the median of the rounds.
async fn timed(name: &str, mut look: impl AsyncFnMut() -> Result<(), StoreError>) -> Result<(), StoreError> {
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        look().await?;
        times.push(begun.elapsed());
    }
    times.sort();
    println!("{name:22} {:9.3?} ({:.3?} to {:.3?})", times[ROUNDS / 2], times[0], times[ROUNDS - 1]);
    Ok(())
}

/// Hears of the complaints, and keeps a reading of each, as the server does.
async fn fill(store: &SqliteStore, complaints: usize) -> Result<(), Box<dyn Error>> {
    let source = |merchant: usize| Source::new("wechat-pay", format!("19000000{merchant:02}"));
    for merchant in 0..MERCHANTS {
        let source = source(merchant);
        let keys: Vec<_> = (merchant..complaints)
            .step_by(MERCHANTS)
            .map(|number| ComplaintKey::new(&*source.channel, &*source.merchant, number.to_string()))
            .collect();
        for keys in keys.chunks(MAX_ROWS as usize) {
            let hear = keys.iter().map(|key| {
                let (store, key) = (store.clone(), key.clone());
                tokio::spawn(async move { store.hear(Message::new(key.id.clone(), key)).await })
            });
            for heard in hear.collect::<Vec<_>>() {
                heard.await??;
            }
            let claims = store.claim(&source, MAX_ROWS, 600).await?;
            let keep = claims.into_iter().map(|claim| {
                let store = store.clone();
                tokio::spawn(async move { store.keep_reading(&claim, reading(&claim.key.id)).await })
            });
            for kept in keep.collect::<Vec<_>>() {
                kept.await??;
            }
        }
    }
    Ok(())
}

fn reading(id: &str) -> Reading {
    let number: i64 = id.parse().unwrap_or_default();
    let is_closed = number % 10 == 0;
    let words = words(number.unsigned_abs());
    // In any order, over three days.
    let filed = UnixTime(NOW.0 - 7919 * number % 259_200);
    let document = json!({
        "complaint_id": id,
        "complaint_time": protocol_core::complaint::Timestamp::from(filed),
        "complaint_state": if is_closed { "PROCESSED" } else { "PENDING" },
        "user_complaint_times": 1,
        "complaint_detail": &words,
        "complaint_order_info": [{"transaction_id": format!("42000004042019090691{id:0>8}"), "amount": 1205}],
        "payer_phone": "aB3+/=".repeat(58),
    })
    .to_string();
    let mut reading = Reading::new(document);
    reading.state = Some(if is_closed { "PROCESSED" } else { "PENDING" }.to_owned());
    reading.filed = Some(filed);
    reading.amount = Some(1205);
    let order = format!("42000004042019090691{id:0>8}");
    reading.searched = format!("{order}\n{words}").into();
    reading.numbers = vec![order];
    reading.progress.reply = Milestone::At(filed.plus(3600));
    reading.progress.times = Some(1);
    reading.is_closed = is_closed;
    let complaint = Complaint::decode(reading.document.expose().as_bytes()).ok();
    reading.deadlines = complaint.map(|complaint| complaint.trust_anyway().deadlines());
    reading
}

/// What a payer writes: some 140 characters, and in each complaint that the payer wants money back.
fn words(number: u64) -> String {
    let mut words = "重复扣费，请退还多扣的一笔。".to_owned();
    let mut random = number;
    for _ in 0..12 {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        words.push_str(PHRASES.get((random >> 33) as usize % PHRASES.len()).copied().unwrap_or_default());
    }
    words
}

const PHRASES: [&str; 40] = [
    "昨天下午在小程序下单，",
    "付款之后一直没有动静，",
    "客服电话打不通，",
    "商家说三天内处理，",
    "到现在还没有结果，",
    "会员没有开通，",
    "课程打不开，",
    "收到的东西是坏的，",
    "颜色和图片完全不同，",
    "尺码小了两号，",
    "要求换货被拒绝，",
    "快递显示已经签收，",
    "但是我没有收到包裹，",
    "优惠券没有抵扣，",
    "同一笔订单付了两次，",
    "银行卡里少了钱，",
    "充值没有到账，",
    "游戏账号被封，",
    "押金一直不给，",
    "预约的时间被取消，",
    "门店已经关门，",
    "联系不上老板，",
    "合同里写明可以退订，",
    "对方要收手续费，",
    "自动续费没有提醒，",
    "孩子误操作买的，",
    "我不知道会扣钱，",
    "请平台尽快核实，",
    "附上聊天记录的截图，",
    "再不处理我就报警，",
    "这家店骗了很多人，",
    "说明书是外文的，",
    "插上电就冒烟，",
    "吃了之后肚子疼，",
    "生产日期是去年，",
    "外包装已经破损，",
    "少了一个配件，",
    "声音断断续续，",
    "屏幕有一条线，",
    "电池用不到一小时，",
];
