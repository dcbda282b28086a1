//! Tailscale's funnel: switched on in the Tailscale that runs on this computer, and only ever on a port of ours.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;

use base::Result;
use base::disk::{self, Lasts};
use serde::{Deserialize, Serialize};

use super::TunnelKind;
use super::local::is_public_name;
use super::supervise::{Ground, Look};
use super::trouble::{Trouble, diagnose};
use crate::child::{Output, Program};

/// What Tailscale gives out to the internet.
const PORTS: [u16; 3] = [443, 8443, 10000];

const NOTE: &str = "tailscale-funnel.json";

/// What we have switched on, kept on the disk: it stays on when the program is killed, and must be known again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Note {
    https: u16,
    target: String,
}

/// One time of it being switched on.
#[derive(Debug, Default)]
pub(super) struct Tailscale {
    port: Option<u16>,
}

impl Tailscale {
    pub(super) async fn begin(&mut self, ground: &Ground) -> Result<(), Trouble> {
        let node = node(ground).await?;
        let target = target(ground.target);
        let mut served = served(ground).await?;
        if let Some(old) = read_note(&ground.options.folder).filter(|note| note.target != target) {
            switch_off(ground, &old, &served).await;
            // What is still on must stay noted, or nobody would ever switch it off.
            if read_note(&ground.options.folder).is_some() {
                return Err(Trouble::new("The address that Tailscale gave before could not be switched off.")
                    .fix("It is tried again by itself; or switch off the funnel in Tailscale."));
            }
            served = self::served(ground).await?;
        }
        let port = match choose(&served, &target, &node.ports) {
            Choice::On(port) => {
                self.port = Some(port);
                return Ok(());
            }
            Choice::Free(port) => port,
            Choice::None => {
                return Err(Trouble::new(
                    "All ports that Tailscale gives to the internet are in use by something else.",
                )
                .fix("Free one of them (443, 8443, 10000) in Tailscale, or use another way."));
            }
        };
        // Before it is switched on: what is not noted would stay on after a crash.
        write_note(&ground.options.folder, &Note { https: port, target })?;
        self.port = Some(port);
        let local = match ground.target.ip() {
            IpAddr::V4(Ipv4Addr::LOCALHOST) => ground.target.port().to_string(),
            _ => format!("http://{}", ground.target),
        };
        let said = run(ground, &["funnel", "--bg", "--yes", &format!("--https={port}"), &local]).await?;
        let text = format!("{}\n{}", said.err, said.out);
        text.lines().for_each(|line| ground.lines.say(line));
        if said.is_success() { Ok(()) } else { Err(refused(&text)) }
    }

    pub(super) async fn look(&mut self, ground: &Ground) -> Look {
        match self.address(ground).await {
            Ok(Some(url)) => Look::Up(url),
            Ok(None) => Look::NotYet("Tailscale does not lead an address here at the moment."),
            Err(trouble) => Look::Trouble(trouble),
        }
    }

    async fn address(&self, ground: &Ground) -> Result<Option<String>, Trouble> {
        let Some(port) = self.port else { return Ok(None) };
        let node = node(ground).await?;
        let served = served(ground).await?;
        let ours = served.get(&port).is_some_and(|served| served.is_public_to(&target(ground.target)));
        Ok(ours.then(|| match port {
            443 => format!("https://{}", node.name),
            _ => format!("https://{}:{port}", node.name),
        }))
    }

    /// Switches off what we have switched on, and nothing else.
    pub(super) async fn end(self, ground: &Ground) {
        let Some(note) = read_note(&ground.options.folder) else { return };
        if let Ok(served) = served(ground).await {
            switch_off(ground, &note, &served).await;
        }
    }
}

async fn switch_off(ground: &Ground, note: &Note, served: &BTreeMap<u16, Served>) {
    // Somebody may have put something of their own there since.
    if served.get(&note.https).is_some_and(|served| served.is_only(&note.target)) {
        let said = run(ground, &["funnel", &format!("--https={}", note.https), "off"]).await;
        if !said.is_ok_and(|said| said.is_success()) {
            tracing::warn!(port = note.https, "Tailscale's funnel could not be switched off");
            return;
        }
    }
    let _ = std::fs::remove_file(ground.options.folder.join(NOTE));
}

fn read_note(folder: &Path) -> Option<Note> {
    serde_json::from_slice(&std::fs::read(folder.join(NOTE)).ok()?).ok()
}

fn write_note(folder: &Path, note: &Note) -> Result<()> {
    std::fs::create_dir_all(folder)?;
    Ok(disk::replace(&folder.join(NOTE), &serde_json::to_vec(note)?, Lasts::AtOnce)?)
}

/// As Tailscale writes it down.
fn target(listener: SocketAddr) -> String {
    format!("http://{listener}")
}

async fn run(ground: &Ground, arguments: &[&str]) -> Result<Output, Trouble> {
    let program = Program::new(&ground.program).args(arguments.iter().copied());
    Ok(program.output(&ground.options.guard, ground.options.times.command).await?)
}

/// The answer of a question to Tailscale, or what is wrong.
async fn ask(ground: &Ground, arguments: &[&str]) -> Result<String, Trouble> {
    let said = run(ground, arguments).await?;
    if said.is_success() {
        return Ok(said.out);
    }
    said.err.lines().for_each(|line| ground.lines.say(line));
    // Of a Tailscale that is signed out the state is told all the same, with an exit code.
    if said.ended.is_some() && said.out.trim_start().starts_with('{') {
        return Ok(said.out);
    }
    Err(match said.ended {
        None => not_answering(),
        Some(_) => refused(&said.err),
    })
}

fn not_answering() -> Trouble {
    Trouble::new("Tailscale does not answer.").fix("Start Tailscale again, or this computer.")
}

/// Why a command was refused: by a page where it can be allowed, by what we know, or by its own words.
fn refused(text: &str) -> Trouble {
    let link = text.split_whitespace().find(|word| word.starts_with("https://login.tailscale.com/"));
    if let Some(link) = link {
        let link = link.trim_end_matches(['.', ',']);
        return Trouble::new("Tailscale does not allow public addresses for this computer yet.")
            .fix(format!("Open {link} and allow it; it goes on by itself."));
    }
    text.lines().find_map(|line| diagnose(TunnelKind::Tailscale, line)).unwrap_or_else(|| {
        Trouble::new("Tailscale did not make the address.").fix("Its last lines say more; it is tried again by itself.")
    })
}

/// This computer as Tailscale knows it.
#[derive(Debug, PartialEq, Eq)]
struct Node {
    name: String,
    /// On which ports it may be public.
    ports: Vec<u16>,
}

async fn node(ground: &Ground) -> Result<Node, Trouble> {
    // The other computers of the network are nobody's business here, and can be thousands.
    parse_node(&ask(ground, &["status", "--json", "--peers=false"]).await?)
}

fn parse_node(answer: &str) -> Result<Node, Trouble> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Status {
        backend_state: String,
        #[serde(rename = "Self", default)]
        own: Option<Own>,
    }
    #[derive(Deserialize)]
    struct Own {
        #[serde(rename = "DNSName", default)]
        name: String,
        #[serde(rename = "CapMap", default)]
        rights: Option<serde_json::Map<String, serde_json::Value>>,
    }
    let status: Status = serde_json::from_str(answer).map_err(|_| not_answering())?;
    match status.backend_state.as_str() {
        "Running" => {}
        "NeedsLogin" => {
            return Err(Trouble::new("Tailscale is signed out on this computer.").fix("Sign in to Tailscale."));
        }
        "NeedsMachineAuth" => {
            return Err(Trouble::new("This computer waits to be let into your Tailscale network.")
                .fix("Approve it on Tailscale's page “Machines”."));
        }
        "Stopped" => return Err(Trouble::new("Tailscale is switched off.").fix("Switch on Tailscale.")),
        _ => return Err(Trouble::new("Tailscale is starting.").fix("Wait a moment; it goes on by itself.")),
    }
    let own = status.own.ok_or_else(not_answering)?;
    let name = own.name.trim_end_matches('.').to_ascii_lowercase();
    if !is_public_name(&name) {
        return Err(Trouble::new("This computer has no name in your Tailscale network.")
            .fix("Switch on MagicDNS and HTTPS certificates on Tailscale's page “DNS”."));
    }
    let allowed = own.rights.unwrap_or_default();
    let allowed: Vec<&str> = allowed
        .keys()
        .filter_map(|right| right.strip_prefix("https://tailscale.com/cap/funnel-ports?ports="))
        .collect();
    let may = |port: u16| allowed.is_empty() || allowed.iter().any(|ports| contains(ports, port));
    Ok(Node { name, ports: PORTS.into_iter().filter(|port| may(*port)).collect() })
}

/// Whether `443,8000-8999` has the port.
fn contains(ports: &str, port: u16) -> bool {
    ports.split(',').any(|part| {
        let (from, to) = part.split_once('-').unwrap_or((part, part));
        matches!((from.parse(), to.parse()), (Ok(from), Ok(to)) if (from..=to).contains(&port))
    })
}

/// What is served on a port.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Served {
    /// Paths, and where they lead when that is known.
    handlers: Vec<(String, Option<String>)>,
    is_public: bool,
    /// Something that runs in a terminal, or is no web site.
    is_foreign: bool,
}

impl Served {
    /// Whether the whole of it leads to `target`, and nowhere else.
    fn is_only(&self, target: &str) -> bool {
        let [(path, Some(leads))] = self.handlers.as_slice() else { return false };
        let leads = leads.trim_end_matches('/').replacen("localhost", "127.0.0.1", 1);
        !self.is_foreign && path == "/" && leads == target
    }

    fn is_public_to(&self, target: &str) -> bool {
        self.is_public && self.is_only(target)
    }
}

async fn served(ground: &Ground) -> Result<BTreeMap<u16, Served>, Trouble> {
    parse_served(&ask(ground, &["funnel", "status", "--json"]).await?).ok_or_else(not_answering)
}

/// What is served by port, in an answer of `funnel status --json`.
fn parse_served(answer: &str) -> Option<BTreeMap<u16, Served>> {
    #[derive(Default, Deserialize)]
    #[serde(rename_all = "PascalCase", default)]
    struct Config {
        #[serde(rename = "TCP")]
        tcp: Option<BTreeMap<String, Tcp>>,
        web: Option<BTreeMap<String, Web>>,
        allow_funnel: Option<BTreeMap<String, bool>>,
        foreground: Option<BTreeMap<String, Config>>,
    }
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Tcp {
        #[serde(rename = "HTTPS")]
        https: bool,
    }
    #[derive(Default, Deserialize)]
    #[serde(rename_all = "PascalCase", default)]
    struct Web {
        handlers: Option<BTreeMap<String, Handler>>,
    }
    #[derive(Default, Deserialize)]
    #[serde(rename_all = "PascalCase", default)]
    struct Handler {
        proxy: Option<String>,
    }

    fn add(all: &mut BTreeMap<u16, Served>, config: Config, is_foreign: bool) {
        let after_colon = |name: &str| name.rsplit(':').next().and_then(|port| port.parse::<u16>().ok());
        for (port, tcp) in config.tcp.unwrap_or_default() {
            let Ok(port) = port.parse() else { continue };
            all.entry(port).or_default().is_foreign |= is_foreign || !tcp.https;
        }
        for (name, web) in config.web.unwrap_or_default() {
            let Some(port) = after_colon(&name) else { continue };
            let served = all.entry(port).or_default();
            served.is_foreign |= is_foreign;
            let handlers = web.handlers.unwrap_or_default();
            served.handlers.extend(handlers.into_iter().map(|(path, handler)| (path, handler.proxy)));
        }
        for (name, allowed) in config.allow_funnel.unwrap_or_default() {
            let Some(port) = after_colon(&name).filter(|_| allowed) else { continue };
            let served = all.entry(port).or_default();
            served.is_public = true;
            served.is_foreign |= is_foreign;
        }
        for config in config.foreground.unwrap_or_default().into_values() {
            add(all, config, true);
        }
    }

    let config: Option<Config> = serde_json::from_str(answer).ok()?;
    let mut all = BTreeMap::new();
    add(&mut all, config.unwrap_or_default(), false);
    Some(all)
}

#[derive(Debug, PartialEq, Eq)]
enum Choice {
    /// It leads here already: from before a crash, or because the owner has made it so.
    On(u16),
    Free(u16),
    None,
}

fn choose(served: &BTreeMap<u16, Served>, target: &str, allowed: &[u16]) -> Choice {
    let on = served.iter().find(|(port, served)| PORTS.contains(port) && served.is_public_to(target));
    if let Some((port, _)) = on {
        return Choice::On(*port);
    }
    // One that leads here within the owner's network alone is left alone as well.
    let free = allowed.iter().find(|port| !served.contains_key(port));
    free.map_or(Choice::None, |port| Choice::Free(*port))
}

#[cfg(test)]
mod tests;
