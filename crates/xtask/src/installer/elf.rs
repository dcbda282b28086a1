//! Which C library a program was built against, so that a package is not installed where the program could not start.

use std::path::Path;

use anyhow::{Context, Result};

/// The newest version of the C library that `program` names among what it needs.
pub(crate) fn c_library(program: &Path) -> Result<(u32, u32)> {
    let bytes = std::fs::read(program).with_context(|| format!("{} cannot be read", program.display()))?;
    newest(&bytes).with_context(|| format!("{} names no C library", program.display()))
}

/// Versions stand in the table of names as `GLIBC_2.34`, each ended by a zero.
fn newest(bytes: &[u8]) -> Option<(u32, u32)> {
    const MARK: &[u8] = b"GLIBC_";
    let found = bytes.windows(MARK.len()).enumerate().filter(|(_, window)| *window == MARK);
    found.filter_map(|(at, _)| version(&bytes[at + MARK.len()..])).max()
}

fn version(text: &[u8]) -> Option<(u32, u32)> {
    let end = text.iter().take(16).position(|byte| *byte == 0)?;
    let mut numbers = std::str::from_utf8(&text[..end]).ok()?.split('.').map(|part| part.parse().ok());
    let version = (numbers.next()??, numbers.next()??);
    // A third number exists in old names such as 2.2.5.
    numbers.all(|number| number.is_some()).then_some(version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_version_counts_and_what_is_none_does_not() {
        for (bytes, expected) in [
            (&b"\0GLIBC_2.2.5\0GLIBC_2.34\0GLIBC_2.9\0"[..], Some((2, 34))),
            (b"GLIBC_PRIVATE\0GLIBC_2.17\0", Some((2, 17))),
            (b"GLIBC_2.99 is what a sentence says", None),
            (b"GLIBC_2.", None),
            (b"", None),
        ] {
            assert_eq!(newest(bytes), expected, "{}", String::from_utf8_lossy(bytes));
        }
    }
}
