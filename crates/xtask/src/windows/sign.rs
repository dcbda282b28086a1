//! Signing with a certificate that is given by path; what is secret about it stays in its file.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

/// The name of the script that signs.
pub(super) const SCRIPT: &str = "sign.sh";

/// A certificate and how to use it.
#[derive(Clone, Debug)]
pub(crate) struct Certificate {
    /// The chain as PEM, or a .p12 (.pfx) that holds the key too.
    pub(crate) file: PathBuf,
    /// The key as PEM, where the file does not hold it.
    pub(crate) key: Option<PathBuf>,
    /// A file with nothing but the password of the key.
    pub(crate) password_file: Option<PathBuf>,
    /// A time-stamp service: what it stamps stays valid when the certificate has run out.
    pub(crate) timestamp: Option<String>,
}

impl Certificate {
    /// A script in `folder` that signs the one file it is given, for NSIS and for us.
    pub(super) fn script(&self, folder: &Path, name: &str) -> Result<PathBuf> {
        let mut words = vec!["osslsigncode".to_owned(), "sign".to_owned()];
        let holds_key = self.file.extension().is_some_and(|end| end == "p12" || end == "pfx");
        match &self.key {
            None if holds_key => words.extend(["-pkcs12".to_owned(), path(&self.file)?]),
            None => bail!("A certificate needs its key: give --key, or a .p12 that holds both."),
            Some(key) => words.extend(["-certs".to_owned(), path(&self.file)?, "-key".to_owned(), path(key)?]),
        }
        if let Some(password) = &self.password_file {
            words.extend(["-readpass".to_owned(), path(password)?]);
        }
        if let Some(address) = &self.timestamp {
            words.extend(["-ts".to_owned(), address.clone()]);
        }
        words.extend(["-h", "sha256", "-n", name].map(str::to_owned));
        let command: Vec<String> = words.iter().map(|word| quoted(word)).collect();
        let text = format!(
            "#!/bin/sh\nset -e\n{} -in \"$1\" -out \"$1.signed\"\nmv \"$1.signed\" \"$1\"\n",
            command.join(" ")
        );
        let script = folder.join(SCRIPT);
        fs::write(&script, text)?;
        #[cfg(unix)]
        fs::set_permissions(&script, std::os::unix::fs::PermissionsExt::from_mode(0o700))?;
        Ok(script)
    }
}

/// An absolute path: the script runs in another folder.
fn path(file: &Path) -> Result<String> {
    let file = fs::canonicalize(file).with_context(|| format!("{} is not there", file.display()))?;
    Ok(file.display().to_string())
}

/// One word for a shell, whatever is in it.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_without_its_key_is_refused_and_nothing_in_a_name_is_run() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("chain.pem");
        fs::write(&file, "").unwrap();
        let mut certificate = Certificate { file: file.clone(), key: None, password_file: None, timestamp: None };
        assert!(certificate.script(folder.path(), "Shop").unwrap_err().to_string().contains("--key"));

        certificate.key = Some(file);
        let script = certificate.script(folder.path(), "O'Brien $(rm)").unwrap();
        let text = fs::read_to_string(script).unwrap();
        assert!(text.contains(r"'-n' 'O'\''Brien $(rm)'"), "{text}");
    }
}
