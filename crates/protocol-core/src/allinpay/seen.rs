//! Detects responses that were received before: a response contains neither its time nor its
//! request.

use std::collections::{HashSet, VecDeque};
use std::fmt;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};

use super::response_error::ResponseError;

/// Remembers the signatures of the last responses that verified, so that a repeated one is refused:
/// see [`Merchant::open_once`](super::Merchant::open_once). Only the platform can make a signature
/// that verifies, so a stranger cannot fill it. Each entry takes the bytes of the signature (64 for
/// SM2, 128 to 512 for RSA) and about a hundred more.
///
/// Every response is documented to have a `randomstr`, which its signature covers. It is *not
/// confirmed* that it differs each time. If it does not, two responses with the same content have
/// the same RSA signature, and the second is refused.
pub struct SeenSigns {
    capacity: NonZeroUsize,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    signatures: HashSet<Arc<[u8]>>,
    oldest_first: VecDeque<Arc<[u8]>>,
}

impl SeenSigns {
    /// Remembers this many signatures; beyond that, the oldest is forgotten.
    #[must_use]
    pub fn new(capacity: NonZeroUsize) -> Self {
        Self { capacity, seen: Mutex::default() }
    }

    /// Remembers the signature of a verified response.
    pub(super) fn admit(&self, signature: Vec<u8>) -> Result<(), ResponseError> {
        let signature: Arc<[u8]> = signature.into();
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if !seen.signatures.insert(Arc::clone(&signature)) {
            return Err(ResponseError::Replayed);
        }
        seen.oldest_first.push_back(signature);
        if seen.oldest_first.len() > self.capacity.get()
            && let Some(oldest) = seen.oldest_first.pop_front()
        {
            seen.signatures.remove(&oldest);
        }
        Ok(())
    }
}

impl fmt::Debug for SeenSigns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SeenSigns").field("capacity", &self.capacity).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_signatures_are_remembered() {
        let seen = SeenSigns::new(NonZeroUsize::new(2).unwrap());
        let admit = |signature: u8| seen.admit(vec![signature]);
        assert_eq!((admit(1), admit(2)), (Ok(()), Ok(())));
        assert_eq!((admit(1), admit(2)), (Err(ResponseError::Replayed), Err(ResponseError::Replayed)));
        // One more than the capacity: the oldest is forgotten, and a refused repetition did not
        // renew it.
        assert_eq!(admit(3), Ok(()));
        assert_eq!((admit(2), admit(3)), (Err(ResponseError::Replayed), Err(ResponseError::Replayed)));
        assert_eq!(admit(1), Ok(()));
        let state = seen.seen.lock().unwrap();
        assert_eq!((state.signatures.len(), state.oldest_first.len()), (2, 2));
    }
}
