//! The server in this process: started, waited for and stopped without a window knowing how.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use machine::Asked;
use tokio::runtime::Runtime;

/// What hangs in a call to the system by then is left behind.
const TASKS_END: Duration = Duration::from_secs(5);

/// A server that runs, on threads of its own.
pub(crate) struct Running {
    runtime: Runtime,
    server: app::Server,
    data: PathBuf,
}

impl Running {
    /// Starts the server, with a switch for starting with the computer where there is a window to have started. Errors say
    /// what to do next. Gives the wish that it ends, too, listened for since before the start.
    pub(crate) fn start(config: app::Config, switch: Option<Arc<dyn app::Autostart>>) -> Result<(Self, Asked)> {
        let data = config.data.clone();
        let runtime = Runtime::new().context("This machine has no room for more threads")?;
        let (server, asked) = runtime.block_on(async {
            let asked = Asked::listen()?;
            let server = match switch {
                Some(switch) => app::Server::start_with_switch(config, switch).await?,
                None => app::Server::start(config).await?,
            };
            anyhow::Ok((server, asked))
        })?;
        Ok((Self { runtime, server, data }, asked))
    }

    /// Where the interface is, as a browser would be given it.
    pub(crate) fn address(&self) -> String {
        let mut address = self.server.admin_address;
        // On every network of the computer, of which this is the one that is always there.
        if address.ip().is_unspecified() {
            address.set_ip(match address {
                SocketAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
                SocketAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
            });
        }
        format!("http://{address}/")
    }

    /// Where the chat is that customers see, on this computer.
    pub(crate) fn chat(&self) -> String {
        format!("http://{}/chat/", self.server.public_address)
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

    /// Lets what is under way end, and stops. With `make_way`, another program finds every file closed when this returns,
    /// as long as nobody outside of the runtime holds a [`app::Desk`].
    pub(crate) fn stop(self, make_way: bool) -> Result<()> {
        let Self { runtime, server, data } = self;
        runtime.block_on(server.shutdown());
        // Its tasks hold the databases open until they are gone.
        runtime.shutdown_timeout(TASKS_END);
        if make_way {
            tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(app::moving::let_go(&data))?;
        }
        Ok(())
    }
}

/// The server without a window, until the system or Ctrl+C asks it to end, or until a newer version is to be tried: then
/// it gives true.
#[expect(clippy::print_stdout, reason = "who started it from a terminal learns where to go")]
pub(crate) fn serve(mut config: app::Config) -> Result<bool> {
    loop {
        let (running, mut asked) = Running::start(config.clone(), None)?;
        running.runtime.block_on(app::updating::accepted());
        println!("{} is ready: {}", base::product::name(), running.address());
        let (begins_anew, is_updated) = running.runtime.block_on(async {
            tokio::select! {
                () = asked.wished() => (false, false),
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Another process comes next: it must not find a file that this one still writes to.
    #[test]
    fn whatever_its_tasks_hold_every_file_is_closed_when_it_makes_way() {
        let folder = tempfile::tempdir().unwrap();
        let overrides = app::Overrides { data: Some(folder.path().into()), port: Some(0), ..app::Overrides::default() };
        let (running, _asked) = Running::start(app::Config::load(overrides).unwrap(), None).unwrap();
        let desk = running.desk();
        running.handle().block_on(async move {
            base::task::spawn("holds the desk", async move {
                let _held = desk;
                std::future::pending::<()>().await;
            });
        });
        running.stop(true).unwrap();
        assert!(folder.path().join("system.db").exists() && !folder.path().join("system.db-wal").exists());
    }
}
