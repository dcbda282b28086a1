//! Just enough of HTTP to ask the program that is tried a few questions.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::Value;

const PATIENCE: Duration = Duration::from_secs(120);
const MOST_BYTES: u64 = 8 << 20;

/// An owner who is signed in, or is about to be.
pub(super) struct Owner {
    address: SocketAddr,
    cookie: String,
}

impl Owner {
    /// Makes the owner's account on a fresh program, or signs in where there is one.
    pub(super) fn sign_in(address: SocketAddr) -> Result<Owner> {
        let mut owner = Owner { address, cookie: String::new() };
        let (email, password) = ("owner@smoke.example", "a password for the test");
        let session = owner.ask("GET", "/api/session", None)?;
        let (path, body) = if session["setup_needed"] == true {
            ("/api/setup", serde_json::json!({ "name": "Owner", "email": email, "password": password }))
        } else {
            ("/api/session", serde_json::json!({ "email": email, "password": password }))
        };
        let (head, _) = owner.send("POST", path, Some(&body))?;
        owner.cookie = cookie(&head).context("signing in gave no cookie")?;
        Ok(owner)
    }

    /// The answer's JSON. Errors: anything but a status of the 200s.
    pub(super) fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Value> {
        let (_, body) = self.send(method, path, body)?;
        if body.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_str(&body).with_context(|| format!("{method} {path} answered with something else than JSON"))
    }

    fn send(&self, method: &str, path: &str, body: Option<&Value>) -> Result<(String, String)> {
        let body = body.map(Value::to_string).unwrap_or_default();
        // HTTP/1.0 has neither chunks nor open connections: what comes until the end is the answer.
        let request = format!(
            "{method} {path} HTTP/1.0\r\nHost: {}\r\nCookie: {}\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{body}",
            self.address,
            self.cookie,
            body.len()
        );
        let mut stream = TcpStream::connect_timeout(&self.address, Duration::from_secs(5))?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.write_all(request.as_bytes())?;
        let mut answer = Vec::new();
        stream.take(MOST_BYTES).read_to_end(&mut answer)?;
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let (head, body) = answer.split_once("\r\n\r\n").context("the program hung up in the middle of an answer")?;
        let status = head.split(' ').nth(1).unwrap_or_default();
        if !status.starts_with('2') {
            bail!("{method} {path} answered {status}: {body}");
        }
        Ok((head.to_owned(), body.to_owned()))
    }
}

/// `name=value` of the first cookie that is set.
fn cookie(head: &str) -> Option<String> {
    head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        let value = name.eq_ignore_ascii_case("set-cookie").then(|| value.trim())?;
        Some(value.split(';').next().unwrap_or(value).to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cookie_is_found_whatever_the_case_of_its_header_and_without_its_attributes() {
        assert_eq!(cookie("HTTP/1.0 200 OK\r\nset-cookie: a=b; HttpOnly\r\nX: y").as_deref(), Some("a=b"));
        assert_eq!(cookie("HTTP/1.0 200 OK\r\nSet-Cookie: a=b").as_deref(), Some("a=b"));
        assert_eq!(cookie("HTTP/1.0 200 OK\r\nX: set-cookie"), None);
    }
}
