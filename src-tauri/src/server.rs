//! The server in this process: started, waited for and stopped without a window knowing how.

use std::path::PathBuf;

use anyhow::{Context, Result};
use tokio::runtime::Runtime;

/// A server that runs, on threads of its own.
pub(crate) struct Running {
    runtime: Runtime,
    server: app::Server,
}

impl Running {
    /// Starts the server with the program's own defaults where nothing is asked for. Errors say what to do next.
    pub(crate) fn start(data: Option<PathBuf>, port: Option<u16>) -> Result<Self> {
        let runtime = Runtime::new().context("This machine has no room for more threads")?;
        let flags = app::Overrides { data, port, ..app::Overrides::default() };
        let server = runtime.block_on(app::Server::start(app::Config::load(flags)?))?;
        Ok(Self { runtime, server })
    }

    /// Where the interface is, as a browser would be given it.
    pub(crate) fn address(&self) -> String {
        format!("http://{}/", self.server.admin_address)
    }

    /// Stays until Ctrl+C, then stops in order.
    pub(crate) fn wait(self) -> Result<()> {
        self.runtime.block_on(tokio::signal::ctrl_c()).context("Ctrl+C cannot be listened for")?;
        self.stop();
        Ok(())
    }

    /// Lets what is under way end, and stops.
    pub(crate) fn stop(self) {
        self.runtime.block_on(self.server.shutdown());
    }
}
