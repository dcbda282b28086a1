//! Plain text: paragraphs, lists, aligned tables and lines that look like headings.

use super::draft::Draft;
use super::{shape, table};

pub(super) fn read(text: &str) -> Draft {
    let mut draft = Draft::new();
    let text = text.replace("\r\n", "\n").replace(['\r', '\u{c}', '\u{2028}', '\u{2029}'], "\n");
    let groups: Vec<Vec<&str>> = text
        .split('\n')
        .collect::<Vec<_>>()
        .split(|l| l.trim().is_empty())
        .filter(|g| !g.is_empty())
        .map(<[&str]>::to_vec)
        .collect();
    for (at, group) in groups.iter().enumerate() {
        read_group(&mut draft, group, at == 0, at + 1 < groups.len());
    }
    draft
}

/// Lines without a blank one between them.
fn read_group(draft: &mut Draft, lines: &[&str], first: bool, more: bool) {
    if let [title, rule, rest @ ..] = lines
        && let Some(mark) = rule.trim().chars().next().filter(|c| matches!(c, '=' | '-' | '~' | '*'))
        && rule.trim().len() >= 3
        && rule.trim().chars().all(|c| c == mark)
    {
        draft.heading(if mark == '=' { 1 } else { 2 }, title);
        if !rest.is_empty() {
            read_group(draft, rest, false, more);
        }
        return;
    }
    if let Some(rows) = aligned(lines) {
        draft.table(rows, None);
        return;
    }
    let mut lines = lines;
    if let [head, rest @ ..] = lines
        && shape::could_head(head)
        && !shape::has_bullet(head)
        && (!rest.is_empty() && starts_anew(head, rest) || rest.is_empty() && more)
    {
        let head = head.trim_end_matches(':');
        if first && rest.is_empty() {
            draft.heading(1, head)
        } else {
            draft.weak_heading(head)
        }
        lines = rest;
    }
    let width = lines.iter().map(|l| l.chars().count()).max().unwrap_or(0);
    // Lines of a similar, good length were wrapped by a program; others were broken on purpose.
    let wrapped = width >= 50
        && lines.iter().rev().skip(1).filter(|l| l.chars().count() * 10 >= width * 6).count() * 10
            >= lines.len().saturating_sub(1) * 6;
    let mut open = String::new();
    let mut in_item = false;
    let mut close = |open: &mut String, in_item: bool| {
        if in_item {
            draft.item(open)
        } else {
            draft.paragraph(open)
        }
        open.clear();
    };
    for line in lines {
        if let Some(text) = shape::item(line) {
            close(&mut open, in_item);
            in_item = true;
            open.push_str(text);
        } else if (wrapped && !open.is_empty()) || (in_item && line.starts_with([' ', '\t'])) {
            shape::join_line(&mut open, line);
        } else {
            close(&mut open, in_item);
            in_item = false;
            open.push_str(line.trim());
        }
    }
    close(&mut open, in_item);
}

/// Whether the lines below do not go on with the sentence that `head` would be.
fn starts_anew(head: &str, rest: &[&str]) -> bool {
    let next = rest[0].trim();
    let longer =
        next.chars().count() > head.trim().chars().count() || shape::item(next).is_some() || shape::ends_sentence(next);
    longer && head.trim().chars().count() < 60 && !next.starts_with(char::is_lowercase) && !head.contains(": ")
}

/// Columns parted by tabs, or by two and more spaces.
fn aligned(lines: &[&str]) -> Option<Vec<table::Row>> {
    if lines.len() < 2 {
        return None;
    }
    let rows: Vec<table::Row> = lines
        .iter()
        .map(|line| {
            let cells: Vec<&str> = if line.contains('\t') {
                line.split('\t').collect()
            } else if line.contains('|') {
                line.trim().trim_matches('|').split('|').collect()
            } else {
                line.trim().split("  ").map(str::trim).filter(|c| !c.is_empty()).collect()
            };
            cells.into_iter().map(|c| table::Cell::plain(c.trim())).collect()
        })
        .filter(|row: &table::Row| !row.iter().all(|c| c.text.chars().all(|c| matches!(c, '-' | '=' | '+' | ':'))))
        .collect();
    let width = rows.first()?.len();
    let marker = rows.iter().all(|r| r.first().is_some_and(|c| shape::only_marker(&c.text)));
    (width >= 2 && !marker && rows.len() >= 2 && rows.iter().all(|r| r.len() == width)).then_some(rows)
}
