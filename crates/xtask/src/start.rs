//! `cargo xtask start`: from a fresh clone to a running server in the browser; seconds the second time.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::{binaries, interface, models, process, setup};

/// How long the server may take to say that it is ready; it takes less than a second on a healthy disk.
const READY_LIMIT: Duration = Duration::from_secs(60);

/// What the person asked for.
pub(crate) struct Options {
    pub(crate) sample: bool,
    pub(crate) port: Option<u16>,
    pub(crate) data: Option<PathBuf>,
    pub(crate) browser: bool,
}

/// Sets up, builds, starts, waits until it is ready, and stays until the server ends.
pub(crate) fn start(options: &Options) -> Result<()> {
    let began = Instant::now();
    set_up()?;
    println!("6/6 Building the program and starting it (some minutes the first time)");
    binaries::build(&["botflow"])?;

    let mut command = Command::new(process::built("release", "botflow"));
    command.arg("serve").env("BOTFLOW_MODELS", models::folder()?);
    if options.sample {
        command.arg("--sample");
    }
    if let Some(port) = options.port {
        command.args(["--port", &port.to_string()]);
    }
    if let Some(data) = &options.data {
        // Relative to where the person stands, not to the repository.
        command.arg("--data").arg(std::env::current_dir()?.join(data));
    }
    let mut server = process::spawn(command.stdout(Stdio::piped()))?;
    match wait_until_ready(&mut server) {
        Ok(address) => {
            println!("\nBotFlow is ready after {:.0?}: http://{address}", began.elapsed());
            println!("Ctrl+C stops it.");
            if options.browser && has_screen() {
                open(&format!("http://{address}"));
            }
        }
        Err(error) => {
            process::end(&mut server);
            return Err(error);
        }
    }
    let status = process::wait(&mut server, None)?;
    if !status.success() && !process::stopped() {
        bail!("The server ended ({status}); its own words are above.");
    }
    println!("Stopped.");
    Ok(())
}

/// Steps 1 to 5: everything before the program itself.
pub(crate) fn set_up() -> Result<()> {
    println!("1/6 Checking the tools");
    setup::check_tools()?;
    println!("2/6 System packages");
    setup::system_packages(setup::BUILD_PACKAGES)?;
    let folders = interface::folders();
    println!("3/6 Interface packages");
    for folder in &folders {
        interface::install(folder)?;
    }
    println!("4/6 Building the interface");
    for folder in &folders {
        interface::build(folder)?;
    }
    println!("5/6 Models");
    if let Err(error) = models::install(models::DEFAULT) {
        if process::stopped() {
            return Err(error);
        }
        println!("    {error:#}");
    }
    Ok(())
}

/// Gives the address that the server chose: when the usual port is taken it is another one.
fn wait_until_ready(server: &mut Child) -> Result<SocketAddr> {
    let began = Instant::now();
    let (tell, told) = mpsc::channel();
    if let Some(output) = server.stdout.take() {
        // To the end: what the server says later must not fill its pipe.
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                println!("{line}");
                if let Some(address) = address_in(&line) {
                    let _ = tell.send(address);
                }
            }
        });
    }
    let mut address = None;
    loop {
        address = address.or_else(|| told.recv_timeout(Duration::from_millis(50)).ok());
        if let Some(address) = address.filter(|address| is_ready(*address)) {
            return Ok(address);
        }
        if let Some(status) = server.try_wait()? {
            if process::stopped() {
                bail!("Stopped.");
            }
            bail!("The server ended before it was ready ({status}); its own words are above.");
        }
        if began.elapsed() > READY_LIMIT {
            bail!("The server did not say that it is ready within {} s.", READY_LIMIT.as_secs());
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// The address in the server's line that says that it is ready.
fn address_in(line: &str) -> Option<SocketAddr> {
    line.split_once(" is ready: http://")?.1.trim_end_matches('/').parse().ok()
}

/// Whether `/ready` answers 200 there.
fn is_ready(address: SocketAddr) -> bool {
    let ask = || -> std::io::Result<bool> {
        let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(1))?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        stream.write_all(format!("GET /ready HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").as_bytes())?;
        let mut status = [0; 12];
        stream.read_exact(&mut status)?;
        Ok(&status == b"HTTP/1.1 200")
    };
    ask().unwrap_or(false)
}

/// Whether there is someone in front of this machine whose browser can be opened.
fn has_screen() -> bool {
    if std::env::var_os("CI").is_some() {
        return false;
    }
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !cfg!(target_os = "linux") || ((set("DISPLAY") || set("WAYLAND_DISPLAY")) && !setup::is_root())
}

/// Opens the default browser; when that fails the address is on the screen anyway.
fn open(address: &str) {
    let (program, arguments): (&str, &[&str]) = if cfg!(windows) {
        ("rundll32", &["url.dll,FileProtocolHandler", address])
    } else if cfg!(target_os = "macos") {
        ("open", &[address])
    } else {
        ("xdg-open", &[address])
    };
    let _ = process::output(&mut process::command(program, arguments));
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, TcpListener};

    use super::*;

    #[test]
    fn the_address_is_the_one_that_the_server_says() {
        for (line, address) in [
            ("BotFlow is ready: http://127.0.0.1:4880/", Some("127.0.0.1:4880")),
            ("Another Name is ready: http://[::1]:4870/", Some("[::1]:4870")),
            ("The public port is 127.0.0.1:4881.", None),
            ("", None),
        ] {
            assert_eq!(address_in(line), address.map(|a| a.parse().unwrap()), "{line}");
        }
    }

    #[test]
    fn only_a_server_that_says_200_is_ready() {
        for (answer, ready) in [
            ("HTTP/1.1 200 OK\r\n\r\n", true),
            ("HTTP/1.1 503 Service Unavailable\r\n\r\n", false),
            ("", false),
            ("SSH-2.0-OpenSSH_9.2\r\n", false),
        ] {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
            let address = listener.local_addr().unwrap();
            let server = std::thread::spawn(move || {
                let (mut stream, _) = listener.accept().unwrap();
                let _ = stream.read(&mut [0; 512]);
                let _ = stream.write_all(answer.as_bytes());
            });
            assert_eq!(is_ready(address), ready, "{answer:?}");
            server.join().unwrap();
        }
    }
}
