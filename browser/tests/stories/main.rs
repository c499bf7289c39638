//! Stories of people at the page. Each has a server and browsers of its own.

mod acting;
mod entering;
mod finding;
mod hostile;
mod living;
mod pages;
mod people;
mod planted;
mod screenshots;
