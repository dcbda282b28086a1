//! Looking at a full-text index on the disk without opening it for work: nothing is made, mended or removed.

use std::path::Path;

use super::text::VERSION;

/// How an index on the disk is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// None, or one that another version of the program made.
    Nothing,
    Whole,
    /// It cannot be read, or its checksums differ.
    Damaged,
}

/// Reads the newest index in `folder` and compares its checksums. Blocking.
pub fn look(folder: &Path) -> Found {
    let entries = std::fs::read_dir(folder).into_iter().flatten().filter_map(|entry| entry.ok().map(|e| e.path()));
    let newest = entries.filter(|p| p.file_name().is_some_and(|n| n.to_string_lossy().starts_with(VERSION))).max();
    let Some(path) = newest else { return Found::Nothing };
    match tantivy::Index::open_in_dir(path).and_then(|index| index.validate_checksum()) {
        Ok(damaged) if damaged.is_empty() => Found::Whole,
        _ => Found::Damaged,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::text::{Entry, TextIndex};

    #[test]
    fn a_damaged_index_is_seen_and_left_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(look(folder.path()), Found::Nothing);
        assert_eq!(look(&folder.path().join("missing")), Found::Nothing);
        let index = TextIndex::open(folder.path()).unwrap();
        let mut entries =
            vec![vec![Entry { key: 1, headings: String::new(), text: "Open on Sunday".into(), language: None }]];
        index.apply(&[], || Ok(entries.pop().unwrap_or_default()), 1).unwrap();
        assert_eq!(look(folder.path()), Found::Whole);
        drop(index);
        let inside = std::fs::read_dir(folder.path()).unwrap().next().unwrap().unwrap().path();
        let files = || -> Vec<_> { std::fs::read_dir(&inside).unwrap().map(|f| f.unwrap().path()).collect() };
        let before = files().len();
        let store = files().into_iter().find(|f| f.extension().is_some_and(|e| e == "store")).unwrap();
        let mut bytes = std::fs::read(&store).unwrap();
        bytes[0] ^= 0xff;
        std::fs::write(&store, bytes).unwrap();
        assert_eq!(look(folder.path()), Found::Damaged);
        assert_eq!(files().len(), before);
    }
}
