//! OpenDocument spreadsheets, whose cells carry the text that is shown.

use std::collections::HashSet;

use base::Result;

use super::archive::Parts;
use super::draft::Draft;
use super::sheets::{self, Grid};
use super::table;
use super::xml::{self, Node};

/// Filled cells and rows that are repeated by a count are copied at most so many times.
const MAX_REPEAT: u32 = 200;

pub(super) fn read(bytes: &[u8]) -> Result<Draft> {
    let mut parts = Parts::open(bytes)?;
    if parts.text("META-INF/manifest.xml")?.is_some_and(|m| m.contains("encryption-data")) {
        return Err(super::protected());
    }
    let content = parts.need("content.xml")?;
    let mut hidden: HashSet<String> = HashSet::new();
    let mut draft = Draft::new();
    let mut page = 0;
    let mut count = 0;
    xml::each(&content, &["style", "table"], |node| {
        if node.name == "style" {
            if node.child("table-properties").and_then(|p| p.attr("display")) == Some("false") {
                hidden.extend(node.attr("name").map(str::to_string));
            }
            return Ok(());
        }
        page += 1;
        if node.attr("style-name").is_some_and(|s| hidden.contains(s)) {
            return Ok(());
        }
        let mut sheet = Sheet { grid: Grid { count, ..Grid::default() }, row: 0, merges: Vec::new() };
        sheet.rows(&node)?;
        for (span, (from, to)) in (1..).zip(std::mem::take(&mut sheet.merges)) {
            sheet.grid.merge(from, to, span)?;
        }
        let filled = sheet.grid.count - count;
        count = sheet.grid.count;
        sheet.grid.count = filled;
        sheets::add(&mut draft, page, node.attr("name").unwrap_or_default(), sheet.grid);
        Ok(())
    })?;
    draft.pages = page;
    Ok(draft)
}

type Corner = (u32, u32);

struct Sheet {
    grid: Grid,
    row: u32,
    merges: Vec<(Corner, Corner)>,
}

impl Sheet {
    fn rows(&mut self, parent: &Node) -> Result<()> {
        for node in parent.nodes() {
            match node.name.as_str() {
                "table-row" => self.read_row(node)?,
                "table-header-rows" | "table-row-group" | "table-rows" => self.rows(node)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn read_row(&mut self, node: &Node) -> Result<()> {
        let number = |node: &Node, name: &str| node.attr(name).and_then(|v| v.parse::<u32>().ok()).unwrap_or(1).max(1);
        let times = number(node, "number-rows-repeated");
        let shown = !matches!(node.attr("visibility"), Some("collapse" | "filter"));
        let mut column = 0_u32;
        let mut filled: Vec<(u32, String)> = Vec::new();
        for cell in node.nodes().filter(|n| n.name.ends_with("table-cell")) {
            let repeat = number(cell, "number-columns-repeated");
            let text = if cell.name == "covered-table-cell" { String::new() } else { text(cell) };
            if !text.trim().is_empty() {
                filled.extend((0..repeat.min(MAX_REPEAT)).map(|i| (column.saturating_add(i), text.clone())));
                let (across, down) = (number(cell, "number-columns-spanned"), number(cell, "number-rows-spanned"));
                if across > 1 || down > 1 {
                    let to = (self.row.saturating_add(down - 1), column.saturating_add(across - 1));
                    self.merges.push(((self.row, column), to));
                }
            }
            column = column.saturating_add(repeat);
        }
        if shown {
            for copy in 0..if filled.is_empty() { 0 } else { times.min(MAX_REPEAT) } {
                for (column, text) in &filled {
                    self.grid.put(self.row.saturating_add(copy), *column, table::Cell::plain(text))?;
                }
            }
        }
        self.row = self.row.saturating_add(times);
        Ok(())
    }
}

fn text(cell: &Node) -> String {
    cell.nodes().filter(|n| n.name == "p").map(Node::text).collect::<Vec<_>>().join(" ")
}
