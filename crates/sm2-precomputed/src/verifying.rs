//! Keys that verify.

use alloc::sync::Arc;
use core::fmt;

use signature::Error;

use crate::digest::{Digest, UserId};
use crate::field::Field;
use crate::lazy::{self, LazyTable};
use crate::limbs;
use crate::point::Affine;
use crate::scalar::{N, Scalar};
use crate::signature::Signature;
use crate::window::Window;

/// A public key under a user id. Clones share its table.
///
/// The first four verifications work without a table; the fifth makes it.
/// [`prepare`](Self::prepare) makes it ahead.
#[derive(Clone)]
pub struct VerifyingKey(Arc<Parts>);

struct Parts {
    multiples: LazyTable,
    generator: &'static LazyTable,
    /// Z_A.
    user_digest: [u8; 32],
}

impl VerifyingKey {
    /// A key from its point, uncompressed: 4, x and y, 65 bytes (SEC 1, 2.3.3). `None` if that is
    /// not a point of the curve.
    #[must_use]
    pub fn new(point: &[u8], user_id: UserId<'_>) -> Option<Self> {
        let (&[4], coordinates) = point.split_first_chunk()? else { return None };
        let (x, y) = coordinates.split_first_chunk()?;
        let point = Affine::from_coordinates(x, y.try_into().ok()?)?;
        Some(Self::from_point(point, user_id))
    }

    pub(crate) fn from_point(point: Affine, user_id: UserId<'_>) -> Self {
        Self::from_parts(point, user_id.digest_with(&point), Window::default())
    }

    fn from_parts(point: Affine, user_digest: [u8; 32], window: Window) -> Self {
        let (multiples, generator) = (LazyTable::new(point, window), LazyTable::of_generator(window));
        Self(Arc::new(Parts { multiples, generator, user_digest }))
    }

    /// The same key with tables of another width, not made yet. Default: [`Window::Bits6`].
    #[must_use]
    pub fn with_window(self, window: Window) -> Self {
        Self::from_parts(*self.0.multiples.point(), self.0.user_digest, window)
    }

    /// Makes the tables now, this key's and the generator's, if they are not made yet. A table that
    /// another thread is making is not waited for.
    pub fn prepare(&self) {
        self.0.multiples.prepare();
        self.0.generator.prepare();
    }

    /// The point, uncompressed: 4, x and y.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; 65] {
        let mut bytes = [4; 65];
        let Affine { x, y } = self.0.multiples.point();
        for (target, byte) in bytes.iter_mut().skip(1).zip(x.to_bytes().into_iter().chain(y.to_bytes())) {
            *target = byte;
        }
        bytes
    }

    /// Z_A: the digest of the user id, the curve and this key.
    #[must_use]
    pub fn user_digest(&self) -> &[u8; 32] {
        &self.0.user_digest
    }

    /// A digest of a message that takes its parts one by one.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::new(&self.0.user_digest)
    }

    /// e: the digest of a message, given in parts.
    #[must_use]
    pub fn digest_of<'p>(&self, parts: impl IntoIterator<Item = &'p [u8]>) -> [u8; 32] {
        let mut digest = self.digest();
        parts.into_iter().for_each(|part| digest.update(part));
        digest.finish()
    }

    /// Verifies the signature of a message, given in parts.
    ///
    /// # Errors
    /// [`Error`] if the signature does not verify. It is the same for every reason.
    pub fn verify<'p>(&self, parts: impl IntoIterator<Item = &'p [u8]>, signature: &Signature) -> Result<(), Error> {
        self.verify_digest(&self.digest_of(parts), signature)
    }

    /// Verifies the signature of a digest, e. The digest already covers the user id, so this key's
    /// user id is not used.
    ///
    /// # Errors
    /// [`Error`] if the signature does not verify. It is the same for every reason.
    pub fn verify_digest(&self, digest: &[u8; 32], signature: &Signature) -> Result<(), Error> {
        let Signature { r, s } = signature;
        let t = r.add(s);
        if t.is_zero().into() {
            return Err(Error::new());
        }
        let sum = lazy::sum_of_products([(self.0.generator, s.as_integer()), (&self.0.multiples, t.as_integer())]);
        // x has to be r − e modulo n. It is below p, and p is between n and 2n.
        let x = r.subtract(&Scalar::reduce(&limbs::from_bytes(digest)));
        let (above, carry) = limbs::add_wide(x.as_integer(), &N);
        let fits = |integer| Field::from_integer(integer).is_some_and(|x| sum.has_x(&x));
        if !sum.is_infinity() && (fits(x.as_integer()) || carry == 0 && fits(&above)) {
            Ok(())
        } else {
            Err(Error::new())
        }
    }

    pub(crate) fn generator(&self) -> &'static LazyTable {
        self.0.generator
    }
}

impl PartialEq for VerifyingKey {
    /// Whether both are the same point under the same user id.
    fn eq(&self, other: &Self) -> bool {
        self.0.user_digest == other.0.user_digest
    }
}

impl Eq for VerifyingKey {}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VerifyingKey")
    }
}
