//! The least of HTTP: one question, one answer, on this machine.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

const PATIENCE: Duration = Duration::from_secs(60);
const MAX_BYTES: u64 = 8 << 20;

/// An owner at the interface of a program.
pub(super) struct Owner {
    port: u16,
    cookie: String,
}

impl Owner {
    /// Makes the account on a fresh program, or signs in where there is one.
    pub(super) fn sign_in(port: u16) -> Result<Owner> {
        let mut owner = Owner { port, cookie: String::new() };
        let session = owner.get("/api/session")?;
        let (email, password) = ("thandi@shop.example", "correct horse battery");
        let (path, body) = if session["setup_needed"] == true {
            ("/api/setup", json!({ "name": "Thandi", "email": email, "password": password }))
        } else {
            ("/api/session", json!({ "email": email, "password": password }))
        };
        let (head, _) = owner.call("POST", path, Some(&body))?;
        let cookie = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("set-cookie")
                .then(|| value.split(';').next().unwrap_or_default().trim().to_owned())
        });
        owner.cookie = cookie.context("signing in gave no session")?;
        Ok(owner)
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    pub(super) fn get(&self, path: &str) -> Result<Value> {
        Ok(serde_json::from_str(&self.call("GET", path, None)?.1)?)
    }

    pub(super) fn post(&self, path: &str, body: &Value) -> Result<Value> {
        Ok(serde_json::from_str(&self.call("POST", path, Some(body))?.1)?)
    }

    /// Loads the sample business and waits until its documents are read.
    pub(super) fn load_sample(&self) -> Result<()> {
        self.post("/api/sample", &json!({}))?;
        let began = Instant::now();
        loop {
            let sources = self.get("/api/sources?limit=200")?;
            let sources = sources["items"].as_array().cloned().unwrap_or_default();
            if !sources.is_empty() && sources.iter().all(|source| source["state"] == "ready") {
                return Ok(());
            }
            if began.elapsed() > Duration::from_secs(240) {
                bail!("The sample's documents were not read in four minutes: {sources:?}");
            }
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    /// What the program answers; the whole answer as JSON.
    pub(super) fn ask(&self, question: &str) -> Result<String> {
        Ok(self.post("/api/ask", &json!({ "question": question }))?.to_string())
    }

    fn call(&self, method: &str, path: &str, body: Option<&Value>) -> Result<(String, String)> {
        let (status, head, text) = call(self.port, method, path, &self.cookie, body)?;
        if !(200..300).contains(&status) {
            bail!("{method} {path} answered {status}: {text}");
        }
        Ok((head, text))
    }
}

/// A page without signing in.
pub(super) fn page(port: u16, path: &str) -> Result<String> {
    let (status, _, text) = call(port, "GET", path, "", None)?;
    if status != 200 {
        bail!("{path} answered {status}: {text}");
    }
    Ok(text)
}

/// By HTTP 1.0: the answer is whole when the line is closed, and comes unpacked and in one piece.
fn call(port: u16, method: &str, path: &str, cookie: &str, body: Option<&Value>) -> Result<(u16, String, String)> {
    let mut line = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    line.set_read_timeout(Some(PATIENCE))?;
    line.set_write_timeout(Some(PATIENCE))?;
    let body = body.map(Value::to_string).unwrap_or_default();
    let mut request = format!("{method} {path} HTTP/1.0\r\nHost: 127.0.0.1:{port}\r\n");
    if !cookie.is_empty() {
        request.push_str(&format!("Cookie: {cookie}\r\n"));
    }
    if !body.is_empty() {
        request.push_str(&format!("Content-Type: application/json\r\nContent-Length: {}\r\n", body.len()));
    }
    line.write_all(format!("{request}\r\n{body}").as_bytes())?;
    let mut answer = Vec::new();
    line.take(MAX_BYTES).read_to_end(&mut answer)?;
    let answer = String::from_utf8_lossy(&answer);
    let (head, text) = answer.split_once("\r\n\r\n").context("the program's answer had no end of its head")?;
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).context("no status in the answer")?;
    Ok((status, head.to_owned(), text.to_owned()))
}
