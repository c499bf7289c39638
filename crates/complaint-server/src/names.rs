//! The names of tokens and endpoints, which stand in files, addresses, logs and metrics; the names that
//! people gave merchants.

use std::collections::BTreeMap;

use complaint_channels::Channels;
use complaint_inbox::Source;

/// Longest name of a token or an endpoint, in characters.
pub const MAX_NAME: usize = 64;

/// The rule, for errors.
pub(crate) const NAME_RULE: &str = "1 to 64 letters, digits, points, hyphens or underscores";

/// Whether a text needs no escape wherever it stands.
pub(crate) fn is_name(text: &str) -> bool {
    (1..=MAX_NAME).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'))
}

/// The names that people gave the accounts.
pub(crate) fn merchant_names(channels: &Channels) -> BTreeMap<Source, String> {
    let named = channels
        .accounts()
        .map(|account| account.id())
        .filter_map(|id| Some((Source::new(id.channel.as_str(), &*id.merchant), id.name.clone()?)));
    named.collect()
}

/// The name of a merchant, if people gave it one.
pub(crate) fn merchant_name<'n>(names: &'n BTreeMap<Source, String>, channel: &str, merchant: &str) -> Option<&'n str> {
    let named = |channel: &str| names.get(&Source::new(channel, merchant)).map(String::as_str);
    // One section of Allinpay has two channels.
    named(channel).or_else(|| named(channel.strip_suffix("-alipay")?))
}
