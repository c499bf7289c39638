//! Tables that are made once a point turns out to be used often.

use alloc::boxed::Box;
use core::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use once_cell::race::OnceBox;

use crate::accumulator::Accumulator;
use crate::limbs::Limbs;
use crate::point::{Affine, Projective};
use crate::table::{self, Table};
use crate::window::Window;
use zeroize::Zeroizing;

/// A public point with its table, as soon as there is one.
pub(crate) struct LazyTable {
    point: Affine,
    window: Window,
    uses: AtomicU32,
    /// Set by the one caller that makes the table.
    claimed: AtomicBool,
    table: OnceBox<Table>,
}

/// The number of products without a table. Their time together is about that of making one.
pub(crate) const USES_WITHOUT_TABLE: u32 = 4;

impl LazyTable {
    pub(crate) const fn new(point: Affine, window: Window) -> Self {
        let (uses, claimed) = (AtomicU32::new(0), AtomicBool::new(false));
        Self { point, window, uses, claimed, table: OnceBox::new() }
    }

    /// The generator's, one for each window.
    pub(crate) fn of_generator(window: Window) -> &'static Self {
        static TABLES: [LazyTable; Window::ALL.len()] = [
            LazyTable::new(Affine::GENERATOR, Window::Bits4),
            LazyTable::new(Affine::GENERATOR, Window::Bits5),
            LazyTable::new(Affine::GENERATOR, Window::Bits6),
            LazyTable::new(Affine::GENERATOR, Window::Bits7),
            LazyTable::new(Affine::GENERATOR, Window::Bits8),
        ];
        let [four, five, six, seven, eight] = &TABLES;
        match window {
            Window::Bits4 => four,
            Window::Bits5 => five,
            Window::Bits6 => six,
            Window::Bits7 => seven,
            Window::Bits8 => eight,
        }
    }

    pub(crate) fn point(&self) -> &Affine {
        &self.point
    }

    /// Makes the table, unless it is there or another thread makes it.
    pub(crate) fn prepare(&self) {
        if !self.claimed.swap(true, Ordering::Relaxed) {
            // An empty cell takes the table: one caller claims it.
            let _ = self.table.set(Box::new(Table::new(&self.point, self.window)));
        }
    }

    /// Counts a use. The table, if it is there or due.
    fn table(&self) -> Option<&Table> {
        if let Some(table) = self.table.get() {
            return Some(table);
        }
        if self.uses.fetch_add(1, Ordering::Relaxed) >= USES_WITHOUT_TABLE {
            self.prepare();
        }
        self.table.get()
    }

    /// `scalar` times the point, for secret scalars.
    pub(crate) fn multiply(&self, scalar: &Limbs) -> Zeroizing<Projective> {
        match self.table() {
            Some(table) => table.multiply(scalar),
            None => table::sum_of_products([(&self.point, scalar)]),
        }
    }
}

/// a · A + b · B, for public scalars.
pub(crate) fn sum_of_products([(left, a), (right, b)]: [(&LazyTable, &Limbs); 2]) -> Accumulator {
    let tables = [(left.table(), a), (right.table(), b)];
    // The terms without a table share their doublings.
    let mut sum = Accumulator::from(*match tables {
        [(Some(_), _), (Some(_), _)] => Zeroizing::new(Projective::INFINITY),
        [(None, _), (Some(_), _)] => table::sum_of_products([(&left.point, a)]),
        [(Some(_), _), (None, _)] => table::sum_of_products([(&right.point, b)]),
        [(None, _), (None, _)] => table::sum_of_products([(&left.point, a), (&right.point, b)]),
    });
    for (table, scalar) in tables {
        if let Some(table) = table {
            table.add_multiple(scalar, &mut sum);
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::Field;
    use crate::point::tests::{peer, peer_scalar};
    use std::thread;

    #[test]
    fn a_table_is_made_after_its_uses_without_and_not_before() {
        let lazy = LazyTable::new(Affine::GENERATOR, Window::Bits4);
        for _ in 0..USES_WITHOUT_TABLE {
            lazy.multiply(&[3, 0, 0, 0]);
            assert!(lazy.table.get().is_none());
        }
        lazy.multiply(&[3, 0, 0, 0]);
        assert!(lazy.table.get().is_some());
    }

    #[test]
    fn a_table_is_made_once() {
        let lazy = LazyTable::new(Affine::GENERATOR, Window::Bits4);
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    lazy.prepare();
                    lazy.multiply(&[3, 0, 0, 0]);
                });
            }
        });
        let address = |lazy: &LazyTable| core::ptr::from_ref(lazy.table.get().unwrap());
        let first = address(&lazy);
        lazy.prepare();
        assert_eq!(address(&lazy), first);
    }

    /// A thread that comes while another one makes the table goes on without it.
    #[test]
    fn a_table_that_another_thread_makes_is_not_waited_for() {
        let lazy = LazyTable::new(Affine::GENERATOR, Window::Bits4);
        lazy.claimed.store(true, Ordering::Relaxed);
        lazy.prepare();
        for _ in 0..=USES_WITHOUT_TABLE {
            let product = lazy.multiply(&[1, 0, 0, 0]).affine();
            assert_eq!(product.x.to_bytes(), Affine::GENERATOR.x.to_bytes());
        }
        assert!(lazy.table.get().is_none());
    }

    /// Either side with its table or without: both points and both scalars differ.
    #[test]
    fn a_sum_of_products_is_right_with_and_without_tables() {
        let (a, b) = ([0x0123_4567_89ab_cdef, 5, 0, 1 << 60], [u64::MAX - 3, 1 << 63, 7, 1 << 40]);
        let other_scalar = [0xfedc_ba98, 0, 11, 3];
        let other = table::sum_of_products([(&Affine::GENERATOR, &other_scalar)]).affine();
        let expected = peer(&(peer_scalar(&a) + peer_scalar(&b) * peer_scalar(&other_scalar))).unwrap();
        let x = Field::from_bytes(expected[..32].try_into().unwrap()).unwrap();
        for (left_has_table, right_has_table) in [(false, false), (false, true), (true, false), (true, true)] {
            let (left, right) =
                (LazyTable::new(Affine::GENERATOR, Window::Bits4), LazyTable::new(other, Window::Bits6));
            for (lazy, has_table) in [(&left, left_has_table), (&right, right_has_table)] {
                if has_table {
                    lazy.prepare();
                }
                assert_eq!(lazy.table.get().is_some(), has_table);
            }
            let sum = sum_of_products([(&left, &a), (&right, &b)]);
            assert!(sum.has_x(&x), "{left_has_table} {right_has_table}");
        }
    }

    #[test]
    fn each_window_has_a_table_of_the_generator() {
        for window in Window::ALL {
            assert_eq!(LazyTable::of_generator(window).window, window);
        }
    }
}
