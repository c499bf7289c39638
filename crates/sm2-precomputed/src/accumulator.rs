//! Sums of public points: fast, with a case for each exception.

use crate::field::Field;
use crate::point::{Affine, Projective};

/// A point as x = X/ZZ, y = Y/ZZZ, where ZZ³ = ZZZ². Infinity has ZZ = 0. The time that an addition
/// takes depends on the points.
#[derive(Clone, Copy)]
pub(crate) struct Accumulator {
    x: Field,
    y: Field,
    zz: Field,
    zzz: Field,
}

impl Accumulator {
    /// Adds a point that is not infinity (Bernstein and Lange, `madd-2008-s`): 8 multiplications and
    /// 2 squarings.
    #[inline]
    pub(crate) fn add(&mut self, point: &Affine) {
        if self.zz.is_zero_public() {
            *self = Self { x: point.x, y: point.y, zz: Field::ONE, zzz: Field::ONE };
            return;
        }
        let p = point.x.multiply(&self.zz).subtract(&self.x);
        let r = point.y.multiply(&self.zzz).subtract(&self.y);
        if p.is_zero_public() {
            // The same x: the same point, or the opposite one.
            *self = if r.is_zero_public() { Self::double(point) } else { Self::from(Projective::INFINITY) };
            return;
        }
        let pp = p.square();
        let ppp = p.multiply(&pp);
        let q = self.x.multiply(&pp);
        let x = r.square().subtract(&ppp).subtract(&q.double());
        let y = r.multiply(&q.subtract(&x)).subtract(&self.y.multiply(&ppp));
        *self = Self { x, y, zz: self.zz.multiply(&pp), zzz: self.zzz.multiply(&ppp) };
    }

    /// Twice a point (`mdbl-2008-s-1`). No point of the curve has y = 0: the order is odd.
    #[cold]
    fn double(point: &Affine) -> Self {
        let u = point.y.double();
        let v = u.square();
        let w = u.multiply(&v);
        let s = point.x.multiply(&v);
        let m = point.x.square().subtract(&Field::ONE).triple();
        let x = m.square().subtract(&s.double());
        let y = m.multiply(&s.subtract(&x)).subtract(&w.multiply(&point.y));
        Self { x, y, zz: v, zzz: w }
    }

    pub(crate) fn is_infinity(&self) -> bool {
        self.zz.is_zero_public()
    }

    /// Whether x, of a point other than infinity, is this one.
    pub(crate) fn has_x(&self, x: &Field) -> bool {
        x.multiply(&self.zz).subtract(&self.x).is_zero_public()
    }
}

impl From<Projective> for Accumulator {
    fn from(Projective { x, y, z }: Projective) -> Self {
        let zz = z.square();
        Self { x: x.multiply(&z), y: y.multiply(&zz), zz, zzz: zz.multiply(&z) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::point::tests::{bytes, peer};
    use sm2::Scalar;
    use subtle::Choice;

    /// j · G + k · G for small j and k of both signs, through infinity and back to the start.
    #[test]
    fn every_exception_is_treated() {
        let small = |k: i64| {
            let scalar = Scalar::from(k.unsigned_abs());
            (k != 0).then(|| {
                let point = (0..k.unsigned_abs())
                    .fold(Projective::INFINITY, |sum, _| sum.add_affine(&Affine::GENERATOR))
                    .affine();
                (point.negate_if(Choice::from(u8::from(k < 0))), if k < 0 { -scalar } else { scalar })
            })
        };
        let points: std::vec::Vec<(Affine, Scalar)> = (-9..=9).filter_map(small).collect();
        for (left, j) in &points {
            for (right, k) in &points {
                let mut sum = Accumulator::from(Projective::INFINITY);
                let mut scalar = Scalar::ZERO;
                for (point, addend) in [(left, *j), (right, *k), (right, *k), (left, *j), (left, *j)] {
                    sum.add(point);
                    scalar += addend;
                    check(&sum, &scalar);
                }
                sum.add(&sum_of(&sum).map_or(*left, |point| point.negate_if(Choice::from(1))));
                if !sum.is_infinity() {
                    check(&sum, j);
                }
            }
        }
    }

    fn sum_of(sum: &Accumulator) -> Option<Affine> {
        (!sum.is_infinity())
            .then(|| Affine { x: sum.x.multiply(&sum.zz.invert()), y: sum.y.multiply(&sum.zzz.invert()) })
    }

    fn check(sum: &Accumulator, scalar: &Scalar) {
        assert_eq!(sum_of(sum).map(bytes), peer(scalar));
        if let Some(point) = sum_of(sum) {
            assert!(sum.has_x(&point.x));
            assert!(!sum.has_x(&point.x.add(&Field::ONE)));
        }
    }
}
