//! Removes what is printed on every page: running heads, foot lines, page numbers.

use std::collections::{HashMap, HashSet};

use super::layout::{Page, Row};
use crate::parse::shape;

/// Part of a page's height, at its top and at its bottom, where such lines stand.
const MARGIN: f64 = 0.12;

pub(super) fn remove(pages: &mut [Page]) {
    let count = pages.len();
    let mut seen: HashMap<String, HashSet<u32>> = HashMap::new();
    for page in pages.iter() {
        for row in edges(page) {
            seen.entry(key(row)).or_default().insert(page.number);
        }
    }
    for page in pages {
        let height = page.height;
        let (first, last) = bounds(&page.rows);
        page.rows.retain(|row| {
            if !in_margin(row, height, first, last) {
                return true;
            }
            let repeated =
                count > 1 && seen.get(&key(row)).is_some_and(|p| p.len() >= 2 && p.len() * 2 >= count.min(40));
            !(repeated || shape::is_page_number(&row.text()))
        });
    }
}

fn bounds(rows: &[Row]) -> (f64, f64) {
    (rows.first().map_or(0.0, |r| r.y), rows.last().map_or(0.0, |r| r.y))
}

/// The outermost lines count too, on pages whose size is not told rightly.
fn in_margin(row: &Row, height: f64, first: f64, last: f64) -> bool {
    (row.y < MARGIN * height && row.y - first < 40.0) || (row.y > (1.0 - MARGIN) * height && last - row.y < 40.0)
}

fn edges(page: &Page) -> impl Iterator<Item = &Row> {
    let (first, last) = bounds(&page.rows);
    page.rows.iter().filter(move |r| in_margin(r, page.height, first, last))
}

/// A line with its numbers made equal.
fn key(row: &Row) -> String {
    let mut out = String::new();
    for c in row.text().chars() {
        match c {
            c if c.is_numeric() => {
                if !out.ends_with('#') {
                    out.push('#');
                }
            }
            c if c.is_whitespace() => {}
            c => out.extend(c.to_lowercase()),
        }
    }
    out
}
