//! Points of the curve y² = x³ − 3x + b, and their sums by formulas that are complete: right for
//! all points, infinity and equal ones among them, without a case.

use alloc::vec::Vec;

use subtle::Choice;
use zeroize::{DefaultIsZeroes, Zeroizing};

use crate::field::Field;

/// A point other than infinity.
#[derive(Clone, Copy, Default)]
pub(crate) struct Affine {
    pub(crate) x: Field,
    pub(crate) y: Field,
}

impl DefaultIsZeroes for Affine {}

impl Affine {
    pub(crate) const GENERATOR: Self = Self {
        x: Field::from_montgomery([
            0x6132_8990_f418_029e,
            0x3e79_81ed_dca6_c050,
            0xd6a1_ed99_ac24_c3c3,
            0x9116_7a5e_e1c1_3b05,
        ]),
        y: Field::from_montgomery([
            0xc135_4e59_3c2d_0ddd,
            0xc1f5_e578_8d32_95fa,
            0x8d4c_fb06_6e2a_48f8,
            0x63cd_65d4_81d7_35bd,
        ]),
    };

    /// The point with these coordinates, if they are below p and it is on the curve. Every such
    /// point has the order n: the cofactor is 1.
    pub(crate) fn from_coordinates(x: &[u8; 32], y: &[u8; 32]) -> Option<Self> {
        let (x, y) = (Field::from_bytes(x)?, Field::from_bytes(y)?);
        let right = x.square().multiply(&x).subtract(&x.triple()).add(&B);
        y.square().subtract(&right).is_zero_public().then_some(Self { x, y })
    }

    /// The opposite point, if `choice` is set.
    pub(crate) fn negate_if(&self, choice: Choice) -> Self {
        Self { x: self.x, y: Field::select(&self.y, &self.y.negate(), choice) }
    }
}

/// A point as x = X/Z, y = Y/Z. Infinity has Z = 0.
#[derive(Clone, Copy)]
pub(crate) struct Projective {
    pub(crate) x: Field,
    pub(crate) y: Field,
    pub(crate) z: Field,
}

impl Default for Projective {
    fn default() -> Self {
        Self::INFINITY
    }
}

impl DefaultIsZeroes for Projective {}

impl Projective {
    pub(crate) const INFINITY: Self = Self { x: Field::ZERO, y: Field::ONE, z: Field::ZERO };

    /// The sum of any two points (Renes, Costello and Batina, algorithm 4, whose terms are named
    /// here by the coordinates that they multiply).
    pub(crate) fn add(&self, other: &Self) -> Self {
        let xx = self.x.multiply(&other.x);
        let yy = self.y.multiply(&other.y);
        let zz = self.z.multiply(&other.z);
        let xy = self.x.add(&self.y).multiply(&other.x.add(&other.y)).subtract(&xx.add(&yy));
        let yz = self.y.add(&self.z).multiply(&other.y.add(&other.z)).subtract(&yy.add(&zz));
        let xz = self.x.add(&self.z).multiply(&other.x.add(&other.z)).subtract(&xx.add(&zz));
        Self::from_terms(&xx, &yy, &zz, &xy, &yz, &xz)
    }

    /// The sum with a point that is not infinity: the same with its Z = 1 (algorithm 5).
    #[inline]
    pub(crate) fn add_affine(&self, other: &Affine) -> Self {
        let xx = self.x.multiply(&other.x);
        let yy = self.y.multiply(&other.y);
        let xy = self.x.add(&self.y).multiply(&other.x.add(&other.y)).subtract(&xx.add(&yy));
        let yz = self.z.multiply(&other.y).add(&self.y);
        let xz = self.z.multiply(&other.x).add(&self.x);
        Self::from_terms(&xx, &yy, &self.z, &xy, &yz, &xz)
    }

    /// The sum, from X₁X₂, Y₁Y₂, Z₁Z₂, X₁Y₂ + X₂Y₁, Y₁Z₂ + Y₂Z₁ and X₁Z₂ + X₂Z₁.
    #[inline(always)]
    fn from_terms(xx: &Field, yy: &Field, zz: &Field, xy: &Field, yz: &Field, xz: &Field) -> Self {
        let zz3 = zz.triple();
        let u = xz.subtract(&B.multiply(zz)).triple();
        let v = B.multiply(xz).subtract(&zz3).subtract(xx).triple();
        let w = xx.triple().subtract(&zz3);
        let (plus, minus) = (yy.add(&u), yy.subtract(&u));
        Self {
            x: plus.multiply(xy).subtract(&yz.multiply(&v)),
            y: plus.multiply(&minus).add(&w.multiply(&v)),
            z: minus.multiply(yz).add(&xy.multiply(&w)),
        }
    }

    /// Twice the point. Complete formulas take equal points as well.
    pub(crate) fn double(&self) -> Self {
        self.add(self)
    }

    /// The opposite point, if `choice` is set.
    pub(crate) fn negate_if(&self, choice: Choice) -> Self {
        Self { y: Field::select(&self.y, &self.y.negate(), choice), ..*self }
    }

    /// `b` if `choice` is set, otherwise `a`.
    pub(crate) fn select(a: &Self, b: &Self, choice: Choice) -> Self {
        Self {
            x: Field::select(&a.x, &b.x, choice),
            y: Field::select(&a.y, &b.y, choice),
            z: Field::select(&a.z, &b.z, choice),
        }
    }

    /// The point with Z = 1; of infinity, zeros.
    pub(crate) fn affine(&self) -> Affine {
        let inverse = Zeroizing::new(self.z.invert());
        Affine { x: self.x.multiply(&inverse), y: self.y.multiply(&inverse) }
    }
}

impl From<Affine> for Projective {
    fn from(point: Affine) -> Self {
        Self { x: point.x, y: point.y, z: Field::ONE }
    }
}

/// Replaces each element by its inverse, all for one inversion (Montgomery's trick). None of them
/// is zero.
pub(crate) fn invert_all(elements: &mut [Field]) {
    let mut product = Field::ONE;
    let before: Vec<Field> = elements
        .iter()
        .map(|element| {
            let before = product;
            product = product.multiply(element);
            before
        })
        .collect();
    let mut inverse = product.invert();
    for (element, before) in elements.iter_mut().zip(before).rev() {
        let next = inverse.multiply(element);
        *element = inverse.multiply(&before);
        inverse = next;
    }
}

/// The curve's b.
const B: Field = Field::from_montgomery([
    0x90d2_3063_2bc0_dd42,
    0x71cf_379a_e9b5_37ab,
    0x5279_8150_5ea5_1c3c,
    0x240f_e188_ba20_e2c8,
]);

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::limbs::{self, Limbs};
    use sm2::elliptic_curve::PrimeField as _;
    use sm2::elliptic_curve::sec1::ToSec1Point as _;
    use sm2::{ProjectivePoint, Scalar};

    /// The point that the crate `sm2` computes: x and y of a multiple of the generator, `None` for
    /// infinity.
    pub(crate) fn peer(multiple: &Scalar) -> Option<[u8; 64]> {
        let point = (ProjectivePoint::GENERATOR * multiple).to_affine().to_sec1_point(false);
        point.as_bytes().get(1..)?.try_into().ok()
    }

    /// The peer's scalar of an integer below n.
    pub(crate) fn peer_scalar(integer: &Limbs) -> Scalar {
        Scalar::from_repr(limbs::to_bytes(integer).into()).unwrap()
    }

    pub(crate) fn bytes(Affine { x, y }: Affine) -> [u8; 64] {
        let mut bytes = [0; 64];
        bytes[..32].copy_from_slice(&x.to_bytes());
        bytes[32..].copy_from_slice(&y.to_bytes());
        bytes
    }

    pub(crate) fn bytes_of(point: &Projective) -> Option<[u8; 64]> {
        (!point.z.is_zero_public()).then(|| bytes(point.affine()))
    }

    #[test]
    fn the_generator_is_the_peers() {
        assert_eq!(Some(bytes(Affine::GENERATOR)), peer(&Scalar::ONE));
    }

    /// j · G + k · G for small j and k of both signs: sums of equal points, of opposite ones and
    /// with infinity among them, each in a form with a Z other than 1.
    #[test]
    fn sums_are_complete() {
        let multiple = |k: i64| {
            let negative = Choice::from(u8::from(k < 0));
            let step = Projective::from(Affine::GENERATOR.negate_if(negative));
            (0..k.unsigned_abs()).fold(Projective::INFINITY, |sum, _| sum.add(&step))
        };
        let scalar = |k: i64| if k < 0 { -Scalar::from(k.unsigned_abs()) } else { Scalar::from(k.unsigned_abs()) };
        for j in -9..=9 {
            let left = multiple(j);
            assert_eq!(bytes_of(&left), peer(&scalar(j)), "{j}");
            assert_eq!(bytes_of(&left.double()), peer(&scalar(2 * j)), "twice {j}");
            for k in -9..=9 {
                let (right, expected) = (multiple(k), peer(&scalar(j + k)));
                assert_eq!(bytes_of(&left.add(&right)), expected, "{j} + {k}");
                if k != 0 {
                    assert_eq!(bytes_of(&left.add_affine(&right.affine())), expected, "{j} + {k}");
                }
            }
        }
    }

    #[test]
    fn a_point_has_to_be_on_the_curve() {
        let generator = bytes(Affine::GENERATOR);
        let (x, y) = (generator[..32].try_into().unwrap(), generator[32..].try_into().unwrap());
        assert!(Affine::from_coordinates(x, y).is_some());
        assert!(Affine::from_coordinates(y, x).is_none());
        assert!(Affine::from_coordinates(&[0; 32], &[0; 32]).is_none());
        // The same x, not reduced: x + p has 257 bits for the generator, so p itself stands for 0.
        let p = limbs::to_bytes(&crate::field::P);
        assert!(Affine::from_coordinates(&p, y).is_none());
        assert!(Affine::from_coordinates(x, &p).is_none());
    }

    #[test]
    fn many_inverses_are_those_of_each() {
        let elements = [Affine::GENERATOR.x, Affine::GENERATOR.y, Field::ONE, B];
        let mut inverses = elements;
        invert_all(&mut inverses);
        for (element, inverse) in elements.iter().zip(inverses) {
            assert_eq!(inverse.to_bytes(), element.invert().to_bytes());
        }
        invert_all(&mut []);
    }
}
