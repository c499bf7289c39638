//! Errors of values in the configuration file: the expected value, or how to write it. No value is
//! quoted, since it may be a secret. A file's name is shown if it cannot be one.

use std::path::Path;

/// Keys with few values, and the error of another value.
const CHOICES: [(&str, &str); 21] = [
    ("algorithm", "must be \"rsa\" or \"sm2\", in small letters"),
    ("command", "must be a list: the program and its arguments, such as [\"/usr/bin/logger\", \"-t\", \"complaints\"]"),
    ("complete", LIMIT),
    ("events", REASONS),
    ("environment", "must be \"production\" or \"sandbox\", in small letters"),
    ("history", LIMIT),
    ("hosts", "must be a list of names, such as [\"desk.example\"]"),
    ("keep_days", "must be a whole number, without quotes"),
    ("kind", "must be \"wecom\", \"dingtalk\", \"feishu\", \"command\" or \"url\", in small letters"),
    ("language", "must be \"zh\" or \"en\", in small letters"),
    ("list", LIMIT),
    ("mention", "must be a table, such as { users = [\"zhangsan\"], mobiles = [\"13800001111\"], all = false }"),
    ("mode", "must be \"plain\", \"compatible\" or \"secure\", in small letters"),
    ("near_hours", "must be a list of whole numbers, such as [6, 1]"),
    ("other", LIMIT),
    ("proxies", "must be a list of addresses and networks, such as [\"10.0.0.0/8\"]"),
    ("reply", LIMIT),
    ("sign_type", "must be \"RSA\" or \"SM2\", in capitals; MD5 and RSA2 are not offered"),
    ("upload", LIMIT),
    ("wake", REASONS),
    ("with_text", "must be true or false, without quotes"),
];

/// Of the reasons for a notice.
const REASONS: &str = "must be a list of \"filed\", \"payer_responded\", \"refund_requested\", \"near\", \"overdue\", \
                       \"act_failed\" and \"dead_letter\"";

/// Of each limit among the `rates`.
const LIMIT: &str = "must be a number of requests a minute, at least 1, or \"none\" for no limit";

/// The error of the file and its place, without a value, which may be a secret.
pub(super) fn problem(text: &str, error: &toml::de::Error) -> String {
    let start = error.span().map_or(0, |span| span.start);
    let before = text.get(..start).unwrap_or_default();
    let number = before.matches('\n').count() + 1;
    let message = error.message();
    // These quote a key. A long or unprintable key is not a misspelled one.
    let quotes_a_key =
        ["unknown field", "missing field", "duplicate key"].iter().any(|start| message.starts_with(start));
    let printable = message.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
    if quotes_a_key && printable && message.len() < 250 {
        return format!("line {number}: {message}");
    }
    let line = text.lines().nth(number - 1).unwrap_or_default();
    let at = start - before.rfind('\n').map_or(0, |end| end + 1);
    let (key, value) = match assignment(line, at) {
        Some((key, value)) => (Some(key), value),
        // An element of a list.
        None => (None, if line.contains('=') { "" } else { line.trim_start() }),
    };
    if let Some((at, quote)) = unclosed_quote(line).filter(|(_, quote)| *quote == '\'' || !value.contains('\\')) {
        let of_key = assignment(line, at).map(|(key, _)| format!(" of `{key}`")).unwrap_or_default();
        return format!(
            "line {number}: the quote before the value{of_key} is not closed; a {quote} belongs after it too"
        );
    }
    if let Some((key, choices)) = CHOICES.iter().find(|(name, _)| Some(*name) == key) {
        return format!("line {number}: `{key}` {choices}");
    }
    let of_key = key.map(|key| format!(" of `{key}`")).unwrap_or_default();
    if value.contains('\\') && !message.starts_with("invalid type") {
        return format!(
            "line {number}: a backslash in the value{of_key} begins an escape; write the value in single quotes, '...', or \
             with / in place of each backslash"
        );
    }
    match key {
        Some(key) => format!("line {number}: `{key}` has a value of the wrong kind; write text in quotes"),
        None => format!("line {number}: the value is of the wrong kind; write text in quotes"),
    }
}

/// The key and the value of the assignment at a place of a line, or of the line's first one. Keys
/// that are no misspelling are not shown.
fn assignment(line: &str, at: usize) -> Option<(&str, &str)> {
    let up_to = line.get(..at).unwrap_or_default();
    let split = match up_to.trim_end().strip_suffix('=') {
        Some(keys) => (keys, line.get(at..).unwrap_or_default()),
        None => line.split_once('=')?,
    };
    let key = split.0.trim().rsplit(['.', ' ', '{', ',']).next().unwrap_or_default();
    let plain = !key.is_empty()
        && key.len() <= 32
        && key.bytes().all(|byte| byte.is_ascii_lowercase() || b"_3".contains(&byte));
    plain.then(|| (key, split.1.trim_start()))
}

/// A quote before a value that is open at the end of its line, and its place. Triple quotes, which
/// may go on below, are skipped.
fn unclosed_quote(line: &str) -> Option<(usize, char)> {
    if line.contains("'''") || line.contains("\"\"\"") {
        return None;
    }
    let mut open = None;
    let mut characters = line.char_indices();
    while let Some((at, character)) = characters.next() {
        match open {
            None if character == '#' => break,
            None if matches!(character, '"' | '\'') => open = Some((at, character)),
            Some((_, '"')) if character == '\\' => drop(characters.next()),
            Some((_, quote)) if character == quote => open = None,
            _ => {}
        }
    }
    // A lone quote elsewhere is a closing one.
    let begins_a_value = |at: usize| {
        line.get(..at)
            .map(str::trim_end)
            .is_some_and(|before| before.is_empty() || before.ends_with(['=', '[', '{', ',']))
    };
    open.filter(|(at, _)| begins_a_value(*at))
}

/// The name of a file, for an error, unless it may be a secret in place of a name.
pub(super) fn shown(name: &Path) -> Option<&str> {
    name.to_str().filter(|name| !may_be_a_secret(name))
}

/// Words in the names of key files. No secret is made of these alone.
const WORDS: [&str; 58] = [
    "aes",
    "alipay",
    "allinpay",
    "api",
    "apiclient",
    "apiv3",
    "app",
    "backup",
    "bak",
    "ca",
    "cert",
    "certificate",
    "client",
    "complaints",
    "dingtalk",
    "encoding",
    "env",
    "feishu",
    "file",
    "id",
    "key",
    "keys",
    "lark",
    "mchid",
    "merchant",
    "mini",
    "my",
    "new",
    "notice",
    "old",
    "onward",
    "pay",
    "pem",
    "platform",
    "previous",
    "priv",
    "private",
    "prod",
    "program",
    "pub",
    "public",
    "robot",
    "root",
    "rsa",
    "secret",
    "secrets",
    "server",
    "sm2",
    "test",
    "tls",
    "token",
    "tokens",
    "url",
    "v3",
    "webhooks",
    "wechat",
    "wechatpay",
    "wecom",
];

/// Endings of the files that hold a key, a certificate or a secret.
const ENDINGS: [&str; 13] = ["pem", "key", "pub", "crt", "cer", "cert", "der", "txt", "p7b", "p8", "p12", "pfx", "env"];

/// Whether a name has the form of a key, a token or a password rather than of a file's name.
fn may_be_a_secret(name: &str) -> bool {
    /// The longest plausible name.
    const MAX_NAME: usize = 200;
    /// The longest last part of a path without an ending. An APIv3 key has 32 characters, an
    /// EncodingAESKey 43.
    const MAX_BARE: usize = 24;
    /// The longest path without a root.
    const MAX_RELATIVE: usize = 31;

    if name.contains("-----") || name.len() > MAX_NAME {
        return true;
    }
    if name.chars().all(|character| matches!(character, '.' | '/')) {
        return false;
    }
    let is_among = |list: &[&str], word: &str| list.iter().any(|known| known.eq_ignore_ascii_case(word));
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let ending = last.rsplit_once('.').filter(|(stem, _)| !stem.is_empty()).map(|(_, ending)| ending);
    if ending.is_some_and(|ending| is_among(&ENDINGS, ending)) {
        return false;
    }
    let mut parts = last.split(['_', '-', '.']).filter(|part| !part.is_empty()).peekable();
    if parts.peek().is_some() && parts.all(|part| is_among(&WORDS, part)) {
        return false;
    }
    // Base64 has slashes too, and an `=` or a `+` that no path has.
    let folders = name.strip_suffix(last).unwrap_or_default();
    if folders.is_empty() || name.contains(['=', '+']) || last.len() > MAX_BARE {
        return !is_drive(name);
    }
    let is_deep = folders.matches(['/', '\\']).count() > 1;
    let is_rooted = is_drive(name)
        || ["./", "../", "~/"].iter().any(|root| name.starts_with(root))
        || (name.starts_with('/') && is_deep);
    let is_folder = last.is_empty();
    !is_rooted && (is_folder || name.len() > MAX_RELATIVE || !name.split(['/', '\\']).all(is_plain))
}

/// Whether a name begins with a drive of Windows. In a text of TOML, `\t` has become a tab.
fn is_drive(name: &str) -> bool {
    let mut characters = name.chars();
    characters.next().is_some_and(|letter| letter.is_ascii_alphabetic())
        && characters.next() == Some(':')
        && characters.next().is_some_and(|next| matches!(next, '\\' | '/') || next.is_control())
}

/// Whether part of a path reads as a name: letters and digits, and each word in small letters, with
/// an initial capital, or all in capitals.
fn is_plain(part: &str) -> bool {
    part.chars().all(|character| character.is_alphanumeric() || "_-. ".contains(character))
        && part.split(['_', '-', '.', ' ']).all(|word| {
            let capital = |character: char| character.is_ascii_uppercase();
            !word.chars().skip(1).any(capital) || !word.chars().any(|character| character.is_ascii_lowercase())
        })
}

/// The invisible difference between an id and its serial: blanks, characters without width, colons.
/// `None` for another serial.
pub(super) fn unseen_difference(serial: &str, id: &str) -> Option<String> {
    let bare = |text: &str| {
        let digits: String = text.chars().filter(char::is_ascii_alphanumeric).collect();
        digits.trim_start_matches('0').to_ascii_uppercase()
    };
    if bare(serial) != bare(id) {
        return None;
    }
    strangers_but(id, "").map(|strangers| format!("the two differ only in {strangers}"))
}

/// The characters that no id of a key has, in words.
pub(super) fn strangers(id: &str) -> Option<String> {
    strangers_but(id, "_-")
}

/// The same for an id that may have these characters beside letters and digits.
fn strangers_but(id: &str, allowed: &str) -> Option<String> {
    let mut strange: Vec<char> = id.chars().filter(|c| !c.is_ascii_alphanumeric() && !allowed.contains(*c)).collect();
    strange.sort_unstable();
    strange.dedup();
    let words: Vec<_> = strange
        .into_iter()
        .map(|character| match character {
            ' ' => "a blank".to_owned(),
            '\t' => "a tab".to_owned(),
            '\r' | '\n' => "a line end".to_owned(),
            '\u{a0}' => "a no-break blank (\\u{a0})".to_owned(),
            '\u{3000}' => "a full-width blank (\\u{3000})".to_owned(),
            '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}' => {
                format!("a character without width ({})", character.escape_unicode())
            }
            visible if visible.is_ascii_graphic() => format!("`{visible}`"),
            other => format!("a character {}", other.escape_unicode()),
        })
        .collect();
    (!words.is_empty()).then(|| words.join(" and "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_may_be_a_secret_is_not_shown() {
        for secret in [
            "canary7cde1ZJB1kG2e7VfTs3jQzaWiz",
            "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
            "0123456789abcdef0123456789abcdef",
            "weixin2024",
            "AAAAA",
            "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----",
            "MIGTAgEAMBMGByqGSM49AgEGCCqBHM9VAYItBHkwdwIBAQQg/0Xo8yq5Nb+",
            "ab/CdEfGhIjKlMnOpQrStUvWxYz0123456789/bcdefg=",
            "mykeyisthelongestpasswordofall",
            "wechat2024",
            "my_secret_token_x9",
            "P@ssw0rd.2024",
            "P@ssw0rd.token",
            "token1",
            "secretkey",
            "key.hunter2",
            "s3cr3t-key",
            "___",
            "P@ss/w0rd",
            "aB3dE/6fGh",
            "/aB3dE6fGhIj",
            "C:hunter2",
            "hunter2/",
            &"a/".repeat(200),
        ] {
            assert_eq!(shown(Path::new(secret)), None, "{secret}");
        }
        for name in [
            "apiclient_key.pem",
            "token",
            "encoding_aes_key",
            "app_secret",
            "secrets/Token1",
            "/run/secrets/COMPLAINTS",
            "../keys/merchant",
            "C:\\keys\\apiclient",
            "/etc/pay/MyKey",
            "~/MerchantKey",
            ".env",
            "APIv3_Key",
            "private-key.pem.bak",
            "wechatpay.p12",
            "hunter2.TXT",
            "我的私钥.pem",
            "5F1C72E2A8931B72A2E13AF8DEE92471EB397115.cer",
        ] {
            assert_eq!(shown(Path::new(name)), Some(name));
        }
        for name in ["a\u{1b}.pem", "C:\temp", "C:\new\temp.key"] {
            assert_eq!(shown(Path::new(name)), Some(name));
        }
    }

    #[test]
    fn a_quote_that_is_not_closed_is_seen() {
        for (line, open) in [
            ("'RSA", Some((0, '\''))),
            ("a = \"RSA", Some((4, '"'))),
            ("\"RSA'", Some((0, '"'))),
            ("'it\"", Some((0, '\''))),
            ("\"a\\\"", Some((0, '"'))),
            ("[\"a\", 'b]", Some((6, '\''))),
            ("'RSA # 'quoted", None),
            ("\"RSA\" # it's", None),
            ("\"it's\"", None),
            ("RSA", None),
            ("a = RSA'", None),
            ("a = 'it's'", None),
            ("'''", None),
        ] {
            assert_eq!(unclosed_quote(line), open, "{line}");
        }
    }

    #[test]
    fn what_cannot_be_seen_is_said() {
        for (id, words) in [
            ("5F1C ", "a blank"),
            ("5F1C\u{a0}", "a no-break blank (\\u{a0})"),
            ("\u{feff}5F\u{200b}1C", "a character without width (\\u{200b}) and a character without width (\\u{feff})"),
            ("5F:1C", "`:`"),
            ("5F-1C", "`-`"),
            ("5f\t1c", "a tab"),
        ] {
            assert_eq!(unseen_difference("5F1C", id), Some(format!("the two differ only in {words}")), "{id:?}");
        }
        assert_eq!(unseen_difference("5F1C", "5F1D"), None);
        assert_eq!(strangers("PUB_KEY_ID_0142"), None);
    }
}
