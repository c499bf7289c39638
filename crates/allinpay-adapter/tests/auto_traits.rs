//! Guarantees of every public type: it crosses threads, and errors are errors.
#![allow(missing_docs, reason = "tests are not an interface")]

use std::fmt::Debug;

use allinpay_adapter::{Client, ClientBuilder, Cursor, Error, Found, Poller, Polling};
use protocol_core::channel::ComplaintChannel;

const fn sent<T: Debug + Send + Unpin + 'static>() {}
const fn value<T: Debug + Send + Sync + Unpin + 'static>() {}
const fn cloned<T: Clone + Debug + Send + Sync + Unpin + 'static>() {}
const fn channel<T: ComplaintChannel>() {}

const _: () = {
    // It holds a request on its way, which is not shared.
    sent::<Poller>();
    value::<ClientBuilder>();
    value::<Error>();
    cloned::<Client>();
    cloned::<Cursor>();
    cloned::<Found>();
    cloned::<Polling>();
    channel::<Client>();
};

#[cfg(feature = "webhook")]
const _: () = {
    use allinpay_adapter::{Account, Notices, Webhook, WebhookBuilder, WebhookError};
    use protocol_core::Verified;
    use protocol_core::allinpay::{Notice, NoticeError, UnreadNotice};
    use protocol_core::replay::MemoryDeduplicate;

    type Handle = fn(Verified<Notice>) -> std::future::Ready<Result<(), std::io::Error>>;

    cloned::<Account>();
    cloned::<UnreadNotice>();
    value::<Notices>();
    value::<WebhookBuilder<Notices, Handle, MemoryDeduplicate>>();
    cloned::<Webhook<Notices, Handle, MemoryDeduplicate>>();
    cloned::<WebhookError<NoticeError>>();
};
