//! Plain links to pictures: which of them are followed, and how.

use std::fmt;

use http::Uri;
use http::header::{ACCEPT, HeaderValue};
use http::uri::Scheme;
use http_transport::{HttpsClient, SendError, SendErrorKind, carry};
use protocol_core::channel::ChannelError;
use protocol_core::limits::MAX_IMAGE_BODY;
use protocol_core::{Delivery, Failure, Fault, Personal, Unverified, unverified_picture};

/// The hosts that plain links lead to, as the platforms' documents show them, with the names below
/// them: WeChat's pictures and Alipay's. No document lists them all.
pub const PICTURE_HOSTS: [&str; 2] = ["qpic.cn", "alipayobjects.com"];

/// Plain links to pictures, as an account follows them. A payer may have had a part in them.
///
/// A link is followed if it is `https` and leads to one of [`PICTURE_HOSTS`], to one of the section's
/// `picture_hosts`, or to the section's `base_url`. The request has neither a signature nor a token,
/// and redirects are not followed. Except at the `base_url`, only addresses of the public internet are
/// connected to. Through a proxy, the proxy resolves names: there the hosts alone decide.
#[derive(Clone)]
pub struct Links {
    pub(crate) hosts: Vec<String>,
    /// Host and port of the `base_url`, if the section has one.
    pub(crate) platform: Option<String>,
    pub(crate) to_platform: HttpsClient,
    pub(crate) to_others: HttpsClient,
}

impl Links {
    /// Fetches the picture behind a link, of at most
    /// [`MAX_IMAGE_BODY`](protocol_core::limits::MAX_IMAGE_BODY) bytes.
    ///
    /// # Errors
    /// [`ChannelError`]. Its fault is [`Fault::Local`] for a host that is not in the configuration.
    pub async fn fetch(&self, link: &str) -> Result<Unverified<Personal<Vec<u8>>>, ChannelError> {
        let (client, uri) = self.client_for(link)?;
        let request = http::Request::get(uri).header(ACCEPT, "image/*").body(Vec::new());
        let sent = carry(client, HeaderValue::from_static(NAME), request, MAX_IMAGE_BODY).await;
        let response = sent.map_err(LinkError::Sending)?;
        let status = response.status();
        if !status.is_success() {
            return Err(LinkError::Status(status.as_u16()).into());
        }
        unverified_picture(response.body()).ok_or_else(|| LinkError::NoPicture.into())
    }

    /// Whether a link would be followed.
    ///
    /// # Errors
    /// [`ChannelError`], as [`fetch`](Self::fetch) without a request.
    pub fn check(&self, link: &str) -> Result<(), ChannelError> {
        Ok(self.client_for(link).map(drop)?)
    }

    fn client_for(&self, link: &str) -> Result<(&HttpsClient, Uri), LinkError> {
        let uri: Uri = link.parse().map_err(|_| LinkError::NoLink)?;
        let authority = uri.authority().filter(|_| uri.scheme() == Some(&Scheme::HTTPS)).ok_or(LinkError::NoLink)?;
        if self.platform.as_deref() == Some(authority.as_str()) {
            return Ok((&self.to_platform, uri));
        }
        if authority.as_str().contains('@') || !matches!(authority.port_u16(), None | Some(443)) {
            return Err(LinkError::NoLink);
        }
        let host = authority.host().to_ascii_lowercase();
        let is_within =
            |known: &str| host.strip_suffix(known).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
        let mut known = PICTURE_HOSTS.into_iter().chain(self.hosts.iter().map(String::as_str));
        if known.any(is_within) { Ok((&self.to_others, uri)) } else { Err(LinkError::UnknownHost(host)) }
    }
}

impl fmt::Debug for Links {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Links").field("hosts", &self.hosts).field("platform", &self.platform).finish_non_exhaustive()
    }
}

/// No message has the link: its holder can read the picture.
#[derive(Debug, thiserror::Error)]
enum LinkError {
    #[error("the link is no https address at the usual port without a user name; nothing was sent")]
    NoLink,
    #[error(
        "`{0}` is none of the hosts that pictures are fetched from; nothing was sent. If it is the platform's, add it to picture_hosts"
    )]
    UnknownHost(String),
    #[error("the picture did not arrive: {0}")]
    Sending(#[source] SendError),
    #[error("the link returned HTTP {0} and no picture; links expire, and redirects are not followed")]
    Status(u16),
    #[error("the link leads to no picture: the first bytes are not those of JPEG, PNG, BMP, GIF, WebP or HEIF")]
    NoPicture,
}

impl LinkError {
    const fn failure(&self) -> Failure {
        match self {
            Self::NoLink => Failure::new(Fault::Platform, Delivery::NotSent),
            Self::UnknownHost(_) => Failure::new(Fault::Local, Delivery::NotSent),
            Self::Sending(error) => {
                let is_final = matches!(error.kind(), SendErrorKind::Request | SendErrorKind::ResponseTooLarge { .. });
                Failure::new(Fault::Network, Delivery::Processed).with_is_retryable(!is_final)
            }
            // A fresh link may lead to it.
            Self::Status(_) => Failure::new(Fault::Platform, Delivery::Processed).with_is_retryable(true),
            Self::NoPicture => Failure::new(Fault::Platform, Delivery::Processed),
        }
    }
}

impl From<LinkError> for ChannelError {
    fn from(error: LinkError) -> Self {
        Self::new(error.failure(), error)
    }
}

const NAME: &str = concat!("complaint-channels/", env!("CARGO_PKG_VERSION"));

#[cfg(test)]
mod tests {
    use http_transport::{ClientConfig, Resolve};

    use super::*;

    fn links(hosts: &[&str]) -> Links {
        let client = |resolve| HttpsClient::new(ClientConfig::default().with_resolve(resolve)).unwrap();
        Links {
            hosts: hosts.iter().map(|host| (*host).to_owned()).collect(),
            platform: Some("127.0.0.1:8443".to_owned()),
            to_platform: client(Resolve::System),
            to_others: client(Resolve::Public),
        }
    }

    #[test]
    fn a_link_leads_to_a_host_of_the_list_by_https() {
        let links = links(&["cdn.example"]);
        for link in [
            "https://qpic.cn/xxx",
            "https://mmbiz.qpic.cn/a?b=c",
            "https://MMBIZ.QPIC.CN:443/a",
            "https://mdn.alipayobjects.com/afts/img/1/original",
            "https://cdn.example/",
            "https://127.0.0.1:8443/a",
        ] {
            links.check(link).unwrap();
        }
        let fault = |link: &str| links.check(link).unwrap_err().failure().fault;
        for link in [
            "",
            "/a",
            "qpic.cn/a",
            "http://qpic.cn/a",
            "http://127.0.0.1:8443/a",
            "file:///etc/passwd",
            "https://qpic.cn:8443/a",
            "https://user@qpic.cn/a",
            "https://user@127.0.0.1:8443/a",
            "https://qpic.cn\\@evil.example/",
            "https://图.qpic.cn/a",
        ] {
            assert_eq!(fault(link), Fault::Platform, "{link}");
        }
        for link in [
            "https://evilqpic.cn/a",
            "https://qpic.cn.evil.example/a",
            "https://evil.example/qpic.cn",
            "https://127.0.0.1/a",
            "https://169.254.169.254/latest/meta-data",
            "https://[::1]/a",
            "https://localhost/a",
            "https://qpic.cn./a",
        ] {
            assert_eq!(fault(link), Fault::Local, "{link}");
        }
    }

    #[tokio::test]
    async fn a_listed_name_of_this_machine_is_not_connected_to() {
        let error = links(&["localhost"]).fetch("https://localhost/a?secret").await.unwrap_err();
        assert_eq!((error.failure().fault, error.failure().is_retryable), (Fault::Network, true));
        assert!(!error.to_string().contains("secret") && !format!("{error:?}").contains("secret"), "{error:?}");
    }
}
