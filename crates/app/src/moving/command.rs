//! Moving from the command line: `export FILE` and `import FILE`, with the passphrase from the terminal or a pipe.

use std::io::{BufRead, IsTerminal, Write};
use std::path::Path;

use base::{Clock, Error, Result, Secret};

use super::{Progress, Room, Summary, check_passphrase, export, import, refuse_unless_fresh, settle};
use crate::Config;

/// Makes the file, also while the program runs on the folder.
pub async fn export_to(config: &Config, file: &Path) -> Result<()> {
    Room::of(config).for_making(&config.data, file, super::export::need(&config.data)?, 0)?;
    let passphrase = ask("Choose a passphrase for the file", true)?;
    let (data, target) = (config.data.clone(), file.to_owned());
    let now = Clock::System.now();
    let made = watched(move |progress| export(&data, &target, &passphrase, now, progress)).await?;
    say(&format!(
        "{} holds everything: {}. On the new computer, install {} and choose “I have a file from another computer”. This \
         computer stops answering on WhatsApp once the new one has taken over.\n",
        file.display(),
        counted(made),
        base::product::name()
    ))
}

/// Takes over a file. The program must not be running.
pub async fn import_from(config: &Config, file: &Path) -> Result<()> {
    let _lock = machine::take(&config.data, config.kind, &Clock::System)?;
    settle(&config.data)?;
    refuse_unless_fresh(&config.data)?;
    let passphrase = ask("The passphrase of the file", false)?;
    let (data, source, room) = (config.data.clone(), file.to_owned(), Room::of(config));
    let taken = watched(move |progress| import(&data, &source, &passphrase, &room, progress)).await?;
    settle(&config.data)?;
    say(&format!(
        "Everything is here: {}. Start {} and sign in as before; then set the public address and take over the WhatsApp \
         number under Channels.\n",
        counted(taken),
        base::product::name()
    ))
}

fn counted(summary: Summary) -> String {
    let businesses = if summary.businesses == 1 { "business" } else { "businesses" };
    let files = if summary.files == 1 { "file" } else { "files" };
    let megabytes = summary.bytes.div_ceil(1 << 20);
    format!("{} {businesses}, {} {files}, {megabytes} MB", summary.businesses, summary.files)
}

fn say(text: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())?;
    Ok(out.flush()?)
}

/// In a terminal it is not shown, and a new one is asked for twice; from a pipe it is one line.
fn ask(what: &str, new: bool) -> Result<Secret> {
    let stdin = std::io::stdin();
    if !stdin.is_terminal() {
        let mut line = String::new();
        stdin.lock().read_line(&mut line)?;
        let passphrase = Secret::new(line.trim_end_matches(['\r', '\n']));
        if new {
            check_passphrase(&passphrase)?;
        }
        return Ok(passphrase);
    }
    let typed = |prompt: &str| rpassword::prompt_password(format!("{prompt}: ")).map(Secret::new).map_err(Error::from);
    let passphrase = typed(what)?;
    if new {
        check_passphrase(&passphrase)?;
        if typed("The same again")? != passphrase {
            return Err(Error::invalid("The two were not the same. Please start again."));
        }
    }
    Ok(passphrase)
}

/// Does the work aside, shows how far it is where somebody looks, and stops it with Ctrl+C.
async fn watched(work: impl FnOnce(&Progress) -> Result<Summary> + Send + 'static) -> Result<Summary> {
    let progress = Progress::default();
    let watcher = progress.clone();
    let mut done = std::pin::pin!(base::task::blocking(move || work(&watcher)));
    let shows = std::io::stderr().is_terminal();
    loop {
        tokio::select! {
            result = &mut done => {
                if shows {
                    let _ = writeln!(std::io::stderr());
                }
                return result?;
            }
            _ = tokio::signal::ctrl_c() => progress.cancel(),
            () = tokio::time::sleep(std::time::Duration::from_millis(500)) => {
                let (done, total) = progress.bytes();
                if shows && total > 0 {
                    let _ = write!(std::io::stderr(), "\r{} %  ", done * 100 / total);
                }
            }
        }
    }
}
