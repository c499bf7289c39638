//! The account of virtual payment, for users of the sandbox.

use std::fmt;

use crate::random;

/// The virtual payment of the sandbox's Mini Program: the keys that a client signs with.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct VirtualPaymentAccount {
    /// The `AppKey` of production, for `env` 0.
    pub app_key: String,
    /// The `AppKey` of the platform's sandbox, for `env` 1.
    pub sandbox_app_key: String,
}

impl fmt::Debug for VirtualPaymentAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VirtualPaymentAccount").finish_non_exhaustive()
    }
}

impl VirtualPaymentAccount {
    pub(super) fn open() -> Self {
        Self { app_key: random::alphanumeric(32), sandbox_app_key: random::alphanumeric(32) }
    }
}
