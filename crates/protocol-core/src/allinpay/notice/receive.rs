//! From a posted form to a verified notice.

use super::document::Notice;
use super::error::NoticeError;
use super::fields::NoticeFields;
use crate::allinpay::{Merchant, NoSignature};
use crate::crypto::Verifier;
use crate::trust::Verified;

impl Merchant {
    /// Opens a notice that was posted to this merchant's risk notification URL, from the unchanged
    /// body. The signature covers every field that came, unknown ones included. The algorithm is
    /// the merchant's own; a form without `signtype` is verified by that too.
    ///
    /// A notice has no time that could be checked, so a recorded one verifies for ever: remember
    /// its [`dedup_key`](Notice::dedup_key), and treat it as a hint.
    ///
    /// ```
    /// use protocol_core::allinpay::{AlipayComplaintStatus, Merchant, SignType, verifier};
    /// use protocol_core::crypto::PublicKey;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let platform_key = include_bytes!("../../../samples/allinpay/platform_sm2.pub");
    /// # let body = include_bytes!("../../../samples/allinpay/notice.form");
    /// let merchant = Merchant::new("00000051", "990581007426001", SignType::Sm2)?;
    /// let verifier = verifier(&PublicKey::read(platform_key)?)?;
    /// let notice = merchant.open_notice(body, &*verifier)?;
    /// assert_eq!(notice.status, Some(AlipayComplaintStatus::WaitProcess));
    /// // Read the complaint by this number: the notice may be late.
    /// assert_eq!(notice.task_id.as_deref(), Some("10243351927"));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`NoticeError`].
    pub fn open_notice(&self, body: &[u8], verifier: &dyn Verifier) -> Result<Verified<Notice>, NoticeError> {
        let fields = NoticeFields::take_apart(body)?;
        if let Some(none) = NoSignature::of(fields.sign()) {
            return Err(NoticeError::NoSignature(none));
        }
        if fields.get("signtype").is_some_and(|named| named != self.sign_type().as_str().as_bytes()) {
            return Err(NoticeError::OtherSignType);
        }
        let signature = fields.signature().ok_or(NoticeError::BadSignature)?;
        if verifier.algorithm() != self.sign_type().algorithm() {
            return Err(NoticeError::BadSignature);
        }
        verifier.verify(&fields.parts_to_sign(), &signature).map_err(|_| NoticeError::BadSignature)?;
        let named = |name| fields.get(name).and_then(|id| std::str::from_utf8(id).ok());
        let own =
            named("appid") == Some(self.appid()) && named("cusid").is_some_and(|cusid| self.is_notified_for(cusid));
        if !own {
            return Err(NoticeError::WrongAppid);
        }
        Notice::read(&fields, body).map(Verified::new).map_err(|unread| NoticeError::Unreadable(Box::new(unread)))
    }
}
