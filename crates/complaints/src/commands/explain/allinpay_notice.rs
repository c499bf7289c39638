//! `explain` for Allinpay's notices.

use protocol_core::allinpay::{Members, NoticeError, NoticeFields};
use protocol_core::limits::MAX_NOTICE_BODY;

use super::allinpay::{Signed, that_verify};
use super::report::{Explained, Key, Report};
use crate::commands::open;
use crate::config::Config;
use crate::error::Error;
use crate::input;

/// Changes of a notice that cannot be undone. The order of fields is not signed.
const LOST: &str = "lost-notice";

/// The checks of a notice, in the library's order.
const CHECKS: [&str; 5] = ["fields", "signtype", "signature", "application", "notice"];

pub(super) fn notice(arguments: &open::AllinpayBody, config: &Config) -> Result<Explained, Error> {
    let config = config.allinpay()?;
    let merchant = config.merchant()?;
    let verifier = config.verifier()?;
    let mut report = Report::default();
    let mut first = Ok(());
    let Some(body) = report.check("size", input::read(&arguments.body, MAX_NOTICE_BODY), &mut first) else {
        return Ok((report, first));
    };
    let outcome = merchant.open_notice(&body, &*verifier);
    let reached = match &outcome {
        Ok(_) => CHECKS.len(),
        Err(NoticeError::Unreadable(_)) => 4,
        Err(NoticeError::WrongAppid) => 3,
        Err(NoticeError::NoSignature(_) | NoticeError::BadSignature) => 2,
        Err(NoticeError::OtherSignType) => 1,
        Err(_) => 0,
    };
    // A body that cannot be parsed may have been changed as a whole.
    let is_unproven = reached <= 2;
    CHECKS.iter().take(reached).for_each(|check| report.pass(check));
    if let (Err(error), Some(failed)) = (outcome, CHECKS.get(reached)) {
        report.check::<()>(failed, Err(error.into()), &mut first);
    }
    CHECKS.iter().skip(reached + 1).for_each(|check| report.skip(check));
    if is_unproven {
        report.tell(that_verify(&body, merchant.appid(), &config, signed, UNCHANGED)?, &body, LOST);
    }
    if let Ok(fields) = NoticeFields::parse(&body) {
        report.show_string(&fields.peek().parts_to_sign());
        report.key = Some(Key { id: "platform_key".to_owned(), algorithm: merchant.sign_type().as_str() });
    }
    Ok((report, first))
}

/// What a form signs; and what it signed before a program wrote its fields as JSON.
fn signed(body: &[u8]) -> Option<Signed> {
    if let Ok(members) = Members::parse(body) {
        let members = members.peek();
        let sign = members.get("sign").unwrap_or_default().to_owned();
        return Some(Signed { words: Some(JSON), string: members.parts_to_sign().concat(), sign });
    }
    let fields = NoticeFields::parse(body).ok()?;
    let fields = fields.peek();
    Some(Signed { words: None, string: fields.parts_to_sign().concat(), sign: fields.sign().to_owned() })
}

const JSON: &str = "variant-notice-json";

/// The signature fits the key; the algorithm that the notice names, or only its form, does not.
const UNCHANGED: &str = "variant-notice-unchanged";
