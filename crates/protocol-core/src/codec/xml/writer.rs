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
