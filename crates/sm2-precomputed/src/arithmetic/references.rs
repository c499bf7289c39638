//! The arithmetic by two other crates. The tests and the fuzz targets include this file.

#![allow(unreachable_pub, reason = "the fuzz targets export these")]

use crypto_bigint::{NonZero, U256};

use super::{Results, field, scalar};

/// p and n, from GB/T 32918.5.
const P: U256 = U256::from_be_hex("fffffffeffffffffffffffffffffffffffffffff00000000ffffffffffffffff");
const N: U256 = U256::from_be_hex("fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123");

/// Checks the results modulo p.
///
/// # Panics
/// When they are not those of the references.
pub fn check_field(a: &[u8; 32], b: &[u8; 32]) {
    let ours = field(a, b);
    assert_eq!(ours, by_bigint(a, b, P));
    if let Some(ours) = ours {
        assert_eq!(fiat_field::results(a, b, &ours), ours);
    }
}

/// Checks the results modulo n.
///
/// # Panics
/// When they are not those of the references.
pub fn check_scalar(a: &[u8; 32], b: &[u8; 32]) {
    let ours = scalar(a, b);
    assert_eq!(ours, by_bigint(a, b, N));
    if let Some(ours) = ours {
        assert_eq!(fiat_scalar::results(a, b, &ours), ours);
    }
}

/// The results by the crate `crypto-bigint`.
fn by_bigint(a: &[u8; 32], b: &[u8; 32], modulus: U256) -> Option<Results> {
    let modulus = NonZero::new(modulus).expect("it is not zero");
    let (a, b) = (U256::from_be_slice(a), U256::from_be_slice(b));
    if a >= *modulus || b >= *modulus {
        return None;
    }
    let bytes = |value: U256| -> [u8; 32] { value.to_be_bytes().into() };
    Some(Results {
        sum: bytes(a.add_mod(&b, &modulus)),
        difference: bytes(a.sub_mod(&b, &modulus)),
        product: bytes(a.mul_mod(&b, &modulus)),
        square: bytes(a.mul_mod(&a, &modulus)),
        inverse: bytes(a.invert_mod(&modulus).unwrap_or(U256::ZERO)),
    })
}

/// The results by a module of the crate `fiat-crypto`, whose code is generated with a proof. It has
/// no inversion: it checks ours by a multiplication.
macro_rules! by_fiat {
    () => {
        pub(super) fn results(a: &[u8; 32], b: &[u8; 32], ours: &Results) -> Results {
            let (a, b, inverse) = (form(a), form(b), form(&ours.inverse));
            let mut unit = [0; 32];
            unit[31] = u8::from(ours.inverse != [0; 32]);
            assert_eq!(of(|out| mul(out, &a, &inverse)), unit);
            Results {
                sum: of(|out| add(out, &a, &b)),
                difference: of(|out| sub(out, &a, &b)),
                product: of(|out| mul(out, &a, &b)),
                square: of(|out| square(out, &a)),
                inverse: ours.inverse,
            }
        }

        fn form(bytes: &[u8; 32]) -> Form {
            let mut reversed = *bytes;
            reversed.reverse();
            let (mut plain, mut form) = (Plain([0; 4]), Form([0; 4]));
            from_bytes(&mut plain.0, &reversed);
            to_montgomery(&mut form, &plain);
            form
        }

        fn of(operation: impl Fn(&mut Form)) -> [u8; 32] {
            let (mut form, mut plain, mut bytes) = (Form([0; 4]), Plain([0; 4]), [0; 32]);
            operation(&mut form);
            from_montgomery(&mut plain, &form);
            to_bytes(&mut bytes, &plain.0);
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
