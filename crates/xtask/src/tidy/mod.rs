//! `cargo xtask tidy`: the project's rules that neither the compiler nor a linter checks.

mod edges;
mod files;
mod imports;
mod layout;
mod name;
mod sql;

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::{process, stamp};

/// A text file of the repository: its path with `/` on every system, and what is in it.
struct Source {
    path: String,
    text: String,
}

/// Runs every rule and prints what breaks them. Errors: anything did.
pub(crate) fn run() -> Result<()> {
    let paths = listed()?;
    let sources: Vec<Source> = paths.iter().filter_map(|path| read(path)).collect();
    let mut broken = edges::check(&metadata()?);
    broken.extend(layout::check(&paths));
    for source in &sources {
        broken.extend(files::check(source).into_iter().map(|rule| format!("{}: {rule}", source.path)));
        broken.extend(sql::check(source).into_iter().map(|rule| format!("{}: {rule}", source.path)));
        broken.extend(name::check(source).into_iter().map(|rule| format!("{}: {rule}", source.path)));
        broken.extend(imports::check(source).into_iter().map(|rule| format!("{}: {rule}", source.path)));
    }
    for line in &broken {
        println!("    {line}");
    }
    if !broken.is_empty() {
        bail!("{} of the project's rules are broken; each is named above.", broken.len());
    }
    println!("    {} files, {} of them text: all rules hold.", paths.len(), sources.len());
    Ok(())
}

/// Every file that is or would be committed, relative to the top, with `/`.
fn listed() -> Result<Vec<String>> {
    let git = process::output(&mut process::command("git", &["ls-files", "-co", "--exclude-standard", "-z"]));
    let root = process::root();
    let mut paths: Vec<String> = match git {
        Some(names) => names.split('\0').filter(|name| !name.is_empty()).map(str::to_owned).collect(),
        // A copy of the sources without git's folder has its rules all the same.
        None => {
            let mut files = Vec::new();
            stamp::list(&root, &mut files)?;
            let relative =
                |file: &PathBuf| file.strip_prefix(&root).unwrap_or(file).to_string_lossy().replace('\\', "/");
            files.iter().map(relative).collect()
        }
    };
    // Deleted and not yet committed: git still lists it.
    paths.retain(|path| root.join(path).is_file());
    paths.sort();
    paths.dedup();
    Ok(paths)
}

/// The file as text; nothing for pictures, documents and other bytes.
fn read(path: &str) -> Option<Source> {
    let text = String::from_utf8(std::fs::read(process::root().join(path)).ok()?).ok()?;
    (!text.contains('\0')).then(|| Source { path: path.to_owned(), text })
}

fn metadata() -> Result<serde_json::Value> {
    let printed = process::output(&mut process::cargo(&["metadata", "--no-deps", "--format-version", "1"]));
    let printed = printed.context("`cargo metadata` failed. Run it by hand to see why.")?;
    serde_json::from_str(&printed).context("`cargo metadata` printed something else than JSON")
}
