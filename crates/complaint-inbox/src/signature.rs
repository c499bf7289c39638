//! The signature of a text: a few bytes that rule out most words that the text has not.

use std::collections::BTreeSet;

use crate::search::Search;

/// What a text has, in a few bytes: a bit for each of its [`grams`]. A word is in the text only if the
/// bits of its own are set. An inbox keeps signatures: another way to make them needs a migration.
pub(crate) fn signature(text: &str) -> Vec<u8> {
    let grams: BTreeSet<u32> = grams(text).into_iter().collect();
    // At most every fourth bit is set, except in the longest texts.
    let bytes = (grams.len() / 2).next_power_of_two().clamp(MIN_SIGNATURE, MAX_SIGNATURE);
    let mut signature = vec![0; bytes];
    for gram in grams {
        let (byte, bit) = place(bytes, gram);
        if let Some(bits) = signature.get_mut(byte) {
            *bits |= bit;
        }
    }
    signature
}

/// A search, as signatures are compared with it.
#[derive(Debug)]
pub(crate) struct Sieve(Vec<(String, Vec<u32>)>);

impl Sieve {
    pub(crate) fn new(search: &Search) -> Self {
        Self(search.words().iter().map(|word| (word.clone(), grams(word))).collect())
    }

    /// Whether the search may find a complaint with this number, whose text has this signature. If not,
    /// the text need not be read. `None`: there is no text.
    pub(crate) fn passes(&self, id: &str, signature: Option<&[u8]>) -> bool {
        let may_have = |grams: &[u32]| signature.is_some_and(|bits| grams.iter().all(|gram| has(bits, *gram)));
        let mut others = self.0.iter().filter(|(_, grams)| !may_have(grams)).peekable();
        others.peek().is_none() || {
            let id = id.to_lowercase();
            others.all(|(word, _)| id.contains(word))
        }
    }
}

fn has(signature: &[u8], gram: u32) -> bool {
    let (byte, bit) = place(signature.len(), gram);
    signature.get(byte).is_some_and(|bits| bits & bit != 0)
}

/// The byte and the bit of a gram.
const fn place(bytes: usize, gram: u32) -> (usize, u8) {
    // A signature of no bytes has no bit set.
    ((gram >> 3) as usize % if bytes == 0 { 1 } else { bytes }, 1 << (gram & 7))
}

/// A hash of each two characters in a row, of ASCII each three: numbers have every two digits. A part of
/// a text has none that the text has not.
fn grams(text: &str) -> Vec<u32> {
    let characters: Vec<char> = text.chars().collect();
    let thirds = characters.iter().skip(2).map(Some).chain([None]);
    let pairs = characters.iter().zip(characters.iter().skip(1));
    pairs.zip(thirds).filter_map(|((first, second), third)| gram(*first, *second, third.copied())).collect()
}

/// `None`: no word has these characters in a row, or too many have.
fn gram(first: char, second: char, third: Option<char>) -> Option<u32> {
    let third = if first.is_ascii() && second.is_ascii() { third.filter(char::is_ascii)? } else { '\0' };
    let characters = [first, second, third];
    let mix = |hash: u32, character: char| (hash ^ u32::from(character)).wrapping_mul(0x9e37_79b1).rotate_left(15);
    let hash = characters.into_iter().fold(0, mix);
    (!characters.iter().any(|character| character.is_whitespace())).then_some(hash ^ (hash >> 16))
}

/// The least and the most bytes of a signature: powers of two.
const MIN_SIGNATURE: usize = 32;
const MAX_SIGNATURE: usize = 512;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::searchable;

    fn passes(search: &str, id: &str, signature: Option<&[u8]>) -> bool {
        Sieve::new(&Search::new(search)).passes(id, signature)
    }

    /// Every part of a text, in whatever characters.
    #[test]
    fn a_signature_rules_out_no_word_that_is_there() {
        let text = searchable("42000004042019090691 WX-Order\n重复扣费，请退款 a1é2ß三😀4 İ");
        let signature = signature(&text);
        let places: Vec<usize> = text.char_indices().map(|(place, _)| place).chain([text.len()]).collect();
        for (number, start) in places.iter().enumerate() {
            for end in places.iter().skip(number + 1) {
                let word = text.get(*start..*end).unwrap();
                assert!(passes(word, "", Some(&signature)), "{word}");
            }
        }
        assert!(!passes("发货", "", Some(&signature)));
        assert!(!passes("退款 发货", "", Some(&signature)));
        assert!(!passes("42000004042019090692", "", Some(&signature)));
        assert!(passes("退款 2002", "2002A1", Some(&signature)));
        assert!(passes("2002a", "2002A1", None) && !passes("退款", "2002A1", None));
        // One character, and two of ASCII, have no gram: the text is read.
        assert!(passes("货 zz", "", Some(&signature)));
    }

    #[test]
    fn a_signature_has_a_bound_and_rules_out_most() {
        assert_eq!(signature("").len(), MIN_SIGNATURE);
        let text = |characters: u32| (0..characters).filter_map(|n| char::from_u32(0x4e00 + n)).collect::<String>();
        assert_eq!(signature(&text(1365)).len(), MAX_SIGNATURE);
        let usual = signature(&text(200));
        assert_eq!(usual.len(), 128);
        // Pairs that the text has not.
        let others = (0..1000).filter_map(|n| Some(String::from_iter([char::from_u32(0x6e00 + n)?, '款'])));
        let passed = others.filter(|word| passes(word, "", Some(&usual))).count();
        assert!(passed < 400, "{passed} of 1000");
    }

    /// Signatures that are kept stay what they are.
    #[test]
    fn a_signature_is_the_same_in_every_version() {
        let hex = |text: &str| signature(text).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        assert_eq!(hex("退款 4200"), "0000000000400000000000000040000000000000000000000000000000000008");
    }
}
