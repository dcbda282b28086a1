//! From a grid of cells to tables with caption and header, as people lay them out in sheets and documents.

use super::draft::fold;
use super::shape;
use crate::document::BlockKind;

/// More columns than this are cut: no answer is found in them.
const MAX_COLUMNS: usize = 200;

#[derive(Clone, Debug, Default)]
pub(super) struct Cell {
    pub(super) text: String,
    pub(super) bold: bool,
    /// The document itself says that this is a header cell.
    pub(super) head: bool,
    /// Cells that belong to one merged cell share a number and hold the same text.
    pub(super) span: Option<u32>,
}

impl Cell {
    pub(super) fn plain(text: &str) -> Self {
        Self { text: text.to_string(), ..Self::default() }
    }

    fn is_blank(&self) -> bool {
        self.text.is_empty()
    }
}

pub(super) type Row = Vec<Cell>;

/// Tables, and paragraphs for what stands around them, in reading order. Blank rows part tables.
pub(super) fn blocks(mut rows: Vec<Row>, caption: Option<String>) -> Vec<BlockKind> {
    for cell in rows.iter_mut().flatten() {
        cell.text = fold(&cell.text);
    }
    let mut out = Vec::new();
    let mut caption = caption.map(|c| fold(&c)).filter(|c| !c.is_empty());
    for region in rows.split(|row| row.iter().all(Cell::is_blank)) {
        if !region.is_empty() {
            read_region(region.to_vec(), &mut caption, &mut out);
        }
    }
    if let Some(text) = caption {
        out.push(BlockKind::Paragraph { text });
    }
    out
}

fn read_region(rows: Vec<Row>, caption: &mut Option<String>, out: &mut Vec<BlockKind>) {
    let mut rows = square(rows);
    let Some(body_at) = rows.iter().position(|r| single(r).is_none()) else {
        // Only single cells: text, or a list written down a column. A lone one is the caption of what follows.
        if let [row] = rows.as_slice()
            && let Some(text) = single(row)
            && caption.is_none()
            && shape::words(text) <= 12
        {
            *caption = Some(text.to_string());
            return;
        }
        flush(caption, out);
        out.extend(rows.iter().filter_map(|r| single(r)).map(|t| BlockKind::Paragraph { text: t.to_string() }));
        return;
    };
    // Rows with a single cell above the table: its caption, the longer ones plain text.
    for row in rows.drain(..body_at) {
        let Some(text) = single(&row) else { continue };
        flush(caption, out);
        if shape::words(text) <= 20 {
            *caption = Some(text.to_string());
        } else {
            out.push(BlockKind::Paragraph { text: text.to_string() });
        }
    }
    // And notes below it.
    let mut notes = Vec::new();
    while rows.len() > 1
        && let Some(text) = rows.last().and_then(|r| single(r))
        && shape::words(text) >= 5
    {
        notes.push(BlockKind::Paragraph { text: text.to_string() });
        rows.pop();
    }
    let rows = square(rows);
    let depth = header_depth(&rows);
    let header = header_of(&rows[..depth]);
    // A blank row inside of a table does not end it.
    if depth == 0
        && caption.is_none()
        && let Some(BlockKind::Table { rows: above, .. }) = out.last_mut()
        && above.first().map(Vec::len) == rows.first().map(Vec::len)
    {
        above.extend(rows.into_iter().map(texts));
    } else {
        emit(caption.take(), header, &rows[depth..], out);
    }
    out.extend(notes.into_iter().rev());
}

fn flush(caption: &mut Option<String>, out: &mut Vec<BlockKind>) {
    out.extend(caption.take().map(|text| BlockKind::Paragraph { text }));
}

/// One table, or several when rows that span it all part it into sections.
fn emit(caption: Option<String>, header: Vec<String>, rows: &[Row], out: &mut Vec<BlockKind>) {
    let width = rows.first().map_or(header.len(), Vec::len);
    let mut caption = caption;
    let base = caption.clone();
    let mut part: Vec<Vec<String>> = Vec::new();
    let mut close = |caption: &Option<String>, part: &mut Vec<Vec<String>>| {
        if !part.is_empty() {
            out.push(BlockKind::Table { caption: caption.clone(), header: header.clone(), rows: std::mem::take(part) });
        }
    };
    for row in rows {
        let section = single(row).filter(|t| {
            width >= 2
                && (row.iter().all(|c| c.span.is_some() && c.span == row[0].span)
                    || (width >= 3 && !row[0].is_blank() && (row[0].bold || t.ends_with(':'))))
        });
        if let Some(text) = section {
            close(&caption, &mut part);
            let text = text.trim_end_matches(':');
            caption = Some(base.as_ref().map_or_else(|| text.to_string(), |b| format!("{b}: {text}")));
            continue;
        }
        let row = texts(row.clone());
        if row != header {
            part.push(row);
        }
    }
    close(&caption, &mut part);
    if rows.is_empty() && !header.is_empty() {
        out.push(BlockKind::Table { caption, header: Vec::new(), rows: vec![header] });
    }
}

fn texts(row: Row) -> Vec<String> {
    row.into_iter().map(|c| c.text).collect()
}

/// Every row as wide as the widest, columns without any text left out.
fn square(mut rows: Vec<Row>) -> Vec<Row> {
    let width = rows.iter().map(Vec::len).max().unwrap_or(0).min(MAX_COLUMNS);
    for row in &mut rows {
        row.resize(width, Cell::default());
    }
    let used: Vec<bool> = (0..width).map(|x| rows.iter().any(|r| !r[x].is_blank())).collect();
    for row in &mut rows {
        let mut x = 0;
        row.retain(|_| {
            x += 1;
            used[x - 1]
        });
    }
    rows
}

/// The text of a row that has only one cell, or one merged over all.
fn single(row: &[Cell]) -> Option<&str> {
    let mut filled = row.iter().filter(|c| !c.is_blank());
    let first = filled.next()?;
    filled.all(|c| c.span.is_some() && c.span == first.span).then_some(first.text.as_str())
}

/// How many of the first rows are the header.
fn header_depth(rows: &[Row]) -> usize {
    let Some(first) = rows.first() else { return 0 };
    let declared = rows.iter().take(3).take_while(|r| r.iter().filter(|c| !c.is_blank()).all(|c| c.head)).count();
    if declared > 0 && declared < rows.len() {
        return declared;
    }
    if rows.len() < 2 || first.len() < 2 {
        return 0;
    }
    let grouped = first.windows(2).any(|w| w[0].span.is_some() && w[0].span == w[1].span)
        || first.iter().zip(&rows[1]).any(|(above, below)| above.is_blank() && !below.is_blank());
    if grouped && rows.len() > 2 && heads(first, &rows[2..], true) && heads(&rows[1], &rows[2..], false) {
        return 2;
    }
    usize::from(heads(first, &rows[1..], false))
}

const DAYS: &[&str] = &[
    "mon",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "montag",
    "lundi",
    "lunes",
    "segunda-feira",
    "maandag",
    "lunedì",
    "senin",
    "monday to friday",
    "mon-fri",
];

/// Whether `row` reads like the header of `body`. `group` is the upper one of two.
fn heads(row: &[Cell], body: &[Row], group: bool) -> bool {
    let filled: Vec<&Cell> = row.iter().filter(|c| !c.is_blank()).collect();
    if filled.len() < 2 || filled.len() * 2 < row.len() || body.is_empty() {
        return false;
    }
    if filled.iter().any(|c| c.text.chars().count() > 60 || c.text.ends_with(['.', '!'])) {
        return false;
    }
    if filled.iter().all(|c| c.bold) && body.iter().flatten().any(|c| !c.bold && !c.is_blank()) {
        return true;
    }
    let digit = |t: &str| t.chars().any(char::is_numeric);
    let repeated = filled
        .iter()
        .enumerate()
        .any(|(i, a)| filled[..i].iter().any(|b| b.text == a.text && (a.span.is_none() || a.span != b.span)));
    if filled.iter().filter(|c| digit(&c.text)).count() * 2 > filled.len()
        || (repeated && (group || row.len() < 4))
        || DAYS.contains(&row[0].text.to_lowercase().as_str())
    {
        return false;
    }
    let body = &body[..body.len().min(40)];
    let needed = if row.len() == 2 { 0.6 } else { 0.5 };
    let contrast = (0..row.len()).any(|x| {
        let column: Vec<&str> = body.iter().map(|r| r[x].text.as_str()).filter(|t| !t.is_empty()).collect();
        let numeric = column.iter().filter(|t| digit(t)).count();
        !row[x].is_blank()
            && !digit(&row[x].text)
            && !column.is_empty()
            && numeric as f64 >= needed * column.len() as f64
    });
    if contrast && (body.len() >= 2 || row.len() >= 3 || digit(&body[0][row.len() - 1].text)) {
        return true;
    }
    // Words only: headers are short, full, and shorter than what they head.
    let mean = |cells: &mut dyn Iterator<Item = &Cell>| {
        let (sum, count) =
            cells.filter(|c| !c.is_blank()).fold((0, 0), |(s, n), c| (s + c.text.chars().count(), n + 1));
        f64::from(u32::try_from(sum).unwrap_or(u32::MAX)) / f64::from(count.max(1))
    };
    filled.len() == row.len()
        && body.len() >= 2
        && filled.iter().all(|c| shape::words(&c.text) <= 4 && !digit(&c.text))
        && mean(&mut body.iter().flatten()) > 1.25 * mean(&mut row.iter())
}

/// Header rows folded into one: "Low season, Half day".
fn header_of(rows: &[Row]) -> Vec<String> {
    let Some(first) = rows.first() else { return Vec::new() };
    (0..first.len())
        .map(|x| {
            let mut parts: Vec<&str> = Vec::new();
            for row in rows {
                let text = row[x].text.as_str();
                if !text.is_empty() && parts.last() != Some(&text) {
                    parts.push(text);
                }
            }
            parts.join(", ")
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows are lines, cells parted by `|`; `^` repeats the cell to the left as merged, `*` marks bold.
    fn grid(text: &str) -> Vec<Row> {
        text.lines()
            .enumerate()
            .map(|(y, line)| {
                let mut row: Row = Vec::new();
                for cell in line.split('|').map(str::trim) {
                    if cell == "^" {
                        let fresh = u32::try_from(y * 100 + row.len()).unwrap();
                        row.last_mut().unwrap().span.get_or_insert(fresh);
                        let left = row.last().unwrap().clone();
                        row.push(left);
                    } else {
                        let text = cell.trim_start_matches('*');
                        row.push(Cell { text: text.into(), bold: text != cell, ..Cell::default() });
                    }
                }
                row
            })
            .collect()
    }

    fn show(text: &str) -> String {
        let mut out = Vec::new();
        for block in blocks(grid(text), None) {
            match block {
                BlockKind::Table { caption, header, rows } => {
                    out.push(format!("[{}] {} :: {}", caption.unwrap_or_default(), header.join("/"), rows.len()));
                }
                BlockKind::Paragraph { text } => out.push(text),
                other => out.push(format!("{other:?}")),
            }
        }
        out.join(" ; ")
    }

    #[test]
    fn headers_and_captions_are_found_where_people_put_them() {
        for (given, expected) in [
            ("Item|Price\nTap|R 10\nPipe|R 20", "[] Item/Price :: 2"),
            ("Prices 2026| |\nItem|Size|Price\nTap|small|R 10\nPipe|big|R 20", "[Prices 2026] Item/Size/Price :: 2"),
            ("Prices|^|^\nItem|Size|Price\nTap|small|R 10", "[Prices] Item/Size/Price :: 1"),
            ("Monday|08:00\nTuesday|08:00\nSunday|closed", "[] / :: 3"),
            ("Monday|closed\nTuesday|08:00\nFriday|08:00", "[]  :: 3"),
            ("*Name|*Town\nAnna|Ulm\nBert|Bonn", "[] Name/Town :: 2"),
            ("Day|Status|Remark\nSunday|closed all day|ring the bell", "[]  :: 2"),
            (
                "Boat|Low season|^|High season|^\n|Half day|Full day|Half day|Full day\nRowing|18|29|24|41\nPedal|22|36|31|53",
                "[] Boat/Low season, Half day/Low season, Full day/High season, Half day/High season, Full day :: 2",
            ),
            ("A|B\nx|1\ny|2\n|\nSum|3", "[] A/B :: 3"),
            (
                "Item|Size|Price\n*Taps||\nTap|a|1\n*Pipes||\nPipe|b|2",
                "[Taps] Item/Size/Price :: 1 ; [Pipes] Item/Size/Price :: 1",
            ),
            (
                "Item|Price\nTap|R 10\nAll prices include VAT at 15%|",
                "[] Item/Price :: 1 ; All prices include VAT at 15%",
            ),
            ("Just one cell", "Just one cell"),
            ("Item|Price\nTap|1\nItem|Price\nPipe|2", "[] Item/Price :: 2"),
            ("Telefon|021 555\nMail|a@b.c\nFax|021 556", "[]  :: 3"),
        ] {
            let expected = expected.replace("[] / ::", "[]  ::");
            assert_eq!(show(given), expected, "{given}");
        }
    }
}
