//! The layers: foreign requests, headers, panics, hosts, events, compression, client addresses.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, DefaultBodyLimit};
use axum::response::sse::Event;
use axum::routing::{get as on_get, post as on_post};
use bytes::Bytes;
use futures::StreamExt;
use tokio::sync::broadcast;

use super::*;

fn app() -> Router {
    Router::new()
        .route("/change", on_post(async || "changed").get(async || "seen"))
        .route("/panic", on_get(async || -> String { panic!("thrown in a handler") }))
        .route("/long", on_get(async || "x".repeat(5000)))
        .route("/ip", on_get(async |ClientIp(ip): ClientIp| ip.to_string()))
        .route("/id", on_get(async || current_request_id()))
        .route("/large", on_post(async |body: Bytes| body.len().to_string()).layer(DefaultBodyLimit::max(4 << 20)))
}

#[tokio::test]
async fn a_page_of_another_site_cannot_act_in_the_owner_s_name() {
    let admin = admin_layers(app());
    for (headers, allowed) in [
        (vec![("sec-fetch-site", "same-origin")], true),
        (vec![("sec-fetch-site", "none")], true),
        (vec![("sec-fetch-site", "cross-site")], false),
        (vec![("sec-fetch-site", "same-site")], false),
        (vec![("origin", "http://127.0.0.1:8080")], true),
        (vec![("origin", "http://evil.example")], false),
        (vec![("origin", "null")], false),
        (vec![], true),
    ] {
        let mut request = post("/change", "{}");
        for (name, value) in &headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        let response = send(&admin, request).await;
        assert_eq!(response.status(), if allowed { 200 } else { 403 }, "{headers:?}");
        if !allowed {
            assert_eq!(json(response).await["code"], "forbidden");
        }
    }
    let mut looking = get("/change");
    looking.headers_mut().insert("sec-fetch-site", "cross-site".parse().unwrap());
    assert_eq!(send(&admin, looking).await.status(), 200, "looking changes nothing");
    let mut webhook = post("/change", "{}");
    webhook.headers_mut().insert("origin", "http://shop.example".parse().unwrap());
    assert_eq!(send(&public_layers(app()), webhook).await.status(), 200, "the public router is for others");
}

#[tokio::test]
async fn the_interface_cannot_be_framed_or_injected_and_every_answer_has_an_id() {
    let response = send(&admin_layers(app()), get("/change")).await;
    let policy = response.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.contains("frame-ancestors 'none'") && policy.contains("default-src 'self'"));
    assert!(!policy.contains("script-src 'self' 'unsafe-inline'"));
    assert_eq!(response.headers()["x-content-type-options"], "nosniff");
    assert_eq!(response.headers()["referrer-policy"], "no-referrer");
    let mut asked = get("/id");
    asked.headers_mut().insert("x-request-id", "forged".parse().unwrap());
    let response = send(&admin_layers(app()), asked).await;
    let id = response.headers()["x-request-id"].to_str().unwrap().to_owned();
    assert_eq!(String::from_utf8(bytes(response).await).unwrap(), id, "the same inside and out");
    assert_ne!(id, "forged");
    let public = send(&public_layers(app()), get("/change")).await;
    assert!(!public.headers()["content-security-policy"].to_str().unwrap().contains("frame-ancestors"));
}

#[tokio::test]
async fn a_panic_in_one_request_is_an_error_there_and_nowhere_else() {
    let admin = admin_layers(app());
    let response = send(&admin, get("/panic")).await;
    assert_eq!(response.status(), 500);
    let id = response.headers()["x-request-id"].to_str().unwrap().to_owned();
    let body = json(response).await;
    assert_eq!(body["code"], "internal");
    assert_eq!(body["request_id"], id.as_str());
    assert!(!body.to_string().contains("thrown"));
    assert_eq!(send(&admin, get("/change")).await.status(), 200);
}

#[tokio::test]
async fn a_route_may_take_more_than_the_usual_megabyte_but_only_if_it_says_so() {
    let public = public_layers(app());
    let response = send(&public, post("/large", vec![b'x'; 3 << 20])).await;
    assert_eq!(bytes(response).await, (3 << 20).to_string().as_bytes());
    assert_eq!(send(&public, post("/large", vec![b'x'; 5 << 20])).await.status(), 413);
}

#[tokio::test]
async fn long_answers_are_compressed_and_events_are_not() {
    let (tell, _) = broadcast::channel::<u32>(8);
    let teller = tell.clone();
    let router = admin_layers(app().route(
        "/events",
        on_get(async move || sse(told(teller.subscribe(), |n| Some(Event::default().data(n.to_string()))))),
    ));
    let mut asked = get("/long");
    asked.headers_mut().insert("accept-encoding", "gzip".parse().unwrap());
    assert_eq!(send(&router, asked).await.headers()["content-encoding"], "gzip");
    let mut asked = get("/events");
    asked.headers_mut().insert("accept-encoding", "gzip".parse().unwrap());
    let response = send(&router, asked).await;
    assert!(!response.headers().contains_key("content-encoding"));
    assert_eq!(response.headers()["cache-control"], "no-store");
    let mut body = response.into_body().into_data_stream();
    let first = body.next().await.unwrap().unwrap();
    assert_eq!(&first[..], b"event: resync\ndata: all\n\n", "who comes back fetches anew");
    tell.send(7).unwrap();
    assert_eq!(&body.next().await.unwrap().unwrap()[..], b"data: 7\n\n");
    for n in 0..50 {
        tell.send(n).unwrap();
    }
    assert_eq!(
        &body.next().await.unwrap().unwrap()[..],
        b"event: resync\ndata: all\n\n",
        "and so does who fell behind"
    );
    assert_eq!(&body.next().await.unwrap().unwrap()[..], b"data: 42\n\n", "then goes on with what is remembered");
}

#[tokio::test]
async fn a_client_is_told_apart_by_its_address_also_behind_a_tunnel_but_cannot_choose_one() {
    let router = public_layers(app());
    for (peer, forwarded, expected) in [
        ("203.0.113.9:1", None, "203.0.113.9"),
        ("203.0.113.9:1", Some("198.51.100.1"), "203.0.113.9"),
        ("127.0.0.1:1", None, "127.0.0.1"),
        ("127.0.0.1:1", Some("198.51.100.1"), "198.51.100.1"),
        ("127.0.0.1:1", Some("1.2.3.4, 198.51.100.1"), "198.51.100.1"),
        ("127.0.0.1:1", Some("nonsense"), "127.0.0.1"),
        ("[::ffff:127.0.0.1]:1", Some("198.51.100.1"), "198.51.100.1"),
        ("[2001:db8::1]:1", None, "2001:db8::1"),
    ] {
        let mut request = get("/ip");
        request.extensions_mut().insert(ConnectInfo(peer.parse::<SocketAddr>().unwrap()));
        if let Some(forwarded) = forwarded {
            request.headers_mut().insert("x-forwarded-for", forwarded.parse().unwrap());
        }
        let said = String::from_utf8(bytes(send(&router, request).await).await).unwrap();
        assert_eq!(said, expected, "{peer} {forwarded:?}");
        assert!(said.parse::<IpAddr>().is_ok());
    }
}

#[tokio::test]
async fn a_foreign_name_that_points_here_reaches_nothing() {
    let router = allow_hosts(app(), vec!["Shop.Local".into()]);
    for (host, allowed) in [
        ("127.0.0.1:8080", true),
        ("localhost:8080", true),
        ("[::1]:8080", true),
        ("192.168.1.20", true),
        ("shop.local:8080", true),
        ("evil.example", false),
        ("localhost.evil.example:8080", false),
        ("127.0.0.1.evil.example", false),
    ] {
        let mut request = get("/change");
        request.headers_mut().insert("host", host.parse().unwrap());
        assert_eq!(send(&router, request).await.status(), if allowed { 200 } else { 403 }, "{host}");
    }
}

/// A browser goes on sending a file for a while after it was refused, and reads the answer then.
#[tokio::test]
async fn who_is_refused_while_still_sending_gets_the_answer() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let refusing = async || ApiError::from(base::Error::conflict("There is an owner already."));
    let admin = admin_layers(Router::new().route("/file", on_post(refusing)));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let serving = base::task::spawn("test-server", async move { axum::serve(listener, admin).await.unwrap() });
    let piece = vec![b'x'; 1 << 20];
    for _ in 0..5 {
        let mut line = tokio::net::TcpStream::connect(address).await.unwrap();
        let head = format!("POST /file HTTP/1.1\r\nhost: {address}\r\ncontent-length: {}\r\n\r\n", 16 * piece.len());
        line.write_all(head.as_bytes()).await.unwrap();
        for _ in 0..16 {
            line.write_all(&piece).await.expect("the line is broken while sending");
        }
        let mut answer = vec![0; 4096];
        let read = line.read(&mut answer).await.expect("the line is broken before the answer");
        let answer = String::from_utf8_lossy(&answer[..read]).into_owned();
        assert!(answer.starts_with("HTTP/1.1 409 "), "{answer}");
    }
    serving.abort();
}
