//! Merchants by the names that people gave them, with their numbers.

use std::collections::BTreeMap;

use complaint_inbox::{Source, Store};
use complaint_texts::Language;

use crate::desk::Desk;
use crate::names::{merchant_name, merchant_names};

/// The names of the configuration, as it is now.
pub(super) struct Merchants {
    language: Language,
    names: BTreeMap<Source, String>,
}

impl Merchants {
    pub(super) fn of<S: Store>(desk: &Desk<S>, language: Language) -> Self {
        let names = desk.channels().map(|channels| merchant_names(&channels)).unwrap_or_default();
        Self { language, names }
    }

    /// A merchant of a channel.
    pub(super) fn words(&self, channel: &str, merchant: &str) -> String {
        self.with_number(merchant_name(&self.names, channel, merchant), merchant)
    }

    /// A merchant whose channel is not told: a merchant has one number and several channels.
    pub(super) fn words_anywhere(&self, merchant: &str) -> String {
        let name = self.names.iter().find(|(source, _)| source.merchant == merchant).map(|(_, name)| &**name);
        self.with_number(name, merchant)
    }

    fn with_number(&self, name: Option<&str>, merchant: &str) -> String {
        match name {
            Some(name) => {
                let values = [("name", name.into()), ("number", merchant.into())];
                self.language.text_with("merchant-named", values)
            }
            None => merchant.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_merchant_has_its_name_with_its_number_on_each_of_its_channels() {
        let names = [("wechat-pay", "1900000001", "小店"), ("allinpay", "99", "分店")];
        let names = names.map(|(channel, merchant, name)| (Source::new(channel, merchant), name.to_owned()));
        let merchants = Merchants { language: Language::Chinese, names: names.into() };
        assert_eq!(merchants.words("wechat-pay", "1900000001"), "小店（商户号 1900000001）");
        assert_eq!(merchants.words("allinpay-alipay", "99"), "分店（商户号 99）");
        assert_eq!(merchants.words("allinpay", "1900000001"), "1900000001");
        assert_eq!(merchants.words_anywhere("99"), "分店（商户号 99）");
        assert_eq!(merchants.words_anywhere("98"), "98");
    }
}
