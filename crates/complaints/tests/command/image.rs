//! `image`: up, and down to a file that is whole or not there.

use platform_sandbox::{Fault, FaultKind, NewComplaint};
use protocol_core::wechat_pay::DownloadImage;
use serde_json::json;

use crate::platform::{PICTURE, Platform};

/// A platform with a picture in a complaint; the picture's address.
fn with_picture() -> (Platform, String) {
    let platform = Platform::new();
    let id = platform.sandbox.file_complaint(NewComplaint::default().with_image(PICTURE));
    let complaint = platform.run(&["show", &id]).json();
    let url = complaint["complaint_media_list"][0]["media_url"][0].as_str().unwrap().to_owned();
    (platform, url)
}

fn files(platform: &Platform) -> Vec<String> {
    let entries = std::fs::read_dir(platform.folder.path()).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_picture_comes_down_whole() {
    let (platform, url) = with_picture();
    let json = platform.run(&["image", "download", &url, "--file", "picture.png"]).json();
    assert_eq!(json, json!({"file": "picture.png", "content_type": "image/png", "bytes": PICTURE.len()}));
    assert_eq!(std::fs::read(platform.folder.path().join("picture.png")).unwrap(), PICTURE);
    #[cfg(unix)]
    {
        let metadata = std::fs::metadata(platform.folder.path().join("picture.png")).unwrap();
        let mode = std::os::unix::fs::PermissionsExt::mode(&metadata.permissions());
        assert_eq!(mode & 0o777, 0o600, "a payer's picture is for the user alone");
    }
    assert!(files(&platform).iter().all(|name| !name.ends_with(".part")), "{:?}", files(&platform));
}

#[test]
fn a_file_is_replaced_on_request_only() {
    let (platform, url) = with_picture();
    platform.folder.write("picture.png", "mine");
    let asked = platform.operations().len();
    let outcome = platform.run(&["image", "download", &url, "--file", "picture.png"]);
    assert!(outcome.refused("usage").contains("--force"), "{outcome:?}");
    let outcome = platform.run(&["image", "download", &url, "--file", "/dev/null", "--force"]);
    assert!(outcome.refused("usage").contains("/dev/null is not a file"), "{outcome:?}");
    assert_eq!(platform.operations().len(), asked);
    platform.run(&["image", "download", &url, "--file", "picture.png", "--force"]).json();
    assert_eq!(std::fs::read(platform.folder.path().join("picture.png")).unwrap(), PICTURE);
}

#[test]
fn a_picture_that_breaks_off_leaves_nothing() {
    let (platform, url) = with_picture();
    let before = files(&platform);
    platform.sandbox.inject(Fault::once(FaultKind::TruncatedBody).on::<DownloadImage>().times(9));
    platform.run(&["image", "download", &url, "--file", "picture.png"]).refused("network");
    assert_eq!(files(&platform), before);
}

#[test]
fn a_picture_goes_into_a_pipe() {
    let (platform, url) = with_picture();
    let output = platform.folder.command(&["image", "download", &url, "--file", "-"]).output().unwrap();
    assert_eq!((output.stdout.as_slice(), output.status.code()), (PICTURE, Some(0)));
}

#[test]
fn other_addresses_are_refused_unsent() {
    let platform = Platform::new();
    for media in ["https://evil.example/v3/merchant-service/images/a", "http://api.mch.weixin.qq.com/a", ""] {
        platform.run(&["image", "download", media, "--file", "a"]).refused("usage");
    }
    for output in [".", "nowhere/a"] {
        platform.run(&["image", "download", "a", "--file", output]).refused("usage");
    }
    assert!(platform.operations().is_empty());
    platform.run(&["image", "download", "a", "--file", "a"]).refused("rejected");
}

#[test]
fn an_upload_has_an_id() {
    let platform = Platform::new();
    platform.folder.write("图片.png", PICTURE);
    let json = platform.run(&["image", "upload", "图片.png"]).json();
    assert!(json["media_id"].as_str().is_some_and(|id| !id.is_empty()), "{json}");
    platform.folder.write("a.gif", PICTURE);
    platform.run(&["image", "upload", "a.gif"]).refused("usage");
}

#[test]
fn a_jpeg_is_a_picture_on_every_channel() {
    let (platform, id) = Platform::with_allinpay_complaint();
    let jpeg = b"\xff\xd8\xff\xe0pixels";
    for name in ["a.jpeg", "照片.JPEG", "b.jpg"] {
        platform.folder.write(name, jpeg);
        platform.run(&["image", "upload", name]).json();
        platform.run(&["image", "upload", name, "--via", "allinpay"]).json();
    }
    platform.run(&["reply", &id, "--text", "x", "--image", "a.jpeg", "--via", "allinpay", "--yes"]).json();
    let shown = platform.run(&["image", "upload", "a.jpeg", "--dry-run", "--via", "allinpay"]).json();
    assert!(shown["url"].as_str().unwrap().ends_with("/wxmerchantimageupload"), "{shown}");
}
