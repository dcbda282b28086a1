//! What `cargo xtask installer --windows` may be told besides what every installer may be.

use std::path::PathBuf;

use clap::Args;

use super::sign::Certificate;

#[derive(Clone, Debug, Args)]
pub(crate) struct Arguments {
    /// For Windows: leave the models out.
    #[arg(long, requires = "windows")]
    pub(super) without_models: bool,
    /// For Windows: do not try the setup under Wine.
    #[arg(long, requires = "windows")]
    pub(super) no_smoke: bool,
    /// For Windows: Microsoft's WebView2 setup, to be run where WebView2 is missing.
    #[arg(long, requires = "windows", value_name = "FILE")]
    pub(super) webview_setup: Option<PathBuf>,
    /// For Windows: the certificate to sign with, as PEM with --key, or as .p12.
    #[arg(long, requires = "windows", value_name = "FILE")]
    certificate: Option<PathBuf>,
    /// For Windows: the certificate's key, as PEM.
    #[arg(long, requires = "certificate", value_name = "FILE")]
    key: Option<PathBuf>,
    /// For Windows: a file with the key's password in it.
    #[arg(long, requires = "certificate", value_name = "FILE")]
    password_file: Option<PathBuf>,
    /// For Windows: the address of a time-stamp service.
    #[arg(long, requires = "certificate", value_name = "ADDRESS")]
    timestamp: Option<String>,
}

impl Arguments {
    pub(super) fn certificate(&self) -> Option<Certificate> {
        let (key, password_file, timestamp) = (self.key.clone(), self.password_file.clone(), self.timestamp.clone());
        self.certificate.clone().map(|file| Certificate { file, key, password_file, timestamp })
    }
}
