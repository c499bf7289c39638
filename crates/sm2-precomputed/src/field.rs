//! The field of p = 2²⁵⁶ − 2²²⁴ − 2⁹⁶ + 2⁶⁴ − 1, in Montgomery's form.

use subtle::Choice;
use zeroize::DefaultIsZeroes;

use crate::limbs::{self, Limbs};

/// An element x of the field as x · 2²⁵⁶ modulo p, always below p. Every operation takes the same
/// time for all elements.
#[derive(Clone, Copy, Default)]
pub(crate) struct Field(Limbs);

impl DefaultIsZeroes for Field {}

impl Field {
    pub(crate) const ZERO: Self = Self([0; 4]);
    /// 2²⁵⁶ modulo p.
    pub(crate) const ONE: Self = Self([1, 0xffff_ffff, 0, 0x1_0000_0000]);

    /// The element of an integer below p; of any other, `None`.
    pub(crate) fn from_bytes(bytes: &[u8; 32]) -> Option<Self> {
        Self::from_integer(&limbs::from_bytes(bytes))
    }

    /// The element of an integer below p; of any other, `None`.
    pub(crate) fn from_integer(integer: &Limbs) -> Option<Self> {
        let (_, borrow) = limbs::subtract_wide(integer, &P);
        (borrow == 1).then(|| Self(*integer).multiply(&Self(R_SQUARED)))
    }

    /// The integer, below p.
    pub(crate) fn to_integer(self) -> Limbs {
        reduce(&self.0, &[0; 4])
    }

    pub(crate) fn to_bytes(self) -> [u8; 32] {
        limbs::to_bytes(&self.to_integer())
    }

    #[inline(always)]
    pub(crate) fn add(&self, other: &Self) -> Self {
        Self(limbs::add_modulo(&self.0, &other.0, &P))
    }

    #[inline(always)]
    pub(crate) fn subtract(&self, other: &Self) -> Self {
        Self(limbs::subtract_modulo(&self.0, &other.0, &P))
    }

    #[inline(always)]
    pub(crate) fn double(&self) -> Self {
        self.add(self)
    }

    #[inline(always)]
    pub(crate) fn triple(&self) -> Self {
        self.double().add(self)
    }

    #[inline(always)]
    pub(crate) fn negate(&self) -> Self {
        Self::ZERO.subtract(self)
    }

    #[inline]
    pub(crate) fn multiply(&self, other: &Self) -> Self {
        let (low, high) = limbs::multiply_wide(&self.0, &other.0);
        Self(reduce(&low, &high))
    }

    #[inline]
    pub(crate) fn square(&self) -> Self {
        let (low, high) = limbs::square_wide(&self.0);
        Self(reduce(&low, &high))
    }

    /// The inverse; of zero, zero. It is the power p − 2 (Fermat): 31 ones in binary, a zero, 128
    /// ones, 32 zeros, 62 ones, a zero, a one.
    pub(crate) fn invert(&self) -> Self {
        // `ones_n` is the power 2ⁿ − 1.
        let ones_2 = self.shift(1).multiply(self);
        let ones_3 = ones_2.shift(1).multiply(self);
        let ones_6 = ones_3.shift(3).multiply(&ones_3);
        let ones_12 = ones_6.shift(6).multiply(&ones_6);
        let ones_15 = ones_12.shift(3).multiply(&ones_3);
        let ones_30 = ones_15.shift(15).multiply(&ones_15);
        let ones_31 = ones_30.shift(1).multiply(self);
        let ones_32 = ones_31.shift(1).multiply(self);
        let mut power = ones_31.shift(1);
        for _ in 0..4 {
            power = power.shift(32).multiply(&ones_32);
        }
        power.shift(64).multiply(&ones_32).shift(30).multiply(&ones_30).shift(2).multiply(self)
    }

    /// The power 2ⁿ: n squarings.
    fn shift(&self, n: u32) -> Self {
        let mut power = *self;
        for _ in 0..n {
            power = power.square();
        }
        power
    }

    /// Whether it is zero, for public elements: the compiler may branch.
    #[inline(always)]
    pub(crate) fn is_zero_public(&self) -> bool {
        self.0[0] | self.0[1] | self.0[2] | self.0[3] == 0
    }

    /// `b` if `choice` is set, otherwise `a`.
    #[inline(always)]
    pub(crate) fn select(a: &Self, b: &Self, choice: Choice) -> Self {
        Self(limbs::select(&a.0, &b.0, choice))
    }

    /// Adds the bits of an element under a mask of all ones or all zeros.
    #[inline(always)]
    pub(crate) fn or_masked(&mut self, other: &Self, mask: u64) {
        self.0[0] |= other.0[0] & mask;
        self.0[1] |= other.0[1] & mask;
        self.0[2] |= other.0[2] & mask;
        self.0[3] |= other.0[3] & mask;
    }

    /// The element with these limbs in Montgomery's form, below p.
    pub(crate) const fn from_montgomery(limbs: Limbs) -> Self {
        Self(limbs)
    }

    /// The limbs in Montgomery's form.
    #[cfg(any(test, fuzzing))]
    pub(crate) const fn to_montgomery(self) -> Limbs {
        self.0
    }
}

pub(crate) const P: Limbs =
    [0xffff_ffff_ffff_ffff, 0xffff_ffff_0000_0000, 0xffff_ffff_ffff_ffff, 0xffff_fffe_ffff_ffff];

/// 2⁵¹² modulo p.
const R_SQUARED: Limbs = [0x0000_0002_0000_0003, 0x0000_0002_ffff_ffff, 0x0000_0001_0000_0001, 0x0000_0004_0000_0002];

/// (low + high · 2²⁵⁶) / 2²⁵⁶ modulo p, for a value below p · 2²⁵⁶.
#[inline(always)]
fn reduce(low: &Limbs, high: &Limbs) -> Limbs {
    let low = reduce_two_limbs(&reduce_two_limbs(low));
    let (sum, carry) = limbs::add_wide(&low, high);
    limbs::reduce_once(&sum, carry, &P)
}

/// (t + m · p) / 2¹²⁸, with the m of two limbs that clears the lowest two. It takes no
/// multiplication: m · p is m · 2²⁵⁶ − m · 2²²⁴ − m · 2⁹⁶ + m · 2⁶⁴ − m.
///
/// The lowest limb of p is −1, so that m₀ = t₀. The next limb of the sum is
/// t₁ + m₀ − (m₀ · 2³² modulo 2⁶⁴) − m₁, so that m₁ is the rest. With s = m · 2³² in three limbs,
/// the sum above them is (t₂ + m₁, t₃, m₀, m₁) − (s₁, s₀ + s₂, s₁, s₂), with the carry and the
/// borrow of the limb that was cleared.
#[inline(always)]
const fn reduce_two_limbs(t: &Limbs) -> Limbs {
    let m0 = t[0];
    let s0 = m0 << 32;
    let (sum, carry) = limbs::add(t[1], m0, 0);
    let (m1, borrow) = limbs::subtract(sum, s0, 0);
    let (s1, s2) = ((m0 >> 32) | (m1 << 32), m1 >> 32);
    let (r0, carry) = limbs::add(t[2], m1, carry);
    let (r1, carry) = limbs::add(t[3], 0, carry);
    let (r2, carry) = limbs::add(m0, 0, carry);
    // This may wrap around 2²⁵⁶; the difference is (t + m · p) / 2¹²⁸ again, below 2¹²⁸ + p.
    let (r3, _) = limbs::add(m1, 0, carry);
    let (r0, borrow) = limbs::subtract(r0, s1, borrow);
    // The lower half of s₀ is zero and s₂ has no upper half.
    let (r1, borrow) = limbs::subtract(r1, s0 | s2, borrow);
    let (r2, borrow) = limbs::subtract(r2, s1, borrow);
    let (r3, _) = limbs::subtract(r3, s2, borrow);
    [r0, r1, r2, r3]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_element_is_zero_if_every_limb_is() {
        assert!(Field([0; 4]).is_zero_public());
        for limb in 0..4 {
            let mut limbs = [0; 4];
            limbs[limb] = 1 << 63;
            assert!(!Field(limbs).is_zero_public(), "{limb}");
            // Every two equal limbs, the others zero.
            for other in (0..4).filter(|other| *other != limb) {
                let mut limbs = limbs;
                limbs[other] = 1 << 63;
                assert!(!Field(limbs).is_zero_public(), "{limb} {other}");
            }
        }
    }
}
