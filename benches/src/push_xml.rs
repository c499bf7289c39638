//! The XML of a complaint push.
//!
//! The floor is a quick-xml event loop without guards: no bounds, and no checks of control
//! characters, repeated elements, commas between links or end tags. It starts from text. Ours
//! starts from a body's bytes, so it has to check that they are UTF-8.

use std::fmt::Write as _;

use protocol_core::mini_program::Push;
use protocol_core::{Personal, UnixTime};

pub mod floor;

/// The application that the push belongs to.
pub const APPID: &str = "wx8888888888888888";

/// Entries of the usual push.
pub const ENTRIES: usize = 20;

/// The push as the library reads it.
pub fn ours(document: &[u8]) -> Push {
    Push::decode(document).unwrap().trust_anyway()
}

/// Checks that both sides read the same from the same document.
pub fn assert_same(floor: &floor::Push, ours: &Push) {
    let personal = |value: &Option<Personal<String>>| value.as_ref().map(|value| value.expose().clone());
    let seconds = |time: Option<UnixTime>| time.map(|time| time.0);

    assert_eq!(floor.to_user_name, ours.to_user_name);
    assert_eq!(floor.from_user_name, personal(&ours.from_user_name));
    assert_eq!(floor.create_time, seconds(ours.create_time));
    assert_eq!(floor.msg_type, ours.msg_type);
    assert_eq!(floor.event, ours.event);

    let (floor, ours) = (&floor.complaint, ours.complaint().unwrap());
    assert_eq!(floor.appid, ours.appid);
    assert_eq!(floor.option_type, ours.option_type.map(|code| code.code()));
    assert_eq!(floor.complaint_order_id, ours.complaint_order_id);
    assert_eq!(floor.status, ours.status.map(|code| code.code()));
    assert_eq!(floor.create_time, seconds(ours.create_time));
    assert_eq!(floor.expire_time, seconds(ours.expire_time));
    assert_eq!(floor.kind, ours.kind.map(|code| code.code()));
    assert_eq!(floor.order_id, ours.order_id);
    assert_eq!(floor.out_trade_no, ours.out_trade_no);
    assert_eq!(floor.phone_number, personal(&ours.phone_number));
    assert_eq!(floor.open_id, personal(&ours.open_id));
    assert_eq!(floor.customer_material_content, personal(&ours.customer_material_content));
    assert!(floor.customer_material_media_id_list.iter().eq(ours.customer_material_media_id_list.iter()));
    assert_eq!(floor.pay_time, seconds(ours.pay_time));
    assert_eq!(floor.total_cost, ours.total_cost.map(|fen| fen.0));
    assert_eq!(floor.product_name, ours.product_name);
    assert_eq!(floor.history.len(), ours.history.len());
    for (floor, ours) in floor.history.iter().zip(&ours.history) {
        assert_eq!(floor.time, seconds(ours.time));
        assert_eq!(floor.content, personal(&ours.content));
        assert!(floor.media_id_list.iter().eq(ours.media_id_list.iter()));
    }
}

/// About 1.5 kB and 200 bytes an entry: text in CDATA, numbers bare, a line an element.
pub fn document(entries: usize) -> String {
    let mut document = format!(
        "<xml>\n\
         <ToUserName><![CDATA[gh_0123456789ab]]></ToUserName>\n\
         <FromUserName><![CDATA[oUpF8uMuAJO_M2pxb1Q9zNjWeS6o]]></FromUserName>\n\
         <CreateTime>1741936166</CreateTime>\n\
         <MsgType><![CDATA[event]]></MsgType>\n\
         <Event><![CDATA[complaint_callback]]></Event>\n\
         <BussiCallBackInfo>\n\
         <appid><![CDATA[{APPID}]]></appid>\n\
         <option_type>2</option_type>\n\
         <complaint_order_id><![CDATA[20250314150926100001]]></complaint_order_id>\n\
         <status>201</status>\n\
         <create_time>1741763366</create_time>\n\
         <expire_time>1742195366</expire_time>\n\
         <type>1</type>\n\
         <order_id><![CDATA[payorder@_4200002673202503129876543210]]></order_id>\n\
         <out_trade_no><![CDATA[20250312150926000123]]></out_trade_no>\n\
         <phone_number><![CDATA[18500000000]]></phone_number>\n\
         <open_id><![CDATA[oUpF8uMuAJO_M2pxb1Q9zNjWeS6o]]></open_id>\n\
         <customer_material_content><![CDATA[不想要了，我想要退款。上周在你们店里下单的时候说好三天发货，到现在物流信息一直没有更新]]></customer_material_content>\n"
    );
    for index in 0..2 {
        writeln!(document, "{}", media("customer_material_media_id_list", index)).unwrap();
    }
    document.push_str(
        "<pay_time>1741676966</pay_time>\n\
         <total_cost>12900</total_cost>\n\
         <product_name><![CDATA[儿童雨靴 23码 蓝色]]></product_name>\n",
    );
    for index in 0..entries {
        let (content, pictures) = match index % 5 {
            0 => ("<![CDATA[用户发起投诉：付款十天仍未发货，请商家在48小时内处理]]>", 1),
            1 => ("商家回复：您好，您的订单今天之内发出，请耐心等待", 0),
            2 => ("<![CDATA[每次都说今天发货，我不想再等了，请直接退款 <谢谢>]]>", 1),
            3 => ("<![CDATA[商家回复：已为您办理退款 & 预计3个工作日原路退回]]>", 0),
            _ => ("平台客服已介入，请双方在48小时内补充凭证", 0),
        };
        write!(document, "<history>\n<time>{}</time>\n<content>{content}</content>\n", 1_741_763_366 + 3600 * index)
            .unwrap();
        for picture in 0..pictures {
            writeln!(document, "{}", media("media_id_list", 100 * index + picture)).unwrap();
        }
        document.push_str("</history>\n");
    }
    document.push_str("</BussiCallBackInfo>\n</xml>");
    document
}

fn media(name: &str, index: usize) -> String {
    format!("<{name}><![CDATA[https://mmecimage.cn/p/{APPID}/HF{index:016}?w=800&h=600]]></{name}>")
}
