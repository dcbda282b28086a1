//! Visits to a site on this machine.

use std::sync::Mutex;

use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::*;

const PARAGRAPH: &str = "<p>We repair taps, pipes and geysers in the whole town, every day from eight to five, and we come to your home.</p>";

fn html(title: &str, body: &str) -> ResponseTemplate {
    let page = format!(
        "<html><head><title>{title}</title></head><body><main><h1>{title}</h1>{PARAGRAPH}{body}</main></body></html>"
    );
    ResponseTemplate::new(200).set_body_raw(page, "text/html; charset=utf-8")
}

async fn serve(pages: Vec<(&str, ResponseTemplate)>) -> MockServer {
    let server = MockServer::start().await;
    for (at, answer) in pages {
        Mock::given(method("GET")).and(path(at)).respond_with(answer).mount(&server).await;
    }
    server
}

/// Pauses that were asked for, without waiting.
fn watch() -> (Watch, Arc<Mutex<Vec<Duration>>>) {
    let pauses = Arc::new(Mutex::new(Vec::new()));
    let log = pauses.clone();
    let sleep = move |time| -> BoxFuture<'static, ()> {
        log.lock().unwrap().push(time);
        Box::pin(async {})
    };
    (Watch { sleep: Arc::new(sleep), ..Watch::default() }, pauses)
}

fn paths(site: &Site) -> Vec<String> {
    site.pages.iter().map(|p| p.url.parse::<Url>().unwrap().path().to_string()).collect()
}

#[tokio::test]
async fn a_site_is_read_breadth_first_within_its_limits() {
    let server = serve(vec![
        ("/", html("Home", "<a href=/a>a</a> <a href='/b#x'>b</a> <a href=/b>b again</a> <a href=/private/x>p</a> <a href=http://other.example/>o</a> <a href=/gone>g</a> <a href=/pic.png>i</a> <a href=/copy>c</a>")),
        ("/a", html("A", "<a href=/deep>deep</a>")),
        ("/b", html("B", "<a href=/>home</a>")),
        ("/copy", html("A", "<a href=/deep>deep</a>")),
        ("/deep", html("Deep", "<a href=/deeper>deeper</a>")),
        ("/deeper", html("Deeper", "")),
        ("/private/x", html("Private", "")),
        ("/robots.txt", ResponseTemplate::new(200).set_body_string("User-agent: *\nDisallow: /private\nCrawl-delay: 2")),
    ])
    .await;
    let (mut watch, pauses) = watch();
    let steps = Arc::new(Mutex::new(Vec::new()));
    let log = steps.clone();
    watch.progress = Arc::new(move |p| log.lock().unwrap().push(p));
    let site = fetch_watched(&server.uri(), Limits::site(), Reach::Anywhere, &watch).await.unwrap();
    assert_eq!(paths(&site), ["/", "/a", "/b", "/deep"], "{:?}", site.skipped);
    assert_eq!(site.pages[1].document.title, "A");
    let skipped: Vec<String> = site.skipped.iter().map(|s| s.url.parse::<Url>().unwrap().path().to_string()).collect();
    assert_eq!(skipped, ["/private/x", "/gone"]);
    assert!(!site.cut);
    let pauses = pauses.lock().unwrap().clone();
    assert!(pauses.len() >= 4 && pauses.iter().all(|p| *p == Duration::from_secs(2)), "{pauses:?}");
    assert_eq!(steps.lock().unwrap().first(), Some(&Progress { read: 1, waiting: 5 }));
    let asked = server.received_requests().await.unwrap();
    assert_eq!(asked.iter().filter(|r| r.url.path() == "/robots.txt").count(), 1, "the rules are asked for once");
    assert!(!asked.iter().any(|r| r.url.path().starts_with("/private")));

    let few =
        fetch_watched(&server.uri(), Limits { pages: 2, ..Limits::site() }, Reach::Anywhere, &watch).await.unwrap();
    assert_eq!((few.pages.len(), few.cut), (2, true));
    let one = fetch_watched(&server.uri(), Limits::page(), Reach::Anywhere, &watch).await.unwrap();
    assert_eq!(one.pages.len(), 1);
}

#[tokio::test]
async fn a_first_page_that_cannot_be_read_says_why() {
    let server = serve(vec![
        ("/robots.txt", ResponseTemplate::new(200).set_body_string("User-agent: BotFlow\nDisallow: /closed")),
        ("/secret", ResponseTemplate::new(403)),
        ("/broken", ResponseTemplate::new(500)),
        ("/photo", ResponseTemplate::new(200).set_body_raw("x", "image/png")),
        ("/blank", ResponseTemplate::new(200).set_body_raw("<html><body></body></html>", "text/html")),
        ("/large", ResponseTemplate::new(200).set_body_raw(vec![b'a'; 2000], "text/plain")),
    ])
    .await;
    for (at, code, word) in [
        ("/missing", ErrorCode::NotFound, "no page"),
        ("/closed", ErrorCode::Forbidden, "robots.txt"),
        ("/secret", ErrorCode::Forbidden, "password"),
        ("/broken", ErrorCode::Upstream, "500"),
        ("/photo", ErrorCode::Unsupported, "image/png"),
        ("/blank", ErrorCode::Invalid, "no text"),
        ("/large", ErrorCode::TooLarge, "larger"),
    ] {
        let limits = Limits { page_bytes: 1000, ..Limits::page() };
        let e = fetch(&format!("{}{at}", server.uri()), limits, Reach::Anywhere).await.unwrap_err();
        assert_eq!(e.code, code, "{at}: {e}");
        assert!(e.message.contains(word), "{at}: {e}");
    }
    let e = fetch(&server.uri(), Limits::page(), Reach::Public).await.unwrap_err();
    assert!(e.message.contains("private network"), "{e}");
}

#[tokio::test]
async fn a_site_whose_rules_cannot_be_had_is_left_alone() {
    let server = serve(vec![("/", html("Home", "")), ("/robots.txt", ResponseTemplate::new(503))]).await;
    assert_eq!(fetch(&server.uri(), Limits::page(), Reach::Anywhere).await.unwrap_err().code, ErrorCode::Forbidden);
}

#[tokio::test]
async fn twins_and_pages_that_ask_not_to_be_kept_are_left_out() {
    let server = serve(vec![
        ("/", html("Home", "<a href=/a>a</a> <a href=/print>p</a> <a href=/noindex>n</a> <a href=/list.csv>l</a> <a href=/moved>m</a>")),
        ("/a", html("A", "")),
        ("/print", ResponseTemplate::new(200).set_body_raw(format!("<link rel=canonical href=/a><h1>A, to print</h1>{PARAGRAPH}"), "text/html")),
        ("/noindex", ResponseTemplate::new(200).set_body_raw(format!("<meta name=robots content=noindex><h1>N</h1>{PARAGRAPH}"), "text/html")),
        ("/list.csv", ResponseTemplate::new(200).set_body_raw("item,price\ntap,5\npipe,7\n", "text/csv")),
        ("/moved", ResponseTemplate::new(302).insert_header("location", "/a")),
    ])
    .await;
    let (watch, _) = watch();
    let site = fetch_watched(&server.uri(), Limits::site(), Reach::Anywhere, &watch).await.unwrap();
    assert_eq!(paths(&site), ["/", "/a", "/list.csv"], "{:?}", site.skipped);
}

#[tokio::test]
async fn a_visit_stops_when_the_person_says_so() {
    let server = serve(vec![("/", html("Home", "<a href=/a>a</a>")), ("/a", html("A", ""))]).await;
    let (mut watch, _) = watch();
    let cancel = watch.cancel.clone();
    watch.progress = Arc::new(move |_| cancel.cancel());
    let e = fetch_watched(&server.uri(), Limits::site(), Reach::Anywhere, &watch).await.unwrap_err();
    assert_eq!(e.code, ErrorCode::Cancelled);
}
