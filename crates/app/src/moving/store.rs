//! The one question that moving asks of a database that lies in the way.

use std::path::Path;
use std::time::Duration;

use base::Result;

const PATIENCE: Duration = Duration::from_secs(10);

/// Whether somebody owns the program whose database this is.
pub(crate) fn has_owner(system: &Path) -> Result<bool> {
    let connection = db::look(system, PATIENCE)?;
    // A file that was only begun has no tables yet.
    let any = connection.table_exists(None, "user")?
        && connection.query_row("select exists (select 1 from user)", [], |row| row.get(0))?;
    Ok(any)
}
