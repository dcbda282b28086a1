//! Workbooks in the old Excel format. Its sheets end at 65,536 rows and 256 columns, so a dense grid is bearable.

use std::io::Cursor;

use base::{Error, Result};
use calamine::{Data, Reader, SheetVisible, Xls, XlsError};

use super::draft::Draft;
use super::sheets::{self, Grid};
use super::{number, table};

pub(super) fn read(bytes: &[u8]) -> Result<Draft> {
    let mut workbook: Xls<_> = match Xls::new(Cursor::new(bytes)) {
        Ok(workbook) => workbook,
        Err(XlsError::Password) => return Err(super::protected()),
        Err(e) => return Err(super::damaged().with_cause(e)),
    };
    let listed: Vec<(String, bool)> =
        workbook.sheets_metadata().iter().map(|s| (s.name.clone(), s.visible == SheetVisible::Visible)).collect();
    let mut draft = Draft::new();
    draft.pages = u32::try_from(listed.len()).unwrap_or(u32::MAX);
    for (page, (name, visible)) in (1..).zip(listed) {
        if !visible {
            continue;
        }
        let range = workbook.worksheet_range(&name).map_err(|e| super::damaged().with_cause(e))?;
        let (top, left) = range.start().unwrap_or_default();
        let mut grid = Grid::default();
        for (row, column, value) in range.used_cells() {
            let (Ok(row), Ok(column)) = (u32::try_from(row), u32::try_from(column)) else {
                return Err(Error::too_large("This workbook is too large."));
            };
            grid.put(top + row, left + column, table::Cell::plain(&text(value)))?;
        }
        let merged = workbook.merge_cells_by_sheet_name(&name).unwrap_or_default();
        for (span, area) in (1..).zip(merged) {
            grid.merge(area.start, area.end, span)?;
        }
        sheets::add(&mut draft, page, &name, grid);
    }
    Ok(draft)
}

fn text(value: &Data) -> String {
    match value {
        Data::Int(n) => n.to_string(),
        Data::Float(n) => number::general(*n),
        Data::String(s) | Data::DateTimeIso(s) | Data::DurationIso(s) => s.clone(),
        Data::Bool(true) => "TRUE".into(),
        Data::Bool(false) => "FALSE".into(),
        Data::DateTime(moment) => {
            let value = moment.as_f64();
            let code = match (value.trunc() == 0.0, value.fract() == 0.0) {
                (true, _) => "h:mm",
                (_, true) => "yyyy-mm-dd",
                _ => "yyyy-mm-dd h:mm",
            };
            number::show(value, if moment.is_duration() { "[h]:mm" } else { code }, false)
        }
        Data::Error(_) | Data::Empty => String::new(),
    }
}
