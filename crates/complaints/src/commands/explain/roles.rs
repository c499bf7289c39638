//! A key in every role that a signature may be made for.

use protocol_core::crypto::{PublicKey, RsaDigest, RsaVerifier, Sm2SignatureEncoding, Sm2Verifier, Verifier};

use crate::language::say;

/// A verifier, and words for its unusual parts. The expected role has no words.
pub(super) type Role = (Vec<String>, Box<dyn Verifier>);

/// The roles of a key: each SM2 user id in each encoding, or each digest of RSA. Unusual parts
/// have the name of a text, expected ones none.
pub(super) fn roles(
    key: &PublicKey,
    another_key: Option<String>,
    users: &[(&str, &str)],
    encodings: [(&str, Sm2SignatureEncoding); 2],
    digests: [(&str, RsaDigest); 2],
) -> Vec<Role> {
    let words = |parts: &[&str]| {
        let parts = parts.iter().filter(|part| !part.is_empty()).map(|part| say(part));
        another_key.iter().cloned().chain(parts).collect::<Vec<_>>()
    };
    match key {
        PublicKey::Rsa(rsa) => digests
            .into_iter()
            .map(|(digest_words, digest)| {
                (words(&[digest_words]), Box::new(RsaVerifier::new(rsa, digest)) as Box<dyn Verifier>)
            })
            .collect(),
        PublicKey::Sm2(sm2) => users
            .iter()
            .flat_map(|user| encodings.map(|encoding| (user, encoding)))
            .filter_map(|((user_words, user), (encoding_words, encoding))| {
                let verifier = Sm2Verifier::new(sm2, user, encoding).ok()?;
                Some((words(&[user_words, encoding_words]), Box::new(verifier) as Box<dyn Verifier>))
            })
            .collect(),
        _ => vec![],
    }
}
