//! The report for support: a zip of texts that say how the program and its computer are. Never in it: messages, people,
//! documents, secrets. Whatever was not written for it passes the [`redact::Redactor`] first.

mod configuration;
mod contents;
mod logs;
mod redact;

use std::io::{Cursor, Write};
use std::path::Path;

use base::{Error, Result};
use zip::write::SimpleFileOptions;

use crate::doctor::{self, Businesses, Report, Site};
use redact::Redactor;

const README: &str = "This is a report for support.

In it: the findings of the doctor, the version and the system, the configuration without secrets, how many rows each table
has, the kinds of jobs that failed with their errors, and the latest lines of the log.

Not in it: messages, names, addresses and numbers of people, documents, passwords, tokens and keys. Words of the log and of
errors are only there where they are the program's own; \u{2022}\u{2022}\u{2022} stands for all others.

These are plain texts: read them before you send them.
";

/// Makes the report.
pub(crate) async fn bundle(site: &Site) -> Result<Vec<u8>> {
    let report = doctor::examine(site).await;
    let businesses = Businesses::find(&site.config.data).await;
    let site = site.clone();
    base::task::blocking(move || pack(&site, report, &businesses)).await?
}

/// Makes the report and writes it to a new file.
pub(crate) async fn bundle_into(site: &Site, path: &Path) -> Result<()> {
    let zip = bundle(site).await?;
    let made = std::fs::OpenOptions::new().write(true).create_new(true).open(path);
    let mut file = made.map_err(|e| {
        let shown = path.display();
        match e.kind() {
            std::io::ErrorKind::AlreadyExists => {
                Error::conflict(format!("{shown} is there already. Choose another name."))
            }
            _ => Error::invalid(format!("{shown} cannot be written. Choose another folder.")).with_cause(e),
        }
    })?;
    file.write_all(&zip)?;
    file.sync_all()?;
    Ok(())
}

fn pack(site: &Site, mut report: Report, businesses: &Businesses) -> Result<Vec<u8>> {
    let redactor = Redactor::new(&site.config.data);
    contents::without_names(&mut report, &redactor);
    let json = |value: &serde_json::Value| serde_json::to_string_pretty(value).map_err(Error::from);
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in [
        ("README.txt", README.to_owned()),
        ("report.txt", report.to_text(false)),
        ("report.json", json(&serde_json::to_value(&report)?)?),
        ("system.json", json(&contents::system())?),
        ("configuration.json", json(&configuration::without_secrets(&site.config)?)?),
        ("data.json", json(&contents::data(site, businesses, &redactor))?),
        ("log.txt", logs::latest(&site.config.data.join("logs"), &redactor)),
    ] {
        zip.start_file(name, SimpleFileOptions::default()).map_err(Error::internal)?;
        zip.write_all(text.as_bytes())?;
    }
    Ok(zip.finish().map_err(Error::internal)?.into_inner())
}
