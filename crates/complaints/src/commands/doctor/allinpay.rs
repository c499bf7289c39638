//! A merchant of Allinpay: the keys by themselves, and at the platform.

use complaint_channels::{AllinpaySettings, allinpay_path, self_test_allinpay};

use super::findings::{Findings, now};
use super::reach::Reach;
use crate::channel::watch::Watch;
use crate::error::Error;

/// Examines a section `[allinpay]`.
pub(super) async fn examine(section: AllinpaySettings, reach: &Reach) -> Findings {
    let mut findings = Findings::of("allinpay", section.cusid().ok());
    let merchant = section.merchant();
    let named = merchant.as_ref().map(|merchant| format!("application {}", merchant.appid()));
    let mut are_usable = findings.read("merchant", named.map_err(Clone::clone));
    are_usable &= findings.read("private key", section.private_key().map(|_| "of the kind of `sign_type`".to_owned()));
    are_usable &=
        findings.read("platform key", section.platform_key().map(|_| "of the kind of `sign_type`".to_owned()));
    if are_usable {
        at_the_platform(&section, &mut findings).await;
    } else {
        findings.unchecked(PLATFORM, "the keys have to be mended first");
    }
    let Some(url) = section.cusid().ok().and_then(|cusid| reach.url(&allinpay_path(cusid))) else {
        findings.unchecked(URL, "the platform has no interface that tells it; see the console (风控通知地址)");
        return findings;
    };
    findings.unchecked(URL, format!("the platform has no interface that tells it; the console must have {url}"));
    reach.allinpay(&url, &mut findings).await;
    findings
}

const PLATFORM: &str = "keys at the platform";
const URL: &str = "notification URL";

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
            Ok(()) => findings.ok(PLATFORM, "both sides verify: today's list was read"),
            Err(error) => findings.failed(PLATFORM, Error::from(error)),
        },
    }
    findings.clock(watch.clock_seconds());
}
