//! The tokenizer of the XLM-RoBERTa family: the most likely split of a text into pieces of a vocabulary with scores.
//!
//! The general tokenizer library holds this vocabulary of 250,000 pieces in maps and a trie of well over 100 MB and takes
//! a second to build them. Here it is one text with offsets, a hash table of numbers and a filter of known beginnings: 8 MB.

use base::{Error, Result};

/// The mark that stands for a space.
const SPACE: char = '\u{2581}';
/// Bits of the filter of beginnings, as a power of two; about seven in a hundred questions pass it in vain.
const FILTER_BITS: u32 = 23;
const FNV_START: u64 = 0xcbf2_9ce4_8422_2325;

pub(super) struct Unigram {
    /// All pieces' bytes, one after the other.
    pieces: Vec<u8>,
    /// Where each piece starts, and the end of the last.
    starts: Vec<u32>,
    scores: Vec<f32>,
    /// Open addressing: a piece's number plus one, or zero.
    table: Vec<u32>,
    filter: Vec<u64>,
    longest_bytes: usize,
    unknown: u32,
    unknown_score: f32,
    /// Characters that are written differently, sorted, with the range of their replacement.
    changes: Vec<(char, u32, u32)>,
    replacements: Vec<char>,
}

/// The vocabulary as a model file holds it.
pub(super) struct Vocabulary {
    pub pieces: Vec<u8>,
    pub starts: Vec<u32>,
    pub scores: Vec<f32>,
    pub unknown: u32,
    /// Each character that normalisation changes, with what it becomes.
    pub changes: Vec<(u32, Vec<u32>)>,
}

impl Unigram {
    pub(super) fn new(vocabulary: Vocabulary) -> Result<Self> {
        let Vocabulary { pieces, starts, scores, unknown, changes } = vocabulary;
        let damaged = || Error::unsupported("The model file's vocabulary is damaged. Download the model again.");
        let ordered = starts.windows(2).all(|w| w[0] <= w[1]);
        let ends = starts.last().copied() == Some(pieces.len() as u32) && starts.first() == Some(&0);
        if starts.len() != scores.len() + 1 || !ordered || !ends || unknown as usize >= scores.len() {
            return Err(damaged());
        }
        let lowest = scores.iter().copied().fold(f32::MAX, f32::min);
        let mut new = Self {
            table: vec![0; (scores.len() * 2).next_power_of_two()],
            filter: vec![0; (1usize << FILTER_BITS) / 64],
            longest_bytes: 1,
            unknown,
            // As sentencepiece does: an unknown character costs ten more than the least likely piece.
            unknown_score: lowest - 10.0,
            changes: Vec::with_capacity(changes.len()),
            replacements: Vec::new(),
            pieces,
            starts,
            scores,
        };
        for piece in 0..new.scores.len() {
            new.add(piece);
        }
        for (from, to) in changes {
            let from = char::from_u32(from).ok_or_else(damaged)?;
            let start = new.replacements.len() as u32;
            for c in to {
                new.replacements.push(char::from_u32(c).ok_or_else(damaged)?);
            }
            new.changes.push((from, start, new.replacements.len() as u32));
        }
        new.changes.sort_unstable_by_key(|c| c.0);
        Ok(new)
    }

    fn bytes(&self, piece: usize) -> &[u8] {
        &self.pieces[self.starts[piece] as usize..self.starts[piece + 1] as usize]
    }

    fn add(&mut self, piece: usize) {
        let (from, to) = (self.starts[piece] as usize, self.starts[piece + 1] as usize);
        if from == to {
            return;
        }
        self.longest_bytes = self.longest_bytes.max(to - from);
        let mut hash = FNV_START;
        for i in from..to {
            hash = fnv(hash, self.pieces[i]);
            // Only whole characters are asked for.
            if i + 1 == to || self.pieces[i + 1] & 0xc0 != 0x80 {
                let bit = filter_bit(hash);
                self.filter[bit / 64] |= 1 << (bit % 64);
            }
        }
        let mut slot = self.slot(hash);
        while self.table[slot] != 0 {
            slot = (slot + 1) & (self.table.len() - 1);
        }
        self.table[slot] = piece as u32 + 1;
    }

    fn slot(&self, hash: u64) -> usize {
        (hash ^ (hash >> 29)) as usize & (self.table.len() - 1)
    }

    fn find(&self, hash: u64, bytes: &[u8]) -> Option<u32> {
        let mut slot = self.slot(hash);
        loop {
            let piece = self.table[slot].checked_sub(1)?;
            if self.bytes(piece as usize) == bytes {
                return Some(piece);
            }
            slot = (slot + 1) & (self.table.len() - 1);
        }
    }

    /// The text as the vocabulary spells it: characters unified, spaces single and marked, one at the start.
    fn normalised(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len() + text.len() / 4 + 3);
        let mut push = |c: char| {
            if c != ' ' {
                if out.is_empty() {
                    out.push(SPACE);
                }
                out.push(c);
            } else if !out.ends_with(SPACE) {
                out.push(SPACE);
            }
        };
        for c in text.chars() {
            match self.changes.binary_search_by_key(&c, |change| change.0) {
                Ok(at) => {
                    let (_, from, to) = self.changes[at];
                    self.replacements[from as usize..to as usize].iter().copied().for_each(&mut push);
                }
                Err(_) => push(c),
            }
        }
        out
    }

    /// The pieces' numbers, without special tokens. Time and memory grow with the text's length only.
    pub(super) fn encode(&self, text: &str) -> Vec<u32> {
        let text = self.normalised(text);
        let bytes = text.as_bytes();
        // For each byte position: the best score up to here, and the piece and start that led here.
        let mut best = vec![(f32::NEG_INFINITY, 0u32, 0u32); bytes.len() + 1];
        best[0].0 = 0.0;
        for (from, c) in text.char_indices() {
            let so_far = best[from].0;
            let mut hash = FNV_START;
            let end = bytes.len().min(from + self.longest_bytes);
            for to in from + 1..=end {
                hash = fnv(hash, bytes[to - 1]);
                if !text.is_char_boundary(to) {
                    continue;
                }
                let bit = filter_bit(hash);
                if self.filter[bit / 64] & (1 << (bit % 64)) == 0 {
                    break;
                }
                if let Some(piece) = self.find(hash, &bytes[from..to])
                    && piece != self.unknown
                {
                    let score = so_far + self.scores[piece as usize];
                    if score > best[to].0 {
                        best[to] = (score, piece, from as u32);
                    }
                }
            }
            let to = from + c.len_utf8();
            let score = so_far + self.unknown_score;
            if score > best[to].0 {
                best[to] = (score, self.unknown, from as u32);
            }
        }
        let mut out = Vec::new();
        let mut at = bytes.len();
        while at > 0 {
            let (_, piece, from) = best[at];
            out.push(piece);
            at = from as usize;
        }
        out.reverse();
        out
    }

    pub(super) fn memory_bytes(&self) -> usize {
        self.pieces.len()
            + (self.starts.len() + self.scores.len() + self.table.len() + self.replacements.len()) * 4
            + self.filter.len() * 8
            + self.changes.len() * size_of::<(char, u32, u32)>()
    }
}

fn fnv(hash: u64, byte: u8) -> u64 {
    (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
}

fn filter_bit(hash: u64) -> usize {
    ((hash ^ (hash >> 32)) as usize) & ((1 << FILTER_BITS) - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn small() -> Unigram {
        let words = ["<unk>", "\u{2581}", "\u{2581}he", "llo", "\u{2581}hello", "l", "o", "é", "h", "e"];
        let scores = [0.0, -2.0, -3.0, -3.0, -4.0, -5.0, -5.0, -6.0, -6.0, -6.0];
        let mut starts = vec![0];
        let mut pieces = Vec::new();
        for word in words {
            pieces.extend_from_slice(word.as_bytes());
            starts.push(pieces.len() as u32);
        }
        let changes = vec![('\n' as u32, vec![' ' as u32]), ('Ｈ' as u32, vec!['h' as u32]), (0x200b, vec![])];
        Unigram::new(Vocabulary { pieces, starts, scores: scores.to_vec(), unknown: 0, changes }).unwrap()
    }

    #[test]
    fn the_likeliest_split_wins_and_unknown_characters_are_kept_apart() {
        for (text, want) in [
            ("hello", vec![4]),
            ("  hello \n hello", vec![4, 4]),
            ("Ｈello", vec![4]),
            ("he\u{200b}llo", vec![4]),
            ("hellé", vec![2, 5, 5, 7]),
            ("日本", vec![1, 0, 0]),
            ("", vec![]),
        ] {
            assert_eq!(small().encode(text), want, "{text:?}");
        }
    }

    #[test]
    fn a_damaged_vocabulary_is_refused() {
        let bad = |starts: Vec<u32>, scores: Vec<f32>, unknown| {
            Unigram::new(Vocabulary { pieces: vec![b'a'; 4], starts, scores, unknown, changes: vec![] }).is_err()
        };
        assert!(bad(vec![0, 9], vec![0.0], 0));
        assert!(bad(vec![0, 3, 1, 4], vec![0.0; 3], 0));
        assert!(bad(vec![0, 4], vec![0.0], 7));
        assert!(bad(vec![], vec![], 0));
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_split_without_a_panic(text in "\\PC{0,60}") {
            let _ = small().encode(&text);
        }
    }
}
