//! The least web server that will do: one answer for each connection.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};

use crate::place::Place;

/// Serves `answer(path)` (status and body) until the process ends. The plan may make it `deaf`, `garbage` or a `flood`.
pub(crate) fn serve(
    listener: TcpListener,
    place: Place,
    answer: impl Fn(&str) -> (u16, String) + Clone + Send + 'static,
) -> ! {
    loop {
        let Ok((stream, _)) = listener.accept() else { continue };
        let (place, answer) = (place.clone(), answer.clone());
        std::thread::spawn(move || {
            let _ = one(stream, &place, answer);
        });
    }
}

fn one(mut stream: TcpStream, place: &Place, answer: impl Fn(&str) -> (u16, String)) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let first = lines.next().unwrap_or_else(|| Ok(String::new()))?;
    while lines.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
    if place.is_planned("deaf") {
        crate::place::idle();
    }
    if place.is_planned("garbage") {
        return stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 15\r\nconnection: close\r\n\r\n<html>{\"}</html");
    }
    if place.is_planned("flood") {
        stream.write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{\"hostname\":\"")?;
        loop {
            stream.write_all(&[b'a'; 4096])?;
        }
    }
    let (status, body) = answer(first.split(' ').nth(1).unwrap_or_default());
    let head = format!("HTTP/1.1 {status} -\r\ncontent-type: application/json\r\ncontent-length: {}\r\n", body.len());
    stream.write_all(format!("{head}connection: close\r\n\r\n{body}").as_bytes())
}
