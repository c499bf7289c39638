//! Allinpay's complaint interfaces: signed forms, verified responses, and typed complaints of
//! WeChat and Alipay.
//!
//! An operation is a plain value. [`Merchant::sign`] makes its request; [`Operation::receive`]
//! verifies and reads its response. The algorithm is configured ([`SignType`]); no response chooses
//! it. The facts come from the vendor's interface documentation and demo, and from real signatures
//! that were checked.
//!
//! ```
//! use protocol_core::allinpay::{
//!     Merchant, Operation, Response, SignType, WxComplaintHistory, signer, verifier,
//! };
//! use protocol_core::crypto::{PrivateKey, PublicKey};
//! use protocol_core::{Stamp, UnixTime};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let merchant_key = include_bytes!("../../samples/allinpay/merchant_sm2.key");
//! # let platform_key = include_bytes!("../../samples/allinpay/platform_sm2.pub");
//! # let body = include_bytes!("../../samples/allinpay/history.json");
//! // Once, at start-up: the merchant, its signer, and the platform's key.
//! let merchant = Merchant::new("00000051", "990581007426001", SignType::Sm2)?;
//! let signer = signer(&PrivateKey::read(merchant_key)?, merchant.appid())?;
//! let verifier = verifier(&PublicKey::read(platform_key)?)?;
//!
//! // For each request: a signed form, to be sent to its target under
//! // `https://cus.allinpay.com/cusapi`.
//! let stamp = Stamp { now: UnixTime(1_741_936_166), nonce: "82712208" };
//! let operation = WxComplaintHistory::new("200201820200101080076610000");
//! let request = merchant.sign(&operation, &stamp, &*signer)?;
//! assert_eq!(request.target(), "/riskfeeback/wxcomplainthistory");
//!
//! // For its response, the untouched body: verified, then read.
//! let history = operation.receive(Response::new(body, &merchant, &*verifier))?;
//! assert_eq!(history.data.len(), 3);
//! # Ok(())
//! # }
//! ```

mod act;
mod alipay;
mod alipay_complaint;
mod alipay_deadlines;
mod complaints;
mod evidence;
mod form;
mod handled;
mod images;
#[cfg(any(feature = "rsa", feature = "sm2"))]
mod keys;
mod lists;
mod merchant;
mod notice;
mod operation;
mod order_detail;
mod pages;
mod records;
mod replies;
mod response;
mod response_error;
mod seen;

pub use crate::call::EvidenceResponse;
pub use act::{ACTS, ActOperation, ActVisitor};
pub use alipay::{
    AlipayComplaintQuery, AlipayComplaintQueryV2, AlipayFile, AlipayFileUpload, AlipayImage, AlipayProcessFinish,
    AlipayProcessResult,
};
pub use alipay_complaint::{
    AlipayComplaint, AlipayComplaintList, AlipayComplaintStatus, AlipayProcessCode, AlipayTrade,
};
pub use complaints::{ComplaintList, WxComplaintDetail, WxComplaintHistory, WxComplaintList, WxComplaintListOlder};
pub use evidence::{Evidence, EvidenceQuery};
pub use form::{File, Form};
pub use handled::Handled;
pub use images::{Image, WxGetMerchantImage, WxMerchantImageUpload};
#[cfg(any(feature = "rsa", feature = "sm2"))]
pub use keys::{PLATFORM_USER_ID, PUBLISHED_PLATFORM_KEYS, PublishedKey, signer, verifier};
pub use lists::lists_of_days;
pub use merchant::{Merchant, SignType, UnsignedForm};
pub use notice::{NOTICE_SUCCESS, Notice, NoticeError, NoticeFields, UnreadNotice};
pub use operation::{Operation, Response};
pub use order_detail::WxComplaintOrderDetail;
pub use replies::{ComplaintsComplete, ComplaintsResp, WxComplaintsRefundProgress, WxRefundRejection};
pub use response::Members;
pub use response_error::{NoSignature, ResponseError};
pub use seen::SeenSigns;

pub use crate::codec::Parameters;
pub use crate::refusal::{Cause, Detail, Refusal};

/// Entries a page of a history that is read to its end. WeChat refuses responses that grow too
/// large, well above this.
pub const HISTORY_PAGE: u32 = 50;
