//! The desktop program: the same server as `botflow serve`, in this process, with a window on its address.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod autostart;
mod brand;
#[cfg(target_os = "linux")]
mod drop;
mod icons;
mod instance;
mod links;
#[cfg(target_os = "linux")]
mod linux;
mod memory;
mod notify;
mod server;
mod shell;
mod ticket;
mod tray;
mod window;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{CommandFactory, FromArgMatches, Parser};

/// The program in a window.
#[derive(Debug, Parser)]
#[command(version)]
struct CommandLine {
    /// Run the server without a window, until Ctrl+C.
    #[arg(long)]
    headless: bool,
    /// Start without showing the window, as when the computer starts.
    #[arg(long)]
    hidden: bool,
    /// The folder for all data.
    #[arg(long)]
    data: Option<PathBuf>,
    /// The port of the interface.
    #[arg(long)]
    port: Option<u16>,
    /// A link to a place in the interface.
    link: Option<String>,
}

fn main() -> ExitCode {
    // As the guard of a program that it has started itself; nothing else is opened then.
    if let Some(code) = machine::guard_if_asked() {
        return code;
    }
    match run(asked()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

/// What was typed, under the name that the program has in its brand.
fn asked() -> CommandLine {
    let command = CommandLine::command().display_name(format!("{}-desktop", app::Brand::current().program_name()));
    CommandLine::from_arg_matches(&command.get_matches()).unwrap_or_else(|e| e.exit())
}

fn run(asked: CommandLine) -> Result<ExitCode> {
    let flags = app::Overrides { data: asked.data.clone(), port: asked.port, ..app::Overrides::default() };
    // The name first: sentences about what is wrong carry it.
    app::Brand::current();
    let config = app::Config::load(flags).map(|config| app::Config { program: machine::Kind::Window, ..config });
    // Before anything of the window is touched: without a display its libraries hang or end the program.
    if asked.headless || !is_display_named() {
        return without_window(&config?);
    }
    let link = asked.link.as_deref().and_then(links::place);
    if let Ok(config) = &config
        && instance::knock(&config.data, link.as_deref())
    {
        return Ok(ExitCode::SUCCESS);
    }
    // The version that runs may be another one.
    let mut config = match config.and_then(|config| Ok((app::updating::launch(&config)?, config))) {
        Ok((Some(code), _)) => return Ok(code),
        Ok((None, config)) => Ok(config),
        Err(e) => Err(e),
    };
    // Not before this is the program that stays: the window's library takes what the desktop said about the start.
    if !has_display() {
        return without_window(&config?);
    }
    let _logs = config.as_ref().ok().and_then(|config| logs(config).ok());
    if let Ok(config) = &mut config {
        config.kind = machine::Kind::Window;
    }
    let autostart = autostart::Autostart::new(asked.data.as_deref(), asked.port);
    shell::run(config.map_err(Into::into), shell::Opening { hidden: asked.hidden, link, autostart })?;
    Ok(ExitCode::SUCCESS)
}

fn without_window(config: &app::Config) -> Result<ExitCode> {
    let mut written = None;
    loop {
        if let Some(code) = app::updating::launch(config)? {
            return Ok(code);
        }
        if written.is_none() {
            written = Some(logs(config)?);
        }
        if !server::serve(config.clone())? {
            return Ok(ExitCode::SUCCESS);
        }
        // The last lines, before another program takes the place of this one.
        if cfg!(unix) {
            written = None;
        }
        if let Some(code) = app::updating::begin_anew() {
            return Ok(code);
        }
    }
}

/// Logs go where those of the server alone go. Errors: the folder cannot be written to.
fn logs(config: &app::Config) -> Result<app::LogGuard> {
    let guard = app::init_logs(&config.data.join("logs"), &config.log)?;
    app::log_panics();
    Ok(guard)
}

/// Whether a screen is named. Windows and macOS always have one, even when nobody looks at it.
fn is_display_named() -> bool {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !cfg!(target_os = "linux") || set("DISPLAY") || set("WAYLAND_DISPLAY")
}

/// Whether there is somebody behind that name: the one of a session that has ended is still set at times.
fn has_display() -> bool {
    #[cfg(target_os = "linux")]
    return gtk::init().is_ok();
    #[cfg(not(target_os = "linux"))]
    return true;
}
