//! Keeps a business's public address: has its tunnel going, follows where it leads, proves it again and again, tells
//! WhatsApp of a new one, and tells the owner when the world does not come through for long.

use std::sync::Arc;
use std::time::Duration;

use base::{Result, Time};
use machine::tunnel::{Tunnel, TunnelKind, TunnelState};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use tokio::time::Instant;

use super::tries::{self, Tries};
use super::{AddressState, Proofs, PublicAddress, Tunnels, prove, update, way};
use crate::channels::{self, ChannelState};
use crate::email::{self, Email};
use crate::notices::{self, About};
use crate::settings;
use crate::workspace::Workspace;

/// The setting that keeps an [`Alarm`].
pub(crate) const ALARM: &str = "public_address_alarm";

pub(super) struct Keeper {
    pub(super) ws: Arc<Workspace>,
    proofs: Proofs,
    tunnels: Tunnels,
    status: Option<watch::Receiver<machine::tunnel::TunnelStatus>>,
    tries: Tries,
    alarm: Alarm,
}

/// A time in which nobody gets through; kept over a restart, so that nobody is told of it twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Alarm {
    pub(super) since: Option<Time>,
    /// The owner was told of it at home, and was written to.
    pub(super) told: bool,
    pub(super) written: bool,
}

/// Runs until the business is closed.
pub(crate) async fn run(ws: Arc<Workspace>, proofs: Proofs, tunnels: Tunnels) {
    let closing = ws.closing.clone();
    let mut keeper = Keeper { ws, proofs, tunnels, status: None, tries: Tries::default(), alarm: Alarm::default() };
    match keeper.ws.db.read(super::get).await {
        Ok(address) => keeper.ws.address.remember(address.proven_at),
        Err(e) => tracing::error!(error = ?e, "the public address could not be read"),
    }
    keeper.set_up().await;
    match keeper.ws.db.read(|c| settings::store::get(c, ALARM)).await {
        Ok(alarm) => keeper.alarm = alarm,
        Err(e) => tracing::error!(error = ?e, "what the owner was told of the public address could not be read"),
    }
    let mut next = Instant::now();
    loop {
        let ws = keeper.ws.clone();
        let told = async {
            // An error means that the supervisor is gone; it will not speak again.
            let spoke = match &mut keeper.status {
                Some(status) => status.changed().await.is_ok(),
                None => false,
            };
            if !spoke {
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            () = closing.cancelled() => break,
            () = ws.address.changed.notified() => {
                keeper.set_up().await;
                next = Instant::now();
            }
            () = ws.address.look.notified() => {
                keeper.look();
                next = Instant::now();
            }
            () = told => {
                if keeper.follow().await {
                    next = Instant::now();
                }
            }
            () = tokio::time::sleep_until(next) => tokio::select! {
                // What a check waits for (a server that does not answer, a letter to the owner) holds up neither the end
                // nor another choice. It is asked anew next time.
                () = closing.cancelled() => break,
                () = ws.address.changed.notified() => {
                    keeper.set_up().await;
                    next = Instant::now();
                }
                pause = keeper.check() => next = Instant::now() + pause,
            },
        }
    }
    if let Some(tunnel) = keeper.ws.address.set_tunnel(None)
        && let Ok(last) = Arc::try_unwrap(tunnel)
    {
        last.stop().await;
    }
}

impl Keeper {
    /// Starts, keeps or lets go of the tunnel, as the settings say.
    async fn set_up(&mut self) {
        let vault = self.ws.vault.clone();
        let wanted = self.ws.db.read(move |c| way::wanted(c, &vault)).await.unwrap_or_else(|e| {
            tracing::error!(error = ?e, "the way to the public address could not be read");
            None
        });
        let tunnel = wanted.and_then(|(way, program)| self.tunnels.open(way, program));
        self.status = tunnel.as_ref().map(|tunnel| {
            let mut status = tunnel.status();
            status.mark_changed();
            status
        });
        let before = self.ws.address.set_tunnel(tunnel.clone());
        if let Some(before) = before.filter(|b| tunnel.as_ref().is_none_or(|t| !Arc::ptr_eq(t, b)))
            && let Ok(last) = Arc::try_unwrap(before)
        {
            last.stop().await;
        }
        self.begin_anew().await;
    }

    /// All is well, or it is another address: whatever was wrong before counts no more.
    async fn begin_anew(&mut self) {
        self.tries = Tries::default();
        let over = self.set_alarm(Alarm::default()).await;
        self.log(over);
    }

    async fn set_alarm(&mut self, alarm: Alarm) -> Result<()> {
        if self.alarm == alarm {
            return Ok(());
        }
        self.alarm = alarm;
        self.ws.db.write(move |tx| settings::store::put(tx, ALARM, &alarm)).await
    }

    /// The tunnel told something. True when there is an address to be proven.
    async fn follow(&mut self) -> bool {
        let Some(status) = self.status.as_mut().map(|s| s.borrow_and_update().clone()) else { return false };
        let kind = self.ws.address.tunnel().map(|tunnel| tunnel.kind());
        let followed = async {
            // Whoever has chosen another way meanwhile does not want to hear of this one.
            let chosen = self.ws.db.read(way::get).await?;
            if kind.is_none() || chosen.way.kind() != kind {
                return Ok(false);
            }
            match (status.state, status.url) {
                (TunnelState::Up, Some(url)) => {
                    let told = update(&self.ws, move |known| {
                        (known.url.as_ref() != Some(&url)).then(|| PublicAddress {
                            url: Some(url),
                            state: AddressState::Unproven,
                            sentence: "This address is new and is being tried.".into(),
                            ..PublicAddress::default()
                        })
                    });
                    Ok(told.await?.state != AddressState::Proven)
                }
                (TunnelState::Missing | TunnelState::Waiting, _) => {
                    let (sentence, fix) = (status.sentence, status.fix);
                    let state = AddressState::Failed;
                    update(&self.ws, move |known| Some(PublicAddress { state, sentence, fix, ..known })).await?;
                    // The alarm counts from here.
                    Ok(self.alarm.since.is_none())
                }
                // The page that shows the tunnel is told as well.
                _ => update(&self.ws, Some).await.map(|_| false),
            }
        };
        followed.await.unwrap_or_else(|e: base::Error| {
            tracing::error!(error = ?e, "what the tunnel tells could not be written down");
            false
        })
    }

    /// The computer woke, or is in another network.
    fn look(&mut self) {
        self.tries.look();
        if let Some(tunnel) = self.ws.address.tunnel() {
            tunnel.hurry();
        }
    }

    /// Proves the address and does what follows. How long until the next time.
    async fn check(&mut self) -> Duration {
        let every = self.ws.timing.address_check;
        let tunnel = self.ws.address.tunnel();
        let proof = tokio::select! {
            proven = prove(&self.ws, &self.proofs) => proven,
            // What hangs in another network, or was asked before a sleep, is not waited for.
            () = self.ws.address.look.notified() => {
                self.look();
                return Duration::ZERO;
            }
        };
        let (address, answer) = match proof {
            Ok(proof) => proof,
            Err(e) => {
                tracing::error!(error = ?e, "the public address could not be proven");
                return tries::PAUSE;
            }
        };
        if address.url.is_none() && tunnel.is_none() {
            self.begin_anew().await;
            self.log(self.settled().await);
            return every;
        }
        if address.state == AddressState::Proven {
            self.begin_anew().await;
            self.log(self.settled().await);
            let all_told = self.tell_whatsapp().await.unwrap_or_else(|e| {
                tracing::error!(error = ?e, "it could not be seen whether WhatsApp knows the address");
                false
            });
            return if all_told { every } else { tries::PAUSE_MOST.min(every) };
        }
        let since = self.alarm.since.unwrap_or(self.ws.clock.now());
        let begun = self.set_alarm(Alarm { since: Some(since), ..self.alarm }).await;
        self.log(begun);
        let moves = tunnel.as_ref().is_some_and(|tunnel| tunnel.kind() == TunnelKind::CloudflaredQuick);
        let (hangs, pause) = self.tries.failed(answer, moves);
        if let Some(tunnel) = tunnel.filter(|t| hangs && is_up(t)) {
            tracing::info!("the tunnel says that it is well and is not; it is started anew");
            tunnel.kick();
        }
        if self.ws.clock.now().since(since) >= self.ws.timing.address_alarm {
            let raised = self.raise(since, &address).await;
            self.log(raised);
        }
        pause.min(every)
    }

    fn log(&self, result: Result<()>) {
        if let Err(e) = result {
            tracing::error!(error = ?e, workspace = %self.ws.id, "the owner could not be told of the public address");
        }
    }

    async fn settled(&self) -> Result<()> {
        let now = self.ws.clock.now();
        let open = self.ws.db.read(|c| notices::is_open(c, About::Address)).await?;
        if open { self.ws.db.write(move |tx| notices::settle(tx, now, About::Address)).await } else { Ok(()) }
    }

    /// Tells the owner, at home and by e-mail, while people may be writing: once for each time.
    async fn raise(&mut self, since: Time, address: &PublicAddress) -> Result<()> {
        let used = self
            .ws
            .db
            .read(|c| Ok(channels::store::all(c)?.iter().any(|row| row.state == ChannelState::Active)))
            .await?;
        if !used || self.alarm.told && self.alarm.written {
            return Ok(());
        }
        let title = "Customers cannot reach you";
        let text = format!(
            "Since {} nobody outside has reached this computer, so messages wait where they are. {} {}",
            self.on_the_clock(since).await?,
            address.sentence,
            address.fix.as_deref().unwrap_or_default()
        );
        // Not again when it was read: only the letter may be late.
        if !self.alarm.told {
            let (now, told) = (self.ws.clock.now(), text.clone());
            self.ws.db.write(move |tx| notices::tell_once(tx, now, About::Address, title, &told).map(drop)).await?;
            self.set_alarm(Alarm { told: true, ..self.alarm }).await?;
        }
        if self.write_to_owner(format!("address-{}-{}", self.ws.id, since.as_ms()), title.into(), text).await? {
            self.set_alarm(Alarm { written: true, ..self.alarm }).await?;
        }
        Ok(())
    }

    /// The time of day, by the business's own clock.
    pub(super) async fn on_the_clock(&self, at: Time) -> Result<String> {
        let zone = self.ws.db.read(|c| Ok(crate::business::get(c)?.timezone)).await?;
        let zone = jiff::tz::TimeZone::get(&zone).unwrap_or(jiff::tz::TimeZone::UTC);
        Ok(at.to_jiff().to_zoned(zone).strftime("%H:%M").to_string())
    }

    /// False when the letter did not leave and is to be tried again with the next check: e-mail may still be set up, or
    /// the line is down.
    pub(super) async fn write_to_owner(&self, key: String, subject: String, text: String) -> Result<bool> {
        let to = self.ws.owners.of(self.ws.id).await;
        if to.is_empty() || self.ws.db.read(email::get).await?.host.is_empty() {
            return Ok(false);
        }
        let letter = Email { to: to.join(", "), subject, text, reply_to: String::new(), key };
        let sent = email::send(&self.ws, letter).await;
        if let Err(e) = &sent {
            tracing::info!(error = ?e, "the owner could not be written to");
        }
        Ok(sent.is_ok())
    }
}

fn is_up(tunnel: &Tunnel) -> bool {
    tunnel.status().borrow().state == TunnelState::Up
}
