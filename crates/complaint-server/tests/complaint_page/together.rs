//! Two people at once, and a payer who writes meanwhile.

use std::time::Duration;

use complaint_inbox::ActStage;
use http::StatusCode;
use platform_sandbox::{Fault, FaultKind, NewComplaint};
use protocol_core::wechat_pay::Respond;

use crate::browser::{Browser, PNG};
use crate::world::{ACTORS, World};

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_past_the_payers_words_is_not_sent_and_shows_them() {
    let world = World::new().await;
    let id = world.sandbox.file_complaint(NewComplaint::default());
    let key = world.wechat_pay(&id);
    world.hear(&key).await;
    let mut browser = Browser::enter(&world, ACTORS[0]).await;
    let form = browser.open(&key).await.form("reply").unwrap();
    world.sandbox.user_message(&id, "我已经收到货了").unwrap();
    world.hear(&key).await;
    let stale = browser.submit(&form, &[("text", "马上发货 & 请等")], &[PNG]).await;
    assert_eq!(stale.status, StatusCode::PRECONDITION_FAILED, "{}", stale.text());
    assert!(stale.has("您打开页面之后用户有新的动作") && stale.has("请重新选择图片"), "{}", stale.text());
    let new = stale.text().split("<li class=\"new\">").nth(1).unwrap();
    assert!(new.split("</li>").next().unwrap().contains("我已经收到货了"), "{new}");
    assert_eq!(stale.text().matches("<li class=\"new\">").count(), 1);
    let form = stale.form("reply").unwrap();
    assert!(form.html.contains("马上发货 &#38; 请等</textarea>"), "{}", form.html);
    assert_eq!(world.history(&id, "MERCHANT_RESPONSE").len(), 0);
    browser.language = "; language=en";
    let again = browser.submit(&form, &[("text", "a"), ("seen", "0")], &[PNG]).await;
    assert!(again.has("Choose the pictures again: the page cannot keep them."), "{}", again.text());
    browser.submit(&form, &[("text", "好的")], &[]).await.location();
    assert_eq!(world.ended(&key).await.stage, ActStage::Done);
    assert_eq!(world.history(&id, "MERCHANT_RESPONSE").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_second_of_two_people_is_told_who_was_first() {
    let world = World::new().await;
    let id = world.sandbox.file_complaint(NewComplaint::default());
    let key = world.wechat_pay(&id);
    world.hear(&key).await;
    let (first, second) = (Browser::enter(&world, ACTORS[0]).await, Browser::enter(&world, ACTORS[1]).await);
    let forms = [&first, &second].map(async |browser| browser.open(&key).await.form("reply").unwrap());
    let [mine, other] = forms;
    let (mine, other) = (mine.await, other.await);
    world.sandbox.inject(Fault::once(FaultKind::SlowResponse(Duration::from_secs(5))).on::<Respond>());
    first.submit(&mine, &[("text", "我来回复")], &[]).await.location();
    let told = second.submit(&other, &[("text", "我也回复")], &[]).await;
    assert_eq!(told.status, StatusCode::CONFLICT, "{}", told.text());
    assert!(told.has("王芳 于") && told.has("提交了同样的操作") && told.has("我也回复</textarea>"), "{}", told.text());
    assert_eq!(world.ended(&key).await.stage, ActStage::Done);
    assert_eq!(world.history(&id, "MERCHANT_RESPONSE").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_clicks_at_once_with_a_picture_are_one_reply() {
    let world = World::new().await;
    let id = world.sandbox.file_complaint(NewComplaint::default());
    let key = world.wechat_pay(&id);
    world.hear(&key).await;
    let browser = Browser::enter(&world, ACTORS[0]).await;
    let form = browser.open(&key).await.form("reply").unwrap();
    let click = || browser.submit(&form, &[("text", "已退款")], &[PNG]);
    let (one, two) = tokio::join!(click(), click());
    let mut places = [one.location(), two.location()];
    places.sort_unstable();
    assert!(places[0].contains("#act-") && places[1].contains("#act-"));
    world.ended(&key).await;
    assert_eq!(world.history(&id, "MERCHANT_RESPONSE").len(), 1);
}
