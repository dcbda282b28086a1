//! A sealed file into a fresh data folder: unpacked beside, checked, and only then the data.

use std::fs::File;
use std::io::{BufReader, BufWriter, Read};
use std::path::Path;

use base::disk::{self, Lasts, sync_folder};
use base::power::boundary;
use base::{Error, Result, Secret};
use db::Schema;

use super::entries::{Part, Reader, SYSTEM, WORKSPACE, WORKSPACES};
use super::export::create;
use super::place::{self, INSTALLATION};
use super::seal::{Header, Opening, damaged, of_io};
use super::{Progress, Room, Summary, carried, store};

/// Refuses a folder in which somebody works already: one with an owner, or with a business.
pub fn refuse_unless_fresh(data: &Path) -> Result<()> {
    let refused = || {
        Error::conflict(
            "There is data on this computer already. A file from another computer can only be taken over by a fresh \
             installation, so that nothing is lost.",
        )
    };
    let businesses = data.join(WORKSPACES);
    if businesses.exists() {
        for entry in std::fs::read_dir(businesses)? {
            if entry?.path().join(WORKSPACE).exists() {
                return Err(refused());
            }
        }
    }
    if data.join(SYSTEM).exists() && store::has_owner(&data.join(SYSTEM))? {
        return Err(refused());
    }
    Ok(())
}

/// Unpacks `file` and checks it. When this returns well, [`place::settle`] makes it the data; until then nothing in the
/// folder has changed, whatever happens.
///
/// # Errors
/// `Forbidden` for a wrong passphrase, `Invalid` when the file is damaged, foreign, or of a newer program, `Conflict`
/// when somebody works here by now, `DiskLow` when there is no room for it.
pub fn import(data: &Path, file: &Path, passphrase: &Secret, room: &Room, progress: &Progress) -> Result<Summary> {
    let source = File::open(file).map_err(|e| {
        Error::invalid(format!("The file {} could not be read. Check its name.", file.display())).with_cause(e)
    })?;
    let (header, opening) = Opening::begin(BufReader::with_capacity(1 << 20, source), passphrase)?;
    room.for_taking(data, &header, 0)?;
    progress.expect(header.bytes);
    let part = place::fresh_part(data)?;
    boundary("begun");
    // Asked now, since unpacking takes its time: what is here by then must not be wiped out.
    let taken = take(&part, &header, opening, progress).and_then(|summary| refuse_unless_fresh(data).map(|()| summary));
    if taken.is_err() {
        place::drop_part(&part);
    }
    let summary = taken?;
    place::commit(data)?;
    boundary("decided");
    Ok(summary)
}

fn take(part: &Path, header: &Header, opening: Opening<impl Read>, progress: &Progress) -> Result<Summary> {
    let summary = unpack(part, header.bytes, opening, progress)?;
    if summary.businesses != header.businesses {
        return Err(damaged());
    }
    boundary("unpacked");
    check(part)?;
    carried::keep_what_travels(part)?;
    let mark = format!("{} {}", base::random::token(), bots::MOVED);
    disk::replace(&part.join(INSTALLATION), mark.as_bytes(), Lasts::AtOnce)?;
    if !progress.go_on() {
        return Err(Error::cancelled());
    }
    boundary("checked");
    Ok(summary)
}

/// Unpacks no more than `most` bytes: so much room there is.
fn unpack(to: &Path, most: u64, opening: Opening<impl Read>, progress: &Progress) -> Result<Summary> {
    let mut reader = Reader::new(opening);
    let mut summary = Summary::default();
    while let Some(found) = reader.next()? {
        summary.bytes = summary.bytes.saturating_add(found.size);
        if summary.bytes > most {
            return Err(damaged());
        }
        let path = found.part.below(to);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let mut out = BufWriter::with_capacity(256 << 10, create(&path)?);
        reader.take(&found, &mut out, |bytes| progress.step(bytes))?;
        out.into_inner().map_err(|e| of_io(e.into_error()))?.sync_all().map_err(of_io)?;
        match &found.part {
            Part::Media(..) => summary.files += 1,
            Part::Workspace(_) => summary.businesses += 1,
            _ => {}
        }
        boundary("part");
    }
    Ok(summary)
}

/// The databases are whole, and this program knows all that is in them; the key is there and fits in length.
fn check(part: &Path) -> Result<()> {
    db::check_arrived(&part.join(SYSTEM), Schema::System)?;
    if std::fs::metadata(Part::Key.below(part)).map_err(|_| damaged())?.len() != 32 {
        return Err(damaged());
    }
    let businesses = part.join(WORKSPACES);
    if businesses.exists() {
        for entry in std::fs::read_dir(&businesses)? {
            let folder = entry?.path();
            db::check_arrived(&folder.join(WORKSPACE), Schema::Workspace)?;
            sync_folder(&folder);
        }
        sync_folder(&businesses);
    }
    Ok(())
}
