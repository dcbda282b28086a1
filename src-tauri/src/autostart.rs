//! Starting with the computer, hidden: a switch that the system itself remembers.

use std::path::Path;

use anyhow::{Context, Result};
use auto_launch::{AutoLaunch, AutoLaunchBuilder, MacOSLaunchMode};

use crate::brand;

/// The switch for this program and this data folder.
pub(crate) struct Autostart(Option<AutoLaunch>);

impl Autostart {
    /// The program as it was started now, without its window.
    pub(crate) fn new(data: Option<&Path>, port: Option<u16>) -> Self {
        let mut words = vec!["--hidden".to_owned()];
        if let Some(data) = data.and_then(|data| std::path::absolute(data).ok()) {
            words.extend(["--data".to_owned(), data.display().to_string()]);
        }
        if let Some(port) = port {
            words.extend(["--port".to_owned(), port.to_string()]);
        }
        let program = std::env::current_exe().ok();
        Self(program.and_then(|program| {
            let mut builder = AutoLaunchBuilder::new();
            builder.set_app_name(brand::product()).set_app_path(&program.display().to_string()).set_args(&words);
            builder.set_macos_launch_mode(MacOSLaunchMode::LaunchAgent).build().ok()
        }))
    }

    /// Whether this system can do it at all.
    pub(crate) fn is_possible(&self) -> bool {
        self.0.is_some()
    }

    pub(crate) fn is_on(&self) -> bool {
        self.0.as_ref().is_some_and(|auto| auto.is_enabled().unwrap_or(false))
    }

    pub(crate) fn set(&self, on: bool) -> Result<()> {
        let auto = self.0.as_ref().context("This system does not say how to start a program with it")?;
        if on {
            auto.enable()?
        } else {
            auto.disable()?
        }
        Ok(())
    }
}
