//! The member `rates` of a section: requests a minute.

use std::fmt;
use std::num::NonZeroU32;

use protocol_core::rate::{Rate, RateGroup, Rates};
use serde::de::{Error, Unexpected, Visitor};
use serde::{Deserialize, Deserializer};

/// The limits of a section. A group that has none keeps the channel's.
#[derive(Debug, Default, Clone, Copy, Hash, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RatesSection {
    list: Option<Limit>,
    history: Option<Limit>,
    reply: Option<Limit>,
    upload: Option<Limit>,
    complete: Option<Limit>,
    other: Option<Limit>,
}

/// The limit of a group.
#[derive(Debug, Clone, Copy, Hash)]
enum Limit {
    PerMinute(NonZeroU32),
    None,
}

impl RatesSection {
    /// The rates of a channel, with these limits in place of its own.
    pub(super) fn over(self, rates: Rates) -> Rates {
        let limits = [
            (RateGroup::List, self.list),
            (RateGroup::History, self.history),
            (RateGroup::Reply, self.reply),
            (RateGroup::Upload, self.upload),
            (RateGroup::Complete, self.complete),
            (RateGroup::Other, self.other),
        ];
        limits.into_iter().fold(rates, |rates, (group, limit)| match limit {
            None => rates,
            Some(Limit::PerMinute(requests)) => rates.with(group, Some(Rate::per_minute(requests.get()))),
            Some(Limit::None) => rates.with(group, None),
        })
    }
}

impl<'de> Deserialize<'de> for Limit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OfLimit;

        impl Visitor<'_> for OfLimit {
            type Value = Limit;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("requests a minute, or \"none\"")
            }

            fn visit_i64<E: Error>(self, requests: i64) -> Result<Limit, E> {
                let requests = u32::try_from(requests).ok().and_then(NonZeroU32::new).map(Limit::PerMinute);
                requests.ok_or_else(|| E::invalid_value(Unexpected::Other("this number"), &self))
            }

            fn visit_str<E: Error>(self, word: &str) -> Result<Limit, E> {
                if word == "none" {
                    Ok(Limit::None)
                } else {
                    Err(E::invalid_value(Unexpected::Other("this text"), &self))
                }
            }
        }

        deserializer.deserialize_any(OfLimit)
    }
}
