//! The errors of requests, at any simulated platform.

/// The reason that a request was not verified.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RequestError {
    /// WeChat Pay: `Accept` or `User-Agent` is missing or empty: 400, not 401.
    #[error("the header {0} is missing")]
    IncompleteHeaders(&'static str),
    /// WeChat Pay: no `Authorization`, more than one, or one that cannot be read.
    #[error("the Authorization header cannot be read")]
    Authorization,
    /// WeChat Pay: a scheme other than RSA's and SM2's.
    #[error("the scheme of the Authorization header is unknown")]
    UnknownScheme,
    /// WeChat Pay: the nonce is not 1 to 32 letters and digits, or was used before.
    #[error("the nonce is not 1 to 32 letters and digits, or was used before")]
    Nonce,
    /// WeChat Pay: the timestamp is more than five minutes from now.
    #[error("the timestamp is {0} seconds from now, which is more than 300")]
    Clock(u64),
    /// WeChat Pay: no merchant has this number and this serial.
    #[error("no merchant has this number and serial")]
    UnknownMerchant,
    /// WeChat Pay: the first part of a multipart body is not a readable `meta`.
    #[error("the multipart body does not begin with a part named meta")]
    NoMeta,
    /// Allinpay: the content type is neither that of a form nor of a multipart form.
    #[error("the content type is not that of a form")]
    ContentType,
    /// Allinpay: a broken escape, text that is not UTF-8, or a multipart body that is not made of
    /// parts.
    #[error("the form cannot be read")]
    Form,
    /// Allinpay: a parameter occurs twice.
    #[error("the parameter {0} occurs twice")]
    Repeated(String),
    /// Allinpay: a common parameter is missing or empty.
    #[error("the parameter {0} is missing")]
    Missing(&'static str),
    /// Allinpay: a common parameter is too long, or its value is not documented.
    #[error("the parameter {0} has a value that is not documented")]
    Value(&'static str),
    /// Allinpay: no application has this `appid`.
    #[error("no application has this appid")]
    UnknownAppid,
    /// Allinpay: `cusid` or `orgid` does not belong to the application.
    #[error("cusid or orgid does not belong to the application")]
    ForeignMerchant,
    /// The caller's key is of another algorithm than the scheme, or `signtype`, says.
    #[error("the caller's key does not belong to the scheme")]
    SchemeMismatch,
    /// The signature is over another string, in another encoding, or of another key.
    #[error("the signature does not verify")]
    BadSignature {
        /// The string that was verified.
        message: String,
    },
}
