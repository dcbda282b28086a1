//! A flow's call of a web service.

use std::time::Duration;

use base::net::{Reach, check_url, from_reqwest, guarded_client, guarded_client_within, is_same_server, read_limited};
use base::{Error, Result};
use flow::{Outcome, Paging};
use http::{HeaderName, HeaderValue};
use serde_json::{Value, json};
use url::Url;

use crate::secrets::Known;

/// Answers of web services larger than this are refused; of answers in pages this is all that is read.
const MAX_RESPONSE_BYTES: usize = 1 << 20;
const MAX_TIMEOUT: Duration = Duration::from_secs(60);
/// For all pages of an answer together.
const MAX_TIME: Duration = Duration::from_secs(100);
const MAX_PAGES: u32 = 50;
/// What the program sets by itself.
const OWN_HEADERS: [&str; 6] = ["host", "content-length", "transfer-encoding", "connection", "upgrade", "te"];
/// Under it a service recognises a request that comes again after a crash.
pub(super) const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// A call, with secrets still as marks.
pub(super) struct Request {
    pub(super) method: String,
    pub(super) url: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Option<String>,
    pub(super) basic: Option<(String, String)>,
    pub(super) timeout: Duration,
    pub(super) paging: Option<Paging>,
}

impl Request {
    /// Every text in which a secret may stand.
    pub(super) fn texts(&self) -> impl Iterator<Item = &str> {
        let headers = self.headers.iter().flat_map(|(name, value)| [name.as_str(), value.as_str()]);
        let basic = self.basic.iter().flat_map(|(user, password)| [user.as_str(), password.as_str()]);
        [self.url.as_str()].into_iter().chain(headers).chain(basic).chain(self.body.as_deref())
    }

    /// Calls the service; `key` names this call for good.
    ///
    /// # Errors
    /// Only for what gave no response at all.
    pub(super) async fn send(&self, reach: Reach, known: &Known, key: &str) -> Result<Outcome> {
        match tokio::time::timeout(MAX_TIME, self.pages(reach, known, key)).await {
            Ok(done) => done,
            Err(_) => Err(Error::timeout("All the pages of this answer together took too long. Ask for fewer.")),
        }
    }

    async fn pages(&self, reach: Reach, known: &Known, key: &str) -> Result<Outcome> {
        // Without the address: it may hold a secret.
        let url: Url = known.reveal(&self.url)?.parse().map_err(|_| Error::invalid("This is not a web address."))?;
        let timeout = self.timeout.clamp(Duration::from_millis(100), MAX_TIMEOUT);
        let client = if known.is_empty() && self.basic.is_none() {
            guarded_client(reach, timeout)?
        } else {
            guarded_client_within(&url, reach, timeout)?
        };
        let call = Call { request: self, client, reach, known, key };
        let (status, mut body, mut bytes) = call.once(&url, MAX_RESPONSE_BYTES).await?;
        let Some(paging) = self.paging.as_ref().filter(|_| (200..300).contains(&status)) else {
            known.hide(&mut body);
            return Ok(Outcome::Response { status, body });
        };
        let (mut at, mut pages) = (url.clone(), 1);
        while pages < paging.max_pages.min(MAX_PAGES)
            && bytes < MAX_RESPONSE_BYTES
            && let Some(next) = next_page(&body, &paging.next)
        {
            let next = at.join(&next).map_err(|_| Error::invalid("The address of the next page is none."))?;
            if !is_same_server(&url, &next) {
                return Err(Error::invalid("The next page lies on another server and is not asked for."));
            }
            let (status, page, read) = match call.once(&next, MAX_RESPONSE_BYTES - bytes).await {
                Ok(read) => read,
                // What is there so far is kept; the address of what is missing is in it.
                Err(e) if e.code == base::ErrorCode::TooLarge => break,
                Err(e) => return Err(e),
            };
            if !(200..300).contains(&status) {
                return Ok(Outcome::Response { status, body: page });
            }
            grow(&mut body, page, paging);
            (at, pages, bytes) = (next, pages + 1, bytes + read);
        }
        known.hide(&mut body);
        Ok(Outcome::Response { status, body })
    }
}

struct Call<'r> {
    request: &'r Request,
    client: reqwest::Client,
    reach: Reach,
    known: &'r Known,
    key: &'r str,
}

impl Call<'_> {
    /// One request: status, body, and how many bytes that was.
    async fn once(&self, url: &Url, limit: usize) -> Result<(u16, Value, usize)> {
        check_url(url, self.reach)?;
        let wanted = self.request;
        let method = http::Method::from_bytes(wanted.method.trim().to_ascii_uppercase().as_bytes())
            .map_err(|_| Error::invalid("The method of this web request is not known."))?;
        let mut request = self.client.request(method, url.clone()).header(IDEMPOTENCY_KEY, self.key);
        for (name, value) in &wanted.headers {
            let (name, value) = self.header(name, value)?;
            // The owner's own key counts.
            request = if name == IDEMPOTENCY_KEY {
                request.headers(http::HeaderMap::from_iter([(name, value)]))
            } else {
                request.header(name, value)
            };
        }
        if let Some((user, password)) = &wanted.basic {
            request = request.basic_auth(self.known.reveal(user)?, Some(self.known.reveal(password)?));
        }
        if let Some(body) = &wanted.body {
            request = request.body(self.known.reveal(body)?);
        }
        let response = request.send().await.map_err(from_reqwest)?;
        let status = response.status().as_u16();
        let bytes = read_limited(response, limit).await?;
        Ok((status, value_of(&bytes), bytes.len()))
    }

    fn header(&self, name: &str, value: &str) -> Result<(HeaderName, HeaderValue)> {
        let wrong = || Error::invalid("A header of this web request holds signs that no header may hold.");
        let name = HeaderName::from_bytes(self.known.reveal(name)?.trim().as_bytes()).map_err(|_| wrong())?;
        if OWN_HEADERS.contains(&name.as_str()) {
            return Err(Error::invalid(format!("The header “{name}” is set by the program itself. Take it out.")));
        }
        let mut value = HeaderValue::from_str(self.known.reveal(value)?.trim()).map_err(|_| wrong())?;
        value.set_sensitive(true);
        Ok((name, value))
    }
}

/// JSON as such, anything else as text.
pub(super) fn value_of(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap_or_else(|_| json!(String::from_utf8_lossy(bytes)))
}

/// The address of the next page, when there is one.
fn next_page(body: &Value, pointer: &str) -> Option<String> {
    let next = body.pointer(pointer)?.as_str()?.trim();
    (!next.is_empty()).then(|| next.to_owned())
}

/// Adds a page's items to those of the pages before, and takes over where the next page is.
fn grow(body: &mut Value, mut page: Value, paging: &Paging) {
    let next = page.pointer_mut(&paging.next).map(Value::take);
    if let (Some(Value::Array(all)), Some(Value::Array(more))) =
        (body.pointer_mut(&paging.items), page.pointer_mut(&paging.items))
    {
        all.append(more);
    }
    if let Some(known) = body.pointer_mut(&paging.next) {
        *known = next.unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    use wiremock::matchers::{body_string, header, method, path, query_param};
    use wiremock::{Mock, MockServer, ResponseTemplate};

    use super::*;

    fn get(url: String) -> Request {
        Request {
            method: "get".into(),
            url,
            headers: Vec::new(),
            body: None,
            basic: None,
            timeout: Duration::from_secs(5),
            paging: None,
        }
    }

    /// As the engine writes that a secret stands here.
    fn marked(name: &str) -> String {
        format!("\u{e000}{name}\u{e001}")
    }

    #[tokio::test]
    async fn a_service_gets_the_secret_and_a_key_of_the_call_and_the_journal_gets_neither() {
        let server = MockServer::start().await;
        Mock::given(method("POST"))
            .and(path("/orders"))
            .and(header("x-shop", "7"))
            .and(header("idempotency-key", "run-3"))
            .and(header("authorization", "Basic c2hvcDpodW50ZXIyaHVudGVyMg=="))
            .and(body_string("{\"a\":1}"))
            .respond_with(ResponseTemplate::new(201).set_body_json(json!({ "echo": "hunter2hunter2", "id": 5 })))
            .mount(&server)
            .await;
        let known = Known::of(&[("key", "hunter2hunter2")]);
        let request = Request {
            method: "POST".into(),
            headers: vec![("X-Shop".into(), "7".into())],
            body: Some("{\"a\":1}".into()),
            basic: Some(("shop".into(), marked("key"))),
            ..get(format!("{}/orders", server.uri()))
        };
        let outcome = request.send(Reach::Anywhere, &known, "run-3").await.unwrap();
        assert_eq!(outcome, Outcome::Response { status: 201, body: json!({ "echo": "••••", "id": 5 }) });
    }

    #[tokio::test]
    async fn pages_are_joined_until_there_are_no_more_or_enough() {
        let server = MockServer::start().await;
        for page in 1..=4 {
            let next = if page < 4 { json!(format!("/list?page={}", page + 1)) } else { Value::Null };
            let body = json!({ "links": { "next": next }, "data": [page * 10, page * 10 + 1] });
            Mock::given(path("/list"))
                .and(query_param("page", page.to_string()))
                .respond_with(ResponseTemplate::new(200).set_body_json(body))
                .mount(&server)
                .await;
        }
        let paging = |max_pages| Some(Paging { next: "/links/next".into(), items: "/data".into(), max_pages });
        for (max, items, next) in [
            (1, json!([10, 11]), json!("/list?page=2")),
            (3, json!([10, 11, 20, 21, 30, 31]), json!("/list?page=4")),
            (9, json!([10, 11, 20, 21, 30, 31, 40, 41]), Value::Null),
        ] {
            let request = Request { paging: paging(max), ..get(format!("{}/list?page=1", server.uri())) };
            let Ok(Outcome::Response { body, .. }) = request.send(Reach::Anywhere, &Known::default(), "k").await else {
                panic!("no response")
            };
            assert_eq!((&body["data"], &body["links"]["next"]), (&items, &next), "{max}");
        }
    }

    #[tokio::test]
    async fn neither_a_redirect_nor_a_next_page_takes_a_secret_to_another_server() {
        let (server, other) = (MockServer::start().await, MockServer::start().await);
        let away = ResponseTemplate::new(302).insert_header("location", format!("{}/x", other.uri()));
        Mock::given(path("/away")).respond_with(away).mount(&server).await;
        let page = json!({ "next": format!("{}/x", other.uri()), "items": [1] });
        Mock::given(path("/page")).respond_with(ResponseTemplate::new(200).set_body_json(page)).mount(&server).await;
        let known = Known::of(&[("key", "hunter2hunter2")]);
        let error = get(format!("{}/away", server.uri())).send(Reach::Anywhere, &known, "k").await.unwrap_err();
        assert!(error.message.contains("leads on"), "{error:?}");
        let paging = Some(Paging { next: "/next".into(), items: "/items".into(), max_pages: 5 });
        let request = Request { paging, ..get(format!("{}/page", server.uri())) };
        let error = request.send(Reach::Anywhere, &known, "k").await.unwrap_err();
        assert!(error.message.contains("another server"), "{error:?}");
        assert!(other.received_requests().await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn what_cannot_be_asked_is_said_in_words_without_the_address() {
        let server = MockServer::start().await;
        let large = ResponseTemplate::new(200).set_body_bytes(vec![b'x'; MAX_RESPONSE_BYTES + 1]);
        Mock::given(path("/large")).respond_with(large).mount(&server).await;
        let slow = ResponseTemplate::new(200).set_delay(Duration::from_secs(30));
        Mock::given(path("/slow")).respond_with(slow).mount(&server).await;
        let at = |path: &str| format!("{}{path}", server.uri());
        let with =
            |name: &str, value: &str| Request { headers: vec![(name.into(), value.into())], ..get(at("/nothing")) };
        for (request, reach, word) in [
            (get("not an address".into()), Reach::Anywhere, "not a web address"),
            (get(at("/nothing")), Reach::Public, "private network"),
            (get("http://127.0.0.1:1/topsecret".into()), Reach::Anywhere, "reached"),
            (get(at("/large")), Reach::Anywhere, "larger"),
            (Request { timeout: Duration::from_millis(200), ..get(at("/slow")) }, Reach::Anywhere, "in time"),
            (Request { method: "GE T".into(), ..get(at("/nothing")) }, Reach::Anywhere, "method"),
            (with("Host", "a"), Reach::Anywhere, "host"),
            (with("a b", "c"), Reach::Anywhere, "signs"),
            (with("a", "c\nd: e"), Reach::Anywhere, "signs"),
        ] {
            let error = request.send(reach, &Known::default(), "k").await.unwrap_err();
            assert!(error.message.contains(word), "{word}: {error:?}");
            assert!(!format!("{error:?}").contains("topsecret"), "{error:?}");
        }
        let missing = get(at("/nothing")).send(Reach::Anywhere, &Known::default(), "k").await.unwrap();
        assert_eq!(missing, Outcome::Response { status: 404, body: json!("") });
    }

    proptest::proptest! {
        #[test]
        fn no_answer_makes_joining_pages_panic(next in "\\PC{0,12}", items in "(/[a-z~01]{0,3}){0,3}", a in "\\PC{0,40}") {
            let paging = Paging { next: next.clone(), items, max_pages: 3 };
            let mut body = json!({ "a": [1], "b": { "c": [a.clone()] }, "": a.clone() });
            let _ = next_page(&body, &next);
            grow(&mut body, value_of(a.as_bytes()), &paging);
        }
    }
}
