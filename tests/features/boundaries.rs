//! Every effect of a flow, with the power failing at every moment around each of them: what was to happen happens once.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::{Path as At, State};
use axum::http::HeaderMap;
use axum::routing::post;
use rusqlite::Connection;
use serde_json::{Value, json};
use tests_support::{Owner, Program, until};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// More moments than this would mean that the program never gets through.
const MOST: usize = 400;
const LAST_WORDS: &str = "That was all.";

/// What came under each address and key: the body, and how often.
type Seen = HashMap<(String, String), (Value, usize)>;

/// The world outside, which knows a request that it has seen by its key, as good services do.
#[derive(Clone, Default)]
struct Outside {
    /// By address and key: what was answered, and how often it was asked.
    seen: Arc<Mutex<Seen>>,
}

impl Outside {
    fn asked(&self, what: &str, key: &str) -> Value {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let number = seen.keys().filter(|(of, _)| of == what).count() + 1;
        let entry = seen.entry((what.to_owned(), key.to_owned())).or_insert((json!({ "number": number }), 0));
        entry.1 += 1;
        entry.0.clone()
    }

    /// How much work was done, and how often it was asked for.
    fn done(&self, what: &str) -> (usize, usize) {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let of = || seen.iter().filter(|((of, _), _)| of == what);
        (of().count(), of().map(|(_, (_, times))| times).sum())
    }

    /// A web service; gives its address.
    async fn serve_web(&self) -> String {
        async fn work(State(outside): State<Outside>, At(what): At<String>, headers: HeaderMap) -> axum::Json<Value> {
            let key = headers.get("idempotency-key").and_then(|v| v.to_str().ok()).unwrap_or_default();
            axum::Json(outside.asked(&what, key))
        }
        let app = axum::Router::new().route("/{what}", post(work)).with_state(self.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        base::task::spawn("fake web", async move { axum::serve(listener, app).await.unwrap() });
        format!("http://{address}")
    }

    /// A mail server; gives its port.
    async fn serve_mail(&self) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let outside = self.clone();
        base::task::spawn("fake mail", async move {
            while let Ok((stream, _)) = listener.accept().await {
                let outside = outside.clone();
                base::task::spawn("fake mail line", async move {
                    // Whoever hangs up in the middle has sent nothing.
                    let _ = outside.take_mail(stream).await;
                });
            }
        });
        port
    }

    async fn take_mail(&self, stream: TcpStream) -> std::io::Result<()> {
        let (read, mut write) = stream.into_split();
        let mut lines = BufReader::new(read).lines();
        write.write_all(b"220 fake\r\n").await?;
        while let Some(line) = lines.next_line().await? {
            let answer: &[u8] = match line.get(..4).unwrap_or_default().to_ascii_uppercase().as_str() {
                "DATA" => {
                    write.write_all(b"354 go on\r\n").await?;
                    let mut id = String::new();
                    while let Some(line) = lines.next_line().await?.filter(|l| l != ".") {
                        if let Some((_, value)) = line.split_once("Message-ID: ") {
                            value.clone_into(&mut id);
                        }
                    }
                    self.asked("mail", &id);
                    b"250 kept\r\n"
                }
                _ => b"250 ok\r\n",
            };
            write.write_all(answer).await?;
        }
        Ok(())
    }
}

/// A visitor of the web chat.
struct Visitor {
    http: reqwest::Client,
    channel: String,
    token: String,
}

impl Visitor {
    async fn begin(program: &Program, channel: &str) -> Visitor {
        // Whatever an ending program leaves unanswered is asked again, as browsers do.
        let http = reqwest::Client::builder().timeout(Duration::from_secs(5)).build().unwrap();
        let visit = http.post(format!("{}/chat/{channel}/sessions", program.public)).send().await.unwrap();
        let visit: Value = visit.json().await.unwrap();
        Visitor { http, channel: channel.to_owned(), token: visit["token"].as_str().unwrap().to_owned() }
    }

    fn address(&self, program: &Program) -> String {
        format!("{}/chat/{}/messages", program.public, self.channel)
    }

    /// Writes, as browsers do: again under the same id until it was taken.
    async fn writes(&self, program: &Program, text: &str) {
        let body = json!({ "type": "text", "client_id": "the-first-one", "text": text });
        let _ = self.http.post(self.address(program)).bearer_auth(&self.token).json(&body).send().await;
    }

    async fn has_heard_all(&self, address: &str) -> bool {
        match self.http.get(address).bearer_auth(&self.token).send().await {
            Ok(heard) => heard.text().await.is_ok_and(|text| text.contains(LAST_WORDS)),
            Err(_) => false,
        }
    }
}

/// Everything that a flow can do, inside and outside, one after the other.
fn flow(web: &str) -> Value {
    let hours = json!({ "days": { "mon": [["08:00", "18:00"]], "tue": [["08:00", "18:00"]], "wed": [["08:00", "18:00"]],
        "thu": [["08:00", "18:00"]], "fri": [["08:00", "18:00"]] }, "holidays": [] });
    let calendar = json!({ "calendar": "visits", "minutes": 15, "days": 30, "hours": hours });
    let with = |mut fields: Value, more: Value| {
        fields.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        fields
    };
    let set =
        |name: &str, keep: &str| json!({ "values": [{ "name": name, "value": "{{ last.text }}" }], "keep": keep });
    let class = |id: &str, examples: [&str; 2]| json!({ "id": id, "title": id, "examples": examples });
    let classes = json!([class("order", ["I want two", "Please send one"]), class("broken", ["It broke", "It fell"])]);
    let steps = [
        ("message_received", json!({})),
        ("text", json!({ "text": "First." })),
        ("set", set("wish", "conversation")),
        ("set", set("latest", "workspace")),
        ("tag", json!({ "action": "add", "tag": "seen" })),
        ("contact_field", json!({ "field": "wish", "value": "{{ last.text }}" })),
        ("counter", json!({ "name": "customers", "by": 1, "variable": "nth" })),
        ("goal", json!({ "name": "began", "value": "2.5" })),
        ("log", json!({ "text": "A customer" })),
        ("notify", json!({ "title": "Somebody is here", "text": "{{ last.text }}", "urgent": true })),
        ("consent", json!({ "action": "on" })),
        ("typing", json!({ "duration_ms": 500 })),
        (
            "http",
            json!({ "method": "POST", "url": format!("{web}/order"), "body": "json", "json": { "wish": "{{ last.text }}" } }),
        ),
        ("text", json!({ "text": "Ordered." })),
        ("code", json!({ "script": "return 6 * 7", "variable": "answer" })),
        ("text", json!({ "text": "It is {{ answer }}." })),
        ("email", json!({ "to": "office@example.com", "subject": "A wish", "text": "{{ last.text }}" })),
        ("webhook_out", json!({ "url": format!("{web}/told"), "payload": { "wish": "{{ last.text }}" } })),
        ("free_slots", with(calendar.clone(), json!({ "variable": "slots" }))),
        ("book", with(calendar, json!({ "start": "{{ slots[0].start }}", "variable": "booking" }))),
        ("text", json!({ "text": "Booked." })),
        ("answer", json!({ "question": "{{ last.text }}" })),
        ("generate", json!({ "instructions": "Say hello." })),
        ("classify", json!({ "text": "{{ last.text }}", "classes": classes })),
        ("extract", json!({ "text": "{{ last.text }}", "fields": [{ "name": "people", "of": "number" }] })),
        ("summarise", json!({ "text": "{{ last.text }}", "variable": "summary" })),
        ("translate", json!({ "text": "{{ last.text }}", "language": "English", "variable": "english" })),
        ("sentiment", json!({ "text": "{{ last.text }}", "variable": "mood" })),
        ("agent", json!({ "instructions": "Help.", "question": "{{ last.text }}", "knowledge": false })),
        ("follow_up", json!({ "flow": "later", "when": "in", "after_ms": 86_400_000, "unless_reply": false })),
        ("contact_card", json!({ "name": "The shop", "phone": "+49 30 123456" })),
        ("goal", json!({ "name": "came through", "value": "1" })),
        ("text", json!({ "text": LAST_WORDS })),
        ("resolve", json!({})),
        ("handover", json!({ "reason": "At the end", "note": "" })),
    ];
    let mut edges = Vec::new();
    for at in 0..steps.len() - 1 {
        for branch in [
            "next",
            "failed",
            "unknown",
            "other",
            "none",
            "taken",
            "missing",
            "unfinished",
            "order",
            "broken",
            "positive",
            "neutral",
            "negative",
            "annoyed",
            "happy",
            "granted",
            "already",
            "no_answer",
            "empty",
            "low",
        ] {
            edges.push(json!({ "from": format!("s{at}"), "branch": branch, "to": format!("s{}", at + 1) }));
        }
    }
    let steps: Vec<Value> = steps
        .iter()
        .enumerate()
        .map(|(i, (kind, fields))| json!({ "id": format!("s{i}"), "kind": kind, "fields": fields }))
        .collect();
    let known = flow::kinds();
    edges.retain(|edge| {
        let kind = |id: &Value| steps.iter().find(|s| s["id"] == *id).map(|s| s["kind"].as_str().unwrap_or_default());
        let kind = known.iter().find(|k| Some(k.name) == kind(&edge["from"])).unwrap();
        let branch = edge["branch"].as_str().unwrap_or_default();
        kind.branches.iter().any(|b| b.name == branch)
            || kind.outside && branch == "failed"
            || kind.branches_from == Some("classes") && matches!(branch, "order" | "broken")
    });
    json!({ "id": "main", "name": "Main", "steps": steps, "edges": edges, "inputs": [], "outputs": [], "groups": [] })
}

/// What is left of a customer's visit, in words that are the same for every customer.
#[derive(Debug, Default, PartialEq)]
struct Trace {
    /// What the customer was told, in order.
    said: Vec<String>,
    /// What was noted on the way, in order.
    noted: Vec<String>,
    /// Effects that work outside: what, and whether they have an outcome.
    effects: Vec<(String, String)>,
    counts: BTreeMap<&'static str, i64>,
}

/// How many there are, by what.
const COUNTS: [(&str, &str); 9] = [
    ("runs", "select count(*) from run where conversation_id = ?1"),
    ("events", "select count(*) from run_event e join run r on r.id = e.run_id where r.conversation_id = ?1"),
    ("notices", "select count(*) from notice where conversation_id = ?1"),
    ("goals", "select count(*) from goal g join run r on r.id = g.run_id where r.conversation_id = ?1"),
    ("bookings", "select count(*) from booking b join run r on r.id = b.run_id where r.conversation_id = ?1"),
    ("follow-ups", "select count(*) from follow_up where conversation_id = ?1"),
    ("tags", "select count(*) from contact_tag t join conversation v on v.contact_id = t.contact_id where v.id = ?1"),
    ("handed over", "select count(*) from conversation where id = ?1 and mode = 'person' and status = 'resolved'"),
    ("open jobs", "select count(*) from job where kind = 'run.effect' and state <> 'done' and ?1 is not null"),
];

/// Of the latest conversation; and what the counter of the business shows.
fn trace(data: &Path) -> (Trace, i64) {
    let workspace = std::fs::read_dir(data.join("workspaces")).unwrap().next().unwrap().unwrap().path();
    #[expect(clippy::disallowed_methods, reason = "the program is dead, and its file is only read")]
    let c = Connection::open(workspace.join("workspace.db")).unwrap();
    let latest = "select id from conversation order by created_at desc, id desc limit 1";
    let id: Vec<u8> = c.query_row(latest, [], |row| row.get(0)).unwrap();
    let texts = |sql: &str, columns: usize| -> Vec<Vec<String>> {
        let mut statement = c.prepare(sql).unwrap();
        let read =
            |row: &rusqlite::Row<'_>| (0..columns).map(|i| row.get(i)).collect::<rusqlite::Result<Vec<String>>>();
        statement.query_map([&id], read).unwrap().map(Result::unwrap).collect()
    };
    let one = |sql| texts(sql, 1).into_iter().flatten();
    let said = one("select content from message where conversation_id = ?1 and direction = 'out' order by seq");
    let of_run =
        "select e.entries from run_event e join run r on r.id = e.run_id where r.conversation_id = ?1 order by e.seq";
    let titles = |entries: String| -> Vec<String> {
        let entries: Vec<Value> = serde_json::from_str(&entries).unwrap();
        entries.iter().map(|e| format!("{} {}", e["step"], e["title"])).collect()
    };
    let effects = texts(
        "select e.kind, e.state || coalesce(' ' || (e.outcome ->> 'outcome'), '') from effect e
         join run r on r.id = e.run_id where r.conversation_id = ?1 order by e.seq",
        2,
    );
    let found = Trace {
        said: said.collect(),
        noted: one(of_run).flat_map(titles).collect(),
        effects: effects.into_iter().map(|row| (row[0].clone(), row[1].clone())).collect(),
        counts: COUNTS.iter().map(|(what, sql)| (*what, c.query_row(sql, [&id], |row| row.get(0)).unwrap())).collect(),
    };
    let counter = c.query_row("select value from flow_counter where name = 'customers'", [], |row| row.get(0)).unwrap();
    (found, counter)
}

/// A bot with the flow on a web chat; gives the channel.
async fn furnish(program: &Program, web: &str, mail: u16) -> String {
    let owner = Owner::sign_in(&program.admin).await;
    let bot = owner.post("/bots", json!({ "name": "Boundaries" })).await["id"].as_str().unwrap().to_owned();
    owner.patch(&format!("/bots/{bot}"), json!({ "debounce_ms": 0 })).await;
    let server =
        json!({ "host": "127.0.0.1", "port": mail, "security": "none", "user": "", "from": "shop@shop.example" });
    owner.put("/settings/email", server).await;
    let later = json!({ "id": "later", "name": "Later", "steps": [
        { "id": "a", "kind": "called", "fields": {} }, { "id": "b", "kind": "text", "fields": { "text": "Later." } }],
        "edges": [{ "from": "a", "branch": "next", "to": "b" }], "inputs": [], "outputs": [], "groups": [] });
    let later = json!({ "format": 2, "flows": [later] });
    let path = format!("/bots/{bot}/flows");
    let main = owner.get(&path).await["items"][0]["id"].as_str().unwrap().to_owned();
    let made = owner.post(&path, json!({ "name": "Later", "definition": later })).await;
    let mut drawing = flow(web);
    for step in drawing["steps"].as_array_mut().unwrap().iter_mut().filter(|s| s["kind"] == "follow_up") {
        step["fields"]["flow"] = made["id"].clone();
    }
    let draft = owner.get(&format!("{path}/{main}")).await;
    drawing["id"] = main.clone().into();
    let kept = owner.put(&format!("{path}/{main}"), json!({ "revision": draft["revision"], "flow": drawing })).await;
    let wrong: Vec<&Value> = kept["findings"].as_array().unwrap().iter().filter(|f| f["severity"] == "error").collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    owner.post(&format!("/bots/{bot}/publish"), json!({})).await;
    let channel = owner.post("/channels", json!({ "kind": "webchat", "bot_id": bot })).await;
    channel["id"].as_str().unwrap().to_owned()
}

/// One customer, with the power failing at the `n`th moment after the start; 0 for never. Tells whether it failed.
async fn visit(data: &Path, models: &str, channel: &str, n: usize) -> bool {
    let mut program = Program::start(data, &[("models", models), ("crash_at", &n.to_string())]);
    let visitor = &Visitor::begin(&program, channel).await;
    visitor.writes(&program, "I want two for 4 people").await;
    let patience = Duration::from_secs(60);
    let (mut failed, address) = (false, &visitor.address(&program));
    until("the power fails, or all is said", patience, || {
        failed = program.has_ended();
        let ended = failed;
        async move { (ended || visitor.has_heard_all(address).await).then_some(()) }
    })
    .await;
    if failed {
        drop(program);
        program = Program::start(data, &[("models", models)]);
        visitor.writes(&program, "I want two for 4 people").await;
        let address = &visitor.address(&program);
        until("all is said after the power came back", patience, || async move {
            visitor.has_heard_all(address).await.then_some(())
        })
        .await;
    }
    program.kill();
    failed
}

/// A customer for each moment at which the power can fail, until one comes through without.
#[tokio::test(flavor = "multi_thread")]
async fn whatever_the_power_interrupts_happens_once() {
    base::net::install_tls();
    let folder = tempfile::tempdir().unwrap();
    let data: PathBuf = folder.path().join("data");
    // Without models the words of the model's steps are the same each time.
    let models = folder.path().join("no-models").to_string_lossy().into_owned();
    let outside = Outside::default();
    let (web, mail) = (outside.serve_web().await, outside.serve_mail().await);
    let mut program = Program::start(&data, &[("models", &models)]);
    let channel = furnish(&program, &web, mail).await;
    program.kill();

    assert!(!visit(&data, &models, &channel, 0).await, "nothing fails by itself");
    let (expected, _) = trace(&data);
    assert!(expected.effects.iter().all(|(_, state)| state.starts_with("done")), "{expected:#?}");
    println!("without a failure: {expected:#?}");
    let (mut customers, mut failures) = (1, 0);
    for n in 1.. {
        assert!(n < MOST, "the program does not get through");
        let failed = visit(&data, &models, &channel, n).await;
        (customers, failures) = (customers + 1, failures + usize::from(failed));
        let (found, counter) = trace(&data);
        assert_eq!(found, expected, "after the power failed at moment {n}");
        assert_eq!(counter, customers, "every customer is counted once, moment {n}");
        for what in ["order", "told", "mail"] {
            let (done, _) = outside.done(what);
            assert_eq!(i64::try_from(done).unwrap(), customers, "“{what}” is done once for each, moment {n}");
        }
        if !failed {
            break;
        }
    }
    let asked = ["order", "told", "mail"].map(|what| (what, outside.done(what)));
    println!("the power failed at {failures} moments of {customers} visits; work done and asked for: {asked:?}");
    assert!(failures > 60, "there are more moments than {failures}");
}
