//! Guarantees of every public type: it crosses threads, and errors are errors.
#![allow(missing_docs, reason = "tests are not an interface")]

use std::error::Error;
use std::fmt::Debug;

use protocol_core::call::OutsideError;
use protocol_core::channel::ComplaintChannel;
use wechat_adapter::{CertificateKeeper, Client, ClientBuilder, Cursor, Found, Poller, Polling, Refreshed};

const fn sent<T: Debug + Send + Unpin + 'static>() {}
const fn value<T: Debug + Send + Sync + Unpin + 'static>() {}
const fn cloned<T: Clone + Debug + Send + Sync + Unpin + 'static>() {}
const fn error<T: Error + Send + Sync + 'static>() {}
const fn channel<T: ComplaintChannel>() {}

const _: () = {
    // It holds a request on its way, which is not shared.
    sent::<Poller>();
    cloned::<Cursor>();
    cloned::<Found>();
    cloned::<Polling>();
    value::<CertificateKeeper>();
    value::<ClientBuilder>();
    cloned::<Client>();
    cloned::<Refreshed>();
    error::<wechat_adapter::Error>();
    channel::<Client>();
};

#[cfg(feature = "mini-program")]
const _: () = {
    use wechat_adapter::mini_program::{self, StableToken, TokenSource};

    const fn source<T: TokenSource>() {}

    value::<mini_program::ClientBuilder<StableToken>>();
    value::<mini_program::StableTokenBuilder>();
    cloned::<StableToken>();
    cloned::<OutsideError>();
    cloned::<mini_program::Client<StableToken>>();
    error::<OutsideError>();
    error::<mini_program::Error>();
    source::<StableToken>();
};

#[cfg(feature = "virtual-payment")]
const _: () = {
    use wechat_adapter::virtual_payment::{Client, Poller};

    sent::<Poller>();
    cloned::<Client>();
    channel::<Client>();
};

#[cfg(feature = "webhook")]
const _: () = {
    use protocol_core::replay::MemoryDeduplicate;
    use protocol_core::wechat_pay::NotificationError;
    use wechat_adapter::{
        Account, Notifications, Received, Unreadable, Webhook, WebhookBuilder, WebhookError, WebhookTimeouts,
    };

    type Handle<T> = fn(T) -> std::future::Ready<Result<(), std::io::Error>>;

    cloned::<Account>();
    cloned::<Received>();
    cloned::<WebhookTimeouts>();
    value::<Notifications>();
    cloned::<Unreadable>();
    value::<WebhookBuilder<Notifications, Handle<Received>, MemoryDeduplicate>>();
    cloned::<Webhook<Notifications, Handle<Received>, MemoryDeduplicate>>();
    cloned::<WebhookError<NotificationError>>();
    error::<WebhookError<NotificationError>>();
};

#[cfg(all(feature = "mini-program", feature = "webhook"))]
const _: () = {
    use protocol_core::mini_program::PushError;
    use protocol_core::replay::MemoryDeduplicate;
    use wechat_adapter::mini_program::{Pushed, Pushes, Unreadable};
    use wechat_adapter::{Webhook, WebhookError};

    type Handle<T> = fn(T) -> std::future::Ready<Result<(), std::io::Error>>;

    cloned::<Webhook<Pushes, Handle<Pushed>, MemoryDeduplicate>>();
    cloned::<Pushed>();
    cloned::<Unreadable>();
    error::<WebhookError<PushError>>();
};
