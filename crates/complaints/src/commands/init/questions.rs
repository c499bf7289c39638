//! The questions of each channel. Each value is checked as the configuration checks it.

use complaint_channels::{SettingError, SettingErrorKind, Settings};
use protocol_core::mini_program::Mode;

use super::Section;
use super::draft::Draft;
use super::values::Values;
use crate::error::Error;
use crate::language::language;
use crate::view::output;

/// A channel.
#[derive(Debug)]
pub(super) struct Channel {
    pub(super) section: Section,
    /// The channel that it belongs to.
    pub(super) needs: Option<Section>,
    pub(super) questions: &'static [Question],
}

/// A member of the file.
#[derive(Debug)]
pub(super) struct Question {
    pub(super) member: &'static str,
    pub(super) need: Need,
    check: Check,
}

/// Whether a value has to be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    Always,
    /// It may be left out.
    Optional,
    /// It is this one if none is given.
    Default(&'static str),
}

/// Reads what was given.
type Check = fn(&Draft) -> Derived;

/// The members that follow from a value, or the reason why it is refused.
type Derived = Result<Vec<(&'static str, String)>, SettingError>;

impl Question {
    /// Gets the value, until it is right, and adds it to the draft.
    pub(super) fn settle(&self, draft: &mut Draft, values: &Values) -> Result<(), Error> {
        if !self.is_open(draft) {
            return self.check_unused(draft, values);
        }
        loop {
            let (value, is_typed) = match values.given(draft.section(), self.member) {
                Some(value) => (value.to_owned(), false),
                None if values.can_ask() => (values.ask(&self.prompt(draft.section()))?, true),
                None => (String::new(), false),
            };
            let value = match self.need {
                Need::Default(value_of_none) if value.is_empty() => value_of_none.to_owned(),
                Need::Optional if value.is_empty() => return Ok(()),
                _ => value,
            };
            let tried = draft.with(self.member, &value);
            let checked =
                if value.is_empty() { Err(self.missing()) } else { (self.check)(&tried).map_err(Error::from) };
            match checked {
                Ok(derived) => {
                    *draft = tried;
                    derived.iter().for_each(|(member, value)| draft.set(member, value));
                    return Ok(());
                }
                Err(error) if is_typed => output::print_error(&error),
                Err(error) => return Err(error.and("nothing is written")),
            }
        }
    }

    /// Whether it is to be asked, after what is there already.
    fn is_open(&self, draft: &Draft) -> bool {
        let is_there = |member: &str| draft.get(member).is_some();
        match self.member {
            "mode" | "encoding_aes_key_file" => is_there("token_file"),
            "platform_keys.file" => is_there("platform_keys.id"),
            member => !is_there(member),
        }
    }

    /// Refuses a value that would not be used, except for one that follows from another anyway.
    fn check_unused(&self, draft: &Draft, values: &Values) -> Result<(), Error> {
        let (section, member) = (draft.section(), self.member);
        match values.given(section, member) {
            Some(value) if draft.get(member) != Some(value) => Err(Error::usage(format_args!(
                "--set {section}.{member} does not go with the other members, and nothing is written; leave it out"
            ))),
            _ => Ok(()),
        }
    }

    /// The text `init-`, with the section and the member.
    fn prompt(&self, section: &str) -> String {
        let words = language().word("init", &format!("{section}-{}", self.member)).into_owned();
        let question = ("question", words.into());
        let prompt = match self.need {
            Need::Always => language().text_with("init-always", [question]),
            Need::Optional => language().text_with("init-optional", [question]),
            Need::Default(value) => language().text_with("init-default", [question, ("value", value.into())]),
        };
        format!("{prompt} ")
    }

    fn missing(&self) -> Error {
        Error::usage(format_args!("{} is needed", self.member))
    }
}

pub(super) const CHANNELS: [Channel; 4] = [
    Channel { section: Section::WechatPay, needs: None, questions: &WECHAT_PAY },
    Channel { section: Section::MiniProgram, needs: None, questions: &MINI_PROGRAM },
    Channel { section: Section::VirtualPayment, needs: Some(Section::MiniProgram), questions: &VIRTUAL_PAYMENT },
    Channel { section: Section::Allinpay, needs: None, questions: &ALLINPAY },
];

const WECHAT_PAY: [Question; 7] = [
    needed("mchid", |draft| {
        // Any serial tells whether the number is one.
        checked(draft.with("serial_no", "0").settings()?.wechat_pay(None)?.merchant())
    }),
    needed("private_key", |draft| {
        kind(draft, "algorithm", ["rsa", "sm2"], |settings| checked(settings.wechat_pay(None)?.private_key()))
    }),
    optional("certificate", |draft| {
        let certificate = draft.settings()?.wechat_pay(None)?.certificate()?;
        Ok(certificate.map(|certificate| ("serial_no", certificate.serial_no().to_owned())).into_iter().collect())
    }),
    needed("serial_no", |draft| checked(draft.settings()?.wechat_pay(None)?.merchant())),
    needed("apiv3_key_file", |draft| checked(draft.settings()?.wechat_pay(None)?.api_v3_key())),
    optional("platform_keys.id", |_| Ok(Vec::new())),
    needed("platform_keys.file", |draft| checked(draft.settings()?.wechat_pay(None)?.platform_keys())),
];

const MINI_PROGRAM: [Question; 5] = [
    needed("appid", |draft| checked(draft.settings()?.mini_program(None)?.appid())),
    optional("app_secret_file", |draft| checked(draft.settings()?.mini_program(None)?.app_secret())),
    optional("token_file", |draft| checked(draft.settings()?.mini_program(None)?.token())),
    Question {
        member: "mode",
        need: Need::Default("secure"),
        check: |draft| match draft.settings()?.mini_program(None)?.mode()? {
            Mode::Plain => Err(SettingError::new(SettingErrorKind::Value, NOT_SIGNED)),
            _ => Ok(Vec::new()),
        },
    },
    needed("encoding_aes_key_file", |draft| checked(draft.settings()?.mini_program(None)?.receiver())),
];

/// The server refuses such a file. For `listen`, the mode is written by hand.
const NOT_SIGNED: &str = "the mode `plain` signs no message, and `complaints serve` refuses it: set secure or compatible, here \
                          and in the console";

const VIRTUAL_PAYMENT: [Question; 2] = [
    Question { member: "environment", need: Need::Default("production"), check: |draft| checked(draft.settings()) },
    needed("app_key_file", |draft| checked(draft.settings()?.virtual_payment(None)?.app_key())),
];

const ALLINPAY: [Question; 5] = [
    needed("appid", |draft| {
        let other = draft.with("cusid", "0").with("sign_type", "RSA");
        checked(other.settings()?.allinpay(None)?.merchant())
    }),
    needed("cusid", |draft| checked(draft.with("sign_type", "RSA").settings()?.allinpay(None)?.merchant())),
    optional("orgid", |draft| checked(draft.with("sign_type", "RSA").settings()?.allinpay(None)?.merchant())),
    needed("private_key", |draft| {
        kind(draft, "sign_type", ["RSA", "SM2"], |settings| checked(settings.allinpay(None)?.private_key()))
    }),
    needed("platform_key", |draft| checked(draft.settings()?.allinpay(None)?.platform_key())),
];

const fn needed(member: &'static str, check: Check) -> Question {
    Question { member, need: Need::Always, check }
}

const fn optional(member: &'static str, check: Check) -> Question {
    Question { member, need: Need::Optional, check }
}

/// Nothing follows from a value that was read.
fn checked<T>(read: Result<T, SettingError>) -> Derived {
    read.map(|_| Vec::new())
}

/// The kind of key, which a member names: the one with which it is read.
fn kind(draft: &Draft, member: &'static str, kinds: [&str; 2], read: fn(&Settings) -> Derived) -> Derived {
    let of = |kind: &str| {
        // A kind that was given stays.
        let is_given = draft.get(member).is_some();
        let draft = if is_given { draft.clone() } else { draft.with(member, kind) };
        read(&draft.settings()?)?;
        Ok(if is_given { Vec::new() } else { vec![(member, kind.to_owned())] })
    };
    let [one, other] = kinds;
    of(one).or_else(|error| of(other).map_err(|_| error))
}
