//! Guarantees of every value of the public interface: it crosses threads, and errors are errors.
#![allow(missing_docs, reason = "tests are not an interface")]

use std::error::Error;
use std::fmt::Debug;

use http_transport::{
    BodyBudget, BodyError, ClientConfig, CollectedBody, ConfigError, Deadline, HttpsClient, Listener, ListenerConfig,
    MaxBody, Network, Proof, Proxy, Resolve, Roots, SendError, ServerTls,
};

const fn value<T: Debug + Send + Sync + Unpin + 'static>() {}
const fn cloned<T: Clone + Debug + Send + Sync + Unpin + 'static>() {}
const fn error<T: Error + Send + Sync + 'static>() {}

const _: () = {
    value::<CollectedBody>();
    value::<Listener>();
    cloned::<BodyBudget>();
    cloned::<ClientConfig>();
    cloned::<Deadline>();
    cloned::<HttpsClient>();
    cloned::<ListenerConfig>();
    cloned::<MaxBody>();
    cloned::<Network>();
    cloned::<Proof>();
    cloned::<Proxy>();
    cloned::<Resolve>();
    cloned::<Roots>();
    cloned::<ServerTls>();
    error::<BodyError>();
    error::<ConfigError>();
    error::<SendError>();
};
