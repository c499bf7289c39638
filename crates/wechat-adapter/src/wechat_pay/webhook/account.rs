//! A merchant that receives notifications.

use std::fmt;
use std::sync::Arc;

use protocol_core::crypto::{ApiV3Key, KeyStore};

/// A merchant that receives notifications.
#[derive(Clone)]
pub struct Account {
    pub(super) mchid: Arc<str>,
    pub(super) keys: Arc<dyn KeyStore>,
    pub(super) api_v3_key: Arc<ApiV3Key>,
}

impl Account {
    /// The merchant's number, the platform's keys (those of a [`Client`](crate::Client), say), its
    /// APIv3 key.
    pub fn new(mchid: impl Into<Arc<str>>, keys: Arc<dyn KeyStore>, api_v3_key: Arc<ApiV3Key>) -> Self {
        Self { mchid: mchid.into(), keys, api_v3_key }
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account").field("mchid", &self.mchid).finish_non_exhaustive()
    }
}
