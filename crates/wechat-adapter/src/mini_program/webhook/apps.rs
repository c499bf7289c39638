//! The Mini Programs of one listener, told apart by path.

use std::collections::HashMap;

use protocol_core::mini_program::Receiver;

#[derive(Debug, Default)]
pub(super) struct Apps {
    at_paths: HashMap<String, Receiver>,
    anywhere: Option<Receiver>,
}

impl Apps {
    pub(super) fn add(&mut self, path: Option<String>, receiver: Receiver) {
        match path {
            Some(path) => drop(self.at_paths.insert(path, receiver)),
            None => self.anywhere = Some(receiver),
        }
    }

    /// The one that has this path to itself, or else the one of every path.
    pub(super) fn at(&self, path: &str) -> Option<&Receiver> {
        self.at_paths.get(path).or(self.anywhere.as_ref())
    }
}
