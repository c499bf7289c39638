//! A merchant of Allinpay: the keys by themselves, and at the platform.

use complaint_channels::{AllinpaySettings, allinpay_path, self_test_allinpay};

use super::findings::{Findings, now};
use super::reach::Reach;
use crate::channel::watch::Watch;
use crate::error::Error;
use crate::language::{say, say_with};

/// Examines a section `[allinpay]`.
pub(super) async fn examine(section: AllinpaySettings, reach: &Reach) -> Findings {
    let mut findings = Findings::of("allinpay", section.cusid().ok());
    let merchant = section.merchant();
    let named = merchant.as_ref().map(|merchant| say_with("doctor-application", [("appid", merchant.appid().into())]));
    let mut are_usable = findings.read("merchant", named.map_err(Clone::clone));
    are_usable &= findings.read("private-key", section.private_key().map(|_| say("doctor-key-kind")));
    are_usable &= findings.read("platform-key", section.platform_key().map(|_| say("doctor-key-kind")));
    if are_usable {
        at_the_platform(&section, &mut findings).await;
    } else {
        findings.unchecked(PLATFORM, say("doctor-keys-first"));
    }
    let Some(url) = section.cusid().ok().and_then(|cusid| reach.url(&allinpay_path(cusid))) else {
        findings.unchecked(URL, say_with("doctor-url-untold", [("menu", "风控通知地址".into())]));
        return findings;
    };
    findings.unchecked(URL, say_with("doctor-url-wanted", [("url", url.as_str().into())]));
    reach.allinpay(&url, &mut findings).await;
    findings
}

const PLATFORM: &str = "keys-at-the-platform";
const URL: &str = "notification-url";

async fn at_the_platform(section: &AllinpaySettings, findings: &mut Findings) {
    let watch = Watch::default();
    let client = section.merchant().and_then(|merchant| {
        let client = section.client(merchant)?;
        Ok(client.build_over(watch.over(section.transport()?)))
    });
    match (client, now()) {
        (Err(error), _) => findings.failed(PLATFORM, error),
        (_, Err(error)) => findings.failed(PLATFORM, error),
        (Ok(client), Ok(now)) => match self_test_allinpay(&client, now).await {
            Ok(()) => findings.ok(PLATFORM, say("doctor-keys-list")),
            Err(error) => findings.failed(PLATFORM, Error::from(error)),
        },
    }
    findings.clock(watch.clock_seconds());
}
