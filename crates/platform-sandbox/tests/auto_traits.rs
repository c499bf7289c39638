//! Every public type crosses threads, and every error implements `Error`.
#![allow(missing_docs, reason = "tests are not an interface")]

use std::error::Error;
use std::fmt::Debug;

use platform_sandbox::{
    AllinpayAccount, AllinpayKeys, Delivery, Exchange, Fault, MerchantAccount, MerchantKeys, MiniProgramAccount,
    NewAlipayComplaint, NewComplaint, NewOrderComplaint, NewViolation, PushConfig, ReceivedRequest, RequestError,
    Sandbox, SandboxConfig, SandboxError, SentNotice, SentNotification, SentPush, SignedNotification, SignedPush,
    Story, StoryDetails, ToldStory, ViolationEvent,
};

const fn cloned<T: Clone + Debug + Send + Sync + Unpin + 'static>() {}
const fn error<T: Error + Send + Sync + 'static>() {}

const _: () = {
    cloned::<AllinpayAccount>();
    cloned::<AllinpayKeys>();
    cloned::<Delivery>();
    cloned::<Exchange>();
    cloned::<Fault>();
    cloned::<MerchantAccount>();
    cloned::<MerchantKeys>();
    cloned::<MiniProgramAccount>();
    cloned::<NewAlipayComplaint>();
    cloned::<NewComplaint>();
    cloned::<NewOrderComplaint>();
    cloned::<NewViolation>();
    cloned::<PushConfig>();
    cloned::<ReceivedRequest>();
    cloned::<Sandbox>();
    cloned::<SandboxConfig>();
    cloned::<SentNotice>();
    cloned::<SentNotification>();
    cloned::<SentPush>();
    cloned::<SignedNotification>();
    cloned::<SignedPush>();
    cloned::<Story>();
    cloned::<StoryDetails>();
    cloned::<ToldStory>();
    cloned::<ViolationEvent>();
    error::<RequestError>();
    error::<SandboxError>();
};
