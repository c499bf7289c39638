//! An act on each of the other channels.

use complaint_inbox::{ActStage, ComplaintKey};
use http::StatusCode;
use platform_sandbox::{NewAlipayComplaint, NewComplaint, NewOrderComplaint};

use crate::browser::{Browser, PNG};
use crate::world::{ACTORS, World};

#[tokio::test(flavor = "multi_thread")]
async fn a_mini_programs_complaint_is_replied_to_and_its_proof_supplied() {
    let world = World::new().await;
    let new = NewOrderComplaint::default().with_content("收到的货不对").with_product_name("雨伞");
    let id = world.sandbox.file_order_complaint(new);
    let key = ComplaintKey::new("mini-program", world.sandbox.mini_program().appid, &*id);
    world.hear(&key).await;
    let browser = Browser::enter(&world, ACTORS[0]).await;
    let page = browser.open(&key).await;
    assert!(page.has("收到的货不对") && page.has("雨伞"), "{}", page.text());
    let form = page.form("reply").unwrap();
    let refused = browser.submit(&form, &[("text", "同意")], &[]).await;
    assert!(refused.status == StatusCode::UNPROCESSABLE_ENTITY && refused.has("请选择一项"), "{}", refused.text());
    browser.submit(&form, &[("agrees", "yes")], &[PNG]).await.location();
    assert_eq!(world.ended(&key).await.stage, ActStage::Done);

    world.sandbox.order_status(&id, 206).unwrap();
    world.hear(&key).await;
    let page = browser.open(&key).await;
    assert!(page.form("reply").is_none() && page.has("平台在此状态只等 48 小时"), "{}", page.text());
    let form = page.form("supply-refund").unwrap();
    let refused = browser.submit(&form, &[], &[]).await;
    assert!(refused.has("请填写内容或者添加图片"), "{}", refused.text());
    browser.submit(&form, &[("text", "退款单号 1")], &[PNG]).await.location();
    assert_eq!(world.ended(&key).await.stage, ActStage::Done);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_complaint_of_virtual_payment_is_replied_to() {
    let world = World::new().await;
    let id = world.sandbox.file_virtual_payment_complaint(NewComplaint::default()).unwrap();
    let key = ComplaintKey::new("virtual-payment", world.sandbox.mini_program().appid, &*id);
    world.hear(&key).await;
    let browser = Browser::enter(&world, ACTORS[0]).await;
    let page = browser.open(&key).await;
    assert!(page.has("每张不超过 1 MB") && page.has("该渠道未经确认"), "{}", page.text());
    browser.submit(&page.form("reply").unwrap(), &[("text", "已退款")], &[PNG]).await.location();
    assert_eq!(world.ended(&key).await.stage, ActStage::Done);
}

#[tokio::test(flavor = "multi_thread")]
async fn allinpays_complaints_are_replied_to_and_processed() {
    let world = World::new().await;
    let cusid = world.sandbox.allinpay().cusid;
    let id = world.sandbox.file_allinpay_complaint(NewComplaint::default(), &cusid).unwrap();
    let key = ComplaintKey::new("allinpay", &*cusid, &*id);
    world.hear(&key).await;
    let browser = Browser::enter(&world, ACTORS[0]).await;
    let form = browser.open(&key).await.form("reply").unwrap();
    browser.submit(&form, &[("text", "已退款")], &[PNG]).await.location();
    assert_eq!(world.ended(&key).await.stage, ActStage::Done);
    assert_eq!(world.history(&id, "MERCHANT_RESPONSE").len(), 1);

    let new = NewAlipayComplaint::default().with_content("没有收到货").with_contact("13900001234");
    let id = world.sandbox.file_alipay_complaint(new, &cusid).unwrap();
    let task = world.sandbox.alipay_complaint(&id).unwrap()["task_id"].as_str().unwrap().to_owned();
    let key = ComplaintKey::new("allinpay-alipay", &*cusid, task);
    world.hear(&key).await;
    let page = browser.open(&key).await;
    assert!(page.has("没有收到货") && !page.has("13900001234"), "{}", page.text());
    assert!(browser.press(&page.form_by("/phone\"").unwrap()).await.has("13900001234"));
    let form = page.form("process").unwrap();
    assert!(browser.submit(&form, &[("outcome", "NEW")], &[]).await.has("请选择一项"));
    browser.submit(&form, &[("outcome", "REFUND"), ("remark", "已原路退回")], &[]).await.location();
    assert_eq!(world.ended(&key).await.stage, ActStage::Done);
    let page = browser.open(&key).await;
    assert!(page.form("process").is_none() && page.has("投诉已处理完成"), "{}", page.text());
}
