//! Documents of one's own, signed as the platforms would: fixtures for tests of webhooks, handlers and clients. None of it needs a
//! listener: [`Sandbox::offline`] does.

use std::sync::Arc;

use protocol_core::allinpay::SignType;

use crate::error::SandboxError;
use crate::mini_program::{PushFormat, PushMode, SignedPush, sign_message};
use crate::sandbox::Sandbox;
use crate::wechat_pay::SignedNotification;

impl Sandbox {
    /// WeChat Pay's notification with this resource, sealed and signed now: for a complaint event that the sandbox would not make,
    /// or for one that was kept. The resource is sealed as it is, be it JSON or not.
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
    /// let resource = br#"{"complaint_id":"200201820200101080076610000","action_type":"USER_RESPONSE"}"#;
    /// let signed = sandbox.signed_resource(&merchant.mchid, "COMPLAINT.STATE_CHANGE", resource)?;
    ///
    /// let keys = Keyring::new();
    /// keys.insert(&platform_key.id, verifier(&PublicKey::read(platform_key.public_key_pem.as_bytes())?)?);
    /// let key = ApiV3Key::new(merchant.api_v3_key.as_bytes())?;
    /// let notification = verify_notification(&signed.headers, &signed.body, &keys, NOW)?.open(&key)?;
    /// assert!(matches!(notification.resource, Resource::Complaint(event) if event.complaint_id.ends_with("10000")));
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

    /// The headers of WeChat Pay's answer with this body, signed now with what answers to this merchant are signed with.
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
    /// keys.insert(&platform_key.id, verifier(&PublicKey::read(platform_key.public_key_pem.as_bytes())?)?);
    /// assert_eq!(RawResponse { status: 200, headers: &headers, body }.verify(&keys, NOW)?.body, body);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`SandboxError::UnknownMerchant`].
    pub fn signed_response(&self, mchid: &str, body: &[u8]) -> Result<Vec<(String, String)>, SandboxError> {
        self.platform().signed_response(mchid, body)
    }

    /// The Mini Program's push with this message, XML or JSON as the format says, signed now and in secure mode encrypted. The message
    /// is taken as it is.
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
    /// let message = br#"{"Event":"complaint_callback","complaint_order_id":"8622001","status":"201"}"#;
    /// let signed = sandbox.signed_message(message, PushMode::Secure, PushFormat::Json);
    ///
    /// let key = EncodingAesKey::read(&account.encoding_aes_key)?;
    /// let token = Secret::new(account.token.clone().into_bytes());
    /// let receiver = Receiver::new(&account.appid, token, Mode::Secure, Some(key))?;
    /// let received = receiver.open(&signed.query, &signed.body, NOW)?;
    /// assert!(matches!(&received.push().content, Event::Complaint(callback) if callback.status.is_some()));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn signed_message(&self, message: &[u8], mode: PushMode, format: PushFormat) -> SignedPush {
        let platform = self.platform();
        let account = Arc::clone(&platform.state().mini_program.account);
        sign_message(&account, message.to_vec(), mode, format, platform.now())
    }

    /// Allinpay's answer with these records, JSON as they are before base64, signed with the platform's key of one of the
    /// [two](Sandbox::allinpay) [accounts](Sandbox::allinpay_sm2) that are always there.
    ///
    /// ```
    /// use platform_sandbox::{Sandbox, SandboxConfig};
    /// use protocol_core::allinpay::{Merchant, Operation, SignType, WxComplaintDetail, verifier};
    /// use protocol_core::crypto::PublicKey;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let sandbox = Sandbox::offline(&SandboxConfig::default())?;
    /// let account = sandbox.allinpay_sm2();
    /// let body = sandbox.signed_records(SignType::Sm2, br#"{"complaint_id":"200201820200101080076610000"}"#);
    ///
    /// let merchant = Merchant::new(&account.appid, &account.cusid, account.sign_type)?;
    /// let verifier = verifier(&PublicKey::read(account.platform_key.as_bytes())?)?;
    /// let complaint = WxComplaintDetail::decode(&merchant.open(&body, &*verifier)?)?;
    /// assert_eq!(complaint.complaint_id, "200201820200101080076610000");
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn signed_records(&self, sign_type: SignType, records: &[u8]) -> Vec<u8> {
        self.platform().state().allinpay.signed_records(sign_type, records)
    }
}
