//! 256-bit integers as four 64-bit limbs, the least significant first. No function branches on a
//! limb.

use cmov::Cmov as _;
use subtle::Choice;

pub(crate) type Limbs = [u64; 4];

/// `a + b + carry` and the carry, 0 or 1.
#[inline(always)]
pub(crate) const fn add(a: u64, b: u64, carry: u64) -> (u64, u64) {
    let (sum, first) = a.overflowing_add(b);
    let (sum, second) = sum.overflowing_add(carry);
    (sum, (first | second) as u64)
}

/// `a − b − borrow` and the borrow, 0 or 1.
#[inline(always)]
pub(crate) const fn subtract(a: u64, b: u64, borrow: u64) -> (u64, u64) {
    let (difference, first) = a.overflowing_sub(b);
    let (difference, second) = difference.overflowing_sub(borrow);
    (difference, (first | second) as u64)
}

/// `sum + a · b + carry` and its upper half. It never overflows: (2⁶⁴ − 1)² + 2 · (2⁶⁴ − 1) is
/// 2¹²⁸ − 1.
#[inline(always)]
pub(crate) const fn multiply_add(sum: u64, a: u64, b: u64, carry: u64) -> (u64, u64) {
    let product = sum as u128 + a as u128 * b as u128 + carry as u128;
    (product as u64, (product >> 64) as u64)
}

#[inline(always)]
pub(crate) const fn add_wide(a: &Limbs, b: &Limbs) -> (Limbs, u64) {
    let (r0, carry) = add(a[0], b[0], 0);
    let (r1, carry) = add(a[1], b[1], carry);
    let (r2, carry) = add(a[2], b[2], carry);
    let (r3, carry) = add(a[3], b[3], carry);
    ([r0, r1, r2, r3], carry)
}

#[inline(always)]
pub(crate) const fn subtract_wide(a: &Limbs, b: &Limbs) -> (Limbs, u64) {
    let (r0, borrow) = subtract(a[0], b[0], 0);
    let (r1, borrow) = subtract(a[1], b[1], borrow);
    let (r2, borrow) = subtract(a[2], b[2], borrow);
    let (r3, borrow) = subtract(a[3], b[3], borrow);
    ([r0, r1, r2, r3], borrow)
}

/// `value + carry · 2²⁵⁶`, less `modulus` if it is not below it. Right for values below twice the
/// modulus.
#[inline(always)]
pub(crate) fn reduce_once(value: &Limbs, carry: u64, modulus: &Limbs) -> Limbs {
    let (difference, borrow) = subtract_wide(value, modulus);
    // Without a carry, a borrow means that the value was below the modulus.
    choose(&difference, value, borrow & !carry)
}

/// `a + b` modulo `modulus`, for both below it.
#[inline(always)]
pub(crate) fn add_modulo(a: &Limbs, b: &Limbs, modulus: &Limbs) -> Limbs {
    let (sum, carry) = add_wide(a, b);
    reduce_once(&sum, carry, modulus)
}

/// `a − b` modulo `modulus`, for both below it.
#[inline(always)]
pub(crate) fn subtract_modulo(a: &Limbs, b: &Limbs, modulus: &Limbs) -> Limbs {
    let (difference, borrow) = subtract_wide(a, b);
    let (sum, _) = add_wide(&difference, modulus);
    choose(&difference, &sum, borrow)
}

/// `b` if `condition` is 1, `a` if it is 0, by an instruction for it: a compiler that sees a mask of
/// all ones or all zeros may make a branch of it.
#[inline(always)]
fn choose(a: &Limbs, b: &Limbs, condition: u64) -> Limbs {
    let mut chosen = *a;
    chosen[0].cmovnz(&b[0], condition as u8);
    chosen[1].cmovnz(&b[1], condition as u8);
    chosen[2].cmovnz(&b[2], condition as u8);
    chosen[3].cmovnz(&b[3], condition as u8);
    chosen
}

/// The product of two integers: its lower and its upper half.
#[inline(always)]
pub(crate) const fn multiply_wide(a: &Limbs, b: &Limbs) -> (Limbs, Limbs) {
    let (t0, c) = multiply_add(0, a[0], b[0], 0);
    let (t1, c) = multiply_add(0, a[0], b[1], c);
    let (t2, c) = multiply_add(0, a[0], b[2], c);
    let (t3, t4) = multiply_add(0, a[0], b[3], c);

    let (t1, c) = multiply_add(t1, a[1], b[0], 0);
    let (t2, c) = multiply_add(t2, a[1], b[1], c);
    let (t3, c) = multiply_add(t3, a[1], b[2], c);
    let (t4, t5) = multiply_add(t4, a[1], b[3], c);

    let (t2, c) = multiply_add(t2, a[2], b[0], 0);
    let (t3, c) = multiply_add(t3, a[2], b[1], c);
    let (t4, c) = multiply_add(t4, a[2], b[2], c);
    let (t5, t6) = multiply_add(t5, a[2], b[3], c);

    let (t3, c) = multiply_add(t3, a[3], b[0], 0);
    let (t4, c) = multiply_add(t4, a[3], b[1], c);
    let (t5, c) = multiply_add(t5, a[3], b[2], c);
    let (t6, t7) = multiply_add(t6, a[3], b[3], c);
    ([t0, t1, t2, t3], [t4, t5, t6, t7])
}

/// The square of an integer: the products of different limbs once, doubled, and the four squares.
#[inline(always)]
pub(crate) const fn square_wide(a: &Limbs) -> (Limbs, Limbs) {
    let (t1, c) = multiply_add(0, a[0], a[1], 0);
    let (t2, c) = multiply_add(0, a[0], a[2], c);
    let (t3, t4) = multiply_add(0, a[0], a[3], c);
    let (t3, c) = multiply_add(t3, a[1], a[2], 0);
    let (t4, t5) = multiply_add(t4, a[1], a[3], c);
    let (t5, t6) = multiply_add(t5, a[2], a[3], 0);

    let t7 = t6 >> 63;
    let t6 = (t6 << 1) | (t5 >> 63);
    let t5 = (t5 << 1) | (t4 >> 63);
    let t4 = (t4 << 1) | (t3 >> 63);
    let t3 = (t3 << 1) | (t2 >> 63);
    let t2 = (t2 << 1) | (t1 >> 63);
    let t1 = t1 << 1;

    let (t0, high) = multiply_add(0, a[0], a[0], 0);
    let (t1, c) = add(t1, high, 0);
    let (low, high) = multiply_add(0, a[1], a[1], 0);
    let (t2, c) = add(t2, low, c);
    let (t3, c) = add(t3, high, c);
    let (low, high) = multiply_add(0, a[2], a[2], 0);
    let (t4, c) = add(t4, low, c);
    let (t5, c) = add(t5, high, c);
    let (low, high) = multiply_add(0, a[3], a[3], 0);
    let (t6, c) = add(t6, low, c);
    let (t7, _) = add(t7, high, c);
    ([t0, t1, t2, t3], [t4, t5, t6, t7])
}

/// `b` if `choice` is set, otherwise `a`.
#[inline(always)]
pub(crate) fn select(a: &Limbs, b: &Limbs, choice: Choice) -> Limbs {
    choose(a, b, u64::from(choice.unwrap_u8()))
}

/// The integer that 32 big-endian bytes hold.
pub(crate) const fn from_bytes(bytes: &[u8; 32]) -> Limbs {
    let b = bytes;
    [
        u64::from_be_bytes([b[24], b[25], b[26], b[27], b[28], b[29], b[30], b[31]]),
        u64::from_be_bytes([b[16], b[17], b[18], b[19], b[20], b[21], b[22], b[23]]),
        u64::from_be_bytes([b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]]),
        u64::from_be_bytes([b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7]]),
    ]
}

/// Big-endian bytes.
pub(crate) fn to_bytes(limbs: &Limbs) -> [u8; 32] {
    let mut bytes = [0; 32];
    for (chunk, limb) in bytes.chunks_exact_mut(8).zip(limbs.iter().rev()) {
        chunk.copy_from_slice(&limb.to_be_bytes());
    }
    bytes
}
