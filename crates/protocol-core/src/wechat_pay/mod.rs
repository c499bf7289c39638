//! WeChat Pay APIv3: requests signed, responses and notifications verified, complaints read.
//!
//! This module takes headers and bytes, keys, and the time. It sends and fetches nothing.

mod act;
mod auth;
#[cfg(any(feature = "rsa", feature = "sm2"))]
mod certificates;
mod complaint_event;
mod complaints;
mod echo;
mod ensure;
mod envelope;
mod error_body;
mod evidence;
mod image;
#[cfg(any(feature = "rsa", feature = "sm2"))]
mod keys;
mod notification;
mod notification_error;
mod notification_url;
mod operation;
mod pages;
mod registered_url;

mod rates;
mod replies;
mod response;
mod sender;
mod verification;
mod violation;
mod violation_url;

pub use crate::call::EvidenceResponse;
pub use act::{ACTS, ActOperation, ActVisitor};
pub use auth::{Authorization, Merchant, Scheme, UnsignedRequest};
#[cfg(any(feature = "rsa", feature = "sm2"))]
pub use certificates::{
    AlgorithmType, CertificateEntry, CertificateError, CertificateList, EncryptedCertificate, ListCertificates,
    OpenedCertificates, PlatformCertificate,
};
pub use complaint_event::{ActionType, ComplaintEvent};
pub use complaints::{GetComplaint, GetNegotiationHistory, ListComplaints};
pub use echo::{Echo, Echoed};
pub use ensure::{EnsureOutcome, EnsureStep, EnsureUrl};
pub use envelope::{EncryptedResource, Envelope, EventType};
pub use error_body::{ApiError, ErrorCode};
pub use evidence::{Evidence, EvidenceQuery, HISTORY_PAGE};
pub use image::{DownloadImage, Image, ImageMeta, UploadImage, UploadedImage};
#[cfg(any(feature = "rsa", feature = "sm2"))]
pub use keys::{decryptor, encryptor, signer, verifier};
pub use notification::{Notification, Resource, verify_notification};
pub use notification_error::{NotificationError, UnreadNotification};
pub use notification_url::{
    CreateNotificationUrl, DeleteNotificationUrl, NotificationUrl, QueryNotificationUrl, UpdateNotificationUrl,
};
pub use operation::{Operation, Response};
pub use registered_url::RegisteredUrl;

pub use rates::{RATES, SUPPORTED_REPLIES};
pub use replies::{
    Complete, ImmediateResponseResult, RefundAction, Respond, RespondImmediateService, UpdateRefundProgress,
};
pub use response::{RawResponse, RefusalProof, ResponseError, Success};
pub use sender::{Exchanged, ReadRows, Sender, exchange, receive};
pub use verification::{SignatureHeaders, VerificationError};
pub use violation::{RiskType, Violation};
pub use violation_url::{CreateViolationUrl, DeleteViolationUrl, QueryViolationUrl, UpdateViolationUrl, ViolationUrl};

pub use crate::refusal::{Cause, Detail};

/// The platform's hosts: first the nearest access point, then the backup in another city.
pub const ORIGINS: [&str; 2] = ["https://api.mch.weixin.qq.com", "https://api2.mch.weixin.qq.com"];
