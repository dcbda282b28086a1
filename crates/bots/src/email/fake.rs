//! A tiny mail server for tests: takes plain SMTP with one user, keeps what it is given, and refuses when it is told to.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// An e-mail as it came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Received {
    pub from: String,
    pub to: Vec<String>,
    /// Headers and body, without the dots that SMTP puts in front.
    pub data: String,
}

/// The server; it ends with the test's runtime.
pub struct FakeSmtp {
    port: u16,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    received: Mutex<Vec<Received>>,
    refuses: AtomicBool,
    refused: AtomicUsize,
}

impl FakeSmtp {
    /// Takes e-mail from `user` with `password`; nobody lives at `nobody@…`.
    pub async fn start(user: &str, password: &str) -> Self {
        let listener = listen().await;
        let port = port_of(&listener);
        let shared: Arc<Shared> = Arc::default();
        let (kept, plain) = (shared.clone(), STANDARD.encode(format!("\0{user}\0{password}")));
        base::task::spawn("fake smtp", async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (kept, plain) = (kept.clone(), plain.clone());
                base::task::spawn("fake smtp line", async move {
                    let _ = serve(stream, &plain, &kept).await;
                });
            }
        });
        Self { port, shared }
    }

    /// A port on which nobody listens.
    pub async fn closed_port() -> u16 {
        port_of(&listen().await)
    }

    /// Whether it refuses every e-mail from now on, as a server does that is overloaded.
    pub fn refuse(&self, refuses: bool) {
        self.shared.refuses.store(refuses, Ordering::Relaxed);
    }

    /// How many e-mails it has refused because it was told to.
    pub fn refused(&self) -> usize {
        self.shared.refused.load(Ordering::Relaxed)
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    pub fn received(&self) -> Vec<Received> {
        self.shared.received.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

async fn listen() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.expect("this computer has a port left")
}

fn port_of(listener: &TcpListener) -> u16 {
    listener.local_addr().expect("a listener has an address").port()
}

async fn serve(stream: TcpStream, plain: &str, shared: &Shared) -> std::io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    let mut email = Received::default();
    let mut known = false;
    write.write_all(b"220 fake ready\r\n").await?;
    while let Some(line) = lines.next_line().await? {
        let upper = line.to_ascii_uppercase();
        let address = || line.split_once('<').and_then(|(_, rest)| rest.split('>').next()).unwrap_or("").to_owned();
        let answer = match upper.split_whitespace().next().unwrap_or("") {
            "EHLO" | "HELO" => "250-fake\r\n250 AUTH PLAIN",
            "AUTH" if line.split_whitespace().nth(2) == Some(plain) => {
                known = true;
                "235 welcome"
            }
            "AUTH" => "535 wrong name or password",
            "MAIL" if !known => "530 who are you",
            "MAIL" if shared.refuses.load(Ordering::Relaxed) => {
                shared.refused.fetch_add(1, Ordering::Relaxed);
                "451 try again later"
            }
            "MAIL" => {
                email = Received { from: address(), ..Received::default() };
                "250 ok"
            }
            "RCPT" if address().starts_with("nobody@") => "550 no such user",
            "RCPT" => {
                email.to.push(address());
                "250 ok"
            }
            "DATA" => {
                write.write_all(b"354 go on\r\n").await?;
                while let Some(line) = lines.next_line().await? {
                    if line == "." {
                        break;
                    }
                    email.data.push_str(line.strip_prefix('.').unwrap_or(&line));
                    email.data.push_str("\r\n");
                }
                shared.received.lock().unwrap_or_else(PoisonError::into_inner).push(std::mem::take(&mut email));
                "250 kept"
            }
            "QUIT" => {
                write.write_all(b"221 bye\r\n").await?;
                return Ok(());
            }
            _ => "250 ok",
        };
        write.write_all(format!("{answer}\r\n").as_bytes()).await?;
    }
    Ok(())
}
