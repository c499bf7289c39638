//! Events of the engine: which complaint, and the reason. Nothing personal.

use complaint_inbox::{ComplaintKey, PictureOutcome, Source};

#[cfg(feature = "tracing")]
mod told {
    use super::*;

    pub(in crate::engine) fn read(key: &ComplaintKey) {
        tracing::debug!(channel = key.channel, merchant = key.merchant, complaint = key.id, "read");
    }

    pub(in crate::engine) fn unread(key: &ComplaintKey, reason: &str) {
        let ComplaintKey { channel, merchant, id } = key;
        tracing::warn!(channel, merchant, complaint = id, reason, "a complaint could not be read; it stays due");
    }

    pub(in crate::engine) fn unswept(source: &Source, reason: &str) {
        let Source { channel, merchant } = source;
        tracing::warn!(channel, merchant, reason, "a list could not be read to its end; it is read again later");
    }

    pub(in crate::engine) fn acted(key: &ComplaintKey, kind: &str, end: &str) {
        let ComplaintKey { channel, merchant, id } = key;
        tracing::info!(channel, merchant, complaint = id, kind, end, "an act");
    }

    pub(in crate::engine) fn picture(key: &ComplaintKey, number: u32, outcome: &PictureOutcome) {
        let ComplaintKey { channel, merchant, id } = key;
        match outcome {
            PictureOutcome::Kept(_) => tracing::debug!(channel, merchant, complaint = id, number, "a picture"),
            PictureOutcome::Failed { reason, .. } => {
                let reason = &*reason.words;
                tracing::info!(channel, merchant, complaint = id, number, reason, "a picture could not be fetched yet");
            }
            PictureOutcome::GivenUp { reason } => {
                let reason = &*reason.words;
                tracing::warn!(channel, merchant, complaint = id, number, reason, "a picture is given up");
            }
        }
    }

    pub(in crate::engine) fn refused(reason: &str) {
        tracing::error!(reason, "a genuine message was not kept; the platform retries");
    }

    pub(in crate::engine) fn jumped() {
        tracing::error!("the clock jumped forward: nothing is removed for a day; check the machine's time");
    }

    pub(in crate::engine) fn letter(source: &Source, is_kept: bool) {
        let Source { channel, merchant } = source;
        tracing::error!(channel, merchant, is_kept, "a genuine message needs a person: see the letters");
    }
}

#[cfg(not(feature = "tracing"))]
mod told {
    use super::*;

    pub(in crate::engine) const fn read(_: &ComplaintKey) {}
    pub(in crate::engine) const fn unread(_: &ComplaintKey, _: &str) {}
    pub(in crate::engine) const fn unswept(_: &Source, _: &str) {}
    pub(in crate::engine) const fn acted(_: &ComplaintKey, _: &str, _: &str) {}
    pub(in crate::engine) const fn picture(_: &ComplaintKey, _: u32, _: &PictureOutcome) {}
    pub(in crate::engine) const fn refused(_: &str) {}
    pub(in crate::engine) const fn jumped() {}
    pub(in crate::engine) const fn letter(_: &Source, _: bool) {}
}

pub(super) use told::{acted, jumped, letter, picture, read, refused, unread, unswept};
