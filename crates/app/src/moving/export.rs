//! Everything of a data folder into one sealed file, while the program goes on.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use base::disk::sync_folder;
use base::id::WorkspaceId;
use base::{Error, Result, Secret, Time};

use super::entries::{AROUND, CONFIGURATION, KEY, MEDIA, Part, SYSTEM, WORKSPACE, WORKSPACES, Writer, is_hash};
use super::place::{Scratch, remove_file};
use super::room::Need;
use super::seal::{Header, Sealing, of_io, sealed};
use super::{Progress, Summary, check_passphrase};

/// A part and where its bytes are read from.
struct Source {
    part: Part,
    path: PathBuf,
    size: u64,
}

/// Writes everything of `data` into `target`, sealed under `passphrase`. A program may be working on the folder. The
/// file gets its name when it is complete.
///
/// # Errors
/// `Conflict` when there is nothing to move, or a file of this name.
pub fn export(data: &Path, target: &Path, passphrase: &Secret, now: Time, progress: &Progress) -> Result<Summary> {
    check_passphrase(passphrase)?;
    if !data.join(SYSTEM).exists() {
        return Err(Error::conflict(format!("There is no data to move in {}.", data.display())));
    }
    if target.exists() {
        return Err(Error::conflict(format!("There is a file at {} already. Choose another name.", target.display())));
    }
    let scratch = Scratch::make(data)?;
    let sources = gather(data, &scratch, progress)?;
    let part = part_name(target);
    let written = write(&part, &sources, passphrase, now, progress);
    match written {
        Ok(summary) => {
            base::disk::rename(&part, target)?;
            if let Some(folder) = target.parent() {
                sync_folder(folder);
            }
            Ok(summary)
        }
        Err(e) => {
            let _ = remove_file(&part);
            Err(e)
        }
    }
}

fn part_name(target: &Path) -> PathBuf {
    let mut name = target.as_os_str().to_owned();
    name.push(".part");
    name.into()
}

fn size(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |m| m.len())
}

fn businesses(data: &Path) -> Result<Vec<WorkspaceId>> {
    let folder = data.join(WORKSPACES);
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if let Some(id) = entry.file_name().to_str().and_then(|name| name.parse().ok())
            && entry.path().join(WORKSPACE).exists()
        {
            found.push(id);
        }
    }
    found.sort();
    Ok(found)
}

/// What making a file of `data` will write.
pub(crate) fn need(data: &Path) -> Result<Need> {
    let ids = businesses(data)?;
    let mut log = data.join(SYSTEM).into_os_string();
    log.push("-wal");
    let mut copies = size(&data.join(SYSTEM)) + size(Path::new(&log));
    let mut content = size(&data.join(KEY)) + size(&data.join(CONFIGURATION));
    let mut parts = 4 + ids.len() as u64;
    for id in ids {
        let home = data.join(WORKSPACES).join(id.to_string());
        copies += size(&home.join(WORKSPACE)) + size(&home.join(format!("{WORKSPACE}-wal")));
        let files = list(&home.join(MEDIA))?;
        parts += files.len() as u64;
        content += files.iter().map(|(_, size)| size).sum::<u64>();
    }
    Ok(Need { copies, file: sealed(copies + content + parts * AROUND) })
}

/// Databases first, then the list of files: what a database refers to is there then, and is not cleaned away for a day.
fn gather(data: &Path, scratch: &Scratch, progress: &Progress) -> Result<Vec<Source>> {
    let ids = businesses(data)?;
    let databases: Vec<Part> = std::iter::once(Part::System).chain(ids.iter().copied().map(Part::Workspace)).collect();
    let media = |id: &WorkspaceId| data.join(WORKSPACES).join(id.to_string()).join(MEDIA);
    // Each byte of a database is read twice, for the copy and for the file.
    let guessed: u64 = databases.iter().map(|part| 2 * size(&part.below(data))).sum();
    let mut files = 0;
    for id in &ids {
        files += list(&media(id))?.iter().map(|(_, size)| size).sum::<u64>();
    }
    progress.expect(guessed + files);
    let mut sources = Vec::new();
    for (n, part) in databases.into_iter().enumerate() {
        let copy = scratch.path().join(format!("{n}.db"));
        let whole = size(&part.below(data));
        let mut told = 0;
        db::copy_watched(&part.below(data), &copy, |done, all| {
            let bytes = whole.checked_div(all).unwrap_or(0) * done;
            let step = bytes.saturating_sub(told);
            told = told.max(bytes);
            progress.step(step)
        })?;
        sources.push(Source { part, size: size(&copy), path: copy });
    }
    for (part, name) in [(Part::Key, KEY), (Part::Configuration, CONFIGURATION)] {
        let path = data.join(name);
        if path.exists() {
            sources.push(Source { part, size: size(&path), path });
        }
    }
    for id in ids {
        let folder = media(&id);
        let of = |(name, size): (String, u64)| Source { path: folder.join(&name), part: Part::Media(id, name), size };
        sources.extend(list(&folder)?.into_iter().map(of));
    }
    Ok(sources)
}

/// The files kept by their content, with their sizes; not those that are still on their way.
fn list(folder: &Path) -> Result<Vec<(String, u64)>> {
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if let Some(name) = entry.file_name().to_str()
            && is_hash(name)
            && let Ok(metadata) = entry.metadata()
        {
            found.push((name.to_owned(), metadata.len()));
        }
    }
    found.sort();
    Ok(found)
}

fn write(target: &Path, sources: &[Source], passphrase: &Secret, now: Time, progress: &Progress) -> Result<Summary> {
    let businesses = sources.iter().filter(|s| matches!(s.part, Part::Workspace(_))).count();
    let summary = Summary {
        businesses: u32::try_from(businesses).map_err(Error::internal)?,
        files: sources.iter().filter(|s| matches!(s.part, Part::Media(..))).count() as u64,
        bytes: sources.iter().map(|s| s.size).sum(),
    };
    let header = Header::new(env!("CARGO_PKG_VERSION"), now, summary.businesses, summary.files, summary.bytes);
    let file = create(target)?;
    let mut writer = Writer::new(Sealing::begin(BufWriter::with_capacity(1 << 20, file), &header, passphrase)?);
    for source in sources {
        let mut content = match File::open(&source.path) {
            Ok(content) => content,
            // Cleaned away since it was listed: nothing refers to it.
            Err(e) if e.kind() == std::io::ErrorKind::NotFound && matches!(source.part, Part::Media(..)) => continue,
            Err(e) => return Err(e.into()),
        };
        writer.put(&source.part, source.size, &mut content, |bytes| progress.step(bytes))?;
    }
    let mut out = writer.finish()?.finish()?;
    out.flush().map_err(of_io)?;
    out.get_ref().sync_all().map_err(of_io)?;
    Ok(summary)
}

/// Readable by its owner only, where the system can say so.
pub(super) fn create(path: &Path) -> Result<File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.open(path).map_err(of_io)
}
