//! From letters with places to lines in reading order: runs of letters, rows, columns of a page, tables.

use unicode_normalization::UnicodeNormalization;

use super::collect::{Collected, Glyph, Rule};
use crate::parse::shape;

/// Letters that stand together on a line; a wide gap begins a new run.
#[derive(Clone, Debug)]
pub(super) struct Run {
    pub(super) left: f64,
    pub(super) right: f64,
    size: f64,
    pub(super) text: String,
}

/// Runs on one base line, from left to right.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) y: f64,
    pub(super) size: f64,
    pub(super) runs: Vec<Run>,
}

impl Row {
    pub(super) fn left(&self) -> f64 {
        self.runs.first().map_or(0.0, |r| r.left)
    }

    pub(super) fn right(&self) -> f64 {
        self.runs.last().map_or(0.0, |r| r.right)
    }

    pub(super) fn text(&self) -> String {
        let rtl = self.runs.iter().filter(|r| r.text.chars().any(is_rtl)).count() * 2 > self.runs.len();
        let texts: Vec<&str> = self.runs.iter().map(|r| r.text.as_str()).collect();
        if rtl { texts.into_iter().rev().collect::<Vec<_>>().join(" ") } else { texts.join(" ") }
    }
}

#[derive(Debug)]
pub(super) struct Page {
    pub(super) number: u32,
    pub(super) height: f64,
    pub(super) rows: Vec<Row>,
    pub(super) rules: Vec<Rule>,
}

/// A gap of this many letter heights begins a new run.
const RUN_GAP: f64 = 0.95;

impl Page {
    pub(super) fn from_glyphs(page: Collected) -> Self {
        let Collected { number, height, mut glyphs, rules } = page;
        glyphs.retain(|g| !g.text.is_empty());
        glyphs.sort_by(|a, b| a.y.total_cmp(&b.y));
        let mut rows: Vec<Row> = Vec::new();
        let mut line: Vec<Glyph> = Vec::new();
        let mut base = f64::NEG_INFINITY;
        for glyph in glyphs {
            let size = line.last().map_or(glyph.size, |g| g.size.max(glyph.size));
            if !line.is_empty() && glyph.y - base > 0.35 * size {
                rows.extend(row(std::mem::take(&mut line)));
            }
            if line.is_empty() {
                base = glyph.y;
            }
            line.push(glyph);
        }
        rows.extend(row(line));
        rows.retain(|r| !shape::is_leader(&r.text()));
        Self { number, height, rows, rules }
    }
}

fn row(mut glyphs: Vec<Glyph>) -> Option<Row> {
    glyphs.sort_by(|a, b| a.x.total_cmp(&b.x));
    // Bold is sometimes faked by drawing a letter twice.
    glyphs.dedup_by(|b, a| a.text == b.text && (a.x - b.x).abs() < 0.12 * a.size && !a.text.trim().is_empty());
    let first = glyphs.iter().find(|g| !g.text.trim().is_empty())?;
    let y = first.y;
    let mut runs: Vec<Run> = Vec::new();
    let mut end = f64::NEG_INFINITY;
    let mut blank = false;
    for glyph in &glyphs {
        let text = glyph.text.trim_matches(|c: char| c.is_whitespace() || c.is_control());
        if text.is_empty() {
            blank = true;
            continue;
        }
        let gap = glyph.x - end;
        match runs.last_mut() {
            Some(run) if gap < RUN_GAP * glyph.size => {
                if blank && gap > 0.05 * glyph.size || gap > if glyph.starts { 0.15 } else { 0.22 } * glyph.size {
                    run.text.push(' ');
                }
                run.text.push_str(text);
                run.right = run.right.max(glyph.x + glyph.width);
                run.size = run.size.max(glyph.size);
            }
            _ => {
                runs.push(Run { left: glyph.x, right: glyph.x + glyph.width, size: glyph.size, text: text.to_string() })
            }
        }
        end = runs.last().map_or(end, |r| r.right);
        blank = false;
    }
    for run in &mut runs {
        run.text = logical(&run.text.nfkc().collect::<String>());
    }
    // A bullet and its text belong together, however far apart.
    if runs.len() > 1 && shape::only_marker(&runs[0].text) {
        let text = runs.remove(1);
        runs[0].text = format!("{} {}", runs[0].text, text.text);
        runs[0].right = text.right;
        // A bullet of large type does not make a heading.
        runs[0].size = text.size;
    }
    Some(Row { y, size: largest(&runs), runs })
}

fn largest(runs: &[Run]) -> f64 {
    runs.iter().map(|r| r.size).fold(0.0, f64::max)
}

fn is_rtl(c: char) -> bool {
    matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}')
}

/// Letters of right-to-left scripts, sorted by place, stand in the reverse of reading order; numbers and Latin words
/// inside do not.
fn logical(text: &str) -> String {
    let (rtl, letters) =
        text.chars().filter(|c| c.is_alphabetic()).fold((0, 0), |(r, n), c| (r + usize::from(is_rtl(c)), n + 1));
    if rtl * 2 <= letters || rtl == 0 {
        return text.to_string();
    }
    let reversed: Vec<char> = text.chars().rev().collect();
    let forward = |c: char| !is_rtl(c) && c.is_alphanumeric() || c.is_numeric();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < reversed.len() {
        if !forward(reversed[at]) {
            out.push(match reversed[at] {
                '(' => ')',
                ')' => '(',
                '[' => ']',
                ']' => '[',
                c => c,
            });
            at += 1;
            continue;
        }
        let mut end = at;
        let mut last = at;
        while end < reversed.len()
            && (forward(reversed[end]) || matches!(reversed[end], '.' | ',' | ':' | '@' | '-' | '_' | '/' | '٫' | '٬'))
        {
            if forward(reversed[end]) {
                last = end;
            }
            end += 1;
        }
        out.extend(reversed[at..=last].iter().rev());
        at = last + 1;
    }
    out
}

/// Rows in reading order, parted where a column or the page ends.
pub(super) fn regions(rows: Vec<Row>, depth: usize) -> Vec<Vec<Row>> {
    if rows.len() < 8 || depth > 3 {
        return vec![rows];
    }
    let Some((from, to, gutter)) = gutter(&rows) else { return vec![rows] };
    let mut rows = rows;
    let below = rows.split_off(to);
    let beside = rows.split_off(from);
    let (mut left, mut right) = (Vec::new(), Vec::new());
    for row in beside {
        let (l, r): (Vec<Run>, Vec<Run>) = row.runs.into_iter().partition(|run| run.left < gutter);
        for (runs, side) in [(l, &mut left), (r, &mut right)] {
            if !runs.is_empty() {
                side.push(Row { y: row.y, size: largest(&runs), runs });
            }
        }
    }
    let mut out = Vec::new();
    for part in [rows, left, right, below] {
        if !part.is_empty() {
            out.extend(regions(part, depth + 1));
        }
    }
    out
}

/// The longest stretch of rows with prose on both sides of an upright gap: first row, row after the last, and where.
fn gutter(rows: &[Row]) -> Option<(usize, usize, f64)> {
    let left = rows.iter().map(Row::left).fold(f64::INFINITY, f64::min);
    let right = rows.iter().map(Row::right).fold(f64::NEG_INFINITY, f64::max);
    let width = right - left;
    if width.is_nan() || width < 150.0 {
        return None;
    }
    let mut best: Option<(usize, usize, f64)> = None;
    for step in 0..60 {
        let x = left + width * (0.2 + 0.6 * f64::from(step) / 60.0);
        let crosses = |row: &Row| row.runs.iter().any(|r| r.left < x && r.right > x);
        let mut at = 0;
        while at < rows.len() {
            if crosses(&rows[at]) {
                at += 1;
                continue;
            }
            let end = rows[at..].iter().position(crosses).map_or(rows.len(), |p| at + p);
            // Rows with text on one side only do not open or close a stretch.
            let both = |row: &Row| row.runs.iter().any(|r| r.left < x) && row.runs.iter().any(|r| r.left >= x);
            let from = (at..end).find(|i| both(&rows[*i]));
            if let Some(from) = from
                && end - from > best.map_or(0, |(f, t, _)| t - f)
                && is_prose(&rows[from..end], x)
            {
                best = Some((from, end, x));
            }
            at = end;
        }
    }
    best
}

fn is_prose(rows: &[Row], x: f64) -> bool {
    let (from, to) = (
        rows.iter().map(Row::left).fold(f64::INFINITY, f64::min),
        rows.iter().map(Row::right).fold(f64::NEG_INFINITY, f64::max),
    );
    let side = |on_left: bool| -> Vec<(f64, usize)> {
        rows.iter()
            .filter_map(|row| {
                let runs: Vec<&Run> = row.runs.iter().filter(|r| (r.left < x) == on_left).collect();
                let width: f64 = runs.iter().map(|r| r.right - r.left).sum();
                let words = runs.iter().map(|r| shape::words(&r.text)).sum();
                (!runs.is_empty()).then_some((width, words))
            })
            .collect()
    };
    let fits = |mut lines: Vec<(f64, usize)>, width: f64| {
        if lines.len() < 4 {
            return false;
        }
        let full = lines.iter().filter(|(w, _)| *w > 0.6 * width).count();
        lines.sort_by_key(|(_, words)| *words);
        full * 2 >= lines.len() && lines[lines.len() / 2].1 >= 4
    };
    let widest_left = rows.iter().flat_map(|r| &r.runs).filter(|r| r.left < x).map(|r| r.right).fold(from, f64::max);
    let first_right = rows.iter().flat_map(|r| &r.runs).filter(|r| r.left >= x).map(|r| r.left).fold(to, f64::min);
    fits(side(true), widest_left - from) && fits(side(false), to - first_right)
}

/// A table found in the rows of a region: how many rows it takes, and its cells.
pub(super) struct Found {
    pub(super) taken: usize,
    pub(super) grid: Vec<Vec<String>>,
}

/// A table that begins at the first of `rows`, if one does.
pub(super) fn table(rows: &[Row], rules: &[Rule]) -> Option<Found> {
    if rows.first()?.runs.len() < 2 {
        return None;
    }
    // Take rows for as long as their runs keep to the columns that the rows with several runs make.
    let mut columns: Vec<(f64, f64)> = Vec::new();
    let mut taken = 0;
    let mut last_full = 0;
    for (at, row) in rows.iter().enumerate() {
        if at > 0 && row.y - rows[at - 1].y > 4.0 * row.size.max(rows[at - 1].size) {
            break;
        }
        if row.runs.len() > 1 {
            let mut merged = columns.clone();
            merged.extend(row.runs.iter().map(|r| (r.left, r.right)));
            let merged = unite(merged);
            // Runs that bridge columns would swallow them.
            if at > 0 && (merged.len() < 2 || merged.len() < columns.len()) {
                break;
            }
            columns = merged;
            taken = at + 1;
            last_full = at;
        } else {
            let run = &row.runs[0];
            let touched = columns.iter().filter(|(l, r)| run.left < *r && run.right > *l).count();
            let near = row.y - rows[at - 1].y < 1.9 * row.size;
            if touched != 1 || !near || at - last_full > 6 {
                break;
            }
            taken = at + 1;
        }
    }
    taken = taken.min(last_full + 1 + trailing(&rows[..taken], last_full, &columns));
    let full = rows[..taken].iter().filter(|r| r.runs.len() > 1).count();
    if columns.len() < 2 || full < 2 || (full == 2 && columns.len() == 2 && rules.is_empty()) {
        return None;
    }
    Some(Found { taken, grid: assemble(&rows[..taken], &columns, rules) })
}

/// Wrapped lines of the last row. In its first column a lone line is the next paragraph, unless it goes on in lower case.
fn trailing(rows: &[Row], last_full: usize, columns: &[(f64, f64)]) -> usize {
    let wraps = |row: &&Row| {
        let near = row.y - rows[last_full].y < 1.45 * row.size;
        column_of(columns, &row.runs[0]) > 0 || (near && row.runs[0].text.starts_with(char::is_lowercase))
    };
    rows[last_full + 1..].iter().take_while(wraps).count()
}

fn unite(mut spans: Vec<(f64, f64)>) -> Vec<(f64, f64)> {
    spans.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut out: Vec<(f64, f64)> = Vec::new();
    for (left, right) in spans {
        match out.last_mut() {
            Some(last) if left < last.1 + 1.0 => last.1 = last.1.max(right),
            _ => out.push((left, right)),
        }
    }
    out
}

fn column_of(columns: &[(f64, f64)], run: &Run) -> usize {
    let middle = f64::midpoint(run.left, run.right);
    let distance = |(left, right): &(f64, f64)| if middle < *left { left - middle } else { (middle - right).max(0.0) };
    (0..columns.len()).min_by(|a, b| distance(&columns[*a]).total_cmp(&distance(&columns[*b]))).unwrap_or(0)
}

/// Heights of the rules that cross most of the table between two heights.
fn ruled_between(rules: &[Rule], top: f64, bottom: f64, columns: &[(f64, f64)]) -> Vec<f64> {
    let (left, right) = (columns.first().map_or(0.0, |c| c.0), columns.last().map_or(0.0, |c| c.1));
    let mut heights: Vec<f64> = Vec::new();
    let mut covered: Vec<(f64, f64)> = Vec::new();
    for rule in rules.iter().filter(|r| r.y > top && r.y < bottom) {
        let width = rule.right.min(right) - rule.left.max(left);
        if width <= 0.0 {
            continue;
        }
        // Boxes around cells draw a line in pieces.
        match covered.iter_mut().find(|(y, _)| (*y - rule.y).abs() < 1.5) {
            Some((_, sum)) => *sum += width,
            None => covered.push((rule.y, width)),
        }
    }
    heights.extend(covered.iter().filter(|(_, sum)| *sum >= 0.6 * (right - left)).map(|(y, _)| *y));
    heights.sort_by(f64::total_cmp);
    heights
}

fn assemble(rows: &[Row], columns: &[(f64, f64)], rules: &[Rule]) -> Vec<Vec<String>> {
    let (top, bottom) = (rows.first().map_or(0.0, |r| r.y), rows.last().map_or(0.0, |r| r.y));
    let heights = ruled_between(rules, top, bottom, columns);
    let full = rows.iter().filter(|r| r.runs.len() > 1).count();
    // Lines between every row say which lines belong together; a line below the header alone does not.
    let ruled = heights.len() >= 2 && (heights.len() + 1) * 3 >= full;
    let band = |y: f64| heights.iter().filter(|h| **h < y).count();
    let mut gaps: Vec<f64> =
        rows.windows(2).filter(|w| w.iter().all(|r| r.runs.len() > 1)).map(|w| w[1].y - w[0].y).collect();
    gaps.sort_by(f64::total_cmp);
    let usual = gaps.get(gaps.len() / 2).copied();
    let mut grid: Vec<Vec<String>> = Vec::new();
    for (at, row) in rows.iter().enumerate() {
        let mut cells = vec![String::new(); columns.len()];
        for run in &row.runs {
            shape::join_line(&mut cells[column_of(columns, run)], &run.text);
        }
        let continues = at > 0
            && if ruled {
                band(row.y) == band(rows[at - 1].y)
            } else {
                let filled = |c: &[String]| c.iter().filter(|t| !t.is_empty()).count();
                let above = grid.last().map_or(0, |c| filled(c));
                let gap = row.y - rows[at - 1].y;
                // A lone line closer than rows are, or one that goes on in lower case, is the rest of a wrapped cell.
                let wraps = row.runs.len() == 1
                    && (usual.is_some_and(|u| gap < 0.85 * u) || cells[0].starts_with(char::is_lowercase));
                (cells[0].is_empty() || wraps) && filled(&cells) < above.max(2) && gap < 1.45 * row.size
            };
        match grid.last_mut() {
            Some(above) if continues => {
                for (cell, text) in above.iter_mut().zip(&cells) {
                    if !text.is_empty() {
                        shape::join_line(cell, text);
                    }
                }
            }
            _ => grid.push(cells),
        }
    }
    grid
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn right_to_left_lines_read_in_their_order_with_numbers_intact() {
        let visual: String = "نفتح من 7:00 حتى 10".chars().rev().collect();
        // On paper the digits stand from left to right.
        let visual = visual.replace("00:7", "7:00").replace("01", "10");
        assert_eq!(logical(&visual), "نفتح من 7:00 حتى 10");
        assert_eq!(logical("plain text 12"), "plain text 12");
    }
}
