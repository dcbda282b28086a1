//! The vendor's side of a tunnel. The program's side connects and says `tunnel`, is told its public address, and from then
//! on is asked to fetch each visitor with a connection of its own: `take <number>`.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};

use super::WORLD;

/// Signs of life go to and fro this often.
const BEAT: Duration = Duration::from_millis(500);
/// Without one for so long, the other side is gone.
const GONE_AFTER: Duration = Duration::from_secs(2);

#[derive(Clone)]
struct Shared {
    /// Visitors that wait to be fetched.
    waiting: Arc<Mutex<HashMap<usize, TcpStream>>>,
    numbers: Arc<AtomicUsize>,
    refused: Arc<AtomicUsize>,
    closed: watch::Receiver<bool>,
}

pub(super) async fn open(refused: Arc<AtomicUsize>, closed: watch::Receiver<bool>) -> SocketAddr {
    let listener = TcpListener::bind((WORLD, 0)).await.expect("the world's address");
    let address = listener.local_addr().expect("an address");
    let shared = Shared { waiting: Arc::default(), numbers: Arc::default(), refused, closed };
    base::task::spawn("test-edge", async move {
        loop {
            let Ok((stream, _)) = listener.accept().await else { continue };
            let shared = shared.clone();
            base::task::spawn("test-edge-one", async move {
                let _ = greet(stream, shared).await;
            });
        }
    });
    address
}

async fn greet(stream: TcpStream, shared: Shared) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    let mut line = String::new();
    stream.read_line(&mut line).await?;
    match line.trim().split_once(' ') {
        None => tunnel(stream, shared).await,
        Some((_, number)) => {
            let visitor = number.parse().ok().and_then(|n: usize| shared.waiting.lock().ok()?.remove(&n));
            let Some(mut visitor) = visitor else { return Ok(()) };
            // The buffer is empty: the program's side waits for the visitor's words.
            let mut closed = shared.closed.clone();
            tokio::select! {
                copied = tokio::io::copy_bidirectional(stream.get_mut(), &mut visitor) => copied.map(drop),
                // Visitors who are there already are turned out as well.
                _ = closed.wait_for(|closed| *closed) => Ok(()),
            }
        }
    }
}

async fn tunnel(mut stream: BufReader<TcpStream>, shared: Shared) -> std::io::Result<()> {
    let public = TcpListener::bind((WORLD, 0)).await?;
    stream.get_mut().write_all(format!("http://{}\n", public.local_addr()?).as_bytes()).await?;
    let (ask, mut asked) = mpsc::channel::<usize>(64);
    let lives = watch::Sender::new(true);
    base::task::spawn("test-edge-public", visitors(public, shared.clone(), ask, lives.subscribe()));
    let (mut line, mut beat) = (String::new(), tokio::time::interval(BEAT));
    let mut heard = tokio::time::Instant::now();
    loop {
        tokio::select! {
            read = stream.read_line(&mut line) => {
                if !read.is_ok_and(|bytes| bytes > 0) {
                    break;
                }
                line.clear();
                heard = tokio::time::Instant::now();
            }
            Some(number) = asked.recv() => stream.get_mut().write_all(format!("take {number}\n").as_bytes()).await?,
            _ = beat.tick() => stream.get_mut().write_all(b"beat\n").await?,
            () = tokio::time::sleep_until(heard + GONE_AFTER) => break,
        }
    }
    drop(lives);
    if let Ok(mut waiting) = shared.waiting.lock() {
        waiting.clear();
    }
    Ok(())
}

async fn visitors(public: TcpListener, shared: Shared, ask: mpsc::Sender<usize>, lives: watch::Receiver<bool>) {
    loop {
        let Ok((mut visitor, _)) = public.accept().await else { continue };
        let gone = lives.has_changed().is_err() || *shared.closed.borrow();
        if gone {
            shared.refused.fetch_add(1, Ordering::SeqCst);
            let _ = visitor.write_all(b"HTTP/1.1 502 -\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").await;
            continue;
        }
        let number = shared.numbers.fetch_add(1, Ordering::SeqCst);
        if let Ok(mut waiting) = shared.waiting.lock() {
            waiting.insert(number, visitor);
        }
        if ask.send(number).await.is_err() {
            shared.refused.fetch_add(1, Ordering::SeqCst);
            if let Ok(mut waiting) = shared.waiting.lock() {
                waiting.remove(&number);
            }
        }
    }
}
