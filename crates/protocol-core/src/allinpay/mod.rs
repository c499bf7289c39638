//! Allinpay's complaint interfaces: forms signed, answers verified, WeChat's and Alipay's complaints in them typed.
//!
//! An operation is a plain value: [`Merchant::sign`] makes the request of it, [`Merchant::open`] and [`Operation::decode`]
//! read the answer. The algorithm is configured ([`SignType`]); nothing that arrives chooses it. Facts: the vendor's
//! interface documentation, its demo, and real signatures checked.

mod alipay;
mod answer;
mod complaints;
mod images;
#[cfg(any(feature = "rsa", feature = "sm2"))]
mod keys;
mod merchant;
mod operation;
mod order_detail;
mod replies;

pub use alipay::{
    AlipayComplaint, AlipayComplaintList, AlipayComplaintQuery, AlipayComplaintQueryV2, AlipayComplaintStatus,
    AlipayFile, AlipayFileUpload, AlipayImage, AlipayProcessCode, AlipayProcessFinish, AlipayProcessResult,
    AlipayTrade,
};
pub use answer::{Answer, AnswerError};
pub use complaints::{ComplaintList, WxComplaintDetail, WxComplaintHistory, WxComplaintList, WxComplaintListOlder};
pub use images::{Image, WxGetMerchantImage, WxMerchantImageUpload};
#[cfg(any(feature = "rsa", feature = "sm2"))]
pub use keys::{PLATFORM_USER_ID, PUBLISHED_PLATFORM_KEYS, PublishedKey, signer, verifier};
pub use merchant::{Merchant, SignType, UnsignedForm};
pub use operation::{File, Operation};
pub use order_detail::WxComplaintOrderDetail;
pub use replies::{ComplaintsComplete, ComplaintsResp, WxComplaintsRefundProgress, WxRefundRejection};

pub use crate::codec::Parameters;
