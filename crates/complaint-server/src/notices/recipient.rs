//! A recipient of notices: a group robot, a command or a URL.

use std::collections::BTreeMap;
use std::fmt;

use complaint_channels::{Mention, NoticeEvent, NoticeKind, NoticeSettings, Quiet, SettingError, SettingErrorKind};
use complaint_inbox::{ComplaintKey, Event, EventKind, NearSteps, Source};
use complaint_texts::Language;
use http::Uri;
use protocol_core::complaint::NEAR_SECONDS;
use protocol_core::{Secret, UnixTime};
use serde_json::Value;

use crate::names::{NAME_RULE, is_name, merchant_name};
use crate::url::may_be_called;

/// A recipient of notices: people behind a group robot, a command of this machine, or a URL.
///
/// ```no_run
/// use complaint_channels::Settings;
/// use complaint_server::Recipient;
///
/// # fn main() -> Result<(), complaint_channels::SettingError> {
/// let settings = Settings::from_file("complaints.toml")?;
/// for section in settings.notices()? {
///     let recipient = Recipient::from_settings(&section)?;
///     println!("{}", recipient.name());
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, PartialEq)]
pub struct Recipient {
    pub(super) name: String,
    pub(super) way: Way,
    events: Vec<NoticeEvent>,
    near: Vec<u32>,
    quiet: Option<Quiet>,
    wake: Vec<NoticeEvent>,
    pub(super) language: Language,
    pub(super) with_text: bool,
    pub(super) mention: Mention,
    pub(super) page: Option<String>,
    pub(super) names: BTreeMap<Source, String>,
}

/// The way to a recipient. URLs are credentials.
#[derive(Clone)]
pub(super) enum Way {
    Wecom(Uri),
    Dingtalk(Uri, Option<Secret>),
    Feishu(Uri, Option<Secret>),
    Url(Uri),
    Command(String, Vec<String>),
}

impl PartialEq for Way {
    fn eq(&self, other: &Self) -> bool {
        let is_same = |one: &Option<Secret>, other: &Option<Secret>| {
            one.as_ref().map(Secret::expose) == other.as_ref().map(Secret::expose)
        };
        match (self, other) {
            (Self::Wecom(one), Self::Wecom(other)) | (Self::Url(one), Self::Url(other)) => one == other,
            (Self::Dingtalk(one, key), Self::Dingtalk(other, other_key))
            | (Self::Feishu(one, key), Self::Feishu(other, other_key)) => one == other && is_same(key, other_key),
            (Self::Command(one, words), Self::Command(other, other_words)) => (one, words) == (other, other_words),
            _ => false,
        }
    }
}

impl Recipient {
    /// The recipient of a section `[[notice]]`, with what its files hold.
    ///
    /// # Errors
    /// [`SettingError`]: a member or a file is missing or cannot be used, or the URL is not one of the
    /// platform's. The text quotes no URL.
    pub fn from_settings(section: &NoticeSettings) -> Result<Self, SettingError> {
        let name = section.name();
        if !is_name(name) {
            let rule = format_args!("the name of a [[notice]] is {NAME_RULE}");
            return Err(SettingError::new(SettingErrorKind::Value, rule));
        }
        let (kind, secret) = (section.kind(), section.secret()?);
        if secret.as_ref().is_some_and(|secret| secret.expose().is_empty()) {
            return Err(of(name, "the file of `secret_file` is empty; write the robot's secret into it"));
        }
        let url = || url(name, kind, &section.url()?);
        let way = match kind {
            NoticeKind::Wecom => Way::Wecom(url()?),
            NoticeKind::Dingtalk => Way::Dingtalk(url()?, secret),
            NoticeKind::Feishu => Way::Feishu(url()?, secret),
            NoticeKind::Command => {
                let (program, arguments) = section.command()?;
                Way::Command(program.to_owned(), arguments.to_vec())
            }
            _ => Way::Url(url()?),
        };
        Ok(Self {
            name: name.to_owned(),
            way,
            events: section.events().to_vec(),
            near: section.near_seconds()?,
            quiet: section.quiet()?,
            wake: section.wake().to_vec(),
            language: Language::from_code(section.language()).unwrap_or_default(),
            with_text: section.with_text(),
            mention: section.mention().clone(),
            page: None,
            names: BTreeMap::new(),
        })
    }

    /// Links each notice to the page at this address, which has no slash at the end. Default: no link.
    #[must_use]
    pub fn with_page(self, url: impl Into<String>) -> Self {
        Self { page: Some(url.into()), ..self }
    }

    /// Calls merchants by these names. Default: by their numbers.
    #[must_use]
    pub fn with_names(self, names: BTreeMap<Source, String>) -> Self {
        Self { names, ..self }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The distances at which it is told that a deadline is near, beside others.
    #[must_use]
    pub fn near_steps(&self, steps: NearSteps) -> NearSteps {
        self.near.iter().fold(steps, |steps, seconds| steps.and(*seconds))
    }

    pub(super) const fn kind(&self) -> NoticeKind {
        match self.way {
            Way::Wecom(_) => NoticeKind::Wecom,
            Way::Dingtalk(..) => NoticeKind::Dingtalk,
            Way::Feishu(..) => NoticeKind::Feishu,
            Way::Command(..) => NoticeKind::Command,
            Way::Url(_) => NoticeKind::Url,
        }
    }

    /// The reason to tell of an event, if there is one.
    pub(super) fn reason(&self, event: &Event) -> Option<NoticeEvent> {
        let reason = match event.kind {
            EventKind::Filed => NoticeEvent::Filed,
            EventKind::PayerResponded | EventKind::Continued => NoticeEvent::PayerResponded,
            EventKind::RefundRequested => NoticeEvent::RefundRequested,
            EventKind::DeadlineNear if self.near.contains(&within(event)) => NoticeEvent::Near,
            EventKind::DeadlineOver => NoticeEvent::Overdue,
            EventKind::ActFinished
                if matches!(event.data.get("state").and_then(Value::as_str), Some("refused" | "unknown")) =>
            {
                NoticeEvent::ActFailed
            }
            _ => return None,
        };
        self.wants(reason).then_some(reason)
    }

    pub(super) fn wants(&self, reason: NoticeEvent) -> bool {
        self.events.contains(&reason)
    }

    /// Whether a later distance of the same deadline was reached too, so that its event follows.
    pub(super) fn is_overtaken(&self, event: &Event, now: UnixTime) -> bool {
        let left = event.data.get("due").and_then(Value::as_i64).map_or(i64::MAX, |due| due.saturating_sub(now.0));
        let is_overtaken = |step: &u32| *step < within(event) && left <= i64::from(*step);
        event.kind == EventKind::DeadlineNear && self.near.iter().any(is_overtaken)
    }

    /// Whether notices of this reason wait now.
    pub(super) fn waits(&self, reason: NoticeEvent, now: UnixTime) -> bool {
        self.is_quiet(now) && !self.wakes(reason)
    }

    pub(super) fn is_quiet(&self, now: UnixTime) -> bool {
        self.quiet.is_some_and(|quiet| quiet.holds(now))
    }

    /// Whether notices of this reason have a queue of their own, since others may have to wait.
    pub(super) fn wakes(&self, reason: NoticeEvent) -> bool {
        self.quiet.is_some() && self.wake.contains(&reason)
    }

    /// The names under which the inbox keeps events for it.
    pub(crate) fn queues(&self) -> Vec<String> {
        [Some(self.name.clone()), self.waking_queue()].into_iter().flatten().collect()
    }

    /// The name of the queue of what does not wait, if there is one.
    pub(super) fn waking_queue(&self) -> Option<String> {
        let is_needed = self.quiet.is_some() && self.wake.iter().any(|reason| *reason != NoticeEvent::DeadLetter);
        is_needed.then(|| format!("{}.wake", self.name))
    }

    /// The name of a merchant for people.
    pub(super) fn merchant<'k>(&'k self, key: &'k ComplaintKey) -> &'k str {
        merchant_name(&self.names, &key.channel, &key.merchant).unwrap_or(&key.merchant)
    }
}

/// A URL is a credential.
impl fmt::Debug for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recipient").field("name", &self.name).field("kind", &self.kind()).finish_non_exhaustive()
    }
}

/// The distance of an event `deadline.near`; of an older one, the only one that there was.
fn within(event: &Event) -> u32 {
    let seconds =
        event.data.get("within_seconds").and_then(Value::as_u64).and_then(|seconds| u32::try_from(seconds).ok());
    seconds.unwrap_or(NEAR_SECONDS)
}

/// The URL of a file. A robot's is at its platform, or a relay on this machine, which alone is called
/// by `http`.
fn url(name: &str, kind: NoticeKind, file: &Secret) -> Result<Uri, SettingError> {
    let url = std::str::from_utf8(file.expose()).ok().and_then(|text| text.parse::<Uri>().ok());
    let hosts = hosts(kind);
    let is_at_home = |url: &Uri| {
        hosts.is_empty() || url.scheme_str() == Some("http") || hosts.contains(&url.host().unwrap_or_default())
    };
    match url.filter(may_be_called) {
        Some(url) if is_at_home(&url) => Ok(url),
        Some(_) => Err(of(
            name,
            format_args!(
                "the URL of `url_file` is not at {}; copy it from the robot, or write kind = \"url\" for a URL of yours",
                hosts.join(" or ")
            ),
        )),
        None => Err(of(
            name,
            "the file of `url_file` holds no https://HOST/PATH without a user name (http:// on loopback); its text is \
             not shown",
        )),
    }
}

/// The hosts of a platform's robots.
const fn hosts(kind: NoticeKind) -> &'static [&'static str] {
    match kind {
        NoticeKind::Wecom => &["qyapi.weixin.qq.com"],
        NoticeKind::Dingtalk => &["oapi.dingtalk.com"],
        NoticeKind::Feishu => &["open.feishu.cn", "open.larksuite.com"],
        _ => &[],
    }
}

/// The error of a section.
fn of(name: &str, problem: impl fmt::Display) -> SettingError {
    SettingError::new(SettingErrorKind::Value, format_args!("[notice] {name}: {problem}"))
}

#[cfg(test)]
pub(super) mod samples {
    use complaint_channels::Settings;

    use super::*;

    /// The recipient of a section, whose URL's file and secret's file are written beside it.
    pub(crate) fn from(members: &str, url: &str, secret: &str) -> Result<Recipient, SettingError> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("robot.url"), url).unwrap();
        std::fs::write(folder.path().join("robot.secret"), secret).unwrap();
        let text = format!("[[notice]]\nname = \"group\"\n{members}\n");
        Recipient::from_settings(&Settings::from_toml(&text, folder.path()).unwrap().notices()?.remove(0))
    }

    pub(crate) fn wecom() -> Recipient {
        with("")
    }

    /// WeCom's, with further members.
    pub(crate) fn with(members: &str) -> Recipient {
        let url = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=canary";
        from(&format!("kind = \"wecom\"\nurl_file = \"robot.url\"\n{members}"), url, "").unwrap()
    }

    pub(crate) fn dingtalk() -> Recipient {
        let members = "kind = \"dingtalk\"\nurl_file = \"robot.url\"\nsecret_file = \"robot.secret\"";
        from(members, "https://oapi.dingtalk.com/robot/send?access_token=canary", "this is secret").unwrap()
    }

    pub(crate) fn feishu() -> Recipient {
        let members = "kind = \"feishu\"\nurl_file = \"robot.url\"\nsecret_file = \"robot.secret\"";
        from(members, "https://open.feishu.cn/open-apis/bot/v2/hook/canary", "demo").unwrap()
    }

    pub(crate) fn mention() -> Mention {
        let mut mention = Mention::default();
        (mention.users, mention.mobiles, mention.all) = (vec!["zhangsan".into()], vec!["13800001111".into()], true);
        mention
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::samples::{from, with};
    use super::*;
    use crate::event_document;

    fn event(kind: EventKind, data: Value) -> Event {
        Event { kind, data, ..event_document::samples::event(1) }
    }

    #[test]
    fn a_robot_is_at_its_platform() {
        let of = |kind: &str, url: &str| from(&format!("kind = \"{kind}\"\nurl_file = \"robot.url\""), url, "");
        for (kind, host) in [
            ("wecom", "qyapi.weixin.qq.com"),
            ("dingtalk", "oapi.dingtalk.com"),
            ("feishu", "open.feishu.cn"),
            ("feishu", "open.larksuite.com"),
            ("url", "shop.example"),
        ] {
            assert!(of(kind, &format!("https://{host}/canary\n")).is_ok(), "{host}");
            assert!(of(kind, "http://127.0.0.1:9000/canary").is_ok(), "a relay");
            for url in ["", "canary", &format!("http://{host}/canary"), &format!("https://canary@{host}/")] {
                let error = of(kind, url).unwrap_err().to_string();
                assert!(error.contains("https://HOST/PATH") && !error.contains("canary"), "{error}");
            }
            for other in ["shop.example", "qyapi.weixin.qq.com.shop.example"] {
                let Err(error) = of(kind, &format!("https://{other}/canary")) else {
                    assert_eq!(kind, "url");
                    continue;
                };
                assert!(error.to_string().contains("[notice] group: the URL of `url_file` is not at"));
                assert!(error.to_string().contains("kind = \"url\"") && !error.to_string().contains("canary"));
            }
        }
        let empty = from(
            "kind = \"dingtalk\"\nurl_file = \"robot.url\"\nsecret_file = \"robot.secret\"",
            "https://oapi.dingtalk.com/",
            "\n",
        );
        assert!(empty.unwrap_err().to_string().contains("`secret_file` is empty"));
        assert_eq!(format!("{:?}", with("")), "Recipient { name: \"group\", kind: Wecom, .. }");
    }

    #[test]
    fn an_event_has_a_reason() {
        let all = with("near_hours = [6, 1]");
        let near = |seconds: u32| event(EventKind::DeadlineNear, json!({"due": 0, "within_seconds": seconds}));
        let act = |state: &str| event(EventKind::ActFinished, json!({"state": state}));
        for (event, reason) in [
            (event(EventKind::Filed, json!({})), Some(NoticeEvent::Filed)),
            (event(EventKind::Continued, json!({})), Some(NoticeEvent::PayerResponded)),
            (event(EventKind::PayerResponded, json!({})), Some(NoticeEvent::PayerResponded)),
            (event(EventKind::RefundRequested, json!({})), Some(NoticeEvent::RefundRequested)),
            (near(3600), Some(NoticeEvent::Near)),
            (near(6 * 3600), Some(NoticeEvent::Near)),
            (event(EventKind::DeadlineNear, json!({"due": 0})), Some(NoticeEvent::Near)),
            (near(12 * 3600), None),
            (event(EventKind::DeadlineOver, json!({})), Some(NoticeEvent::Overdue)),
            (act("refused"), Some(NoticeEvent::ActFailed)),
            (act("unknown"), Some(NoticeEvent::ActFailed)),
            (act("done"), None),
            (act("found"), None),
            (event(EventKind::Updated, json!({})), None),
            (event(EventKind::Completed, json!({})), None),
        ] {
            assert_eq!(all.reason(&event), reason, "{event:?}");
            assert_eq!(with("events = []").reason(&event), None);
        }
    }

    #[test]
    fn the_first_distance_is_overtaken_by_the_next() {
        let recipient = with("near_hours = [6, 1]");
        let near = |seconds: u32| event(EventKind::DeadlineNear, json!({"due": 100_000, "within_seconds": seconds}));
        let overtaken = |seconds, left: i64| recipient.is_overtaken(&near(seconds), UnixTime(100_000 - left));
        assert_eq!([3601, 3600, 1].map(|left| overtaken(6 * 3600, left)), [false, true, true]);
        assert!(!overtaken(3600, 1));
        let over = event(EventKind::DeadlineOver, json!({"due": 100_000}));
        assert!(!recipient.is_overtaken(&over, UnixTime(100_001)));
    }

    #[test]
    fn what_wakes_people_has_a_queue_of_its_own() {
        let quiet = "quiet = \"22:00-08:00\"\n";
        assert_eq!(with("wake = [\"overdue\"]").waking_queue(), None);
        assert_eq!(with(quiet).waking_queue(), None);
        assert_eq!(with(&format!("{quiet}wake = [\"dead_letter\"]")).waking_queue(), None);
        let waking = with(&format!("{quiet}wake = [\"overdue\"]"));
        assert_eq!(waking.waking_queue().as_deref(), Some("group.wake"));
        let [night, day] = [1_795_962_600, 1_795_999_000].map(UnixTime);
        assert!(waking.waits(NoticeEvent::Filed, night) && !waking.waits(NoticeEvent::Filed, day));
        assert!(!waking.waits(NoticeEvent::Overdue, night));
    }
}
