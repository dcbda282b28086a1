//! Cuts a document into passages along its own structure: never through a sentence, a question or a table's row.

mod sentences;

pub use sentences::sentences;

use sha2::{Digest, Sha256};

use crate::document::{Block, BlockKind, Document, Passage, PassageKind};
use crate::language;

/// Words from which a passage is full enough to be closed.
const ENOUGH: usize = 120;
/// Words that a passage should not exceed.
const MOST: usize = 220;
/// Sections below this many words may share a passage with their siblings.
const TINY: usize = 40;
/// Tables up to this many rows stay whole.
const WHOLE_ROWS: usize = 12;
/// Rows of each part of a longer one.
const PART_ROWS: usize = 8;
/// Only text without any sentence's end, such as a dump of letters, is cut between words.
const MOST_UNBROKEN: usize = 400;

/// The passages of a document in reading order. `source_title` stands in for the heading where the document has none.
/// They do not overlap; neighbours are joined when they are found.
pub fn passages(doc: &Document, source_title: &str) -> Vec<Passage> {
    let fallback = if doc.title.trim().is_empty() { source_title.trim() } else { doc.title.trim() };
    let mut drafts = Vec::new();
    let sections = sections(&doc.blocks);
    let mut at = 0;
    while at < sections.len() {
        let joined = siblings(&sections[at..]);
        if joined > 1 {
            drafts.push(join(&sections[at..at + joined]));
        } else {
            cut(&sections[at], &mut drafts);
        }
        at += joined;
    }
    drafts
        .into_iter()
        .enumerate()
        .map(|(at, draft)| {
            let headings =
                if draft.path.is_empty() && !fallback.is_empty() { vec![fallback.to_string()] } else { draft.path };
            let language = language::detect(&draft.text).or_else(|| doc.language.clone());
            Passage {
                ordinal: u32::try_from(at).unwrap_or(u32::MAX),
                page: draft.blocks.iter().find_map(|b| b.page),
                hash: hash(&headings, &draft.text),
                headings,
                kind: draft.kind,
                text: draft.text,
                blocks: draft.blocks,
                language,
            }
        })
        .collect()
}

/// SHA-256 in hex over headings and text, with separators that neither holds.
fn hash(headings: &[String], text: &str) -> String {
    let mut sha = Sha256::new();
    for heading in headings {
        sha.update(heading.as_bytes());
        sha.update([0x1f]);
    }
    sha.update([0x1e]);
    sha.update(text.as_bytes());
    hex::encode(sha.finalize())
}

/// A heading with the blocks right below it.
struct Section<'a> {
    path: Vec<(u8, &'a str)>,
    /// The heading itself.
    head: Option<&'a Block>,
    blocks: Vec<&'a Block>,
    /// Whether headings below it follow.
    parent: bool,
}

struct Draft {
    path: Vec<String>,
    kind: PassageKind,
    text: String,
    blocks: Vec<Block>,
}

fn sections(blocks: &[Block]) -> Vec<Section<'_>> {
    let mut out: Vec<Section<'_>> = Vec::new();
    let mut path: Vec<(u8, &str)> = Vec::new();
    for block in blocks {
        if let BlockKind::Heading { level, text } = &block.kind {
            while path.last().is_some_and(|(l, _)| l >= level) {
                path.pop();
            }
            if let Some(last) = out.last_mut() {
                last.parent = last.path.len() == path.len() && !path.is_empty();
            }
            path.push((*level, text));
            out.push(Section { path: path.clone(), head: Some(block), blocks: Vec::new(), parent: false });
        } else {
            if out.is_empty() {
                out.push(Section { path: Vec::new(), head: None, blocks: Vec::new(), parent: false });
            }
            if let Some(last) = out.last_mut() {
                last.blocks.push(block);
            }
        }
    }
    out
}

fn words(text: &str) -> usize {
    // Scripts without spaces: two letters weigh about as much as a word.
    let dense = text
        .chars()
        .filter(|c| matches!(c, '\u{e00}'..='\u{e7f}' | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}'))
        .count();
    // So do letters without an end, such as long codes.
    text.split_whitespace().map(|w| (w.len() / 40).max(1)).sum::<usize>() + dense / 2
}

fn plain(block: &Block) -> Option<String> {
    match &block.kind {
        BlockKind::Paragraph { text } => Some(text.clone()),
        BlockKind::ListItem { text } => Some(format!("- {text}")),
        _ => None,
    }
}

impl Section<'_> {
    /// Its words when it is nothing but a little text.
    fn tiny(&self) -> Option<usize> {
        let sum = self.blocks.iter().map(|b| plain(b).map(|t| words(&t))).sum::<Option<usize>>()?;
        (sum < TINY && !self.parent).then_some(sum)
    }
}

/// How many sections from the first one on are tiny siblings that fit into one passage; at least 1.
fn siblings(sections: &[Section<'_>]) -> usize {
    let Some(mut sum) = sections[0].tiny() else { return 1 };
    let path = &sections[0].path;
    let Some((_, above)) = path.split_last() else { return 1 };
    let mut count = 1;
    for next in &sections[1..] {
        // A citation names one page.
        let same_page = next.head.and_then(|h| h.page) == sections[0].head.and_then(|h| h.page);
        let same_parent =
            same_page && next.path.len() == path.len() && next.path.split_last().is_some_and(|(_, a)| a == above);
        let Some(size) = next.tiny().filter(|_| same_parent) else { break };
        if sum + size + 4 * count > MOST {
            break;
        }
        sum += size;
        count += 1;
    }
    count
}

fn join(sections: &[Section<'_>]) -> Draft {
    let mut draft = Draft { path: Vec::new(), kind: PassageKind::Text, text: String::new(), blocks: Vec::new() };
    if let Some((_, above)) = sections[0].path.split_last() {
        draft.path = above.iter().map(|(_, t)| (*t).to_string()).collect();
    }
    for section in sections {
        if let Some((_, head)) = section.path.last() {
            add_line(&mut draft.text, head);
        }
        draft.blocks.extend(section.head.cloned());
        for block in &section.blocks {
            add_line(&mut draft.text, &plain(block).unwrap_or_default());
            draft.blocks.push((*block).clone());
        }
    }
    draft
}

fn add_line(text: &mut String, line: &str) {
    if !text.is_empty() {
        text.push('\n');
    }
    text.push_str(line);
}

/// Text that is gathered until it fills a passage.
#[derive(Default)]
struct Open {
    text: String,
    words: usize,
    blocks: Vec<Block>,
}

fn cut(section: &Section<'_>, out: &mut Vec<Draft>) {
    let path: Vec<String> = section.path.iter().map(|(_, t)| (*t).to_string()).collect();
    let first = out.len();
    let close = |open: &mut Open, out: &mut Vec<Draft>| {
        let Open { text, words: count, blocks } = std::mem::take(open);
        if text.is_empty() {
            return;
        }
        // A short rest goes with what came before it in the same section.
        if count < TINY
            && out.len() > first
            && let Some(last) = out.last_mut()
            && last.kind == PassageKind::Text
            && words(&last.text) + count <= MOST + TINY
        {
            add_line(&mut last.text, &text);
            last.blocks.extend(blocks);
            return;
        }
        out.push(Draft { path: path.clone(), kind: PassageKind::Text, text, blocks });
    };
    let mut open = Open::default();
    for block in &section.blocks {
        match &block.kind {
            BlockKind::Pair { question, answer } => {
                close(&mut open, out);
                let text = format!("{question}\n{answer}");
                out.push(Draft { path: path.clone(), kind: PassageKind::Pair, text, blocks: vec![(*block).clone()] });
            }
            BlockKind::Table { .. } => {
                // A line that introduces the table belongs to it.
                let intro = if open.words < TINY { std::mem::take(&mut open) } else { Open::default() };
                close(&mut open, out);
                table(block, intro, &path, out);
            }
            _ => {
                for piece in pieces(block) {
                    let text = plain(&piece).unwrap_or_default();
                    let count = words(&text);
                    if open.words > 0 && open.words + count > MOST {
                        close(&mut open, out);
                    }
                    add_line(&mut open.text, &text);
                    open.words += count;
                    open.blocks.push(piece);
                    // A list stays with the line before it for as long as it fits.
                    if open.words >= ENOUGH && !matches!(block.kind, BlockKind::ListItem { .. }) && !text.ends_with(':')
                    {
                        close(&mut open, out);
                    }
                }
            }
        }
    }
    close(&mut open, out);
    // A heading with nothing below it and no section under it is text itself.
    if out.len() == first
        && !section.parent
        && let (Some(head), Some((text, above))) = (section.head, path.split_last())
    {
        out.push(Draft {
            path: above.to_vec(),
            kind: PassageKind::Text,
            text: text.clone(),
            blocks: vec![head.clone()],
        });
    }
}

/// A paragraph in parts of whole sentences, each no longer than a passage.
fn pieces(block: &Block) -> Vec<Block> {
    let (text, item) = match &block.kind {
        BlockKind::Paragraph { text } => (text, false),
        BlockKind::ListItem { text } => (text, true),
        _ => return Vec::new(),
    };
    if words(text) <= MOST {
        return vec![block.clone()];
    }
    let mut parts: Vec<String> = Vec::new();
    let mut size = 0;
    for sentence in sentences(text).into_iter().flat_map(unbroken) {
        let count = words(sentence);
        match parts.last_mut() {
            Some(last) if size + count <= MOST * 4 / 5 => {
                last.push(' ');
                last.push_str(sentence);
                size += count;
            }
            _ => {
                parts.push(sentence.to_string());
                size = count;
            }
        }
    }
    let kind = |text: String, first: bool| {
        if item && first { BlockKind::ListItem { text } } else { BlockKind::Paragraph { text } }
    };
    parts.into_iter().enumerate().map(|(i, text)| Block { page: block.page, kind: kind(text, i == 0) }).collect()
}

fn unbroken(sentence: &str) -> Vec<&str> {
    if words(sentence) <= MOST_UNBROKEN {
        return vec![sentence];
    }
    let mut out = Vec::new();
    let (mut start, mut count) = (0, 0);
    for (at, c) in sentence.char_indices() {
        // Letters without spaces are cut too, well beyond what any word or address needs.
        if (c.is_whitespace() && count >= MOST) || at - start > MOST * 12 {
            out.push(sentence[start..at].trim());
            (start, count) = (at, 0);
        }
        if c.is_whitespace() {
            count += 1;
        }
    }
    out.push(sentence[start..].trim());
    out.retain(|s| !s.is_empty());
    out
}

/// A row as it is shown and searched: `Header: cell; Header: cell`.
fn row_line(header: &[String], row: &[String]) -> String {
    let filled = || row.iter().enumerate().filter(|(_, c)| !c.is_empty());
    if header.is_empty() {
        let cells: Vec<&str> = filled().map(|(_, c)| c.as_str()).collect();
        return if row.len() == 2 { cells.join(": ") } else { cells.join("; ") };
    }
    filled()
        .map(|(x, cell)| match header.get(x).filter(|h| !h.is_empty()) {
            Some(head) => format!("{head}: {cell}"),
            None => cell.clone(),
        })
        .collect::<Vec<_>>()
        .join("; ")
}

fn table(block: &Block, intro: Open, path: &[String], out: &mut Vec<Draft>) {
    let BlockKind::Table { caption, header, rows } = &block.kind else { return };
    let lines: Vec<String> = rows.iter().map(|r| row_line(header, r)).collect();
    let sizes: Vec<usize> = lines.iter().map(|l| words(l)).collect();
    let whole = rows.len() <= WHOLE_ROWS && sizes.iter().sum::<usize>() <= 2 * MOST;
    let parts = rows.len().div_ceil(PART_ROWS).max(1);
    let target = if whole { rows.len() } else { rows.len().div_ceil(parts) };
    let mut intro = Some(intro);
    let mut at = 0;
    while at < rows.len() {
        let (mut end, mut size) = (at, 0);
        while end < rows.len() && end - at < target && (end == at || whole || size + sizes[end] <= 2 * MOST) {
            size += sizes[end];
            end += 1;
        }
        let Open { mut text, mut blocks, .. } = intro.take().unwrap_or_default();
        if let Some(caption) = caption {
            add_line(&mut text, caption);
        }
        for line in &lines[at..end] {
            add_line(&mut text, line);
        }
        let kind = BlockKind::Table { caption: caption.clone(), header: header.clone(), rows: rows[at..end].to_vec() };
        blocks.push(Block { page: block.page, kind });
        out.push(Draft { path: path.to_vec(), kind: PassageKind::Table, text, blocks });
        at = end;
    }
}

#[cfg(test)]
mod tests;
