//! The doctor's findings: a line each, and what they mean for the exit status.

use complaint_channels::SettingError;
use complaint_texts::Language;
use protocol_core::UnixTime;
use protocol_core::crypto::Validity;
use protocol_core::limits::CLOCK_WINDOW_SECONDS;
use serde::Serialize;

use crate::error::{Code, Error};
use crate::input;
use crate::language::{of_results, say, say_with};
use crate::view::output::{self, visible};
use crate::view::table::{Cell, Column, Fit, Table};
use crate::view::tone::Tone;
use crate::view::words::china_time;

/// What is found about one section.
pub(super) struct Findings {
    of: String,
    checks: Vec<Check>,
}

/// A line.
#[derive(Serialize)]
struct Check {
    /// The section.
    of: String,
    /// The name of a text of the family `check`.
    #[serde(serialize_with = "name")]
    check: &'static str,
    state: State,
    /// The fact, and what to do.
    message: String,
    /// Of a failure.
    #[serde(rename = "code", skip_serializing_if = "Option::is_none", serialize_with = "code")]
    error: Option<Error>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum State {
    Ok,
    Warning,
    Failed,
    /// It cannot be asked, or something before it has to be mended first.
    Unchecked,
}

impl Findings {
    /// Of a section: its name, and its number.
    pub(super) fn of(section: &str, number: Option<&str>) -> Self {
        let number = number.map(|number| format!(" {}", visible(number))).unwrap_or_default();
        Self { of: format!("{section}{number}"), checks: Vec::new() }
    }

    pub(super) fn ok(&mut self, check: &'static str, message: impl Into<String>) {
        self.add(check, State::Ok, &message.into());
    }

    pub(super) fn warning(&mut self, check: &'static str, message: impl Into<String>) {
        self.add(check, State::Warning, &message.into());
    }

    pub(super) fn unchecked(&mut self, check: &'static str, message: impl Into<String>) {
        self.add(check, State::Unchecked, &message.into());
    }

    pub(super) fn failed(&mut self, check: &'static str, error: impl Into<Error>) {
        let error = error.into();
        let words = visible(error.message());
        let message = match of_results() {
            Language::English => words,
            // The words of libraries and platforms have a line of their own, as those of any error.
            language => format!("{}\n{words}", language.word("error", error.code.as_str())),
        };
        self.checks.push(Check { of: self.of.clone(), check, state: State::Failed, message, error: Some(error) });
    }

    /// A fact that was read, or the error. Returns whether it was.
    pub(super) fn read(&mut self, check: &'static str, fact: Result<String, SettingError>) -> bool {
        let is_read = fact.is_ok();
        match fact {
            Ok(fact) => self.ok(check, fact),
            Err(error) => self.failed(check, error),
        }
        is_read
    }

    /// The end of a certificate.
    pub(super) fn validity(&mut self, check: &'static str, serial: &str, validity: Validity, now: UnixTime) {
        const DAY: i64 = 86_400;

        let end = china_time(&validity.not_after.into());
        let left = validity.not_after.0.saturating_sub(now.0);
        let values = [("serial", serial.into()), ("end", end.as_str().into())];
        if left < 0 {
            self.failed(check, Error::config(format_args!("{serial} ended {end} (China); replace it")));
        } else if left < WARNING_DAYS * DAY {
            let [serial, end] = values;
            self.warning(check, say_with("doctor-ends-soon", [serial, end, ("days", (left / DAY).into())]));
        } else {
            self.ok(check, say_with("doctor-ends", values));
        }
    }

    /// The seconds that the platform's clock is ahead; `None` if no response told its time.
    pub(super) fn clock(&mut self, ahead: Option<i64>) {
        const CHECK: &str = "clock";

        let Some(ahead) = ahead else {
            return self.unchecked(CHECK, say("doctor-clock-untold"));
        };
        let seconds = ahead.unsigned_abs();
        let told = |language: Language| {
            let name = if ahead > 0 { "doctor-clock-behind" } else { "doctor-clock-ahead" };
            language.text_with(name, [("seconds", seconds.to_string().into())])
        };
        if seconds >= CLOCK_WINDOW_SECONDS {
            let message = told(Language::English);
            self.failed(CHECK, Error::usage(format_args!("{message}, and its messages are refused; set the clock")));
        } else if seconds > WARNING_SECONDS {
            let values = [("clock", told(of_results()).into()), ("window", CLOCK_WINDOW_SECONDS.into())];
            self.warning(CHECK, say_with("doctor-clock-set", values));
        } else if seconds == 0 {
            self.ok(CHECK, say("doctor-clock-same"));
        } else {
            self.ok(CHECK, told(of_results()));
        }
    }

    #[cfg(all(test, feature = "serve"))]
    pub(super) fn last_state(&self) -> &'static str {
        self.checks.last().map_or("none", |check| check.state.as_str())
    }

    fn add(&mut self, check: &'static str, state: State, message: &str) {
        self.checks.push(Check { of: self.of.clone(), check, state, message: visible(message), error: None });
    }
}

/// All findings.
#[derive(Serialize)]
pub(super) struct Report {
    checks: Vec<Check>,
    failed: usize,
    warnings: usize,
}

impl Report {
    pub(super) fn of(findings: Vec<Findings>) -> Self {
        let checks: Vec<_> = findings.into_iter().flat_map(|findings| findings.checks).collect();
        let count = |state| checks.iter().filter(|check| check.state == state).count();
        Self { failed: count(State::Failed), warnings: count(State::Warning), checks }
    }

    /// Prints the findings.
    pub(super) fn print(&self) -> Result<(), Error> {
        output::print_either(self, || self.text())?;
        self.verdict()
    }

    /// A failure is the command's error: one of the configuration before one of a platform, since
    /// it may be the cause.
    fn verdict(&self) -> Result<(), Error> {
        let errors = || self.checks.iter().filter_map(|check| Some((check, check.error.as_ref()?)));
        let is_ours = |code: Code| matches!(code, Code::Config | Code::Usage);
        let Some((first, error)) = errors().find(|(_, error)| is_ours(error.code)).or_else(|| errors().next()) else {
            return Ok(());
        };
        let (failed, all) = (self.failed, self.checks.len());
        Err(Error::new(
            error.code,
            format_args!(
                "{failed} of {all} checks failed; see to this first: {}, {}: {}",
                first.of,
                Language::English.word("check", first.check),
                visible(error.message())
            ),
        ))
    }

    fn text(&self) -> String {
        let mut table = Table::new([
            Column::new("state", Fit::Whole),
            Column::new("of", Fit::Above),
            Column::new("check", Fit::Whole),
            Column::new("found", Fit::Lines),
        ]);
        for Check { of, check, state, message, .. } in &self.checks {
            let language = of_results();
            let (state_word, check) = (language.word("finding", state.as_str()), language.word("check", check));
            table.add_in(state.tone(), [&*state_word, of, &*check, message].map(Cell::new));
        }
        table.text()
    }
}

impl State {
    const fn tone(self) -> Tone {
        match self {
            Self::Failed => Tone::Over,
            Self::Warning => Tone::Near,
            Self::Ok | Self::Unchecked => Tone::Plain,
        }
    }

    const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Failed => "failed",
            Self::Unchecked => "unchecked",
        }
    }
}

/// A certificate that ends within so many days is worth a warning.
const WARNING_DAYS: i64 = 30;

/// A clock that differs by more seconds is worth a warning.
const WARNING_SECONDS: u64 = 30;

/// The machine's time.
pub(super) fn now() -> Result<UnixTime, Error> {
    input::now(None)
}

#[expect(clippy::ref_option, reason = "serde gives a reference to the member")]
fn code<S: serde::Serializer>(error: &Option<Error>, serializer: S) -> Result<S::Ok, S::Error> {
    error.as_ref().map(|error| error.code.as_str()).serialize(serializer)
}

/// The English name, for programs.
fn name<S: serde::Serializer>(check: &&'static str, serializer: S) -> Result<S::Ok, S::Error> {
    Language::English.word("check", check).serialize(serializer)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(find: impl FnOnce(&mut Findings)) -> (State, String) {
        let mut findings = Findings::of("wechat-pay", Some("1\u{1b}"));
        find(&mut findings);
        let check = findings.checks.pop().unwrap();
        assert_eq!(check.of, "wechat-pay 1\\u{1b}");
        (check.state, check.message)
    }

    #[test]
    fn a_clock_has_its_bounds_either_way() {
        for sign in [1, -1] {
            for (seconds, state) in
                [(0, State::Ok), (30, State::Ok), (31, State::Warning), (299, State::Warning), (300, State::Failed)]
            {
                let (found, message) = found(|findings| findings.clock(Some(sign * seconds)));
                assert_eq!(found, state, "{seconds}: {message}");
            }
        }
        let (_, message) = found(|findings| findings.clock(Some(7)));
        assert_eq!(message, "this machine is 7 s behind the platform");
        assert_eq!(found(|findings| findings.clock(Some(i64::MIN))).0, State::Failed);
        assert_eq!(found(|findings| findings.clock(None)).0, State::Unchecked);
    }

    #[test]
    fn a_certificate_that_ends_soon_is_told() {
        let days = |days: i64| UnixTime(days * 86_400);
        let ending = |end: UnixTime| {
            let validity = Validity { not_before: UnixTime(0), not_after: end };
            found(|findings| findings.validity("certificate", "5F1C", validity, days(100))).0
        };
        assert_eq!(ending(UnixTime(days(100).0 - 1)), State::Failed);
        assert_eq!(ending(days(100)), State::Warning);
        assert_eq!(ending(UnixTime(days(130).0 - 1)), State::Warning);
        assert_eq!(ending(days(130)), State::Ok);
    }

    #[test]
    fn the_exit_status_is_that_of_the_worst() {
        let report = |find: fn(&mut Findings)| {
            let mut findings = Findings::of("allinpay", None);
            findings.ok("keys", "there");
            findings.warning("clock", "slow");
            findings.unchecked("notification URL", "see the console");
            find(&mut findings);
            Report::of(vec![findings])
        };
        assert!(report(|_| ()).verdict().is_ok());
        let refused =
            report(|findings| findings.failed("list", Error::new(Code::Rejected, "no"))).verdict().unwrap_err();
        assert_eq!(refused.code, Code::Rejected);
        let both = report(|findings| {
            findings.failed("list", Error::new(Code::Rejected, "no"));
            findings.failed("keys", Error::config("gone"));
        });
        assert_eq!((both.failed, both.warnings), (2, 1));
        let error = both.verdict().unwrap_err();
        assert_eq!(error.message(), "2 of 5 checks failed; see to this first: allinpay, keys: gone");
        assert_eq!(error.code, Code::Config);
    }
}
