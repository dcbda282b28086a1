//! Tables as text: cells parted by commas, semicolons, tabs or bars.

use base::{Error, Result};

use super::draft::Draft;
use super::table;

const MAX_ROWS: usize = 200_000;

pub(super) fn read(text: &str) -> Result<Draft> {
    let text = text.trim_start_matches('\u{feff}');
    // Excel's own hint in the first line.
    let (hint, text) = match text.split_once('\n') {
        Some((first, rest)) if first.trim().len() == 5 && first.trim().to_ascii_lowercase().starts_with("sep=") => {
            (first.trim().bytes().last(), rest)
        }
        _ => (None, text),
    };
    let delimiter = hint.unwrap_or_else(|| delimiter(text));
    let mut rows: Vec<table::Row> = Vec::new();
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(text.as_bytes());
    for record in reader.records() {
        let record = record.map_err(|e| super::damaged().with_cause(e))?;
        rows.push(record.iter().map(table::Cell::plain).collect());
        if rows.len() > MAX_ROWS {
            return Err(Error::too_large(
                "This table has more than 200,000 rows. Upload the part that customers ask about.",
            ));
        }
    }
    let mut draft = Draft::new();
    draft.table(rows, None);
    Ok(draft)
}

/// The sign that parts most lines into the same number of cells.
fn delimiter(text: &str) -> u8 {
    let score = |delimiter: u8| {
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter)
            .from_reader(text.as_bytes());
        let widths: Vec<usize> = reader.records().take(30).flatten().map(|r| r.len()).collect();
        let usual = widths.iter().copied().max_by_key(|w| widths.iter().filter(|x| *x == w).count()).unwrap_or(1);
        if usual < 2 { (0, 0) } else { (widths.iter().filter(|w| **w == usual).count() * 100 / widths.len(), usual) }
    };
    [b',', b';', b'\t', b'|'].into_iter().max_by_key(|d| score(*d)).filter(|d| score(*d).1 > 1).unwrap_or(b',')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delimiter_is_found_even_when_other_signs_abound() {
        for (text, expected) in [
            ("a,b,c\n1,2,3\n", b','),
            ("name;price\ntap;1,50\npipe;2,75\n", b';'),
            ("a\tb\n1,5\t2\n", b'\t'),
            ("a|b\n1|2\n", b'|'),
            ("only one column\nof text\n", b','),
            ("x;\"a, b; c\"\ny;\"d, e\"\n", b';'),
        ] {
            assert_eq!(delimiter(text), expected, "{text}");
        }
        let doc = read("sep=;\na;b\n1;2").unwrap().finish().unwrap();
        assert!(matches!(&doc.blocks[0].kind, crate::document::BlockKind::Table { header, .. } if header.len() == 2));
    }
}
