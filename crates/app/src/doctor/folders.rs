//! Folders: there, writable, and the key for its owner only.

use std::path::Path;
use std::sync::Arc;

use super::{Area, Check, Finding, SHORT, Site};

const AREA: Area = Area::Folders;

pub(super) fn check(site: &Arc<Site>) -> Check {
    let site = site.clone();
    Check::blocking(AREA, "Folders", SHORT, move || {
        let data = &site.config.data;
        let mut findings: Vec<Finding> = [
            ("Data folder", data.clone()),
            ("Folder of logs", data.join("logs")),
            ("Folder of models", site.config.models_folder()),
        ]
        .iter()
        .map(|(name, folder)| look(name, folder))
        .collect();
        findings.extend(key(&data.join("secret.key")));
        findings
    })
}

fn look(name: &str, folder: &Path) -> Finding {
    let shown = folder.display();
    if !folder.exists() {
        return Finding::good(AREA, name, format!("{shown} is not there yet; it is made when it is needed."));
    }
    if !folder.is_dir() {
        let sentence = format!("{shown} is a file where a folder should be.");
        return Finding::bad(AREA, name, sentence, "Move that file away, then start the program again.");
    }
    // A file without a name, where the system knows such files: gone by itself, whatever happens.
    match tempfile::tempfile_in(folder) {
        Ok(_) => Finding::good(AREA, name, format!("{shown} can be written.")),
        Err(e) if name == "Folder of models" => Finding::attention(
            AREA,
            name,
            format!("{shown} cannot be written ({}), so no model can be downloaded.", e.kind()),
            "Give your account the right to write there, or name another folder for models.",
        ),
        Err(e) => Finding::bad(
            AREA,
            name,
            format!("{shown} cannot be written ({}).", e.kind()),
            "Give your account the right to write there, and see that the disk is not full or locked.",
        ),
    }
}

/// Who can read the key can read every stored password.
#[cfg(unix)]
fn key(path: &Path) -> Option<Finding> {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(path).ok()?.permissions().mode();
    Some(if mode & 0o077 == 0 {
        Finding::good(AREA, "Key file", "Only your account can read the key.")
    } else {
        Finding::attention(
            AREA,
            "Key file",
            "Other accounts of this computer can read the key that opens stored passwords.",
            format!("Take their right away: chmod 600 “{}”.", path.display()),
        )
    })
}

/// Other systems keep a person's folders apart by themselves.
#[cfg(not(unix))]
fn key(_: &Path) -> Option<Finding> {
    None
}
