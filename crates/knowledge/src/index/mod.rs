//! Full text and vectors over the passages of a workspace.

pub mod look;
pub(crate) mod signs;
mod small_words;
pub(crate) mod spelling;
pub(crate) mod store;
pub mod text;
pub mod vector;
pub mod words;
