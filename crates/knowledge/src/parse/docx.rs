//! Word documents: headings by their styles in any language, lists, tables, text boxes, footnotes.

use std::collections::HashMap;
use std::sync::LazyLock;

use base::Result;
use regex::Regex;

use super::archive::Parts;
use super::draft::{Draft, fold};
use super::xml::{self, Node};
use super::{shape, table};

#[expect(clippy::unwrap_used, reason = "the pattern is a constant that every test of this file compiles")]
static HEADING: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)^(?:heading|überschrift|berschrift|titre|título|titulo|titolo|kop|opskrif|rubrik|overskrift|otsikko|nagłówek|nadpis|заголовок|başlık|judul|tajuk|标题|見出し|제목|عنوان|शीर्षक)[\s_-]*([1-9])",
    )
    .unwrap()
});

#[derive(Clone, Debug, Default)]
struct Style {
    name: String,
    based_on: Option<String>,
    outline: Option<u8>,
    list: bool,
    bold: bool,
}

#[derive(Default)]
struct Word {
    styles: HashMap<String, Style>,
    footnotes: HashMap<String, String>,
    /// Headings move one down below a title.
    titled: bool,
    spans: u32,
}

/// A paragraph's text as it is gathered.
#[derive(Default)]
struct Line {
    text: String,
    bold: usize,
    notes: Vec<String>,
    /// Text boxes anchored in it.
    boxes: Vec<Vec<usize>>,
}

pub(super) fn read(bytes: &[u8]) -> Result<Draft> {
    let mut parts = Parts::open(bytes)?;
    let main = parts
        .relations("")?
        .into_iter()
        .find(|r| r.kind == "officeDocument")
        .map_or_else(|| "word/document.xml".to_string(), |r| r.path);
    let document = xml::tree(&parts.need(&main)?)?;
    let folder = main.rsplit_once('/').map_or("word", |(f, _)| f).to_string();
    let mut word = Word::default();
    if let Some(text) = parts.text(&format!("{folder}/styles.xml"))? {
        word.read_styles(&text)?;
    }
    for notes in ["footnotes", "endnotes"] {
        if let Some(text) = parts.text(&format!("{folder}/{notes}.xml"))? {
            word.read_notes(&text, notes)?;
        }
    }
    let mut draft = Draft::new();
    draft.title = parts.title()?;
    if let Some(body) = document.child("body") {
        word.blocks(body, &mut draft);
    }
    Ok(draft)
}

impl Word {
    fn read_styles(&mut self, text: &str) -> Result<()> {
        xml::each(text, &["style"], |node| {
            let Some(id) = node.attr("styleId") else { return Ok(()) };
            let properties = node.child("pPr");
            let value = |n: &Node, name: &str| n.child(name).and_then(|c| c.attr("val")).map(str::to_string);
            let style = Style {
                name: value(&node, "name").unwrap_or_default(),
                based_on: value(&node, "basedOn"),
                outline: properties.and_then(|p| value(p, "outlineLvl")).and_then(|v| v.parse().ok()),
                list: properties.is_some_and(|p| p.child("numPr").is_some()),
                bold: node.child("rPr").and_then(|r| r.switch("b")).unwrap_or(false),
            };
            self.styles.insert(id.to_string(), style);
            Ok(())
        })
    }

    fn read_notes(&mut self, text: &str, kind: &str) -> Result<()> {
        xml::each(text, &["footnote", "endnote"], |node| {
            if let (Some(id), None) = (node.attr("id"), node.attr("type")) {
                let text = node.all("p").into_iter().map(|p| self.line(p).text).collect::<Vec<_>>().join(" ");
                self.footnotes.insert(format!("{kind}{id}"), fold(&text));
            }
            Ok(())
        })
    }

    /// A style and those it builds on, nearest first.
    fn chain(&self, id: Option<&str>) -> Vec<&Style> {
        let mut out = Vec::new();
        let mut next = id;
        while let Some(style) = next.and_then(|id| self.styles.get(id)) {
            out.push(style);
            if out.len() > 10 {
                break;
            }
            next = style.based_on.as_deref();
        }
        out
    }

    /// 0 for a title, 1 and up for headings.
    fn heading_level(&self, paragraph: &Node) -> Option<u8> {
        let properties = paragraph.child("pPr")?;
        let outline = |v: &str| v.parse::<u8>().ok();
        if let Some(level) = properties.child("outlineLvl").and_then(|n| n.attr("val")).and_then(outline) {
            return (level < 9).then_some(level + 1);
        }
        let id = properties.child("pStyle").and_then(|n| n.attr("val"))?;
        let named = |name: &str| {
            HEADING.captures(name).and_then(|c| c[1].parse().ok()).or_else(|| {
                matches!(name.to_lowercase().as_str(), "title" | "titel" | "titre" | "título" | "titolo").then_some(0)
            })
        };
        for style in self.chain(Some(id)) {
            if let Some(level) = named(&style.name).or(style.outline.filter(|o| *o < 9).map(|o| o + 1)) {
                return Some(level);
            }
        }
        named(id)
    }

    fn is_list(&self, paragraph: &Node) -> bool {
        let Some(properties) = paragraph.child("pPr") else { return false };
        if let Some(numbering) = properties.child("numPr") {
            return numbering.child("numId").and_then(|n| n.attr("val")) != Some("0");
        }
        let id = properties.child("pStyle").and_then(|n| n.attr("val"));
        self.chain(id).iter().any(|s| s.list || s.name.to_lowercase().starts_with("list"))
    }

    fn blocks(&mut self, parent: &Node, draft: &mut Draft) {
        for node in parent.nodes() {
            match node.name.as_str() {
                "p" => self.paragraph(node, draft),
                "tbl" => self.table(node, draft),
                "sdt" => {
                    if let Some(content) = node.child("sdtContent") {
                        self.blocks(content, draft);
                    }
                }
                "ins" | "moveTo" | "customXml" | "smartTag" | "sdtContent" => self.blocks(node, draft),
                _ => {}
            }
        }
    }

    fn paragraph(&mut self, node: &Node, draft: &mut Draft) {
        let line = self.line(node);
        let text = fold(&line.text);
        let style = node.path(&["pPr", "pStyle"]).and_then(|n| n.attr("val"));
        let bold = line.bold + 2 >= text.len() && line.bold > 0 || self.chain(style).iter().any(|s| s.bold);
        match self.heading_level(node) {
            Some(0) => {
                self.titled = true;
                draft.heading(1, &text);
            }
            Some(level) => draft.heading(level + u8::from(self.titled), &text),
            None if self.is_list(node) => draft.item(&text),
            None if bold && (shape::could_head(&text) || shape::asks(&text)) => {
                draft.weak_heading(text.trim_end_matches(':'))
            }
            None => match shape::item(&text).filter(|_| shape::has_bullet(&text)) {
                Some(item) => draft.item(item),
                None => draft.paragraph(&text),
            },
        }
        for note in line.notes {
            if let Some(text) = self.footnotes.get(&note) {
                let text = text.clone();
                draft.paragraph(&text);
            }
        }
        for path in line.boxes {
            // Found again by position, for the line could not hold on to the nodes.
            if let Some(found) = follow(node, &path) {
                self.blocks(found, draft);
            }
        }
    }

    fn line(&self, paragraph: &Node) -> Line {
        let mut line = Line::default();
        self.runs(paragraph, &mut line, &mut Vec::new(), false);
        line
    }

    fn runs(&self, parent: &Node, line: &mut Line, path: &mut Vec<usize>, bold: bool) {
        for (at, node) in parent.nodes().enumerate() {
            path.push(at);
            match node.name.as_str() {
                // Deleted revisions, field codes and properties are not text.
                "del" | "moveFrom" | "pPr" | "rPr" | "instrText" | "delText" | "Fallback" | "sdtPr"
                | "commentReference" => {
                    if node.name == "Fallback" && parent.child("Choice").is_none() {
                        self.runs(node, line, path, bold);
                    }
                }
                "r" => {
                    let properties = node.child("rPr");
                    if properties.and_then(|p| p.switch("vanish")) != Some(true) {
                        let bold = properties.and_then(|p| p.switch("b")).unwrap_or(false);
                        self.runs(node, line, path, bold);
                    }
                }
                "t" => {
                    let text = node.text();
                    if bold {
                        line.bold += text.trim().len();
                    }
                    line.text.push_str(&text);
                }
                "tab" | "br" | "cr" | "ptab" => line.text.push(' '),
                "noBreakHyphen" => line.text.push('-'),
                "sym" => line.text.push(' '),
                "footnoteReference" => line.notes.extend(node.attr("id").map(|id| format!("footnotes{id}"))),
                "endnoteReference" => line.notes.extend(node.attr("id").map(|id| format!("endnotes{id}"))),
                "txbxContent" => line.boxes.push(path.clone()),
                _ => self.runs(node, line, path, bold),
            }
            path.pop();
        }
    }

    fn table(&mut self, node: &Node, draft: &mut Draft) {
        let lines: Vec<&Node> = rows(node);
        let single = lines.iter().all(|row| cells(row).len() < 2);
        if single {
            // A frame around text, not a table.
            for cell in lines.into_iter().flat_map(cells) {
                self.blocks(cell, draft);
            }
            return;
        }
        let mut grid: Vec<table::Row> = Vec::new();
        for line in lines {
            let properties = line.child("trPr");
            let head = properties.and_then(|p| p.switch("tblHeader")).unwrap_or(false);
            let before = properties
                .and_then(|p| p.child("gridBefore"))
                .and_then(|n| n.attr("val"))
                .and_then(|v| v.parse().ok())
                .unwrap_or(0);
            let mut row: table::Row = vec![table::Cell::default(); usize::min(before, 60)];
            for cell in cells(line) {
                let properties = cell.child("tcPr");
                let across: usize = properties
                    .and_then(|p| p.child("gridSpan"))
                    .and_then(|n| n.attr("val"))
                    .and_then(|v| v.parse().ok())
                    .unwrap_or(1)
                    .clamp(1, 60);
                let merge = properties.and_then(|p| p.child("vMerge"));
                let continues = merge.is_some_and(|m| m.attr("val") != Some("restart"));
                let above = grid.last_mut().and_then(|r| r.get_mut(row.len()));
                let made = match above {
                    Some(above) if continues => {
                        self.spans += 1;
                        let span = *above.span.get_or_insert(self.spans);
                        table::Cell { span: Some(span), head, ..above.clone() }
                    }
                    _ => {
                        let mut inner = Draft::new();
                        let bold = self.cell(cell, &mut inner);
                        let mut made = table::Cell { bold, head, ..table::Cell::plain(&inner.into_text()) };
                        if across > 1 {
                            self.spans += 1;
                            made.span = Some(self.spans);
                        }
                        made
                    }
                };
                row.extend(std::iter::repeat_n(made, across));
            }
            grid.push(row);
        }
        draft.table(grid, None);
    }

    /// A cell's content as plain blocks; whether all of it is bold.
    fn cell(&mut self, cell: &Node, draft: &mut Draft) -> bool {
        let mut bold = true;
        for node in cell.nodes() {
            match node.name.as_str() {
                "p" => {
                    let line = self.line(node);
                    let text = fold(&line.text);
                    bold &= text.is_empty() || line.bold + 2 >= text.len();
                    draft.paragraph(&text);
                    for path in line.boxes {
                        if let Some(found) = follow(node, &path) {
                            self.blocks(found, draft);
                        }
                    }
                }
                "tbl" => {
                    bold = false;
                    let mut lines = Vec::new();
                    for row in rows(node) {
                        let mut texts = Vec::new();
                        for cell in cells(row) {
                            let mut inner = Draft::new();
                            self.cell(cell, &mut inner);
                            texts.push(inner.into_text());
                        }
                        texts.retain(|t| !t.is_empty());
                        lines.push(texts.join(" "));
                    }
                    draft.paragraph(&lines.join("; "));
                }
                "sdt" | "sdtContent" | "ins" => bold &= self.cell(node, draft),
                _ => {}
            }
        }
        bold
    }
}

fn follow<'a>(node: &'a Node, path: &[usize]) -> Option<&'a Node> {
    path.iter().try_fold(node, |node, at| node.nodes().nth(*at))
}

/// The rows of a table, not of those nested in it.
fn rows(table: &Node) -> Vec<&Node> {
    let mut out = Vec::new();
    for node in table.nodes() {
        match node.name.as_str() {
            "tr" => out.push(node),
            "sdt" | "sdtContent" | "ins" | "customXml" => out.extend(rows(node)),
            _ => {}
        }
    }
    out
}

fn cells(row: &Node) -> Vec<&Node> {
    let mut out = Vec::new();
    for node in row.nodes() {
        match node.name.as_str() {
            "tc" => out.push(node),
            "sdt" | "sdtContent" | "customXml" => out.extend(cells(node)),
            _ => {}
        }
    }
    out
}
