//! The end while something is under way: it is said, waited for, and nothing of it is lost.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

use serde_json::Value;

use crate::driver::{Browser, Computer};
use crate::{NAME, PATIENCE, until, until_seen};

const SAID: &str = "Finishing what is under way …";
const BOUNDARY: &str = "part";

/// A file that comes in slowly, from another browser of the owner.
struct Upload {
    server: BufReader<TcpStream>,
    rest: Vec<u8>,
}

impl Upload {
    /// Sends the first half, and returns when the server waits for the other.
    fn begin(browser: &Browser, name: &str, text: &str) -> Upload {
        let body = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
             Content-Type: text/plain\r\n\r\n{text}\r\n--{BOUNDARY}--\r\n"
        );
        // The server asks for the file once it has begun to read it.
        let head = format!(
            "POST /api/sources/files HTTP/1.1\r\nHost: {}\r\nCookie: {}\r\nContent-Length: {}\r\n\
             Content-Type: multipart/form-data; boundary={BOUNDARY}\r\nExpect: 100-continue\r\n\r\n",
            browser.address,
            browser.cookie,
            body.len()
        );
        let mut stream = TcpStream::connect(&browser.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.write_all(head.as_bytes()).unwrap();
        let mut server = BufReader::new(stream);
        let mut line = String::new();
        server.read_line(&mut line).unwrap();
        assert_eq!(line, "HTTP/1.1 100 Continue\r\n");
        server.read_line(&mut line).unwrap();
        let (first, rest) = body.as_bytes().split_at(body.len() / 2);
        server.get_mut().write_all(first).unwrap();
        Upload { server, rest: rest.to_vec() }
    }

    /// Sends the other half. Gives what the server answers to the whole, until it closes.
    fn end(mut self) -> String {
        self.server.get_mut().write_all(&self.rest).unwrap();
        let mut answer = String::new();
        self.server.read_to_string(&mut answer).unwrap();
        answer
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a screen and WebKit's driver: cargo xtask window"]
async fn quitting_finishes_what_is_under_way_says_so_and_loses_nothing() {
    let computer = Computer::new(true).await;
    let owner = computer.first_day().await;
    let upload = Upload::begin(&computer.other_browser().await, "Delivery.txt", "Delivery to Wynberg costs R 88.");
    computer.desktop.click(&format!("Quit {NAME}")).await;
    owner.until_says(SAID).await;
    until_seen(&computer, true).await;
    let menu = computer.desktop.menu().await;
    assert!(menu.iter().any(|line| line.words == SAID), "{menu:?}");
    assert!(menu.iter().all(|line| line.words != "Answer for me" || !line.enabled), "{menu:?}");
    computer.screen.picture_in_motion("16-finishing");
    assert!(!computer.log().contains("ended\""), "it waits");

    let answer = upload.end();
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    until("the program ended", || async { computer.processes("botflow-desktop").is_empty().then_some(()) }).await;
    let log = computer.log();
    assert!(log.contains("ended\"") && !log.contains("did not end in time"), "in order: {log}");
    assert!(!log.contains("\"ERROR\""), "{log}");
    drop(owner);

    let owner = computer.drive(&[]).await;
    owner.until_says("Thandi").await;
    until("the file is read", || async {
        let sources = owner.fetch("GET", "/sources", Value::Null).await;
        let source = sources["items"].as_array()?.first()?;
        (source["origin"] == "Delivery.txt" && source["state"] == "ready").then_some(())
    })
    .await;
    let cut_off = format!("{NAME} goes on where it was cut off");
    assert!(!computer.desktop.titles().contains(&cut_off), "the end was in order");
}
