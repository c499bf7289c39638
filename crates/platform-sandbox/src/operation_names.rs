//! The names of all simulated operations, for faults that are named by text.

use crate::error::SandboxError;
use crate::fault::Fault;
use crate::{allinpay, mini_program, virtual_payment, wechat_pay};

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
    platforms.chain(virtual_payment::operation_names()).chain(allinpay::operation_names())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    /// The names of the operations in the library's source.
    fn names_in_the_library() -> BTreeSet<String> {
        let library = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../protocol-core/src"));
        let mut names = BTreeSet::new();
        for channel in ["wechat_pay", "mini_program", "virtual_payment", "allinpay"] {
            for file in std::fs::read_dir(library.join(channel)).unwrap() {
                let path = file.unwrap().path();
                let source = if path.is_file() { std::fs::read_to_string(path).unwrap() } else { continue };
                let declared =
                    source.lines().filter_map(|line| line.trim().strip_prefix("const NAME: &'static str = "));
                let declared = declared.filter(|name| name.starts_with('"'));
                names.extend(declared.map(|name| name.trim_matches(['"', ';']).to_owned()));
            }
        }
        names
    }

    #[test]
    fn every_operation_of_the_library_is_simulated_under_its_name() {
        let simulated: Vec<_> = all().collect();
        let names: BTreeSet<_> = simulated.iter().map(|name| (*name).to_owned()).collect();
        assert_eq!(names.len(), simulated.len(), "no two operations share a name");
        assert!(!names.contains(ANY) && !names.contains("unknown"));
        let mut library = names_in_the_library();
        assert!(library.insert("get_token".to_owned()), "the library asks for stable tokens only");
        let missing: Vec<_> = library.difference(&names).collect();
        assert!(missing.is_empty(), "operations without a route: {missing:?}");
        assert_eq!(names.len(), library.len(), "no other operation is simulated");
    }
}
