//! The captures of `docs/terminal.md`: real output of the sandbox, with the document's numbers and
//! times in place of today's. With `COMPLAINTS_WRITE_CAPTURES=1`, the test writes them.

use std::fs;
use std::path::PathBuf;

use platform_sandbox::NewComplaint;
use protocol_core::UnixTime;

use crate::fixture::{Message, NOW};
use crate::platform::Platform;

#[test]
fn the_captures_of_the_document_are_what_the_commands_print() {
    let path = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/terminal.md"));
    let document = fs::read_to_string(&path).unwrap();
    let story = Story::tell();
    let shown = captures(&document, |command, columns| story.capture(command, columns));
    if std::env::var_os("COMPLAINTS_WRITE_CAPTURES").is_some() {
        fs::write(&path, &shown).unwrap();
    }
    assert!(shown.matches(MARK).count() >= 5, "the captures are not found");
    assert!(
        shown == document,
        "docs/terminal.md shows other output; write it with COMPLAINTS_WRITE_CAPTURES=1:\n{shown}"
    );
}

/// The comment in front of a capture has the columns and the command.
const MARK: &str = "<!-- capture: ";

/// The document with each block that follows a mark replaced by the output.
fn captures(document: &str, capture: impl Fn(&str, &str) -> String) -> String {
    let mut parts = document.split(MARK);
    let mut shown = parts.next().unwrap().to_owned();
    for part in parts {
        let (told, rest) = part.split_once(" -->\n```text\n").unwrap();
        let (_, after) = rest.split_once("\n```\n").unwrap();
        let (columns, command) = told.split_once(" columns: ").unwrap();
        shown += &format!("{MARK}{told} -->\n```text\n{}\n```\n{after}", capture(command, columns).trim_end());
    }
    shown
}

/// Complaints that were filed before a fixed moment, in the document.
struct Story {
    platform: Platform,
    /// Texts of today, and the document's in their place.
    told: Vec<(String, String)>,
}

/// The hours since the filing, the fen, the payer's words and whether the merchant replied.
const COMPLAINTS: [(i64, u64, &str, bool); 4] = [
    (30, 2990, "重复扣费，请退还多扣的一笔", false),
    (20, 500, "充值一直没有到账", false),
    (2, 123_456, "收到的商品与描述不符，客服一直没有回复，请尽快处理", false),
    (40, 1500, "会员没有开通", true),
];

impl Story {
    fn tell() -> Self {
        let platform = Platform::new();
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
        let now = i64::try_from(now).unwrap();
        let mut told = Vec::new();
        for (number, (hours, fen, words, is_replied)) in COMPLAINTS.into_iter().enumerate() {
            let complaint = NewComplaint::default().with_complaint_detail(words).with_amount(fen);
            let complaint = complaint.with_complaint_time(UnixTime(now - hours * 3600));
            let id = platform.sandbox.file_complaint(complaint.with_payer_phone("13900001234"));
            if is_replied {
                platform.run(&["reply", &id, "--text", "您好，已为您开通", "--yes"]).json();
            }
            for due in [0, 24, 72] {
                let [today, of_document] =
                    [now, NOW.parse().unwrap()].map(|now: i64| china_time(now + (due - hours) * 3600));
                told.push((today[5..16].to_owned(), of_document[5..16].to_owned()));
                told.push((today, of_document));
            }
            let order = &platform.sandbox.complaint(&id).unwrap()["complaint_order_info"][0];
            for (member, of_document) in
                [("transaction_id", "420000040420190906911758253"), ("out_trade_no", "2019090615461794776")]
            {
                let today = order[member].as_str().unwrap().to_owned();
                told.push((today, format!("{of_document}{number}")));
            }
            // The sandbox's numbers have the day behind seven digits.
            let day = china_time(NOW.parse::<i64>().unwrap() - hours * 3600)[..10].replace('-', "");
            let of_document = format!("{}{day}{}", &id[..7], &id[15..]);
            told.push((id, of_document));
        }
        // The longest first: the short form of a time is a part of the long one.
        told.sort_by_key(|(today, _)| std::cmp::Reverse(today.len()));
        told.dedup();
        Message::complaint().store(&platform.folder);
        Self { platform, told }
    }

    fn capture(&self, command: &str, columns: &str) -> String {
        let id = |of_document: &&str| self.told.iter().find(|(_, told)| told == of_document).map(|(today, _)| &**today);
        let words: Vec<_> = command.split(' ').map(|word| id(&word).unwrap_or(word)).collect();
        let form = if words.contains(&"-h") { &[][..] } else { &["--output", "table"] };
        let outcome =
            self.platform.folder.run_with(&[&words[..], form].concat(), &[("COLUMNS", columns), ("LC_ALL", "C.UTF-8")]);
        assert_eq!((outcome.status, &*outcome.stderr), (0, ""), "{command}");
        // In two steps, since today's text may be another's in the document.
        let marked = |place: usize| format!("\u{0}{place}\u{0}");
        let told = self.told.iter().enumerate();
        let text = told.clone().fold(outcome.stdout, |text, (place, (today, _))| text.replace(today, &marked(place)));
        told.fold(text, |text, (place, (_, of_document))| text.replace(&marked(place), of_document))
    }
}

fn china_time(seconds: i64) -> String {
    let time = jiff::Timestamp::from_second(seconds).unwrap();
    jiff::tz::Offset::constant(8).to_datetime(time).strftime("%Y-%m-%d %H:%M:%S").to_string()
}
