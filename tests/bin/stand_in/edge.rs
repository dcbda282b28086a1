//! The program's side of a tunnel to a vendor's side that a test plays: connects, again and again, and fetches visitors.

use std::io::{BufRead, BufReader, Write, copy};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Connecting takes no longer, and without a sign of life for so long the connection is given up.
const PATIENCE: Duration = Duration::from_secs(2);
const PAUSE: Duration = Duration::from_millis(200);

/// The public address, while there is one.
#[derive(Clone, Default)]
pub(crate) struct Url(Arc<Mutex<Option<String>>>);

impl Url {
    pub(crate) fn of(url: String) -> Self {
        Self(Arc::new(Mutex::new(Some(url))))
    }

    pub(crate) fn now(&self) -> Option<String> {
        self.0.lock().unwrap().clone()
    }
}

pub(crate) fn connect(edge: String, target: String) -> Url {
    let url = Url::default();
    let own = url.clone();
    std::thread::spawn(move || {
        loop {
            let _ = session(&edge, &target, &own);
            *own.0.lock().unwrap() = None;
            std::thread::sleep(PAUSE);
        }
    });
    url
}

fn say(edge: &str, line: &str) -> std::io::Result<TcpStream> {
    let edge: SocketAddr = edge.parse().unwrap();
    let mut stream = TcpStream::connect_timeout(&edge, PATIENCE)?;
    stream.write_all(format!("{line}\n").as_bytes())?;
    Ok(stream)
}

fn session(edge: &str, target: &str, url: &Url) -> std::io::Result<()> {
    let mut stream = say(edge, "tunnel")?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    *url.0.lock().unwrap() = lines.next().transpose()?;
    for line in lines {
        let line = line?;
        if line == "beat" {
            stream.write_all(b"beat\n")?;
            continue;
        }
        let (edge, target) = (edge.to_owned(), target.to_owned());
        std::thread::spawn(move || {
            let _ = fetch(&edge, &target, &line);
        });
    }
    Ok(())
}

fn fetch(edge: &str, target: &str, take: &str) -> std::io::Result<()> {
    let (mut far_out, mut near_out) = (say(edge, take)?, TcpStream::connect(target)?);
    let (mut far_in, mut near_in) = (far_out.try_clone()?, near_out.try_clone()?);
    let inwards = std::thread::spawn(move || {
        let _ = copy(&mut far_in, &mut near_out);
        let _ = near_out.shutdown(Shutdown::Write);
    });
    let _ = copy(&mut near_in, &mut far_out);
    let _ = far_out.shutdown(Shutdown::Write);
    let _ = inwards.join();
    Ok(())
}
