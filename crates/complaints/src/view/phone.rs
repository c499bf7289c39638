//! A payer's telephone number, as far as it is shown.

use crate::language::say;
use crate::view::output::visible;

/// How much of it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phones {
    /// All, where it is in clear.
    Clear,
    /// The first three and the last four digits, where it is in clear.
    Masked,
    /// None: it is encrypted to the merchant's key.
    Encrypted,
}

impl Phones {
    pub(crate) fn show(self, phone: &str) -> String {
        match self {
            Self::Encrypted => say("phone-decrypt"),
            Self::Clear if is_ciphertext(phone) => say("phone-by-form"),
            Self::Clear => visible(phone),
            Self::Masked if is_ciphertext(phone) => say("phone-encrypted"),
            Self::Masked => visible(&masked(phone)),
        }
    }
}

/// Fewest characters of base64 that are no phone number.
const SHORTEST_CIPHERTEXT: usize = 64;

/// Whether a phone number is plainly a ciphertext.
fn is_ciphertext(phone: &str) -> bool {
    let is_base64 = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
    phone.len() >= SHORTEST_CIPHERTEXT && phone.bytes().all(is_base64)
}

/// Fewest digits of a number that shows its first three and its last four.
const LONG: usize = 11;

/// `139****1234`. A shorter number shows less.
fn masked(phone: &str) -> String {
    let digits = phone.chars().filter(|character| character.is_alphanumeric()).count();
    let (first, last) = if digits >= LONG { (3, 4) } else { (0, 2) };
    let last = if digits >= 2 * last { digits - last } else { digits };
    let mut place = 0;
    let shown = |character: char| {
        if !character.is_alphanumeric() {
            return character;
        }
        place += 1;
        if place <= first || place > last { character } else { '*' }
    };
    phone.chars().map(shown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mask_leaves_what_two_people_need_to_compare() {
        for (phone, shown) in [
            ("13900001234", "139****1234"),
            ("+86 139-0000-1234", "+86 1**-****-1234"),
            ("0755-1234567", "075*-***4567"),
            ("8123456", "*****56"),
            ("1234", "**34"),
            ("123", "***"),
            ("", ""),
        ] {
            assert_eq!(Phones::Masked.show(phone), shown);
        }
        assert_eq!(Phones::Masked.show(&"aB3+/=".repeat(58)), "encrypted");
    }

    #[test]
    fn a_ciphertext_is_not_shown_as_a_phone_number() {
        let ciphertext = "aB3+/=".repeat(58);
        assert_eq!(Phones::Encrypted.show(&ciphertext), "encrypted; --decrypt shows it");
        assert_eq!(Phones::Clear.show(&ciphertext), "encrypted, by its form; JSON output has it");
        for clear in ["13900001234", "+86 139-0000-1234", &"1".repeat(SHORTEST_CIPHERTEXT - 1)] {
            assert_eq!(Phones::Clear.show(clear), clear);
        }
        assert!(Phones::Clear.show(&"1".repeat(SHORTEST_CIPHERTEXT)).starts_with("encrypted"));
        assert!(!Phones::Clear.show(&"1 ".repeat(SHORTEST_CIPHERTEXT)).starts_with("encrypted"));
    }
}
