//! WeChat Pay APIv3: requests signed, answers and notifications verified, complaints read.
//!
//! Everything here takes headers and bytes, keys, and the time; nothing is sent or fetched.

mod answer;
mod auth;
#[cfg(any(feature = "rsa", feature = "sm2"))]
mod certificates;
mod error_body;
mod image;
#[cfg(any(feature = "rsa", feature = "sm2"))]
mod keys;
mod notification;
mod notification_url;
mod response;
mod verification;

pub use answer::{Answer, AnswerError, RawAnswer, RefusalProof};
pub use auth::{Authorization, AuthorizationFault, Merchant, Scheme, UnsignedRequest};
#[cfg(any(feature = "rsa", feature = "sm2"))]
pub use certificates::{
    CertificateEntry, CertificateError, CertificateList, EncryptedCertificate, OpenedCertificates, PlatformCertificate,
};
pub use error_body::{ApiError, ErrorCode};
pub use image::{ImageMeta, ImageUpload, UploadedImage};
#[cfg(any(feature = "rsa", feature = "sm2"))]
pub use keys::{decryptor, encryptor, signer, verifier};
pub use notification::{
    ActionType, ComplaintEvent, EncryptedResource, Envelope, EventType, Notification, NotificationError, Resource,
    verify_notification,
};
pub use notification_url::{NotificationUrl, SetNotificationUrl};
pub use response::{Complete, ImmediateResponse, ImmediateResponseResult, RefundAction, RefundProgress, Response};
pub use verification::{SignatureHeaders, VerificationError};
