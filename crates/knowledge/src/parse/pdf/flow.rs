//! From lines in reading order to headings, paragraphs, lists and tables.

use std::collections::HashMap;

use super::layout::{self, Page, Row};
use crate::parse::draft::Draft;
use crate::parse::{shape, table};

/// What is known of the whole document's type.
struct Type {
    body: f64,
    /// Sizes of headings, largest first.
    heads: Vec<f64>,
}

impl Type {
    fn of(pages: &[Page]) -> Self {
        // Sizes in tenths of a point, weighed by letters.
        let mut weight: HashMap<i64, usize> = HashMap::new();
        let mut lines: HashMap<i64, usize> = HashMap::new();
        for row in pages.iter().flat_map(|p| &p.rows) {
            let text = row.text();
            let size = (row.size * 10.0).round() as i64;
            *weight.entry(size).or_default() += text.chars().count();
            if shape::words(&text) <= 14 {
                *lines.entry(size).or_default() += 1;
            }
        }
        let body = weight.iter().max_by_key(|(size, n)| (**n, -**size)).map_or(100, |(size, _)| *size);
        let mut heads: Vec<i64> = lines.into_keys().filter(|s| *s as f64 > body as f64 * 1.08).collect();
        heads.sort_unstable_by(|a, b| b.cmp(a));
        heads.dedup_by(|b, a| (*a - *b) as f64 <= *a as f64 * 0.04);
        Self { body: body as f64 / 10.0, heads: heads.into_iter().map(|s| s as f64 / 10.0).collect() }
    }

    /// The level of a line by its size alone.
    fn level(&self, size: f64) -> Option<u8> {
        if size <= self.body * 1.08 {
            return None;
        }
        let place = self.heads.iter().position(|h| size >= h * 0.955)?;
        u8::try_from(place + 1).ok().map(|l| l.min(4))
    }
}

/// Text that may go on in the next line, column or page.
#[derive(Default)]
struct Open {
    text: String,
    item: bool,
    /// Level, when it is a heading by its size.
    head: Option<u8>,
    /// A heading by its shape.
    weak: bool,
    last: Option<Last>,
}

#[derive(Clone, Copy)]
struct Last {
    y: f64,
    left: f64,
    right: f64,
    size: f64,
    page: u32,
    region: usize,
    /// Right edge of the column it stands in.
    edge: f64,
    /// Usual distance of lines there.
    pitch: f64,
}

pub(super) fn write(pages: Vec<Page>, draft: &mut Draft) {
    let typ = Type::of(&pages);
    let mut open = Open::default();
    let mut number = 0;
    for page in pages {
        for region in layout::regions(page.rows, 0) {
            number += 1;
            let edge = region.iter().map(Row::right).fold(0.0, f64::max);
            let pitch = pitch(&region, typ.body);
            let mut at = 0;
            while at < region.len() {
                if let Some(found) = layout::table(&region[at..], &page.rules) {
                    close(&mut open, draft);
                    draft.on_page(page.number);
                    let grid =
                        found.grid.into_iter().map(|row| row.iter().map(|t| table::Cell::plain(t)).collect()).collect();
                    draft.table(grid, None);
                    at += found.taken;
                    continue;
                }
                let row = &region[at];
                let place = Last {
                    y: row.y,
                    left: row.left(),
                    right: row.right(),
                    size: row.size,
                    page: page.number,
                    region: number,
                    edge,
                    pitch,
                };
                line(&row.text(), place, region.get(at + 1), &typ, &mut open, draft);
                at += 1;
            }
        }
    }
    close(&mut open, draft);
}

/// The usual distance between lines of a region.
fn pitch(rows: &[Row], body: f64) -> f64 {
    let mut gaps: Vec<f64> =
        rows.windows(2).map(|w| w[1].y - w[0].y).filter(|g| *g > 0.5 * body && *g < 3.0 * body).collect();
    gaps.sort_by(f64::total_cmp);
    gaps.get(gaps.len() / 3).copied().unwrap_or(1.25 * body)
}

fn close(open: &mut Open, draft: &mut Draft) {
    let Open { text, item, head, weak, .. } = std::mem::take(open);
    if text.is_empty() {
        return;
    }
    match (head, item) {
        (Some(level), _) => draft.heading(level, &text),
        (None, true) => draft.item(&text),
        (None, false) if weak => draft.weak_heading(text.trim_end_matches(':')),
        (None, false) => draft.paragraph(&text),
    }
}

fn line(text: &str, place: Last, next: Option<&Row>, typ: &Type, open: &mut Open, draft: &mut Draft) {
    let text = text.trim();
    if text.is_empty() {
        return;
    }
    // A line of large type that is long or ends like a sentence is a lead paragraph, not a heading.
    let head = typ.level(place.size).filter(|_| shape::words(text) <= 20 && !text.ends_with(['.', ',', ';']));
    let item = shape::item(text).filter(|_| head.is_none() && (shape::has_bullet(text) || is_numbered_item(text)));
    if goes_on(text, &place, head, item.is_some(), open) {
        shape::join_line(&mut open.text, text);
        open.last = Some(place);
        return;
    }
    let after_gap = open
        .last
        .is_none_or(|l| l.region != place.region || place.y - l.y > 1.25 * l.pitch || l.size > place.size * 1.05);
    let sentence_ended = open.text.is_empty() || open.head.is_some() || shape::ends_sentence(&open.text) || open.item;
    let asks = shape::asks(text) && shape::could_head(text);
    let narrow = place.right < place.edge - 0.15 * (place.edge - place.left).max(100.0);
    let weak = head.is_none()
        && item.is_none()
        && (after_gap || sentence_ended && asks)
        && (narrow || text.chars().filter(|c| c.is_alphabetic()).all(char::is_uppercase))
        && shape::could_head(text)
        && (!shape::ends_sentence(text) || asks)
        && next.is_some_and(|n| {
            n.y - place.y < 2.2 * place.pitch && !n.text().starts_with(char::is_lowercase) && n.size < place.size * 1.05
        });
    close(open, draft);
    draft.on_page(place.page);
    *open = Open { text: item.unwrap_or(text).to_string(), item: item.is_some(), head, weak, last: Some(place) };
}

/// "1. Bring your slip" is an item, "1. Call-out fees" in body type is decided by what surrounds it.
fn is_numbered_item(text: &str) -> bool {
    shape::item(text).is_some() && (shape::ends_sentence(text) || shape::words(text) > 8)
}

/// Whether a line belongs to what is open.
fn goes_on(text: &str, place: &Last, head: Option<u8>, item: bool, open: &Open) -> bool {
    let Some(last) = &open.last else { return false };
    if open.text.is_empty() || item {
        return false;
    }
    let same_size = (place.size - last.size).abs() <= 0.08 * last.size;
    if open.head.is_some() || head.is_some() {
        // A heading of two lines.
        return open.head == head
            && last.region == place.region
            && place.y - last.y < 1.5 * place.size
            && shape::number_depth(text).is_none();
    }
    if open.weak || !same_size {
        return false;
    }
    let lower = text.starts_with(|c: char| c.is_lowercase() || matches!(c, ',' | ';' | ')'));
    if last.region != place.region {
        // Over the end of a column or page a sentence goes on, nothing else.
        return !shape::ends_sentence(&open.text)
            && (lower
                || (last.right > last.edge - 0.15 * (last.edge - last.left).max(60.0)
                    && last.page + 1 >= place.page
                    && !shape::could_head(text)));
    }
    let gap = place.y - last.y;
    if gap > 1.35 * last.pitch.max(last.size) {
        return false;
    }
    // The line before ended early although the next word would have fitted: a paragraph ended there.
    let room = last.edge - last.right;
    let first_word = text.split_whitespace().next().unwrap_or_default().chars().count() as f64 * last.size * 0.5;
    if room > first_word + last.size
        && !lower
        && !open.item
        && (shape::ends_sentence(&open.text) || room > 0.4 * (last.edge - last.left))
    {
        return false;
    }
    !(open.item && place.left < last.left - 2.0 && shape::ends_sentence(&open.text))
}
