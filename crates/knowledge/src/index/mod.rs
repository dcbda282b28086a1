//! Full text and vectors over the passages of a workspace.

mod small_words;
pub(crate) mod spelling;
pub(crate) mod store;
pub mod text;
pub mod vector;
pub mod words;
