//! The common part of the two URLs that the platform posts to.

use super::notification_url::{
    CreateNotificationUrl, DeleteNotificationUrl, NotificationUrl, QueryNotificationUrl, UpdateNotificationUrl,
};
use super::operation::Operation;
use super::violation_url::{
    CreateViolationUrl, DeleteViolationUrl, QueryViolationUrl, UpdateViolationUrl, ViolationUrl,
};

/// A URL that the platform posts to, and the operations on it: the [`NotificationUrl`] for
/// complaints, or the [`ViolationUrl`] for penalties. Each calling merchant has at most one of each.
///
/// ```
/// use protocol_core::wechat_pay::{CreateViolationUrl, RegisteredUrl, ViolationUrl};
///
/// let create = <ViolationUrl as RegisteredUrl>::create("https://merchant.example/violations");
/// assert_eq!(create, CreateViolationUrl::new("https://merchant.example/violations"));
/// ```
pub trait RegisteredUrl: Sized + Send {
    /// Registers it.
    type Create: Operation<Response = Self> + Sync;
    /// Queries it.
    type Query: Operation<Response = Self> + Sync;
    /// Replaces it.
    type Update: Operation<Response = Self> + Sync;
    /// Removes it.
    type Delete: Operation<Response = ()> + Sync;

    /// Its name in errors.
    const CALLED: &'static str;
    /// The query, which has no members.
    const QUERY: Self::Query;
    /// The removal, which has no members.
    const DELETE: Self::Delete;

    /// Registers this address.
    fn create(url: &str) -> Self::Create;

    /// Registers this address instead of the present one.
    fn update(url: &str) -> Self::Update;

    /// The address that the platform has registered.
    fn url(&self) -> &str;
}

impl RegisteredUrl for NotificationUrl {
    type Create = CreateNotificationUrl;
    type Query = QueryNotificationUrl;
    type Update = UpdateNotificationUrl;
    type Delete = DeleteNotificationUrl;

    const CALLED: &'static str = "the notification URL";
    const QUERY: QueryNotificationUrl = QueryNotificationUrl;
    const DELETE: DeleteNotificationUrl = DeleteNotificationUrl;

    fn create(url: &str) -> CreateNotificationUrl {
        CreateNotificationUrl::new(url)
    }

    fn update(url: &str) -> UpdateNotificationUrl {
        UpdateNotificationUrl::new(url)
    }

    fn url(&self) -> &str {
        &self.url
    }
}

impl RegisteredUrl for ViolationUrl {
    type Create = CreateViolationUrl;
    type Query = QueryViolationUrl;
    type Update = UpdateViolationUrl;
    type Delete = DeleteViolationUrl;

    const CALLED: &'static str = "the violation URL";
    const QUERY: QueryViolationUrl = QueryViolationUrl;
    const DELETE: DeleteViolationUrl = DeleteViolationUrl;

    fn create(url: &str) -> CreateViolationUrl {
        CreateViolationUrl::new(url)
    }

    fn update(url: &str) -> UpdateViolationUrl {
        UpdateViolationUrl::new(url)
    }

    fn url(&self) -> &str {
        &self.notify_url
    }
}
