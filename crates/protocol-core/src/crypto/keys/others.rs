//! Files that people give by mistake and that hold no readable key, recognised by the first bytes
//! of their text or by the tags of their DER.

use der::{Decode as _, Reader as _, SliceReader, Tag, Tagged as _};

use super::error::Found;

/// Recognises text that is neither PEM nor an encoding of bytes.
pub(super) fn text(text: &[u8]) -> Option<Found> {
    let holds = |mark: &[u8]| text.windows(mark.len()).any(|window| window == mark);
    match text {
        [] => Some(Found::Nothing),
        [b'{', ..] if holds(b"\"kty\"") => Some(Found::Jwk),
        [b'<', ..] if holds(b"<RSAKeyValue") => Some(Found::XmlKey),
        _ if text.starts_with(b"---- BEGIN SSH2 PUBLIC KEY") => Some(Found::SshPublicKey),
        _ if [&b"ssh-"[..], b"ecdsa-sha2-", b"sk-"].iter().any(|start| text.starts_with(start)) && holds(b" AAAA") => {
            Some(Found::SshPublicKey)
        }
        _ => None,
    }
}

/// Recognises decoded bytes.
pub(super) fn bytes(bytes: &[u8]) -> Option<Found> {
    use der::Tag::{BitString, ContextSpecific, Integer, ObjectIdentifier, OctetString, Sequence};

    if bytes.starts_with(b"openssh-key-v1\0") {
        return Some(Found::SshPrivateKey);
    }
    let mut reader = SliceReader::new(bytes).ok()?;
    let mut outer = members(&mut reader)?;
    let first = outer.next()?;
    let second = outer.next()?.0;
    let third = outer.next().map(|(tag, _)| tag);
    match (first.0, second, third) {
        // EncryptedPrivateKeyInfo { AlgorithmIdentifier, OCTET STRING }
        (Sequence, OctetString, None) => Some(Found::EncryptedPrivateKey),
        // PFX { INTEGER 3, ContentInfo { OID, [0] … }, … }
        (Integer, Sequence, Some(Sequence) | None) if first.1 == [3] => Some(Found::Pkcs12),
        // ContentInfo { OID, [0] … }
        (ObjectIdentifier, ContextSpecific { .. }, None) => Some(Found::Pkcs7),
        // CertificationRequest { { INTEGER 0, Name, … }, AlgorithmIdentifier, BIT STRING }; a
        // certificate's first member starts with [0], or with a serial number followed by an
        // AlgorithmIdentifier and more.
        (Sequence, Sequence, Some(BitString)) => {
            let mut body = SliceReader::new(first.1).ok()?;
            let tags: Vec<_> = values(&mut body).map(|(tag, _)| tag).collect();
            matches!(tags.as_slice(), [Integer, Sequence, Sequence, ContextSpecific { .. }])
                .then_some(Found::CertificateRequest)
        }
        _ => None,
    }
}

/// The members of the sequence that the reader stands at.
fn members<'a>(reader: &mut SliceReader<'a>) -> Option<std::vec::IntoIter<(Tag, &'a [u8])>> {
    let sequence = der::asn1::AnyRef::decode(reader).ok().filter(|any| any.tag() == Tag::Sequence)?;
    let mut inside = SliceReader::new(sequence.value()).ok()?;
    Some(values(&mut inside).collect::<Vec<_>>().into_iter())
}

/// At most the first four values: no document here needs more to be recognised.
fn values<'a>(reader: &mut SliceReader<'a>) -> impl Iterator<Item = (Tag, &'a [u8])> {
    std::iter::from_fn(|| {
        if reader.is_finished() {
            return None;
        }
        der::asn1::AnyRef::decode(reader).ok().map(|any| (any.tag(), any.value()))
    })
    .take(4)
}
