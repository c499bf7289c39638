//! The output: JSON for programs, forms and tables for people.

pub(crate) mod confirm;
pub(crate) mod due;
pub(crate) mod order;
pub(crate) mod order_words;
pub(crate) mod output;
pub(crate) mod progress;
pub(crate) mod sheet;
pub(crate) mod table;
pub(crate) mod timeline;
pub(crate) mod words;
