//! Ports: free, or held by our own running program.

use std::net::{IpAddr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use machine::Owner;
use machine::port::Ports;

use super::{Area, Check, Finding, SHORT, Site};

const ADMIN: &str = "Port of the interface";
const PUBLIC: &str = "Public port";

/// A port that the program wants.
#[derive(Clone, Copy, Debug)]
struct Wanted {
    name: &'static str,
    address: IpAddr,
    port: u16,
    /// No other one will do.
    asked_for: bool,
}

pub(super) fn checks(site: &Arc<Site>) -> Vec<Check> {
    if let Some(listening) = site.listening {
        return [(ADMIN, listening.admin), (PUBLIC, listening.public)]
            .into_iter()
            .map(|(name, at)| Check::blocking(Area::Ports, name, SHORT, move || vec![ours(name, at.port())]))
            .collect();
    }
    let config = &site.config;
    let last = Ports::last(&config.data);
    let wanted = |name: &'static str, address: IpAddr, port: u16, last: Option<u16>, asked_for: bool| Wanted {
        name,
        address,
        port: last.filter(|_| port != 0 && !asked_for).unwrap_or(port),
        asked_for,
    };
    [
        wanted(ADMIN, config.address, config.port, last.port, config.port_is_asked_for),
        wanted(PUBLIC, config.public_address, config.public_port, last.public_port, config.public_port_is_asked_for),
    ]
    .into_iter()
    .map(|wanted| {
        let data = config.data.clone();
        Check::new(Area::Ports, wanted.name, SHORT, async move {
            let owner = base::task::blocking(move || machine::other(&data)).await?;
            Ok(vec![look(wanted, owner.as_ref()).await])
        })
    })
    .collect()
}

fn ours(name: &str, port: u16) -> Finding {
    Finding::good(Area::Ports, name, format!("This program listens on port {port}."))
}

async fn look(wanted: Wanted, owner: Option<&Owner>) -> Finding {
    let Wanted { name, address, port, asked_for } = wanted;
    let good = |sentence: String| Finding::good(Area::Ports, name, sentence);
    // What runs says itself where its interface is.
    if let Some(at) = owner.and_then(|owner| owner.address).filter(|_| name == ADMIN) {
        return if answers(at).await {
            good(format!("The running program listens on port {}.", at.port()))
        } else {
            let sentence = format!("The program runs but does not answer on port {}.", at.port());
            Finding::bad(Area::Ports, name, sentence, "End the program and start it again.")
        };
    }
    if port == 0 {
        return good("Any free port is used.".into());
    }
    // Let go of at once; the program takes it when it starts.
    match TcpListener::bind(SocketAddr::new(address, port)) {
        Ok(_) if owner.is_some() => good(format!("Port {port} is free; the running program uses another one.")),
        Ok(_) => good(format!("Port {port} is free.")),
        Err(_) if owner.is_some() && answers(SocketAddr::new(address, port)).await => {
            good(format!("The running program listens on port {port}."))
        }
        Err(e) if e.kind() == std::io::ErrorKind::AddrInUse && !asked_for => {
            good(format!("Port {port} is held by another program. The next start chooses one beside it."))
        }
        Err(e) if e.kind() == std::io::ErrorKind::AddrInUse => Finding::bad(
            Area::Ports,
            name,
            format!("Port {port} is held by another program, so this one cannot start."),
            "End that program, or choose another port in the configuration.",
        ),
        Err(e) => Finding::bad(
            Area::Ports,
            name,
            format!("Port {port} cannot be used here: {}.", e.kind()),
            "Choose another port or address in the configuration.",
        ),
    }
}

/// Whether a program of ours answers there.
async fn answers(at: SocketAddr) -> bool {
    let at = if at.ip().is_unspecified() { SocketAddr::new(IpAddr::from([127, 0, 0, 1]), at.port()) } else { at };
    base::net::install_tls();
    let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(3)).build();
    let Ok(client) = client else { return false };
    let response = client.get(format!("http://{at}/live")).send().await;
    // Every answer of ours, a refusal as well, carries the number of its request.
    response.is_ok_and(|response| response.headers().contains_key("x-request-id"))
}

#[cfg(test)]
mod tests {
    use base::Time;
    use ops::Standing::{Bad, Good};

    use super::*;

    #[tokio::test]
    async fn a_port_is_free_or_held_and_only_one_that_was_asked_for_is_missed() {
        let address = IpAddr::from([127, 0, 0, 1]);
        let other = TcpListener::bind((address, 0)).unwrap();
        let port = other.local_addr().unwrap().port();
        let wanted = |asked_for| Wanted { name: ADMIN, address, port, asked_for };
        let held = look(wanted(true), None).await;
        assert_eq!(held.standing, Bad, "{held:?}");
        let moved = look(wanted(false), None).await;
        assert!(moved.standing == Good && moved.sentence.contains("another program"), "{moved:?}");
        drop(other);
        let free = look(wanted(true), None).await;
        assert!(free.standing == Good && free.sentence.ends_with("is free."), "{free:?}");
        let silent = Owner {
            process_id: 1,
            kind: machine::Kind::Server,
            address: Some(SocketAddr::new(address, port)),
            started: Time(0),
            last_seen: Time(0),
            ended: false,
        };
        assert_eq!(look(wanted(true), Some(&silent)).await.standing, Bad, "nobody answers there");
    }
}
