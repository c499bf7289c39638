//! The refusals of the admin interface.

use http::StatusCode;
use serde_json::{Value, json};

use crate::error::SandboxError;

/// A refusal of the admin interface.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum AdminError {
    /// The body is not JSON.
    #[error("the body is not JSON: {0}")]
    NotJson(String),
    /// The body is JSON, and not an object.
    #[error("the body is not a JSON object")]
    NotAnObject,
    /// The admin interface has no such path, or not with this method.
    #[error("there is no {method} {path}")]
    UnknownPath { method: String, path: String },
    /// The body has a member that this path does not take.
    #[error("the member {member} is unknown; {}", takes(.known))]
    UnknownMember { member: String, known: Vec<&'static str> },
    /// The body lacks a member.
    #[error("the member {0} is missing")]
    MissingMember(&'static str),
    /// A member is of another type, or out of bounds.
    #[error("the member {member} must be {expected}")]
    InvalidMember { member: &'static str, expected: String },
    /// A member has a value that is none of its words.
    #[error("the member {member} has the unknown value {value:?}; it takes {}", .known.join(", "))]
    UnknownValue { member: &'static str, value: String, known: Vec<&'static str> },
    /// The token is missing, or is another one.
    #[error("Authorization: Bearer must have the token of this sandbox's folder")]
    WrongToken,
    /// The sandbox refused the act.
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
}

impl AdminError {
    pub(super) const fn status(&self) -> StatusCode {
        match self {
            Self::UnknownPath { .. } => StatusCode::NOT_FOUND,
            Self::WrongToken => StatusCode::UNAUTHORIZED,
            Self::Sandbox(
                SandboxError::UnknownComplaint(_)
                | SandboxError::UnknownMerchant(_)
                | SandboxError::UnknownStory { .. },
            ) => StatusCode::NOT_FOUND,
            Self::Sandbox(SandboxError::UnknownOperation { .. } | SandboxError::Story { .. }) => {
                StatusCode::BAD_REQUEST
            }
            Self::Sandbox(_) => StatusCode::CONFLICT,
            _ => StatusCode::BAD_REQUEST,
        }
    }

    /// `code` and `message`, and the member or the path where it is one's fault.
    pub(super) fn to_json(&self) -> Value {
        let code = match self {
            Self::NotJson(_) => "not-json",
            Self::NotAnObject => "not-an-object",
            Self::UnknownPath { .. } => "unknown-path",
            Self::UnknownMember { .. } => "unknown-member",
            Self::MissingMember(_) => "missing-member",
            Self::InvalidMember { .. } => "invalid-member",
            Self::UnknownValue { .. } => "unknown-value",
            Self::WrongToken => "wrong-token",
            Self::Sandbox(SandboxError::UnknownOperation { .. }) => "unknown-operation",
            Self::Sandbox(SandboxError::UnknownStory { .. }) => "unknown-story",
            Self::Sandbox(SandboxError::Story { .. }) => "story-detail",
            Self::Sandbox(SandboxError::UnknownComplaint(_)) => "unknown-complaint",
            Self::Sandbox(SandboxError::UnknownMerchant(_)) => "unknown-merchant",
            Self::Sandbox(_) => "refused",
        };
        json!({"code": code, "message": self.to_string()})
    }
}

fn takes(known: &[&str]) -> String {
    if known.is_empty() { "this path takes none".to_owned() } else { format!("this path takes {}", known.join(", ")) }
}
