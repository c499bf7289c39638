//! Handing a request on, and its response back.

use std::time::Duration;

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_LENGTH, HOST, HeaderName, TE, TRANSFER_ENCODING, UPGRADE};
use http::uri::{PathAndQuery, Scheme};
use http::{HeaderMap, Request, Response, Uri};
use http_transport::{ClientConfig, HttpsClient, SendError};

use super::original::Original;
use crate::error::Error;

/// The longest time for the response, less than the 5 seconds that the platforms wait for theirs.
pub(super) const TIMEOUT: Duration = Duration::from_secs(4);

/// The largest body of a response that is handed back, in bytes. The platforms read a few words.
const MAX_RESPONSE: usize = 64 * 1024;

/// A service that requests are handed on to.
#[derive(Debug)]
pub(super) struct Forward {
    client: HttpsClient,
    target: Uri,
}

impl Forward {
    /// The service at this URL.
    pub(super) fn to(url: &str) -> Result<Self, Error> {
        let target = url.parse::<Uri>().ok().filter(is_target).ok_or_else(|| {
            Error::usage("--forward-to must be http://HOST:PORT or https://HOST, with a path or without, and no query")
        })?;
        let config = ClientConfig::default().with_deadline(TIMEOUT).with_max_response_body(MAX_RESPONSE);
        let client = HttpsClient::new(config.with_allow_http(true)).map_err(Error::usage)?;
        Ok(Self { client, target })
    }

    /// Hands a request on: the headers of the message, its query and its body, unchanged. The
    /// response is the service's, without the headers that are about its connection.
    pub(super) async fn hand_on(&self, original: &Original) -> Result<Response<Bytes>, SendError> {
        let mut request = Request::new(original.body.clone());
        *request.method_mut() = original.head.method.clone();
        *request.uri_mut() = self.uri(&original.head.uri);
        *request.headers_mut() = of_the_message(&original.head.headers);
        // The service's own name.
        request.headers_mut().remove(HOST);
        let (mut head, body) = self.client.send(request).await?.into_parts();
        head.headers = of_the_message(&head.headers);
        head.headers.remove(CONTENT_LENGTH);
        let mut response = Response::new(body);
        *response.status_mut() = head.status;
        *response.headers_mut() = head.headers;
        Ok(response)
    }

    /// The target, with the path of the message if it has none, and the message's query.
    fn uri(&self, of: &Uri) -> Uri {
        let path = if self.target.path() == "/" { of.path() } else { self.target.path() };
        let query = of.query().map(|query| format!("?{query}")).unwrap_or_default();
        let mut parts = self.target.clone().into_parts();
        parts.path_and_query = format!("{path}{query}").parse::<PathAndQuery>().ok();
        // Its parts are those of two URIs.
        Uri::from_parts(parts).unwrap_or_else(|_| self.target.clone())
    }
}

/// Whether requests can be sent there.
fn is_target(url: &Uri) -> bool {
    let is_known = url.scheme() == Some(&Scheme::HTTP) || url.scheme() == Some(&Scheme::HTTPS);
    let has_user = url.authority().is_none_or(|authority| authority.as_str().contains('@'));
    is_known && !has_user && url.query().is_none()
}

/// The headers, except for those that are about one connection.
fn of_the_message(headers: &HeaderMap) -> HeaderMap {
    const OF_A_CONNECTION: [HeaderName; 6] = [
        CONNECTION,
        HeaderName::from_static("keep-alive"),
        HeaderName::from_static("proxy-connection"),
        TE,
        TRANSFER_ENCODING,
        UPGRADE,
    ];

    let mut headers = headers.clone();
    for name in OF_A_CONNECTION {
        headers.remove(name);
    }
    headers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_without_a_path_keeps_the_messages() {
        let message = "/mini-program/wx0?signature=a%2Bb&nonce=1".parse().unwrap();
        for (target, uri) in [
            ("http://127.0.0.1:9000", "http://127.0.0.1:9000/mini-program/wx0?signature=a%2Bb&nonce=1"),
            ("https://shop.example/", "https://shop.example/mini-program/wx0?signature=a%2Bb&nonce=1"),
            ("http://[::1]:9000/hooks/", "http://[::1]:9000/hooks/?signature=a%2Bb&nonce=1"),
        ] {
            assert_eq!(Forward::to(target).unwrap().uri(&message), uri);
        }
        let forward = Forward::to("http://127.0.0.1:9000/hooks").unwrap();
        assert_eq!(forward.uri(&"/wechat-pay".parse().unwrap()), "http://127.0.0.1:9000/hooks");
    }

    #[test]
    fn a_target_is_http_without_a_user_or_a_query() {
        for target in
            ["127.0.0.1:9000", "/hooks", "ftp://a.example", "http://user:canary@a.example", "http://a.example?b"]
        {
            let error = Forward::to(target).unwrap_err().to_string();
            assert!(error.starts_with("error[usage]: --forward-to must be ") && !error.contains("canary"), "{error}");
        }
    }

    #[test]
    fn headers_of_a_connection_stay_behind() {
        let mut headers = HeaderMap::new();
        for name in ["connection", "te", "transfer-encoding", "wechatpay-nonce", "x-a", "content-type"] {
            headers.append(HeaderName::from_static(name), "b".parse().unwrap());
            headers.append(HeaderName::from_static(name), "c".parse().unwrap());
        }
        let kept = of_the_message(&headers);
        assert_eq!((kept.keys_len(), kept.get_all("x-a").iter().count()), (3, 2));
    }
}
