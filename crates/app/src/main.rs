//! The `botflow` program: the server without a window, and its command line.

use std::io::{BufRead, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use base::{Clock, Error, Result, Secret};
use botflow_app::{Config, Overrides, Server};
use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "botflow", version, about = "Answers your customers from your own documents, on your own computer.")]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Starts the server (the default).
    Serve(Serve),
    /// Prints the contract of the interface's API.
    Openapi {
        /// That of the public listener instead.
        #[arg(long)]
        public: bool,
    },
    /// Sets a new password, read from standard input.
    ResetPassword {
        /// The e-mail address of the account; not needed when there is only one.
        email: Option<String>,
        /// The data folder.
        #[arg(long)]
        data: Option<PathBuf>,
    },
}

#[derive(clap::Args, Default)]
struct Serve {
    /// The data folder.
    #[arg(long)]
    data: Option<PathBuf>,
    /// The port of the interface; the public port follows it.
    #[arg(long)]
    port: Option<u16>,
    /// The port that the world reaches through the public address.
    #[arg(long)]
    public_port: Option<u16>,
    /// Loads the sample business on first start.
    #[arg(long)]
    sample: bool,
}

fn main() -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(e) => return fail(&e.into()),
    };
    let result = runtime.block_on(async {
        match Cli::parse().command.unwrap_or(Command::Serve(Serve::default())) {
            Command::Serve(flags) => serve(flags).await,
            Command::Openapi { public: false } => write_out(&botflow_app::openapi()),
            Command::Openapi { public: true } => write_out(&botflow_app::public_openapi()),
            Command::ResetPassword { email, data } => reset_password(email, data).await,
        }
    });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => fail(&e),
    }
}

fn fail(e: &Error) -> ExitCode {
    let mut stderr = std::io::stderr().lock();
    let _ = writeln!(stderr, "{e}");
    if let Some(cause) = &e.cause {
        let _ = writeln!(stderr, "({cause})");
    }
    ExitCode::FAILURE
}

fn write_out(text: &str) -> Result<()> {
    std::io::stdout().lock().write_all(text.as_bytes())?;
    Ok(())
}

async fn serve(flags: Serve) -> Result<()> {
    let config = Config::load(Overrides {
        data: flags.data,
        port: flags.port,
        public_port: flags.public_port,
        sample: flags.sample,
    })?;
    let _logs = ops::init_logs(&config.data.join("logs"), &config.log)?;
    ops::log_panics();
    let server = Server::start(config).await?;
    // Other programs read these lines to learn where to go.
    write_out(&format!(
        "BotFlow is ready: http://{}/\nThe public port is {}.\n",
        server.admin_address, server.public_address
    ))?;
    stopped().await;
    server.shutdown().await;
    Ok(())
}

/// Resolves when the program is asked to end.
async fn stopped() {
    #[cfg(unix)]
    {
        let mut terminate = match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(signal) => signal,
            Err(_) => return std::future::pending().await,
        };
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        }
    }
    #[cfg(not(unix))]
    {
        let _ = tokio::signal::ctrl_c().await;
    }
}

async fn reset_password(email: Option<String>, data: Option<PathBuf>) -> Result<()> {
    let config = Config::load(Overrides { data, ..Overrides::default() })?;
    let system = db::Db::open(&config.data.join("system.db"), db::Schema::System, db::Options::default())?;
    let accounts = accounts::Accounts::new(system, Clock::System);
    write_out("New password: ")?;
    std::io::stdout().flush()?;
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    let address = accounts.reset_password(email.as_deref(), Secret::new(line.trim_end_matches(['\r', '\n']))).await?;
    write_out(&format!("\nThe password of {address} is changed; sign in with it now.\n"))
}
