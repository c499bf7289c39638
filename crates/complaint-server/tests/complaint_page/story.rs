//! A complaint from its arrival to its end.

use complaint_inbox::{ActStage, Store as _};
use http::StatusCode;
use platform_sandbox::NewComplaint;

use crate::browser::{Browser, PNG, path};
use crate::world::{ACTORS, READER, World};

#[tokio::test(flavor = "multi_thread")]
async fn a_complaint_is_replied_to_with_a_picture_and_completed_once_each() {
    let world = World::new().await;
    let new = NewComplaint::default().with_complaint_detail("没有收到货").with_image(PNG).with_amount(1250);
    let id = world.sandbox.file_complaint(new);
    let key = world.wechat_pay(&id);
    world.hear(&key).await;
    world.until(async || world.record(&key).await.unwrap().pictures.iter().all(|picture| picture.size.is_some())).await;
    let browser = Browser::enter(&world, ACTORS[0]).await;
    let page = browser.open(&key).await;
    for words in ["没有收到货", "¥12.50", "待处理", "从投诉时间", "依据：微信支付客服", "用户提交投诉", "最多 500 个字"]
    {
        assert!(page.has(words), "{words}: {}", page.text());
    }
    let picture = browser.get(&format!("{}/pictures/1", path(&key))).await;
    assert_eq!((picture.headers["content-type"].to_str().unwrap(), &*picture.body), ("image/png", PNG));
    assert_eq!(picture.headers["content-security-policy"], "default-src 'none'; sandbox");

    let filled = browser.get(&format!("{}?template=%E5%B7%B2%E9%80%80%E6%AC%BE", path(&key))).await;
    let form = filled.form("reply").unwrap();
    assert!(form.html.contains("的 ¥12.50 已退款</textarea>"), "{}", form.html);
    // For the script; without it, the page says what it does.
    assert!(page.has("的 ¥12.50 已退款\">已退款</option>") && page.has("<noscript><small>页面会重新打开"));
    let reply = [("text", "您好，\r\n已为您退款")];
    let sent = browser.submit(&form, &reply, &[PNG]).await;
    let again = browser.submit(&form, &reply, &[PNG]).await;
    assert_eq!(again.location(), sent.location().replace('#', "&again=1#"));
    let page = browser.get(sent.location()).await;
    assert!(page.has("已提交，只会发送一次。") && page.has("王芳 于"), "{}", page.text());
    let here = sent.location().split('#').next().unwrap();
    assert!(page.has(&format!("data-here=\"{here}\"")), "{}", page.text());
    assert!(browser.get(again.location()).await.has("之前已经提交过"));
    assert_eq!(world.ended(&key).await.stage, ActStage::Done);
    let other = browser.submit(&form, &[("text", "别的内容")], &[]).await;
    assert_eq!(other.status, StatusCode::CONFLICT);
    assert!(other.has("之前已经以别的内容提交") && other.has("别的内容</textarea>"), "{}", other.text());

    let replies = world.history(&id, "MERCHANT_RESPONSE");
    assert_eq!(replies.len(), 1, "{replies:?}");
    assert_eq!(replies[0]["operate_details"], "您好，\n已为您退款");
    assert_eq!(replies[0]["complaint_media_list"]["media_url"].as_array().unwrap().len(), 1);
    let page = browser.open(&key).await;
    assert!(page.has("act-done") && page.has("处理中") && page.has("1 张图片"), "{}", page.text());
    // Each picture stands with the words that it came with.
    let (words, history) = page.text().split_once("<section class=\"timeline\"").unwrap();
    let count = |part: &str, number: u32| part.matches(&format!("图片 {number}")).count();
    assert_eq!((count(words, 1), count(words, 2)), (2, 0), "{}", page.text());
    assert!(count(history, 1) == 2 && count(history, 2) >= 1, "{}", page.text());

    let form = page.form("complete").unwrap();
    browser.submit(&form, &[], &[]).await.location();
    browser.submit(&form, &[], &[]).await.location();
    assert_eq!(world.ended(&key).await.stage, ActStage::Done);
    assert_eq!(world.history(&id, "MERCHANT_CONFIRM_COMPLETE").len(), 1);
    let page = browser.open(&key).await;
    assert!(page.has("已处理完成") && page.has("目前没有需要您处理的事项"), "{}", page.text());
    assert!(page.form("complete").is_none() && page.form("reply").is_some());
    let journal = browser.get("/journal").await;
    assert_eq!(journal.text().matches("提交操作").count(), 2, "{}", journal.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_is_decided_on_and_no_money_moves() {
    let world = World::new().await;
    let ids = [0, 1].map(|_| world.sandbox.file_complaint(NewComplaint::default().with_refund(300)));
    let browser = Browser { language: "; language=en", ..Browser::enter(&world, ACTORS[0]).await };
    let key = world.wechat_pay(&ids[0]);
    world.hear(&key).await;
    let page = browser.open(&key).await;
    assert!(page.has("It moves no money") && page.has("Refund asked for"), "{}", page.text());
    let form = page.form("reject-refund").unwrap();
    let refused = browser.submit(&form, &[("text", "")], &[]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    browser.submit(&form, &[("text", "已发货"), ("remark", "SF1234")], &[PNG]).await.location();
    assert_eq!(world.ended(&key).await.stage, ActStage::Done);
    assert_eq!(world.history(&ids[0], "MERCHANT_REFUSE_RERUND").len(), 1);

    let key = world.wechat_pay(&ids[1]);
    world.hear(&key).await;
    let form = browser.open(&key).await.form("approve-refund").unwrap();
    for days in ["", "31", "-1", "x"] {
        let refused = browser.submit(&form, &[("days", days)], &[]).await;
        assert!(refused.has("a whole number from 0 to 30"), "{days}");
    }
    browser.submit(&form, &[("days", "30")], &[]).await.location();
    assert_eq!(world.ended(&key).await.stage, ActStage::Done);
    assert!(browser.open(&key).await.has("the refund starts in 30 working days"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_telephone_number_is_shown_to_one_who_may_act_and_recorded() {
    let world = World::new().await;
    let id = world.sandbox.file_complaint(NewComplaint::default().with_payer_phone("13900001234"));
    let key = world.wechat_pay(&id);
    world.hear(&key).await;
    let browser = Browser::enter(&world, ACTORS[0]).await;
    let page = browser.open(&key).await;
    assert!(!page.has("13900001234") && page.has("已隐藏"), "{}", page.text());
    let shown = browser.press(&page.form_by("/phone\"").unwrap()).await;
    assert!(shown.has("13900001234") && shown.has("已查看 1 次"), "{}", shown.text());
    // News come to this page, and the number stays.
    assert!(shown.has(&format!("data-here=\"{}\"", path(&key))) && shown.has("data-live=\"sheet\""));
    assert!(page.has("data-live=\"phone\"") && !shown.has("data-live=\"phone\""));
    assert_eq!(shown.headers["cache-control"], "no-store");
    assert!(!browser.open(&key).await.has("13900001234"));
    assert_eq!(world.record(&key).await.unwrap().phone_looks.latest[0].by, ACTORS[0]);
    assert!(browser.get("/journal").await.has("查看电话"));

    let reader = Browser::enter(&world, READER).await;
    let page = reader.open(&key).await;
    assert!(page.form_by("/phone\"").is_none());
    let mut form = browser.open(&key).await.form_by("/phone\"").unwrap();
    let token = page.form_by("/logout").unwrap().fields.remove(0);
    form.fields = vec![token];
    assert_eq!(reader.press(&form).await.status, StatusCode::FORBIDDEN);
    assert_eq!(world.record(&key).await.unwrap().phone_looks.times, 1);
    assert_eq!(
        world.store.deeds(None, 50).await.unwrap().iter().filter(|record| record.deed.word == "phone-shown").count(),
        1
    );
}
