//! Tables of a point's multiples, and its products by them.

use alloc::vec::Vec;

use cmov::CmovEq as _;
use subtle::{Choice, ConstantTimeEq as _};
use zeroize::Zeroizing;

use crate::accumulator::Accumulator;
use crate::field::Field;
use crate::limbs::Limbs;
use crate::point::{Affine, Projective, invert_all};
use crate::window::Window;

/// The multiples j · 2^(w · i) · P of a point P, for each row i and every j from 1 to 2^(w − 1). A
/// product by them takes no doubling.
pub(crate) struct Table {
    window: Window,
    /// Row by row.
    points: Vec<Affine>,
}

impl Table {
    /// The table of a point. It takes time for the point's sake alone: the point is public.
    pub(crate) fn new(point: &Affine, window: Window) -> Self {
        // Each level doubles the multiples of all rows: from 1 … m to m + 1 … 2m.
        let mut points = row_bases(point, window);
        let mut length = 1;
        while length < window.row_length() {
            points = lengthen(&points, length);
            length *= 2;
        }
        Self { window, points }
    }

    /// `scalar` · P, in the same time and with the same reads of memory for all scalars.
    pub(crate) fn multiply(&self, scalar: &Limbs) -> Zeroizing<Projective> {
        let mut sum = Zeroizing::new(Projective::INFINITY);
        for (digit, row) in self.window.digits(scalar).iter().zip(self.rows()) {
            let (point, is_zero) = select(row, digit);
            // For the test of the test, checks/constant-time. RUSTFLAGS alone turn it on: it is no
            // feature, so that no dependent can.
            #[cfg(planted_leak)]
            if is_zero.into() {
                continue;
            }
            let point = Zeroizing::new(point);
            let next = Zeroizing::new(sum.add_affine(&point));
            *sum = Projective::select(&next, &sum, is_zero);
        }
        sum
    }

    /// Adds `scalar` · P to a sum. The scalar is public.
    pub(crate) fn add_multiple(&self, scalar: &Limbs, sum: &mut Accumulator) {
        for (digit, row) in self.window.digits(scalar).iter().zip(self.rows()) {
            if let Some(point) = usize::from(digit.unsigned_abs()).checked_sub(1).and_then(|index| row.get(index)) {
                sum.add(&point.negate_if(Choice::from(u8::from(digit < 0))));
            }
        }
    }

    fn rows(&self) -> impl Iterator<Item = &[Affine]> {
        self.points.chunks_exact(self.window.row_length())
    }
}

/// The sum of products of points with their scalars, without a table: slower, and for secrets as
/// well as `Table::multiply`.
pub(crate) fn sum_of_products<const N: usize>(terms: [(&Affine, &Limbs); N]) -> Zeroizing<Projective> {
    const WINDOW: Window = Window::Bits5;
    let terms = terms.map(|(point, scalar)| {
        let point = Projective::from(*point);
        let mut multiple = Projective::INFINITY;
        let row = [(); WINDOW.row_length()].map(|()| {
            multiple = multiple.add(&point);
            multiple
        });
        (row, WINDOW.digits(scalar))
    });
    let mut sum = Zeroizing::new(Projective::INFINITY);
    for position in (0..WINDOW.rows()).rev() {
        for _ in 0..WINDOW.bits() {
            *sum = sum.double();
        }
        for (row, digits) in &terms {
            let (negative, index) = split(digits.at(position));
            let mut selected = Zeroizing::new(Projective::INFINITY);
            for (at, multiple) in (1_u16..).zip(row) {
                *selected = Projective::select(&selected, multiple, at.ct_eq(&index));
            }
            *sum = sum.add(&selected.negate_if(negative));
        }
    }
    sum
}

/// The point of a row that a digit means, and whether the digit is zero and means none. All points
/// of the row are read.
#[inline]
fn select(row: &[Affine], digit: i16) -> (Affine, Choice) {
    let (negative, index) = split(digit);
    let mut selected = Affine::default();
    for (at, point) in (1_u16..).zip(row) {
        let mut is_it = 0;
        at.cmoveq(&index, 1, &mut is_it);
        let mask = u64::from(is_it).wrapping_neg();
        selected.x.or_masked(&point.x, mask);
        selected.y.or_masked(&point.y, mask);
    }
    (selected.negate_if(negative), index.ct_eq(&0))
}

/// Whether a digit is negative, and its absolute value.
fn split(digit: i16) -> (Choice, u16) {
    let sign = digit >> 15;
    (Choice::from(sign as u8 & 1), ((digit ^ sign) - sign) as u16)
}

/// 2^(w · i) · P for each row.
fn row_bases(point: &Affine, window: Window) -> Vec<Affine> {
    let mut base = Projective::from(*point);
    let bases: Vec<Projective> = (0..window.rows())
        .map(|_| {
            let this = base;
            for _ in 0..window.bits() {
                base = base.double();
            }
            this
        })
        .collect();
    let mut inverses: Vec<Field> = bases.iter().map(|base| base.z).collect();
    invert_all(&mut inverses);
    bases
        .iter()
        .zip(&inverses)
        .map(|(base, inverse)| Affine { x: base.x.multiply(inverse), y: base.y.multiply(inverse) })
        .collect()
}

/// Rows of the multiples 1 … 2m, from rows of 1 … m: each plus the last one of its row. All slopes
/// are divided for one inversion. No divisor is zero: the sums are of different points, except the
/// last one, a doubling; and none are opposite, since multiples up to 2⁸ of a point of order n are
/// not.
fn lengthen(points: &[Affine], length: usize) -> Vec<Affine> {
    let pairs = || {
        points
            .chunks_exact(length)
            .flat_map(|row| row.last().into_iter().flat_map(|last| row.iter().map(move |point| (point, last))))
    };
    let is_doubling = |index: usize| (index + 1).is_multiple_of(length);
    let mut divisors: Vec<Field> = pairs()
        .enumerate()
        .map(|(index, (point, last))| if is_doubling(index) { point.y.double() } else { last.x.subtract(&point.x) })
        .collect();
    invert_all(&mut divisors);
    let sums: Vec<Affine> = pairs()
        .zip(&divisors)
        .enumerate()
        .map(|(index, ((point, last), inverse))| {
            let dividend = if is_doubling(index) {
                point.x.square().subtract(&Field::ONE).triple()
            } else {
                last.y.subtract(&point.y)
            };
            let slope = dividend.multiply(inverse);
            let x = slope.square().subtract(&point.x).subtract(&last.x);
            Affine { x, y: slope.multiply(&point.x.subtract(&x)).subtract(&point.y) }
        })
        .collect();
    points
        .chunks_exact(length)
        .zip(sums.chunks_exact(length))
        .flat_map(|(row, sums)| row.iter().chain(sums))
        .copied()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limbs;
    use crate::point::tests::{bytes, bytes_of, peer, peer_scalar};
    use crate::scalar::{N, Scalar};
    use proptest::prelude::*;

    /// A point with the peer's scalar of it.
    fn some_point() -> (Affine, sm2::Scalar) {
        let scalar = [0x0123_4567_89ab_cdef, 5, 0, 1 << 60];
        (sum_of_products([(&Affine::GENERATOR, &scalar)]).affine(), peer_scalar(&scalar))
    }

    #[test]
    fn tables_hold_the_multiples() {
        let (point, base) = some_point();
        for window in Window::ALL {
            let table = Table::new(&point, window);
            assert_eq!(size_of_val(&table.points[..]), window.table_bytes());
            let mut row_base = base;
            for row in table.rows() {
                for (j, multiple) in (1_u64..).zip(row) {
                    assert_eq!(Some(bytes(*multiple)), peer(&(row_base * sm2::Scalar::from(j))), "{window:?}");
                }
                (0..window.bits()).for_each(|_| row_base += row_base);
            }
        }
    }

    /// Every way to multiply against the peer.
    fn check(tables: &[Table], point: &Affine, base: &sm2::Scalar, scalar: &Limbs) {
        let expected = peer(&(*base * peer_scalar(Scalar::reduce(scalar).as_integer())));
        assert_eq!(bytes_of(&sum_of_products([(point, scalar)])), expected);
        for table in tables {
            assert_eq!(bytes_of(&table.multiply(scalar)), expected, "{:?}", table.window);
            let mut sum = Accumulator::from(Projective::INFINITY);
            table.add_multiple(scalar, &mut sum);
            assert_eq!(sum.is_infinity(), expected.is_none(), "{:?}", table.window);
            if let Some(expected) = expected {
                let x = Field::from_bytes(expected[..32].try_into().unwrap()).unwrap();
                assert!(sum.has_x(&x), "{:?}", table.window);
            }
        }
    }

    fn tables(point: &Affine) -> Vec<Table> {
        Window::ALL.iter().map(|&window| Table::new(point, window)).collect()
    }

    #[test]
    fn products_by_small_scalars_and_by_multiples_of_the_order_are_right() {
        for (point, base) in [(Affine::GENERATOR, sm2::Scalar::ONE), some_point()] {
            let tables = tables(&point);
            for small in 0..=70 {
                let distance = [small, 0, 0, 0];
                check(&tables, &point, &base, &distance);
                check(&tables, &point, &base, &limbs::subtract_wide(&N, &distance).0);
                check(&tables, &point, &base, &limbs::add_wide(&N, &distance).0);
            }
            check(&tables, &point, &base, &[u64::MAX; 4]);
        }
    }

    /// The peer's points are slow, so that the cases are few; `tests/differential.rs` has more.
    #[test]
    fn products_by_any_scalar_are_right() {
        let (point, base) = some_point();
        let tables = tables(&point);
        proptest!(ProptestConfig::with_cases(50), |(scalar: [u64; 4])| {
            check(&tables, &point, &base, &scalar);
        });
    }

    /// s · G and t · P that are equal, opposite, or meet on the way.
    #[test]
    fn sums_of_products_that_meet_are_right() {
        let (generator, double) = (Affine::GENERATOR, sum_of_products([(&Affine::GENERATOR, &[2, 0, 0, 0])]).affine());
        let order_less = |k: u64| limbs::subtract_wide(&N, &[k, 0, 0, 0]).0;
        for window in Window::ALL {
            let (left, right) = (Table::new(&generator, window), Table::new(&double, window));
            for (s, t) in [
                ([2, 0, 0, 0], [1, 0, 0, 0]),
                ([2, 0, 0, 0], order_less(1)),
                (order_less(2), [1, 0, 0, 0]),
                ([0, 1, 0, 0], [1 << 63, 0, 0, 0]),
                (order_less(128), [64, 0, 0, 0]),
                (order_less(128), [65, 1, 0, 0]),
            ] {
                let mut sum = Accumulator::from(Projective::INFINITY);
                left.add_multiple(&s, &mut sum);
                right.add_multiple(&t, &mut sum);
                let scalar = peer_scalar(&s) + peer_scalar(&t) + peer_scalar(&t);
                let expected = peer(&scalar);
                assert_eq!(bytes_of(&sum_of_products([(&generator, &s), (&double, &t)])), expected, "{s:?} {t:?}");
                assert_eq!(sum.is_infinity(), expected.is_none(), "{window:?} {s:?} {t:?}");
                if let Some(expected) = expected {
                    assert!(sum.has_x(&Field::from_bytes(expected[..32].try_into().unwrap()).unwrap()), "{window:?}");
                }
            }
        }
    }
}
