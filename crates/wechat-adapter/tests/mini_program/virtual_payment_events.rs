//! Virtual payment's events among the Mini Program's pushes.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use http_body_util::BodyExt as _;
use protocol_core::UnixTime;
use protocol_core::mini_program::{Format, Mode};
use protocol_core::virtual_payment::Notice;
use tower_service::Service as _;
use wechat_adapter::mini_program::Pushed;

use crate::platform::NOW;
use crate::webhook::{building, post, push_at};

const XML: &str = "<xml><Event><![CDATA[xpay_complaint_notify]]></Event><ComplaintId>7</ComplaintId></xml>";
const XML_SUCCESS: &str = "<xml><ErrCode>0</ErrCode><ErrMsg><![CDATA[success]]></ErrMsg></xml>";

fn json(retry: u32) -> String {
    format!(r#"{{"Event":"xpay_complaint_notify","ComplaintId":"7","RetryTimes":{retry}}}"#)
}

#[tokio::test]
async fn an_event_is_acknowledged_in_its_own_format_and_handed_out_once() {
    for (mode, format, messages, success) in [
        (Mode::Plain, Format::Json, [json(0), json(1)], r#"{"ErrCode":0,"ErrMsg":"success"}"#),
        (Mode::Plain, Format::Xml, [XML.to_owned(), XML.to_owned()], XML_SUCCESS),
        (Mode::Secure, Format::Json, [json(0), json(1)], "success"),
        (Mode::Compatible, Format::Xml, [XML.to_owned(), XML.to_owned()], "success"),
    ] {
        let numbers = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&numbers);
        let mut webhook = building(mode, move |pushed: Pushed| {
            let notice = Notice::of(pushed.received.push()).unwrap().unwrap();
            let Notice::Complaint(complaint) = notice else { panic!("a complaint") };
            noted.lock().unwrap().push(complaint.number().map(str::to_owned));
            async { Ok::<(), Infallible>(()) }
        })
        .build();
        // The platform signs a retry anew.
        for (message, later) in messages.iter().zip(0..) {
            let push = push_at(mode, format, message, UnixTime(NOW.0 + later));
            let response = webhook.call(post(&push)).await.unwrap();
            assert_eq!(response.status(), 200);
            let content_type = response.headers()["Content-Type"].to_str().unwrap().to_owned();
            let body = response.into_body().collect().await.unwrap().to_bytes();
            assert_eq!(body, success, "{mode:?} {format:?} {content_type}");
            let is_typed =
                content_type == format!("application/{}", if format == Format::Json { "json" } else { "xml" });
            assert_eq!(is_typed, mode == Mode::Plain);
        }
        assert_eq!(*numbers.lock().unwrap(), [Some("7".to_owned())], "{mode:?}");
    }
}
