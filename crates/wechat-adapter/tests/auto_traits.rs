//! What every value of the public interface can be relied on for: it crosses threads, and errors are errors.
#![allow(missing_docs, reason = "tests are not an interface")]

use std::error::Error;
use std::fmt::Debug;

use protocol_core::call::OutsideError;
use protocol_core::channel::ComplaintChannel;
use wechat_adapter::{CertificateKeeper, Client, ClientBuilder, Refreshed};

const fn value<T: Debug + Send + Sync + Unpin + 'static>() {}
const fn cloned<T: Clone + Debug + Send + Sync + Unpin + 'static>() {}
const fn error<T: Error + Send + Sync + 'static>() {}
const fn channel<T: ComplaintChannel>() {}

const _: () = {
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

#[cfg(feature = "webhook")]
const _: () = {
    use protocol_core::replay::MemoryDeduplicate;
    use wechat_adapter::{Account, Received, Refusal, SetupError, Undelivered, Unreadable, Webhook};

    type Handle<T> = fn(T) -> std::future::Ready<Result<(), std::io::Error>>;

    cloned::<Account>();
    cloned::<Received>();
    cloned::<Undelivered>();
    cloned::<Unreadable>();
    error::<SetupError>();
    cloned::<Webhook<Handle<Received>, MemoryDeduplicate>>();
    value::<Refusal>();
};

#[cfg(all(feature = "mini-program", feature = "webhook"))]
const _: () = {
    use protocol_core::replay::MemoryDeduplicate;
    use wechat_adapter::mini_program::{PushRefusal, PushWebhook, Pushed, Unreadable};

    type Handle<T> = fn(T) -> std::future::Ready<Result<(), std::io::Error>>;

    cloned::<PushWebhook<Handle<Pushed>, MemoryDeduplicate>>();
    cloned::<Pushed>();
    cloned::<Unreadable>();
    value::<PushRefusal>();
};
