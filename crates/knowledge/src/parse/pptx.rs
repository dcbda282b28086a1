//! Presentations: each slide's title, bullets, tables and notes.

use base::{Error, Result};

use super::archive::Parts;
use super::draft::{Draft, fold};
use super::xml::{self, Node};
use super::{MAX_PAGES, shape, table};

pub(super) fn read(bytes: &[u8]) -> Result<Draft> {
    let mut parts = Parts::open(bytes)?;
    let main = parts
        .relations("")?
        .into_iter()
        .find(|r| r.kind == "officeDocument")
        .map_or_else(|| "ppt/presentation.xml".to_string(), |r| r.path);
    let presentation = xml::tree(&parts.need(&main)?)?;
    let relations = parts.relations(&main)?;
    let slides: Vec<String> = presentation
        .all("sldId")
        .into_iter()
        .filter_map(|n| n.prefixed_attr("id"))
        .filter_map(|id| relations.iter().find(|r| r.id == id))
        .map(|r| r.path.clone())
        .collect();
    if slides.len() > MAX_PAGES {
        return Err(Error::too_large("This presentation has more than 5,000 slides. Split it into smaller files."));
    }
    let mut draft = Draft::new();
    draft.title = parts.title()?;
    draft.pages = u32::try_from(slides.len()).unwrap_or(u32::MAX);
    for (number, path) in (1..).zip(&slides) {
        let Some(text) = parts.text(path)? else { continue };
        let slide = xml::tree(&text)?;
        if slide.attr("show") == Some("0") {
            continue;
        }
        draft.on_page(number);
        read_slide(&slide, &mut draft);
        let notes = parts.relations(path)?.into_iter().find(|r| r.kind == "notesSlide");
        if let Some(text) = notes.map(|r| parts.text(&r.path)).transpose()?.flatten() {
            read_notes(&xml::tree(&text)?, &mut draft);
        }
    }
    Ok(draft)
}

fn placeholder(shape: &Node) -> Option<&str> {
    let place = shape.nodes().find(|n| n.name.starts_with("nv"))?.path(&["nvPr", "ph"])?;
    Some(place.attr("type").unwrap_or("body"))
}

/// Shapes inside of groups too, in their order.
fn shapes<'a>(parent: &'a Node, out: &mut Vec<&'a Node>) {
    for node in parent.nodes() {
        match node.name.as_str() {
            "sp" | "graphicFrame" => out.push(node),
            "grpSp" | "Choice" => shapes(node, out),
            "AlternateContent" => shapes(node.child("Choice").or(node.child("Fallback")).unwrap_or(node), out),
            "Fallback" => shapes(node, out),
            _ => {}
        }
    }
}

fn read_slide(slide: &Node, draft: &mut Draft) {
    let Some(tree) = slide.path(&["cSld", "spTree"]) else { return };
    let mut all = Vec::new();
    shapes(tree, &mut all);
    // The title comes first wherever it lies in the drawing order.
    for shape in &all {
        let level = match placeholder(shape) {
            Some("ctrTitle") => 1,
            Some("title") => 2,
            _ => continue,
        };
        let lines: Vec<String> = shape.child("txBody").map(paragraphs).unwrap_or_default();
        draft.heading(level, &lines.join(" "));
    }
    for shape in all {
        match placeholder(shape) {
            Some("ctrTitle" | "title" | "dt" | "ftr" | "sldNum" | "hdr") => {}
            kind => {
                for grid in shape.all("tbl") {
                    draft.table(rows(grid), None);
                }
                if let Some(body) = shape.child("txBody") {
                    read_body(body, matches!(kind, Some("body" | "obj")), draft);
                }
            }
        }
    }
}

fn read_body(body: &Node, list: bool, draft: &mut Draft) {
    let lines: Vec<(&Node, String)> =
        body.nodes().filter(|n| n.name == "p").map(|p| (p, fold(&text_of(p)))).filter(|(_, t)| !t.is_empty()).collect();
    let many = lines.len() > 1;
    for (node, text) in lines {
        let bullet = node
            .child("pPr")
            .map(|p| (p.child("buNone").is_some(), p.child("buChar").is_some() || p.child("buAutoNum").is_some()));
        let item = match bullet {
            Some((true, _)) => false,
            Some((_, true)) => true,
            _ => list && many,
        };
        if item {
            draft.item(shape::item(&text).filter(|_| shape::has_bullet(&text)).unwrap_or(&text));
        } else {
            draft.paragraph(&text);
        }
    }
}

fn read_notes(notes: &Node, draft: &mut Draft) {
    let Some(tree) = notes.path(&["cSld", "spTree"]) else { return };
    let mut all = Vec::new();
    shapes(tree, &mut all);
    for shape in all.into_iter().filter(|s| placeholder(s) == Some("body")) {
        for line in shape.child("txBody").map(paragraphs).unwrap_or_default() {
            draft.paragraph(&line);
        }
    }
}

fn paragraphs(body: &Node) -> Vec<String> {
    body.nodes().filter(|n| n.name == "p").map(text_of).filter(|t| !t.trim().is_empty()).collect()
}

fn text_of(paragraph: &Node) -> String {
    let mut out = String::new();
    for node in paragraph.nodes() {
        match node.name.as_str() {
            "r" | "fld" => out.push_str(&node.child("t").map(Node::text).unwrap_or_default()),
            "br" => out.push(' '),
            _ => {}
        }
    }
    out
}

fn rows(grid: &Node) -> Vec<table::Row> {
    let head = grid.child("tblPr").and_then(|p| p.attr("firstRow")) == Some("1");
    let mut out: Vec<table::Row> = Vec::new();
    let mut spans = 0;
    for (y, line) in grid.nodes().filter(|n| n.name == "tr").enumerate() {
        let mut row: table::Row = Vec::new();
        for cell in line.nodes().filter(|n| n.name == "tc") {
            let merged = |name: &str| matches!(cell.attr(name), Some("1" | "true"));
            let above = out.last().and_then(|r| r.get(row.len())).cloned();
            let made = match (merged("hMerge"), merged("vMerge"), row.last().cloned(), above) {
                (true, _, Some(left), _) => left,
                (_, true, _, Some(above)) => above,
                _ => {
                    let spanned = cell.attr("gridSpan").is_some() || cell.attr("rowSpan").is_some();
                    spans += u32::from(spanned);
                    let text = cell.child("txBody").map(paragraphs).unwrap_or_default().join(" ");
                    table::Cell { head: head && y == 0, span: spanned.then_some(spans), ..table::Cell::plain(&text) }
                }
            };
            row.push(made);
        }
        out.push(row);
    }
    out
}
