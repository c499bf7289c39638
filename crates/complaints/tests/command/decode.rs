//! `decode`: documents printed typed, `payer_phone` opened on request.

use crate::fixture::{Folder, SAMPLES, VECTORS};

const FUDIWEI: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../protocol-core/tests/vectors/wechatpay/fudiwei/samples");

#[test]
fn documents_are_printed_with_lists_as_lists() {
    let folder = Folder::new();
    let complaint = folder
        .run(&["decode", "complaint", &format!("{FUDIWEI}/GetMerchantServiceComplaintByComplaintIdResponse.json")])
        .json();
    assert_eq!(complaint["complaint_order_info"][0]["amount"], 3);
    let page = folder
        .run(&["decode", "complaint-page", &format!("{FUDIWEI}/QueryMerchantServiceComplaintsResponse.json")])
        .json();
    assert_eq!(page["total_count"], 1000);
    let history = folder
        .run(&[
            "decode",
            "history",
            &format!("{FUDIWEI}/QueryMerchantServiceComplaintNegotiationHistoriesResponse.json"),
        ])
        .json();
    for record in history["data"].as_array().unwrap() {
        assert_eq!(record["complaint_media_list"][0]["media_type"], "USER_COMPLAINT_IMAGE");
    }
}

#[test]
fn one_row_of_a_page_that_cannot_be_read_does_not_hide_the_others() {
    let folder = Folder::new();
    folder.write("page", r#"{"data":[{"complaint_id":"1"},{"complaint_id":{},"user_complaint_times":1}]}"#);
    let outcome = folder.run(&["decode", "complaint-page", "page"]);
    let page: serde_json::Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!((outcome.status, page["data"].as_array().unwrap().len()), (1, 1));
    assert_eq!(page["data"][0]["complaint_id"], "1");
    assert!(
        outcome.stderr.starts_with("error[malformed]: ") && outcome.stderr.contains("cannot be read"),
        "{outcome:?}"
    );
    folder.write("history", r#"{"data":[{"log_id":"1"},{"log_id":[]}]}"#);
    let history = folder.run(&["decode", "history", "history"]).json_despite("malformed");
    assert_eq!(history["data"].as_array().unwrap().len(), 1);
}

#[test]
fn a_member_that_does_not_fit_is_told_and_costs_nothing_else() {
    let folder = Folder::new();
    let push = "<xml><Event>complaint_callback</Event><BussiCallBackInfo><complaint_order_id>7</complaint_order_id>\
                <total_cost>CANARY</total_cost></BussiCallBackInfo></xml>";
    for (kind, text, place) in [
        (
            "complaint",
            r#"{"complaint_id":"1","complaint_order_info":[{"amount":"CANARY"}]}"#,
            "complaint_order_info[0].amount",
        ),
        (
            "complaint-page",
            r#"{"data":[{"complaint_id":"1","user_complaint_times":"CANARY"}]}"#,
            "data[0].user_complaint_times",
        ),
        ("history", r#"{"data":[{"log_id":"1","operate_time":{"at":"CANARY"}}]}"#, "data[0].operate_time"),
        ("push", push, "total_cost"),
    ] {
        folder.write("document", text);
        let outcome = folder.run(&["decode", kind, "document"]);
        assert_eq!(outcome.status, 0, "{outcome:?}");
        assert!(outcome.stdout.contains("CANARY"), "it is printed as it came: {outcome:?}");
        assert!(outcome.stderr.starts_with("note: ") && outcome.stderr.contains(place), "{outcome:?}");
        assert!(!outcome.stderr.contains("CANARY"), "{outcome:?}");
    }
    let many = format!(r#"{{"data":[{}]}}"#, vec![r#"{"complaint_id":"1","user_complaint_times":"x"}"#; 15].join(","));
    folder.write("document", many);
    let stderr = folder.run(&["decode", "complaint-page", "document"]).stderr;
    assert!(stderr.lines().count() == 11 && stderr.ends_with("note: 5 more members cannot be read\n"), "{stderr}");
}

#[test]
fn the_platforms_habits_are_evened_out() {
    let folder = Folder::new();
    folder.write(
        "complaint",
        r#"{"complaint_id":42,"complainted_mchid":1900012181,"apply_refund_amount":"10","complaint_state":"NEW_STATE",
            "complaint_order_info":{"transaction_id":"4","amount":"3"},"user_tag_list":"TRUSTED","additional_info":null,
            "complaint_time":"20180225112233","new":{"deep":[1.0]}}"#,
    );
    let outcome = folder.run(&["decode", "complaint", "complaint"]);
    let json = outcome.json();
    assert_eq!(json["complaint_id"], "42");
    assert_eq!(json["complainted_mchid"], "1900012181");
    assert_eq!(json["apply_refund_amount"], 10);
    assert_eq!(json["complaint_state"], "NEW_STATE");
    assert_eq!(json["complaint_order_info"][0]["amount"], 3);
    assert_eq!(json["user_tag_list"], serde_json::json!(["TRUSTED"]));
    assert_eq!(json["complaint_media_list"], serde_json::json!([]));
    assert_eq!(json["complaint_time"], "20180225112233");
    assert!(json.get("additional_info").is_none());
    assert!(outcome.stdout.contains(r#""new":{"deep":[1.0]}"#));
}

#[test]
fn phones_are_opened_on_request_and_not_before() {
    let folder = Folder::configured();
    let complaint = format!("{SAMPLES}/wechat-pay/complaint.json");
    assert!(!folder.run(&["decode", "complaint", &complaint]).stdout.contains("13900001234"));
    let json = folder.run(&["decode", "complaint", &complaint, "--decrypt"]).json();
    assert_eq!(json["payer_phone"], "13900001234");
    let json = folder
        .run(&["decode", "complaint-page", &format!("{SAMPLES}/wechat-pay/complaint-page.json"), "--decrypt"])
        .json();
    assert_eq!(json["data"][0]["payer_phone"], "13900001234");
    folder.run(&["decode", "history", &format!("{SAMPLES}/wechat-pay/history.json"), "--decrypt"]).json();
}

#[test]
fn an_older_merchant_key_opens_an_older_phone() {
    let folder = Folder::configured();
    let complaint = format!("{SAMPLES}/wechat-pay/complaint.json");
    let config = std::fs::read_to_string(folder.path().join("complaints.toml")).unwrap();
    let rotated = config.replace("java/merchant_private_key.pem", "official/apiclient_test_key.pem");
    folder.write("complaints.toml", &rotated);
    folder.run(&["decode", "complaint", &complaint, "--decrypt"]).json_despite("decrypt-failed");
    let with_older = rotated.replace(
        "apiv3_key_file",
        &format!("decryption_keys = [\"{VECTORS}/java/merchant_private_key.pem\"]\napiv3_key_file"),
    );
    folder.write("complaints.toml", with_older);
    let json = folder.run(&["decode", "complaint", &complaint, "--decrypt"]).json();
    assert_eq!(json["payer_phone"], "13900001234");
}

#[test]
fn a_phone_that_does_not_open_loses_no_complaint() {
    let folder = Folder::configured();
    // The documentation's sample has a clear number where the platform sends ciphertext.
    let sample = format!("{FUDIWEI}/GetMerchantServiceComplaintByComplaintIdResponse.json");
    let json = folder.run(&["decode", "complaint", &sample, "--decrypt"]).json_despite("decrypt-failed");
    assert_eq!(json["complaint_id"], "200201820200101080076610000");
    assert_eq!(json["payer_phone"], "18500000000");
    folder.write("complaint", r#"{"complaint_id":"1","payer_phone":""}"#);
    assert_eq!(folder.run(&["decode", "complaint", "complaint", "--decrypt"]).json()["payer_phone"], "");
}

#[test]
fn what_cannot_be_read_is_refused_with_its_place() {
    let folder = Folder::new();
    folder.write("odd", "{\"complaint_detail\":\"canary\",\n\"complaint_id\":[\"canary\", {}]}");
    let outcome = folder.run(&["decode", "complaint", "odd"]);
    assert!(outcome.refused("malformed").contains("line 2 column"), "{outcome:?}");
    assert!(!outcome.stderr.contains("canary"));
    folder.run(&["decode", "history", "missing"]).refused("usage");
    folder.write("huge", vec![b' '; 8 * 1024 * 1024 + 1]);
    folder.run(&["decode", "complaint-page", "huge"]).refused("too-large");
    folder.write("deep", format!("{{\"complaint_id\":\"1\",\"x\":{}1{}}}", "[".repeat(200_000), "]".repeat(200_000)));
    assert_eq!(folder.run(&["decode", "complaint", "deep"]).status, 0);
}
