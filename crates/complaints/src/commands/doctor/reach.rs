//! Whether the platforms reach the webhooks: a request to each URL that a sound handler refuses,
//! or, of a Mini Program, responds to by a rule.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri};
use http_transport::{ClientConfig, HttpsClient, SendError, is_private};
use protocol_core::Secret;
use protocol_core::mini_program::push_signature;
use wechat_adapter::webhook_service::NOT_ACCEPTED;

use super::findings::{Findings, now};
use crate::error::{Code, Error};
use crate::input;
use crate::language::say_with;

/// Asks the URLs of the webhooks, as a platform does.
pub(super) struct Reach {
    client: HttpsClient,
    /// Without a slash at the end.
    public_url: Option<String>,
}

impl Reach {
    /// Of webhooks at this address, with their paths below it.
    pub(super) fn of(public_url: Option<&str>) -> Result<Self, Error> {
        let public_url = public_url.map(|url| url.trim_end_matches('/').to_owned());
        if public_url.as_deref().is_some_and(|url| !is_url(url)) {
            return Err(Error::usage(
                "--public-url must be https://HOST or https://HOST/PATH, without a user and a query",
            ));
        }
        let config = ClientConfig::default().with_deadline(PATIENCE).with_max_response_body(MAX_RESPONSE);
        let client = HttpsClient::new(config.with_allow_http(true)).map_err(Error::usage)?;
        Ok(Self { client, public_url })
    }

    /// The URL of the webhook at a path; `None` if the address is not known.
    pub(super) fn url(&self, path: &str) -> Option<String> {
        self.public_url.as_ref().map(|url| format!("{url}{path}"))
    }

    /// Posts a notification under the signature with which WeChat Pay itself tries whether
    /// receivers verify. It proves nothing, so that no receiver may take it.
    pub(super) async fn wechat_pay(&self, url: &str, findings: &mut Findings) {
        let request = request(Method::POST, url, r#"{"id":"probe","resource":{}}"#).and_then(|mut request| {
            let headers = [
                ("wechatpay-timestamp", now()?.0.to_string()),
                ("wechatpay-nonce", input::nonce()?),
                ("wechatpay-serial", "PUB_KEY_ID_0".to_owned()),
                ("wechatpay-signature", format!("WECHATPAY/SIGNTEST/{}", input::nonce()?)),
                ("wechatpay-signature-type", "WECHATPAY2-SHA256-RSA2048".to_owned()),
                ("content-type", "application/json".to_owned()),
            ];
            for (name, value) in headers {
                let value = HeaderValue::from_str(&value).map_err(Error::usage)?;
                request.headers_mut().insert(HeaderName::from_static(name), value);
            }
            Ok(request)
        });
        self.refused(url, request, findings).await;
    }

    /// Posts a notice without a signature.
    pub(super) async fn allinpay(&self, url: &str, findings: &mut Findings) {
        let request = request(Method::POST, url, "cusid=probe").map(|mut request| {
            let form = HeaderValue::from_static("application/x-www-form-urlencoded");
            request.headers_mut().insert(http::header::CONTENT_TYPE, form);
            request
        });
        self.refused(url, request, findings).await;
    }

    /// Asks for an echo twice, as the console does when the URL is saved: under the token's
    /// signature it has to come, under another it must not.
    pub(super) async fn mini_program(&self, url: &str, token: &Secret, findings: &mut Findings) {
        match self.echoes(url, token).await {
            Ok((true, false)) => {
                findings.ok(REACHED, say_with("doctor-echoes", [("url", url.into())]));
            }
            Ok((true, true)) => {
                let problem =
                    "echoes under a false signature, too: it takes forged messages; verify the signature there";
                findings.failed(REACHED, Error::new(Code::BadSignature, format_args!("{url} {problem}")));
            }
            Ok((false, _)) => {
                let problem = "does not echo what the token signs: another service is there, or it has another token";
                findings.failed(REACHED, Error::new(Code::Rejected, format_args!("{url} {problem}")));
            }
            Err(error) => findings.failed(REACHED, error),
        }
    }

    /// Whether an echo comes under the right signature, and under a false one.
    async fn echoes(&self, url: &str, token: &Secret) -> Result<(bool, bool), Error> {
        let (timestamp, nonce) = (now()?.0.to_string(), input::nonce()?);
        let right = push_signature(token.expose(), &timestamp, &nonce, None);
        let wrong = push_signature(nonce.as_bytes(), &timestamp, &nonce, None);
        let mut echoed = [false; 2];
        for (signature, echoed) in [right, wrong].iter().zip(&mut echoed) {
            let text = input::nonce()?;
            let query = format!("signature={signature}&timestamp={timestamp}&nonce={nonce}&echostr={text}");
            let response = self.send(url, request(Method::GET, &format!("{url}?{query}"), "")?).await?;
            *echoed = response.status() == StatusCode::OK && response.body() == text.as_bytes();
        }
        let [right, wrong] = echoed;
        Ok((right, wrong))
    }

    /// Sends a request that a sound handler refuses.
    async fn refused(&self, url: &str, request: Result<Request<Bytes>, Error>, findings: &mut Findings) {
        let response = match request {
            Ok(request) => self.send(url, request).await,
            Err(error) => Err(error),
        };
        let response = match response {
            Ok(response) => response,
            Err(error) => return findings.failed(REACHED, error),
        };
        let status = response.status();
        match verdict(&response) {
            Verdict::Sound => findings.ok(REACHED, say_with("doctor-refuses", [("url", url.into())])),
            Verdict::Foreign => {
                let values = [("url", url.into()), ("status", status.as_str().into())];
                findings.warning(REACHED, say_with("doctor-refuses-otherwise", values));
            }
            Verdict::Faulty(code, problem) => {
                findings.failed(REACHED, Error::new(code, format_args!("{url} {problem} ({status})")));
            }
        }
    }

    async fn send(&self, url: &str, request: Request<Bytes>) -> Result<Response<Bytes>, Error> {
        self.client.send(request).await.map_err(|error| unreached(url, &error))
    }
}

const REACHED: &str = "webhook";

/// The longest time for a response: that of the platforms.
const PATIENCE: Duration = Duration::from_secs(5);

/// The largest body of a response, in bytes.
const MAX_RESPONSE: usize = 64 * 1024;

/// The meaning of a response to a request that has to be refused.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    /// Refused, in this library's words.
    Sound,
    /// Refused in other words.
    Foreign,
    Faulty(Code, &'static str),
}

fn verdict(response: &Response<Bytes>) -> Verdict {
    let is_ours = response.body().windows(NOT_ACCEPTED.len()).any(|words| words == NOT_ACCEPTED.as_bytes());
    match response.status() {
        StatusCode::UNAUTHORIZED if is_ours => Verdict::Sound,
        status if status.is_success() => Verdict::Faulty(
            Code::BadSignature,
            "takes a message under a false signature; verify the signature there, or see which service this is",
        ),
        status if status.is_redirection() => {
            Verdict::Faulty(Code::Rejected, "redirects, and the platforms follow no redirect; give the address itself")
        }
        StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => {
            Verdict::Faulty(Code::Rejected, "has no webhook; compare the path, also in the proxy")
        }
        StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT => {
            Verdict::Faulty(Code::Network, "is a proxy that reaches no service; start the service")
        }
        _ => Verdict::Foreign,
    }
}

/// The error of a URL without a response.
fn unreached(url: &str, error: &SendError) -> Error {
    let remedy = "check its name, the firewall, the certificate and whether the service runs; if only this network does not \
                  reach it, ask from another";
    Error::new(Code::Network, format_args!("{url} cannot be reached from here: {error}; {remedy}"))
}

/// A request to a URL, in the clear to this machine alone.
fn request(method: Method, url: &str, body: &'static str) -> Result<Request<Bytes>, Error> {
    let uri = url.parse::<Uri>().ok().filter(is_private);
    let misfit = || Error::config(format_args!("{url} is not https, and the platforms post to no other; change it"));
    let mut request = Request::new(Bytes::from_static(body.as_bytes()));
    *request.method_mut() = method;
    *request.uri_mut() = uri.ok_or_else(misfit)?;
    Ok(request)
}

fn is_url(url: &str) -> bool {
    let uri = url.parse::<Uri>().ok().filter(|uri| matches!(uri.scheme_str(), Some("http" | "https")));
    uri.is_some_and(|uri| {
        uri.authority().is_some_and(|authority| !authority.as_str().contains('@')) && !url.contains(['?', '#'])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(status: u16, body: &'static str) -> Verdict {
        let mut response = Response::new(Bytes::from_static(body.as_bytes()));
        *response.status_mut() = StatusCode::from_u16(status).unwrap();
        verdict(&response)
    }

    #[test]
    fn only_this_librarys_refusal_is_certain() {
        let ours = r#"{"code":"FAIL","message":"the signature is not accepted"}"#;
        assert_eq!(of(401, ours), Verdict::Sound);
        assert_eq!(of(401, "the signature is not accepted"), Verdict::Sound);
        for status in [401, 400, 403, 500] {
            assert_eq!(of(status, "no"), Verdict::Foreign);
        }
        // Words of a page that is served with 200 prove nothing.
        assert!(matches!(of(200, ours), Verdict::Faulty(Code::BadSignature, _)));
        assert!(matches!(of(204, ""), Verdict::Faulty(Code::BadSignature, _)));
        assert!(matches!(of(302, ""), Verdict::Faulty(Code::Rejected, _)));
        assert!(matches!(of(404, ""), Verdict::Faulty(Code::Rejected, _)));
        assert!(matches!(of(502, ""), Verdict::Faulty(Code::Network, _)));
    }

    #[test]
    fn only_this_machine_is_asked_in_the_clear() {
        for url in ["https://merchant.example/wechat-pay", "http://127.0.0.1:8443/wechat-pay", "http://[::1]:1/"] {
            assert!(request(Method::GET, url, "").is_ok(), "{url}");
        }
        for url in ["http://merchant.example/wechat-pay", "ftp://127.0.0.1/", "merchant.example", ""] {
            assert_eq!(request(Method::GET, url, "").unwrap_err().code, Code::Config, "{url}");
        }
    }

    #[test]
    fn a_public_url_has_no_user_and_no_query() {
        for url in ["https://merchant.example", "https://merchant.example/hooks/", "http://127.0.0.1:8443"] {
            assert!(Reach::of(Some(url)).is_ok(), "{url}");
        }
        let reach = Reach::of(Some("https://merchant.example/hooks/")).unwrap();
        assert_eq!(reach.url("/wechat-pay").unwrap(), "https://merchant.example/hooks/wechat-pay");
        for url in ["merchant.example", "https://a:canary@merchant.example", "https://merchant.example?a=b", "ftp://a"]
        {
            let error = Reach::of(Some(url)).err().unwrap();
            assert!(error.code == Code::Usage && !error.message().contains("canary"), "{url}");
        }
    }
}
