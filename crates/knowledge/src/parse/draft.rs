//! A document while it is being read: gathers blocks, then finds questions with answers, title and language.

use std::collections::HashSet;

use base::{Error, Result};
use unicode_normalization::UnicodeNormalization;

use super::{MAX_CHARS, shape, table};
use crate::document::{Block, BlockKind, Document};

/// Answers longer than this many words stay a section, which the chunker cuts.
const MAX_ANSWER_WORDS: usize = 350;

#[derive(Default)]
pub(super) struct Draft {
    pub(super) title: String,
    /// Declared by the document; only used when detection is unsure.
    pub(super) language: Option<String>,
    pub(super) pages: u32,
    blocks: Vec<Block>,
    /// Positions of headings that only look like one (a bold or short line).
    weak: HashSet<usize>,
    page: Option<u32>,
    /// Of the last real heading.
    level: u8,
    chars: usize,
}

impl Draft {
    pub(super) fn new() -> Self {
        Self { pages: 1, ..Self::default() }
    }

    /// Page, slide or sheet that the following blocks are on.
    pub(super) fn on_page(&mut self, page: u32) {
        self.page = Some(page);
    }

    pub(super) fn heading(&mut self, level: u8, text: &str) {
        let text = fold(text);
        if !text.is_empty() {
            self.level = level.clamp(1, 6);
            self.push(BlockKind::Heading { level: self.level, text });
        }
    }

    /// A line that looks like a heading; it becomes a paragraph when nothing follows under it.
    pub(super) fn weak_heading(&mut self, text: &str) {
        let text = fold(text);
        if !text.is_empty() {
            self.weak.insert(self.blocks.len());
            self.push(BlockKind::Heading { level: (self.level + 1).clamp(2, 6), text });
        }
    }

    pub(super) fn paragraph(&mut self, text: &str) {
        let text = fold(text);
        if !text.is_empty() {
            self.push(BlockKind::Paragraph { text });
        }
    }

    pub(super) fn item(&mut self, text: &str) {
        let text = fold(text);
        if !text.is_empty() {
            self.push(BlockKind::ListItem { text });
        }
    }

    pub(super) fn pair(&mut self, question: &str, answer: &str) {
        self.push(BlockKind::Pair { question: fold(question), answer: fold(answer) });
    }

    /// A table as it lies there; header and caption are found.
    pub(super) fn table(&mut self, rows: Vec<table::Row>, caption: Option<String>) {
        for kind in table::blocks(rows, caption) {
            self.push(kind);
        }
    }

    /// All of it as one text, for what sits inside of a table's cell.
    pub(super) fn into_text(self) -> String {
        let mut parts: Vec<String> = Vec::new();
        for block in self.blocks {
            match block.kind {
                BlockKind::Heading { text, .. } | BlockKind::Paragraph { text } | BlockKind::ListItem { text } => {
                    parts.push(text)
                }
                BlockKind::Table { caption, header, rows } => {
                    parts.extend(caption);
                    let lines = std::iter::once(header).chain(rows).filter(|r| !r.is_empty());
                    let line =
                        |row: Vec<String>| row.into_iter().filter(|c| !c.is_empty()).collect::<Vec<_>>().join(" ");
                    parts.push(lines.map(line).collect::<Vec<_>>().join("; "));
                }
                BlockKind::Pair { question, answer } => parts.push(format!("{question} {answer}")),
            }
        }
        // "One to one: 30 minutes": a part that ends openly goes on, others are set apart.
        let mut out = String::new();
        for part in parts {
            if !out.is_empty() {
                out.push_str(if shape::ends_sentence(&out) { " " } else { "; " });
            }
            out.push_str(&part);
        }
        out
    }

    fn push(&mut self, kind: BlockKind) {
        if self.chars > MAX_CHARS {
            return;
        }
        self.chars += chars(&kind);
        self.blocks.push(Block { page: self.page, kind });
    }

    pub(super) fn finish(mut self) -> Result<Document> {
        if self.chars > MAX_CHARS {
            return Err(Error::too_large(
                "This document holds more than 2 million letters, about 800 pages. Split it into smaller files.",
            ));
        }
        self.demote_lonely_headings();
        let mut blocks = join_tables(self.blocks);
        blocks = question_tables(blocks);
        blocks = labelled_pairs(blocks);
        blocks = heading_pairs(blocks);
        if !blocks.iter().any(|b| has_words(&b.kind)) {
            return Err(Error::invalid("This file holds no text. Check that it is the right one."));
        }
        let first_heading = blocks.iter().take(3).find_map(|b| match &b.kind {
            BlockKind::Heading { text, .. } => Some(text.clone()),
            _ => None,
        });
        let title = if self.title.is_empty() { first_heading.unwrap_or_default() } else { fold(&self.title) };
        let language = crate::language::detect(&sample(&blocks)).or(self.language);
        Ok(Document { title, language, pages: self.pages.max(1), blocks })
    }

    fn demote_lonely_headings(&mut self) {
        for at in 0..self.blocks.len() {
            let followed = self
                .blocks
                .get(at + 1)
                .is_some_and(|next| !matches!(next.kind, BlockKind::Heading { .. }) || self.weak.contains(&(at + 1)));
            if self.weak.contains(&at)
                && !followed
                && let BlockKind::Heading { text, .. } = &mut self.blocks[at].kind
            {
                let text = std::mem::take(text);
                self.blocks[at].kind = BlockKind::Paragraph { text };
            }
        }
    }
}

/// White space folded, invisible characters dropped, letters composed. Joiners stay: Hindi and Persian need them.
pub(super) fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut space = false;
    let mut add = |c: char| match c {
        '\u{ad}'
        | '\u{200b}'
        | '\u{200e}'
        | '\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{2069}'
        | '\u{feff}' => {}
        c if c.is_whitespace() || c.is_control() => space = true,
        c => {
            if space && !out.is_empty() {
                out.push(' ');
            }
            space = false;
            out.push(c);
        }
    };
    if text.is_ascii() {
        text.chars().for_each(&mut add)
    } else {
        text.nfc().for_each(&mut add)
    }
    out
}

fn chars(kind: &BlockKind) -> usize {
    match kind {
        BlockKind::Heading { text, .. } | BlockKind::Paragraph { text } | BlockKind::ListItem { text } => text.len(),
        BlockKind::Table { header, rows, .. } => {
            header.iter().chain(rows.iter().flatten()).map(|c| c.len() + 1).sum::<usize>()
        }
        BlockKind::Pair { question, answer } => question.len() + answer.len(),
    }
}

fn has_words(kind: &BlockKind) -> bool {
    let words = |t: &String| t.chars().any(char::is_alphanumeric);
    match kind {
        BlockKind::Heading { text, .. } | BlockKind::Paragraph { text } | BlockKind::ListItem { text } => words(text),
        BlockKind::Table { header, rows, .. } => header.iter().chain(rows.iter().flatten()).any(words),
        BlockKind::Pair { question, answer } => words(question) || words(answer),
    }
}

/// Enough text to tell the language by, taken evenly so that a foreign foreword does not decide.
fn sample(blocks: &[Block]) -> String {
    let step = blocks.len().div_ceil(200).max(1);
    let mut out = String::new();
    for block in blocks.iter().step_by(step) {
        match &block.kind {
            BlockKind::Heading { text, .. } | BlockKind::Paragraph { text } | BlockKind::ListItem { text } => {
                out.extend(text.chars().take(400));
            }
            BlockKind::Table { header, rows, .. } => {
                for cell in header.iter().chain(rows.iter().take(20).flatten()) {
                    out.extend(cell.chars().take(80));
                    out.push(' ');
                }
            }
            BlockKind::Pair { question, answer } => {
                out.push_str(question);
                out.push(' ');
                out.extend(answer.chars().take(400));
            }
        }
        out.push('\n');
        if out.len() > 20_000 {
            break;
        }
    }
    out
}

/// A table that goes on over the next page is one table, its repeated header left out.
fn join_tables(blocks: Vec<Block>) -> Vec<Block> {
    let mut out: Vec<Block> = Vec::with_capacity(blocks.len());
    for block in blocks {
        if let (Some(last), BlockKind::Table { caption, header, rows }) = (out.last_mut(), &block.kind)
            && last.page.is_some()
            && last.page != block.page
            && let BlockKind::Table { caption: above, header: head, rows: body } = &mut last.kind
            && body.first().map(Vec::len) == rows.first().map(Vec::len)
            && (caption.is_none() || caption == above)
            && (header.is_empty() || header == head)
        {
            body.extend(rows.iter().filter(|r| *r != head).cloned());
            continue;
        }
        out.push(block);
    }
    out
}

/// A table of two columns whose first one asks is a list of questions with answers.
fn question_tables(blocks: Vec<Block>) -> Vec<Block> {
    let mut out = Vec::with_capacity(blocks.len());
    for block in blocks {
        let BlockKind::Table { header, rows, .. } = &block.kind else {
            out.push(block);
            continue;
        };
        // "Question | Answer" itself, where it was not seen to be the header.
        let titles =
            usize::from(header.is_empty() && rows.first().is_some_and(|r| !r.is_empty() && !shape::asks(&r[0])));
        let rows = &rows[titles..];
        let asks = rows.iter().filter(|r| r.len() == 2 && shape::asks(&r[0]) && !r[1].is_empty()).count();
        if asks < 2 || asks * 5 < rows.len() * 4 || rows.iter().any(|r| r.len() != 2) {
            out.push(block);
            continue;
        }
        let page = block.page;
        let BlockKind::Table { caption, rows, .. } = block.kind else { continue };
        if let Some(text) = caption {
            out.push(Block { page, kind: BlockKind::Paragraph { text } });
        }
        for row in rows.into_iter().skip(titles) {
            let mut cells = row.into_iter();
            let (question, answer) = (cells.next().unwrap_or_default(), cells.next().unwrap_or_default());
            out.push(Block { page, kind: BlockKind::Pair { question, answer } });
        }
    }
    out
}

/// "Q: … A: …" in one or two paragraphs.
fn labelled_pairs(blocks: Vec<Block>) -> Vec<Block> {
    let mut out: Vec<Block> = Vec::with_capacity(blocks.len());
    // The question that waits for its answer, and where it stands.
    let mut asked: Option<(String, usize)> = None;
    for block in blocks {
        let text = match &block.kind {
            BlockKind::Paragraph { text } | BlockKind::ListItem { text } => text.as_str(),
            BlockKind::Heading { text, .. } if shape::question_label(text).is_some() => text.as_str(),
            _ => {
                asked = None;
                out.push(block);
                continue;
            }
        };
        if let Some(rest) = shape::question_label(text) {
            if let Some((question, answer)) = shape::split_answer(rest) {
                out.push(Block { page: block.page, kind: BlockKind::Pair { question, answer } });
                asked = None;
            } else {
                asked = Some((rest.to_string(), out.len()));
                out.push(block);
            }
        } else if let (Some(answer), Some((question, at))) = (shape::answer_label(text), asked.take()) {
            let answer = answer.to_string();
            out.truncate(at);
            out.push(Block { page: block.page, kind: BlockKind::Pair { question, answer } });
        } else {
            out.push(block);
        }
    }
    out
}

/// A heading that asks, with nothing but text below it, is a question with its answer.
fn heading_pairs(blocks: Vec<Block>) -> Vec<Block> {
    let mut out: Vec<Block> = Vec::with_capacity(blocks.len());
    // The headings that are open in `out`, topmost first.
    let mut open: Vec<(u8, Block)> = Vec::new();
    let mut at = 0;
    while at < blocks.len() {
        let heading = match &blocks[at].kind {
            BlockKind::Heading { level, text } => Some((*level, text)),
            _ => None,
        };
        let before = open.len();
        if let Some((level, _)) = heading {
            open.retain(|(l, _)| *l < level);
        }
        if let Some((level, text)) = heading
            && shape::asks(text)
            && let Some((answer, next)) = answer_below(&blocks, at + 1, level)
        {
            // A pair has no level. Below a section that the question ended, say again which one it belongs to.
            if open.len() < before {
                match open.last() {
                    Some((_, above)) => out.push(above.clone()),
                    None => {
                        out.push(blocks[at].clone());
                        open.push((level, blocks[at].clone()));
                    }
                }
            }
            let question = shape::without_number(text).to_string();
            out.push(Block { page: blocks[at].page, kind: BlockKind::Pair { question, answer } });
            at = next;
        } else {
            open.extend(heading.map(|(level, _)| (level, blocks[at].clone())));
            out.push(blocks[at].clone());
            at += 1;
        }
    }
    out
}

/// The text below a heading and the position after it; nothing when there is a table, a deeper heading, or too much.
fn answer_below(blocks: &[Block], from: usize, level: u8) -> Option<(String, usize)> {
    let mut lines: Vec<String> = Vec::new();
    let mut at = from;
    while let Some(block) = blocks.get(at) {
        match &block.kind {
            BlockKind::Paragraph { text } => lines.push(text.clone()),
            BlockKind::ListItem { text } => lines.push(format!("- {text}")),
            BlockKind::Heading { level: next, .. } if *next <= level => break,
            BlockKind::Pair { .. } => break,
            // Questions as bold lines below one that is a real heading.
            BlockKind::Heading { text, .. } if level >= 2 && shape::asks(text) => break,
            BlockKind::Heading { .. } | BlockKind::Table { .. } => return None,
        }
        at += 1;
    }
    let words: usize = lines.iter().map(|l| l.split_whitespace().count()).sum();
    (words > 0 && words <= MAX_ANSWER_WORDS).then(|| (lines.join("\n"), at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_with_answers_are_found_in_each_of_their_shapes() {
        let mut draft = Draft::new();
        draft.heading(1, "Help");
        draft.heading(2, "1. Do you deliver?");
        draft.paragraph("Yes, every day.");
        draft.item("not on Sunday");
        draft.weak_heading("Can I pay by card?");
        draft.paragraph("Of course.");
        draft.heading(2, "Why us?");
        draft.heading(3, "We are near");
        draft.paragraph("Very.");
        draft.paragraph("Q: Is it far? A: No.");
        draft.paragraph("Question: How far?");
        draft.paragraph("Answer: A mile.");
        let rows = [["Question", "Answer"], ["When?", "Now."], ["Where?", "Here."]];
        draft.table(rows.map(|r| r.map(table::Cell::plain).to_vec()).to_vec(), None);
        let pairs: Vec<(String, String)> = draft
            .finish()
            .unwrap()
            .blocks
            .into_iter()
            .filter_map(|b| match b.kind {
                BlockKind::Pair { question, answer } => Some((question, answer)),
                _ => None,
            })
            .collect();
        let expected = [
            ("Do you deliver?", "Yes, every day.\n- not on Sunday"),
            ("Can I pay by card?", "Of course."),
            ("Is it far?", "No."),
            ("How far?", "A mile."),
            ("When?", "Now."),
            ("Where?", "Here."),
        ];
        assert_eq!(pairs, expected.map(|(q, a)| (q.to_string(), a.to_string())));
    }

    #[test]
    fn a_question_after_another_section_does_not_fall_under_it() {
        let mut draft = Draft::new();
        draft.heading(1, "Shop");
        draft.heading(2, "Terms");
        draft.paragraph("Many.");
        draft.heading(2, "Do you deliver?");
        draft.paragraph("Yes.");
        draft.heading(2, "Do you hire?");
        draft.paragraph("No.");
        let cut = crate::chunk::passages(&draft.finish().unwrap(), "");
        let paths: Vec<String> = cut.iter().map(|p| p.headings.join("/")).collect();
        assert_eq!(paths, ["Shop/Terms", "Shop", "Shop"]);
    }

    #[test]
    fn a_table_over_two_pages_is_one() {
        let mut draft = Draft::new();
        for page in 1..=2 {
            draft.on_page(page);
            let rows = [["Item", "Price"], ["Tap", "R 10"], ["Pipe", "R 20"]];
            draft.table(rows.map(|r| r.map(table::Cell::plain).to_vec()).to_vec(), None);
        }
        let doc = draft.finish().unwrap();
        assert_eq!(doc.blocks.len(), 1);
        assert!(matches!(&doc.blocks[0].kind, BlockKind::Table { rows, .. } if rows.len() == 4));
    }

    #[test]
    fn an_empty_document_is_told_apart_from_a_read_one() {
        let mut draft = Draft::new();
        draft.paragraph(" \u{200b}\n ");
        draft.paragraph("---");
        assert!(draft.finish().unwrap_err().message.contains("no text"));
    }
}
