//! The state of all platforms: requests and the payers' acts change it.
//!
//! It is cheap to clone: a fault before the effect runs the operation on a clone, which is dropped.

use std::sync::Arc;

use protocol_core::UnixTime;
use protocol_core::wechat_pay::Scheme;

use crate::allinpay::Allinpay;
use crate::error::SandboxError;
use crate::fault::Faults;
use crate::linked::Linked;
use crate::mini_program::MiniProgram;
use crate::virtual_payment::VirtualPayment;
use crate::wechat_pay::{MerchantAccount, WechatPay};

/// The state of all platforms.
#[derive(Clone)]
pub(crate) struct State {
    pub(crate) faults: Faults,
    pub(crate) wechat_pay: WechatPay,
    pub(crate) mini_program: MiniProgram,
    pub(crate) virtual_payment: VirtualPayment,
    pub(crate) allinpay: Allinpay,
    pub(crate) linked: Linked,
}

impl State {
    /// The platforms at their start, and WeChat Pay's default merchant.
    pub(crate) fn new(
        scheme: Scheme,
        own_acts: bool,
        now: UnixTime,
    ) -> Result<(Self, Arc<MerchantAccount>), SandboxError> {
        let (wechat_pay, account) = WechatPay::new(scheme, own_acts, now)?;
        let state = Self {
            faults: Faults::default(),
            wechat_pay,
            mini_program: MiniProgram::default(),
            virtual_payment: VirtualPayment::default(),
            allinpay: Allinpay::open()?,
            linked: Linked::default(),
        };
        Ok((state, account))
    }
}
