//! Units: the sentences, list items, table rows and pairs of a passage; what answers are made of.

use unicode_segmentation::UnicodeSegmentation;

use crate::document::{Block, BlockKind};

/// A passage is cut into at most this many units; what follows is found with the passage but not by itself.
const MOST: usize = 200;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnitKind {
    Sentence,
    Item,
    Row,
    Pair,
}

impl UnitKind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            UnitKind::Sentence => "sentence",
            UnitKind::Item => "item",
            UnitKind::Row => "row",
            UnitKind::Pair => "pair",
        }
    }

    pub(crate) fn from_name(name: &str) -> Self {
        match name {
            "item" => UnitKind::Item,
            "row" => UnitKind::Row,
            "pair" => UnitKind::Pair,
            _ => UnitKind::Sentence,
        }
    }
}

/// One of them, with the block (and row) of the passage it comes from.
#[derive(Clone, Debug, PartialEq)]
pub struct Unit {
    pub kind: UnitKind,
    pub block: usize,
    pub row: Option<usize>,
    /// As read out to a customer.
    pub text: String,
}

/// Cuts the blocks of a passage. Headings are context and not units.
pub fn units(blocks: &[Block]) -> Vec<Unit> {
    let mut out = Vec::new();
    for (block, b) in blocks.iter().enumerate() {
        let mut add = |kind, row, text: String| {
            if !text.trim().is_empty() && out.len() < MOST {
                out.push(Unit { kind, block, row, text });
            }
        };
        match &b.kind {
            BlockKind::Heading { .. } => {}
            BlockKind::Paragraph { text } => {
                for sentence in sentences(text) {
                    add(UnitKind::Sentence, None, sentence);
                }
            }
            BlockKind::ListItem { text } => add(UnitKind::Item, None, text.clone()),
            BlockKind::Table { header, rows, .. } => {
                for (i, row) in rows.iter().enumerate() {
                    add(UnitKind::Row, Some(i), read_out(header, row));
                }
            }
            BlockKind::Pair { answer, .. } => add(UnitKind::Pair, None, answer.clone()),
        }
    }
    out
}

/// A table row as a sentence: its first cell as the subject, then each header with its cell. Cells merged over several
/// columns are said once.
pub fn read_out(header: &[String], row: &[String]) -> String {
    let mut cells = row.iter().enumerate().filter(|(_, cell)| !cell.trim().is_empty());
    let Some((first, subject)) = cells.next() else { return String::new() };
    let mut said = subject.trim().to_owned();
    if first > 0 {
        // A row without a subject: its only word for what it is about is the header.
        if let Some(name) = header.get(first).filter(|h| !h.trim().is_empty()) {
            said = format!("{}: {said}", name.trim());
        }
    }
    let mut last = subject.as_str();
    let mut rest = Vec::new();
    for (i, cell) in cells {
        if cell == last {
            continue;
        }
        last = cell;
        match header.get(i).map(|h| h.trim()).filter(|h| !h.is_empty()) {
            Some(name) => rest.push(format!("{name}: {}", cell.trim())),
            None => rest.push(cell.trim().to_owned()),
        }
    }
    if !rest.is_empty() {
        said.push_str(" — ");
        said.push_str(&rest.join("; "));
    }
    said
}

/// Sentences of a text, white space folded; fragments of up to three words stay with what follows ("Yes. We do.").
pub fn sentences(text: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut open = String::new();
    for part in crate::chunk::sentences(text) {
        let part = part.split_whitespace().collect::<Vec<_>>().join(" ");
        if part.is_empty() {
            continue;
        }
        if !open.is_empty() {
            open.push(' ');
        }
        open.push_str(&part);
        // An abbreviation ("approx. 5") is no end: the next part would begin with a small letter or a digit.
        if open.unicode_words().count() >= 4 {
            out.push(std::mem::take(&mut open));
        }
    }
    if !open.is_empty() {
        match out.last_mut() {
            Some(last) => {
                last.push(' ');
                last.push_str(&open);
            }
            None => out.push(open),
        }
    }
    out
}

/// The heading a unit stands under: the nearest within the passage, else the passage's own.
pub(crate) fn heading<'a>(headings: &'a [String], blocks: &'a [Block], unit: &Unit) -> Option<&'a str> {
    section(blocks, unit).map_or_else(|| headings.last().map(String::as_str), |(_, text)| Some(text))
}

/// The position and text of the heading within the passage that a unit stands under.
pub(crate) fn section<'a>(blocks: &'a [Block], unit: &Unit) -> Option<(usize, &'a str)> {
    blocks.iter().enumerate().take(unit.block).rev().find_map(|(i, b)| match &b.kind {
        BlockKind::Heading { text, .. } => Some((i, text.as_str())),
        _ => None,
    })
}

/// What is embedded for a unit: its nearest heading (or the source's title), its table's caption or its pair's question,
/// then the unit itself.
pub(crate) fn in_context(title: &str, headings: &[String], blocks: &[Block], unit: &Unit) -> String {
    let mut context = heading(headings, blocks, unit).unwrap_or(title).trim().to_owned();
    match blocks.get(unit.block).map(|b| &b.kind) {
        Some(BlockKind::Table { caption: Some(caption), .. }) if !caption.trim().is_empty() && *caption != context => {
            context = if context.is_empty() { caption.clone() } else { format!("{context}, {caption}") };
        }
        Some(BlockKind::Pair { question, .. }) => context.clone_from(question),
        _ => {}
    }
    if context.is_empty() { unit.text.clone() } else { format!("{context}: {}", unit.text) }
}

/// The words that stand around a unit: headings, caption, question; for counting what of a question they cover.
pub(crate) fn context_words(headings: &[String], blocks: &[Block], unit: &Unit) -> String {
    let mut out = headings.join(" ");
    if let Some((_, text)) = section(blocks, unit) {
        out.push(' ');
        out.push_str(text);
    }
    match blocks.get(unit.block).map(|b| &b.kind) {
        Some(BlockKind::Table { caption: Some(caption), .. }) => {
            out.push(' ');
            out.push_str(caption);
        }
        Some(BlockKind::Pair { question, .. }) => {
            out.push(' ');
            out.push_str(question);
        }
        _ => {}
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_read_out_as_a_sentence() {
        let header = ["Item", "Size", "Price (R)", "Stock"].map(String::from);
        for (row, expected) in [
            (["Geyser", "150 L", "4,899", "in stock"], "Geyser — Size: 150 L; Price (R): 4,899; Stock: in stock"),
            (["Sunday", "Closed", "Closed", ""], "Sunday — Size: Closed"),
            (["", "150 L", "4,899", ""], "Size: 150 L — Price (R): 4,899"),
            (["", "", "", ""], ""),
        ] {
            assert_eq!(read_out(&header, &row.map(String::from)), expected);
        }
    }

    #[test]
    fn a_bare_yes_stays_with_its_reason() {
        assert_eq!(sentences("Yes. We hold it for 48 hours. Really."), ["Yes. We hold it for 48 hours. Really."]);
        assert_eq!(sentences("It costs R 9.50 here. Come and see us."), ["It costs R 9.50 here.", "Come and see us."]);
    }
}
