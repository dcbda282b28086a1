//! Excel workbooks: every visible sheet as tables, numbers as shown. Read by ourselves, for a workbook may claim cells
//! so far apart that a dense grid would fill the memory.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::LazyLock;

use base::{Error, Result};
use regex::Regex;

use super::archive::Parts;
use super::draft::Draft;
use super::xml::{self, Node};
use super::{number, table};

const MAX_CELLS: usize = 1_000_000;
const MAX_COLUMN: u32 = 2_000;

#[expect(clippy::unwrap_used, reason = "the pattern is a constant that every test of this file compiles")]
static GENERIC: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)^(?:sheet|table|tabelle|tabella|feuil|hoja|planilha|folha|foglio|blad|лист|sayfa|ورقة|工作表|シート)\s*\d*$").unwrap()
});

/// A sheet as sparse cells by row and column, from 0.
#[derive(Default)]
pub(super) struct Grid {
    pub(super) cells: BTreeMap<u32, BTreeMap<u32, table::Cell>>,
    pub(super) count: usize,
}

impl Grid {
    pub(super) fn put(&mut self, row: u32, column: u32, cell: table::Cell) -> Result<()> {
        if cell.text.trim().is_empty() || column > MAX_COLUMN {
            return Ok(());
        }
        self.count += 1;
        if self.count > MAX_CELLS {
            return Err(Error::too_large(
                "This workbook has more than a million filled cells. Upload the part that customers ask about.",
            ));
        }
        self.cells.entry(row).or_default().insert(column, cell);
        Ok(())
    }

    /// Copies the text of a merged range's first cell over the range, as far as the sheet is filled.
    pub(super) fn merge(&mut self, from: (u32, u32), to: (u32, u32), span: u32) -> Result<()> {
        let Some(mut cell) = self.cells.get(&from.0).and_then(|r| r.get(&from.1)).cloned() else { return Ok(()) };
        cell.span = Some(span);
        let bottom = to.0.min(from.0.saturating_add(500));
        let right = to.1.min(from.1.saturating_add(100));
        for row in from.0..=bottom {
            for column in from.1..=right {
                self.put(row, column, cell.clone())?;
            }
        }
        Ok(())
    }

    /// Rows in order; any number of blank rows becomes one.
    fn rows(self) -> Vec<table::Row> {
        let columns: Vec<u32> = self
            .cells
            .values()
            .flat_map(|r| r.keys().copied())
            .collect::<std::collections::BTreeSet<_>>()
            .into_iter()
            .collect();
        let place: HashMap<u32, usize> = columns.iter().enumerate().map(|(i, c)| (*c, i)).collect();
        let mut out: Vec<table::Row> = Vec::new();
        let mut last = None;
        for (number, cells) in self.cells {
            if last.is_some_and(|l: u32| number > l + 1) {
                out.push(Vec::new());
            }
            last = Some(number);
            let mut row: table::Row = Vec::new();
            for (column, cell) in cells {
                let at = place.get(&column).copied().unwrap_or(row.len());
                row.resize_with(at.max(row.len()), table::Cell::default);
                row.push(cell);
            }
            out.push(row);
        }
        out
    }
}

/// Adds a sheet to the document: its name as a heading unless it is one that nobody chose, and its tables.
pub(super) fn add(draft: &mut Draft, number: u32, name: &str, grid: Grid) {
    if grid.count == 0 {
        return;
    }
    draft.on_page(number);
    if !GENERIC.is_match(name.trim()) {
        draft.heading(1, name);
    }
    draft.table(grid.rows(), None);
}

struct Format {
    code: String,
    bold: bool,
}

pub(super) fn read(bytes: &[u8]) -> Result<Draft> {
    let mut parts = Parts::open(bytes)?;
    let main = parts
        .relations("")?
        .into_iter()
        .find(|r| r.kind == "officeDocument")
        .map_or_else(|| "xl/workbook.xml".to_string(), |r| r.path);
    let workbook = xml::tree(&parts.need(&main)?)?;
    let relations = parts.relations(&main)?;
    let by_kind = |kind: &str| relations.iter().find(|r| r.kind == kind).map(|r| r.path.clone());
    let epoch_1904 =
        workbook.child("workbookPr").and_then(|p| p.attr("date1904")).is_some_and(|v| v == "1" || v == "true");
    let strings = match by_kind("sharedStrings").map(|p| parts.text(&p)).transpose()?.flatten() {
        Some(text) => shared_strings(&text)?,
        None => Vec::new(),
    };
    let formats = match by_kind("styles").map(|p| parts.text(&p)).transpose()?.flatten() {
        Some(text) => formats(&text)?,
        None => Vec::new(),
    };
    let mut draft = Draft::new();
    draft.title = parts.title()?;
    let sheets = workbook.child("sheets").map(|s| s.nodes().collect::<Vec<_>>()).unwrap_or_default();
    draft.pages = u32::try_from(sheets.len()).unwrap_or(u32::MAX);
    let mut cells = 0;
    for (number, sheet) in (1..).zip(sheets) {
        // Sheets that are hidden hold what customers must not see.
        if matches!(sheet.attr("state"), Some("hidden" | "veryHidden")) {
            continue;
        }
        let path = sheet.prefixed_attr("id").and_then(|id| relations.iter().find(|r| r.id == id));
        let Some(path) = path.filter(|r| r.kind == "worksheet") else { continue };
        let Some(text) = parts.text(&path.path)? else { continue };
        let mut grid = Grid { count: cells, ..Grid::default() };
        read_sheet(&text, &strings, &formats, epoch_1904, &mut grid)?;
        let filled = grid.count - cells;
        cells = grid.count;
        grid.count = filled;
        add(&mut draft, number, sheet.attr("name").unwrap_or_default(), grid);
    }
    Ok(draft)
}

fn shared_strings(text: &str) -> Result<Vec<String>> {
    let mut out = Vec::new();
    xml::each(text, &["si"], |node| {
        out.push(rich_text(&node));
        Ok(())
    })?;
    Ok(out)
}

/// Text without the readings that Japanese sheets add.
fn rich_text(node: &Node) -> String {
    node.nodes()
        .map(|n| match n.name.as_str() {
            "t" => n.text(),
            "r" => n.child("t").map(Node::text).unwrap_or_default(),
            _ => String::new(),
        })
        .collect()
}

fn formats(text: &str) -> Result<Vec<Format>> {
    let styles = xml::tree(text)?;
    let codes: HashMap<&str, &str> = styles
        .child("numFmts")
        .into_iter()
        .flat_map(Node::nodes)
        .filter_map(|n| Some((n.attr("numFmtId")?, n.attr("formatCode")?)))
        .collect();
    let bold: Vec<bool> =
        styles.child("fonts").into_iter().flat_map(Node::nodes).map(|f| f.switch("b").unwrap_or(false)).collect();
    Ok(styles
        .child("cellXfs")
        .into_iter()
        .flat_map(Node::nodes)
        .map(|n| {
            let id = n.attr("numFmtId").unwrap_or("0");
            let code = codes.get(id).map_or_else(|| number::builtin(id.parse().unwrap_or(0)), |c| *c);
            let font = n.attr("fontId").and_then(|f| f.parse::<usize>().ok());
            Format { code: code.to_string(), bold: font.and_then(|f| bold.get(f).copied()).unwrap_or(false) }
        })
        .collect())
}

/// "B12" to row and column, from 0.
fn position(reference: &str) -> Option<(u32, u32)> {
    let letters = reference.bytes().take_while(u8::is_ascii_alphabetic).count();
    if letters == 0 || letters > 3 {
        return None;
    }
    let column =
        reference.bytes().take(letters).fold(0_u32, |n, b| n * 26 + u32::from(b.to_ascii_uppercase() - b'A') + 1);
    let row: u32 = reference[letters..].parse().ok()?;
    Some((row.checked_sub(1)?, column - 1))
}

fn read_sheet(text: &str, strings: &[String], formats: &[Format], epoch_1904: bool, grid: &mut Grid) -> Result<()> {
    let mut hidden: HashSet<u32> = HashSet::new();
    let (mut next_row, mut span) = (0_u32, 0_u32);
    xml::each(text, &["row", "mergeCell", "col"], |node| {
        let is_hidden = matches!(node.attr("hidden"), Some("1" | "true"));
        match node.name.as_str() {
            "col" if is_hidden => {
                let of = |name: &str| node.attr(name).and_then(|v| v.parse::<u32>().ok()).unwrap_or(0);
                hidden.extend((of("min")..=of("max").min(MAX_COLUMN)).filter_map(|c| c.checked_sub(1)));
            }
            "row" => {
                let row = node
                    .attr("r")
                    .and_then(|r| r.parse::<u32>().ok())
                    .and_then(|r| r.checked_sub(1))
                    .unwrap_or(next_row);
                next_row = row.saturating_add(1);
                if is_hidden {
                    return Ok(());
                }
                let mut next_column = 0_u32;
                for cell in node.nodes().filter(|n| n.name == "c") {
                    let column = cell.attr("r").and_then(position).map_or(next_column, |p| p.1);
                    next_column = column.saturating_add(1);
                    if !hidden.contains(&column) {
                        grid.put(row, column, value(cell, strings, formats, epoch_1904))?;
                    }
                }
            }
            "mergeCell" => {
                if let Some((from, to)) = node.attr("ref").and_then(|r| r.split_once(':'))
                    && let (Some(from), Some(to)) = (position(from), position(to))
                {
                    span += 1;
                    grid.merge(from, to, span)?;
                }
            }
            _ => {}
        }
        Ok(())
    })
}

fn value(cell: &Node, strings: &[String], formats: &[Format], epoch_1904: bool) -> table::Cell {
    let format = cell.attr("s").and_then(|s| s.parse::<usize>().ok()).and_then(|s| formats.get(s));
    let raw = cell.child("v").map(Node::text).unwrap_or_default();
    let text = match cell.attr("t") {
        Some("s") => raw.trim().parse::<usize>().ok().and_then(|i| strings.get(i)).cloned().unwrap_or_default(),
        Some("inlineStr") => cell.child("is").map(rich_text).unwrap_or_default(),
        Some("b") => if raw.trim() == "1" { "TRUE" } else { "FALSE" }.to_string(),
        Some("e") => String::new(),
        Some("str" | "d") => raw,
        _ => match raw.trim().parse::<f64>() {
            Ok(value) => number::show(value, format.map_or("General", |f| f.code.as_str()), epoch_1904),
            Err(_) => raw,
        },
    };
    table::Cell { bold: format.is_some_and(|f| f.bold), ..table::Cell::plain(&text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_read_and_wild_ones_refused() {
        for (reference, expected) in [
            ("A1", Some((0, 0))),
            ("AB12", Some((11, 27))),
            ("XFD1048576", Some((1_048_575, 16_383))),
            ("A0", None),
            ("12", None),
            ("AAAA1", None),
            ("é1", None),
        ] {
            assert_eq!(position(reference), expected, "{reference}");
        }
    }
}
