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

/// The lines of both channels.
const PLATFORM: &str = "secrets at the platform";
const MENDED_FIRST: &str = "the secrets have to be mended first";

/// Examines a section `[mini-program]`.
pub(super) async fn examine(section: MiniProgramSettings, reach: &Reach) -> Findings {
    let mut findings = Findings::of("mini-program", section.appid().ok());
    if section.has_app_secret() {
        let is_usable = findings.read("app secret", section.app_secret().map(|_| "of the right form".to_owned()));
        if is_usable {
            at_the_platform(&section, &mut findings).await;
        } else {
            findings.unchecked(PLATFORM, MENDED_FIRST);
        }
    } else {
        findings
            .warning("app secret", "none: complaints cannot be read or replied to; name its file with app_secret_file");
    }
    if section.has_token() {
        pushes(&section, reach, &mut findings).await;
    } else {
        findings.warning("token", "none: no push can be received; name its file with token_file, and set `mode`");
    }
    findings
}

async fn at_the_platform(section: &MiniProgramSettings, findings: &mut Findings) {
    let watch = Watch::default();
    let client = section.transport().and_then(|transport| section.client(watch.over(transport)));
    match client {
        Err(error) => findings.failed(PLATFORM, error),
        Ok(client) => match self_test_mini_program(&client).await {
            Ok(()) => findings.ok(PLATFORM, "a token was issued, and the penalties were read with it"),
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
        Mode::Plain => findings
            .warning(CHECK, "the mode `plain` signs no message: set secure or compatible, here and in the console"),
        _ => findings.ok(CHECK, "the token and the EncodingAESKey are of the right form"),
    }
    let Some(url) = reach.url(&mini_program_path(receiver.appid())) else {
        return findings
            .unchecked("push URL", "the platform has no interface that tells it; see the console (消息推送)");
    };
    findings.unchecked("push URL", format!("the platform has no interface that tells it; the console must have {url}"));
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
    if !findings.read("AppKey", section.app_key().map(|_| format!("for {environment}"))) {
        findings.unchecked(PLATFORM, MENDED_FIRST);
        return findings;
    }
    let watch = Watch::default();
    let client = section.transport().and_then(|transport| section.client(watch.over(transport)));
    match (client, now()) {
        (Err(error), _) => findings.failed(PLATFORM, error),
        (_, Err(error)) => findings.failed(PLATFORM, error),
        (Ok(client), Ok(now)) => match self_test_virtual_payment(&client, now).await {
            Ok(()) => findings.ok(PLATFORM, "today's list was read, with a `pay_sig` that the platform accepts"),
            Err(error) => findings.failed(PLATFORM, Error::from(error)),
        },
    }
    findings.clock(watch.clock_seconds());
    findings
}
