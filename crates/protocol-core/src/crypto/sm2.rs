//! SM2 with SM3: signatures as ASN.1 DER (WeChat Pay) and as raw r‖s (Allinpay), and the public-key
//! encryption of WeChat Pay's sensitive fields in SM mode (ASN.1, C1C3C2).
//!
//! Signatures are deterministic (RFC 6979 over SM3): the same key and message give the same bytes,
//! and a weak random generator cannot expose the key. With the feature `sm2-precomputed` the crate of
//! that name makes and verifies them. Keys are read by `sm2` and checked before either sees them, and
//! encryption stays on `sm2`.

use std::fmt;

use ::sm2::dsa::signature::hazmat::{PrehashSigner as _, PrehashVerifier as _};
use ::sm2::dsa::signature::{MultipartSigner as _, MultipartVerifier as _};
use ::sm2::elliptic_curve::sec1::ToSec1Point as _;
use ::sm2::pke;
use ::sm2::{Scalar, SecretKey};
use der::asn1::{AnyRef, OctetStringRef};
use der::{Decode as _, SliceReader};
use sm3::{Digest as _, Sm3};
use subtle::ConstantTimeEq as _;

use super::{CryptoError, Decryptor, Encryptor, Signature, SignatureAlgorithm, Signer, Verifier};
use crate::secret::Secret;

pub(super) mod curve;
#[cfg(feature = "sm2-precomputed")]
mod precomputed;
#[cfg(feature = "sm2-precomputed")]
use precomputed as backend;
#[cfg(not(feature = "sm2-precomputed"))]
mod pure;
#[cfg(not(feature = "sm2-precomputed"))]
use pure as backend;

/// The user id of WeChat Pay's signatures, and the default of GM/T 0009.
pub const SM2_DEFAULT_USER_ID: &str = "1234567812345678";

/// The encoding of an SM2 signature. Exhaustive: there are these two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sm2SignatureEncoding {
    /// ASN.1 DER `SEQUENCE { INTEGER r, INTEGER s }`, 8 to 72 bytes: WeChat Pay.
    Der,
    /// r and s, 32 bytes each, big-endian: Allinpay.
    Raw,
}

/// SM3 of the concatenation of parts.
#[must_use]
pub fn sm3(parts: &[&[u8]]) -> [u8; 32] {
    let mut hasher = Sm3::new();
    parts.iter().for_each(|part| hasher.update(part));
    hasher.finalize().into()
}

/// Converts a DER signature to r‖s. `None` when it is not DER to the last byte, or r or s is out of
/// range.
#[must_use]
pub fn sm2_der_to_raw(der: &[u8]) -> Option<[u8; 64]> {
    backend::from_der(der).as_ref().map(backend::to_raw)
}

/// Converts r‖s to DER. `None` when it is not 64 bytes, or r or s is out of range.
#[must_use]
pub fn sm2_raw_to_der(raw: &[u8]) -> Option<Vec<u8>> {
    backend::Signature::try_from(raw).ok().as_ref().map(backend::to_der)
}

/// An SM2 private key. Erased when dropped.
#[derive(Clone)]
pub struct Sm2PrivateKey(SecretKey);

impl Sm2PrivateKey {
    pub(super) fn from_scalar(scalar: &[u8]) -> Option<Self> {
        // Some programs drop leading zeros, or add one where the top bit is set.
        let significant = scalar.iter().position(|&byte| byte != 0).and_then(|at| scalar.get(at..))?;
        let mut padded = zeroize::Zeroizing::new([0; 32]);
        let start = padded.len().checked_sub(significant.len())?;
        padded.get_mut(start..)?.copy_from_slice(significant);
        let key = SecretKey::from_slice(&*padded).ok()?;
        // From 1 to n − 2 (GB/T 32918.1, 6.1): n − 1 signs nothing, because 1 + d has no inverse.
        let next = *key.to_nonzero_scalar() + Scalar::ONE;
        (!bool::from(next.ct_eq(&Scalar::ZERO))).then_some(Self(key))
    }

    /// The public half.
    #[must_use]
    pub fn public_key(&self) -> Sm2PublicKey {
        Sm2PublicKey(self.0.public_key())
    }
}

impl fmt::Debug for Sm2PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sm2PrivateKey(***)")
    }
}

/// An SM2 public key: a point on the curve, never the point at infinity.
#[derive(Clone, PartialEq, Eq)]
pub struct Sm2PublicKey(::sm2::PublicKey);

impl Sm2PublicKey {
    pub(super) fn from_point(point: &[u8]) -> Option<Self> {
        ::sm2::PublicKey::from_sec1_bytes(point).ok().map(Self)
    }

    /// Z_A: the digest of a user id, the curve and this key. Every signature covers it (GB/T
    /// 32918.2, 5.5).
    ///
    /// # Errors
    /// [`CryptoError::UserId`] when the user id is longer than 8191 bytes.
    pub fn user_digest(&self, user_id: &str) -> Result<[u8; 32], CryptoError> {
        let bits = user_id.len().checked_mul(8).and_then(|bits| u16::try_from(bits).ok()).ok_or(CryptoError::UserId)?;
        let point = self.0.to_sec1_point(false);
        // Skips the byte that marks the point as uncompressed.
        let coordinates = point.as_bytes().get(1..).unwrap_or_default();
        let curve::Numbers { a, b, g_x, g_y, .. } = &curve::SM2;
        Ok(sm3(&[&bits.to_be_bytes(), user_id.as_bytes(), a, b, g_x, g_y, coordinates]))
    }

    /// e: the digest that is signed, SM3 of [Z_A](Self::user_digest) and the concatenation of
    /// `parts`. A hardware module that takes digests signs this one. [`Sm2Signer::sign_prehashed`]
    /// and [`Sm2Verifier::verify_prehashed`] take it too.
    ///
    /// ```
    /// use protocol_core::crypto::{
    ///     PrivateKey, SM2_DEFAULT_USER_ID, Sm2SignatureEncoding, Sm2Signer, Sm2Verifier,
    ///     Verifier as _,
    /// };
    ///
    /// # let file = include_bytes!("../../tests/vectors/wechatpay/java-shangmi/merchant_private_key.pem");
    /// let PrivateKey::Sm2(key) = PrivateKey::read(file)? else { panic!("an SM2 key") };
    /// let public = key.public_key();
    /// let digest =
    ///     public.message_digest(SM2_DEFAULT_USER_ID, &[b"GET\n", b"/v3/certificates\n"])?;
    ///
    /// // In the module that holds the key:
    /// let signer = Sm2Signer::new(&key, SM2_DEFAULT_USER_ID, Sm2SignatureEncoding::Der)?;
    /// let signature = signer.sign_prehashed(&digest)?;
    ///
    /// let verifier = Sm2Verifier::new(&public, SM2_DEFAULT_USER_ID, Sm2SignatureEncoding::Der)?;
    /// assert_eq!(verifier.verify(&[b"GET\n/v3/certificates\n"], signature.as_bytes()), Ok(()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`CryptoError::UserId`] when the user id is longer than 8191 bytes.
    pub fn message_digest(&self, user_id: &str, parts: &[&[u8]]) -> Result<[u8; 32], CryptoError> {
        let mut hasher = Sm3::new();
        hasher.update(self.user_digest(user_id)?);
        parts.iter().for_each(|part| hasher.update(part));
        Ok(hasher.finalize().into())
    }
}

impl fmt::Debug for Sm2PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sm2PublicKey")
    }
}

/// Signs with SM2 and SM3. Clones share the key.
#[derive(Clone)]
pub struct Sm2Signer {
    key: backend::SigningKey,
    encoding: Sm2SignatureEncoding,
}

impl Sm2Signer {
    /// A signer under a user id: [`SM2_DEFAULT_USER_ID`] for WeChat Pay, the `appid` for Allinpay.
    ///
    /// # Errors
    /// [`CryptoError::UserId`] when the user id is longer than 8191 bytes.
    pub fn new(key: &Sm2PrivateKey, user_id: &str, encoding: Sm2SignatureEncoding) -> Result<Self, CryptoError> {
        let key = backend::signing_key(&key.0, user_id).ok_or(CryptoError::UserId)?;
        Ok(Self { key, encoding })
    }

    /// Signs a digest that was computed elsewhere: [e](Sm2PublicKey::message_digest). It includes
    /// the user id already, so the signer's own is not used.
    ///
    /// # Errors
    /// [`CryptoError::Sign`].
    pub fn sign_prehashed(&self, digest: &[u8; 32]) -> Result<Signature, CryptoError> {
        self.key.sign_prehash(digest).map(|signature| self.written(&signature)).map_err(|_| CryptoError::Sign)
    }

    fn written(&self, signature: &backend::Signature) -> Signature {
        Signature::new(match self.encoding {
            Sm2SignatureEncoding::Der => backend::to_der(signature),
            Sm2SignatureEncoding::Raw => backend::to_raw(signature).to_vec(),
        })
    }
}

impl Signer for Sm2Signer {
    fn algorithm(&self) -> SignatureAlgorithm {
        SignatureAlgorithm::Sm2Sm3
    }

    fn sign(&self, parts: &[&[u8]]) -> Result<Signature, CryptoError> {
        self.key.try_multipart_sign(parts).map(|signature| self.written(&signature)).map_err(|_| CryptoError::Sign)
    }
}

impl fmt::Debug for Sm2Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sm2Signer({:?}, ***)", self.encoding)
    }
}

/// Verifies SM2 signatures with SM3. Clones share the key and, with the feature `sm2-precomputed`, its
/// table.
#[derive(Clone)]
pub struct Sm2Verifier {
    key: backend::VerifyingKey,
    encoding: Sm2SignatureEncoding,
}

impl Sm2Verifier {
    /// A verifier under a user id: [`SM2_DEFAULT_USER_ID`] for WeChat Pay, `Allinpay` for
    /// Allinpay's responses.
    ///
    /// # Errors
    /// [`CryptoError::UserId`] when the user id is longer than 8191 bytes.
    pub fn new(key: &Sm2PublicKey, user_id: &str, encoding: Sm2SignatureEncoding) -> Result<Self, CryptoError> {
        let key = backend::verifying_key(&key.0, user_id).ok_or(CryptoError::UserId)?;
        Ok(Self { key, encoding })
    }

    /// Verifies the signature of a digest that was computed elsewhere:
    /// [e](Sm2PublicKey::message_digest). It includes the user id already, so the verifier's own is
    /// not used.
    ///
    /// # Errors
    /// [`CryptoError::BadSignature`], for every reason.
    pub fn verify_prehashed(&self, digest: &[u8; 32], signature: &[u8]) -> Result<(), CryptoError> {
        self.key.verify_prehash(digest, &self.read(signature)?).map_err(|_| CryptoError::BadSignature)
    }

    fn read(&self, signature: &[u8]) -> Result<backend::Signature, CryptoError> {
        match self.encoding {
            Sm2SignatureEncoding::Der => backend::from_der(signature),
            Sm2SignatureEncoding::Raw => signature.try_into().ok(),
        }
        .ok_or(CryptoError::BadSignature)
    }
}

impl Verifier for Sm2Verifier {
    fn algorithm(&self) -> SignatureAlgorithm {
        SignatureAlgorithm::Sm2Sm3
    }

    fn verify(&self, parts: &[&[u8]], signature: &[u8]) -> Result<(), CryptoError> {
        self.key.multipart_verify(parts, &self.read(signature)?).map_err(|_| CryptoError::BadSignature)
    }
}

impl fmt::Debug for Sm2Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sm2Verifier({:?})", self.encoding)
    }
}

/// Decrypts SM2 ciphertexts `SEQUENCE { INTEGER x, INTEGER y, OCTET STRING C3, OCTET STRING C2 }`.
/// It refuses an empty one, and one that was encrypted with a key stream of zeros alone (GB/T
/// 32918.4, 7.1, B4).
pub struct Sm2Decryptor(pke::DecryptingKey);

impl Sm2Decryptor {
    /// A decryptor from the merchant's private key.
    #[must_use]
    pub fn new(key: &Sm2PrivateKey) -> Self {
        Self(pke::DecryptingKey::new(key.0.clone()))
    }
}

impl Decryptor for Sm2Decryptor {
    fn decrypt(&self, ciphertext: &[u8]) -> Result<Secret, CryptoError> {
        let plaintext = self.0.decrypt_der(ciphertext).map(Secret::new).map_err(|_| CryptoError::DecryptFailed)?;
        // With a key stream of zeros the plaintext equals the ciphertext; without any plaintext
        // both are empty.
        let sealed = sealed_text(ciphertext).ok_or(CryptoError::DecryptFailed)?;
        if bool::from(plaintext.expose().ct_eq(sealed)) { Err(CryptoError::DecryptFailed) } else { Ok(plaintext) }
    }
}

/// C2, the ciphertext's last member.
fn sealed_text(ciphertext: &[u8]) -> Option<&[u8]> {
    let mut reader = SliceReader::new(ciphertext).ok()?;
    let members = AnyRef::decode(&mut reader).ok()?;
    members
        .sequence(|reader| {
            let (_x, _y, _digest) = (AnyRef::decode(reader)?, AnyRef::decode(reader)?, AnyRef::decode(reader)?);
            <&OctetStringRef>::decode(reader).map(OctetStringRef::as_bytes)
        })
        .ok()
}

impl fmt::Debug for Sm2Decryptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sm2Decryptor(***)")
    }
}

/// Makes SM2 ciphertexts that [`Sm2Decryptor`] opens.
#[derive(Clone)]
pub struct Sm2Encryptor(pke::EncryptingKey);

impl Sm2Encryptor {
    /// An encryptor to a public key.
    #[must_use]
    pub fn new(key: &Sm2PublicKey) -> Self {
        Self(pke::EncryptingKey::new(key.0))
    }
}

impl Encryptor for Sm2Encryptor {
    fn encrypt(&self, plaintext: &[u8], mut rng: &mut dyn rand_core::CryptoRng) -> Result<Vec<u8>, CryptoError> {
        self.0.encrypt_der(&mut rng, plaintext).map_err(|_| CryptoError::Encrypt)
    }
}

impl fmt::Debug for Sm2Encryptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sm2Encryptor(ASN.1, C1C3C2)")
    }
}
