//! The server in this process: started, waited for and stopped without a window knowing how.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};
use tokio::runtime::Runtime;

/// A server that runs, on threads of its own.
pub(crate) struct Running {
    runtime: Runtime,
    server: app::Server,
    data: PathBuf,
}

impl Running {
    /// Starts the server, with a switch for starting with the computer where there is a window to have started. Errors say
    /// what to do next.
    pub(crate) fn start(config: app::Config, switch: Option<Arc<dyn app::Autostart>>) -> Result<Self> {
        let data = config.data.clone();
        let runtime = Runtime::new().context("This machine has no room for more threads")?;
        let server = runtime.block_on(async {
            match switch {
                Some(switch) => app::Server::start_with_switch(config, switch).await,
                None => app::Server::start(config).await,
            }
        })?;
        Ok(Self { runtime, server, data })
    }

    /// Where the interface is, as a browser would be given it.
    pub(crate) fn address(&self) -> String {
        format!("http://{}/", self.server.admin_address)
    }

    /// What the window needs of the server.
    pub(crate) fn desk(&self) -> app::Desk {
        self.server.desk()
    }

    /// What the program before this one left behind, when it did not end in order; a sentence.
    pub(crate) fn recovered(&self) -> Option<String> {
        self.server.recovered_in_words()
    }

    /// Where work for the window is done, so that it waits for nothing.
    pub(crate) fn handle(&self) -> tokio::runtime::Handle {
        self.runtime.handle().clone()
    }

    /// Lets what is under way end, and stops. With `make_way`, data that was taken over from another computer is then
    /// ready for the next start.
    pub(crate) fn stop(self, make_way: bool) -> Result<()> {
        self.runtime.block_on(self.server.shutdown());
        if make_way {
            self.runtime.block_on(app::moving::let_go(&self.data))?;
        }
        Ok(())
    }
}

/// The server without a window, until the system or Ctrl+C asks it to end, or until a newer version is to be tried: then
/// it gives true.
#[expect(clippy::print_stdout, reason = "who started it from a terminal learns where to go")]
pub(crate) fn serve(mut config: app::Config) -> Result<bool> {
    loop {
        let running = Running::start(config.clone(), None)?;
        running.runtime.block_on(app::updating::accepted());
        println!("{} is ready: {}", base::product::name(), running.address());
        let (begins_anew, is_updated) = running.runtime.block_on(async {
            tokio::select! {
                () = asked_to_end() => (false, false),
                () = running.server.taken_over() => (true, false),
                () = running.server.update_ready() => (false, true),
            }
        });
        // Whoever looks on finds the program at the same place.
        (config.port, config.public_port) = (running.server.admin_address.port(), running.server.public_address.port());
        running.stop(begins_anew)?;
        if !begins_anew {
            return Ok(is_updated);
        }
    }
}

/// Resolves when the system or Ctrl+C asks the program to end.
pub(crate) async fn asked_to_end() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let Ok(mut terminate) = signal(SignalKind::terminate()) else {
            return std::future::pending().await;
        };
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        }
    }
    #[cfg(not(unix))]
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending().await
    }
}

/// Writes a small file so that a reader sees the old one or the new one, for nobody but its owner where the system can
/// say so.
pub(crate) fn replace_file(file: &Path, text: &str) -> std::io::Result<()> {
    let new = file.with_extension("new");
    let mut options = std::fs::OpenOptions::new();
    options.create(true).truncate(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    std::io::Write::write_all(&mut options.open(&new)?, text.as_bytes())?;
    std::fs::rename(&new, file)
}
