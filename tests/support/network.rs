//! Two computers for a test: this one is the world, the program runs on the other, and the cable between them can be
//! pulled. Each is a network namespace of Linux; both are gone with the processes in them, however those end.

mod edge;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::net::{TcpListener, TcpStream};

/// Set in the process that has a network of its own.
const INSIDE: &str = "IN_A_NETWORK_OF_ITS_OWN";
/// The world, for the program and for everybody else.
pub const WORLD: Ipv4Addr = Ipv4Addr::new(10, 99, 0, 1);
/// The same by an address that counts as this computer's own, and yet leads over the cable: the program speaks plain HTTP
/// to such a one only.
const WORLD_AS_OWN: Ipv4Addr = Ipv4Addr::new(127, 9, 9, 9);
/// Where the test reaches the program, over a line that the program takes for one inside its computer.
const DESK: Ipv4Addr = Ipv4Addr::new(10, 98, 0, 2);

/// Whether this process has a network of its own. If not, runs the test of this name once more in one, or says why that
/// cannot be.
///
/// # Panics
/// When the test does not pass there; on CI also when it cannot be run.
pub fn is_apart(test: &str) -> bool {
    if std::env::var_os(INSIDE).is_some() {
        return true;
    }
    // For users other than root a namespace in which they are.
    let ways = [&["--net"][..], &["--user", "--map-root-user", "--net"]];
    let can = |way: &&&[&str]| {
        let tried = Command::new("unshare").args(**way).args(["true"]).stderr(Stdio::null()).status();
        tried.is_ok_and(|status| status.success())
    };
    let Some(way) = ways.iter().find(can) else {
        let why = format!("this system gives nobody a network namespace here, which {test} needs");
        // On CI a test that did not run must not look like one that did.
        assert!(std::env::var_os("CI").is_none(), "{why}");
        eprintln!("SKIPPED: {why}.");
        return false;
    };
    let mut again = Command::new("unshare");
    again.args(*way).arg(std::env::current_exe().expect("a test has a file"));
    again.args(["--exact", test, "--nocapture"]).env(INSIDE, "1");
    for proxy in ["http_proxy", "https_proxy", "all_proxy"] {
        again.env_remove(proxy).env_remove(proxy.to_uppercase());
    }
    assert!(again.status().expect("it runs").success(), "{test} failed in a network of its own");
    false
}

/// The program's computer, seen from the world.
pub struct Network {
    /// Does nothing but keep the namespace; ends when its input does.
    holder: Child,
    space: PathBuf,
}

impl Network {
    /// Makes the other computer and plugs it in as `10.99.0.<last>`.
    ///
    /// # Panics
    /// When the namespaces are there, but not the tools that join them.
    pub fn lay(last: u8) -> Network {
        let mut holder = Command::new("unshare");
        let holder = holder.args(["--net", "cat"]).stdin(Stdio::piped()).stdout(Stdio::null()).spawn();
        let holder = holder.expect("a second namespace");
        let space = PathBuf::from(format!("/proc/{}/ns/net", holder.id()));
        let own = std::fs::read_link("/proc/self/ns/net").expect("a namespace");
        let end = Instant::now() + Duration::from_secs(10);
        while std::fs::read_link(&space).is_ok_and(|there| there == own) {
            assert!(Instant::now() < end, "the second namespace did not come");
            std::thread::sleep(Duration::from_millis(5));
        }
        let network = Network { holder, space };
        let space = network.space.display().to_string();
        let (desk, here) = (format!("{DESK}/30"), Ipv4Addr::from_bits(DESK.to_bits() - 1));
        for line in [
            "link set lo up".to_owned(),
            format!("link add name edge0 type veth peer name wan0 netns {space}"),
            format!("address add {WORLD}/24 dev edge0"),
            format!("address add {WORLD_AS_OWN}/32 dev edge0"),
            "link set edge0 up".to_owned(),
            format!("link add name veth-world type veth peer name veth-desk netns {space}"),
            format!("address add {here}/30 dev veth-world"),
            "link set veth-world up".to_owned(),
        ] {
            network.ip(&line, false);
        }
        let loops = |of: &str| format!("echo 1 > /proc/sys/net/ipv4/conf/{of}/route_localnet");
        run(Command::new("sh").args(["-c", &loops("edge0")]));
        run(network.command("sh").args(["-c", &loops("wan0")]));
        for line in [
            "link set lo up".to_owned(),
            format!("address add {desk} dev veth-desk"),
            "link set veth-desk up".to_owned(),
            // All but the address of the world stays inside.
            "route del local 127.0.0.0/8 dev lo table local".to_owned(),
            "route add local 127.0.0.0/24 dev lo table local src 127.0.0.1".to_owned(),
        ] {
            network.ip(&line, true);
        }
        network.plug(last);
        network
    }

    fn ip(&self, line: &str, there: bool) {
        let mut command = if there { self.command("ip") } else { Command::new("ip") };
        run(command.args(line.split(' ')));
    }

    /// A command on the other computer.
    fn command(&self, program: &str) -> Command {
        let mut command = Command::new("nsenter");
        command.arg(format!("--net={}", self.space.display())).arg(program);
        command
    }

    /// What comes before a program, so that it runs on the other computer.
    pub fn prefix(&self) -> Vec<String> {
        vec!["nsenter".into(), format!("--net={}", self.space.display())]
    }

    /// What the program is told: where its owner reaches it, and where the Graph API on `port` is.
    pub fn settings(&self, port: u16) -> [(&'static str, String); 2] {
        [("address", DESK.to_string()), ("graph_url", format!("http://{WORLD_AS_OWN}:{port}/v25.0"))]
    }

    /// Into a network that gives this address.
    pub fn plug(&self, last: u8) {
        self.ip(&format!("address add 10.99.0.{last}/24 dev wan0"), true);
        self.ip("link set wan0 up", true);
        self.ip(&format!("route add {WORLD_AS_OWN}/32 via {WORLD} dev wan0 src 10.99.0.{last}"), true);
    }

    /// The cable is out, and the address is gone with it.
    pub fn unplug(&self) {
        self.ip("link set wan0 down", true);
        self.ip("address flush dev wan0", true);
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        let _ = self.holder.kill();
        let _ = self.holder.wait();
    }
}

fn run(command: &mut Command) {
    let done = command
        .output()
        .unwrap_or_else(|e| panic!("{:?} cannot be run ({e}); install iproute2 and util-linux", command.get_program()));
    assert!(done.status.success(), "{command:?}: {}", String::from_utf8_lossy(&done.stderr));
}

/// Lets the program reach a server on a port of 127.0.0.1 here, at the same port of the world.
pub async fn show(port: u16) {
    let listener = TcpListener::bind((WORLD_AS_OWN, port)).await.expect("the world's address");
    base::task::spawn("test-show", async move {
        loop {
            let Ok((mut near, _)) = listener.accept().await else { continue };
            base::task::spawn("test-show-one", async move {
                if let Ok(mut far) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await {
                    let _ = tokio::io::copy_bidirectional(&mut near, &mut far).await;
                }
            });
        }
    });
}

/// The vendor's side of a tunnel, as `edge` in the plan of a stand-in asks for: a new address for each connection of the
/// program, and “502” at the old ones.
pub struct Edge {
    pub address: SocketAddr,
    refused: Arc<AtomicUsize>,
    closed: tokio::sync::watch::Sender<bool>,
}

impl Edge {
    pub async fn open() -> Edge {
        let (closed, refused) = (tokio::sync::watch::Sender::new(false), Arc::<AtomicUsize>::default());
        let address = edge::open(refused.clone(), closed.subscribe()).await;
        Edge { address, refused, closed }
    }

    /// How often somebody was told that nobody is there.
    pub fn refused(&self) -> usize {
        self.refused.load(Ordering::SeqCst)
    }

    /// From now on nobody gets through, or everybody again; the tunnel does not learn of it.
    pub fn close(&self, closed: bool) {
        self.closed.send_replace(closed);
    }
}
