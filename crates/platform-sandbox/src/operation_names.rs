//! The names of all simulated operations, for faults that are named by text.

use crate::error::SandboxError;
use crate::fault::Fault;
use crate::{allinpay, mini_program, wechat_pay};

/// The name that stands for every operation.
const ANY: &str = "any";

impl Fault {
    /// Waits for the operation with this name. `any` is any operation of any platform. Code takes
    /// [`Fault::on`] with the operation's type instead.
    ///
    /// ```
    /// use platform_sandbox::{Fault, FaultKind};
    /// use protocol_core::wechat_pay::Respond;
    ///
    /// # fn main() -> Result<(), platform_sandbox::SandboxError> {
    /// let named = Fault::once(FaultKind::ServerError).on_named("respond")?;
    /// assert_eq!(named, Fault::once(FaultKind::ServerError).on::<Respond>());
    /// assert!(Fault::once(FaultKind::ServerError).on_named("response").is_err());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`SandboxError::UnknownOperation`] with the names there are.
    pub fn on_named(self, name: &str) -> Result<Self, SandboxError> {
        if name == ANY {
            return Ok(self.on_name(None));
        }
        match all().find(|known| *known == name) {
            Some(known) => Ok(self.on_name(Some(known))),
            None => {
                let known = [ANY].into_iter().chain(all()).collect();
                Err(SandboxError::UnknownOperation { name: name.to_owned(), known })
            }
        }
    }
}

fn all() -> impl Iterator<Item = &'static str> {
    let platforms = wechat_pay::operation_names().chain(mini_program::operation_names());
    platforms.chain(allinpay::operation_names())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_two_operations_share_a_name() {
        let names: Vec<_> = all().chain([ANY, "unknown"]).collect();
        assert_eq!(names.iter().collect::<HashSet<_>>().len(), names.len());
        assert_eq!(names.len(), 15 + 8 + 14 + 2);
    }
}
