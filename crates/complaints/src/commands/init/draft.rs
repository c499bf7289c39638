//! A configuration that is being written.

use std::path::{Path, PathBuf};

use complaint_channels::{Channels, SettingError, Settings};

/// Sections with their members, in the order of the file.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    folder: PathBuf,
    sections: Vec<(&'static str, Vec<(String, String)>)>,
}

impl Draft {
    /// Of a file in this folder.
    pub(super) fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), sections: Vec::new() }
    }

    /// Begins a section.
    pub(super) fn open(&mut self, section: &'static str) {
        self.sections.push((section, Vec::new()));
    }

    /// Adds a member to the last section.
    pub(super) fn set(&mut self, member: &str, value: &str) {
        if let Some((_, members)) = self.sections.last_mut() {
            members.push((member.to_owned(), value.to_owned()));
        }
    }

    /// The same with one more member in the last section.
    pub(super) fn with(&self, member: &str, value: &str) -> Self {
        let mut draft = self.clone();
        draft.set(member, value);
        draft
    }

    /// A member of the last section.
    pub(super) fn get(&self, member: &str) -> Option<&str> {
        let (_, members) = self.sections.last()?;
        members.iter().find(|(name, _)| name == member).map(|(_, value)| value.as_str())
    }

    /// The name of the last section.
    pub(super) fn section(&self) -> &'static str {
        self.sections.last().map_or("", |(name, _)| name)
    }

    pub(super) fn sections(&self) -> Vec<&'static str> {
        self.sections.iter().map(|(name, _)| *name).collect()
    }

    /// What is there already, as a configuration.
    pub(super) fn settings(&self) -> Result<Settings, SettingError> {
        Settings::from_toml(&self.text(), &self.folder)
    }

    /// Reads everything that it names.
    pub(super) fn check(&self) -> Result<(), SettingError> {
        Channels::from_toml(&self.text(), &self.folder).map(drop)
    }

    /// The file's text. A key of the platform is a table within its section.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        for (section, members) in &self.sections {
            let gap = if text.is_empty() { "" } else { "\n" };
            text.push_str(&format!("{gap}[{section}]\n"));
            let mut key = Vec::new();
            for (member, value) in members {
                match member.strip_prefix(PLATFORM_KEY) {
                    Some(member) => key.push(format!("{member} = {}", quoted(value))),
                    None => text.push_str(&format!("{member} = {}\n", quoted(value))),
                }
            }
            if !key.is_empty() {
                text.push_str(&format!("platform_keys = [{{ {} }}]\n", key.join(", ")));
            }
        }
        text
    }
}

/// The members of the platform's key, as `--set` names them.
const PLATFORM_KEY: &str = "platform_keys.";

/// A basic string of TOML, which takes JSON's escapes.
fn quoted(value: &str) -> String {
    serde_json::Value::from(value).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_is_read_back_unchanged() {
        for value in ["1900007291", "C:\\temp\\new", "a\"b", "\t\u{1b}\n", "商户 '1'", ""] {
            let mut draft = Draft::new(Path::new(""));
            draft.open("wechat-pay");
            draft.set("mchid", value);
            draft.set("platform_keys.id", "PUB_KEY_ID_1");
            draft.set("platform_keys.file", "platform.pub");
            draft.open("allinpay");
            draft.set("cusid", value);
            let settings = draft.settings().unwrap();
            assert_eq!(settings.wechat_pay(None).unwrap().mchid().unwrap(), value);
            assert!(settings.wechat_pay(None).unwrap().has_platform_keys());
            assert_eq!(settings.allinpay(None).unwrap().cusid().unwrap(), value);
        }
    }
}
