//! What is known of an operation and of an act, whichever channel it belongs to.

use serde::{Deserialize, Serialize};

/// How an act is known to have happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Effect {
    /// The platform said so.
    Confirmed,
    /// The response was lost or not proven, but the complaint shows the act.
    Found,
}
