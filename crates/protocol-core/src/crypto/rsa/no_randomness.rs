//! Replaces `getrandom::SysRng` on a target without an operating system: every draw fails, and so
//! does every operation that must be blinded.

use rand_core::{TryCryptoRng, TryRng};

#[derive(Debug, thiserror::Error)]
#[error("this target has no randomness")]
pub(super) struct NoRandomness;

pub(super) struct SysRng;

impl TryRng for SysRng {
    type Error = NoRandomness;

    fn try_next_u32(&mut self) -> Result<u32, NoRandomness> {
        Err(NoRandomness)
    }

    fn try_next_u64(&mut self) -> Result<u64, NoRandomness> {
        Err(NoRandomness)
    }

    fn try_fill_bytes(&mut self, _: &mut [u8]) -> Result<(), NoRandomness> {
        Err(NoRandomness)
    }
}

impl TryCryptoRng for SysRng {}
