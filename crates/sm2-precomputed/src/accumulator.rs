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
