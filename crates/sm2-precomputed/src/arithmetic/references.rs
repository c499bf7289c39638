//! The arithmetic by two other crates. The tests and the fuzz targets include this file.

#![allow(unreachable_pub, reason = "the fuzz targets export these")]

use crypto_bigint::{NonZero, U256};

use super::{Results, field, field_forms, scalar, scalar_forms};

/// p and n, from GB/T 32918.5.
const P: U256 = U256::from_be_hex("fffffffeffffffffffffffffffffffffffffffff00000000ffffffffffffffff");
const N: U256 = U256::from_be_hex("fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123");

/// 2²⁵⁶ − p and 2²⁵⁶ − n: R = 2²⁵⁶ modulo each.
const R_MODULO_P: U256 = P.wrapping_neg();
const R_MODULO_N: U256 = N.wrapping_neg();

/// Checks the results modulo p, of two integers and of two Montgomery forms.
///
/// # Panics
/// When they are not those of the references.
pub fn check_field(a: &[u8; 32], b: &[u8; 32]) {
    let (ours, forms) = (field(a, b), field_forms(a, b));
    assert_eq!(ours, by_bigint(a, b, P, U256::ONE));
    assert_eq!(forms, by_bigint(a, b, P, R_MODULO_P));
    if let (Some(ours), Some(forms)) = (ours, forms) {
        assert_eq!(fiat_field::results(a, b, &ours), ours);
        assert_eq!(fiat_field::results_of_forms(a, b, &forms), forms);
    }
}

/// Checks the results modulo n, of two integers and of two Montgomery forms.
///
/// # Panics
/// When they are not those of the references.
pub fn check_scalar(a: &[u8; 32], b: &[u8; 32]) {
    let (ours, forms) = (scalar(a, b), scalar_forms(a, b));
    assert_eq!(ours, by_bigint(a, b, N, U256::ONE));
    assert_eq!(forms, by_bigint(a, b, N, R_MODULO_N));
    if let (Some(ours), Some(forms)) = (ours, forms) {
        assert_eq!(fiat_scalar::results(a, b, &ours), ours);
        assert_eq!(fiat_scalar::results_of_forms(a, b, &forms), forms);
    }
}

/// The results by the crate `crypto-bigint`, for a form with this R: 1 for the integers themselves.
/// The product of a · R and b · R is a · b · R, and the inverse of a · R is R/a.
fn by_bigint(a: &[u8; 32], b: &[u8; 32], modulus: U256, r: U256) -> Option<Results> {
    let modulus = NonZero::new(modulus).expect("it is not zero");
    let (a, b) = (U256::from_be_slice(a), U256::from_be_slice(b));
    if a >= *modulus || b >= *modulus {
        return None;
    }
    let bytes = |value: U256| -> [u8; 32] { value.to_be_bytes().into() };
    let inverse = |value: U256| value.invert_mod(&modulus).unwrap_or(U256::ZERO);
    let product = |a: &U256, b: &U256| a.mul_mod(b, &modulus).mul_mod(&inverse(r), &modulus);
    Some(Results {
        sum: bytes(a.add_mod(&b, &modulus)),
        difference: bytes(a.sub_mod(&b, &modulus)),
        product: bytes(product(&a, &b)),
        square: bytes(product(&a, &a)),
        inverse: bytes(inverse(a).mul_mod(&r, &modulus).mul_mod(&r, &modulus)),
    })
}

/// The results by a module of the crate `fiat-crypto`, whose code is generated with a proof. It has
/// no inversion: it checks ours by a multiplication.
macro_rules! by_fiat {
    () => {
        pub(super) fn results(a: &[u8; 32], b: &[u8; 32], ours: &Results) -> Results {
            operations(a, b, ours, form, integer)
        }

        /// The bytes are the limbs of forms, as are those of the results: R is the same.
        pub(super) fn results_of_forms(a: &[u8; 32], b: &[u8; 32], ours: &Results) -> Results {
            operations(a, b, ours, |bytes| Form(limbs(bytes)), |form| bytes(&form.0))
        }

        fn operations(
            a: &[u8; 32],
            b: &[u8; 32],
            ours: &Results,
            read: impl Fn(&[u8; 32]) -> Form,
            write: impl Fn(&Form) -> [u8; 32],
        ) -> Results {
            let (a, b, inverse) = (read(a), read(b), read(&ours.inverse));
            let mut unit = [0; 32];
            unit[31] = u8::from(ours.inverse != [0; 32]);
            assert_eq!(integer(&of(|out| mul(out, &a, &inverse))), unit);
            Results {
                sum: write(&of(|out| add(out, &a, &b))),
                difference: write(&of(|out| sub(out, &a, &b))),
                product: write(&of(|out| mul(out, &a, &b))),
                square: write(&of(|out| square(out, &a))),
                inverse: ours.inverse,
            }
        }

        fn of(operation: impl Fn(&mut Form)) -> Form {
            let mut form = Form([0; 4]);
            operation(&mut form);
            form
        }

        fn form(bytes: &[u8; 32]) -> Form {
            of(|form| to_montgomery(form, &Plain(limbs(bytes))))
        }

        fn integer(form: &Form) -> [u8; 32] {
            let mut plain = Plain([0; 4]);
            from_montgomery(&mut plain, form);
            bytes(&plain.0)
        }

        fn limbs(bytes: &[u8; 32]) -> [u64; 4] {
            let (mut reversed, mut limbs) = (*bytes, [0; 4]);
            reversed.reverse();
            from_bytes(&mut limbs, &reversed);
            limbs
        }

        fn bytes(limbs: &[u64; 4]) -> [u8; 32] {
            let mut bytes = [0; 32];
            to_bytes(&mut bytes, limbs);
            bytes.reverse();
            bytes
        }
    };
}

mod fiat_field {
    use fiat_crypto::sm2_64::{
        fiat_sm2_add as add, fiat_sm2_from_bytes as from_bytes, fiat_sm2_from_montgomery as from_montgomery,
        fiat_sm2_montgomery_domain_field_element as Form, fiat_sm2_mul as mul,
        fiat_sm2_non_montgomery_domain_field_element as Plain, fiat_sm2_square as square, fiat_sm2_sub as sub,
        fiat_sm2_to_bytes as to_bytes, fiat_sm2_to_montgomery as to_montgomery,
    };

    use super::Results;

    by_fiat!();
}

mod fiat_scalar {
    use fiat_crypto::sm2_scalar_64::{
        fiat_sm2_scalar_add as add, fiat_sm2_scalar_from_bytes as from_bytes,
        fiat_sm2_scalar_from_montgomery as from_montgomery, fiat_sm2_scalar_montgomery_domain_field_element as Form,
        fiat_sm2_scalar_mul as mul, fiat_sm2_scalar_non_montgomery_domain_field_element as Plain,
        fiat_sm2_scalar_square as square, fiat_sm2_scalar_sub as sub, fiat_sm2_scalar_to_bytes as to_bytes,
        fiat_sm2_scalar_to_montgomery as to_montgomery,
    };

    use super::Results;

    by_fiat!();
}
