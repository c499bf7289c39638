//! A header in a line, and whether it is one of WeChat Pay's.

/// Names and values, in their order.
pub(crate) type Headers = Vec<(String, String)>;

/// Whether a name is one of WeChat Pay's, in any spelling.
pub(super) fn is_ours(name: &str) -> bool {
    name.to_ascii_lowercase().replace('_', "-").contains("wechatpay-")
}

/// A line's name and value.
pub(super) fn header(line: &str) -> Option<(&str, &str)> {
    let rest = line.strip_prefix(':').unwrap_or(line);
    // A copied table has tabs.
    let (name, value) = rest.split_once([':', '\t'])?;
    let is_name =
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$&*+-.^_|~".contains(&byte));
    let name = line.get(..line.len() - rest.len() + name.len())?;
    is_name.then(|| (name, value.trim()))
}
