//! Guarantees for every value of the public interface: it crosses threads, and errors are errors. A
//! type that loses one does not compile here.
#![allow(missing_docs, reason = "tests are not an interface")]

use std::error::Error;
use std::fmt::Debug;
use std::sync::Arc;

use protocol_core::call::{CallError, OutsideError};
use protocol_core::crypto::{
    ApiV3Key, Certificate, CryptoError, Decryptor, Encryptor, KeyError, KeyStore, Keyring, MessageCipher, PrivateKey,
    PublicKey, Signature, Signer, Verifier,
};
use protocol_core::replay::{MemoryDeduplicate, MemoryFullError, Reservation};
use protocol_core::retry::RetryPolicy;
use protocol_core::{
    BuildError, Clock, DecodeError, Failure, Personal, RequestParts, Secret, Stamp, UnixTime, UnsentRequest,
    Unverified, Verified, allinpay, complaint, mini_program, wechat_pay,
};

const fn value<T: Debug + Send + Sync + Unpin>() {}
const fn cloned<T: Clone + Debug + Send + Sync + Unpin>() {}
const fn error<T: Error + Clone + PartialEq + Send + Sync + 'static>() {}
const fn shared<T: ?Sized + Send + Sync>() {}

const _: () = {
    value::<MemoryDeduplicate>();
    value::<Keyring>();
    value::<ApiV3Key>();
    value::<MessageCipher>();
    cloned::<Arc<dyn Signer>>();
    cloned::<Arc<dyn Verifier>>();
    cloned::<Arc<dyn Decryptor>>();
    cloned::<Arc<dyn Encryptor>>();
    shared::<dyn KeyStore>();
};

const _: () = {
    cloned::<Certificate>();
    cloned::<Clock>();
    cloned::<Personal<String>>();
    cloned::<PrivateKey>();
    cloned::<PublicKey>();
    cloned::<RequestParts>();
    cloned::<Reservation>();
    cloned::<RetryPolicy>();
    cloned::<Failure>();
    cloned::<Secret>();
    cloned::<Signature>();
    cloned::<Stamp<'static>>();
    cloned::<UnixTime>();
    cloned::<UnsentRequest>();
    cloned::<Unverified<String>>();
    cloned::<Verified<String>>();
    cloned::<allinpay::Merchant>();
    cloned::<allinpay::Notice>();
    cloned::<allinpay::NoticeFields<'static>>();
    value::<allinpay::SeenSigns>();
    cloned::<complaint::Complaint>();
    cloned::<complaint::Deadlines>();
    cloned::<complaint::NegotiationHistory>();
    cloned::<complaint::OrderDetail>();
    cloned::<mini_program::AccessToken>();
    cloned::<mini_program::Received>();
    value::<mini_program::Receiver>();
    cloned::<mini_program::ServerRequest>();
    cloned::<wechat_pay::Merchant>();
    cloned::<wechat_pay::Notification>();
    cloned::<wechat_pay::UnreadNotification>();
};

const _: () = {
    error::<BuildError>();
    cloned::<CallError<allinpay::ResponseError>>();
    error::<CryptoError>();
    error::<DecodeError>();
    error::<KeyError>();
    error::<MemoryFullError>();
    cloned::<OutsideError>();
    error::<allinpay::NoticeError>();
    error::<allinpay::ResponseError>();
    error::<mini_program::PushError>();
    error::<mini_program::ResponseError>();
    error::<wechat_pay::ResponseError>();
    error::<wechat_pay::CertificateError>();
    error::<wechat_pay::NotificationError>();
    error::<wechat_pay::VerificationError>();
};
