//! The `botflow` program: the server without a window, and its command line.

use std::io::{BufRead, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use base::{Clock, Error, Result, Secret};
use botflow_app::{Config, Overrides, Server, doctor, moving};
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
    /// Writes everything into one sealed file, for another computer; also while the program runs.
    Export(Move),
    /// Takes over everything from such a file, into a folder without data.
    Import(Move),
    /// Looks at everything the program needs and says what to do; also while it runs. Changes nothing.
    Doctor {
        /// The data folder.
        #[arg(long)]
        data: Option<PathBuf>,
        /// For machines to read.
        #[arg(long)]
        json: bool,
    },
    /// Writes a report for support, without messages, people, documents or secrets.
    SupportBundle {
        /// A new file; a zip of plain texts.
        file: PathBuf,
        /// The data folder.
        #[arg(long)]
        data: Option<PathBuf>,
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

#[derive(clap::Args)]
struct Move {
    file: PathBuf,
    /// The data folder.
    #[arg(long)]
    data: Option<PathBuf>,
}

impl Move {
    fn config(&self) -> Result<Config> {
        Config::load(Overrides { data: self.data.clone(), ..Overrides::default() })
    }
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

/// What is still under way once a command has ended gets this long.
const PATIENCE: Duration = Duration::from_secs(2);

fn main() -> ExitCode {
    // As the guard of a program that it has started itself; nothing else is opened then.
    if let Some(code) = machine::guard_if_asked() {
        return code;
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(e) => return fail(&e.into()),
    };
    let result = runtime.block_on(async {
        let done = match Cli::parse().command.unwrap_or(Command::Serve(Serve::default())) {
            Command::Serve(flags) => serve(flags).await,
            Command::Openapi { public: false } => write_out(&botflow_app::openapi()),
            Command::Openapi { public: true } => write_out(&botflow_app::public_openapi()),
            Command::Export(wish) => moving::command::export_to(&wish.config()?, &wish.file).await,
            Command::Import(wish) => moving::command::import_from(&wish.config()?, &wish.file).await,
            Command::Doctor { data, json } => {
                let sound = doctor::command::report(config_of(data)?, json).await?;
                return Ok(if sound { ExitCode::SUCCESS } else { ExitCode::FAILURE });
            }
            Command::SupportBundle { file, data } => doctor::command::bundle_into(config_of(data)?, &file).await,
            Command::ResetPassword { email, data } => reset_password(email, data).await,
        };
        done.map(|()| ExitCode::SUCCESS)
    });
    // A check that hangs in the system is not waited for; a server has waited for its work by itself.
    runtime.shutdown_timeout(PATIENCE);
    result.unwrap_or_else(|e| fail(&e))
}

fn config_of(data: Option<PathBuf>) -> Result<Config> {
    Config::load(Overrides { data, ..Overrides::default() })
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
    let mut config = Config::load(Overrides {
        data: flags.data,
        port: flags.port,
        public_port: flags.public_port,
        sample: flags.sample,
    })?;
    let _logs = ops::init_logs(&config.data.join("logs"), &config.log)?;
    ops::log_panics();
    loop {
        let server = Server::start(config.clone()).await?;
        // Other programs read these lines to learn where to go.
        let recovered = server.recovered().map(|recovered| format!("{recovered}\n")).unwrap_or_default();
        write_out(&format!(
            "{} is ready: http://{}/\nThe public port is {}.\n{recovered}",
            base::product::name(),
            server.admin_address,
            server.public_address
        ))?;
        let begins_anew = tokio::select! {
            () = stopped() => false,
            () = server.taken_over() => true,
        };
        // Whoever looks on finds the program at the same place.
        (config.port, config.public_port) = (server.admin_address.port(), server.public_address.port());
        server.shutdown().await;
        if !begins_anew {
            return Ok(());
        }
        moving::let_go(&config.data).await?;
    }
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
    #[cfg(windows)]
    {
        use tokio::signal::windows::{ctrl_break, ctrl_close, ctrl_shutdown};
        // Closing its console or shutting the computer down ends the program some seconds later, ready or not.
        let (Ok(mut stop), Ok(mut close), Ok(mut shutdown)) = (ctrl_break(), ctrl_close(), ctrl_shutdown()) else {
            return std::future::pending().await;
        };
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = stop.recv() => {}
            _ = close.recv() => {}
            _ = shutdown.recv() => {}
        }
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
