//! What a package is made of besides programs: names, texts and pictures; our own, or a brand's.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::icons;
use crate::process;

/// One product to make packages of.
#[derive(Clone, Debug)]
pub(crate) struct Product {
    /// As people read it.
    pub(crate) name: String,
    /// What the packages, the programs, the service, its user and its folders are called.
    pub(crate) program: String,
    /// The file of the desktop program; the server's is `program`.
    pub(crate) desktop: String,
    pub(crate) identifier: String,
    /// Who makes it, for the packages.
    pub(crate) publisher: String,
    pub(crate) contact: String,
    /// One line.
    pub(crate) about: String,
    pub(crate) version: String,
    pub(crate) icon: PathBuf,
    /// What the programs read of the brand; nothing in a build of our own.
    pub(crate) brand: Option<Value>,
    /// The picture of the name.
    pub(crate) logo: Option<PathBuf>,
    /// Ready flows of the brand.
    pub(crate) templates: Option<PathBuf>,
}

impl Product {
    /// Our own.
    pub(crate) fn ours(version: &str) -> Product {
        Product {
            name: "BotFlow".into(),
            program: "botflow".into(),
            desktop: "botflow-desktop".into(),
            identifier: "app.botflow.desktop".into(),
            publisher: "The BotFlow authors".into(),
            contact: "botflow@localhost".into(),
            about: "Answers customers from a business's own documents".into(),
            version: version.into(),
            icon: process::root().join("src-tauri/icons/icon.svg"),
            brand: None,
            logo: None,
            templates: None,
        }
    }

    /// What links into the program begin with: the name of the program. The program itself reads it in its brand, where
    /// it is `program`.
    pub(crate) fn scheme(&self) -> String {
        self.program.clone()
    }

    /// A text with the product's names in it.
    pub(crate) fn fill(&self, text: &str) -> String {
        [
            ("@NAME@", &self.name),
            ("@SCHEME@", &self.scheme()),
            ("@PROGRAM@", &self.program),
            ("@DESKTOP@", &self.desktop),
            ("@IDENTIFIER@", &self.identifier),
            ("@PUBLISHER@", &self.publisher),
            ("@ABOUT@", &self.about),
            ("@VERSION@", &self.version),
        ]
        .iter()
        .fold(text.to_owned(), |text, (mark, value)| text.replace(mark, value))
    }

    /// Puts what the program reads about its brand into its own folder. Nothing for our own.
    pub(crate) fn write_brand(&self, folder: &Path) -> Result<()> {
        let Some(brand) = &self.brand else { return Ok(()) };
        let mut brand = brand.clone();
        if let Some(logo) = &self.logo {
            let name = format!("logo.{}", logo.extension().and_then(|e| e.to_str()).unwrap_or("svg"));
            copy(logo, &folder.join(&name))?;
            brand["logo"] = json!(name);
        }
        copy(&self.icon, &folder.join("icon.svg"))?;
        // Tray and window draw no SVG.
        icons::draw(&self.icon, &folder.join("icon.png"), 128)?;
        if let Some(templates) = &self.templates {
            let to = folder.join("templates");
            fs::create_dir_all(&to)?;
            for entry in fs::read_dir(templates)? {
                let path = entry?.path();
                if let Some(name) = path.file_name().filter(|_| path.extension().is_some_and(|e| e == "json")) {
                    copy(&path, &to.join(name))?;
                }
            }
        }
        let mut text = serde_json::to_string_pretty(&brand)?;
        text.push('\n');
        fs::write(folder.join("brand.json"), text)?;
        Ok(())
    }
}

/// Copies a file or says which one could not be.
pub(crate) fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::copy(from, to).with_context(|| format!("{} cannot be copied to {}", from.display(), to.display()))?;
    Ok(())
}
