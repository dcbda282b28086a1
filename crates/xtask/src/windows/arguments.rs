//! What a setup for Windows may be told besides what every installer may be.

use std::path::PathBuf;

use clap::Args;

use super::sign::Certificate;

/// For our own setup.
#[derive(Clone, Debug, Args)]
pub(crate) struct Arguments {
    /// For Windows: leave the models out.
    #[arg(long, requires = "windows")]
    pub(super) without_models: bool,
    /// For Windows: do not try the setup under Wine.
    #[arg(long, requires = "windows")]
    pub(super) no_smoke: bool,
    #[command(flatten)]
    pub(crate) finish: Finish,
}

/// For any setup, ours or a brand's.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Finish {
    /// For Windows: Microsoft's WebView2 setup, to be run where WebView2 is missing.
    #[arg(long, value_name = "FILE")]
    pub(super) webview_setup: Option<PathBuf>,
    /// For Windows: the certificate to sign with, as PEM with --key, or as .p12.
    #[arg(long, value_name = "FILE")]
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

impl Finish {
    pub(super) fn certificate(&self) -> Option<Certificate> {
        let (key, password_file, timestamp) = (self.key.clone(), self.password_file.clone(), self.timestamp.clone());
        self.certificate.clone().map(|file| Certificate { file, key, password_file, timestamp })
    }

    /// The option by which somebody shows that a setup for Windows is wanted; nothing when there is none.
    pub(crate) fn named(&self) -> Option<&'static str> {
        match (&self.certificate, &self.webview_setup) {
            (Some(_), _) => Some("--certificate"),
            (None, Some(_)) => Some("--webview-setup"),
            (None, None) => None,
        }
    }
}
