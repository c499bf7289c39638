//! Lines of CSV: exact for programs, or safe and readable in a spreadsheet.

/// The kind of CSV.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// For programs, RFC 4180: each field is exact.
    Exact,
    /// For Excel. It guesses what a field is: without the mark at the beginning it takes Chinese for
    /// another encoding, it rounds long numbers to 15 digits, and it calculates formulas.
    Excel,
}

/// A field, before the dialect decides how it is written.
#[derive(Debug)]
pub enum Field<'t> {
    /// Text of any origin.
    Text(&'t str),
    /// Numbers that are never calculated with: ids, order numbers, telephones. Several are separated
    /// by a blank.
    Ids(&'t [String]),
    /// A number or a time that this program formatted.
    Plain(String),
}

impl Dialect {
    /// The text in front of the first line.
    #[must_use]
    pub const fn mark(self) -> &'static str {
        match self {
            Self::Exact => "",
            Self::Excel => "\u{feff}",
        }
    }

    /// A line, with its end.
    #[must_use]
    pub fn line<'t>(self, fields: impl IntoIterator<Item = Field<'t>>) -> String {
        let fields: Vec<String> = fields.into_iter().map(|field| self.field(field)).collect();
        fields.join(",") + "\r\n"
    }

    fn field(self, field: Field<'_>) -> String {
        match (self, field) {
            (_, Field::Plain(text)) => text,
            (Self::Exact, Field::Text(text)) => quoted_if_needed(text),
            (Self::Exact, Field::Ids(ids)) => quoted_if_needed(&ids.join(" ")),
            (Self::Excel, Field::Ids(ids)) => {
                quoted_if_needed(&ids.iter().map(|id| marked(id)).collect::<Vec<_>>().join(" "))
            }
            (Self::Excel, Field::Text(text)) => {
                let text = cleaned(text);
                if is_formula(&text) {
                    quoted(&format!("'{text}"))
                } else if is_number(&text) {
                    marked(&text)
                } else {
                    quoted_if_needed(&text)
                }
            }
        }
    }
}

/// An id behind the mark that the platform's own bills put before it: it stays a text, with every
/// digit.
fn marked(id: &str) -> String {
    let id = cleaned(id);
    if id.is_empty() { id } else { format!("`{id}") }
}

/// The text with line feeds as its only control characters. LibreOffice drops a NUL at the beginning,
/// and calculates the rest.
fn cleaned(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n").replace('\t', " ");
    text.chars().filter(|character| *character == '\n' || !character.is_control()).collect()
}

/// Whether a spreadsheet may calculate the text. Characters that take no place do not count; Excel's
/// treatment of the wide forms is not confirmed.
fn is_formula(text: &str) -> bool {
    if text.starts_with('\n') {
        return true;
    }
    let takes_no_place = |character: char| {
        character.is_whitespace()
            || matches!(character, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
    };
    let first = text.chars().find(|character| !takes_no_place(*character));
    first.is_some_and(|first| "=+-@＝＋－＠".contains(first))
}

/// Most digits of a number that Excel shows as it is written.
const MAX_DIGITS: usize = 11;

/// Whether the text is a number whose digits a spreadsheet would change.
fn is_number(text: &str) -> bool {
    let changes = text.len() > MAX_DIGITS || (text.len() > 1 && text.starts_with('0'));
    changes && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn quoted_if_needed(text: &str) -> String {
    if text.contains([',', '"', '\r', '\n']) { quoted(text) } else { text.to_owned() }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The field that a reader of CSV gets back.
    fn parsed(line: &str) -> Vec<String> {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(line.as_bytes());
        let record = reader.records().next().unwrap().unwrap();
        record.iter().map(str::to_owned).collect()
    }

    #[test]
    fn ids_keep_every_digit_behind_the_mark_of_the_platforms_bills() {
        for (id, bytes) in [
            ("200201820200101080076610000", "`200201820200101080076610000\r\n"),
            ("+8613800000000", "`+8613800000000\r\n"),
            ("0012345", "`0012345\r\n"),
            ("", "\r\n"),
            ("=1+1", "`=1+1\r\n"),
            ("a,\"b", "\"`a,\"\"b\"\r\n"),
            ("\u{0}1\u{85}", "`1\r\n"),
        ] {
            assert_eq!(Dialect::Excel.line([Field::Ids(&[id.to_owned()])]), bytes, "{id:?}");
        }
        let two = ["1".to_owned(), "2".to_owned()];
        assert_eq!(Dialect::Excel.line([Field::Ids(&two), Field::Ids(&[])]), "`1 `2,\r\n");
        assert_eq!(Dialect::Exact.line([Field::Ids(&two), Field::Ids(&[])]), "1 2,\r\n");
    }

    #[test]
    fn a_spreadsheet_calculates_no_text() {
        for (text, bytes) in [
            ("=1+1", "\"'=1+1\""),
            ("+1", "\"'+1\""),
            ("-1", "\"'-1\""),
            ("@SUM(1)", "\"'@SUM(1)\""),
            ("\t=1", "\"' =1\""),
            ("\r=1", "\"'\n=1\""),
            ("\n=1", "\"'\n=1\""),
            ("\n退款", "\"'\n退款\""),
            ("\u{0}=1", "\"'=1\""),
            ("\u{1b}\u{9b}=1", "\"'=1\""),
            (" \u{a0}=1", "\"' \u{a0}=1\""),
            ("\u{feff}=1", "\"'\u{feff}=1\""),
            ("\u{202e}=1", "\"'\u{202e}=1\""),
            ("＝1", "\"'＝1\""),
            ("=HYPERLINK(\"http://x\",\"y\")", "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\""),
            ("1=1", "1=1"),
            ("请退款-谢谢", "请退款-谢谢"),
        ] {
            assert_eq!(Dialect::Excel.line([Field::Text(text)]), format!("{bytes}\r\n"), "{text:?}");
        }
    }

    #[test]
    fn a_text_of_digits_keeps_them() {
        fn line(text: &str) -> String {
            Dialect::Excel.line([Field::Text(text)])
        }
        assert_eq!(line("4200001234567890123456789012"), "`4200001234567890123456789012\r\n");
        assert_eq!(line("0012"), "`0012\r\n");
        assert_eq!(line(&"1".repeat(MAX_DIGITS)), "11111111111\r\n");
        assert_eq!(line(&"1".repeat(MAX_DIGITS + 1)), "`111111111111\r\n");
        assert_eq!((line("0"), line("201"), line("0012 次")), ("0\r\n".into(), "201\r\n".into(), "0012 次\r\n".into()));
    }

    #[test]
    fn amounts_stay_numbers() {
        assert_eq!(
            Dialect::Excel.line([Field::Plain("-12.05".to_owned()), Field::Plain(String::new())]),
            "-12.05,\r\n"
        );
    }

    #[test]
    fn another_reader_finds_the_same_fields() {
        let fields = ["a", "", "a,b", "\"", "\"\"", "line\nline", "line\r\nline", "=1", "\u{0}", " 投诉 ", "`1"];
        let line = Dialect::Exact.line(fields.map(Field::Text));
        assert!(line.ends_with("\r\n"));
        assert_eq!(parsed(&line), fields);
        let cleaned = ["a", "", "a,b", "\"", "\"\"", "line\nline", "line\nline", "'=1", "", " 投诉 ", "`1"];
        assert_eq!(parsed(&Dialect::Excel.line(fields.map(Field::Text))), cleaned);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_one_field_without_control_characters(text in proptest::arbitrary::any::<String>()) {
            let exact = parsed(&Dialect::Exact.line([Field::Text(&text), Field::Plain("1".to_owned())]));
            proptest::prop_assert_eq!(exact, [text.as_str(), "1"]);
            let excel = parsed(&Dialect::Excel.line([Field::Text(&text), Field::Ids(std::slice::from_ref(&text)), Field::Plain("1".to_owned())]));
            proptest::prop_assert_eq!(excel.len(), 3);
            for field in &excel {
                proptest::prop_assert!(!field.chars().any(|character| character.is_control() && character != '\n'));
                proptest::prop_assert!(!field.starts_with(['=', '+', '-', '@', '\n']));
            }
        }
    }
}
