//! A Mini Program and its virtual payment: the secrets by themselves, and at the platform.

use complaint_channels::{
    MiniProgramSettings, VirtualPaymentSettings, mini_program_path, self_test_mini_program, self_test_virtual_payment,
};
use protocol_core::mini_program::Mode;
use protocol_core::virtual_payment::Env;

use super::findings::{Findings, now};
use super::reach::Reach;
use crate::channel::watch::Watch;
use crate::error::Error;
use crate::language::{say, say_with};

/// The line of both channels.
const PLATFORM: &str = "secrets-at-the-platform";

/// Examines a section `[mini-program]`.
pub(super) async fn examine(section: MiniProgramSettings, reach: &Reach) -> Findings {
    let mut findings = Findings::of("mini-program", section.appid().ok());
    if section.has_app_secret() {
        let is_usable = findings.read("app-secret", section.app_secret().map(|_| say("doctor-form")));
        if is_usable {
            at_the_platform(&section, &mut findings).await;
        } else {
            findings.unchecked(PLATFORM, say("doctor-secrets-first"));
        }
    } else {
        findings.warning("app-secret", say("doctor-app-secret-none"));
    }
    if section.has_token() {
        pushes(&section, reach, &mut findings).await;
    } else {
        findings.warning("token", say("doctor-token-none"));
    }
    findings
}

async fn at_the_platform(section: &MiniProgramSettings, findings: &mut Findings) {
    let watch = Watch::default();
    let client = section.transport().and_then(|transport| section.client(watch.over(transport)));
    match client {
        Err(error) => findings.failed(PLATFORM, error),
        Ok(client) => match self_test_mini_program(&client).await {
            Ok(()) => findings.ok(PLATFORM, say("doctor-token-issued")),
            Err(error) => findings.failed(PLATFORM, Error::from(error)),
        },
    }
    findings.clock(watch.clock_seconds());
}

async fn pushes(section: &MiniProgramSettings, reach: &Reach, findings: &mut Findings) {
    const CHECK: &str = "push";

    let receiver = match section.receiver() {
        Ok(receiver) => receiver,
        Err(error) => return findings.failed(CHECK, error),
    };
    match receiver.mode() {
        Mode::Plain => findings.warning(CHECK, say("doctor-plain")),
        _ => findings.ok(CHECK, say("doctor-push-form")),
    }
    let Some(url) = reach.url(&mini_program_path(receiver.appid())) else {
        return findings.unchecked("push-url", say_with("doctor-url-untold", [("menu", "消息推送".into())]));
    };
    findings.unchecked("push-url", say_with("doctor-url-wanted", [("url", url.as_str().into())]));
    match section.token() {
        Ok(token) => reach.mini_program(&url, &token, findings).await,
        Err(error) => findings.failed(CHECK, error),
    }
}

/// Examines a section `[virtual-payment]`.
pub(super) async fn examine_virtual_payment(section: VirtualPaymentSettings) -> Findings {
    let appid = section.mini_program().and_then(|mini_program| mini_program.appid());
    let mut findings = Findings::of("virtual-payment", appid.ok());
    let environment = match section.env() {
        Env::Production => "production",
        _ => "sandbox",
    };
    if !findings.read(
        "app-key",
        section.app_key().map(|_| say_with("doctor-environment", [("environment", environment.into())])),
    ) {
        findings.unchecked(PLATFORM, say("doctor-secrets-first"));
        return findings;
    }
    let watch = Watch::default();
    let client = section.transport().and_then(|transport| section.client(watch.over(transport)));
    match (client, now()) {
        (Err(error), _) => findings.failed(PLATFORM, error),
        (_, Err(error)) => findings.failed(PLATFORM, error),
        (Ok(client), Ok(now)) => match self_test_virtual_payment(&client, now).await {
            Ok(()) => findings.ok(PLATFORM, say("doctor-pay-sig")),
            Err(error) => findings.failed(PLATFORM, Error::from(error)),
        },
    }
    findings.clock(watch.clock_seconds());
    findings
}
