//! Elements as text.

/// Writes elements. Text goes into CDATA where XML would need escapes, and unescaped elsewhere.
#[derive(Debug, Default)]
pub(crate) struct XmlWriter(String);

impl XmlWriter {
    /// `<name>`, the output of `inside`, `</name>`.
    pub(crate) fn element(&mut self, name: &str, inside: impl FnOnce(&mut Self)) {
        self.0.extend(["<", name, ">"]);
        inside(self);
        self.0.extend(["</", name, ">"]);
    }

    /// An element of text, in CDATA. A section's end within the text is split over two sections.
    pub(crate) fn cdata(&mut self, name: &str, text: &str) {
        self.element(name, |writer| {
            writer.0.extend(["<![CDATA[", &text.replace("]]>", "]]]]><![CDATA[>"), "]]>"]);
        });
    }

    /// An element of digits.
    pub(crate) fn number(&mut self, name: &str, number: i64) {
        self.element(name, |writer| writer.0.push_str(&number.to_string()));
    }

    pub(crate) fn finish(self) -> String {
        self.0
    }
}

/// Whether XML 1.0 permits an element of this name (production 5, `Name`), without a prefix of a
/// namespace.
pub(crate) fn is_xml_name(name: &str) -> bool {
    let mut characters = name.chars();
    characters.next().is_some_and(begins_name) && characters.all(continues_name)
}

/// Production 4, `NameStartChar`, without the colon.
fn begins_name(character: char) -> bool {
    matches!(
        character,
        'A'..='Z' | '_' | 'a'..='z'
            | '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}' | '\u{f8}'..='\u{2ff}'
            | '\u{370}'..='\u{37d}' | '\u{37f}'..='\u{1fff}' | '\u{200c}'..='\u{200d}'
            | '\u{2070}'..='\u{218f}' | '\u{2c00}'..='\u{2fef}' | '\u{3001}'..='\u{d7ff}'
            | '\u{f900}'..='\u{fdcf}' | '\u{fdf0}'..='\u{fffd}' | '\u{10000}'..='\u{effff}'
    )
}

/// Production 4a, `NameChar`, without the colon.
fn continues_name(character: char) -> bool {
    begins_name(character)
        || matches!(character, '-' | '.' | '0'..='9' | '\u{b7}' | '\u{300}'..='\u{36f}' | '\u{203f}'..='\u{2040}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_reader_takes_the_same_names() {
        let takes = |name: &str| {
            let xml = format!("<xml><{name}>1</{name}></xml>");
            let document = roxmltree::Document::parse(&xml).ok();
            document.is_some_and(|read| read.root_element().children().any(|child| child.tag_name().name() == name))
        };
        // Every character up to the last ranges, which are large, and those around their bounds.
        let characters = ('\0'..='\u{3100}').chain('\u{d000}'..='\u{10100}').chain('\u{eff00}'..='\u{f0100}');
        for character in characters.filter(|&character| character != ':') {
            for name in [format!("{character}"), format!("a{character}")] {
                assert_eq!(is_xml_name(&name), takes(&name), "{name:?}");
            }
        }
        assert!(!is_xml_name(""), "nothing");
        assert!(!is_xml_name("a:b"), "a prefix is of a namespace, which is not written");
    }
}
