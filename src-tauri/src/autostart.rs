//! Starting with the computer, hidden: a switch that the system itself remembers.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use auto_launch::{AutoLaunch, AutoLaunchBuilder, MacOSLaunchMode, WindowsEnableMode};
use tauri::AppHandle;

use crate::{brand, tray};

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
        // The installed one, whichever version runs.
        let program = app::updating::installed_program();
        Self(program.and_then(|program| {
            let mut builder = AutoLaunchBuilder::new();
            let words: Vec<String> = words.iter().map(|text| word(text)).collect();
            builder.set_app_name(brand::product()).set_app_path(&word(&program.display().to_string())).set_args(&words);
            // This person's own list, where the setup puts it and where no administrator is needed.
            builder.set_windows_enable_mode(WindowsEnableMode::CurrentUser);
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

/// The same switch for the interface. What is switched there is seen in the menu beside the clock at once.
pub(crate) struct Switch {
    pub(crate) autostart: Arc<Autostart>,
    pub(crate) app: AppHandle,
}

impl app::Autostart for Switch {
    fn is_possible(&self) -> bool {
        self.autostart.is_possible()
    }

    fn is_on(&self) -> bool {
        self.autostart.is_on()
    }

    fn set(&self, on: bool) -> base::Result<()> {
        let switched = self.autostart.set(on).map_err(|cause| {
            base::Error::unavailable(
                "The system did not take it. Switch it in the system's own settings, where programs that start with it are listed.",
            )
            .with_cause(format!("{cause:#}"))
        });
        tray::tell_autostart(&self.app);
        switched
    }
}

/// `text` as one word of a line that the system takes apart at spaces. macOS keeps a list instead.
fn word(text: &str) -> String {
    if cfg!(target_os = "macos") || !text.contains(' ') { text.to_owned() } else { format!("\"{text}\"") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(not(target_os = "macos"))]
    #[test]
    fn a_folder_with_spaces_stays_one_word_of_the_line_that_starts_the_program() {
        for (text, expected) in
            [("--hidden", "--hidden"), (r"C:\Users\Thandi Nkosi\botflow.exe", r#""C:\Users\Thandi Nkosi\botflow.exe""#)]
        {
            assert_eq!(word(text), expected);
        }
    }
}
