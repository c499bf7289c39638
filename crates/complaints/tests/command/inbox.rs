//! `inbox list`, `show` and `export`, while a server has the database.

use std::fs;
use std::path::PathBuf;

use complaint_inbox::{Ask, ComplaintKey, Entry, EventKind, Message, NewEvent, Reading, SqliteStore, Store as _};
use protocol_core::UnixTime;
use protocol_core::channel::{Act, Reply};
use protocol_core::complaint::{Complaint, ComplaintState, OrderDetail};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::fixture::{Folder, Outcome};

const HOUR: i64 = 3600;

/// A folder with a configuration and a database that a server has open.
pub(crate) struct Inbox {
    pub(crate) folder: Folder,
    runtime: Runtime,
    store: SqliteStore,
    now: UnixTime,
}

impl Inbox {
    fn new() -> Self {
        let folder = Folder::configured();
        let configuration = fs::read_to_string(folder.path().join("complaints.toml")).unwrap();
        folder.write("complaints.toml", format!("{configuration}\n[inbox]\ndatabase = \"kept.db\"\n"));
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let store = SqliteStore::open(folder.path().join("kept.db")).unwrap();
        let now = UnixTime::from(std::time::SystemTime::now());
        Self { folder, runtime, store, now }
    }

    /// Complaints of every urgency, and one of another channel with the number of another.
    pub(crate) fn filled() -> Self {
        let inbox = Self::new();
        inbox.put(("wechat-pay", "1900000001", "late"), &inbox.document("late", "PENDING", 30));
        inbox.put(("wechat-pay", "1900000001", "near"), &inbox.document("near", "PENDING", 20));
        inbox.put(("wechat-pay", "1900000002", "fresh"), &inbox.document("fresh", "PENDING", 2));
        inbox.put(("wechat-pay", "1900000002", "done"), &inbox.document("done", "PROCESSED", 50));
        inbox.put(("allinpay", "990581007426001", "near"), &inbox.document("near", "PENDING", 21));
        inbox
    }

    fn document(&self, id: &str, state: &str, hours_ago: i64) -> Value {
        let filed = jiff::Timestamp::from_second(self.now.0 - hours_ago * HOUR).unwrap();
        json!({"complaint_id": id, "complaint_time": filed.to_string(), "complaint_state": state,
            "user_complaint_times": 1, "complaint_detail": "重复扣费", "payer_phone": "13900001234",
            "complaint_order_info": [{"transaction_id": "4200000404201909069117582536", "amount": 1205}]})
    }

    /// Keeps a reading, as the server does.
    fn put(&self, (channel, merchant, id): (&str, &str, &str), document: &Value) {
        let key = ComplaintKey::new(channel, merchant, id);
        let complaint = Complaint::decode(document.to_string().as_bytes()).unwrap().trust_anyway();
        let mut reading = Reading::new(document.to_string());
        reading.state = complaint.complaint_state.as_ref().map(|state| state.as_str().to_owned());
        reading.filed = complaint.complaint_time.as_ref().and_then(|time| time.to_unix());
        reading.amount = Some(1205);
        reading.product = document["product"].as_str().map(str::to_owned);
        let orders = complaint.complaint_order_info.iter().filter_map(|order| order.transaction_id.as_deref());
        let words = complaint.complaint_detail.iter().map(|words| words.expose().as_str());
        reading.searched = orders.chain(words).collect::<Vec<_>>().join("\n").into();
        reading.deadlines = Some(complaint.deadlines());
        reading.is_closed = complaint.complaint_state == Some(ComplaintState::Processed);
        reading.entries = Some(vec![Entry {
            id: "1".to_owned(),
            kind: Some("USER_CREATE_COMPLAINT".to_owned()),
            at: reading.filed,
            document: r#"{"log_id":"1","operator":"投诉人","operate_type":"USER_CREATE_COMPLAINT","operate_details":"请退款"}"#
                .to_owned()
                .into(),
        }]);
        reading.events = vec![NewEvent::once(EventKind::Filed, "", json!({"state": reading.state}))];
        self.keep(key, reading);
    }

    fn keep(&self, key: ComplaintKey, reading: Reading) {
        self.runtime.block_on(async {
            self.store.hear(Message::new(format!("{key:?}"), key.clone())).await.unwrap();
            let claims = self.store.claim(&key.source(), 9, 60).await.unwrap();
            assert_eq!(claims.len(), 1);
            assert!(self.store.keep_reading(&claims[0], reading).await.unwrap());
        });
    }

    fn run(&self, arguments: &[&str]) -> Outcome {
        self.folder.run(&[&["inbox"], arguments].concat())
    }
}

/// Channels and numbers of a list.
fn listed(outcome: &Outcome) -> Vec<String> {
    let json = outcome.json();
    let rows = json["complaints"].as_array().unwrap().iter();
    rows.map(|row| format!("{} {}", row["channel"].as_str().unwrap(), row["id"].as_str().unwrap())).collect()
}

#[test]
fn a_list_begins_with_what_is_due_first_and_can_be_narrowed() {
    let inbox = Inbox::filled();
    let list = |arguments: &[&str]| listed(&inbox.run(&[&["list"], arguments].concat()));
    let (late, near, fresh, done) = ("wechat-pay late", "wechat-pay near", "wechat-pay fresh", "wechat-pay done");
    let other = "allinpay near";
    assert_eq!(list(&[]), [late, other, near, fresh, done]);
    assert_eq!(list(&["--open"]), [late, other, near, fresh]);
    assert_eq!(list(&["--closed"]), [done]);
    assert_eq!(list(&["--channel", "allinpay"]), [other]);
    assert_eq!(list(&["--merchant", "1900000002"]), [fresh, done]);
    assert_eq!(list(&["--due-within", "6h"]), [late, other, near]);
    assert_eq!(list(&["--due-within", "0h"]), [late]);
    // The reply to `near` is due in four hours: a second before is another matter.
    let due = |seconds: i64| jiff::Timestamp::from_second(inbox.now.0 + 4 * HOUR + seconds).unwrap().to_string();
    assert_eq!(list(&["--due-before", &due(0)]), [late, other]);
    assert_eq!(list(&["--due-before", &due(1)]), [late, other, near]);
    assert!(inbox.run(&["list", "--due-before", "tomorrow"]).refused("usage").contains("a time with its offset"));
    assert!(inbox.run(&["list", "--open", "--closed"]).refused("usage").contains("--closed"));
    // The server goes on meanwhile.
    inbox.put(("wechat-pay", "1900000001", "new"), &inbox.document("new", "PENDING", 0));
    assert_eq!(list(&["--merchant", "1900000001"]), [late, near, "wechat-pay new"]);
}

#[test]
fn a_list_and_an_export_are_narrowed_by_state_product_and_words() {
    let inbox = Inbox::filled();
    let mut other = inbox.document("card", "PROCESSING", 3);
    (other["product"], other["complaint_detail"]) = ("月卡".into(), "没有发货 Refund".into());
    inbox.put(("wechat-pay", "1900000001", "card"), &other);
    let narrowed = |arguments: &[&str]| {
        let listed = listed(&inbox.run(&[&["list"], arguments].concat()));
        let export = [&["export", "--output", "jsonl"], arguments].concat();
        let lines = inbox.run(&export).stdout;
        let row = |line: &str| serde_json::from_str::<Value>(line).unwrap();
        let rows = lines
            .lines()
            .map(row)
            .map(|row| format!("{} {}", row["channel"].as_str().unwrap(), row["id"].as_str().unwrap()));
        let mut exported: Vec<_> = rows.collect();
        let mut sorted = listed.clone();
        exported.sort();
        sorted.sort();
        assert_eq!(exported, sorted, "{arguments:?}");
        listed
    };
    let card = "wechat-pay card";
    assert_eq!(narrowed(&["--state", "PROCESSING"]), [card]);
    assert_eq!(narrowed(&["--state", "none"]), [""; 0]);
    assert_eq!(narrowed(&["--product", "月卡"]), [card]);
    assert_eq!(narrowed(&["--product", "月"]), [""; 0], "a name is whole");
    assert_eq!(narrowed(&["--text", "发货 refund"]), [card]);
    assert_eq!(narrowed(&["--text", "发货 扣费"]), [""; 0], "each word has to be there");
    assert_eq!(narrowed(&["--text", "4200000404201909069117582536", "--closed"]), ["wechat-pay done"]);
    assert_eq!(narrowed(&["--text", "NEA"]), ["allinpay near", "wechat-pay near"]);
    assert_eq!(inbox.run(&["list", "--text", "发货"]).json()["complaints"][0]["product"], "月卡");
    let (words, name) = (|number: usize| vec!["扣费"; number].join(" "), |bytes: usize| "a".repeat(bytes));
    assert_eq!(narrowed(&["--text", &words(8)]).len(), 5);
    assert_eq!(narrowed(&["--product", &name(256)]), [""; 0]);
    for command in ["list", "export"] {
        let refused = |option: &str, value: &str| inbox.run(&[command, option, value]).refused("usage").to_owned();
        for text in [&*words(9), "", " "] {
            assert!(refused("--text", text).contains("expected 1 to 8 words between blanks"), "{text}");
        }
        assert!(refused("--product", &name(257)).contains("at most 256 bytes"));
    }
}

#[test]
fn a_list_has_the_forms_that_are_asked_for() {
    let inbox = Inbox::filled();
    let list = |form: &str| inbox.run(&["list", "--channel", "allinpay", "--output", form]).stdout;
    let row: Value = serde_json::from_str(&list("jsonl")).unwrap();
    assert_eq!(
        (&row["id"], &row["merchant"], &row["amount"]),
        (&"near".into(), &"990581007426001".into(), &1205.into())
    );
    assert_eq!((&row["deadline"], &row["is_open"], &row["version"]), (&"near".into(), &true.into(), &5.into()));
    assert!(list("csv").starts_with("channel,merchant,id,state,"));
    assert!(list("csv").contains("\r\nallinpay,990581007426001,near,PENDING,true,20"));
    assert!(list("excel").contains("\r\nallinpay,`990581007426001,`near,PENDING,true,20"));
    let table = list("table");
    let row = table.lines().find(|line| line.contains("  allinpay/990581007426001/near  ")).unwrap();
    assert!(row.starts_with("near     reply 20") && table.ends_with("1 complaint\n"), "{table}");
    assert_eq!(inbox.run(&["list", "--channel", "none", "--output", "table"]).stdout, "no complaints\n");
    assert_eq!(inbox.run(&["list", "--channel", "none"]).json(), json!({"complaints": []}));
}

#[test]
fn a_number_is_whole_at_80_columns_and_columns_can_be_chosen() {
    let inbox = Inbox::new();
    let id = "200201820200101080076610000";
    inbox.put(("wechat-pay", "1900000001", id), &inbox.document(id, "PENDING", 20));
    let at = |columns: &str| {
        let outcome = inbox.folder.run_with(&["inbox", "list", "--output", "table"], &[("COLUMNS", columns)]);
        outcome.stdout.lines().nth(1).unwrap().to_owned()
    };
    let row = at("80");
    assert!(row.starts_with("near    reply  ") && row.ends_with(&format!("  wechat-pay/1900000001/{id}")), "{row}");
    assert_eq!(at("40").split('…').map(str::len).sum::<usize>() + 1, 40, "{}", at("40"));
    assert!(at("40").ends_with("610000"), "{}", at("40"));
    let of = |command: &str, form: &str, columns: &str| inbox.run(&[command, "--output", form, "--columns", columns]);
    assert_eq!(of("list", "table", "id,note").stdout, format!("ID{}NOTE\n{id}\n1 complaint\n", " ".repeat(27)));
    assert_eq!(of("export", "jsonl", "yuan,phone").stdout, "{\"amount\":1205,\"payer_phone\":\"139****1234\"}\n");
    assert_eq!(of("export", "excel", "id").stdout, format!("\u{feff}id\r\n`{id}\r\n"));
    assert!(of("export", "csv", "due").refused("usage").contains("choose from channel, merchant, id"));
    assert!(
        of("export", "table", "id")
            .refused("usage")
            .contains("`inbox export` has no form table; it has excel, csv, jsonl")
    );
    assert!(of("list", "json", "id").refused("usage").contains("JSON has whole documents"));
}

#[test]
fn a_complaint_is_shown_by_its_name_or_by_a_number_that_one_account_has() {
    let inbox = Inbox::filled();
    let ask = Ask {
        key: "key-1".to_owned(),
        complaint: ComplaintKey::new("wechat-pay", "1900000001", "late"),
        act: Act::from(Reply::new("您好")),
        seen: 1,
        by: "desk".to_owned(),
    };
    inbox.runtime.block_on(inbox.store.ask(ask)).unwrap();
    let shown = inbox.run(&["show", "wechat-pay/1900000001/late"]).json();
    assert_eq!(shown, inbox.run(&["show", "late"]).json());
    assert_eq!(shown["document"]["complaint_detail"], "重复扣费");
    assert_eq!((&shown["deadline"], &shown["deadlines"]["reply"]["status"]), (&"over".into(), &"over".into()));
    assert_eq!(shown["history"][0]["document"]["operate_details"], "请退款");
    assert_eq!((&shown["acts"][0]["key"], &shown["acts"][0]["state"]), (&"key-1".into(), &"asked".into()));
    assert_eq!(shown["events"][0]["type"], "complaint.filed");
    assert_eq!(shown["events"].as_array().unwrap().len(), 1);

    let several = inbox.run(&["show", "near"]);
    assert!(
        several.refused("usage").contains("allinpay/990581007426001/near, wechat-pay/1900000001/near"),
        "{several:?}"
    );
    for none in ["nothing", "wechat-pay/1900000002/late", "a/b/c/d"] {
        assert!(inbox.run(&["show", none]).refused("usage").contains(none));
    }
}

#[test]
fn an_export_is_a_table_that_excel_takes_for_text() {
    let inbox = Inbox::new();
    let id = "200201820200101080076610000";
    let mut document = inbox.document(id, "PENDING", 2);
    document["complaint_detail"] = "=1+1\u{0}\t,\"扣费\"\r\n请退款\u{7}".into();
    document["problem_description"] = "@SUM(A1)".into();
    document["complaint_order_info"][0]["out_trade_no"] = "0012345".into();
    inbox.put(("wechat-pay", "1900000001", id), &document);
    let (outcome, clock) = (inbox.run(&["export"]), |hours: i64| {
        let time = jiff::Timestamp::from_second(inbox.now.0 + hours * HOUR).unwrap();
        jiff::tz::Offset::constant(8).to_datetime(time).strftime("%Y-%m-%d %H:%M:%S").to_string()
    });
    assert_eq!((outcome.status, &*outcome.stderr), (0, ""), "{outcome:?}");
    let head = "\u{feff}channel,merchant,id,state,is_open,filed (China),reply_due (China),finish_due (China),deadline,\
        amount (yuan),apply_refund_amount (yuan),transaction_id,out_trade_no,wxa_out_trade_no,wx_order_id,\
        service_order_id,out_order_no,problem_type,user_complaint_times,payer_phone,problem_description,complaint_detail";
    let row = format!(
        "wechat-pay,`1900000001,`{id},PENDING,true,{},{},{},open,12.05,,`4200000404201909069117582536,`0012345,,,,,,1,\
        `139****1234,\"'@SUM(A1)\",\"'=1+1 ,\"\"扣费\"\"\n请退款\"",
        clock(-2),
        clock(22),
        clock(70)
    );
    assert_eq!(outcome.stdout, format!("{head}\r\n{row}\r\n"));
    let mut reader = csv::Reader::from_reader(outcome.stdout.trim_start_matches('\u{feff}').as_bytes());
    let record = reader.records().next().unwrap().unwrap();
    assert_eq!((record.len(), &record[2], &record[21]), (22, &*format!("`{id}"), "'=1+1 ,\"扣费\"\n请退款"));
}

#[test]
fn a_program_gets_exact_text_without_a_mark_and_no_telephone() {
    let inbox = Inbox::filled();
    let detail = json!({"complaintOrder": {"complaintOrderId": "order", "status": 201, "orderId": "4200",
        "phoneNumber": "13900001234", "customerMaterial": {"content": "=收到的商品与描述不符"}}});
    let mut reading = Reading::new(detail.to_string());
    let complaint = OrderDetail::decode(detail.to_string().as_bytes()).unwrap().trust_anyway();
    reading.deadlines = complaint.complaint_order.map(|complaint| complaint.deadlines());
    inbox.keep(ComplaintKey::new("mini-program", "wx0000000000000001", "order"), reading);
    let mut unread = Message::new("unread", ComplaintKey::new("wechat-pay", "1900000001", "unread"));
    unread.content = Some(b"{}".to_vec().into());
    inbox.runtime.block_on(inbox.store.hear(unread)).unwrap();

    let lines = inbox.run(&["export", "--output", "jsonl"]).stdout;
    let rows: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let ids: Vec<_> = rows.iter().map(|row| row["id"].as_str().unwrap()).collect();
    // By key: a deadline that moves meanwhile leaves none out.
    assert_eq!(ids, ["near", "order", "late", "near", "unread", "done", "fresh"]);
    assert_eq!(
        (&rows[1]["complaint_detail"], &rows[1]["channel"]),
        (&"=收到的商品与描述不符".into(), &"mini-program".into())
    );
    assert_eq!((&rows[4]["complaint_detail"], &rows[4]["deadline"]), (&Value::Null, &"unknown".into()));
    let csv = inbox.run(&["export", "--output", "csv"]).stdout;
    assert!(csv.starts_with("channel,merchant,id,"));
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let records: Vec<_> = reader.records().map(Result::unwrap).collect();
    assert_eq!((records.len(), &records[1][21], &records[2][9]), (7, "=收到的商品与描述不符", "1205"));
    for text in [lines, csv, inbox.run(&["export"]).stdout] {
        assert!(text.contains("139****1234") && !text.contains("13900001234"), "{text}");
    }
    let narrowed = inbox.run(&["export", "--output", "jsonl", "--closed"]).stdout;
    assert_eq!(narrowed.lines().count(), 1);
}

#[test]
fn complaints_of_alipays_are_exported_with_their_words() {
    let inbox = Inbox::new();
    let document = json!({"id": "2025", "task_id": "7", "complain_content": "没有收到商品", "contact": "13900001234",
        "complaint_trade_info_list": [{"trade_no": "4200", "out_no": "20190906"}]});
    inbox.keep(ComplaintKey::new("allinpay-alipay", "990581007426001", "7"), Reading::new(document.to_string()));
    let outcome = inbox.run(&["export", "--output", "jsonl", "--channel", "allinpay-alipay"]);
    let row: Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!(
        (&row["complaint_detail"], &row["out_trade_no"], &row["payer_phone"]),
        (&"没有收到商品".into(), &json!(["20190906"]), &"139****1234".into())
    );
    assert!(!outcome.stderr.contains("cannot be read"), "{outcome:?}");
}

#[test]
fn an_export_has_each_complaint_once_whatever_its_pages() {
    const COMPLAINTS: usize = 250;

    let inbox = Inbox::new();
    for number in 0..COMPLAINTS {
        let key = ComplaintKey::new("wechat-pay", "1900000001", format!("{number:03}"));
        inbox.runtime.block_on(inbox.store.hear(Message::new(number.to_string(), key))).unwrap();
    }
    let lines = inbox.run(&["export", "--output", "csv"]).stdout;
    let ids: Vec<_> = lines.lines().skip(1).map(|line| line.split(',').nth(2).unwrap()).collect();
    assert!(ids.iter().copied().eq((0..COMPLAINTS).map(|number| format!("{number:03}"))), "{ids:?}");
}

#[test]
fn an_export_is_a_file_of_this_user_whole_or_not_at_all() {
    let inbox = Inbox::filled();
    let path = inbox.folder.path().join("complaints.csv");
    let export = |more: &[&str]| inbox.run(&[&["export", "--file", "complaints.csv"], more].concat());
    assert_eq!(export(&[]).json(), json!({"file": "complaints.csv", "complaints": 5}));
    assert_eq!(fs::read_to_string(&path).unwrap(), inbox.run(&["export"]).stdout);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
    assert!(export(&[]).refused("usage").contains("complaints.csv exists; give --force"));
    assert_eq!(export(&["--force", "--output", "jsonl"]).json()["complaints"], 5);
    assert!(fs::read_to_string(&path).unwrap().starts_with('{'));
    assert!(inbox.run(&["export", "--file", "."]).refused("usage").contains("name a file with --file"));
    let left: Vec<PathBuf> = fs::read_dir(inbox.folder.path()).unwrap().map(|file| file.unwrap().path()).collect();
    assert!(!left.iter().any(|path| path.extension().is_some_and(|ending| ending == "part")), "{left:?}");
}

#[test]
fn a_database_that_cannot_be_used_is_left_alone() {
    let inbox = Inbox::filled();
    let list = |database: &str| inbox.run(&["list", "--database", database]);
    assert!(list("missing.db").refused("config").contains("there is no inbox; start the service once"));
    assert!(!inbox.folder.path().join("missing.db").exists());
    assert!(list("complaints.toml").refused("config").contains("this file is no inbox"));
    let copy = inbox.folder.path().join("copy.db");
    inbox.runtime.block_on(inbox.store.back_up(&copy)).unwrap();
    assert_eq!(listed(&list("copy.db")).len(), 5, "a backup can be looked at");
    // The version stands in bytes 60 to 63.
    let mut bytes = fs::read(&copy).unwrap();
    bytes[62] = 9;
    fs::write(&copy, &bytes).unwrap();
    assert!(list("copy.db").refused("config").contains("run the newer program"));
    assert_eq!(fs::read(&copy).unwrap(), bytes);
    // No configuration is needed if the database is named.
    let nowhere = Folder::new();
    let path = inbox.folder.path().join("kept.db");
    assert_eq!(listed(&nowhere.run(&["inbox", "list", "--database", path.to_str().unwrap()])).len(), 5);
    let refused = nowhere.run(&["inbox", "list"]);
    assert!(refused.refused("config").contains("--database FILE"), "{refused:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_person_sees_a_table_and_a_sheet_without_telephones() {
    let inbox = Inbox::filled();
    let screen =
        |arguments: &str| crate::terminal::on_a_terminal_in(inbox.folder.path(), &format!("inbox {arguments}"), "");
    let (status, listed) = screen("list");
    assert_eq!(status, 0, "{listed}");
    let row = listed.lines().find(|line| line.contains("  wechat-pay/1900000001/late     ")).unwrap();
    assert!(row.starts_with("over     reply 20"), "{listed}");
    assert!(listed.ends_with("5 complaints\n"), "{listed}");
    let (_, shown) = screen("show late");
    for part in [
        "in the inbox   wechat-pay/1900000001/late\n",
        "amount         12.05 yuan\n",
        "phone          139****1234\n",
        "history:\n",
        "  the payer filed the complaint\n                     请退款\n",
        "events:\n",
        "1  complaint.filed\n",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    assert!(!shown.contains("13900001234"), "{shown}");
    let mut words = inbox.document("words", "PENDING", 1);
    words["complaint_detail"] = "\u{9b}2J\n".into();
    inbox.put(("wechat-pay", "1900000003", "words"), &words);
    let (_, exported) = screen("export --output csv --merchant 1900000003");
    assert!(exported.ends_with("\"\\u{9b}2J\\n\"\n") && !exported.contains("read 1"), "{exported}");
}

#[test]
fn a_backup_is_made_while_a_server_has_the_database() {
    let inbox = Inbox::filled();
    let outcome = inbox.folder.run(&["inbox", "backup", "copy.db"]);
    assert_eq!(outcome.status, 0, "{outcome:?}");
    let copy = inbox.folder.path().join("copy.db");
    let printed: Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!(printed, json!({"file": "copy.db", "bytes": fs::metadata(&copy).unwrap().len()}));
    #[cfg(unix)]
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&copy).unwrap().permissions()) & 0o777, 0o600);
    let list = |arguments: &[&str]| inbox.folder.run(&[&["inbox", "list"], arguments].concat()).stdout;
    let kept = list(&[]);
    assert!(kept.contains("fresh"), "{kept}");
    assert_eq!(list(&["--database", "copy.db"]), kept);

    // What is there stays, and nothing lies beside it.
    let before = fs::read(&copy).unwrap();
    inbox.put(("wechat-pay", "1900000001", "later"), &inbox.document("later", "PENDING", 1));
    for arguments in [&["copy.db"][..], &["none/copy.db"], &["."], &["other.db", "--database", "none.db"]] {
        let outcome = inbox.folder.run(&[&["inbox", "backup"], arguments].concat());
        assert_eq!(outcome.status, 2, "{outcome:?}");
        assert!(!outcome.stderr.is_empty() && !inbox.folder.path().join("other.db").exists(), "{outcome:?}");
    }
    assert_eq!(fs::read(&copy).unwrap(), before);
    assert_eq!(inbox.folder.run(&["inbox", "backup", "copy.db", "--force"]).status, 0);
    assert!(list(&["--database", "copy.db"]).contains("later"));
    let names = || fs::read_dir(inbox.folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
    assert!(!names().any(|name| name.to_string_lossy().contains(".part")), "{:?}", names().collect::<Vec<_>>());
}
