//! The leanest event loop over a complaint push, and the leanest structs for its result.
//!
//! It accepts the documented shape alone: texts in one piece, known members, end tags in place.
//! quick-xml's check of end tags is off.
//!
//! [`push`] is a loop over quick-xml's events. [`least`] takes texts, and the line ends before tags,
//! from the document, as ours takes them: quick-xml checks each piece once more to be UTF-8.

use std::borrow::Cow;
use std::io::BufRead as _;

use memchr::{memchr, memchr_iter};
use quick_xml::Reader;
use quick_xml::events::Event;

#[derive(Default)]
pub struct Push {
    pub to_user_name: Option<String>,
    pub from_user_name: Option<String>,
    pub create_time: Option<i64>,
    pub msg_type: Option<String>,
    pub event: Option<String>,
    pub complaint: Complaint,
}

#[derive(Default)]
pub struct Complaint {
    pub appid: Option<String>,
    pub option_type: Option<i64>,
    pub complaint_order_id: Option<String>,
    pub status: Option<i64>,
    pub create_time: Option<i64>,
    pub expire_time: Option<i64>,
    pub kind: Option<i64>,
    pub order_id: Option<String>,
    pub out_trade_no: Option<String>,
    pub phone_number: Option<String>,
    pub open_id: Option<String>,
    pub customer_material_content: Option<String>,
    pub customer_material_media_id_list: Vec<String>,
    pub pay_time: Option<i64>,
    pub total_cost: Option<i64>,
    pub product_name: Option<String>,
    pub history: Vec<Entry>,
}

#[derive(Default)]
pub struct Entry {
    pub time: Option<i64>,
    pub content: Option<String>,
    pub media_id_list: Vec<String>,
}

/// Texts from quick-xml's events.
pub fn push(text: &str) -> Push {
    read(Document::<false>::new(text))
}

/// Texts from the document itself: the least work with the same result.
pub fn least(text: &str) -> Push {
    read(Document::<true>::new(text))
}

fn read<const PIECES: bool>(mut document: Document<'_, PIECES>) -> Push {
    let mut push = Push::default();
    loop {
        document.pass_blank();
        match document.events.read_event() {
            Ok(Event::Start(start)) => match start.name().as_ref() {
                "ToUserName" => push.to_user_name = Some(document.owned()),
                "FromUserName" => push.from_user_name = Some(document.owned()),
                "CreateTime" => push.create_time = Some(document.number()),
                "MsgType" => push.msg_type = Some(document.owned()),
                "Event" => push.event = Some(document.owned()),
                "BussiCallBackInfo" => push.complaint = complaint(&mut document),
                _ => {}
            },
            Ok(Event::Eof) => return push,
            event => drop(event.unwrap()),
        }
    }
}

fn complaint<const PIECES: bool>(document: &mut Document<'_, PIECES>) -> Complaint {
    let mut complaint = Complaint::default();
    loop {
        document.pass_blank();
        match document.events.read_event() {
            Ok(Event::Start(start)) => match start.name().as_ref() {
                "appid" => complaint.appid = Some(document.owned()),
                "option_type" => complaint.option_type = Some(document.number()),
                "complaint_order_id" => complaint.complaint_order_id = Some(document.owned()),
                "status" => complaint.status = Some(document.number()),
                "create_time" => complaint.create_time = Some(document.number()),
                "expire_time" => complaint.expire_time = Some(document.number()),
                "type" => complaint.kind = Some(document.number()),
                "order_id" => complaint.order_id = Some(document.owned()),
                "out_trade_no" => complaint.out_trade_no = Some(document.owned()),
                "phone_number" => complaint.phone_number = Some(document.owned()),
                "open_id" => complaint.open_id = Some(document.owned()),
                "customer_material_content" => complaint.customer_material_content = Some(document.owned()),
                "customer_material_media_id_list" => {
                    complaint.customer_material_media_id_list.push(document.owned());
                }
                "pay_time" => complaint.pay_time = Some(document.number()),
                "total_cost" => complaint.total_cost = Some(document.number()),
                "product_name" => complaint.product_name = Some(document.owned()),
                "history" => complaint.history.push(entry(document)),
                _ => {}
            },
            Ok(Event::End(_)) => return complaint,
            event => drop(event.unwrap()),
        }
    }
}

fn entry<const PIECES: bool>(document: &mut Document<'_, PIECES>) -> Entry {
    let mut entry = Entry::default();
    loop {
        document.pass_blank();
        match document.events.read_event() {
            Ok(Event::Start(start)) => match start.name().as_ref() {
                "time" => entry.time = Some(document.number()),
                "content" => entry.content = Some(document.owned()),
                "media_id_list" => entry.media_id_list.push(document.owned()),
                _ => {}
            },
            Ok(Event::End(_)) => return entry,
            event => drop(event.unwrap()),
        }
    }
}

/// A document and its events, or with `PIECES` the events of its tags.
pub struct Document<'x, const PIECES: bool> {
    pub events: Reader<&'x [u8]>,
    text: &'x str,
}

impl<'x, const PIECES: bool> Document<'x, PIECES> {
    pub fn new(text: &'x str) -> Self {
        let mut events = Reader::from_str(text);
        events.config_mut().check_end_names = false;
        events.config_mut().allow_unmatched_ends = true;
        Self { events, text }
    }

    /// The one piece of text in an element, and the element's end.
    pub fn text(&mut self) -> Cow<'x, str> {
        let text = if PIECES { Cow::Borrowed(self.piece()) } else { self.text_of_event() };
        drop(self.events.read_event().unwrap());
        text
    }

    fn text_of_event(&mut self) -> Cow<'x, str> {
        match self.events.read_event().unwrap() {
            Event::Text(piece) => piece.into_inner(),
            Event::CData(piece) => piece.into_inner(),
            _ => Cow::Borrowed(""),
        }
    }

    fn piece(&mut self) -> &'x str {
        let ahead = self.ahead();
        let (piece, length) = match ahead.strip_prefix(CDATA) {
            Some(section) => {
                let closes = |end: &usize| section.as_bytes()[..*end].ends_with(b"]]");
                let end = memchr_iter(b'>', section.as_bytes()).find(closes).unwrap();
                (&section[..end - 2], CDATA.len() + end + 1)
            }
            None => {
                let end = memchr(b'<', ahead.as_bytes()).unwrap();
                (&ahead[..end], end)
            }
        };
        self.advance(length);
        piece
    }

    fn owned(&mut self) -> String {
        self.text().into_owned()
    }

    fn number(&mut self) -> i64 {
        self.text().parse().unwrap()
    }

    /// Passes over the line end before a tag.
    fn pass_blank(&mut self) {
        if !PIECES {
            return;
        }
        let ahead = self.ahead().as_bytes();
        self.advance(ahead.len() - ahead.trim_ascii_start().len());
    }

    /// The document after the last event.
    fn ahead(&self) -> &'x str {
        &self.text[self.text.len() - self.events.get_ref().len()..]
    }

    fn advance(&mut self, length: usize) {
        self.events.stream().consume(length);
    }
}

const CDATA: &str = "<![CDATA[";
