//! Every public type crosses threads, and every error implements `Error`.
#![allow(missing_docs, reason = "tests are not an interface")]

use std::error::Error;
use std::fmt::Debug;

use platform_sandbox::{
    AllinpayAccount, AllinpayKeys, Fault, MerchantAccount, MerchantKeys, MiniProgramAccount, NewAlipayComplaint,
    NewComplaint, NewOrderComplaint, PushConfig, ReceivedRequest, RequestError, Sandbox, SandboxConfig, SandboxError,
    SentNotification, SentPush, SignedNotification, SignedPush,
};

const fn cloned<T: Clone + Debug + Send + Sync + Unpin + 'static>() {}
const fn error<T: Error + Send + Sync + 'static>() {}

const _: () = {
    cloned::<AllinpayAccount>();
    cloned::<AllinpayKeys>();
    cloned::<Fault>();
    cloned::<MerchantAccount>();
    cloned::<MerchantKeys>();
    cloned::<MiniProgramAccount>();
    cloned::<NewAlipayComplaint>();
    cloned::<NewComplaint>();
    cloned::<NewOrderComplaint>();
    cloned::<PushConfig>();
    cloned::<ReceivedRequest>();
    cloned::<Sandbox>();
    cloned::<SandboxConfig>();
    cloned::<SentNotification>();
    cloned::<SentPush>();
    cloned::<SignedNotification>();
    cloned::<SignedPush>();
    error::<RequestError>();
    error::<SandboxError>();
};
