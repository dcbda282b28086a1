//! The signs of all vectors in memory, for the coarse pass: read from the database after a change, 56 bytes a vector.

use base::Result;
use rusqlite::Connection;

use super::store;
use super::vector::DIMENSIONS;

const BYTES: usize = DIMENSIONS / 8;
const WORDS: usize = BYTES / 8;

/// Keys with their signs.
#[derive(Default)]
struct Table {
    keys: Vec<i64>,
    signs: Vec<[u64; WORDS]>,
}

/// What a coarse pass looks through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Of {
    Units,
    Passages,
}

/// The signs of all units and of all passages.
pub(crate) struct Signs {
    units: Table,
    passages: Table,
}

impl Signs {
    /// Reads them all: some milliseconds for ten thousand.
    pub(crate) fn read(c: &Connection) -> Result<Self> {
        Ok(Signs { units: Table::read(c, Of::Units)?, passages: Table::read(c, Of::Passages)? })
    }

    /// The keys of the `k` nearest by how many signs differ, nearest first; the older one of two that are as near.
    pub(crate) fn nearest(&self, of: Of, bits: &[u8], k: usize) -> Vec<i64> {
        let table = match of {
            Of::Units => &self.units,
            Of::Passages => &self.passages,
        };
        words(bits).map_or_else(Vec::new, |query| table.nearest(&query, k))
    }
}

fn words(bits: &[u8]) -> Option<[u64; WORDS]> {
    let bytes: &[u8; BYTES] = bits.try_into().ok()?;
    let mut out = [0; WORDS];
    out.iter_mut().zip(bytes.as_chunks::<8>().0).for_each(|(word, bytes)| *word = u64::from_le_bytes(*bytes));
    Some(out)
}

impl Table {
    fn read(c: &Connection, of: Of) -> Result<Self> {
        let mut table = Table::default();
        store::each_signs(c, of, |key, bits| {
            if let Some(signs) = words(bits) {
                table.keys.push(key);
                table.signs.push(signs);
            }
        })?;
        Ok(table)
    }

    fn nearest(&self, query: &[u64; WORDS], k: usize) -> Vec<i64> {
        let apart = |signs: &[u64; WORDS]| signs.iter().zip(query).map(|(a, b)| (a ^ b).count_ones()).sum::<u32>();
        let mut counts = [0usize; DIMENSIONS + 1];
        let distances: Vec<u16> = self.signs.iter().map(|s| apart(s) as u16).collect();
        distances.iter().for_each(|d| counts[usize::from(*d)] += 1);
        // The distance up to which there are enough.
        let mut enough = 0;
        let mut seen = 0;
        for (distance, count) in counts.iter().enumerate() {
            seen += count;
            enough = distance;
            if seen >= k {
                break;
            }
        }
        let mut found: Vec<(u16, i64)> = distances
            .iter()
            .zip(&self.keys)
            .filter(|(d, _)| usize::from(**d) <= enough)
            .map(|(d, key)| (*d, *key))
            .collect();
        found.sort_unstable();
        found.truncate(k);
        found.into_iter().map(|(_, key)| key).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn the_nearest_are_found_as_by_sorting_all(
            rows in proptest::collection::vec(proptest::array::uniform6(0u64..), 0..60), query in proptest::array::uniform6(0u64..), k in 0usize..70
        ) {
            let table = Table { keys: (0..rows.len() as i64).collect(), signs: rows.clone() };
            let mut all: Vec<(u32, i64)> = rows
                .iter()
                .enumerate()
                .map(|(i, r)| (r.iter().zip(&query).map(|(a, b)| (a ^ b).count_ones()).sum(), i as i64))
                .collect();
            all.sort_unstable();
            let expected: Vec<i64> = all.into_iter().take(k).map(|(_, key)| key).collect();
            proptest::prop_assert_eq!(table.nearest(&query, k), expected);
        }
    }
}
