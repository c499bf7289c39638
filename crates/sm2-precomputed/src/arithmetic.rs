//! The arithmetic on bytes, for tests and fuzz targets: `--cfg fuzzing` exports it.

use crate::field::{Field, P};
use crate::limbs;
use crate::scalar::Scalar;

#[cfg(test)]
mod references;

/// The results of every operation on two integers below a modulus, or on their Montgomery forms,
/// big-endian.
#[derive(Debug, PartialEq, Eq)]
pub struct Results {
    /// a + b.
    pub sum: [u8; 32],
    /// a − b.
    pub difference: [u8; 32],
    /// a · b.
    pub product: [u8; 32],
    /// a².
    pub square: [u8; 32],
    /// 1/a, and 0 for 0.
    pub inverse: [u8; 32],
}

/// Modulo p. `None` unless both are below it.
#[must_use]
pub fn field(a: &[u8; 32], b: &[u8; 32]) -> Option<Results> {
    Some(field_results(&Field::from_bytes(a)?, &Field::from_bytes(b)?, Field::to_bytes))
}

/// Modulo p, on Montgomery forms: a multiplication takes these limbs as they are. `None` unless both
/// are below p.
#[must_use]
pub fn field_forms(a: &[u8; 32], b: &[u8; 32]) -> Option<Results> {
    let read = |bytes| {
        let form = limbs::from_bytes(bytes);
        (limbs::subtract_wide(&form, &P).1 == 1).then(|| Field::from_montgomery(form))
    };
    Some(field_results(&read(a)?, &read(b)?, |result| limbs::to_bytes(&result.to_montgomery())))
}

fn field_results(a: &Field, b: &Field, write: impl Fn(Field) -> [u8; 32]) -> Results {
    Results {
        sum: write(a.add(b)),
        difference: write(a.subtract(b)),
        product: write(a.multiply(b)),
        square: write(a.square()),
        inverse: write(a.invert()),
    }
}

/// Modulo n. `None` unless both are below it.
#[must_use]
pub fn scalar(a: &[u8; 32], b: &[u8; 32]) -> Option<Results> {
    let (a, b) = (Scalar::from_bytes(a)?, Scalar::from_bytes(b)?);
    let form = a.to_montgomery();
    Some(Results {
        sum: a.add(&b).to_bytes(),
        difference: a.subtract(&b).to_bytes(),
        product: form.multiply_montgomery(&b).to_bytes(),
        square: form.multiply_montgomery(&a).to_bytes(),
        inverse: form.invert_montgomery().multiply_montgomery(&Scalar::ONE).to_bytes(),
    })
}

/// Modulo n, on Montgomery forms. `None` unless both are below n.
#[must_use]
pub fn scalar_forms(a: &[u8; 32], b: &[u8; 32]) -> Option<Results> {
    let (a, b) = (Scalar::from_bytes(a)?, Scalar::from_bytes(b)?);
    Some(Results {
        sum: a.add(&b).to_bytes(),
        difference: a.subtract(&b).to_bytes(),
        product: a.multiply_montgomery(&b).to_bytes(),
        square: a.multiply_montgomery(&a).to_bytes(),
        inverse: a.invert_montgomery().to_bytes(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limbs::Limbs;
    use crate::scalar::N;
    use alloc::vec;
    use alloc::vec::Vec;
    use crypto_bigint::{NonZero, U256};
    use proptest::prelude::*;

    /// Limbs at which carries begin and end.
    const EDGES: [u64; 7] = [0, 1, (1 << 32) - 1, 1 << 32, 1 << 63, u64::MAX - 1, u64::MAX];

    /// Integers with the limbs at which carries begin and end, those around both moduli, and any.
    fn integers() -> impl Strategy<Value = [u8; 32]> {
        let limb = || prop_oneof![prop::sample::select(EDGES.to_vec()), any::<u64>(),];
        let near =
            (prop::sample::select(vec![P, N, [0; 4]]), 0..4_u64, any::<bool>()).prop_map(|(limbs, distance, below)| {
                let distance = [distance, 0, 0, 0];
                if below { limbs::subtract_wide(&limbs, &distance).0 } else { limbs::add_wide(&limbs, &distance).0 }
            });
        prop_oneof![4 => prop::array::uniform4(limb()), 1 => near].prop_map(|limbs| limbs::to_bytes(&limbs))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_000))]

        #[test]
        fn the_field_is_that_of_its_references(a in integers(), b in integers()) {
            references::check_field(&a, &b);
        }

        #[test]
        fn scalars_are_those_of_their_references(a in integers(), b in integers()) {
            references::check_scalar(&a, &b);
        }

        #[test]
        fn any_integer_is_reduced_modulo_n(a in integers()) {
            let modulus = NonZero::new(U256::from_be_slice(&limbs::to_bytes(&N))).unwrap();
            let expected: [u8; 32] = U256::from_be_slice(&a).rem(&modulus).to_be_bytes().into();
            prop_assert_eq!(Scalar::reduce(&limbs::from_bytes(&a)).to_bytes(), expected);
        }
    }

    /// Both factors have edges as limbs: one limb, the three lower ones, or all below the modulus's
    /// greatest limb; or they are a modulus less 0 … 3.
    #[test]
    fn edges_in_both_factors_are_those_of_the_references() {
        let of_edge = |edge| {
            let single = (0..4).map(move |at| {
                let mut limbs = [0; 4];
                limbs[at] = edge;
                limbs
            });
            single.chain([0, 1, 1 << 63, P[3] - 1, P[3]].map(|top| [edge, edge, edge, top]))
        };
        let near =
            [P, N].into_iter().flat_map(|modulus| (0..4).map(move |k| limbs::subtract_wide(&modulus, &[k, 0, 0, 0]).0));
        let factors: Vec<[u8; 32]> =
            EDGES.into_iter().flat_map(of_edge).chain(near).map(|limbs| limbs::to_bytes(&limbs)).collect();
        for a in &factors {
            for b in &factors {
                references::check_field(a, b);
                references::check_scalar(a, b);
            }
        }
    }

    /// Sums at the modulus, around it and up to twice of it, with and without a carry.
    #[test]
    fn a_sum_is_reduced_once() {
        for modulus in [P, N] {
            let (last, _) = limbs::subtract_wide(&modulus, &[1, 0, 0, 0]);
            let (second_last, _) = limbs::subtract_wide(&modulus, &[2, 0, 0, 0]);
            let add = |a: &Limbs, b: &Limbs| limbs::add_modulo(a, b, &modulus);
            assert_eq!(add(&last, &last), second_last, "2p − 2");
            assert_eq!(add(&last, &[1, 0, 0, 0]), [0; 4], "p");
            assert_eq!(add(&second_last, &[1, 0, 0, 0]), last, "p − 1");
            assert_eq!(add(&last, &[2, 0, 0, 0]), [1, 0, 0, 0], "p + 1");
            let (twice, carry) = limbs::add_wide(&modulus, &last);
            assert_eq!(limbs::reduce_once(&twice, carry, &modulus), last, "2p − 1");
            assert_eq!(limbs::subtract_modulo(&[0; 4], &last, &modulus), [1, 0, 0, 0]);
        }
    }
}
