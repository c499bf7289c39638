//! Templates of replies: texts of the operator's, with what differs between complaints left open.

use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use complaint_channels::{SettingError, SettingErrorKind};
use serde::Deserialize;

use crate::entry_file::read_bounded;
use crate::names::MAX_NAME;

/// The templates of replies that the page offers. Clones share them.
///
/// ```toml
/// [[reply]]
/// name = "已退款"
/// text = "您好，订单 {order} 的 {amount} 已退款，请查收。"
/// ```
///
/// A text may have `{complaint}`, `{order}`, `{amount}`, `{filed}` and `{product}`, which the Mini
/// Program alone names. One that the complaint has not stays in the text, and a reply is not sent
/// while it is there.
#[derive(Debug, Clone, Default)]
pub struct Replies(Arc<RwLock<Vec<Reply>>>);

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Reply {
    name: String,
    text: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[serde(default)]
    reply: Vec<Reply>,
}

impl Replies {
    /// Reads a file of templates.
    ///
    /// # Errors
    /// [`SettingError`]: the file cannot be read, or is not of this form.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, SettingError> {
        let path = path.as_ref();
        let text = read_bounded(path, MAX_FILE).map_err(|error| {
            let kind = error.kind();
            SettingError::new(SettingErrorKind::File, format_args!("cannot read {}: {kind}", path.display()))
        })?;
        Self::parse(&text)
            .map_err(|fault| SettingError::new(SettingErrorKind::Value, format_args!("{}: {fault}", path.display())))
    }

    /// Offers the templates of another file from now on.
    pub fn replace(&self, other: &Self) {
        let replies = other.read().clone();
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = replies;
    }

    /// Reads the text of a file; its first fault, in words.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let document: Document = toml::from_str(text).map_err(|error| misread(text, &error))?;
        match fault(&document.reply) {
            Some(fault) => Err(fault),
            None => Ok(Self(Arc::new(RwLock::new(document.reply)))),
        }
    }

    /// The names, in the order of the file.
    pub(crate) fn names(&self) -> Vec<String> {
        self.read().iter().map(|reply| reply.name.clone()).collect()
    }

    /// The text of a template for one complaint; `None` if there is none of this name.
    pub(crate) fn text(&self, name: &str, value: impl Fn(&str) -> Option<String>) -> Option<String> {
        let replies = self.read();
        let reply = replies.iter().find(|reply| reply.name == name)?;
        Some(filled(&reply.text, value))
    }

    fn read(&self) -> RwLockReadGuard<'_, Vec<Reply>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A text with its placeholders filled in. Nothing is filled into a value: others wrote it.
fn filled(text: &str, value: impl Fn(&str) -> Option<String>) -> String {
    let (mut filled, mut rest) = (String::new(), text);
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let placeholder = after.split_once('}').filter(|(name, _)| PLACEHOLDERS.contains(name));
        match placeholder.and_then(|(name, after)| Some((value(name)?, after))) {
            Some((value, after)) => {
                filled.push_str(&value);
                rest = after;
            }
            None => {
                filled.push('{');
                rest = after;
            }
        }
    }
    filled + rest
}

/// The placeholder that a text still has.
pub(crate) fn open_placeholder(text: &str) -> Option<String> {
    PLACEHOLDERS.iter().map(|placeholder| format!("{{{placeholder}}}")).find(|placeholder| text.contains(placeholder))
}

/// The error of a text that is no such file, with its line. It may quote what stands there, in part.
fn misread(text: &str, error: &toml::de::Error) -> String {
    let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    let letters = error.message().chars().map(|letter| if letter.is_control() { ' ' } else { letter });
    format!("line {}: {}", before.matches('\n').count() + 1, letters.take(MAX_WORDS).collect::<String>())
}

/// The first fault of the templates, in words.
fn fault(replies: &[Reply]) -> Option<String> {
    if replies.len() > MAX_REPLIES {
        return Some(format!("more than {MAX_REPLIES} templates; remove some"));
    }
    for (place, Reply { name, text }) in replies.iter().enumerate() {
        if name.trim().is_empty() || name.chars().count() > MAX_NAME || name.contains(char::is_control) {
            return Some(format!("the name of template {} must have 1 to {MAX_NAME} characters", place + 1));
        }
        if replies.iter().take(place).any(|other| other.name == *name) {
            return Some(format!("two templates have the name {name}; rename one"));
        }
        if text.trim().is_empty() {
            return Some(format!("the template {name} has no text"));
        }
        if let Some(unknown) = unknown_placeholder(text) {
            let known = PLACEHOLDERS.map(|placeholder| format!("{{{placeholder}}}")).join(", ");
            return Some(format!("the template {name} has {{{unknown}}}; known are {known}"));
        }
    }
    None
}

/// A word in braces that is no placeholder. A long one is no misspelt placeholder.
fn unknown_placeholder(text: &str) -> Option<&str> {
    let mut inner = text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(inner, _)| inner);
    let is_word = |inner: &str| inner.len() <= MAX_NAME && inner.bytes().all(|byte| byte.is_ascii_lowercase());
    inner.find(|inner| !PLACEHOLDERS.contains(inner) && is_word(inner))
}

const PLACEHOLDERS: [&str; 5] = ["complaint", "order", "amount", "filed", "product"];

/// Most templates of a file.
pub const MAX_REPLIES: usize = 100;

/// Largest file, in bytes.
const MAX_FILE: u64 = 256 * 1024;

/// Most characters of an error of the file.
const MAX_WORDS: usize = 200;

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    fn read(text: &str) -> Result<Replies, String> {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("replies.toml");
        std::fs::write(&path, text).unwrap();
        Replies::from_file(path).map_err(|error| error.to_string())
    }

    fn template(name: &str, text: &str) -> String {
        format!("[[reply]]\nname = \"{name}\"\ntext = \"{text}\"\n")
    }

    #[test]
    fn a_template_is_filled_and_what_is_missing_stays() {
        let replies = read(&template("已退款", "订单 {order} 的 {amount} 已退款 {order}")).unwrap();
        let text = replies.text("已退款", |placeholder| (placeholder == "order").then(|| "A-1".to_owned())).unwrap();
        assert_eq!(text, "订单 A-1 的 {amount} 已退款 A-1");
        assert_eq!(open_placeholder(&text).as_deref(), Some("{amount}"));
        assert_eq!(open_placeholder("{\"a\":1} {Order}"), None);
        assert_eq!(replies.names(), ["已退款"]);
        assert_eq!(replies.text("other", |_| None), None);
        assert_eq!(read("").unwrap().names().len(), 0);
    }

    #[test]
    fn a_value_is_no_template() {
        let replies = read(&template("a", "{product} {order} {{order}} {")).unwrap();
        let value = |placeholder: &str| match placeholder {
            "product" => Some("{order} {complaint}".to_owned()),
            "order" => Some("{product}".to_owned()),
            _ => None,
        };
        assert_eq!(replies.text("a", value).unwrap(), "{order} {complaint} {product} {{product}} {");
    }

    #[test]
    fn other_templates_take_the_place_of_those_that_are_shared() {
        let replies = read(&template("a", "1")).unwrap();
        let shared = replies.clone();
        replies.replace(&read(&template("b", "2")).unwrap());
        assert_eq!(shared.names(), ["b"]);
        assert_eq!(shared.text("b", |_| None).as_deref(), Some("2"));
    }

    #[test]
    fn a_fault_is_named() {
        let twice = template("a", "b").repeat(2);
        for (text, fault) in [
            (template("a", "{ordre}"), "the template a has {ordre}; known are {complaint}, {order}"),
            (template("", "b"), "the name of template 1 must have"),
            (template("a", " "), "the template a has no text"),
            (twice, "two templates have the name a"),
            ("[[reply]]\nname = \"a\"\n".to_owned(), "line 1: missing field `text`"),
            ("[[replies]]\n".to_owned(), "unknown field `replies`"),
        ] {
            let error = read(&text).unwrap_err();
            assert!(error.contains(fault), "{error}");
        }
        let long = "x".repeat(MAX_WORDS);
        let error = read(&format!("\n{long} = 1")).unwrap_err();
        assert!(error.ends_with(&format!("line 2: unknown field `{}", &long[..MAX_WORDS - 15])), "{error}");
        // As long as no placeholder is.
        assert!(read(&template("a", &format!("{{{}}}", "x".repeat(MAX_NAME)))).is_err());
        assert!(read(&template("a", &format!("{{{}}}", "x".repeat(MAX_NAME + 1)))).is_ok());
        let error = Replies::from_file("/nowhere/replies.toml").unwrap_err();
        assert_eq!(error.kind(), SettingErrorKind::File);
    }

    #[test]
    fn a_file_has_its_bounds() {
        let many = |count: usize| (0..count).map(|name| template(&name.to_string(), "a")).collect::<String>();
        assert_eq!(read(&many(MAX_REPLIES)).unwrap().names().len(), MAX_REPLIES);
        assert!(read(&many(MAX_REPLIES + 1)).is_err());
        let long = |length: usize| template("a", &"b".repeat(length));
        let most = MAX_FILE as usize - long(0).len();
        assert!(read(&long(most)).is_ok());
        assert!(read(&long(most + 1)).is_err());
        assert!(read(&template(&"n".repeat(MAX_NAME), "a")).is_ok());
        assert!(read(&template(&"n".repeat(MAX_NAME + 1), "a")).is_err());
    }
}
