//! Gives back the room of files that nobody needs any more, once a day: those that were kept long enough, and those that
//! nothing refers to, such as after a crash between writing a file and its row.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use base::{Result, Time};

use super::{is_hash, settings, store};
use crate::outbox::problem;
use crate::workspace::Workspace;

pub(crate) const CLEAN_JOB: &str = "media.clean";
/// At night by the business's own clock; a night that was slept through is made up for.
pub(crate) const CLEAN_AT: &str = "40 3 * * *";

/// A file is written before the row that refers to it; nothing younger than this is taken for left over.
const LEFT_OVER_AFTER: Duration = Duration::from_secs(24 * 3600);
/// Steps of one transaction, and files looked up at once.
const BATCH: usize = 200;
/// What a file is called between being found left over and being deleted.
const REMOVED: &str = "removed";
/// Files under way; a crash leaves them behind.
const UNFINISHED: [&str; 2] = ["part", "arrived"];

/// The handler of the daily job.
pub(crate) async fn run(ws: Arc<Workspace>, _ctx: jobs::Context) -> jobs::Outcome {
    clean(&ws).await.map(drop).into()
}

/// What was given back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cleaned {
    /// Messages that let their file go.
    pub(crate) let_go: usize,
    /// Files that were deleted.
    pub(crate) deleted: usize,
}

pub(crate) async fn clean(ws: &Workspace) -> Result<Cleaned> {
    let now = ws.clock.now();
    let let_go = let_go(ws, now).await?;
    let deleted = delete_left_over(ws, now).await?;
    if let_go + deleted > 0 {
        tracing::info!(let_go, deleted, "the media folder was cleaned");
    }
    Ok(Cleaned { let_go, deleted })
}

/// Customers' files that were kept long enough, and those of messages that were taken back.
async fn let_go(ws: &Workspace, now: Time) -> Result<usize> {
    let keep_days = ws.db.read(settings).await?.keep_days;
    let before = now.minus(Duration::from_secs(u64::from(keep_days) * 24 * 3600));
    let note = problem(&format!("This file was deleted after {keep_days} days, as your settings say."));
    let mut all = 0;
    loop {
        let found = ws.db.read(move |c| store::outdated(c, before, now.minus(LEFT_OVER_AFTER), BATCH)).await?;
        if found.is_empty() {
            return Ok(all);
        }
        all += found.len();
        let note = note.clone();
        ws.db
            .write_in_background(move |tx| {
                found
                    .into_iter()
                    .try_for_each(|(id, taken_back)| store::let_go(tx, id, Some(&note).filter(|_| !taken_back)))
            })
            .await?;
    }
}

/// Files that neither a message, nor a source, nor a flow refers to. A file is renamed first, looked up once more and only then
/// deleted, so that one that is taken into use at this very moment comes back. Whoever lets anything else refer to this
/// folder has to ask for it in [`in_use`].
async fn delete_left_over(ws: &Workspace, now: Time) -> Result<usize> {
    let folder = ws.media();
    let listed = {
        let folder = folder.clone();
        base::task::blocking(move || list(&folder)).await??
    };
    let old = now.minus(LEFT_OVER_AFTER);
    let mut deleted = 0;
    let mut suspects = Vec::new();
    for (name, changed) in listed {
        let (stem, extension) = name.split_once('.').unwrap_or((&name, ""));
        if is_hash(&name) {
            if changed < old {
                suspects.push(name);
            }
        } else if is_hash(stem) && extension == REMOVED {
            // An earlier cleaning was cut short here.
            settle_removed(ws, &folder, &[stem.to_owned()]).await?;
        } else if UNFINISHED.iter().any(|end| extension.ends_with(end)) && changed < old {
            deleted += usize::from(std::fs::remove_file(folder.join(&name)).is_ok());
        }
    }
    for batch in suspects.chunks(BATCH) {
        let used = in_use(ws, batch).await?;
        let renamed: Vec<String> = batch
            .iter()
            .filter(|hash| !used.contains(*hash))
            // A file that somebody reads just now cannot be renamed everywhere: the next night, then.
            .filter(|hash| base::disk::rename(folder.join(hash), folder.join(format!("{hash}.{REMOVED}"))).is_ok())
            .cloned()
            .collect();
        deleted += settle_removed(ws, &folder, &renamed).await?;
    }
    Ok(deleted)
}

/// Deletes renamed files that are still not needed and gives the others their name back.
async fn settle_removed(ws: &Workspace, folder: &Path, hashes: &[String]) -> Result<usize> {
    let used = in_use(ws, hashes).await?;
    let mut deleted = 0;
    for hash in hashes {
        let (removed, file) = (folder.join(format!("{hash}.{REMOVED}")), folder.join(hash));
        if used.contains(hash) && !file.exists() {
            base::disk::rename(&removed, &file)?;
        } else {
            deleted += usize::from(std::fs::remove_file(&removed).is_ok());
        }
    }
    Ok(deleted)
}

/// Which of these files something refers to.
async fn in_use(ws: &Workspace, hashes: &[String]) -> Result<HashSet<String>> {
    let mut used = ws.knowledge.originals().await?;
    let hashes = hashes.to_vec();
    let held = ws
        .db
        .read(move |c| {
            let mut held = Vec::new();
            let drawn = crate::flows::store::files(c)?;
            for hash in hashes {
                if drawn.contains(&hash) || store::is_held(c, &hash)? {
                    held.push(hash);
                }
            }
            Ok(held)
        })
        .await?;
    used.extend(held);
    Ok(used)
}

/// The folder's files by name, with the time of their last change.
fn list(folder: &Path) -> Result<Vec<(String, Time)>> {
    let mut found = Vec::new();
    if !folder.exists() {
        return Ok(found);
    }
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let metadata = entry.metadata()?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        if !metadata.is_file() {
            continue;
        }
        // Without a time it counts as new and stays.
        let changed = metadata.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
        found.push((name, changed.map_or(Time(i64::MAX), |since| Time::ZERO.plus(since))));
    }
    Ok(found)
}
