//! The web chat from the visitor's side: every way to hear of an answer gives all of it, in order, and within limits.

use std::time::Duration;

use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};
use tests_support::{Owner, Program, until};

const PATIENCE: Duration = Duration::from_secs(60);

struct Chat {
    base: String,
    http: Client,
    owner: Owner,
    _program: Program,
    _folder: tempfile::TempDir,
}

impl Chat {
    async fn open() -> Chat {
        let folder = tempfile::tempdir().unwrap();
        let program = Program::start(folder.path(), &[]);
        let owner = Owner::sign_in(&program.admin).await;
        let bot = owner.post("/bots", json!({ "name": "Counter" })).await["id"].as_str().unwrap().to_owned();
        let channel = owner.post("/channels", json!({ "kind": "webchat", "bot_id": bot })).await;
        let id = channel["id"].as_str().unwrap().to_owned();
        owner.patch(&format!("/channels/{id}"), json!({ "state": "active" })).await;
        let base = format!("{}/chat/{id}", program.public);
        Chat { base, http: Client::new(), owner, _program: program, _folder: folder }
    }

    async fn visit(&self) -> Visitor<'_> {
        let visit = self.http.post(format!("{}/sessions", self.base)).json(&json!({})).send().await.unwrap();
        let visit: Value = visit.json().await.unwrap();
        Visitor { chat: self, token: visit["token"].as_str().unwrap().to_owned() }
    }
}

struct Visitor<'a> {
    chat: &'a Chat,
    token: String,
}

impl Visitor<'_> {
    async fn says(&self, text: &str) {
        let body = json!({ "type": "text", "client_id": format!("words-{text}"), "text": text });
        let sent = self.chat.http.post(format!("{}/messages", self.chat.base)).bearer_auth(&self.token).json(&body);
        assert_eq!(sent.send().await.unwrap().status(), 202);
    }

    fn asks(&self, after: i64, wait: u32) -> RequestBuilder {
        let url = format!("{}/messages?after={after}&wait={wait}", self.chat.base);
        self.chat.http.get(url).bearer_auth(&self.token)
    }

    /// What is new after a position, and where to go on.
    async fn polls(&self, after: i64, wait: u32) -> (Vec<Value>, i64) {
        let batch: Value = self.asks(after, wait).send().await.unwrap().json().await.unwrap();
        (batch["messages"].as_array().unwrap().clone(), batch["cursor"].as_i64().unwrap())
    }

    fn stream(&self, after: i64) -> RequestBuilder {
        self.chat.http.get(format!("{}/events?token={}&after={after}", self.chat.base, self.token))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_that_waits_gets_the_answer_as_soon_as_it_is_there_and_none_twice_or_not_at_all() {
    let chat = Chat::open().await;
    let visitor = chat.visit().await;
    let (before, cursor) = visitor.polls(0, 0).await;
    assert_eq!((before.len(), cursor), (0, 0));
    let (heard, ()) = tokio::join!(visitor.polls(0, 25), visitor.says("Hello"));
    assert_eq!(heard.0[0]["content"]["text"], "Hello");
    let (mut all, mut cursor) = heard;
    while !all.iter().any(|m| m["direction"] == "out") {
        let (more, next) = visitor.polls(cursor, 25).await;
        assert!(!more.is_empty(), "the bot answers within one wait");
        all.extend(more);
        cursor = next;
    }
    // A person answers while a request waits.
    let id = chat.owner.get("/conversations").await["items"][0]["id"].as_str().unwrap().to_owned();
    let reply = json!({ "text": "Sipho here.", "client_id": "by-hand-0001" });
    let path = format!("/conversations/{id}/messages");
    let (heard, _) = tokio::join!(visitor.polls(cursor, 25), chat.owner.post(&path, reply));
    all.extend(heard.0);
    assert_eq!(all.last().unwrap()["content"]["text"], "Sipho here.");
    let (whole, end) = visitor.polls(0, 0).await;
    let ids = |of: &[Value]| of.iter().map(|m| m["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
    assert_eq!((ids(&all), heard.1), (ids(&whole), end), "the pieces are the whole");
    let (none, same) = visitor.polls(end, 1).await;
    assert_eq!((none.len(), same), (0, end), "nothing new after a second");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_speaks_at_once_so_that_a_way_that_holds_it_back_is_known_and_goes_on_where_asking_ended() {
    let chat = Chat::open().await;
    let visitor = chat.visit().await;
    let mut quiet = visitor.stream(0).send().await.unwrap();
    let first = tokio::time::timeout(Duration::from_secs(5), quiet.chunk()).await;
    assert!(!first.expect("something comes at once").unwrap().unwrap().is_empty());

    visitor.says("One").await;
    let (_, cursor) = visitor.polls(0, 25).await;
    let mut stream = visitor.stream(cursor).send().await.unwrap();
    visitor.says("Two").await;
    let mut heard = String::new();
    let listening = async {
        while !heard.contains("Two") {
            heard += &String::from_utf8_lossy(&stream.chunk().await.unwrap().unwrap());
        }
    };
    tokio::time::timeout(PATIENCE, listening).await.expect("it is told");
    assert!(!heard.contains("\"One\""), "known already: {heard}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_with_many_windows_is_answered_without_waiting_and_one_who_asks_too_often_is_told_when_to_come_back()
{
    let chat = Chat::open().await;
    let (busy, calm) = (chat.visit().await, chat.visit().await);
    // One more than there are places to wait at; whichever comes last is answered while the others still wait.
    let asked = (0..7).map(|_| Box::pin(busy.asks(0, 25).send()));
    let first = tokio::time::timeout(Duration::from_secs(20), futures::future::select_all(asked)).await;
    let (answer, _, waits) = first.expect("one is answered before the others have waited long enough");
    let told: Value = answer.unwrap().json().await.unwrap();
    assert_eq!(told["messages"], json!([]), "there is no place to wait");
    assert_eq!(waits.len(), 6);
    busy.says("Hello").await;
    for heard in futures::future::join_all(waits).await {
        let heard: Value = heard.unwrap().json().await.unwrap();
        assert_eq!(heard["messages"][0]["content"]["text"], "Hello", "whoever waits is told");
    }

    let refused = until("it is too often", PATIENCE, || async {
        let asked = busy.asks(0, 0).header("origin", "https://shop.example").send().await.unwrap();
        (asked.status() == 429).then_some(asked)
    })
    .await;
    let header = |name: &str| refused.headers().get(name).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
    assert!(header("retry-after").parse::<u32>().unwrap() > 0);
    // Another website's page may read that, or its visitor would seem to be offline.
    assert_eq!(header("access-control-allow-origin"), "https://shop.example");
    assert_eq!(header("access-control-expose-headers"), "retry-after");
    let words = busy.chat.http.post(format!("{}/messages", chat.base)).bearer_auth(&busy.token);
    let words = words.header("origin", "https://shop.example").body("{}").send().await.unwrap();
    assert_eq!(words.status(), 422);
    assert_eq!(words.headers()["access-control-allow-origin"], "https://shop.example");
    assert_eq!(calm.asks(0, 0).send().await.unwrap().status(), 200, "nobody else has to wait");

    let mut streams = Vec::new();
    loop {
        let stream = calm.stream(0).send().await.unwrap();
        if stream.status() != 200 {
            assert_eq!(stream.status(), 429);
            break;
        }
        streams.push(stream);
    }
    assert_eq!(streams.len(), 6);
}
