//! Every model has its test: the models are read off the source, so that a new one without a row
//! here fails.

use std::collections::BTreeSet;
use std::path::Path;

/// A model, and the file of this folder that tests its members. A private model is tested through
/// the public one it serves.
#[rustfmt::skip]
const MODELS: &[(&str, &str)] = &[
    ("Action", "message"),
    ("AdditionalInfo", "complaint"),
    ("AlipayComplaint", "alipay"),
    ("AlipayComplaintList", "alipay"),
    ("AlipayFile", "alipay"),
    ("AlipayImage", "requests"),
    ("AlipayTrade", "alipay"),
    ("ApiError", "wechat_pay"),
    ("BareList", "alipay"),
    ("Body", "requests"),
    ("Body", "virtual_payment"),
    ("Button", "message"),
    ("ButtonGroup", "message"),
    ("CertificateEntry", "wechat_pay"),
    ("CertificateList", "wechat_pay"),
    ("ClickMessage", "history"),
    ("Complaint", "complaint"),
    ("ComplaintCallback", "push"),
    ("ComplaintEvent", "wechat_pay"),
    ("ComplaintMedia", "complaint"),
    ("ComplaintNotify", "virtual_payment"),
    ("ComplaintOrder", "complaint"),
    ("ComplaintPage", "complaint"),
    ("Complete", "requests"),
    ("CompleteComplaint", "virtual_payment"),
    ("CreateNotificationUrl", "requests"),
    ("CustomerMaterial", "order_detail"),
    ("Detail", "virtual_payment"),
    ("Echo", "requests"),
    ("Echoed", "wechat_pay"),
    ("EncryptedCertificate", "wechat_pay"),
    ("EncryptedResource", "wechat_pay"),
    ("Envelope", "push"),
    ("Envelope", "wechat_pay"),
    ("Faq", "message"),
    ("FaqList", "message"),
    ("FileSign", "virtual_payment"),
    ("Frame", "complaint"),
    ("Frame", "virtual_payment"),
    ("GetComplaintDetail", "virtual_payment"),
    ("GetComplaintList", "virtual_payment"),
    ("GetNegotiationHistory", "virtual_payment"),
    ("GetUploadFileSign", "virtual_payment"),
    ("HistoryEntry", "push"),
    ("ImageBlock", "message"),
    ("ImageMeta", "requests"),
    ("ImmediateResponseResult", "wechat_pay"),
    ("InvalidInfo", "message"),
    ("Issued", "order_detail"),
    ("Link", "message"),
    ("MessageBlock", "message"),
    ("MessageInfo", "message"),
    ("MiniProgramJumpInfo", "message"),
    ("NegotiationHistory", "history"),
    ("NegotiationRecord", "history"),
    ("NormalMessage", "message"),
    ("NotificationUrl", "wechat_pay"),
    ("OrderComplaint", "order_detail"),
    ("OrderDetail", "order_detail"),
    ("OrderItem", "order_detail"),
    ("Outcome", "order_detail"),
    ("Respond", "requests"),
    ("RespondImmediateService", "requests"),
    ("ResponseComplaint", "virtual_payment"),
    ("RestrictionNotify", "virtual_payment"),
    ("ReturnAddressInfo", "complaint"),
    ("ReturnBill", "order_detail"),
    ("Sealed", "push"),
    ("ServiceOrder", "complaint"),
    ("SharePowerInfo", "complaint"),
    ("TempMedia", "order_detail"),
    ("TextBlock", "message"),
    ("UpdateNotificationUrl", "requests"),
    ("UpdateRefundProgress", "requests"),
    ("UploadVpFile", "virtual_payment"),
    ("UploadedFile", "virtual_payment"),
    ("UploadedImage", "wechat_pay"),
    ("Wrapped", "push"),
];

/// Folders whose structs a caller stores. No platform writes them, and their own tests hold their
/// JSON.
const OURS: [&str; 3] = ["src/call", "src/channel", "src/allinpay/poller"];

/// The structs of a source file with members on the wire: those of the macros, and those that
/// derive serde's traits.
fn models_of(source: &str) -> Vec<String> {
    let (mut models, mut is_model) = (Vec::new(), false);
    for line in source.split("#[cfg(test)]").next().unwrap_or_default().lines().map(str::trim) {
        if matches!(line, "wire_object! {" | "push_object! {")
            || line.starts_with("#[derive(") && line.contains("erialize")
        {
            is_model = true;
        } else if is_model && let Some((_, declared)) = line.split_once("struct ") {
            // A struct without named fields is no model, and neither is the macro's own.
            let name: String = declared.chars().take_while(|c| c.is_ascii_alphanumeric()).collect();
            if !name.is_empty() && declared.ends_with('{') {
                models.push(name);
            }
            is_model = false;
        }
    }
    models
}

fn read_sources(folder: &Path, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if OURS.iter().any(|ours| path.ends_with(ours)) {
            continue;
        }
        if path.is_dir() {
            read_sources(&path, found);
        } else {
            found.extend(models_of(&std::fs::read_to_string(path).unwrap()));
        }
    }
}

#[test]
fn every_model_has_a_row_and_every_row_a_model() {
    let mut found = Vec::new();
    read_sources(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src")), &mut found);
    found.sort_unstable();
    found.dedup();
    let listed: BTreeSet<_> = MODELS.iter().map(|(model, _)| *model).collect();
    let found: BTreeSet<_> = found.iter().map(String::as_str).collect();
    let without_row: Vec<_> = found.difference(&listed).collect();
    let without_model: Vec<_> = listed.difference(&found).collect();
    assert!(without_row.is_empty(), "models without a test of their members: {without_row:?}");
    assert!(without_model.is_empty(), "rows without a model: {without_model:?}");
    for (model, file) in MODELS {
        let file = format!("{}/tests/member_cases/{file}.rs", env!("CARGO_MANIFEST_DIR"));
        assert!(Path::new(&file).is_file(), "{model}: {file} is missing");
    }
}
