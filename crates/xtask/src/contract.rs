//! The contract between server and interface: the OpenAPI document, and the types generated from it.

use std::fs;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::{interface, process};

const BUILD_LIMIT: Duration = Duration::from_secs(60 * 60);
const STALE: &str = "Run `cargo xtask openapi` and commit what it writes.";

/// A document of the contract: its name in `docs`, and what makes the program print it.
struct Document {
    name: &'static str,
    arguments: &'static [&'static str],
}

const DOCUMENTS: [Document; 2] = [
    Document { name: "openapi.json", arguments: &["openapi"] },
    Document { name: "openapi-public.json", arguments: &["openapi", "--public"] },
];

impl Document {
    fn path(&self) -> PathBuf {
        process::root().join("docs").join(self.name)
    }
}

fn types_path() -> PathBuf {
    process::root().join("ui").join("src").join("api").join("schema.ts")
}

/// Writes docs/openapi.json, docs/openapi-public.json and ui/src/api/schema.ts.
pub(crate) fn write() -> Result<()> {
    for folder in interface::folders() {
        interface::install(&folder)?;
        // The program embeds the pages: without them it does not compile.
        if !folder.join("dist").is_dir() {
            interface::build(&folder)?;
        }
    }
    process::run(&mut process::cargo(&["build", "--bin", "botflow"]), BUILD_LIMIT)?;
    for document in &DOCUMENTS {
        let path = document.path();
        fs::create_dir_all(path.parent().unwrap_or(&path))?;
        fs::write(&path, printed(document)?).with_context(|| format!("{} cannot be written", path.display()))?;
        println!("docs/{}", document.name);
    }
    interface::script(&process::root().join("ui"), "api")?;
    println!("ui/src/api/schema.ts");
    Ok(())
}

/// Fails when a document in `docs` is not what the program built in `target/debug` says of itself.
pub(crate) fn check_document() -> Result<()> {
    for document in &DOCUMENTS {
        let committed = fs::read_to_string(document.path()).context(STALE)?;
        if plain(&committed) != printed(document)? {
            bail!("docs/{} is not what the server says of itself. {STALE}", document.name);
        }
    }
    Ok(())
}

/// Fails when ui/src/api/schema.ts is not what docs/openapi.json generates. Leaves the file as it was.
pub(crate) fn check_types() -> Result<()> {
    let path = types_path();
    let committed = fs::read(&path).with_context(|| format!("ui/src/api/schema.ts is missing. {STALE}"))?;
    let generated = interface::script(&process::root().join("ui"), "api").and_then(|()| Ok(fs::read(&path)?));
    if generated.as_ref().ok() != Some(&committed) {
        fs::write(&path, &committed)?;
    }
    if plain(&String::from_utf8_lossy(&generated?)) != plain(&String::from_utf8_lossy(&committed)) {
        bail!("ui/src/api/schema.ts is not what docs/openapi.json generates. {STALE}");
    }
    Ok(())
}

/// The document as the debug build prints it, ending in one line break.
fn printed(document: &Document) -> Result<String> {
    let program = process::built("debug", "botflow");
    let output = std::process::Command::new(&program)
        .args(document.arguments)
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("{} could not be started", program.display()))?;
    if !output.status.success() {
        bail!("`botflow openapi` failed ({}); its own words are above.", output.status);
    }
    Ok(plain(&String::from_utf8(output.stdout).context("`botflow openapi` did not print text")?))
}

/// The text without what an editor or Windows may change: line ends, and blanks at the end.
fn plain(text: &str) -> String {
    format!("{}\n", text.replace("\r\n", "\n").trim_end())
}
