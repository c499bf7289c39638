//! The notification URL: one for each merchant.

use std::net::IpAddr;

use http::Uri;
use serde_json::{Value, json};

use super::super::refusal::Refusal;
use super::super::request::Request;
use super::super::shape::{Member, Shape, needed, read_body, text};
use super::super::state::WechatPay;
use crate::platform_response::PlatformResponse;

const MAX_URL: usize = 255;
const BODY: &[Member] = &[needed("url", &Shape::Text(MAX_URL))];

impl WechatPay {
    fn url_slot(&mut self, request: &Request<'_>) -> Result<&mut Option<String>, Refusal> {
        let merchant = self.merchants.get_mut(&request.caller.mchid);
        merchant.map(|merchant| &mut merchant.notification_url).ok_or_else(Refusal::system)
    }

    pub(crate) fn create_notification_url(&mut self, request: &Request<'_>) -> Result<PlatformResponse, Refusal> {
        let url = read_url(request)?;
        let slot = self.url_slot(request)?;
        if slot.is_some() {
            return Err(Refusal::invalid("数据已存在"));
        }
        *slot = Some(url.clone());
        Ok(reply(request, &url))
    }

    pub(crate) fn query_notification_url(&mut self, request: &Request<'_>) -> Result<PlatformResponse, Refusal> {
        let url = self.url_slot(request)?.clone().ok_or_else(none)?;
        Ok(reply(request, &url))
    }

    pub(crate) fn update_notification_url(&mut self, request: &Request<'_>) -> Result<PlatformResponse, Refusal> {
        let url = read_url(request)?;
        let slot = self.url_slot(request)?;
        slot.as_ref().ok_or_else(none)?;
        *slot = Some(url.clone());
        Ok(reply(request, &url))
    }

    pub(crate) fn delete_notification_url(&mut self, request: &Request<'_>) -> Result<PlatformResponse, Refusal> {
        self.url_slot(request)?.take().ok_or_else(none)?;
        Ok(PlatformResponse::done())
    }
}

fn none() -> Refusal {
    Refusal::missing(400, "投诉通知回调地址不存在")
}

fn reply(request: &Request<'_>, url: &str) -> PlatformResponse {
    PlatformResponse::json(&json!({"mchid": request.caller.mchid, "url": url}))
}

fn read_url(request: &Request<'_>) -> Result<String, Refusal> {
    let body = read_body(request.body, BODY)?;
    let url = text(&body, "url").unwrap_or_default();
    check_url(url).map_err(|issue| Refusal::parameter("body", "/url", Value::from(url), issue))?;
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
