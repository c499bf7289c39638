//! Pictures are fetched once, each as its channel has it, and nothing else is asked for.

use complaint_inbox::{ComplaintKey, MAX_PICTURE_BYTES, PictureState};
use platform_sandbox::{Fault, FaultKind, LINKED_PICTURE, NewComplaint, NewOrderComplaint};
use protocol_core::OperationInfo as _;
use protocol_core::allinpay::WxGetMerchantImage;
use protocol_core::mini_program::GetOrderDetail;
use protocol_core::virtual_payment::GetUploadFileSign;
use protocol_core::wechat_pay::DownloadImage;

use crate::world::{SOON, World};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\nfirst";
const JPEG: &[u8] = b"\xff\xd8\xffsecond";

async fn kept(world: &World, key: &ComplaintKey, number: u32) -> Vec<u8> {
    world.picture(key, number, PictureState::Kept).await.content.unwrap().into_exposed()
}

/// The reason of a picture that is not kept.
async fn reason(world: &World, key: &ComplaintKey, number: u32, state: PictureState) -> String {
    let picture = world.picture(key, number, state).await;
    assert_eq!(picture.content, None);
    picture.record.reason.unwrap().words
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_of_wechat_pay_are_fetched_once_with_a_signature() {
    let world = World::listening().await;
    let link = world.sandbox.link_picture(JPEG);
    let new = NewComplaint::default().with_image(PNG).with_image(JPEG).with_linked_image(link);
    let id = world.sandbox.file_complaint(new);
    let key = world.wechat_pay(&id);
    assert_eq!(kept(&world, &key, 1).await, PNG);
    assert_eq!(kept(&world, &key, 2).await, JPEG);
    assert_eq!(kept(&world, &key, 3).await, JPEG);
    let requests = world.sandbox.requests();
    let mut downloads = requests.iter().filter(|request| request.operation == DownloadImage::NAME);
    assert!(downloads.all(|request| request.verified), "each is signed");
    // The complaint is read again, with another plain link, and the history repeats the pictures.
    world.sandbox.user_message(&id, "在吗").unwrap();
    assert!(world.sandbox.settled(SOON).await);
    let record = world.read(&key).await;
    let places: Vec<_> = record.pictures.iter().map(|picture| picture.place.as_str()).collect();
    let first = &record.entries.iter().find(|entry| entry.kind.as_deref() == Some("USER_CREATE_COMPLAINT")).unwrap().id;
    assert_eq!(places, ["USER_COMPLAINT_IMAGE 0", "USER_COMPLAINT_IMAGE 1", &format!("{first} image 0")]);
    assert_eq!((world.asked(DownloadImage::NAME), world.asked(LINKED_PICTURE)), (2, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_of_the_other_channels_are_fetched_as_each_has_them() {
    let mut world = World::new().await;
    let cusid = world.sandbox.allinpay().cusid;
    let through_allinpay =
        world.sandbox.file_allinpay_complaint(NewComplaint::default().with_image(PNG), &cusid).unwrap();
    world.start().await;
    world.listen().await;
    assert_eq!(kept(&world, &world.allinpay(&through_allinpay), 1).await, PNG);
    assert_eq!(world.asked(WxGetMerchantImage::NAME), 1);

    let new = NewComplaint::default().with_image(JPEG);
    let id = world.sandbox.file_virtual_payment_complaint(new).unwrap();
    assert_eq!(kept(&world, &world.virtual_payment(&id), 1).await, JPEG);
    assert_eq!((world.asked(GetUploadFileSign::NAME), world.asked(DownloadImage::NAME)), (1, 1));

    let new = NewOrderComplaint::default().with_media_link(world.sandbox.link_picture(PNG));
    let id = world.sandbox.file_order_complaint(new);
    assert_eq!(kept(&world, &world.mini_program(&id), 1).await, PNG);
    assert_eq!(world.asked(LINKED_PICTURE), 1);
    assert_eq!(world.record(&world.mini_program(&id)).await.unwrap().pictures.len(), 1, "its item repeats it");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_picture_is_given_up() {
    let world = World::listening().await;
    let svg = &b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script/></svg>"[..];
    let large = |length: usize| [PNG, &vec![0; length - PNG.len()]].concat();
    let new = NewComplaint::default()
        .with_image(svg)
        .with_image(large(MAX_PICTURE_BYTES + 1))
        .with_image(large(MAX_PICTURE_BYTES))
        .with_linked_image(world.sandbox.link_picture("<!DOCTYPE html>"))
        .with_linked_image(world.sandbox.link_picture(large(MAX_PICTURE_BYTES + 1)));
    let id = world.sandbox.file_complaint(new);
    let key = world.wechat_pay(&id);
    for (number, words) in [(1, "no picture"), (2, "larger than"), (4, "no picture"), (5, "larger than")] {
        let reason = reason(&world, &key, number, PictureState::GivenUp).await;
        assert!(reason.contains(words), "{number}: {reason}");
    }
    assert_eq!(kept(&world, &key, 3).await.len(), MAX_PICTURE_BYTES);
    // Nothing of them is asked for again.
    world.sandbox.user_message(&id, "在吗").unwrap();
    assert!(world.sandbox.settled(SOON).await);
    world.read(&key).await;
    assert_eq!((world.asked(DownloadImage::NAME), world.asked(LINKED_PICTURE)), (3, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_elsewhere_is_not_followed() {
    let world = World::listening().await;
    let port = world.sandbox.base_url().rsplit(':').next().unwrap().to_owned();
    let elsewhere = world.sandbox.link_picture(PNG);
    let path = elsewhere.strip_prefix(&world.sandbox.base_url()).unwrap();
    let unlisted = [
        "https://evil.example/a.png".to_owned(),
        "https://169.254.169.254/latest/meta-data".to_owned(),
        "https://[::1]/a.png".to_owned(),
        // The sandbox under another name than the configured one.
        "https://localhost/a.png".to_owned(),
    ];
    let malformed = [
        format!("http://127.0.0.1:{port}{path}"),
        format!("https://localhost:{port}{path}"),
        format!("https://user@127.0.0.1:{port}{path}"),
        "file:///etc/passwd".to_owned(),
    ];
    let links = unlisted.iter().chain(&malformed);
    let new = links.fold(NewOrderComplaint::default(), |new, link| new.with_media_link(link));
    let new = new.with_media_link(world.sandbox.link_redirect(elsewhere.clone()));
    let key = world.mini_program(&world.sandbox.file_order_complaint(new));
    for number in 1..=4 {
        let reason = reason(&world, &key, number, PictureState::Failed).await;
        assert!(reason.contains("picture_hosts") && reason.contains("nothing was sent"), "{reason}");
    }
    for number in 5..=8 {
        let reason = reason(&world, &key, number, PictureState::GivenUp).await;
        assert!(reason.contains("nothing was sent"), "{reason}");
    }
    let redirected = reason(&world, &key, 9, PictureState::Failed).await;
    assert!(redirected.contains("302") && redirected.contains("redirects are not followed"), "{redirected}");
    assert_eq!(world.asked(LINKED_PICTURE), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_led_nowhere_is_followed_again_once_the_complaint_was_read_anew() {
    let world = World::listening().await;
    let link = world.sandbox.link_redirect("https://127.0.0.1/");
    let key =
        world.mini_program(&world.sandbox.file_order_complaint(NewOrderComplaint::default().with_media_link(&link)));
    reason(&world, &key, 1, PictureState::Failed).await;
    let asked = world.asked(GetOrderDetail::NAME);
    world.sandbox.change_linked_picture(&link, PNG);
    world.pass(60);
    assert_eq!(kept(&world, &key, 1).await, PNG);
    assert_eq!((world.asked(GetOrderDetail::NAME), world.asked(LINKED_PICTURE)), (asked + 1, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_that_the_platform_refuses_is_asked_for_less_and_less_often() {
    let world = World::listening().await;
    world.sandbox.inject(Fault::once(FaultKind::EmptyBody(404)).times(2).on::<DownloadImage>());
    let key = world.wechat_pay(&world.sandbox.file_complaint(NewComplaint::default().with_image(PNG)));
    for wait in [60, 120] {
        reason(&world, &key, 1, PictureState::Failed).await;
        let asked = world.asked(DownloadImage::NAME);
        world.pass(wait);
        world.until(async |world| world.asked(DownloadImage::NAME) > asked).await;
    }
    assert_eq!(kept(&world, &key, 1).await, PNG);
    assert_eq!(world.asked(DownloadImage::NAME), 3);
}
