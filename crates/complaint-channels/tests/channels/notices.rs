//! The sections `[[notice]]`: their members, their bounds, and the errors of each.

use complaint_channels::{
    MAX_MENTIONS, MAX_NEAR_HOURS, MAX_NEAR_STEPS, NoticeEvent, NoticeKind, NoticeSettings, SettingError,
    SettingErrorKind, Settings,
};

use crate::folder::Folder;

fn read(text: &str) -> Result<Vec<NoticeSettings>, SettingError> {
    Settings::from_toml(text, "/etc/complaints").unwrap().notices()
}

/// The only section.
fn one(members: &str) -> Result<NoticeSettings, SettingError> {
    Ok(read(&format!("[[notice]]\n{members}"))?.remove(0))
}

fn refusal<T>(outcome: Result<T, SettingError>, kind: SettingErrorKind) -> String {
    let error = outcome.err().unwrap();
    assert_eq!(error.kind(), kind);
    error.to_string()
}

#[test]
fn a_section_without_members_has_their_defaults() {
    let notice = one("kind = \"wecom\"").unwrap();
    assert_eq!((notice.name(), notice.kind(), notice.language()), ("notice", NoticeKind::Wecom, "zh"));
    assert_eq!((notice.events(), notice.wake()), (&NoticeEvent::ALL[..], &[][..]));
    assert_eq!((notice.near_seconds().unwrap(), notice.quiet().unwrap()), (vec![6 * 3600], None));
    assert!(!notice.with_text() && !notice.mention().all && notice.secret().unwrap().is_none());
    assert_eq!(refusal(notice.url(), SettingErrorKind::Missing), "[notice] needs url_file");
    assert!(read("").unwrap().is_empty());
}

#[test]
fn every_member_is_read() {
    let folder = Folder::new();
    folder.write("robot.url", "https://oapi.dingtalk.com/robot/send?access_token=canary\n");
    folder.write("robot.secret", "SECcanary\r\n");
    let text = "[serve]\npage_url = \"https://desk.example/\"\n[[notice]]\nkind = \"dingtalk\"\nname = \"group\"\n\
                url_file = \"robot.url\"\nsecret_file = \"robot.secret\"\nevents = [\"filed\", \"near\", \"dead_letter\"]\n\
                near_hours = [6, 1]\nquiet = \"22:00-08:00\"\nwake = [\"overdue\"]\nlanguage = \"en\"\nwith_text = true\n\
                mention = { users = [\"zhangsan\"], mobiles = [\"13800001111\"], all = true }\n\
                [[notice]]\nkind = \"command\"\nname = \"log\"\ncommand = [\"/usr/bin/logger\", \"-t\"]\n";
    let settings = Settings::from_toml(text, folder.path()).unwrap();
    assert_eq!(settings.serve().page_url().unwrap(), Some("https://desk.example"));
    let notices = settings.notices().unwrap();
    let [group, log] = &notices[..] else { panic!("two sections") };
    assert_eq!(group.url().unwrap().expose(), b"https://oapi.dingtalk.com/robot/send?access_token=canary");
    assert_eq!(group.secret().unwrap().unwrap().expose(), b"SECcanary");
    assert_eq!(group.events(), [NoticeEvent::Filed, NoticeEvent::Near, NoticeEvent::DeadLetter]);
    assert_eq!(group.near_seconds().unwrap(), [6 * 3600, 3600]);
    assert!(group.quiet().unwrap().is_some() && group.with_text() && group.mention().all);
    assert_eq!((group.wake(), group.language()), (&[NoticeEvent::Overdue][..], "en"));
    assert_eq!(group.mention().users, ["zhangsan"]);
    assert_eq!(group.mention().mobiles, ["13800001111"]);
    assert_eq!(log.command().unwrap(), ("/usr/bin/logger", &["-t".to_owned()][..]));
    assert_eq!(log.name(), "log");
}

#[test]
fn a_member_that_does_not_fit_the_kind_is_refused() {
    for (members, words) in [
        ("kind = \"command\"\nurl_file = \"a.url\"", "`url_file` is for a robot or a URL"),
        ("kind = \"url\"\ncommand = [\"/bin/a\"]", "`command` is for kind = \"command\""),
        ("kind = \"wecom\"\nsecret_file = \"a.secret\"", "`secret_file` is for \"dingtalk\" and \"feishu\""),
        ("kind = \"url\"\nmention = { all = true }", "`mention` is for the robots"),
        ("kind = \"feishu\"\nmention = { mobiles = [\"13800001111\"] }", "write `users` in place of `mobiles`"),
    ] {
        let error = refusal(one(members), SettingErrorKind::Value);
        assert!(error.starts_with("[notice]: ") && error.contains(words), "{error}");
    }
    let error = refusal(one(""), SettingErrorKind::Missing);
    assert!(error.starts_with("[notice] needs kind: \"wecom\""), "{error}");
    let command = |list: &str| one(&format!("kind = \"command\"\n{list}")).unwrap();
    assert_eq!(refusal(command("").command(), SettingErrorKind::Missing), "[notice] needs command");
    for relative in ["logger", "./logger", ""] {
        let notice = command(&format!("command = [\"{relative}\"]"));
        assert!(refusal(notice.command(), SettingErrorKind::Value).contains("the whole path of a program"));
    }
    let quiet = one("kind = \"wecom\"\nquiet = \"22-8\"").unwrap();
    assert!(refusal(quiet.quiet(), SettingErrorKind::Value).contains("such as \"22:00-08:00\""));
}

#[test]
fn what_is_not_of_the_form_refuses_the_file() {
    for (members, words) in [
        ("kind = \"slack\"", "`kind` must be \"wecom\""),
        ("events = [\"canary\"]", "`events` must be a list of \"filed\""),
        ("wake = \"overdue\"", "`wake` must be a list of \"filed\""),
        ("near_hours = [0.5]", "`near_hours` must be a list of whole numbers"),
        ("near_hours = [-1]", "`near_hours` must be a list of whole numbers"),
        ("language = \"fr\"", "`language` must be \"zh\" or \"en\""),
        ("with_text = \"yes\"", "`with_text` must be true or false"),
        ("mention = \"canary\"", "`mention` must be a table"),
        ("command = \"/bin/sh -c canary\"", "`command` must be a list"),
        ("url = \"https://canary\"", "unknown field `url`"),
    ] {
        let text = format!("[[notice]]\n{members}\n");
        let error = refusal(Settings::from_toml(&text, ""), SettingErrorKind::Document);
        assert!(error.contains(words) && error.contains("line 2") && !error.contains("canary"), "{error}");
    }
}

#[test]
fn people_and_distances_are_bounded() {
    let mention = |ids: usize, length: usize| {
        let users = vec!["a".repeat(length); ids];
        one(&format!("kind = \"wecom\"\nmention = {{ users = {users:?}, mobiles = [\"1\"] }}"))
    };
    assert!(mention(MAX_MENTIONS - 1, 64).is_ok());
    for (ids, length) in [(MAX_MENTIONS, 1), (1, 65), (1, 0)] {
        let error = refusal(mention(ids, length), SettingErrorKind::Value);
        assert!(error.contains("`mention` has up to 20 ids"), "{error}");
    }
    for id in ["<@all>", "a b", "张三", "a\\\"b"] {
        assert!(one(&format!("kind = \"feishu\"\nmention = {{ users = [\"{id}\"] }}")).is_err(), "{id}");
    }
    let near = |hours: &[u32]| one(&format!("kind = \"wecom\"\nnear_hours = {hours:?}")).unwrap().near_seconds();
    assert_eq!(near(&[1, MAX_NEAR_HOURS]).unwrap(), [3600, 72 * 3600]);
    assert_eq!(near(&[]).unwrap(), Vec::<u32>::new());
    assert_eq!(near(&[1; MAX_NEAR_STEPS]).unwrap().len(), MAX_NEAR_STEPS);
    for hours in [&[0][..], &[MAX_NEAR_HOURS + 1], &[1; MAX_NEAR_STEPS + 1]] {
        let error = refusal(near(hours), SettingErrorKind::Value);
        assert_eq!(error, "[notice]: `near_hours` has up to 8 numbers, each 1 to 72");
    }
}
