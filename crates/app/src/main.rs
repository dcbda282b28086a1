//! The `botflow` program: the server without a window, and its command line.

use std::io::{BufRead, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use base::{Clock, Error, Result, Secret};
use botflow_app::{Brand, Config, Overrides, Server, doctor, moving, updating};
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

#[derive(Parser)]
#[command(version, about = "Answers your customers from your own documents, on your own computer.")]
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
    let flags = match asked().command.unwrap_or(Command::Serve(Serve::default())) {
        Command::Serve(flags) => flags,
        command => return run(command),
    };
    let mut logs = None;
    loop {
        // Before anything is opened: the version that runs may be another one.
        match flags.config().and_then(|config| updating::launch(&config)) {
            Ok(None) => {}
            Ok(Some(code)) => return code,
            Err(e) => return fail(&e),
        }
        match block_on(serve(&flags, &mut logs)) {
            Ok(false) => return ExitCode::SUCCESS,
            Ok(true) => {}
            Err(e) => return fail(&e),
        }
        // The last lines, before another program takes the place of this one.
        if cfg!(unix) {
            logs = None;
        }
        if let Some(code) = updating::begin_anew() {
            return code;
        }
    }
}

/// Runs a command that is not the server.
fn run(command: Command) -> ExitCode {
    // What a newer version has changed is for that one to read.
    let data = match &command {
        Command::Export(wish) | Command::Import(wish) => Some(&wish.data),
        Command::Doctor { data, .. } | Command::SupportBundle { data, .. } | Command::ResetPassword { data, .. } => {
            Some(data)
        }
        Command::Serve(_) | Command::Openapi { .. } => None,
    };
    if let Some(config) = data.and_then(|data| config_of(data.clone()).ok())
        && let Some(code) = updating::hand_over(&config)
    {
        return code;
    }
    block_on(async {
        let done = match command {
            Command::Serve(flags) => serve(&flags, &mut None).await.map(drop),
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
    })
    .unwrap_or_else(|e| fail(&e))
}

fn block_on<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let result = runtime.block_on(work);
    // A check that hangs in the system is not waited for; a server has waited for its work by itself.
    runtime.shutdown_timeout(PATIENCE);
    result
}

/// What was typed, under the name that the program has in its brand.
fn asked() -> Cli {
    let command = Cli::command().display_name(Brand::current().program_name());
    Cli::from_arg_matches(&command.get_matches()).unwrap_or_else(|e| e.exit())
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

impl Serve {
    fn config(&self) -> Result<Config> {
        Config::load(Overrides {
            data: self.data.clone(),
            port: self.port,
            public_port: self.public_port,
            sample: self.sample,
        })
    }
}

/// Runs the server until it is asked to end, or until a newer version is to be tried: then it gives true.
async fn serve(flags: &Serve, logs: &mut Option<ops::LogGuard>) -> Result<bool> {
    // Before it says that it is there: whoever asks it to end from then on finds it listening.
    let mut asked = machine::Asked::listen()?;
    let mut config = flags.config()?;
    if logs.is_none() {
        *logs = Some(ops::init_logs(&config.data.join("logs"), &config.log)?);
        ops::log_panics();
    }
    loop {
        let server = Server::start(config.clone()).await?;
        updating::accepted().await;
        // Other programs read these lines to learn where to go.
        let recovered = server.recovered().map(|recovered| recovered.to_string());
        let news: String = recovered.into_iter().chain(updating::news(&config.data)).map(|news| news + "\n").collect();
        write_out(&format!(
            "{} is ready: http://{}/\nThe public port is {}.\n{news}",
            base::product::name(),
            server.admin_address,
            server.public_address
        ))?;
        let (begins_anew, is_updated) = tokio::select! {
            () = asked.wished() => (false, false),
            () = server.taken_over() => (true, false),
            () = server.update_ready() => (false, true),
        };
        // Whoever looks on finds the program at the same place.
        (config.port, config.public_port) = (server.admin_address.port(), server.public_address.port());
        server.shutdown().await;
        if is_updated {
            // Whether or not the files are closed: another process comes through.
            let _ = moving::let_go(&config.data).await;
        }
        if !begins_anew {
            return Ok(is_updated);
        }
        moving::let_go(&config.data).await?;
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
