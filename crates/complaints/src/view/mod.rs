//! The output: JSON for programs, forms and tables for people.

#[cfg(feature = "serve")]
pub(crate) mod alipay;
pub(crate) mod columns;
pub(crate) mod confirm;
pub(crate) mod due;
pub(crate) mod lines;
pub(crate) mod order;
pub(crate) mod order_words;
pub(crate) mod output;
pub(crate) mod phone;
pub(crate) mod printed;
pub(crate) mod progress;
pub(crate) mod pushed;
pub(crate) mod rows;
pub(crate) mod screen;
pub(crate) mod sheet;
pub(crate) mod table;
pub(crate) mod timeline;
pub(crate) mod tone;
pub(crate) mod violation;
pub(crate) mod whole_file;
pub(crate) mod words;
