//! The notification URL and the violation URL: one of each for a merchant.

use std::net::IpAddr;

use http::Uri;
use serde_json::{Value, json};

use super::super::account::Merchant;
use super::super::refusal::Refusal;
use super::super::request::Request;
use super::super::shape::{Member, Shape, needed, read_body, text};
use super::super::state::WechatPay;
use crate::platform_response::PlatformResponse;

const MAX_URL: usize = 255;

/// One of the two URLs.
struct Kind {
    /// The member of the body that holds it.
    member: &'static str,
    body: &'static [Member],
    slot: fn(&mut Merchant) -> &mut Option<String>,
}

const COMPLAINTS: Kind = Kind {
    member: "url",
    body: &[needed("url", &Shape::Text(MAX_URL))],
    slot: |merchant| &mut merchant.notification_url,
};

const VIOLATIONS: Kind = Kind {
    member: "notify_url",
    body: &[needed("notify_url", &Shape::Text(MAX_URL))],
    slot: |merchant| &mut merchant.violation_url,
};

impl WechatPay {
    pub(crate) fn create_notification_url(&mut self, request: &Request<'_>) -> Result<PlatformResponse, Refusal> {
        self.create_url(request, &COMPLAINTS)
    }

    pub(crate) fn query_notification_url(&mut self, request: &Request<'_>) -> Result<PlatformResponse, Refusal> {
        self.query_url(request, &COMPLAINTS)
    }

    pub(crate) fn update_notification_url(&mut self, request: &Request<'_>) -> Result<PlatformResponse, Refusal> {
        self.update_url(request, &COMPLAINTS)
    }

    pub(crate) fn delete_notification_url(&mut self, request: &Request<'_>) -> Result<PlatformResponse, Refusal> {
        self.delete_url(request, &COMPLAINTS)
    }

    pub(crate) fn create_violation_url(&mut self, request: &Request<'_>) -> Result<PlatformResponse, Refusal> {
        self.create_url(request, &VIOLATIONS)
    }

    pub(crate) fn query_violation_url(&mut self, request: &Request<'_>) -> Result<PlatformResponse, Refusal> {
        self.query_url(request, &VIOLATIONS)
    }

    pub(crate) fn update_violation_url(&mut self, request: &Request<'_>) -> Result<PlatformResponse, Refusal> {
        self.update_url(request, &VIOLATIONS)
    }

    pub(crate) fn delete_violation_url(&mut self, request: &Request<'_>) -> Result<PlatformResponse, Refusal> {
        self.delete_url(request, &VIOLATIONS)
    }

    fn url_slot(&mut self, request: &Request<'_>, kind: &Kind) -> Result<&mut Option<String>, Refusal> {
        self.merchants.get_mut(&request.caller.mchid).map(kind.slot).ok_or_else(Refusal::system)
    }

    fn create_url(&mut self, request: &Request<'_>, kind: &Kind) -> Result<PlatformResponse, Refusal> {
        let url = read_url(request, kind)?;
        let slot = self.url_slot(request, kind)?;
        if slot.is_some() {
            return Err(Refusal::invalid("数据已存在"));
        }
        *slot = Some(url.clone());
        Ok(reply(request, kind, &url))
    }

    fn query_url(&mut self, request: &Request<'_>, kind: &Kind) -> Result<PlatformResponse, Refusal> {
        let url = self.url_slot(request, kind)?.clone().ok_or_else(none)?;
        Ok(reply(request, kind, &url))
    }

    fn update_url(&mut self, request: &Request<'_>, kind: &Kind) -> Result<PlatformResponse, Refusal> {
        let url = read_url(request, kind)?;
        let slot = self.url_slot(request, kind)?;
        slot.as_ref().ok_or_else(none)?;
        *slot = Some(url.clone());
        Ok(reply(request, kind, &url))
    }

    fn delete_url(&mut self, request: &Request<'_>, kind: &Kind) -> Result<PlatformResponse, Refusal> {
        self.url_slot(request, kind)?.take().ok_or_else(none)?;
        Ok(PlatformResponse::done())
    }
}

fn none() -> Refusal {
    Refusal::missing(400, "通知回调地址不存在")
}

fn reply(request: &Request<'_>, kind: &Kind, url: &str) -> PlatformResponse {
    PlatformResponse::json(&json!({"mchid": request.caller.mchid, kind.member: url}))
}

fn read_url(request: &Request<'_>, kind: &Kind) -> Result<String, Refusal> {
    let body = read_body(request.body, kind.body)?;
    let url = text(&body, kind.member).unwrap_or_default();
    let place = format!("/{}", kind.member);
    check_url(url).map_err(|issue| Refusal::parameter("body", &place, Value::from(url), issue))?;
    Ok(url.to_owned())
}

/// Checks a notification URL; the error is the reason.
pub(super) fn check_url(url: &str) -> Result<(), &'static str> {
    if url.len() > MAX_URL || !url.is_ascii() {
        return Err("长度不超过255, 不支持中文域名");
    }
    let rest = url.strip_prefix("https://").ok_or("必须为https")?;
    if rest.contains(['?', '#', '@']) {
        return Err("不能携带参数");
    }
    let uri: Uri = url.parse().map_err(|_| "不是合法的URL")?;
    let host = uri.host().unwrap_or_default();
    let address = host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok();
    let labels: Vec<&str> = host.split('.').collect();
    let named = labels.len() > 1 && labels.iter().all(|label| !label.is_empty());
    let last = labels.last().copied().unwrap_or_default().to_ascii_lowercase();
    let local = matches!(last.as_str(), "localhost" | "local" | "internal" | "lan");
    if address || !named || local || last.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err("必须为外网可访问的域名");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::check_url;

    #[test]
    fn only_public_https_urls_are_accepted() {
        for good in ["https://www.xxx.com/notify", "https://merchant.example:8443/a/b"] {
            assert_eq!(check_url(good), Ok(()), "{good}");
        }
        let long = format!("https://merchant.example/{}", "a".repeat(231));
        assert!(check_url(&long).is_err());
        assert!(check_url(&long[..255]).is_ok());
        for bad in [
            "http://www.xxx.com/notify",
            "https://www.xxx.com/notify?a=1",
            "https://www.xxx.com/notify#a",
            "https://127.0.0.1/notify",
            "https://[::1]/notify",
            "https://1.2.3.4:443/notify",
            "https://localhost/notify",
            "https://a.localhost/notify",
            "https://intranet/notify",
            "https://a@b.example/notify",
            "https://商户.example/notify",
            "https://",
            "",
        ] {
            assert!(check_url(bad).is_err(), "{bad}");
        }
    }
}
