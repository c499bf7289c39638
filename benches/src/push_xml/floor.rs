//! The leanest event loop over a complaint push, and the leanest structs for its result.
//!
//! It accepts the documented shape alone: texts in one piece, known members, end tags in place.
//! quick-xml's check of end tags is off.

use std::borrow::Cow;

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

pub fn push(text: &str) -> Push {
    let mut reader = reader(text);
    let mut push = Push::default();
    loop {
        match reader.read_event().unwrap() {
            Event::Start(start) => match start.name().as_ref() {
                "ToUserName" => push.to_user_name = Some(owned(&mut reader)),
                "FromUserName" => push.from_user_name = Some(owned(&mut reader)),
                "CreateTime" => push.create_time = Some(number(&mut reader)),
                "MsgType" => push.msg_type = Some(owned(&mut reader)),
                "Event" => push.event = Some(owned(&mut reader)),
                "BussiCallBackInfo" => push.complaint = complaint(&mut reader),
                _ => {}
            },
            Event::Eof => return push,
            _ => {}
        }
    }
}

fn complaint(reader: &mut Reader<&[u8]>) -> Complaint {
    let mut complaint = Complaint::default();
    loop {
        match reader.read_event().unwrap() {
            Event::Start(start) => match start.name().as_ref() {
                "appid" => complaint.appid = Some(owned(reader)),
                "option_type" => complaint.option_type = Some(number(reader)),
                "complaint_order_id" => complaint.complaint_order_id = Some(owned(reader)),
                "status" => complaint.status = Some(number(reader)),
                "create_time" => complaint.create_time = Some(number(reader)),
                "expire_time" => complaint.expire_time = Some(number(reader)),
                "type" => complaint.kind = Some(number(reader)),
                "order_id" => complaint.order_id = Some(owned(reader)),
                "out_trade_no" => complaint.out_trade_no = Some(owned(reader)),
                "phone_number" => complaint.phone_number = Some(owned(reader)),
                "open_id" => complaint.open_id = Some(owned(reader)),
                "customer_material_content" => complaint.customer_material_content = Some(owned(reader)),
                "customer_material_media_id_list" => complaint.customer_material_media_id_list.push(owned(reader)),
                "pay_time" => complaint.pay_time = Some(number(reader)),
                "total_cost" => complaint.total_cost = Some(number(reader)),
                "product_name" => complaint.product_name = Some(owned(reader)),
                "history" => complaint.history.push(entry(reader)),
                _ => {}
            },
            Event::End(_) => return complaint,
            _ => {}
        }
    }
}

fn entry(reader: &mut Reader<&[u8]>) -> Entry {
    let mut entry = Entry::default();
    loop {
        match reader.read_event().unwrap() {
            Event::Start(start) => match start.name().as_ref() {
                "time" => entry.time = Some(number(reader)),
                "content" => entry.content = Some(owned(reader)),
                "media_id_list" => entry.media_id_list.push(owned(reader)),
                _ => {}
            },
            Event::End(_) => return entry,
            _ => {}
        }
    }
}

fn owned(reader: &mut Reader<&[u8]>) -> String {
    text(reader).into_owned()
}

fn number(reader: &mut Reader<&[u8]>) -> i64 {
    text(reader).parse().unwrap()
}

pub fn reader(text: &str) -> Reader<&[u8]> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().check_end_names = false;
    reader.config_mut().allow_unmatched_ends = true;
    reader
}

/// The one piece of text in an element, and the element's end.
pub fn text<'x>(reader: &mut Reader<&'x [u8]>) -> Cow<'x, str> {
    let piece = match reader.read_event().unwrap() {
        Event::Text(piece) => piece.into_inner(),
        Event::CData(piece) => piece.into_inner(),
        _ => return Cow::Borrowed(""),
    };
    drop(reader.read_event().unwrap());
    piece
}
