//! The traits of the crate `signature`.

use ::signature::hazmat::{PrehashSigner, PrehashVerifier};
use ::signature::{Error, MultipartSigner, MultipartVerifier, SignatureEncoding, Signer, Verifier};

use crate::signature::Signature;
use crate::signing::SigningKey;
use crate::verifying::VerifyingKey;

impl Signer<Signature> for SigningKey {
    fn try_sign(&self, message: &[u8]) -> Result<Signature, Error> {
        Ok(self.sign([message]))
    }
}

impl MultipartSigner<Signature> for SigningKey {
    fn try_multipart_sign(&self, parts: &[&[u8]]) -> Result<Signature, Error> {
        Ok(self.sign(parts.iter().copied()))
    }
}

impl PrehashSigner<Signature> for SigningKey {
    fn sign_prehash(&self, digest: &[u8]) -> Result<Signature, Error> {
        digest.try_into().map(|digest| self.sign_digest(digest)).map_err(|_| Error::new())
    }
}

impl Verifier<Signature> for VerifyingKey {
    fn verify(&self, message: &[u8], signature: &Signature) -> Result<(), Error> {
        self.verify([message], signature)
    }
}

impl MultipartVerifier<Signature> for VerifyingKey {
    fn multipart_verify(&self, parts: &[&[u8]], signature: &Signature) -> Result<(), Error> {
        self.verify(parts.iter().copied(), signature)
    }
}

impl PrehashVerifier<Signature> for VerifyingKey {
    fn verify_prehash(&self, digest: &[u8], signature: &Signature) -> Result<(), Error> {
        self.verify_digest(digest.try_into().map_err(|_| Error::new())?, signature)
    }
}

impl SignatureEncoding for Signature {
    type Repr = [u8; 64];
}

impl TryFrom<&[u8]> for Signature {
    type Error = Error;

    fn try_from(bytes: &[u8]) -> Result<Self, Error> {
        bytes.try_into().ok().and_then(Self::from_bytes).ok_or_else(Error::new)
    }
}

impl From<Signature> for [u8; 64] {
    fn from(signature: Signature) -> Self {
        signature.to_bytes()
    }
}
