//! Notices that the computer came into another network, or lost the one it was in.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

use if_addrs::IfOperStatus;
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;

/// The addresses are read this often.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// A new network gives its addresses one after the other; what is told is what stayed the same for this long.
const SETTLES_IN: Duration = Duration::from_secs(2);
/// A network that does not settle is told after this many looks nevertheless.
const LOOKS_TO_SETTLE: usize = 5;

/// Networks inside the computer: they come and go with containers and virtual machines, and lead nowhere.
const INSIDE: [&str; 10] =
    ["docker", "br-", "veth", "virbr", "vmnet", "vboxnet", "lxcbr", "lxdbr", "cni", "vEthernet ("];

/// The computer's addresses are other ones than before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Changed {
    /// Whether it has an address in any network. Whether that network leads anywhere only a request can tell.
    pub online: bool,
}

/// What of a computer's addresses tells one network from another.
type Addresses = BTreeSet<IpAddr>;

/// One address of the computer, as the system lists it.
struct Listed {
    network: String,
    address: IpAddr,
    down: bool,
}

/// Watches until `closing`. Subscribe to what is returned; sending on it makes everybody look again.
///
/// A move into another network that gives the same address, within one look, is not noticed here.
pub fn watch(closing: CancellationToken) -> broadcast::Sender<Changed> {
    watch_by(closing, || if_addrs::get_if_addrs().map(|all| telling(all.into_iter().map(Into::into))))
}

fn watch_by(
    closing: CancellationToken,
    read: impl Fn() -> std::io::Result<Addresses> + Send + Sync + 'static,
) -> broadcast::Sender<Changed> {
    let (sender, _) = broadcast::channel(8);
    let changed = sender.clone();
    base::task::spawn("network", async move {
        // A list that cannot be read is no news.
        let mut told = read().unwrap_or_default();
        let look = async {
            loop {
                tokio::time::sleep(LOOK_EVERY).await;
                let Ok(mut now) = read() else { continue };
                if now == told {
                    continue;
                }
                for _ in 0..LOOKS_TO_SETTLE {
                    tokio::time::sleep(SETTLES_IN).await;
                    let Ok(again) = read() else { continue };
                    if std::mem::replace(&mut now, again) == now {
                        break;
                    }
                }
                if now != told {
                    told = now;
                    let online = !told.is_empty();
                    tracing::info!(online, "the network is another one");
                    // Nobody may be listening.
                    let _ = changed.send(Changed { online });
                }
            }
        };
        tokio::select! {
            () = closing.cancelled() => {}
            () = look => {}
        }
    });
    sender
}

/// Whether the computer has an address in any network at this moment; true when that cannot be found out.
pub fn is_online() -> bool {
    if_addrs::get_if_addrs().map_or(true, |all| !telling(all.into_iter().map(Into::into)).is_empty())
}

/// Keeps what tells one network from another. Of an IPv6 address that is its network's part: the rest changes daily by
/// itself, so that the computer is not recognised. Addresses that a computer gives itself say that there is no network.
fn telling(all: impl Iterator<Item = Listed>) -> Addresses {
    all.filter(|one| !one.down && !INSIDE.iter().any(|inside| one.network.starts_with(inside)))
        .filter_map(|one| match one.address.to_canonical() {
            IpAddr::V4(v4) if v4.is_loopback() || v4.is_link_local() || v4.is_unspecified() => None,
            IpAddr::V6(v6) if v6.is_loopback() || v6.is_unicast_link_local() || v6.is_unspecified() => None,
            IpAddr::V6(v6) => Some(IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX)))),
            v4 => Some(v4),
        })
        .collect()
}

impl From<if_addrs::Interface> for Listed {
    fn from(one: if_addrs::Interface) -> Self {
        // Some networks, such as those of VPNs, never say that they are up; only a plain “down” counts.
        let down =
            matches!(one.oper_status, IfOperStatus::Down | IfOperStatus::NotPresent | IfOperStatus::LowerLayerDown);
        Listed { address: one.ip(), network: one.name, down }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use proptest::prelude::*;
    use tokio::sync::broadcast::error::TryRecvError;

    use super::*;

    fn listed(text: &str) -> Listed {
        let mut words = text.split(' ');
        Listed {
            network: words.next().unwrap().replace('_', " "),
            address: words.next().unwrap().parse().unwrap(),
            down: words.next() == Some("down"),
        }
    }

    #[test]
    fn only_what_tells_a_network_from_another_counts() {
        let at_home = ["eth0 192.168.1.5"];
        for (what, after, same) in [
            ("nothing changed", &["lo 127.0.0.1", "lo ::1", "eth0 192.168.1.5"][..], true),
            ("another address", &["eth0 192.168.1.6"], false),
            ("the same by cable", &["wlan0 192.168.1.5"], true),
            ("a second network", &["eth0 192.168.1.5", "wlan0 10.0.0.7"], false),
            ("lost", &[], false),
            ("the cable is out", &["eth0 192.168.1.5 down"], false),
            ("an address it gave itself", &["eth0 192.168.1.5", "wlan0 169.254.9.9", "eth0 fe80::1"], true),
            ("only an address it gave itself", &["eth0 169.254.9.9"], false),
            ("a container was started", &["eth0 192.168.1.5", "docker0 172.17.0.1", "veth12 10.9.0.1"], true),
            ("a virtual machine was started", &["eth0 192.168.1.5", "vEthernet_(Default) 172.29.0.1"], true),
            ("a VPN was opened", &["eth0 192.168.1.5", "tun0 10.8.0.2"], false),
            ("an IPv6 network", &["eth0 192.168.1.5", "eth0 2001:db8:1:2:3:4:5:6"], false),
        ] {
            let found = telling(after.iter().map(|a| listed(a)));
            assert_eq!(found == telling(at_home.iter().map(|a| listed(a))), same, "{what}: {found:?}");
        }
    }

    #[test]
    fn the_daily_new_ipv6_address_is_no_other_network() {
        let today = telling(["eth0 2001:db8:1:2:aaaa::1"].iter().map(|a| listed(a)));
        let tomorrow = telling(["eth0 2001:db8:1:2:bbbb::9", "eth0 2001:db8:1:2:cccc::9"].iter().map(|a| listed(a)));
        let elsewhere = telling(["eth0 2001:db8:1:3:aaaa::1"].iter().map(|a| listed(a)));
        assert_eq!(today, tomorrow);
        assert_ne!(today, elsewhere);
    }

    #[tokio::test(start_paused = true)]
    async fn a_network_that_comes_in_pieces_is_told_once_and_a_blink_not_at_all() {
        let address = |text: &str| text.parse::<IpAddr>().unwrap();
        let now = Arc::new(Mutex::new(Addresses::from([address("192.168.1.5")])));
        let read = now.clone();
        let closing = CancellationToken::new();
        let mut changes = watch_by(closing.clone(), move || Ok(read.lock().unwrap().clone())).subscribe();
        let second = || tokio::time::sleep(Duration::from_secs(1));
        second().await;

        *now.lock().unwrap() = Addresses::new();
        for _ in 0..5 {
            second().await;
        }
        *now.lock().unwrap() = Addresses::from([address("192.168.1.5")]);
        for _ in 0..20 {
            second().await;
        }
        assert_eq!(changes.try_recv(), Err(TryRecvError::Empty), "gone for a moment and back");

        *now.lock().unwrap() = Addresses::from([address("10.0.0.7")]);
        for _ in 0..5 {
            second().await;
        }
        now.lock().unwrap().insert(address("2001:db8::"));
        for _ in 0..20 {
            second().await;
        }
        assert_eq!(changes.try_recv(), Ok(Changed { online: true }));
        assert_eq!(changes.try_recv(), Err(TryRecvError::Empty), "told once");

        now.lock().unwrap().clear();
        for _ in 0..10 {
            second().await;
        }
        assert_eq!(changes.try_recv(), Ok(Changed { online: false }));
        closing.cancel();
        assert_eq!(changes.recv().await, Err(broadcast::error::RecvError::Closed));
    }

    #[test]
    fn this_computers_own_addresses_can_be_read() {
        let all = if_addrs::get_if_addrs().unwrap();
        assert!(all.iter().any(if_addrs::Interface::is_loopback), "{all:?}");
    }

    proptest! {
        #[test]
        fn no_address_breaks_it(v4: [u8; 4], v6: [u8; 16], network in ".{0,12}", down: bool) {
            for address in [IpAddr::from(v4), IpAddr::from(v6)] {
                let found = telling(std::iter::once(Listed { network: network.clone(), address, down }));
                prop_assert!(found.len() <= usize::from(!down));
            }
        }
    }
}
