//! A third channel: Allinpay's notices of complaints, forms signed with SM2 or RSA.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::request::Parts;
use http::{Method, Response};
use http_body_util::Full;
use protocol_core::allinpay::Parameters;
use protocol_core::crypto::Verifier;
use protocol_core::replay::SignedDigest;
use protocol_core::{Personal, UnixTime};
use sha2::{Digest as _, Sha256};
use webhook_service::{Checked, Inbound, Keyed, Opened, Unopened, WebhookError};

/// Notices under one configured platform key: no notice chooses the algorithm.
#[derive(Debug)]
pub struct Notices {
    verifier: Arc<dyn Verifier>,
}

impl Notices {
    pub fn new(verifier: Arc<dyn Verifier>) -> Self {
        Self { verifier }
    }
}

/// A hint that a complaint changed: the service reads it again by its task.
#[derive(Debug, Clone)]
pub struct Notice {
    pub cusid: String,
    pub task_id: String,
    pub status: Option<String>,
    pub complain_content: Option<Personal<String>>,
    /// Every field that was sent, those of later versions too.
    pub fields: Parameters,
}

/// A notice that is Allinpay's, but names no merchant or no task.
#[derive(Debug, Clone)]
pub struct UnreadableNotice {
    pub fields: Parameters,
    pub error: NoticeError,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoticeError {
    #[error("the body is no form of UTF-8 text")]
    NoForm,
    #[error("a field stands twice")]
    Repeated,
    #[error("the form has no sign, or none in base64")]
    NoSign,
    #[error("the sign does not verify")]
    BadSign,
    #[error("the notice has no {0}")]
    Missing(&'static str),
}

impl Inbound for Notices {
    type Message = Notice;
    type Unreadable = UnreadableNotice;
    type Error = NoticeError;
    type Receiver<'a> = ();

    const NAME: &'static str = "notice";
    const METHODS: &'static [Method] = &[Method::POST];
    const MAX_BODY: usize = 64 * 1024;

    fn check(&self, _head: &Parts, _now: UnixTime) -> Result<Checked<()>, WebhookError<NoticeError>> {
        Ok(Checked::ReadBody(()))
    }

    fn open(&self, (): (), _head: &Parts, body: &[u8], _now: UnixTime) -> Opened<Self> {
        let refused = |error| {
            Unopened::unproven(match error {
                NoticeError::NoForm | NoticeError::Repeated => WebhookError::malformed(error),
                _ => WebhookError::unverified("unverified", error),
            })
        };
        let fields = read(body).map_err(refused)?;
        let sign = fields.get("sign").and_then(|sign| STANDARD.decode(sign).ok());
        let sign = sign.ok_or(NoticeError::NoSign).map_err(refused)?;
        let signed = fields.parts_to_sign();
        self.verifier.verify(&signed, &sign).map_err(|_| refused(NoticeError::BadSign))?;
        // The platform gives a notice no id: its key is a digest of the signed bytes, without a
        // word of them.
        let key = SignedDigest::new(Sha256::digest(signed.concat()).into()).to_string();
        notice(fields.clone()).map(|notice| Keyed::new(format!("{}/{key}", notice.cusid), notice)).map_err(|error| {
            let letter = Keyed::new(format!("letter/{key}"), UnreadableNotice { fields, error: error.clone() });
            Unopened::proven(WebhookError::unreadable(error)).with_letter(letter)
        })
    }

    fn success() -> Response<Full<Bytes>> {
        Response::new(Full::from("success"))
    }

    fn refusal(words: &str) -> Response<Full<Bytes>> {
        Response::new(Full::from(words.to_owned()))
    }
}

fn read(body: &[u8]) -> Result<Parameters, NoticeError> {
    std::str::from_utf8(body).map_err(|_| NoticeError::NoForm)?;
    let mut fields = Parameters::default();
    for (name, value) in form_urlencoded::parse(body) {
        if fields.set(name.into_owned(), value).is_some() {
            return Err(NoticeError::Repeated);
        }
    }
    Ok(fields)
}

fn notice(fields: Parameters) -> Result<Notice, NoticeError> {
    let text = |name| fields.get(name).filter(|value| !value.is_empty()).map(str::to_owned);
    Ok(Notice {
        cusid: text("cusid").ok_or(NoticeError::Missing("cusid"))?,
        task_id: text("task_id").ok_or(NoticeError::Missing("task_id"))?,
        status: text("status"),
        complain_content: text("complain_content").map(Personal::new),
        fields,
    })
}
