//! Where values come from: `--set`, or a person on a terminal.

use std::str::FromStr;

use super::draft::Draft;
use super::questions::{CHANNELS, Channel, Need};
use crate::error::Error;
use crate::view::confirm;

/// A member that `--set` gives.
#[derive(Debug, Clone)]
struct Setting {
    section: &'static str,
    member: String,
    value: String,
}

impl FromStr for Setting {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const FORM: &str = "expected SECTION.MEMBER=VALUE, with a section such as wechat-pay";

        let (name, value) = text.split_once('=').ok_or(FORM)?;
        let (section, member) = name.split_once('.').ok_or(FORM)?;
        let known = CHANNELS.iter().map(|channel| channel.section.as_str()).find(|known| *known == section);
        let is_member =
            !member.is_empty() && member.bytes().all(|byte| byte.is_ascii_lowercase() || b"_.3".contains(&byte));
        if member == "proxy" {
            return Err("a proxy's address may hold a password: set the variable COMPLAINTS_…_PROXY instead");
        }
        match known.filter(|_| is_member) {
            Some(section) => Ok(Self { section, member: member.to_owned(), value: value.to_owned() }),
            None => Err(FORM),
        }
    }
}

/// The values that are given, and whether a person can be asked for the others.
pub(super) struct Values {
    settings: Vec<Setting>,
    can_ask: bool,
}

impl Values {
    /// Those of `--set`. An error does not quote the text: it may hold a secret.
    pub(super) fn of(texts: &[String]) -> Result<Self, Error> {
        let settings: Result<Vec<Setting>, _> = texts.iter().map(|text| text.parse()).collect();
        let settings = settings.map_err(|problem| Error::usage(format_args!("--set: {problem}")))?;
        for (number, setting) in settings.iter().enumerate() {
            let is_same = |other: &Setting| (other.section, &other.member) == (setting.section, &setting.member);
            if settings.iter().skip(number + 1).any(is_same) {
                let Setting { section, member, .. } = setting;
                return Err(Error::usage(format_args!("--set {section}.{member} is given twice; leave one out")));
            }
        }
        Ok(Self { settings, can_ask: confirm::can_ask() })
    }

    pub(super) const fn can_ask(&self) -> bool {
        self.can_ask
    }

    /// Whether any is about this section.
    pub(super) fn are_about(&self, section: &str) -> bool {
        self.settings.iter().any(|setting| setting.section == section)
    }

    /// The value of `--set`.
    pub(super) fn given(&self, section: &str, member: &str) -> Option<&str> {
        let is_it = |setting: &&Setting| setting.section == section && setting.member == member;
        self.settings.iter().find(is_it).map(|setting| setting.value.as_str())
    }

    /// Asks a person. Without an input, nothing is written.
    pub(super) fn ask(&self, prompt: &str) -> Result<String, Error> {
        let line = confirm::ask(prompt).ok_or_else(|| Error::usage("the input has ended; nothing is written"))?;
        Ok(line.trim().to_owned())
    }

    pub(super) fn confirm(&self, question: &str) -> Result<bool, Error> {
        Ok(confirm::is_yes(&self.ask(&format!("{question} "))?))
    }

    /// Refuses to go on without a value that is always needed, and says which are.
    pub(super) fn check_complete(&self, channel: &Channel) -> Result<(), Error> {
        let section = channel.section.as_str();
        let follows = |member: &str| match member {
            // They are needed after another one alone.
            "serial_no" => self.given(section, "certificate").is_some(),
            "platform_keys.file" => self.given(section, "platform_keys.id").is_none(),
            "encoding_aes_key_file" => self.given(section, "token_file").is_none(),
            _ => false,
        };
        let missing: Vec<_> = channel
            .questions
            .iter()
            .filter(|question| question.need == Need::Always && !follows(question.member))
            .filter(|question| self.given(section, question.member).is_none())
            .map(|question| format!("--set {section}.{}=…", question.member))
            .collect();
        if missing.is_empty() {
            return Ok(());
        }
        let missing = missing.join(" ");
        Err(Error::usage(format_args!("there is no terminal to ask on, and nothing is written; give {missing}")))
    }

    /// Adds the members of the section that no question asks for, such as `base_url`.
    pub(super) fn add_others(&self, draft: &mut Draft) {
        let section = draft.section();
        let of_section = CHANNELS.iter().filter(|channel| channel.section.as_str() == section);
        let asked: Vec<_> = of_section.flat_map(|channel| channel.questions).map(|question| question.member).collect();
        for Setting { member, value, .. } in self.settings.iter().filter(|setting| setting.section == section) {
            if !asked.contains(&member.as_str()) {
                draft.set(member, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_names_a_section_and_a_member() {
        let setting: Setting = "wechat-pay.mchid=1=2".parse().unwrap();
        assert_eq!((setting.section, setting.member.as_str(), setting.value.as_str()), ("wechat-pay", "mchid", "1=2"));
        for text in ["mchid=1", "wechat-pay.mchid", "wechatpay.mchid=1", "wechat-pay.=1", "wechat-pay.a b=1"] {
            assert!(text.parse::<Setting>().unwrap_err().starts_with("expected SECTION.MEMBER=VALUE"), "{text}");
        }
        assert!("allinpay.proxy=http://a:canary@b".parse::<Setting>().unwrap_err().contains("COMPLAINTS_…_PROXY"));
    }
}
