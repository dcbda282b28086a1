//! Files in conversations: fetched from the provider or sent by hand, kept in the business's own folder under their
//! SHA-256, shown to the owner and to the visitor they were sent to, and deleted when nobody needs them any more.

mod clean;
mod fetch;
pub(crate) mod routes;
mod shown;
pub(crate) mod store;

use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use base::message::{Content, Media};
use base::{Error, Result, Time};
use db::Tx;
use db::rusqlite::Connection;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tokio::io::AsyncWriteExt;

pub(crate) use clean::{CLEAN_AT, CLEAN_JOB, run as run_clean};
pub(crate) use fetch::{FETCH_JOB, fetch, want};
pub(crate) use shown::show;

#[cfg(test)]
pub(crate) use clean::{Cleaned, clean};

/// The queue of jobs about files.
pub(crate) const QUEUE: &str = "media";
const SETTING: &str = "media";

/// How long customers' files are kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct MediaSettings {
    pub(crate) keep_days: u32,
}

impl Default for MediaSettings {
    fn default() -> Self {
        Self { keep_days: 180 }
    }
}

pub(crate) fn settings(connection: &Connection) -> Result<MediaSettings> {
    crate::settings::store::get(connection, SETTING)
}

fn put_settings(tx: &Tx<'_>, settings: &MediaSettings) -> Result<()> {
    crate::settings::store::put(tx, SETTING, settings)
}

/// The file of a message, when it has one.
pub(crate) fn file_of(content: &Content) -> Option<&Media> {
    match content {
        Content::Image { media, .. }
        | Content::Video { media, .. }
        | Content::Audio { media, .. }
        | Content::Document { media, .. }
        | Content::Sticker { media, .. } => Some(media),
        _ => None,
    }
}

/// The same, to be changed.
pub(crate) fn file_of_mut(content: &mut Content) -> Option<&mut Media> {
    match content {
        Content::Image { media, .. }
        | Content::Video { media, .. }
        | Content::Audio { media, .. }
        | Content::Document { media, .. }
        | Content::Sticker { media, .. } => Some(media),
        _ => None,
    }
}

/// Whether a file's name is that of a file kept by its content.
fn is_hash(name: &str) -> bool {
    name.len() == 64 && name.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

/// A file on its way into the folder, piece by piece. Dropped before it is kept, it leaves nothing behind.
pub(crate) struct Arriving {
    part: PathBuf,
    file: Option<tokio::fs::File>,
    digest: Sha256,
    size_bytes: u64,
    head: Vec<u8>,
}

/// A file that lies in the folder.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    pub(crate) sha256: String,
    pub(crate) size_bytes: u64,
    /// Its first bytes, which tell its type.
    pub(crate) head: Vec<u8>,
}

impl Arriving {
    pub(crate) async fn begin(folder: &Path) -> Result<Self> {
        tokio::fs::create_dir_all(folder).await?;
        let part = folder.join(format!("{}.part", base::id::fresh().simple()));
        let file = Some(tokio::fs::File::create(&part).await?);
        Ok(Self { part, file, digest: Sha256::new(), size_bytes: 0, head: Vec::with_capacity(32) })
    }

    /// Adds a piece and tells the size so far.
    pub(crate) async fn write(&mut self, piece: &[u8]) -> Result<u64> {
        let file = self.file.as_mut().ok_or_else(|| Error::internal("the file is closed"))?;
        file.write_all(piece).await?;
        self.digest.update(piece);
        self.size_bytes += piece.len() as u64;
        let room = 32usize.saturating_sub(self.head.len());
        self.head.extend(piece.iter().take(room));
        Ok(self.size_bytes)
    }

    /// Makes it last, under its hash.
    pub(crate) async fn keep(mut self, now: Time) -> Result<Kept> {
        let mut file = self.file.take().ok_or_else(|| Error::internal("the file is closed"))?;
        file.flush().await?;
        file.sync_all().await?;
        drop(file);
        let sha256 = hex::encode(std::mem::take(&mut self.digest).finalize());
        let target = self.part.with_file_name(&sha256);
        settle(self.part.clone(), target, now).await?;
        Ok(Kept { sha256, size_bytes: self.size_bytes, head: std::mem::take(&mut self.head) })
    }
}

impl Drop for Arriving {
    fn drop(&mut self) {
        // An open file cannot be deleted everywhere. What stays behind is cleaned away after a day.
        self.file = None;
        let _ = std::fs::remove_file(&self.part);
    }
}

/// Gives a finished file its name. The same content may be there already: then it counts as new from now on, so that the
/// daily cleaning does not take it for left over before a row refers to it.
async fn settle(part: PathBuf, target: PathBuf, now: Time) -> Result<()> {
    base::task::blocking(move || -> Result<()> {
        let there = std::fs::metadata(&target)
            .is_ok_and(|old| old.is_file() && std::fs::metadata(&part).is_ok_and(|new| new.len() == old.len()));
        if there {
            let at = UNIX_EPOCH + Duration::from_millis(u64::try_from(now.as_ms()).unwrap_or(0));
            std::fs::File::options().write(true).open(&target)?.set_modified(at)?;
            std::fs::remove_file(&part)?;
        } else {
            base::disk::rename(&part, &target)?;
        }
        Ok(())
    })
    .await?
}
