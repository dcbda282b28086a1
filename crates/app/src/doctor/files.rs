//! Which databases there are, found on the disk, so that a damaged one hides no other.

use std::path::{Path, PathBuf};
use std::time::Duration;

use base::Result;
use db::rusqlite::Connection;

use super::store;

/// More businesses than this are not looked at.
const MOST: usize = 100;

/// A database and the business it belongs to.
#[derive(Clone, Debug)]
pub(crate) struct File {
    pub(crate) path: PathBuf,
    /// Its folder, which holds the search index and the files, too.
    pub(crate) folder: PathBuf,
    /// The name its owner gave it.
    pub(crate) business: String,
}

impl File {
    pub(crate) fn look(&self, patience: Duration) -> Result<Connection> {
        db::look(&self.path, patience)
    }
}

/// The databases of all businesses.
#[derive(Clone, Debug, Default)]
pub(crate) struct Businesses(pub(crate) Vec<File>);

impl Businesses {
    pub(crate) async fn find(data: &Path) -> Self {
        let data = data.to_owned();
        let found = base::task::blocking(move || Self::list(&data));
        // A disk that hangs: the checks of folders and disk say so.
        tokio::time::timeout(super::SHORT, found).await.ok().and_then(Result::ok).unwrap_or_default()
    }

    fn list(data: &Path) -> Self {
        let names = db::look(&data.join("system.db"), super::SHORT).and_then(|c| store::names(&c)).unwrap_or_default();
        let entries = std::fs::read_dir(data.join("workspaces")).into_iter().flatten();
        let mut files: Vec<File> = entries
            .filter_map(|entry| entry.ok().map(|e| e.path()))
            .filter(|folder| folder.join("workspace.db").is_file())
            .map(|folder| {
                let id = folder.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
                let business = names.iter().find(|(of, _)| *of == id).map_or(id, |(_, name)| name.clone());
                File { path: folder.join("workspace.db"), business, folder }
            })
            .collect();
        files.sort_by(|a, b| a.path.cmp(&b.path));
        files.truncate(MOST);
        Businesses(files)
    }
}
