//! The sections `[[notice]]`.

use std::path::Path;

use super::document::NoticeSection;
use super::notice_words::{Mention, NoticeEvent, NoticeKind, NoticeLanguage};
use super::place::Place;
use crate::error::SettingError;
use protocol_core::{Secret, UnixTime};

/// Notices to people: a section `[[notice]]`. Its members fit its kind; files are read when they are
/// asked for.
#[derive(Debug, Clone)]
pub struct NoticeSettings {
    section: NoticeSection,
    place: Place,
    kind: NoticeKind,
}

/// Hours of each day, by China's time, in which notices wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Quiet {
    /// Minutes of the day.
    from: u16,
    until: u16,
}

impl Quiet {
    /// Reads `22:00-08:00`: the first minute, and the first one after. `None` for another text, and
    /// for hours that are none.
    ///
    /// ```
    /// use complaint_channels::Quiet;
    /// use protocol_core::UnixTime;
    ///
    /// let quiet = Quiet::parse("22:00-08:00").unwrap();
    /// assert!(quiet.holds(UnixTime(1_795_962_600))); // 22:30 in China
    /// assert!(!quiet.holds(UnixTime(1_795_999_000))); // 08:36
    /// ```
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (from, until) = text.split_once('-')?;
        let (from, until) = (minute(from)?, minute(until)?);
        (from != until).then_some(Self { from, until })
    }

    /// Whether it is quiet at this time.
    #[must_use]
    pub fn holds(self, now: UnixTime) -> bool {
        let minute = now.0.saturating_add(CHINA_OFFSET_SECONDS).rem_euclid(86_400) / 60;
        let (from, until) = (i64::from(self.from), i64::from(self.until));
        if from < until { (from..until).contains(&minute) } else { minute >= from || minute < until }
    }
}

/// The minute of the day of `HH:MM`.
fn minute(text: &str) -> Option<u16> {
    let (hour, minute) = text.trim().split_once(':')?;
    let number = |text: &str, below: u16| {
        let is_number = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse::<u16>().ok().filter(|number| is_number && *number < below)
    };
    Some(number(hour, 24)? * 60 + number(minute, 60)?)
}

impl NoticeSettings {
    /// The section, if its members fit its kind.
    pub(super) fn new(section: NoticeSection, place: Place) -> Result<Self, SettingError> {
        let kind = section
            .kind
            .ok_or_else(|| place.missing("kind: \"wecom\", \"dingtalk\", \"feishu\", \"command\" or \"url\""))?;
        let is_robot = matches!(kind, NoticeKind::Wecom | NoticeKind::Dingtalk | NoticeKind::Feishu);
        let is_signed = matches!(kind, NoticeKind::Dingtalk | NoticeKind::Feishu);
        let is_command = kind == NoticeKind::Command;
        let refuse = |problem: &str| Err(place.invalid_section(problem));
        if section.url_file.is_some() && is_command {
            return refuse("`url_file` is for a robot or a URL; a command is named by `command`");
        }
        if section.command.is_some() && !is_command {
            return refuse("`command` is for kind = \"command\"; name the file of the URL by `url_file`");
        }
        if section.secret_file.is_some() && !is_signed {
            return refuse(
                "`secret_file` is for \"dingtalk\" and \"feishu\", whose robots verify a signature; remove it",
            );
        }
        if section.mention != Mention::default() && !is_robot {
            return refuse("`mention` is for the robots; remove it");
        }
        let Mention { users, mobiles, .. } = &section.mention;
        if !mobiles.is_empty() && kind == NoticeKind::Feishu {
            return refuse("Feishu mentions people by open id or user id alone; write `users` in place of `mobiles`");
        }
        if users.len() + mobiles.len() > MAX_MENTIONS || !users.iter().chain(mobiles).all(|id| is_id(id)) {
            return refuse(
                "`mention` has up to 20 ids and telephone numbers, each of 1 to 64 letters, digits, points, hyphens, \
                 underscores, @ or +",
            );
        }
        Ok(Self { section, place, kind })
    }

    /// The name by which the inbox knows the receiver. Default, of a single one: `notice`.
    #[must_use]
    pub fn name(&self) -> &str {
        self.section.name.as_deref().unwrap_or(NAME)
    }

    /// The kind of the receiver.
    #[must_use]
    pub const fn kind(&self) -> NoticeKind {
        self.kind
    }

    /// The URL's file, which is a credential.
    ///
    /// # Errors
    /// [`SettingError`], here and below: a member or a file is missing, or cannot be used.
    pub fn url(&self) -> Result<Secret, SettingError> {
        let path = self.section.url_file.as_deref().ok_or_else(|| self.place.missing("url_file"))?;
        self.read("url_file", path)
    }

    /// The secret's file, if the robot verifies a signature.
    ///
    /// # Errors
    /// [`SettingError`].
    pub fn secret(&self) -> Result<Option<Secret>, SettingError> {
        self.section.secret_file.as_deref().map(|path| self.read("secret_file", path)).transpose()
    }

    /// The program and its arguments.
    ///
    /// # Errors
    /// [`SettingError`].
    pub fn command(&self) -> Result<(&str, &[String]), SettingError> {
        let command = self.section.command.as_deref().unwrap_or_default();
        let (program, arguments) = command.split_first().ok_or_else(|| self.place.missing("command"))?;
        if Path::new(program).is_absolute() {
            return Ok((program, arguments));
        }
        Err(self
            .place
            .invalid_section("the first of `command` must be the whole path of a program, such as \"/usr/bin/logger\""))
    }

    /// The reasons for a notice. Default: all.
    #[must_use]
    pub fn events(&self) -> &[NoticeEvent] {
        self.section.events.as_deref().unwrap_or(&NoticeEvent::ALL)
    }

    /// The seconds before a deadline at which it is near. Default: 6 hours.
    ///
    /// # Errors
    /// [`SettingError`].
    pub fn near_seconds(&self) -> Result<Vec<u32>, SettingError> {
        let hours = self.section.near_hours.as_deref().unwrap_or(&NEAR_HOURS);
        if hours.len() > MAX_NEAR_STEPS || !hours.iter().all(|hours| (1..=MAX_NEAR_HOURS).contains(hours)) {
            let form = format_args!("`near_hours` has up to {MAX_NEAR_STEPS} numbers, each 1 to {MAX_NEAR_HOURS}");
            return Err(self.place.invalid_section(form));
        }
        Ok(hours.iter().map(|hours| hours * 3600).collect())
    }

    /// The hours in which notices wait. Default: none.
    ///
    /// # Errors
    /// [`SettingError`].
    pub fn quiet(&self) -> Result<Option<Quiet>, SettingError> {
        let form = "`quiet` must be two times of China's clock, such as \"22:00-08:00\"";
        let parse = |text| Quiet::parse(text).ok_or_else(|| self.place.invalid_section(form));
        self.section.quiet.as_deref().map(parse).transpose()
    }

    /// The reasons whose notices do not wait for the end of the quiet hours. Default: none.
    #[must_use]
    pub fn wake(&self) -> &[NoticeEvent] {
        &self.section.wake
    }

    /// The language's code: `zh` (default) or `en`.
    #[must_use]
    pub const fn language(&self) -> &'static str {
        match self.section.language {
            NoticeLanguage::Zh => "zh",
            NoticeLanguage::En => "en",
        }
    }

    /// Whether notices quote the payer's words. Default: no.
    #[must_use]
    pub const fn with_text(&self) -> bool {
        self.section.with_text
    }

    /// The people whom a robot mentions. Default: none.
    #[must_use]
    pub const fn mention(&self) -> &Mention {
        &self.section.mention
    }

    fn read(&self, member: &str, path: &Path) -> Result<Secret, SettingError> {
        Ok(Secret::read(&self.place.file(member, path)?))
    }
}

/// Whether a text is an id of a person or a telephone number, and no markup.
fn is_id(text: &str) -> bool {
    (1..=MAX_ID).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.@+".contains(&byte))
}

/// Most people whom a message mentions.
pub const MAX_MENTIONS: usize = 20;

/// Longest id of a person, in bytes.
const MAX_ID: usize = 64;

/// Most distances at which a deadline is near.
pub const MAX_NEAR_STEPS: usize = 8;

/// Longest distance at which a deadline is near, in hours.
pub const MAX_NEAR_HOURS: u32 = 72;

const NEAR_HOURS: [u32; 1] = [6];

const NAME: &str = "notice";

/// China's time zone, which has no summer time.
const CHINA_OFFSET_SECONDS: i64 = 8 * 3600;

#[cfg(test)]
mod tests {
    use super::*;

    /// A time of China's clock.
    fn at(hour: i64, minute: i64) -> UnixTime {
        UnixTime(1_795_881_600 + hour * 3600 + minute * 60)
    }

    #[test]
    fn quiet_hours_begin_and_end_to_the_minute() {
        assert_eq!(at(8, 0).0 % 86_400, 0);
        for (text, inside, outside) in [
            ("22:00-08:00", [(22, 0), (23, 59), (0, 0), (7, 59)], [(21, 59), (8, 0), (12, 0), (8, 1)]),
            ("12:30-13:30", [(12, 30), (13, 0), (13, 29), (12, 31)], [(12, 29), (13, 30), (0, 0), (23, 59)]),
        ] {
            let quiet = Quiet::parse(text).unwrap();
            for (hour, minute) in inside {
                assert!(quiet.holds(at(hour, minute)), "{text} {hour}:{minute}");
            }
            for (hour, minute) in outside {
                assert!(!quiet.holds(at(hour, minute)), "{text} {hour}:{minute}");
            }
        }
        assert!(Quiet::parse("00:00-23:59").unwrap().holds(UnixTime(i64::MIN)));
    }

    #[test]
    fn other_texts_are_no_quiet_hours() {
        for text in
            ["", "22-8", "22:00", "22:00-22:00", "24:00-08:00", "22:60-08:00", "22:0-08:00", "+2:00-08:00", "a-b"]
        {
            assert_eq!(Quiet::parse(text), None, "{text}");
        }
        assert_eq!(Quiet::parse("22:00 - 08:00"), Quiet::parse("22:00-08:00"));
    }
}
