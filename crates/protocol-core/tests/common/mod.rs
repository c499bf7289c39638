//! Helpers that several tests use.

/// The document, vouched for by the test.
pub(crate) fn decode_json<'de, T: serde::Deserialize<'de>>(
    document: &'static str,
    bytes: &'de [u8],
) -> Result<T, protocol_core::DecodeError> {
    protocol_core::codec::decode_json(document, bytes).map(protocol_core::Unverified::trust_anyway)
}
