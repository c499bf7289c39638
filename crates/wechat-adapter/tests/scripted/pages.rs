//! Streams of pages: nothing twice, nothing missed, and an end.

use futures_util::{StreamExt as _, TryStreamExt as _};
use protocol_core::wechat_pay::ListComplaints;
use protocol_core::{Delivery, Fault};
use wechat_adapter::Error;

use crate::platform::{BROKEN, Reaction, client, signed};

fn list(limit: u32) -> ListComplaints {
    ListComplaints::new("2025-03-01", "2025-03-30").with_limit(limit)
}

fn page(ids: impl IntoIterator<Item = u32>) -> Reaction {
    let complaint = |id: u32| format!(r#"{{"complaint_id":"{id}"}}"#);
    signed(200, format!(r#"{{"data":[{}]}}"#, ids.into_iter().map(complaint).collect::<Vec<_>>().join(",")))
}

async fn ids(client: &wechat_adapter::Client<crate::platform::Scripted>, limit: u32) -> Vec<String> {
    let complaints: Vec<_> = client.complaints(list(limit)).try_collect().await.unwrap();
    complaints.into_iter().map(|complaint| complaint.complaint_id).collect()
}

#[tokio::test(start_paused = true)]
async fn pages_are_read_until_one_is_short() {
    let (client, platform) = client([page(0..10), page(10..20), page(20..23)]);
    assert_eq!(ids(&client, 10).await.len(), 23);
    assert!(platform.asked()[2].contains("limit=10&offset=20&"));
}

#[tokio::test(start_paused = true)]
async fn a_page_without_data_is_the_end() {
    for empty in [r#"{"total_count":0}"#, r#"{"data":null,"limit":10,"offset":0}"#, r#"{"data":[]}"#] {
        let (client, _) = client([signed(200, empty)]);
        assert_eq!(ids(&client, 10).await, [""; 0]);
    }
}

#[tokio::test(start_paused = true)]
async fn what_moved_to_the_next_page_comes_once() {
    // Three new complaints came in between the pages.
    let (client, _) = client([page(0..10), page(7..17), page(17..18)]);
    let read = ids(&client, 10).await;
    assert_eq!(read, (0..18).map(|id| id.to_string()).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn as_many_new_complaints_as_a_page_holds_do_not_end_the_list() {
    // Ten came in while the first page was read: the second page is the first again.
    let (client, platform) = client([page(10..20), page(10..20), page(20..25)]);
    assert_eq!(ids(&client, 10).await.len(), 15);
    assert!(platform.is_played_out());
}

#[tokio::test(start_paused = true)]
async fn a_platform_that_never_ends_is_told_of() {
    let (client, platform) = client((0..22).map(|_| page(0..10)));
    let error = client.complaints(list(10)).try_collect::<Vec<_>>().await.unwrap_err();
    assert!(matches!(error, Error::StalePages), "{error:?}");
    assert!(platform.is_played_out());
}

#[tokio::test(start_paused = true)]
async fn a_platform_that_makes_smaller_pages_than_asked_says_so() {
    let made = |ids: std::ops::Range<u32>| {
        let complaint = |id: u32| format!(r#"{{"complaint_id":"{id}"}}"#);
        signed(200, format!(r#"{{"data":[{}],"limit":10}}"#, ids.map(complaint).collect::<Vec<_>>().join(",")))
    };
    let (client, platform) = client([made(0..10), made(10..13)]);
    assert_eq!(ids(&client, 50).await.len(), 13);
    assert!(platform.asked()[1].contains("offset=10"));
}

#[tokio::test(start_paused = true)]
async fn a_short_page_is_no_end_while_the_platform_counts_more() {
    let counted = |ids: std::ops::Range<u32>, total: u32| {
        let complaint = |id: u32| format!(r#"{{"complaint_id":"{id}"}}"#);
        let data = ids.map(complaint).collect::<Vec<_>>().join(",");
        signed(200, format!(r#"{{"data":[{data}],"total_count":{total}}}"#))
    };
    // Fifty are requested; the platform gives twenty, and does not say so.
    let (client_of_45, platform) = client([counted(0..20, 45), page(20..40), page(40..45)]);
    assert_eq!(ids(&client_of_45, 50).await.len(), 45);
    assert!(platform.is_played_out());
    // Rows that are counted and not listed do not delay the end.
    let (client_of_9, platform) = client([counted(0..3, 9), page([])]);
    assert_eq!(ids(&client_of_9, 50).await.len(), 3);
    assert!(platform.is_played_out());
}

#[tokio::test(start_paused = true)]
async fn a_page_too_large_is_asked_for_in_halves() {
    let too_large = || signed(400, r#"{"code":"INVALID_REQUEST","message":"m"}"#);
    let (shrinking, platform) = client([too_large(), too_large(), page(0..12), page(12..13)]);
    assert_eq!(ids(&shrinking, 50).await.len(), 13);
    let limits: Vec<_> =
        platform.asked().iter().map(|line| line.split(['=', '&']).nth(1).unwrap().to_owned()).collect();
    assert_eq!(limits, ["50", "25", "12", "12"]);
    let (client, _) = client([too_large(), too_large()]);
    let error = client.complaints(list(12)).try_collect::<Vec<_>>().await.unwrap_err();
    assert!(error.to_string().contains("INVALID_REQUEST"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn an_error_ends_the_stream_after_what_was_read() {
    let (client, _) = client([page(0..10), BROKEN, BROKEN, BROKEN]);
    let mut stream = Box::pin(client.complaints(list(10)));
    for _ in 0..10 {
        assert!(stream.try_next().await.unwrap().is_some());
    }
    stream.try_next().await.unwrap_err();
    assert!(stream.try_next().await.unwrap().is_none());
}

fn rows(rows: &[&str]) -> Reaction {
    signed(200, format!(r#"{{"data":[{}],"limit":3}}"#, rows.join(",")))
}

/// Numbers of the complaints, errors' numbers in brackets.
async fn told(client: &wechat_adapter::Client<crate::platform::Scripted>) -> Vec<String> {
    let word = |item: Result<protocol_core::complaint::Complaint, Error>| match item {
        Ok(complaint) => complaint.complaint_id,
        Err(Error::Unreadable(row)) => format!("[{}]", row.id.as_deref().unwrap_or_default()),
        Err(error) => format!("{error:?}"),
    };
    client.complaints(list(10)).map(word).collect().await
}

const ONE: &str = r#"{"complaint_id":"1"}"#;
const TWO: &str = r#"{"complaint_id":"2"}"#;
const THREE: &str = r#"{"complaint_id":"3"}"#;
const BAD: &str = r#"{"complaint_id":"2","complaint_detail":"CANARY","complainted_mchid":["1"]}"#;
const NAMELESS: [&str; 2] = [r#"{"complaint_detail":"CANARY"}"#, r#"{"complaint_detail":"CANARY 2"}"#];

#[tokio::test(start_paused = true)]
async fn a_complaint_that_cannot_be_read_comes_after_all_others() {
    // Full pages include it: unreadable rows count.
    let (client, platform) = client([
        rows(&[BAD, ONE, NAMELESS[0]]),
        rows(&[BAD, NAMELESS[0], NAMELESS[1]]),
        rows(&[BAD, BAD, BAD]),
        rows(&[THREE]),
    ]);
    assert_eq!(told(&client).await, ["1", "3", "[2]", "[]", "[]"]);
    assert!(platform.asked()[3].contains("offset=9&"));
}

#[tokio::test(start_paused = true)]
async fn its_error_says_what_to_do_and_nothing_personal() {
    let (client, _) = client([rows(&[BAD])]);
    let error = client.complaints(list(10)).try_collect::<Vec<_>>().await.unwrap_err();
    assert_eq!(
        (error.failure().fault, error.failure().delivery, error.failure().is_retryable),
        (Fault::Platform, Delivery::Processed, false)
    );
    let words = error.to_string();
    assert!(words.contains("complaint 2") && words.contains("read it by its number"), "{words}");
    assert!(!words.contains("CANARY") && !format!("{error:?}").contains("CANARY"), "{error:?}");
    assert_eq!(error.unreadable().unwrap().row.expose(), BAD);
}

#[tokio::test(start_paused = true)]
async fn a_complaint_that_is_mended_meanwhile_is_handed_out() {
    let (client, _) = client([rows(&[BAD, ONE, THREE]), rows(&[TWO])]);
    assert_eq!(told(&client).await, ["1", "3", "2"]);
    // And the other way round: it was read once, so its unreadable copy is not reported.
    let (client, _) = crate::platform::client([rows(&[TWO, ONE, THREE]), rows(&[BAD])]);
    assert_eq!(told(&client).await, ["2", "1", "3"]);
}

#[tokio::test(start_paused = true)]
async fn what_ends_the_list_comes_last() {
    let (client, _) = client([rows(&[BAD, ONE, THREE]), signed(400, "{}")]);
    let told = told(&client).await;
    assert_eq!(told[..3], ["1", "3", "[2]"]);
    assert!(told.len() == 4 && told[3].contains("Rejected"), "{told:?}");
}

#[tokio::test(start_paused = true)]
async fn the_same_unreadable_pages_for_ever_are_told_of() {
    let (client, platform) = client((0..22).map(|_| rows(&[BAD, NAMELESS[0], NAMELESS[1]])));
    assert_eq!(told(&client).await, ["[2]", "[]", "[]", "StalePages"]);
    assert!(platform.is_played_out());
}

#[tokio::test(start_paused = true)]
async fn a_history_comes_in_its_order() {
    let entries = |ids: std::ops::Range<u32>| {
        let entry = |id: u32| format!(r#"{{"log_id":"{id}"}}"#);
        signed(200, format!(r#"{{"data":[{}]}}"#, ids.map(entry).collect::<Vec<_>>().join(",")))
    };
    let (client, platform) = client([entries(0..100), entries(100..130)]);
    let records: Vec<_> = client.negotiation_history("1").try_collect().await.unwrap();
    assert!(records.iter().map(|record| record.log_id.parse::<u32>().unwrap()).eq(0..130));
    assert!(platform.asked()[1].ends_with("negotiation-historys?limit=100&offset=100"));
}
