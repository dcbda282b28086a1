//! The drawings of a bot: its flows as drafts, with folders and a bin, and what holds for all of them. Publishing is in
//! `versions`.

mod curl;
pub(crate) mod routes;
pub(crate) mod service;
pub(crate) mod store;
pub(crate) mod templates;
mod upgrade;

pub(crate) use service::{definition, replace_drafts};
pub(crate) use upgrade::draw_what_there_is;

/// Published with every change of a draft, a version or a test.
pub(crate) const TAG: &str = "flows";
