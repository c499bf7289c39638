//! A certificate list comes back from its own JSON; nothing that the APIv3 key did not seal opens.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use protocol_core::crypto::ApiV3Key;
use protocol_core::wechat_pay::{CertificateError, CertificateList};

const SAMPLE: &str = include_str!("../../samples/wechat-pay/certificates.json");

static KEY: LazyLock<ApiV3Key> = LazyLock::new(|| {
    ApiV3Key::new(include_bytes!("../../samples/wechat-pay/apiv3.key").trim_ascii_end()).expect("the sample's key")
});

/// The platform's ciphertext: the only one that opens under the key.
static SEALED: LazyLock<CertificateList> =
    LazyLock::new(|| fuzz::document("the sample", SAMPLE.as_bytes(), 512).expect("the sample"));

fuzz_target!(|bytes: &[u8]| {
    let Some(list) = fuzz::document::<CertificateList>("a list", bytes, 512) else { return };
    match CertificateList::open(bytes, &KEY) {
        Ok(opened) => {
            assert_eq!(opened.certificates.len() + opened.failed.len(), list.data.len());
            let genuine =
                |ciphertext: &str| SEALED.data.iter().any(|entry| entry.encrypt_certificate.ciphertext == ciphertext);
            let sealed = list.data.iter().filter(|entry| genuine(&entry.encrypt_certificate.ciphertext)).count();
            assert!(opened.certificates.len() <= sealed, "something opened that the platform never sealed");
            opened.failed.iter().for_each(fuzz::quiet);
        }
        Err(error) => {
            // A document without `data` is none, whatever its reader makes of that.
            assert!(list.data.is_empty() || !matches!(error, CertificateError::Malformed(_)), "it decoded before");
            fuzz::quiet(&error);
        }
    }
});
