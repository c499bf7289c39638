//! The notification URL, to which the platform posts complaints. Each calling merchant has one.

use serde::{Deserialize, Serialize};

use super::operation::{Operation, Response, json};
use super::response::ResponseError;
use crate::codec::json::wire_object;
use crate::operation::{Idempotency, OperationInfo};
use crate::request::{BuildError, Method, RequestParts, Stamp};

/// Creates the URL: `POST`. A refusal is expected if one exists (not confirmed).
///
/// After an unknown outcome, query the URL.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[doc(alias("创建投诉通知回调地址", "complaint-notifications"))]
pub struct CreateNotificationUrl {
    /// `https`, at most 255 characters, a public host name, no query.
    pub url: String,
}

impl CreateNotificationUrl {
    /// Registers this address.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        Self { url: url.into() }
    }
}

impl OperationInfo for CreateNotificationUrl {
    type Response = NotificationUrl;

    const NAME: &'static str = "create_notification_url";
    const IDEMPOTENCY: Idempotency = Idempotency::Unsafe;
}

impl Operation for CreateNotificationUrl {
    fn request(&self, _: &Stamp<'_>) -> Result<RequestParts, BuildError> {
        check_url(&self.url)?;
        json(Method::Post, PATH.to_owned(), self)
    }

    fn receive(&self, response: Response<'_>) -> Result<NotificationUrl, ResponseError> {
        response.document(DOCUMENT)
    }
}

/// Queries the URL: `GET`. Refused with `RESOURCE_NOT_EXISTS` if there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueryNotificationUrl;

impl OperationInfo for QueryNotificationUrl {
    type Response = NotificationUrl;

    const NAME: &'static str = "query_notification_url";
    const IDEMPOTENCY: Idempotency = Idempotency::Safe;
}

impl Operation for QueryNotificationUrl {
    fn request(&self, _: &Stamp<'_>) -> Result<RequestParts, BuildError> {
        Ok(RequestParts::without_body(Method::Get, PATH))
    }

    fn receive(&self, response: Response<'_>) -> Result<NotificationUrl, ResponseError> {
        response.document(DOCUMENT)
    }
}

/// Replaces the URL: `PUT`. Refused with `RESOURCE_NOT_EXISTS` if there is none, by older
/// documentation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct UpdateNotificationUrl {
    /// As for [`CreateNotificationUrl`].
    pub url: String,
}

impl UpdateNotificationUrl {
    /// Registers this address instead of the present one.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        Self { url: url.into() }
    }
}

impl OperationInfo for UpdateNotificationUrl {
    type Response = NotificationUrl;

    const NAME: &'static str = "update_notification_url";
    const IDEMPOTENCY: Idempotency = Idempotency::Idempotent;
}

impl Operation for UpdateNotificationUrl {
    fn request(&self, _: &Stamp<'_>) -> Result<RequestParts, BuildError> {
        check_url(&self.url)?;
        json(Method::Put, PATH.to_owned(), self)
    }

    fn receive(&self, response: Response<'_>) -> Result<NotificationUrl, ResponseError> {
        response.document(DOCUMENT)
    }
}

/// Removes the URL: `DELETE`, with 204 as the response. Complaints are no longer posted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeleteNotificationUrl;

impl OperationInfo for DeleteNotificationUrl {
    type Response = ();

    const NAME: &'static str = "delete_notification_url";
    const IDEMPOTENCY: Idempotency = Idempotency::Idempotent;
}

impl Operation for DeleteNotificationUrl {
    fn request(&self, _: &Stamp<'_>) -> Result<RequestParts, BuildError> {
        Ok(RequestParts::without_body(Method::Delete, PATH))
    }

    fn receive(&self, response: Response<'_>) -> Result<(), ResponseError> {
        response.done().map(drop)
    }
}

wire_object! {
    /// The URL that the platform has registered.
    pub struct NotificationUrl {
        /// The calling merchant.
        mchid: Option<String>,
        /// The URL.
        url: String,
    }
}

/// Longest URL, in characters.
const MAX_URL: usize = 255;
const PATH: &str = "/v3/merchant-service/complaint-notifications";

/// The platform's rules: `https`, at most 255 characters, no query, no numeric address, no name of
/// a private network.
pub(super) fn check_url(url: &str) -> Result<(), BuildError> {
    let misfit = |expected| Err(BuildError::Field { field: "the notification URL", expected });
    let Some(rest) = url.strip_prefix("https://") else {
        return misfit("one that begins with https://");
    };
    if url.len() > MAX_URL {
        return misfit("at most 255 characters long");
    }
    if !url.bytes().all(|byte| byte.is_ascii_graphic()) || url.contains(['?', '#']) {
        return misfit("visible ASCII without query and fragment");
    }
    let authority = rest.split('/').next().unwrap_or_default();
    let host = match authority.split_once(':') {
        None => authority,
        Some((host, port)) if port.parse::<u16>().is_ok_and(|port| port > 0) => host,
        Some(_) => return misfit("a host name and, if any, a port"),
    };
    let labels_fit = host.split('.').all(|label| {
        !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    });
    let last = host.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    let inner = ["localhost", "local", "internal", "lan", "intranet"].contains(&&*last);
    let numeric = last.bytes().all(|byte| byte.is_ascii_digit());
    if !labels_fit || !host.contains('.') || inner || numeric {
        return misfit("on a public host name: no address in numbers, no localhost");
    }
    Ok(())
}

const DOCUMENT: &str = "a notification URL";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_platforms_rules_for_a_url_are_kept() {
        let longest = format!("https://www.xxx.com/{}", "a".repeat(235));
        assert_eq!(longest.len(), 255);
        for url in
            ["https://www.xxx.com/notify", "https://pay.xxx.com:8443/a/b", "https://xn--fiq228c.example/n", &longest]
        {
            assert_eq!(check_url(url), Ok(()), "{url}");
        }
        for url in [
            "http://www.xxx.com/notify",
            "https://www.xxx.com/notify?a=1",
            "https://www.xxx.com/notify#a",
            "https://127.0.0.1/notify",
            "https://[::1]/notify",
            "https://localhost/notify",
            "https://a.localhost/notify",
            "https://merchant/notify",
            "https://商家.example/notify",
            "https://user@www.xxx.com/notify",
            "https://www.xxx.com:port/notify",
            "https://www..com/notify",
            "https:///notify",
            &format!("{longest}a"),
        ] {
            assert!(check_url(url).is_err(), "{url}");
        }
    }
}
