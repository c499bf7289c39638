//! The receivers of one listener, told apart by path.

use std::collections::HashMap;

/// Receivers at their paths, and one for every other path.
#[derive(Debug, Clone)]
pub struct ByPath<R> {
    at_paths: HashMap<String, R>,
    anywhere: Option<R>,
}

impl<R> Default for ByPath<R> {
    fn default() -> Self {
        Self { at_paths: HashMap::new(), anywhere: None }
    }
}

impl<R> ByPath<R> {
    /// Adds the receiver for all paths that no other one has. There is one such: the last one
    /// added.
    #[must_use]
    pub fn anywhere(self, receiver: R) -> Self {
        Self { anywhere: Some(receiver), ..self }
    }

    /// Adds a receiver for this path alone: the path as the service sees it. The last one added for
    /// a path counts.
    #[must_use]
    pub fn at(mut self, path: impl Into<String>, receiver: R) -> Self {
        self.at_paths.insert(path.into(), receiver);
        self
    }

    /// The receiver of a request for this path.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&R> {
        self.at_paths.get(path).or(self.anywhere.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_of_its_own_comes_before_every_path() {
        let none = ByPath::<u8>::default();
        assert_eq!(none.get("/"), None);
        let some = none.at("/a", 1).at("/b", 2).at("/a", 3);
        assert_eq!((some.get("/a"), some.get("/b"), some.get("/a/")), (Some(&3), Some(&2), None));
        let all = some.anywhere(4).anywhere(5);
        assert_eq!((all.get("/a"), all.get("/a/")), (Some(&3), Some(&5)));
    }
}
