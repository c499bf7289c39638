//! The violation URL, to which the platform posts penalties of a service provider's merchants. Each
//! calling provider has one, apart from its notification URL.

use serde::{Deserialize, Serialize};

use super::notification_url::check_url;
use super::operation::{Operation, Response, json};
use super::response::ResponseError;
use crate::codec::json::wire_object;
use crate::operation::{Idempotency, OperationInfo};
use crate::request::{BuildError, Method, RequestParts, Stamp};

/// Creates the URL: `POST`. After an unknown outcome, query the URL.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[doc(alias("商户平台处置通知", "violation-notifications"))]
pub struct CreateViolationUrl {
    /// As for [`CreateNotificationUrl`](super::CreateNotificationUrl).
    pub notify_url: String,
}

impl CreateViolationUrl {
    /// Registers this address.
    #[must_use]
    pub fn new(notify_url: impl Into<String>) -> Self {
        Self { notify_url: notify_url.into() }
    }
}

impl OperationInfo for CreateViolationUrl {
    type Response = ViolationUrl;

    const NAME: &'static str = "create_violation_url";
    const IDEMPOTENCY: Idempotency = Idempotency::Unsafe;
}

impl Operation for CreateViolationUrl {
    fn request(&self, _: &Stamp<'_>) -> Result<RequestParts, BuildError> {
        check_url(&self.notify_url)?;
        json(Method::Post, PATH.to_owned(), self)
    }

    fn receive(&self, response: Response<'_>) -> Result<ViolationUrl, ResponseError> {
        response.document(DOCUMENT)
    }
}

/// Queries the URL: `GET`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueryViolationUrl;

impl OperationInfo for QueryViolationUrl {
    type Response = ViolationUrl;

    const NAME: &'static str = "query_violation_url";
    const IDEMPOTENCY: Idempotency = Idempotency::Safe;
}

impl Operation for QueryViolationUrl {
    fn request(&self, _: &Stamp<'_>) -> Result<RequestParts, BuildError> {
        Ok(RequestParts::without_body(Method::Get, PATH))
    }

    fn receive(&self, response: Response<'_>) -> Result<ViolationUrl, ResponseError> {
        response.document(DOCUMENT)
    }
}

/// Replaces the URL: `PUT`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct UpdateViolationUrl {
    /// As for [`CreateViolationUrl`].
    pub notify_url: String,
}

impl UpdateViolationUrl {
    /// Registers this address instead of the present one.
    #[must_use]
    pub fn new(notify_url: impl Into<String>) -> Self {
        Self { notify_url: notify_url.into() }
    }
}

impl OperationInfo for UpdateViolationUrl {
    type Response = ViolationUrl;

    const NAME: &'static str = "update_violation_url";
    const IDEMPOTENCY: Idempotency = Idempotency::Idempotent;
}

impl Operation for UpdateViolationUrl {
    fn request(&self, _: &Stamp<'_>) -> Result<RequestParts, BuildError> {
        check_url(&self.notify_url)?;
        json(Method::Put, PATH.to_owned(), self)
    }

    fn receive(&self, response: Response<'_>) -> Result<ViolationUrl, ResponseError> {
        response.document(DOCUMENT)
    }
}

/// Removes the URL: `DELETE`. Penalties are no longer posted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeleteViolationUrl;

impl OperationInfo for DeleteViolationUrl {
    type Response = ();

    const NAME: &'static str = "delete_violation_url";
    const IDEMPOTENCY: Idempotency = Idempotency::Idempotent;
}

impl Operation for DeleteViolationUrl {
    fn request(&self, _: &Stamp<'_>) -> Result<RequestParts, BuildError> {
        Ok(RequestParts::without_body(Method::Delete, PATH))
    }

    fn receive(&self, response: Response<'_>) -> Result<(), ResponseError> {
        response.done().map(drop)
    }
}

wire_object! {
    /// The URL that the platform has registered.
    pub struct ViolationUrl {
        /// The URL.
        notify_url: String,
    }
}

const PATH: &str = "/v3/merchant-risk-manage/violation-notifications";

const DOCUMENT: &str = "a violation URL";
