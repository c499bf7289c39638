//! Scalars as digits of a window's width.

use crate::limbs::Limbs;

/// The width of a table's windows: memory against time.
///
/// A table of w bits holds (256 / w + 1) rows of 2^(w − 1) points, 64 bytes each. A product takes
/// one addition a row. A verifying key has a table of its own; the generator has one for each width
/// in use, which all keys share. Signing reads whole rows, so more than 6 bits do not make it
/// faster.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Window {
    /// 33 KiB, 65 additions.
    Bits4,
    /// 52 KiB, 52 additions.
    Bits5,
    /// 86 KiB, 43 additions.
    #[default]
    Bits6,
    /// 148 KiB, 37 additions.
    Bits7,
    /// 264 KiB, 33 additions.
    Bits8,
}

impl Window {
    /// Every width, the smallest first.
    pub const ALL: [Self; 5] = [Self::Bits4, Self::Bits5, Self::Bits6, Self::Bits7, Self::Bits8];

    /// The number of bits, 4 to 8.
    #[must_use]
    pub const fn bits(self) -> usize {
        self as usize + 4
    }

    /// The bytes of a table.
    #[must_use]
    pub const fn table_bytes(self) -> usize {
        self.rows() * self.row_length() * POINT_BYTES
    }

    /// Digits of a scalar, and rows of a table. All of them hold one bit more than a scalar at
    /// least, so that the topmost digit leaves no carry.
    pub(crate) const fn rows(self) -> usize {
        SCALAR_BITS / self.bits() + 1
    }

    /// The points of a row: the multiples 1 to 2^(w − 1).
    pub(crate) const fn row_length(self) -> usize {
        1 << (self.bits() - 1)
    }

    /// The digits of an integer, the least significant first: the integer is the sum of
    /// digit · 2^(w · i), each digit between −2^(w − 1) + 1 and 2^(w − 1). It takes the same time
    /// for all integers.
    pub(crate) fn digits(self, integer: &Limbs) -> Digits {
        let bits = self.bits();
        let half = 1_i16 << (bits - 1);
        let mut digits = [0; MOST_ROWS];
        let mut carry = 0;
        for (row, digit) in digits.iter_mut().take(self.rows()).enumerate() {
            let value = bits_at(integer, row * bits, bits) + carry;
            // 1 if the value is above half: the digit is then value − 2^w.
            carry = ((half - value) >> 15) & 1;
            *digit = value - (carry << bits);
        }
        Digits { digits, rows: self.rows() }
    }
}

/// The digits of one scalar.
pub(crate) struct Digits {
    digits: [i16; MOST_ROWS],
    rows: usize,
}

impl Digits {
    /// The least significant first.
    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = i16> {
        self.digits.iter().take(self.rows).copied()
    }

    /// The digit at a position; 0 above the last one.
    pub(crate) fn at(&self, position: usize) -> i16 {
        self.digits.get(position).copied().unwrap_or_default()
    }
}

impl Drop for Digits {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.digits[..]);
    }
}

/// The bits of an integer from `start` on, at most 8 of them; zeros above its end. `start` and
/// `count` are public.
fn bits_at(integer: &Limbs, start: usize, count: usize) -> i16 {
    let limb = |index: usize| integer.get(index).copied().unwrap_or_default();
    let (index, shift) = (start / 64, start % 64);
    let both = u128::from(limb(index)) | u128::from(limb(index + 1)) << 64;
    (both >> shift) as i16 & ((1 << count) - 1)
}

const SCALAR_BITS: usize = 256;

/// Those of the narrowest window.
const MOST_ROWS: usize = Window::Bits4.rows();

const POINT_BYTES: usize = size_of::<crate::point::Affine>();

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limbs;
    use crate::scalar::{N, Scalar};
    use proptest::prelude::*;

    /// The integer that digits stand for, modulo n, and whether each is in its range.
    fn value(window: Window, digits: &Digits) -> (Scalar, bool) {
        let half = 1 << (window.bits() - 1);
        let mut value = Scalar::ZERO;
        for digit in digits.iter().rev() {
            (0..window.bits()).for_each(|_| value = value.add(&value));
            let magnitude = Scalar::reduce(&[u64::from(digit.unsigned_abs()), 0, 0, 0]);
            value = if digit < 0 { value.subtract(&magnitude) } else { value.add(&magnitude) };
        }
        (value, digits.iter().all(|digit| -half < digit && digit <= half))
    }

    fn check(integer: &Limbs) {
        for window in Window::ALL {
            let (value, in_range) = value(window, &window.digits(integer));
            assert_eq!(value.as_integer(), Scalar::reduce(integer).as_integer(), "{window:?}");
            assert!(in_range, "{window:?}");
        }
    }

    proptest! {
        #[test]
        fn digits_stand_for_their_integer(integer: [u64; 4]) {
            check(&integer);
        }
    }

    /// Carries through all digits, none at all, and the last row's.
    #[test]
    fn digits_of_edges_stand_for_them() {
        let (last, _) = limbs::subtract_wide(&N, &[1, 0, 0, 0]);
        for integer in [[0; 4], [1, 0, 0, 0], [u64::MAX; 4], N, last, [0, 0, 0, 1 << 63]] {
            check(&integer);
        }
        for window in Window::ALL {
            let half = 1_u64 << (window.bits() - 1);
            for digit in [half - 1, half, half + 1] {
                check(&[digit, 0, 0, 0]);
            }
        }
    }

    #[test]
    fn tables_have_the_sizes_that_are_told() {
        let sizes = Window::ALL.map(|window| (window.bits(), window.rows(), window.table_bytes().div_ceil(1024)));
        assert_eq!(sizes, [(4, 65, 33), (5, 52, 52), (6, 43, 86), (7, 37, 148), (8, 33, 264)]);
        assert!(Window::default().table_bytes() <= 100 * 1024, "the default");
    }
}
