//! A page in one language.

use serde_json::json;

use crate::browser::Browser;

/// The language of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Words {
    Chinese,
    English,
}

impl Browser {
    /// The texts of the page: its title, what is to be seen, and what a screen reader says. Texts that
    /// people or platforms wrote stand in a `bdi`, a `time` or an element with `dir="auto"`, and are
    /// left out, as are numbers, code and the language's own name.
    pub fn own_texts(&self) -> Vec<String> {
        let texts = self.run(OWN_TEXTS, &json!([]));
        texts.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
    }
}

/// The texts that are not in this language alone. In Chinese, short names such as PNG stay in Latin
/// letters; other words do not, and no Latin mark ends a Chinese word.
pub fn foreign(words: Words, texts: &[String]) -> Vec<String> {
    let is_foreign = |text: &&String| match words {
        Words::English => text.chars().any(is_chinese),
        Words::Chinese => has_latin_word(text) || has_latin_mark(text),
    };
    texts.iter().filter(is_foreign).cloned().collect()
}

/// Characters, and the marks that stand between them.
const fn is_chinese(character: char) -> bool {
    matches!(character, '\u{3000}'..='\u{303f}' | '\u{3400}'..='\u{9fff}' | '\u{ff01}'..='\u{ff5e}')
}

fn has_latin_word(text: &str) -> bool {
    let mut words = text.split(|character: char| !character.is_ascii_alphanumeric());
    words.any(|word| word.len() > 3 && word.chars().all(|letter| letter.is_ascii_alphabetic()))
}

fn has_latin_mark(text: &str) -> bool {
    let following = text.chars().skip(1);
    text.chars().zip(following).any(|(before, mark)| is_chinese(before) && ",.;:!?".contains(mark))
}

const OWN_TEXTS: &str = "
    const foreign = 'bdi, time, code, pre, textarea, [dir=auto], [lang]:not(html)', texts = [document.title];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_ALL);
    while (walker.nextNode()) {
        const node = walker.currentNode, within = node.parentElement;
        if (within.closest(foreign) !== null || within.closest('script, style') !== null) continue;
        if (node.nodeType === Node.TEXT_NODE) texts.push(node.data);
        if (node.nodeType !== Node.ELEMENT_NODE || node.matches(foreign)) continue;
        for (const name of ['aria-label', 'alt', 'title', 'placeholder', 'data-label']) texts.push(node.getAttribute(name) ?? '');
    }
    return texts.map(text => text.trim()).filter(text => text !== '');
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_the_other_language_are_found() {
        let found = |words, text: &str| !foreign(words, &[text.to_owned()]).is_empty();
        for text in ["reply sent", "投诉 reply", "MERCHANT_RESPONSE", "说明: 已收到", "起算. 依据"] {
            assert!(found(Words::Chinese, text), "{text}");
        }
        for text in ["投诉单", "下载 CSV", "JPG、PNG 或 BMP", "每张 2 MB", "ID 4200001", "以 base64 显示", "3.5 元"]
        {
            assert!(!found(Words::Chinese, text), "{text}");
        }
        for text in ["回复", "Reply 回复", "Due：", "Reply，"] {
            assert!(found(Words::English, text), "{text}");
        }
        for text in ["Reply", "¥12.34", "“Complete”…"] {
            assert!(!found(Words::English, text), "{text}");
        }
    }
}
