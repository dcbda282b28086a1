//! BotFlow Desktop: the same server as `botflow serve`, in this process, with a window on its address.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod server;
mod window;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;

/// BotFlow in a window.
#[derive(Debug, Parser)]
#[command(name = "botflow-desktop", version)]
struct CommandLine {
    /// Run the server without a window, until Ctrl+C.
    #[arg(long)]
    headless: bool,
    /// The folder for all data.
    #[arg(long)]
    data: Option<PathBuf>,
    /// The port of the interface.
    #[arg(long)]
    port: Option<u16>,
}

fn main() -> ExitCode {
    match run(CommandLine::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command_line: CommandLine) -> Result<()> {
    let headless = command_line.headless || !has_display();
    let server = server::Running::start(command_line.data, command_line.port);
    // Before anything of the window is touched: without a display its libraries hang or end the program.
    if headless { server?.wait() } else { window::show(server) }
}

/// Whether there is a screen. Windows and macOS always have one, even when nobody looks at it.
fn has_display() -> bool {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !cfg!(target_os = "linux") || set("DISPLAY") || set("WAYLAND_DISPLAY")
}
