//! The numbers, as a chart, as tables and as CSV.

use complaint_inbox::{Milestone, Progress, Reading, Store};
use complaint_server::May;
use protocol_core::UnixTime;

use crate::browser::Browser;
use crate::world::{NOW, World};

/// A reading of a complaint that was filed so many days ago.
fn reading(days: i64, progress: Progress) -> Reading {
    let mut reading = Reading::new("{}");
    reading.filed = Some(UnixTime(NOW.0 - days * 86_400));
    reading.progress = progress;
    reading
}

pub(crate) async fn numbers_are_counted_by_day_and_by_merchant<S: Store>(world: &World<S>) {
    let replied = |hours: i64| Progress {
        reply: Milestone::At(UnixTime(NOW.0 - 86_400 + hours * 3600)),
        finish: Milestone::NotYet,
        times: Some(2),
        is_overdue: hours >= 24,
    };
    world.file("C1", reading(1, replied(23))).await;
    world.file("C2", reading(1, replied(25))).await;
    world.file("C3", reading(40, Progress::default())).await;
    let browser = Browser::of(world, "wang", May::Read).await;
    let text = browser.get("/numbers").await.text;
    for words in [
        "<strong id=\"filed-day\">新投诉 · 按日期</strong>",
        "aria-labelledby=\"replied-day\" aria-describedby=\"replied-day-words\"",
        "<title>2025-03-13: 50%</title>",
        "<title>微信支付 · 1900000001: 0%</title>",
        "name=\"from\" type=\"date\" value=\"2025-02-13\"",
        "<th scope=\"row\"><bdi>2025-03-13</bdi></th>",
        "微信支付 · 1900000001",
        "data-label=\"24 小时内回复\">1</td>",
        "data-label=\"回复超过 24 小时\">1</td>",
        "data-label=\"再次投诉\">2</td>",
        "data-label=\"超时\">1</td>",
        "href=\"/numbers.csv?from=2025-02-13&#38;to=2025-03-14\"",
    ] {
        assert!(text.contains(words), "{words}\n{text}");
    }
    // Thirty columns for each count, one for each share; one merchant.
    assert_eq!(text.matches("<rect class=\"bar\"").count(), 2 * 30 + 2 + 4);
    assert_eq!(text.matches("<rect fill=\"url(#hatch)\"").count(), 4, "never by colour alone");
    assert_eq!(
        browser.get("/numbers.csv?from=2025-02-01&to=2025-03-14").await.text,
        "\u{feff}日期,渠道,商户,新投诉,24 小时内回复,回复超过 24 小时,回复时间未知,72 小时内完成,完成超过 72 小时,完成时间未知,再次投诉,超时\r\n\
         2025-02-02,微信支付,`1900000001,1,0,0,1,0,0,1,0,0\r\n\
         2025-03-13,微信支付,`1900000001,2,1,1,0,0,0,0,2,1\r\n"
    );
    browser.post("/language", &[("language", "en")]).await;
    assert!(browser.get("/numbers").await.text.contains("Replied within 24 h"));
}

pub(crate) async fn a_span_has_its_bounds<S: Store>(world: &World<S>) {
    let browser = Browser::of(world, "wang", May::Read).await;
    for (span, status) in [
        ("from=2025-03-14&to=2025-03-14", 200),
        ("from=2024-02-09&to=2025-03-14", 200),
        ("from=2024-02-08&to=2025-03-14", 400),
        ("from=2025-03-15&to=2025-03-14", 400),
        ("from=yesterday", 400),
        ("from=2025-02-30", 400),
        ("days=3", 400),
    ] {
        for path in ["/numbers", "/numbers.csv"] {
            assert_eq!(browser.get(&format!("{path}?{span}")).await.status, status, "{span}");
        }
    }
}
