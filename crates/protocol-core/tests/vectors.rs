//! Every published test vector this crate is held against, file by file.
//!
//! `tests/vectors` holds the data (`README.md` there says where each file is from), `MANIFEST`
//! below says what is in each file and what has to come out, `vector_cases` does it. The manifest
//! and the folder are compared both ways: a file without a row fails, and so does a row without its
//! file.
//!
//! The same rows run under every backend: with `--features aws-lc-rs` all bytes have to be the
//! same.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test states what must hold, and reads its own files"
)]

mod common;
#[path = "common/sealing.rs"]
mod sealing;
mod vector_cases;

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use protocol_core::crypto::Found;
use vector_cases::Outcome::{Accept, Refuse};
use vector_cases::{ROOT, Row, row};
use vector_cases::{
    allinpay, allinpay_notify, authorization, keys, mini_program, mini_program_api, national, samples, sealed,
    signatures, signed_messages, virtual_payment, wycheproof,
};

const GO_CERTIFICATE: &str = "wechatpay/go/notify_cert_D7CE59D1F522D701.pem";
const GO_KEY: &str = "wechatpay/go/rsa_private_key_pkcs8.pem";
const JAVA_MERCHANT_KEY: &str = "wechatpay/java/merchant_private_key.pem";
const JAVA_PLATFORM_KEY: &str = "wechatpay/java/wechat_pay_private_key.pem";
const SHANGMI_KEY: &str = "wechatpay/java-shangmi/merchant_private_key.pem";
const SHANGMI_PLATFORM: &str = "wechatpay/java-shangmi/wechat_pay_certificate.pem";

/// File, case, expected outcome, and the function that finds the outcome.
#[rustfmt::skip]
const MANIFEST: &[Row] = &[
    // Keys and certificates: read as what they are, and by no other reader.
    row("wechatpay/go/mch_private_key_BE6DCDA7A5931FA0.pem", "a private key without its other half", Accept, |pem| keys::private_key(pem, None, GO_KEY)),
    row("wechatpay/go/mch_private_key_BE6DCDA7A5931FA0.pem", "by other readers", Refuse, |pem| keys::wrong_readers(pem, Found::PrivateKey)),
    row("wechatpay/go/notify_cert_D7CE59D1F522D701.pem", "a certificate of the private key", Accept, |pem| keys::certificate(pem, "D7CE59D1F522D701", 1_619_513_723, 1_934_873_723, Some(GO_KEY))),
    row("wechatpay/go/notify_cert_D7CE59D1F522D701.pem", "by other readers", Refuse, |pem| keys::wrong_readers(pem, Found::Certificate)),
    row("wechatpay/go/pem_test_0_certificate.pem", "a certificate, SHA-1 signed", Accept, |pem| keys::certificate(pem, "0C4AEF34B89340881BB2B25226393DC2E47F094B", 1_596_535_287, 1_754_215_287, None)),
    row("wechatpay/go/pem_test_0_certificate.pem", "by other readers", Refuse, |pem| keys::wrong_readers(pem, Found::Certificate)),
    row("wechatpay/go/pem_test_1_private_key.pem", "a private key", Accept, |pem| keys::private_key(pem, Some("wechatpay/go/pem_test_2_public_key.pem"), JAVA_MERCHANT_KEY)),
    row("wechatpay/go/pem_test_1_private_key.pem", "by other readers", Refuse, |pem| keys::wrong_readers(pem, Found::PrivateKey)),
    row("wechatpay/go/pem_test_2_public_key.pem", "a public key", Accept, |pem| keys::public_key(pem, "wechatpay/go/pem_test_1_private_key.pem")),
    row("wechatpay/go/pem_test_2_public_key.pem", "by other readers", Refuse, |pem| keys::wrong_readers(pem, Found::PublicKey)),
    row("wechatpay/go/platform_cert_F5765756002FDD77.pem", "a certificate of the private key", Accept, |pem| keys::certificate(pem, "F5765756002FDD77", 1_619_512_832, 1_934_872_832, Some(GO_KEY))),
    row("wechatpay/go/platform_cert_F5765756002FDD77.pem", "by other readers", Refuse, |pem| keys::wrong_readers(pem, Found::Certificate)),
    row("wechatpay/go/platform_cert_downloader.pem", "a certificate of the private key", Accept, |pem| keys::certificate(pem, "D7CE59D1F522D701", 1_619_513_723, 1_934_873_723, Some(GO_CERTIFICATE))),
    row("wechatpay/go/platform_cert_downloader.pem", "by other readers", Refuse, |pem| keys::wrong_readers(pem, Found::Certificate)),
    row("wechatpay/go/platform_public_key.pem", "a public key", Accept, |pem| keys::public_key(pem, GO_KEY)),
    row("wechatpay/go/platform_public_key.pem", "by other readers", Refuse, |pem| keys::wrong_readers(pem, Found::PublicKey)),
    row("wechatpay/go/rsa_private_key_pkcs8.pem", "a private key", Accept, |pem| keys::private_key(pem, Some("wechatpay/go/platform_public_key.pem"), JAVA_MERCHANT_KEY)),
    row("wechatpay/go/rsa_private_key_pkcs8.pem", "by other readers", Refuse, |pem| keys::wrong_readers(pem, Found::PrivateKey)),
    row("wechatpay/java/certificates_response_aes256.plaintext.pem", "a certificate whose key nobody published", Accept, |pem| keys::certificate(pem, "5DEA10EF55877E3CF6C33255C2E7DEFFF7E427EC", 1_695_136_558, 1_852_816_558, None)),
    row("wechatpay/java/certificates_response_aes256.plaintext.pem", "by other readers", Refuse, |pem| keys::wrong_readers(pem, Found::Certificate)),
    row("wechatpay/java/merchant_certificate.pem", "a certificate of the private key", Accept, |pem| keys::certificate(pem, "5F1C72E2A8931B72A2E13AF8DEE92471EB397115", 1_652_147_830, 1_746_755_830, Some(JAVA_MERCHANT_KEY))),
    row("wechatpay/java/merchant_certificate.pem", "by other readers", Refuse, |pem| keys::wrong_readers(pem, Found::Certificate)),
    row("wechatpay/java/merchant_private_key.pem", "a private key", Accept, |pem| keys::private_key(pem, Some("wechatpay/java/merchant_certificate.pem"), JAVA_PLATFORM_KEY)),
    row("wechatpay/java/merchant_private_key.pem", "by other readers", Refuse, |pem| keys::wrong_readers(pem, Found::PrivateKey)),
    row("wechatpay/java/wechat_pay_certificate.pem", "a certificate of the private key", Accept, |pem| keys::certificate(pem, "440024045C4A427599D09BB4E3DE0279F2E813FD", 1_652_148_270, 1_746_756_270, Some(JAVA_PLATFORM_KEY))),
    row("wechatpay/java/wechat_pay_certificate.pem", "by other readers", Refuse, |pem| keys::wrong_readers(pem, Found::Certificate)),
    row("wechatpay/java/wechat_pay_private_key.pem", "a private key", Accept, |pem| keys::private_key(pem, Some("wechatpay/java/wechat_pay_public_key.pem"), JAVA_MERCHANT_KEY)),
    row("wechatpay/java/wechat_pay_private_key.pem", "by other readers", Refuse, |pem| keys::wrong_readers(pem, Found::PrivateKey)),
    row("wechatpay/java/wechat_pay_public_key.pem", "a public key", Accept, |pem| keys::public_key(pem, "wechatpay/java/wechat_pay_certificate.pem")),
    row("wechatpay/java/wechat_pay_public_key.pem", "by other readers", Refuse, |pem| keys::wrong_readers(pem, Found::PublicKey)),
    row("wechatpay/java-shangmi/merchant_certificate.pem", "an SM2 certificate of the private key", Accept, |pem| keys::certificate(pem, "54E7F59ED8DF4570CFB14780EA8152D45A675EE6", 1_659_615_259, 1_693_743_259, Some(SHANGMI_KEY))),
    row("wechatpay/java-shangmi/merchant_certificate.pem", "by other readers", Refuse, |pem| keys::wrong_readers(pem, Found::Certificate)),
    row("wechatpay/java-shangmi/merchant_private_key.pem", "an SM2 private key", Accept, |pem| keys::private_key(pem, Some("wechatpay/java-shangmi/merchant_certificate.pem"), SHANGMI_PLATFORM)),
    row("wechatpay/java-shangmi/merchant_private_key.pem", "by other readers", Refuse, |pem| keys::wrong_readers(pem, Found::PrivateKey)),
    row("wechatpay/java-shangmi/sm_notification_cert.pem", "an SM2 certificate of the private key", Accept, |pem| keys::certificate(pem, "54E7F59ED8DF4570CFB14780EA8152D45A675EE6", 1_659_615_259, 1_693_743_259, Some(SHANGMI_KEY))),
    row("wechatpay/java-shangmi/sm_notification_cert.pem", "by other readers", Refuse, |pem| keys::wrong_readers(pem, Found::Certificate)),
    row("wechatpay/java-shangmi/wechat_pay_certificate.pem", "an SM2 certificate whose key nobody published", Accept, |pem| keys::certificate(pem, "3F1E989910B253E069A11568C91C57CA44568158", 1_646_899_771, 1_681_027_771, None)),
    row("wechatpay/java-shangmi/wechat_pay_certificate.pem", "by other readers", Refuse, |pem| keys::wrong_readers(pem, Found::Certificate)),
    row("wechatpay/official/apiclient_test_key.pem", "a private key without its other half", Accept, |pem| keys::private_key(pem, None, "wechatpay/official/wechatpay_public_key.pem")),
    row("wechatpay/official/apiclient_test_key.pem", "by other readers", Refuse, |pem| keys::wrong_readers(pem, Found::PrivateKey)),
    row("wechatpay/official/wechatpay_public_key.pem", "the platform's public key", Accept, keys::platform_public_key),
    row("wechatpay/official/wechatpay_public_key.pem", "by other readers", Refuse, |pem| keys::wrong_readers(pem, Found::PublicKey)),

    // Signatures.
    row("wechatpay/go/rsa_sha256_sign.json", "the published signature", Accept, signatures::go_rsa),
    row("wechatpay/go/rsa_sha256_sign.json", "other messages, other signatures", Refuse, signatures::go_rsa_must_fail),
    row("wechatpay/java/rsa_sha256_sign.json", "the published signature", Accept, signatures::java_rsa),
    row("wechatpay/java/rsa_sha256_sign.json", "another key, a changed signature", Refuse, signatures::java_rsa_must_fail),
    row("wechatpay/official/pay_sign.json", "the published signature", Accept, signatures::pay_sign),
    row("wechatpay/java-shangmi/sm2.json", "the published signature", Accept, signatures::shangmi_sm2),
    row("wechatpay/java-shangmi/sm2.json", "another message, user id, form, key", Refuse, signatures::shangmi_sm2_must_fail),
    row("wechatpay/java-shangmi/sm2.json", "the published ciphertext", Accept, sealed::shangmi_sm2_decrypt),
    row("wechatpay/java-shangmi/sm2.json", "changed ciphertexts", Refuse, sealed::shangmi_sm2_decrypt_must_fail),

    // Sealed resources, certificate lists, sensitive fields.
    row("wechatpay/go/aes_gcm.json", "16-byte keys", Refuse, sealed::go_aes_gcm),
    row("wechatpay/go/certificates_response.json", "the list, and its entry sealed again under 32 bytes", Accept, sealed::go_certificates),
    row("wechatpay/go/certificates_response.json", "the 16-byte key", Refuse, sealed::go_certificates_short_key),
    row("wechatpay/go/oaep_decrypt.json", "both fields", Accept, sealed::go_oaep),
    row("wechatpay/java/aead_aes_256_gcm.json", "opened, and sealed to the same bytes", Accept, sealed::java_aes),
    row("wechatpay/java/aead_aes_256_gcm.json", "another associated text, nonce, ciphertext", Refuse, sealed::java_aes_must_fail),
    row("wechatpay/java/certificates_response_aes256.json", "the list", Accept, sealed::java_certificates),
    row("wechatpay/java/certificates_response_aes256.json", "another key, changed entries", Refuse, sealed::java_certificates_must_fail),
    row("wechatpay/java/download_certificate_response_doc.json", "the shape, with blanks in names", Accept, sealed::java_certificates_doc),
    row("wechatpay/java/download_certificate_response_doc.json", "its ciphertext", Refuse, sealed::java_certificates_doc_sealed),
    row("wechatpay/java/oaep_decrypt.json", "the field", Accept, sealed::java_oaep),
    row("wechatpay/java/oaep_decrypt.json", "too short, another key", Refuse, sealed::java_oaep_must_fail),
    row("wechatpay/java/wechat_pay_notification.json", "the resource", Accept, sealed::java_resource),
    row("wechatpay/java/wechat_pay_notification.json", "as an envelope, under 16 bytes", Refuse, sealed::java_resource_alone),
    row("wechatpay/java-shangmi/aead_sm4_gcm.json", "opened, and sealed to the same bytes", Accept, sealed::shangmi_sm4),
    row("wechatpay/java-shangmi/aead_sm4_gcm.json", "a changed tag, the other cipher", Refuse, sealed::shangmi_sm4_must_fail),
    row("wechatpay/gopay/malformed_callback_inputs.json", "what is well-formed in it", Accept, sealed::gopay_well_formed),
    row("wechatpay/gopay/malformed_callback_inputs.json", "nonces and ciphertexts of all wrong kinds", Refuse, sealed::gopay_malformed),
    row("wechatpay/synthetic/payer_phone_oaep.json", "the field", Accept, sealed::payer_phone),
    row("wechatpay/synthetic/payer_phone_oaep.json", "OAEP with SHA-256", Refuse, sealed::payer_phone_must_fail),

    // Requests.
    row("wechatpay/axios/formatter.json", "headers, answers' strings, requests' strings behind the path", Accept, authorization::axios_formatter),
    row("wechatpay/axios/formatter.json", "digits for method and path", Refuse, authorization::axios_formatter_no_request),
    row("wechatpay/go/authorization_mock.json", "strings to sign, and the header", Accept, authorization::go_mock),
    row("wechatpay/go/authorization_mock.json", "the scheme", Refuse, authorization::go_mock_scheme),
    row("wechatpay/java/authorization_mock.json", "string to sign, and the header", Accept, authorization::java_mock),
    row("wechatpay/official/request_sign.json", "the five requests", Accept, authorization::official_requests),
    row("wechatpay/official/sm2_authorization_sample.json", "the header, and its signature's form", Accept, authorization::sm2_header),
    row("wechatpay/official/sm2_authorization_sample.json", "the header and its signature damaged", Refuse, authorization::sm2_header_must_fail),
    row("wechatpay/official/upload_string_to_sign_sample.json", "string to sign", Accept, authorization::upload_string_to_sign),
    row("wechatpay/synthetic/complaint_request_sign.json", "every complaint interface", Accept, authorization::complaint_requests),
    row("wechatpay/synthetic/upload_multipart.json", "body, signed part, signature", Accept, authorization::upload),
    row("wechatpay/synthetic/upload_multipart.json", "boundaries and names that do not fit", Refuse, authorization::upload_must_fail),

    // What the platform sends.
    row("wechatpay/go/notify_payscore.json", "verified at its time", Accept, signed_messages::go_payscore),
    row("wechatpay/go/notify_payscore.json", "every change to it", Refuse, signed_messages::go_payscore_changed),
    row("wechatpay/go/notify_payscore.json", "the 16-byte key", Refuse, signed_messages::go_payscore_short_key),
    row("wechatpay/official/complaint_notify_doc_sample.json", "the shape", Accept, signed_messages::notify_doc_sample),
    row("wechatpay/official/complaint_notify_doc_sample.json", "its ciphertext", Refuse, signed_messages::notify_doc_sample_sealed),
    row("wechatpay/official/response_verify_pubkey_mode.json", "verified at its time", Accept, signed_messages::public_key_mode),
    row("wechatpay/official/response_verify_pubkey_mode.json", "every change to it", Refuse, signed_messages::public_key_mode_changed),
    row("wechatpay/axios/images.json", "upload's response, picture's address, picture", Accept, signed_messages::axios_images),
    row("wechatpay/axios/images.json", "the picture as a signed response", Refuse, signed_messages::axios_images_unsigned),
    row("wechatpay/wild/error_400_param_error_upload.json", "the error body", Accept, signed_messages::wild_400),
    row("wechatpay/wild/error_400_param_error_upload.json", "the response, which nobody signed", Refuse, signed_messages::wild_400_unsigned),
    row("wechatpay/wild/error_401_sign_error.json", "the error body", Accept, signed_messages::wild_401),
    row("wechatpay/wild/error_401_sign_error.json", "the response, which nobody signed", Refuse, signed_messages::wild_401_unsigned),

    // Documents.
    row("wechatpay/java/upload_image_response.json", "round trip", Accept, samples::uploaded),
    row("wechatpay/fudiwei/samples/ComplaintResource.json", "round trip", Accept, samples::event),
    row("wechatpay/fudiwei/samples/ComplaintResource.json", "damaged", Refuse, samples::damaged_event),
    row("wechatpay/fudiwei/samples/CreateMerchantServiceComplaintNotificationRequest.json", "round trip", Accept, samples::set_url),
    row("wechatpay/fudiwei/samples/CreateMerchantServiceComplaintNotificationResponse.json", "round trip", Accept, samples::url),
    row("wechatpay/fudiwei/samples/CreateMerchantServiceComplaintResponseRequest.json", "round trip", Accept, samples::response),
    row("wechatpay/fudiwei/samples/GetMerchantServiceComplaintByComplaintIdResponse.json", "round trip", Accept, samples::complaint),
    row("wechatpay/fudiwei/samples/GetMerchantServiceComplaintByComplaintIdResponse.json", "damaged", Refuse, samples::damaged_complaint),
    row("wechatpay/fudiwei/samples/GetMerchantServiceComplaintByComplaintIdResponse.json", "the phone number in clear", Refuse, samples::clear_phone),
    row("wechatpay/fudiwei/samples/GetMerchantServiceComplaintNotificationResponse.json", "round trip", Accept, samples::url),
    row("wechatpay/fudiwei/samples/QueryMerchantServiceComplaintNegotiationHistoriesResponse.json", "round trip", Accept, samples::history),
    row("wechatpay/fudiwei/samples/QueryMerchantServiceComplaintNegotiationHistoriesResponse.json", "damaged", Refuse, samples::damaged_history),
    row("wechatpay/fudiwei/samples/QueryMerchantServiceComplaintsResponse.json", "round trip", Accept, samples::complaints),
    row("wechatpay/fudiwei/samples/QueryMerchantServiceComplaintsResponse.json", "damaged", Refuse, samples::damaged_page),
    row("wechatpay/fudiwei/samples/SetMerchantServiceComplaintCompleteRequest.json", "round trip", Accept, samples::complete),
    row("wechatpay/fudiwei/samples/UpdateMerchantServiceComplaintNotificationRequest.json", "round trip", Accept, samples::set_url),
    row("wechatpay/fudiwei/samples/UpdateMerchantServiceComplaintNotificationResponse.json", "round trip", Accept, samples::url),
    row("wechatpay/fudiwei/samples/UpdateMerchantServiceComplaintRefundProgressRequest.json", "round trip", Accept, samples::refund_progress),
    row("wechatpay/fudiwei/samples/UploadMerchantServiceImageResponse.json", "round trip", Accept, samples::uploaded),

    // The Mini Program's message push.
    row("wechat-mp/crypto/msgcrypt-vectors.json", "opened from both envelopes in both encrypted modes: 6", Accept, mini_program::opens),
    row("wechat-mp/crypto/msgcrypt-vectors.json", "sealed again, byte for byte: 6", Accept, mini_program::seals),
    row("wechat-mp/crypto/msgcrypt-vectors.json", "the documentation's push as it stands", Accept, mini_program::documented_push),
    row("wechat-mp/crypto/msgcrypt-vectors.json", "the documentation's reply", Accept, mini_program::documented_reply),
    row("wechat-mp/crypto/msgcrypt-vectors.json", "keys with spare bits: 4, paddings", Accept, mini_program::facts),
    row("wechat-mp/crypto/msgcrypt-vectors.json", "each part changed or left out", Refuse, mini_program::changed),
    row("wechat-mp/crypto/msgcrypt-vectors.json", "the query's signature as msg_signature", Refuse, mini_program::other_signature),
    row("wechat-mp/crypto/msgcrypt-vectors.json", "another application, another key", Refuse, mini_program::another_configuration),
    row("wechat-mp/crypto/plain-signature-vectors.json", "the documentation's GET", Accept, mini_program::verifies_url),
    row("wechat-mp/crypto/plain-signature-vectors.json", "the documentation's POST in clear", Accept, mini_program::plain_push),
    row("wechat-mp/crypto/plain-signature-vectors.json", "each part changed or left out", Refuse, mini_program::plain_changed),
    row("wechat-mp/crypto/virtual-payment-signatures.json", "the documentation's signatures", Accept, virtual_payment::signs),
    row("wechat-mp/crypto/virtual-payment-signatures.json", "each part changed", Refuse, virtual_payment::changed),
    row("wechat-mp/events/ComplaintCallbackEvent.1.json", "every member, in each mode", Accept, mini_program::json_complaint),
    row("wechat-mp/events/ComplaintCallbackEvent.1.json", "the same as XML", Accept, mini_program::json_complaint_as_xml),
    row("wechat-mp/events/ComplaintCallbackEvent.1.json", "another application's", Refuse, mini_program::complaint_of_another),
    row("wechat-mp/events/ComplaintCallbackEvent.xml", "every member, in each mode", Accept, mini_program::xml_complaint),
    row("wechat-mp/events/ComplaintCallbackEvent.xml", "the same as JSON", Accept, mini_program::xml_complaint_as_json),
    row("wechat-mp/events/ComplaintCallbackEvent.xml", "another application's", Refuse, mini_program::complaint_of_another),
    row("wechat-mp/events/ComplaintCallbackEvent.flat-2021.xml", "every member, in each mode", Accept, mini_program::xml_complaint),
    row("wechat-mp/events/ComplaintCallbackEvent.flat-2021.xml", "the same as JSON", Accept, mini_program::xml_complaint_as_json),
    row("wechat-mp/events/ComplaintCallbackEvent.flat-2021.xml", "another application's", Refuse, mini_program::complaint_of_another),
    row("wechat-mp/events/seed-sample-verbatim-malformed.xml", "an element that is not closed", Refuse, mini_program::unclosed),
    row("wechat-mp/events/ComplaintNotifyEvent.xml", "another event, kept", Accept, |file| mini_program::other_event(file, "complaint_notify")),
    row("wechat-mp/events/AftersaleComplaintUpdateOrderStateEvent.xml", "another event, kept", Accept, |file| mini_program::other_event(file, "aftersale_complaint_update_order_state")),
    row("wechat-mp/events/ChannelsECCompliantUpdateEvent.json", "another event, kept", Accept, |file| mini_program::other_event(file, "channels_ec_complaint_update")),
    // Bodies of the server interfaces: each member by its name, and none of them a push.
    row("wechat-mp/api/WxaApiMiniShopBusinessRespondComplaintRequest.json", "its members written, and no other", Accept, mini_program_api::respond),
    row("wechat-mp/api/WxaApiMiniShopBusinessRespondComplaintRequest.json", "neither words nor pictures", Refuse, mini_program_api::respond_with_nothing),
    row("wechat-mp/api/WxaApiMiniShopBusinessSupplyProofRequest.json", "its members written, and no other", Accept, mini_program_api::proof),
    row("wechat-mp/api/WxaApiMiniShopBusinessSupplyProofRequest.json", "neither words nor pictures", Refuse, mini_program_api::proof_with_nothing),
    row("wechat-mp/api/WxaApiMiniShopComplaintOrderDetailResponse.json", "every member", Accept, mini_program_api::detail),
    row("wechat-mp/api/WxaApiMiniShopComplaintOrderDetailResponse.json", "damaged", Refuse, mini_program_api::damaged_detail),
    row("wechat-mp/api/complaintOrderDetail.2022-client.json", "every member", Accept, mini_program_api::detail_of_2022),
    row("wechat-mp/api/complaintOrderDetail.2022-client.json", "damaged", Refuse, mini_program_api::damaged_detail),

    // Allinpay's requests, its platform's signature, its notifies, its keys.
    row("allinpay/doc_request_rsa_sha1.json", "string to sign and signature, byte for byte", Accept, allinpay::documented_rsa),
    row("allinpay/doc_request_rsa_sha1.json", "SHA-256, other keys, every byte changed", Refuse, allinpay::documented_rsa_changed),
    row("allinpay/doc_request_sm2.json", "string to sign, verified under the appid; our own signature too", Accept, allinpay::documented_sm2),
    row("allinpay/doc_request_sm2.json", "other user ids, DER, another key", Refuse, allinpay::documented_sm2_changed),
    row("allinpay/demo_response_sm2.json", "verified under the platform's user id", Accept, allinpay::platform_signature),
    row("allinpay/demo_response_sm2.json", "other user ids, DER, other keys, every byte changed", Refuse, allinpay::platform_signature_changed),
    row("allinpay/notify_rsa_2022.json", "opened as a notice, under production's published key", Accept, allinpay_notify::of_production),
    row("allinpay/notify_rsa_2022.json", "other keys, merchants, algorithms, every byte changed, every field left out", Refuse, allinpay_notify::of_production_changed),
    row("allinpay/notify_md5_2019.json", "decoded, and its string to sign", Accept, allinpay_notify::of_the_demo),
    row("allinpay/notify_md5_2019.json", "MD5, whatever is configured", Refuse, allinpay_notify::of_the_demo_opened),
    row("allinpay/published_keys.json", "every key, and the halves that match", Accept, allinpay::published_keys),
    row("allinpay/published_keys.json", "by the other reader, cut short", Refuse, allinpay::published_keys_misread),

    // The algorithms themselves.
    row("crypto/gmt0003_5_sm2.json", "the standard's signature", Accept, national::standard_signature),
    row("crypto/gmt0003_5_sm2.json", "the standard's Z and e", Accept, national::standard_digests),
    row("crypto/gmt0003_5_sm2.json", "Z and e from the key, signed and verified apart", Accept, national::standard_digests_apart),
    row("crypto/gmt0003_5_sm2.json", "other digests", Refuse, national::standard_digests_changed),
    row("crypto/gmt0003_5_sm2.json", "other messages, user ids, forms, numbers", Refuse, national::standard_signature_changed),
    row("crypto/gmt0003_5_sm2.json", "the standard's ciphertext", Accept, national::standard_encryption),
    row("crypto/gmt0003_5_sm2.json", "changed ciphertexts", Refuse, national::standard_encryption_changed),
    row("crypto/gmt0003_5_sm2.json", "a key stream of zeros, an empty C2", Refuse, national::standard_encryption_without_a_stream),
    row("crypto/botan/sm2_sig.vec", "SM3 on the recommended curve: 1", Accept, national::botan_sm2),
    row("crypto/botan/sm2_sig.vec", "another hash: 1, other curves: 5", Refuse, national::botan_sm2_others),
    row("crypto/botan/sm3.vec", "all 139", Accept, national::botan_sm3),
    row("crypto/botan/sm4.vec", "all 22", Accept, national::botan_sm4),
    row("crypto/wycheproof/rsa_oaep_2048_sha1_mgf1sha1_test.json", "valid, empty label: 10", Accept, wycheproof::oaep),
    row("crypto/wycheproof/rsa_oaep_2048_sha1_mgf1sha1_test.json", "invalid: 19, with a label: 7", Refuse, wycheproof::oaep_invalid),
    row("crypto/wycheproof/rsa_pkcs1_2048_sig_gen_test.json", "SHA-1: 8, SHA-256: 8, verified only: 2", Accept, wycheproof::rsa_sign),
    row("crypto/wycheproof/rsa_pkcs1_2048_sig_gen_test.json", "private keys of unequal primes: 3", Refuse, wycheproof::rsa_unequal_primes),
    row("crypto/wycheproof/rsa_pkcs1_2048_sig_gen_test.json", "other digests: 25", Refuse, wycheproof::rsa_sign_other_digests),
    row("crypto/wycheproof/rsa_signature_2048_sha256_test.json", "valid: 9", Accept, wycheproof::rsa_verify),
    row("crypto/wycheproof/rsa_signature_2048_sha256_test.json", "invalid: 249, without its NULL: 1", Refuse, wycheproof::rsa_verify_invalid),
    row("crypto/wycheproof/sm4_gcm_test.json", "12-byte nonces, valid: 38", Accept, wycheproof::sm4_gcm),
    row("crypto/wycheproof/sm4_gcm_test.json", "12-byte nonces, changed tags: 27", Refuse, wycheproof::sm4_gcm_invalid),
    row("crypto/wycheproof/sm4_gcm_test.json", "other nonces: 39", Refuse, wycheproof::sm4_gcm_nonces),
];

/// The outcome of a row on some bytes: success, or what went wrong.
fn run(row: &Row, bytes: &[u8]) -> Result<(), String> {
    match catch_unwind(AssertUnwindSafe(|| (row.run)(bytes))) {
        Ok(outcome) if outcome == row.expected => Ok(()),
        Ok(outcome) => Err(format!("{:?} expected, {outcome:?} found", row.expected)),
        Err(panic) => Err(panic
            .downcast_ref::<String>()
            .cloned()
            .or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
            .unwrap_or_default()),
    }
}

fn fail_with(complaints: &[String]) {
    assert!(complaints.is_empty(), "{} of {} rows:\n{}", complaints.len(), MANIFEST.len(), complaints.join("\n"));
}

#[test]
fn every_row_ends_as_the_manifest_says() {
    let complaints: Vec<_> = MANIFEST
        .iter()
        .filter_map(|row| {
            let problem = run(row, &vector_cases::read(row.file)).err()?;
            Some(format!("{} ({}): {problem}", row.file, row.case))
        })
        .collect();
    fail_with(&complaints);
}

/// A row that passed without its file would check nothing.
#[test]
fn no_row_passes_on_an_empty_file() {
    let complaints: Vec<_> = MANIFEST
        .iter()
        .filter(|row| run(row, b"").is_ok())
        .map(|row| format!("{} ({}) does not read its file", row.file, row.case))
        .collect();
    fail_with(&complaints);
}

fn files_below(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files_below(&path, found);
        } else {
            let name = path.strip_prefix(ROOT).unwrap().to_str().unwrap().replace('\\', "/");
            found.insert(name);
        }
    }
}

/// All but the table of where the files are from.
fn data_files() -> BTreeSet<String> {
    let mut files = BTreeSet::new();
    files_below(Path::new(ROOT), &mut files);
    assert!(files.remove("README.md"), "the table of origins is there");
    files
}

#[test]
fn every_file_has_a_row_and_every_row_a_file() {
    let files = data_files();
    let rows: BTreeSet<String> = MANIFEST.iter().map(|row| row.file.to_owned()).collect();
    let without_row: Vec<_> = files.difference(&rows).collect();
    let without_file: Vec<_> = rows.difference(&files).collect();
    assert!(without_row.is_empty(), "files without a row: {without_row:#?}");
    assert!(without_file.is_empty(), "rows without a file: {without_file:#?}");
    let cases: BTreeSet<_> = MANIFEST.iter().map(|row| (row.file, row.case)).collect();
    assert_eq!(cases.len(), MANIFEST.len(), "a case is named once");
}

#[test]
fn every_file_says_where_it_is_from() {
    let table = std::fs::read_to_string(format!("{ROOT}README.md")).unwrap();
    let named: BTreeSet<String> = table
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once("` |"))
        .map(|(file, _)| file.to_owned())
        .collect();
    assert_eq!(named, data_files());
}
