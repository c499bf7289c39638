//! One document in every way it is written, and each refusal.

use std::borrow::Cow;

use super::*;

/// `<a>` once, `<b>` any number of times, `<n>` a number.
#[derive(Debug, Default, PartialEq)]
struct Sample {
    a: Option<String>,
    b: Vec<String>,
    n: Option<i64>,
}

impl<'x> XmlElement<'x> for Sample {
    fn child(&mut self, name: &str, reader: &mut XmlReader<'x>) -> Result<(), DecodeError> {
        match name {
            "a" => self.a.add(reader),
            "b" => self.b.add(reader),
            "n" => self.n.add(reader),
            _ => reader.skip(),
        }
    }
}

fn read(text: &str) -> Result<Sample, DecodeError> {
    let mut reader = XmlReader::new("a sample", text);
    let sample = reader.document()?;
    reader.take_misfit().map_or(Ok(sample), Err)
}

#[track_caller]
fn refused(text: &str, problem: &str) {
    let error = read(text).unwrap_err().to_string();
    assert!(error.contains(problem), "{error}");
}

#[test]
fn text_reads_alike_however_it_is_written() {
    for text in [
        "<x><a>1 &lt; 2</a></x>",
        "<x><a><![CDATA[1 < 2]]></a></x>",
        "<x><a>1 <![CDATA[<]]> 2</a></x>",
        "<x><a>1 &#60; <![CDATA[2]]></a></x>",
        "<x><a>1 &#x3C;<!-- no text --> 2</a></x>",
        "<?xml version=\"1.0\"?>\n<x kind='odd'>stray // text\u{200b}<a z=\"1\">1 &lt; 2</a>]</x>\n<!-- end -->\n",
        "<x><unknown><a>no</a>&amp;</unknown><a>1 &lt; 2</a><n/><n>  </n></x>",
    ] {
        assert_eq!(read(text).unwrap(), Sample { a: Some("1 < 2".into()), ..Sample::default() }, "{text}");
    }
    assert_eq!(read("<x><a><![CDATA[a]]]]><![CDATA[>b]]></a></x>").unwrap().a.as_deref(), Some("a]]>b"));
    assert_eq!(read("<x><a/></x>").unwrap().a.as_deref(), Some(""));
    let many = read("<x><b>1</b><n>-7</n><b/><b>3</b></x>").unwrap();
    assert_eq!(many, Sample { b: vec!["1".into(), String::new(), "3".into()], n: Some(-7), a: None });
}

#[test]
fn text_in_one_piece_is_borrowed() {
    let text = "<x>一&amp;<![CDATA[二]]></x>";
    for (text, borrowed) in [("<x>一</x>", true), ("<x><![CDATA[一]]></x>", true), (text, false)] {
        let mut reader = XmlReader::new("a sample", text);
        reader.reader.read_event().unwrap();
        reader.enter().unwrap();
        assert_eq!(matches!(reader.text().unwrap(), Cow::Borrowed(_)), borrowed, "{text}");
    }
}

#[test]
fn text_in_one_piece_ends_with_its_element() {
    let [a, b] = ["a", "b"].map(|name| move |text: &str| format!("<{name}>{text}</{name}>"));
    for (text, read_as) in [
        ("1", "1"),
        (" 1 ", " 1 "),
        ("<![CDATA[1]]>", "1"),
        ("<![CDATA[]]>", ""),
        ("<![CDATA[>]]]>", ">]"),
        ("<![CDATA[>]]]>]]>", ">]]]>"),
        ("<![CDATA[1]]> ", "1 "),
        ("<![CDATA[1]]><!---->", "1"),
        ("<![CDATA[1]]>&amp;", "1&"),
        ("1]]>", "1]]>"),
        ("1<!---->2", "12"),
    ] {
        let sample = read(&format!("<x>\n{}{}\n{}</x>", a(text), b(text), b("2"))).unwrap();
        assert_eq!(sample, Sample { a: Some(read_as.into()), b: vec![read_as.into(), "2".into()], n: None }, "{text}");
    }
    // The text after an empty element is not its own.
    for empty in ["<a/>1", "<a />1", "<a z='/>'/><![CDATA[1]]>", "<a/>\n"] {
        assert_eq!(read(&format!("<x>{empty}</x>")).unwrap().a.as_deref(), Some(""), "{empty}");
    }
    assert_eq!(read("<x><a z='/>'>1</a></x>").unwrap().a.as_deref(), Some("1"));
    refused("<x><a>1</b></x>", "the element <a> is closed by the end of <b>, line 1 column 8");
    refused("<x><a><![CDATA[1]]></b></x>", "the element <a> is closed by the end of <b>, line 1 column 20");
    refused("<x><a><![CDATA[1></a></x>", "CDATA");
    refused("<x><a>1", "ends inside");
}

#[test]
fn forbidden_control_characters_are_dropped_from_text() {
    let text = "<x><a>1\u{0}\u{8}2\t\n&#0;&#x1f;<![CDATA[\u{b}3\u{1d}]]>\u{7f}</a></x>";
    assert_eq!(read(text).unwrap().a.as_deref(), Some("12\t\n3\u{7f}"));
}

#[test]
fn half_a_surrogate_pair_is_mended() {
    for (references, character) in [
        ("&#55357;&#56832;", "😀"),
        ("&#xD83D;&#xde00;", "😀"),
        ("&#xD83D;&#56832;", "😀"),
        ("&#55357;", "\u{fffd}"),
        ("&#56832;", "\u{fffd}"),
        ("&#56832;&#55357;", "\u{fffd}\u{fffd}"),
        ("&#55357;&#55357;&#56832;", "\u{fffd}😀"),
        ("&#55357;<![CDATA[&#56832;]]>&#56832;", "\u{fffd}&#56832;\u{fffd}"),
        ("&#55357;&amp;", "\u{fffd}&"),
        ("&#xFFFFFFFFF;&#55357;", ""),
    ] {
        let sample = read(&format!("<x><a>1{references}2</a>&#55357;&#56832;</x>"));
        match character {
            "" => assert!(sample.is_err(), "{references}"),
            _ => assert_eq!(sample.unwrap().a, Some(format!("1{character}2")), "{references}"),
        }
    }
}

#[test]
fn attackers_markup_is_refused_by_name() {
    refused("<!DOCTYPE x><x/>", "a document type");
    refused("<x><!DOCTYPE x></x>", "a document type");
    refused("<x><a>&b;</a></x>", "an entity beyond");
    refused("<x>&b;</x>", "an entity beyond");
    refused("<x><y>&b;</y></x>", "an entity beyond");
    refused("<x><a>&#x110000;</a></x>", "a reference to no character");
    refused("<?php x?><x/>", "a processing instruction");
    refused("<x><?xml version='1.0'?></x>", "an XML declaration");
    refused("<x/><?xml version='1.0'?>", "an XML declaration");
    refused("\n <x><a>1<b/>\n</c>", "line 3 column 1");
    assert!(read("\n <?xml version='1.0'?><x/>").is_ok());
    refused("<x/><x/>", "a second root");
    refused("<x/>text", "outside the root");
    refused("text<x/>", "outside the root");
    refused("<x/>&lt;", "outside the root");
    refused("", "no root");
    refused("<x><a>", "ends inside");
    refused("<x><a>1</b></x>", "the element <a> is closed by the end of <b>, line 1 column 8");
    refused("<x>\n<a>1<a>\n</x>", "the element <a> is closed by the end of <x>, line 3 column 1");
    refused("</x>", "the end of <x> has no start");
    refused("<x><a\u{7}>1</b></x>", "the element a strange name is closed");
}

#[test]
fn values_that_do_not_fit_are_reported_with_their_place() {
    refused("<x>\n<n>seven</n></x>", "expected a whole number, line 2 column 13");
    refused("<x><a>1</a><a>2</a></x>", "stands twice");
    refused("<x><a><c/></a></x>", "expected text");
}

#[test]
fn depth_and_number_are_bounded() {
    let nested = |depth: usize| format!("{}{}", "<x>".repeat(depth), "</x>".repeat(depth));
    assert!(read(&nested(MAX_XML_DEPTH)).is_ok());
    refused(&nested(MAX_XML_DEPTH + 1), "nest too deep");
    // Both ends of the root and the end of the document are events too, and so are both ends of
    // each child.
    let siblings = |events: usize| format!("<x>{}</x>", "<y/>".repeat((events - 3) / 2));
    assert!(read(&siblings(MAX_XML_EVENTS - 1)).is_ok());
    refused(&siblings(MAX_XML_EVENTS + 1), "too many elements");
    // So are a blank and a text.
    let full = format!("<x>{}", "\n<b>1</b>".repeat((MAX_XML_EVENTS - 3) / 4));
    assert!(read(&format!("{full}<!----></x>")).is_ok());
    refused(&format!("{full}<!----><!----></x>"), "too many elements");
}

#[test]
fn written_documents_read_back() {
    let mut writer = XmlWriter::default();
    writer.element("x", |writer| {
        writer.cdata("a", "<a>]]>&amp;]]");
        writer.number("n", -3);
    });
    let read = read(&writer.finish()).unwrap();
    assert_eq!((read.a.as_deref(), read.n), (Some("<a>]]>&amp;]]"), Some(-3)));
}
