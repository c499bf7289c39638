//! Custom documents, signed by the simulated platforms: fixtures for tests of webhooks, handlers
//! and clients. They need no listener: [`Sandbox::offline`] suffices.

use std::sync::Arc;

use protocol_core::allinpay::SignType;

use crate::error::SandboxError;
use crate::mini_program::{PushFormat, PushMode, SignedPush, sign_message};
use crate::sandbox::Sandbox;
use crate::wechat_pay::SignedNotification;

impl Sandbox {
    /// Encrypts this resource into a notification of WeChat Pay, and signs it now. The resource is
    /// encrypted unchanged, whether it is JSON or not. Use it for an event that the sandbox does
    /// not send, or for a stored one.
    ///
    /// ```
    /// use platform_sandbox::{Sandbox, SandboxConfig};
    /// use protocol_core::UnixTime;
    /// use protocol_core::crypto::{ApiV3Key, Keyring, PublicKey};
    /// use protocol_core::wechat_pay::{Resource, verifier, verify_notification};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// const NOW: UnixTime = UnixTime(1_741_936_166);
    /// let sandbox = Sandbox::offline(&SandboxConfig::default().with_clock(|| NOW))?;
    /// let (merchant, platform_key) = (sandbox.merchant(), sandbox.platform_key());
    /// let resource = br#"{"complaint_id":"200201820200101080076610000"}"#;
    /// let signed = sandbox.signed_resource(&merchant.mchid, "COMPLAINT.STATE_CHANGE", resource)?;
    ///
    /// let keys = Keyring::new();
    /// let public_key = PublicKey::read(platform_key.public_key_pem.as_bytes())?;
    /// keys.insert(&platform_key.id, verifier(&public_key)?);
    /// let key = ApiV3Key::new(merchant.api_v3_key.as_bytes())?;
    /// let unread = verify_notification(&signed.headers, &signed.body, &keys, NOW)?;
    /// assert!(matches!(unread.open(&key)?.resource, Resource::Complaint(_)));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`SandboxError::UnknownMerchant`].
    pub fn signed_resource(
        &self,
        mchid: &str,
        event_type: &str,
        resource: &[u8],
    ) -> Result<SignedNotification, SandboxError> {
        self.platform().signed_resource(mchid, event_type, resource)
    }

    /// The headers of a WeChat Pay response with this body to this merchant, signed now.
    ///
    /// ```
    /// use platform_sandbox::{Sandbox, SandboxConfig};
    /// use protocol_core::UnixTime;
    /// use protocol_core::crypto::{Keyring, PublicKey};
    /// use protocol_core::wechat_pay::{RawResponse, verifier};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// const NOW: UnixTime = UnixTime(1_741_936_166);
    /// let sandbox = Sandbox::offline(&SandboxConfig::default().with_clock(|| NOW))?;
    /// let body = br#"{"complaint_id":"200201820200101080076610000"}"#;
    /// let headers = sandbox.signed_response(&sandbox.merchant().mchid, body)?;
    ///
    /// let platform_key = sandbox.platform_key();
    /// let keys = Keyring::new();
    /// let public_key = PublicKey::read(platform_key.public_key_pem.as_bytes())?;
    /// keys.insert(&platform_key.id, verifier(&public_key)?);
    /// let response = RawResponse { status: 200, headers: &headers, body };
    /// assert_eq!(response.verify(&keys, NOW)?.body, body);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`SandboxError::UnknownMerchant`].
    pub fn signed_response(&self, mchid: &str, body: &[u8]) -> Result<Vec<(String, String)>, SandboxError> {
        self.platform().signed_response(mchid, body)
    }

    /// Signs a push of the Mini Program with this message now, and encrypts it in the modes that
    /// do. The message has this format, and is sent unchanged.
    ///
    /// ```
    /// use platform_sandbox::{PushFormat, PushMode, Sandbox, SandboxConfig};
    /// use protocol_core::{Secret, UnixTime};
    /// use protocol_core::mini_program::{EncodingAesKey, Event, Mode, Receiver};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// const NOW: UnixTime = UnixTime(1_714_112_445);
    /// let sandbox = Sandbox::offline(&SandboxConfig::default().with_clock(|| NOW))?;
    /// let account = sandbox.mini_program();
    /// let message = br#"{"Event":"complaint_callback","complaint_order_id":"8622001"}"#;
    /// let signed = sandbox.signed_message(message, PushMode::Secure, PushFormat::Json);
    ///
    /// let key = EncodingAesKey::read(&account.encoding_aes_key)?;
    /// let token = Secret::new(account.token.clone().into_bytes());
    /// let receiver = Receiver::new(&account.appid, token, Mode::Secure, Some(key))?;
    /// let received = receiver.open(&signed.query, &signed.body, NOW)?;
    /// assert!(matches!(&received.push().content, Event::Complaint(_)));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn signed_message(&self, message: &[u8], mode: PushMode, format: PushFormat) -> SignedPush {
        let platform = self.platform();
        let account = Arc::clone(&platform.state().mini_program.account);
        sign_message(&account, message.to_vec(), mode, format, platform.now())
    }

    /// An Allinpay response with these records, signed with the platform's key of this algorithm.
    /// The records are JSON before base64. The response is for [`Sandbox::allinpay`] or
    /// [`Sandbox::allinpay_sm2`].
    ///
    /// ```
    /// use platform_sandbox::{Sandbox, SandboxConfig};
    /// use protocol_core::allinpay::{
    ///     Merchant, Operation, Response, SignType, WxComplaintDetail, verifier,
    /// };
    /// use protocol_core::crypto::PublicKey;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let sandbox = Sandbox::offline(&SandboxConfig::default())?;
    /// let account = sandbox.allinpay_sm2();
    /// let records = br#"{"complaint_id":"200201820200101080076610000"}"#;
    /// let body = sandbox.signed_records(SignType::Sm2, records);
    ///
    /// let merchant = Merchant::new(&account.appid, &account.cusid, account.sign_type)?;
    /// let verifier = verifier(&PublicKey::read(account.platform_key.as_bytes())?)?;
    /// let response = Response::new(&body, &merchant, &*verifier);
    /// let complaint = WxComplaintDetail::new("200201820200101080076610000").receive(response)?;
    /// assert_eq!(complaint.complaint_id, "200201820200101080076610000");
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn signed_records(&self, sign_type: SignType, records: &[u8]) -> Vec<u8> {
        self.platform().state().allinpay.signed_records(sign_type, records)
    }
}
