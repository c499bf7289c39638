//! Integers modulo n, the order of the generator.

use subtle::{Choice, ConstantTimeEq};
use zeroize::{DefaultIsZeroes, Zeroizing};

use crate::limbs::{self, Limbs};

/// An integer modulo n, always below n. Every operation takes the same time for all integers.
#[derive(Clone, Copy, Default)]
pub(crate) struct Scalar(Limbs);

impl DefaultIsZeroes for Scalar {}

impl Scalar {
    pub(crate) const ZERO: Self = Self([0; 4]);
    pub(crate) const ONE: Self = Self([1, 0, 0, 0]);

    /// The integer that is below n; of any other, `None`.
    pub(crate) fn from_bytes(bytes: &[u8; 32]) -> Option<Self> {
        let integer = limbs::from_bytes(bytes);
        let (_, borrow) = limbs::subtract_wide(&integer, &N);
        // Public: a key or a candidate for a nonce is in range, or it is dropped.
        (borrow == 1).then_some(Self(integer))
    }

    /// The integer modulo n. It is below 2²⁵⁶, and so below 2n.
    pub(crate) fn reduce(integer: &Limbs) -> Self {
        Self(limbs::reduce_once(integer, 0, &N))
    }

    pub(crate) fn to_bytes(self) -> [u8; 32] {
        limbs::to_bytes(&self.0)
    }

    pub(crate) fn as_integer(&self) -> &Limbs {
        &self.0
    }

    pub(crate) fn add(&self, other: &Self) -> Self {
        Self(limbs::add_modulo(&self.0, &other.0, &N))
    }

    pub(crate) fn subtract(&self, other: &Self) -> Self {
        Self(limbs::subtract_modulo(&self.0, &other.0, &N))
    }

    /// The scalar · 2²⁵⁶: Montgomery's form.
    pub(crate) fn to_montgomery(self) -> Self {
        self.multiply_montgomery(&Self(R_SQUARED))
    }

    /// The product / 2²⁵⁶: a factor in Montgomery's form gives the product as it is.
    pub(crate) fn multiply_montgomery(&self, other: &Self) -> Self {
        let (low, high) = limbs::multiply_wide(&self.0, &other.0);
        Self(reduce(low, &high))
    }

    /// The inverse, both in Montgomery's form; of zero, zero. It is the power n − 2 (Fermat), by
    /// four bits of the exponent at a time. The exponent is public.
    pub(crate) fn invert_montgomery(&self) -> Self {
        let mut powers = Zeroizing::new([Self(R); 16]);
        let mut power = Zeroizing::new(Self(R));
        for slot in powers.iter_mut() {
            *slot = *power;
            *power = power.multiply_montgomery(self);
        }
        *power = Self(R);
        for limb in N_MINUS_2.iter().rev() {
            for shift in (0..64).step_by(4).rev() {
                for _ in 0..4 {
                    *power = power.multiply_montgomery(&power);
                }
                if let Some(factor) = powers.get((limb >> shift & 15) as usize) {
                    *power = power.multiply_montgomery(factor);
                }
            }
        }
        *power
    }

    pub(crate) fn is_zero(&self) -> Choice {
        self.ct_eq(&Self::ZERO)
    }
}

impl ConstantTimeEq for Scalar {
    fn ct_eq(&self, other: &Self) -> Choice {
        self.0.ct_eq(&other.0)
    }
}

pub(crate) const N: Limbs =
    [0x53bb_f409_39d5_4123, 0x7203_df6b_21c6_052b, 0xffff_ffff_ffff_ffff, 0xffff_fffe_ffff_ffff];
const N_MINUS_2: Limbs = [N[0] - 2, N[1], N[2], N[3]];

/// 2²⁵⁶ modulo n.
const R: Limbs = [0xac44_0bf6_c62a_bedd, 0x8dfc_2094_de39_fad4, 0, 0x1_0000_0000];

/// 2⁵¹² modulo n.
const R_SQUARED: Limbs = [0x9011_92af_7c11_4f20, 0x3464_504a_de6f_a2fa, 0x620f_c84c_3aff_e0d4, 0x1eb5_e412_a22b_3d3b];

/// −1/n modulo 2⁶⁴.
const MINUS_INVERSE: u64 = 0x327f_9e88_7235_0975;

/// (low + high · 2²⁵⁶) / 2²⁵⁶ modulo n, for a value below n · 2²⁵⁶.
fn reduce(low: Limbs, high: &Limbs) -> Limbs {
    let low = reduce_limb(reduce_limb(reduce_limb(reduce_limb(low))));
    let (sum, carry) = limbs::add_wide(&low, high);
    limbs::reduce_once(&sum, carry, &N)
}

/// (t + m · n) / 2⁶⁴, with the m that clears the lowest limb.
#[inline(always)]
fn reduce_limb(t: Limbs) -> Limbs {
    let m = t[0].wrapping_mul(MINUS_INVERSE);
    let (_, carry) = limbs::multiply_add(t[0], m, N[0], 0);
    let (r0, carry) = limbs::multiply_add(t[1], m, N[1], carry);
    let (r1, carry) = limbs::multiply_add(t[2], m, N[2], carry);
    let (r2, r3) = limbs::multiply_add(t[3], m, N[3], carry);
    [r0, r1, r2, r3]
}
