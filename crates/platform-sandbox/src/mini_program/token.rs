//! Access tokens of two independent kinds: renewed, forced, expired on command.

use std::collections::HashMap;

use protocol_core::UnixTime;

use crate::random;

/// The lifetime of a token, in seconds.
const LIFETIME: i64 = 7200;

/// A token is renewed this many seconds before its end. The token before lasts this long at most.
const OVERLAP: i64 = 300;

/// The limits of a forced stable token: a number a day, and seconds between two.
const FORCED_A_DAY: usize = 20;
const FORCED_APART: i64 = 30;
const DAY: i64 = 86_400;

/// Characters of a token. The documentation asks for room for 512.
const LENGTH: usize = 136;

/// The kind of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Classic,
    Stable,
}

/// An issued token.
#[derive(Clone, Copy)]
struct Issued {
    kind: Kind,
    until: UnixTime,
    /// A newer token replaced it.
    replaced: bool,
}

/// The limit that a forced token met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Limit {
    /// Forced less than 30 seconds ago.
    TooSoon,
    /// Forced 20 times in 24 hours.
    TooOften,
}

/// The reason that a token is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BadToken {
    /// It was never issued, or is no longer the latest.
    NotLatest,
    /// It does not have the form of a token.
    Malformed,
    Expired,
}

/// All tokens. Old ones are kept, to tell them from tokens that were never issued.
#[derive(Clone, Default)]
pub(super) struct Tokens {
    issued: HashMap<String, Issued>,
    classic: Option<String>,
    stable: Option<String>,
    forced: Vec<UnixTime>,
}

impl Tokens {
    /// `/cgi-bin/token`: a new token each time. The one before lasts five more minutes at most.
    pub(super) fn classic(&mut self, now: UnixTime) -> (String, i64) {
        let before = self.classic.take();
        self.retire(before, now, OVERLAP);
        let token = self.issue(Kind::Classic, now);
        self.classic = Some(token.clone());
        (token, LIFETIME)
    }

    /// `/cgi-bin/stable_token`: the same token until its last five minutes; a new one if forced.
    pub(super) fn stable(&mut self, force: bool, now: UnixTime) -> Result<(String, i64), Limit> {
        if force {
            self.forced.retain(|then| now.0 - then.0 < DAY);
            if self.forced.last().is_some_and(|then| now.0 - then.0 < FORCED_APART) {
                return Err(Limit::TooSoon);
            }
            if self.forced.len() >= FORCED_A_DAY {
                return Err(Limit::TooOften);
            }
            self.forced.push(now);
            let before = self.stable.take();
            self.retire(before, now, 0);
        }
        let current = self.stable.as_ref().and_then(|token| Some((token, self.issued.get(token)?)));
        if let Some((token, issued)) = current {
            let left = issued.until.0 - now.0;
            if left > OVERLAP {
                return Ok((token.clone(), left));
            }
        }
        // The token before is valid to its own end.
        let token = self.issue(Kind::Stable, now);
        self.stable = Some(token.clone());
        Ok((token, LIFETIME))
    }

    fn issue(&mut self, kind: Kind, now: UnixTime) -> String {
        let token = format!("{}_{}", fastrand::u8(10..100), random::alphanumeric(LENGTH - 3));
        let issued = Issued { kind, until: UnixTime(now.0.saturating_add(LIFETIME)), replaced: false };
        self.issued.insert(token.clone(), issued);
        token
    }

    fn retire(&mut self, token: Option<String>, now: UnixTime, after: i64) {
        if let Some(issued) = token.and_then(|token| self.issued.get_mut(&token)) {
            issued.until = issued.until.min(UnixTime(now.0.saturating_add(after)));
            issued.replaced = true;
        }
    }

    /// Ends every token now.
    pub(super) fn expire(&mut self, now: UnixTime) {
        for issued in self.issued.values_mut() {
            issued.until = issued.until.min(now);
        }
        (self.classic, self.stable) = (None, None);
    }

    /// The kind of a token, if it is accepted now.
    pub(super) fn check(&self, token: &str, now: UnixTime) -> Result<Kind, BadToken> {
        let written = token.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
        if token.len() < 32 || !written {
            return Err(BadToken::Malformed);
        }
        let issued = self.issued.get(token).ok_or(BadToken::NotLatest)?;
        match (now < issued.until, issued.replaced) {
            (true, _) => Ok(issued.kind),
            (false, true) => Err(BadToken::NotLatest),
            (false, false) => Err(BadToken::Expired),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const T: fn(i64) -> UnixTime = UnixTime;

    #[test]
    fn a_classic_token_outlives_the_next_one_by_five_minutes() {
        let mut tokens = Tokens::default();
        let (first, expires_in) = tokens.classic(T(0));
        assert_eq!((first.len(), expires_in), (LENGTH, 7200));
        let (second, _) = tokens.classic(T(100));
        assert_ne!(first, second);
        assert_eq!(tokens.check(&first, T(399)), Ok(Kind::Classic));
        assert_eq!(tokens.check(&first, T(400)), Err(BadToken::NotLatest));
        assert_eq!(tokens.check(&second, T(7299)), Ok(Kind::Classic));
        assert_eq!(tokens.check(&second, T(7300)), Err(BadToken::Expired));
    }

    #[test]
    fn a_stable_token_lasts_until_its_last_five_minutes_apart_from_the_other_kind() {
        let mut tokens = Tokens::default();
        let (first, _) = tokens.stable(false, T(0)).unwrap();
        tokens.classic(T(1));
        assert_eq!(tokens.stable(false, T(6899)), Ok((first.clone(), 301)));
        let (second, expires_in) = tokens.stable(false, T(6900)).unwrap();
        assert_ne!(first, second);
        assert_eq!(expires_in, 7200);
        assert_eq!(tokens.check(&first, T(7199)), Ok(Kind::Stable));
        assert_eq!(tokens.check(&first, T(7200)), Err(BadToken::Expired));
        assert_eq!(tokens.check(&second, T(7200)), Ok(Kind::Stable));
    }

    #[test]
    fn forcing_is_limited_and_ends_the_one_before() {
        let mut tokens = Tokens::default();
        let (first, _) = tokens.stable(false, T(0)).unwrap();
        let (forced, _) = tokens.stable(true, T(1)).unwrap();
        assert_eq!(tokens.check(&first, T(1)), Err(BadToken::NotLatest));
        assert_eq!(tokens.check(&forced, T(1)), Ok(Kind::Stable));
        assert_eq!(tokens.stable(true, T(30)), Err(Limit::TooSoon));
        for time in 1..20 {
            assert!(tokens.stable(true, T(1 + time * 30)).is_ok());
        }
        assert_eq!(tokens.stable(true, T(10_000)), Err(Limit::TooOften));
        assert!(tokens.stable(true, T(1 + DAY)).is_ok());
    }

    #[test]
    fn expired_on_command_is_told_from_never_issued() {
        let mut tokens = Tokens::default();
        let (token, _) = tokens.stable(false, T(0)).unwrap();
        tokens.expire(T(5));
        assert_eq!(tokens.check(&token, T(5)), Err(BadToken::Expired));
        assert_eq!(tokens.check(&"a".repeat(40), T(5)), Err(BadToken::NotLatest));
        assert_eq!(tokens.check("short", T(5)), Err(BadToken::Malformed));
        assert_ne!(tokens.stable(false, T(5)).unwrap().0, token);
    }
}
