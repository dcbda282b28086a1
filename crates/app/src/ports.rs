//! The two ports: those that were asked for, and no others; else those of last time, the usual ones, or some beside them.

use std::net::IpAddr;

use base::{Error, Result};
use machine::port::{self, Ports};
use tokio::net::TcpListener;

use crate::config::Config;

/// Listens for the owner and for the world, and remembers where.
pub(crate) async fn open(config: &Config) -> Result<(TcpListener, TcpListener)> {
    let last = Ports::last(&config.data);
    let admin = match config.port_is_asked_for {
        true => exactly(config.address, config.port, "the interface").await?,
        false => somewhere(config.address, config.port, last.port).await?,
    };
    let public = match config.public_port_is_asked_for {
        true => exactly(config.public_address, config.public_port, "the public port").await?,
        false => somewhere(config.public_address, config.public_port, last.public_port).await?,
    };
    let now = Ports {
        port: if config.port_is_asked_for { last.port } else { Some(admin.local_addr()?.port()) },
        public_port: if config.public_port_is_asked_for { last.public_port } else { Some(public.local_addr()?.port()) },
    };
    if let Err(e) = now.remember(&config.data) {
        tracing::warn!(error = ?e, "the ports could not be written down; the next start may choose others");
    }
    Ok((admin, public))
}

async fn somewhere(address: IpAddr, wanted: u16, last: Option<u16>) -> Result<TcpListener> {
    // Any free port was meant as such; it belongs to no bookmark.
    let last = last.filter(|_| wanted != 0);
    let (listener, moved) = port::bind(address, wanted, last).await?;
    let chosen = listener.local_addr()?.port();
    if moved && last != Some(chosen) {
        tracing::warn!(wanted, chosen, "the port is taken by another program, so another one was chosen");
    }
    Ok(listener)
}

async fn exactly(address: IpAddr, port: u16, what: &str) -> Result<TcpListener> {
    TcpListener::bind((address, port)).await.map_err(|e| {
        Error::unavailable(format!(
            "Port {port} for {what} is in use by another program. End that one, or choose another port with --port."
        ))
        .with_cause(e)
    })
}
