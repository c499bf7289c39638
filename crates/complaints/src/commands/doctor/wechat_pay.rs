//! A merchant of WeChat Pay: its keys by themselves, its keys at the platform, its URL.

use complaint_channels::{WECHAT_PAY_PATH, WechatPaySettings};
use protocol_core::crypto::PrivateKey;
use protocol_core::wechat_pay::{ErrorCode, NotificationUrl, RegisteredUrl as _, ResponseError};

use super::findings::{Findings, now};
use super::reach::Reach;
use crate::channel::WechatPayChannel;
use crate::commands::self_test::try_keys;
use crate::error::Error;
use crate::language::{say, say_with};

/// Examines a section `[wechat-pay]`.
pub(super) async fn examine(section: WechatPaySettings, reach: &Reach) -> Findings {
    let mut findings = Findings::of("wechat-pay", section.mchid().ok());
    let channel = match keys(&section, &mut findings) {
        true => WechatPayChannel::of(section),
        false => {
            findings.unchecked("platform", say("doctor-keys-first"));
            return findings;
        }
    };
    match channel {
        Ok(channel) => at_the_platform(&channel, reach, &mut findings).await,
        Err(error) => findings.failed("platform", error),
    }
    findings
}

/// Examines the keys by themselves. Returns whether the platform can be asked with them.
fn keys(section: &WechatPaySettings, findings: &mut Findings) -> bool {
    let named = section.merchant().map(|merchant| say_with("doctor-serial", [("serial", merchant.serial_no().into())]));
    let private_key = section.private_key().map(|key| kind(&key));
    let mut are_usable = findings.read("merchant", named);
    are_usable &= findings.read("private-key", private_key);
    match section.certificate() {
        Ok(None) => {}
        Ok(Some(certificate)) => {
            if let Ok(now) = now() {
                findings.validity("certificate", certificate.serial_no(), certificate.validity(), now);
            }
        }
        Err(error) => findings.failed("certificate", error),
    }
    // The first one is the merchant's own.
    match section.decryptors() {
        Ok(keys) if keys.len() > 1 => {
            findings.ok("older-keys", say_with("doctor-older-keys", [("count", (keys.len() - 1).into())]));
        }
        Err(error) if are_usable => findings.failed("older-keys", error),
        _ => {}
    }
    if section.has_api_v3_key() {
        are_usable &= findings.read("apiv3-key", section.api_v3_key().map(|_| say("doctor-apiv3-length")));
    } else {
        findings.warning("apiv3-key", say("doctor-apiv3-none"));
    }
    are_usable & platform_keys(section, findings)
}

fn platform_keys(section: &WechatPaySettings, findings: &mut Findings) -> bool {
    const CHECK: &str = "platform-keys";

    if !section.has_platform_keys() {
        findings.ok(CHECK, say("doctor-platform-keys-none"));
        return true;
    }
    match section.platform_keys() {
        Ok(keys) => {
            for key in keys {
                match (key.validity, now()) {
                    (Some(validity), Ok(now)) => findings.validity(CHECK, &key.id, validity, now),
                    _ => findings.ok(CHECK, key.id),
                }
            }
            true
        }
        Err(error) => {
            findings.failed(CHECK, error);
            false
        }
    }
}

fn kind(key: &PrivateKey) -> String {
    match key {
        PrivateKey::Rsa(_) => "RSA".to_owned(),
        PrivateKey::Sm2(_) => "SM2".to_owned(),
        _ => say("doctor-another-kind"),
    }
}

async fn at_the_platform(channel: &WechatPayChannel, reach: &Reach, findings: &mut Findings) {
    const KEYS: &str = "keys-at-the-platform";

    let tried = try_keys(channel).await;
    let is_known = tried.is_ok();
    match tried {
        Ok(Some(_)) => findings.ok(KEYS, say("doctor-keys-verify")),
        Ok(None) => findings.ok(KEYS, say("doctor-keys-verify-alone")),
        Err(error) => findings.failed(KEYS, error),
    }
    findings.clock(channel.watch.clock_seconds());
    let expected = reach.url(WECHAT_PAY_PATH);
    let registered = if is_known { url(channel, expected.as_deref(), findings).await } else { None };
    if let Some(url) = expected.or(registered) {
        reach.wechat_pay(&url, findings).await;
    }
}

/// The registered URL.
async fn url(channel: &WechatPayChannel, expected: Option<&str>, findings: &mut Findings) -> Option<String> {
    const CHECK: &str = "notification-url";

    let client = match channel.client().await {
        Ok(client) => client,
        Err(error) => {
            findings.failed(CHECK, error);
            return None;
        }
    };
    match client.send(&NotificationUrl::QUERY).await {
        Ok(there) => {
            let url = there.url;
            match expected {
                Some(expected) if expected != url => {
                    let values = [("url", url.as_str().into()), ("wanted", expected.into())];
                    findings.warning(CHECK, say_with("doctor-posted-elsewhere", values));
                }
                _ => findings.ok(CHECK, say_with("doctor-posted", [("url", url.as_str().into())])),
            }
            Some(url)
        }
        Err(error) => {
            let code = error.response().and_then(ResponseError::refusal).and_then(|(_, code)| code);
            if code == Some(ErrorCode::ResourceNotExists.as_str()) {
                let url = expected.unwrap_or("URL");
                findings.warning(CHECK, say_with("doctor-url-none", [("url", url.into())]));
            } else {
                findings.failed(CHECK, Error::from(error));
            }
            None
        }
    }
}
