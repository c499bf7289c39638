//! The commands: a file each.

pub(crate) mod callback;
pub(crate) mod complete;
pub(crate) mod decode;
pub(crate) mod demo;
pub(crate) mod explain;
pub(crate) mod history;
pub(crate) mod image;
pub(crate) mod list;
pub(crate) mod mini_program;
pub(crate) mod open;
pub(crate) mod refund;
pub(crate) mod reply;
pub(crate) mod sandbox;
pub(crate) mod self_test;
pub(crate) mod show;
pub(crate) mod sign;
