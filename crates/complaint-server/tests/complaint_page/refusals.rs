//! Forms that are not sent: who may, from where, and what is wrong with them.

use complaint_inbox::{ActStage, ComplaintKey};
use http::StatusCode;
use platform_sandbox::{Fault, FaultKind, NewComplaint};
use protocol_core::wechat_pay::{Respond, UploadImage};

use crate::browser::{Browser, Filled, PNG, Seen, path};
use crate::world::{ACTORS, PASSWORD, READER, World};

async fn filed(world: &World) -> ComplaintKey {
    let key = world.wechat_pay(&world.sandbox.file_complaint(NewComplaint::default()));
    world.hear(&key).await;
    key
}

#[tokio::test(flavor = "multi_thread")]
async fn one_who_may_only_read_has_no_forms_and_sends_none() {
    let world = World::new().await;
    let key = filed(&world).await;
    let (actor, reader) = (Browser::enter(&world, ACTORS[0]).await, Browser::enter(&world, READER).await);
    let page = reader.open(&key).await;
    assert!(page.form("reply").is_none() && page.has("您只有查看权限"), "{}", page.text());
    let form = actor.open(&key).await.form("reply").unwrap();
    let token = page.form_by("/logout").unwrap().fields.remove(0).1;
    let refused = reader.submit(&form, &[("text", "a"), ("token", &token)], &[]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(world.record(&key).await.unwrap().acts.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_of_another_page_is_refused() {
    let world = World::new().await;
    let key = filed(&world).await;
    let mut browser = Browser::enter(&world, ACTORS[0]).await;
    let form = browser.open(&key).await.form("reply").unwrap();
    let text = ("text", "已退款");
    for (field, status) in [
        (("token", ""), StatusCode::FORBIDDEN),
        (("token", "AAAA"), StatusCode::FORBIDDEN),
        (("form", "refund"), StatusCode::BAD_REQUEST),
        (("key", "a/b"), StatusCode::BAD_REQUEST),
        (("key", ""), StatusCode::BAD_REQUEST),
        (("seen", "x"), StatusCode::BAD_REQUEST),
        (("entries", "-1"), StatusCode::BAD_REQUEST),
    ] {
        assert_eq!(browser.submit(&form, &[text, field], &[]).await.status, status, "{field:?}");
    }
    let stranger = Browser { origin: "https://evil.example".to_owned(), ..Browser::enter(&world, ACTORS[1]).await };
    assert_eq!(stranger.submit(&form, &[text], &[]).await.status, StatusCode::FORBIDDEN);
    browser.origin = String::new();
    assert_eq!(browser.submit(&form, &[text], &[]).await.status, StatusCode::FORBIDDEN);
    assert_eq!(browser.get("/complaints/wechat-pay/1/2").await.status, StatusCode::NOT_FOUND);
    assert_eq!(browser.get(&format!("{}/pictures/1", path(&key))).await.status, StatusCode::NOT_FOUND);
    assert!(world.record(&key).await.unwrap().acts.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_that_is_sent_after_the_session_ended_waits_for_the_log_in() {
    let world = World::new().await;
    let key = filed(&world).await;
    let mut browser = Browser::enter(&world, ACTORS[0]).await;
    let form = browser.open(&key).await.form("reply").unwrap();
    world.sandbox.user_message(&key.id, "还要等多久").unwrap();
    world.hear(&key).await;
    browser.cookie.clear();
    let text = "您好，\r\n<b>马上</b> & \"今天\"";
    let asked = browser.submit(&form, &[("text", text)], &[PNG]).await;
    assert_eq!(asked.status, StatusCode::FORBIDDEN);
    assert!(asked.has("登录已结束，没有发送任何内容") && !asked.has("<b>马上"), "{}", asked.text());
    let again = browser.log_in(ACTORS[0], "not the password", &log_in_of(&asked)).await;
    assert!(again.has("用户名或密码不正确"), "{}", again.text());

    let page = browser.log_in(ACTORS[0], PASSWORD, &log_in_of(&again)).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text());
    assert!(page.has("登录已结束，没有发送任何内容") && page.has(&here(&key)), "{}", page.text());
    let kept = page.form("reply").unwrap();
    let words = "您好，\n&#60;b&#62;马上&#60;/b&#62; &#38; &#34;今天&#34;</textarea>";
    assert!(kept.html.contains(words) && kept.html.contains("请重新选择图片"), "{}", kept.html);
    let new = page.text().split("<li class=\"new\">").nth(1).unwrap();
    assert!(new.contains("还要等多久"), "what came meanwhile is marked: {new}");
    assert!(world.record(&key).await.unwrap().acts.is_empty());
    browser.submit(&kept, &[("text", "马上")], &[PNG]).await.location();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_of_an_earlier_log_in_keeps_its_text() {
    let world = World::new().await;
    let key = filed(&world).await;
    let (before, browser) = (Browser::enter(&world, ACTORS[0]).await, Browser::enter(&world, ACTORS[0]).await);
    let form = before.open(&key).await.form("reply").unwrap();
    let page = browser.submit(&form, &[("text", "已退款")], &[]).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    let kept = page.form("reply").unwrap();
    assert!(kept.html.contains("已退款</textarea>") && page.has("登录已结束，没有发送任何内容"), "{}", page.text());
    assert!(world.record(&key).await.unwrap().acts.is_empty());
    browser.submit(&kept, &[("text", "已退款")], &[]).await.location();
}

/// The fields of the log-in that a page has.
fn log_in_of(page: &Seen) -> Vec<(String, String)> {
    let fields = page.form_by("type=\"password\"").unwrap().fields.into_iter();
    fields.map(|(name, value)| (name, unescaped(&value))).collect()
}

fn unescaped(text: &str) -> String {
    [("&#60;", "<"), ("&#62;", ">"), ("&#34;", "\""), ("&#38;", "&")]
        .into_iter()
        .fold(text.to_owned(), |text, (escaped, character)| text.replace(escaped, character))
}

/// The address under which a page looks for news.
fn here(key: &ComplaintKey) -> String {
    format!("data-here=\"{}\"", path(key))
}

/// Sends a form; it is refused with these words, and the text stays.
async fn wrong(browser: &Browser<'_>, form: &Filled, text: &str, pictures: &[&[u8]], words: &str) {
    let refused = browser.submit(form, &[("text", text)], pictures).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{words}: {}", refused.text());
    let form = refused.form("reply").unwrap();
    assert!(form.html.contains(words), "{words}: {}", form.html);
    assert!(
        refused.has(&format!("data-here=\"{}\"", form.action.strip_suffix("/acts").unwrap())),
        "it is kept up to date"
    );
    assert!(form.html.contains(&format!("{text}</textarea>")), "{words}: {}", form.html);
    // Beside the field, which names it.
    let told = "id=\"reply-pictures-again\">请重新选择图片";
    assert_eq!(form.html.contains(told), !pictures.is_empty(), "{words}: {}", form.html);
    assert_eq!(form.html.contains("-about reply-pictures-again\""), !pictures.is_empty(), "{words}: {}", form.html);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_beyond_its_bounds_keeps_its_text() {
    let world = World::new().await;
    let key = filed(&world).await;
    let browser = Browser::enter(&world, ACTORS[0]).await;
    let form = browser.open(&key).await.form("reply").unwrap();
    wrong(&browser, &form, "", &[], "请填写内容").await;
    wrong(&browser, &form, &"字".repeat(501), &[], "内容有 501 个字，平台最多接受 500 个字").await;
    wrong(&browser, &form, "好的😀", &[], "请删除 😀").await;
    wrong(&browser, &form, "订单 {order}", &[], "内容里还有 {order}").await;
    wrong(&browser, &form, "a", &[PNG; 5], "图片太多，最多 4 张").await;
    wrong(&browser, &form, "a", &[b"GIF89a"], "有文件不是 JPG、PNG 或 BMP").await;
    let large = [PNG, &vec![0; 2 * 1024 * 1024]].concat();
    wrong(&browser, &form, "a", &[&large], "有图片超过 2 MB").await;
    let huge = vec![0; 9 * 1024 * 1024];
    assert_eq!(browser.submit(&form, &[("text", "a")], &[&huge]).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    let decide = [("form", "approve-refund"), ("days", "1")];
    let refused = browser.submit(&form, &decide, &[]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "no refund is asked for");
    let kept = refused.form("approve-refund").unwrap();
    assert!(kept.html.contains("投诉单目前不接受这个操作") && kept.html.contains("value=\"1\""), "{}", kept.html);
    assert!(world.record(&key).await.unwrap().acts.is_empty());
    let largest: &[u8] = &large[..2 * 1024 * 1024];
    browser.submit(&form, &[("text", &*"字".repeat(500))], &[largest; 4]).await.location();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_fails_sends_nothing_and_keeps_the_text() {
    let world = World::new().await;
    let key = filed(&world).await;
    let browser = Browser::enter(&world, ACTORS[0]).await;
    let form = browser.open(&key).await.form("reply").unwrap();
    world.sandbox.inject(Fault::once(FaultKind::EmptyBody(403)).on::<UploadImage>().times(9));
    let failed = browser.submit(&form, &[("text", "已退款")], &[PNG]).await;
    assert_eq!(failed.status, StatusCode::BAD_GATEWAY, "{}", failed.text());
    assert!(failed.has("没有发送任何内容。平台拒绝了。") && !failed.has("the platform"), "{}", failed.text());
    assert!(failed.has("已退款</textarea>"), "{}", failed.text());
    assert!(failed.has("请重新选择图片"), "{}", failed.text());
    assert!(world.record(&key).await.unwrap().acts.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_told_in_the_persons_language_and_the_platform_is_quoted() {
    let world = World::new().await;
    let key = filed(&world).await;
    let browser = Browser::enter(&world, ACTORS[0]).await;
    let form = browser.open(&key).await.form("reply").unwrap();
    let refusal = r#"{"code":"INVALID_REQUEST","message":"投诉单状态不允许回复"}"#;
    world.sandbox.inject(Fault::once(FaultKind::Body(refusal.to_owned())).on::<Respond>());
    browser.submit(&form, &[("text", "已退款")], &[]).await.location();
    assert_eq!(world.ended(&key).await.stage, ActStage::Refused);
    let page = browser.open(&key).await;
    assert!(page.has("平台拒绝了。") && page.has("INVALID_REQUEST 投诉单状态不允许回复"), "{}", page.text());
    assert!(page.has("平台的说明：") && !page.has("the platform"), "{}", page.text());
}
