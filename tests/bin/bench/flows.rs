//! Flows: steps a second with the journal on, messages through a small flow, and conversations that wait.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use base::id::{BotId, FlowVersionId, RunId};
use base::{Clock, Error, Result, Secret, Stopwatch, Time};
use botflow_tests::{Owner, Program, connect_whatsapp, fake_graph};
use channels::whatsapp::fake::{FakeGraph, Settings};
use db::Tx;
use flow::{Compiled, Context, Definition, Event, EventKind, Incoming, RunState, Status};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::webhooks::{Delivery, delivery, flood};
use crate::{Figures, Target, process, workspace};

/// Rounds of the loop; the most that a step “Repeat” makes.
const ROUNDS: usize = 1_000;
/// Runs of the loop, and of the flow of 20 steps.
const LOOPS: usize = 200;
const LINES: usize = 10_000;
/// So many runs are under way at once, as when many customers write.
const WRITERS: usize = 64;
const STEPS_A_SECOND: Target = Target::AtLeast(50_000.0);

/// A number may send 80 messages a second; with so many of them it is the program that sets the pace, not the rule.
const NUMBERS: usize = 16;
const MESSAGES: usize = 4_000;
/// Messages one by one, each so long after the one before.
const PACED: usize = 1_000;
const PACE: Duration = Duration::from_millis(20);
const MICROSECONDS: Target = Target::AtMost(500.0);
const WAITING: usize = 10_000;
const DAY_MS: u64 = 24 * 3600 * 1000;

const QUESTION: &str = "When do you open?";
const PATIENCE: Duration = Duration::from_secs(900);

pub(crate) async fn flows(out: &mut Figures) {
    journal(out).await;
    let stage = Stage::open(NUMBERS).await;
    messages(out, &stage).await;
    loop_in_the_program(out, &stage).await;
    stage.close().await;
    one_by_one(out).await;
    waiting(out).await;
}

/// A flow called “main” of these steps and ways, drawn from left to right.
pub(crate) fn drawing(steps: &[(String, &str, Value)], ways: &[(String, &str, String)]) -> Value {
    let steps: Vec<Value> = steps
        .iter()
        .enumerate()
        .map(|(i, (id, kind, fields))| {
            // In lines of 25, with room for the cards of the builder.
            json!({ "id": id, "kind": kind, "fields": fields,
                "position": { "x": i % 25 * 340, "y": i / 25 * 280 } })
        })
        .collect();
    let ways: Vec<Value> =
        ways.iter().map(|(from, branch, to)| json!({ "from": from, "branch": branch, "to": to })).collect();
    json!({ "id": "main", "name": "Main", "steps": steps, "edges": ways })
}

/// Draws a bot's flow as the builder does. Gives the revision that came of it.
pub(crate) async fn draw(owner: &Owner, bot: &str, flow: &Value) -> i64 {
    let path = format!("/bots/{bot}/flows/main");
    let revision = owner.get(&path).await["revision"].as_i64().unwrap();
    let saved = owner.put(&path, json!({ "revision": revision, "flow": flow })).await;
    let errors: Vec<&Value> =
        saved["findings"].as_array().unwrap().iter().filter(|f| f["severity"] == "error").collect();
    assert!(errors.is_empty(), "{errors:?}");
    saved["revision"].as_i64().unwrap()
}

fn step(id: &str, kind: &'static str, fields: Value) -> (String, &'static str, Value) {
    (id.to_owned(), kind, fields)
}

fn way(from: &str, branch: &'static str, to: &str) -> (String, &'static str, String) {
    (from.to_owned(), branch, to.to_owned())
}

/// A thousand rounds that add numbers up; `last` is what comes after them.
fn round_and_round(last: (String, &'static str, Value)) -> Value {
    let add = json!({ "values": [{ "name": "sum", "value": "{{ (sum | default(0)) + turn }}" }] });
    let ways = [
        way("begin", "next", "repeat"),
        way("repeat", "again", "add"),
        way("add", "next", "repeat"),
        way("repeat", "next", &last.0),
    ];
    let steps = [
        step("begin", "message_received", json!({})),
        step("repeat", "repeat", json!({ "times": ROUNDS, "index": "turn" })),
        step("add", "set", add),
        last,
    ];
    drawing(&steps, &ways)
}

/// Twenty steps, one after the other: values are remembered and looked at.
fn twenty_steps() -> Value {
    let mut steps = vec![step("begin", "message_received", json!({}))];
    let mut ways = Vec::new();
    for i in 0..18 {
        let name = format!("step{i}");
        let before = steps[steps.len() - 1].clone();
        let branches: &[&str] = if before.1 == "condition" { &["yes", "no"] } else { &["next"] };
        ways.extend(branches.iter().map(|branch| way(&before.0, branch, &name)));
        steps.push(if i % 3 == 1 {
            let rule = json!({ "left": "{{ last.text }}", "op": "contains", "right": "open" });
            step(&name, "condition", json!({ "rules": { "all": [rule], "any": [] } }))
        } else {
            let value = format!("{{{{ contact.name }}}} asked {i}: {{{{ last.text }}}}");
            step(&name, "set", json!({ "values": [{ "name": format!("noted{}", i % 4), "value": value }] }))
        });
    }
    ways.push(way("step17", "next", "end"));
    steps.push(step("end", "end", json!({})));
    drawing(&steps, &ways)
}

/// A published flow, ready to run.
struct Published {
    bot: BotId,
    version: FlowVersionId,
    compiled: Compiled,
    context: Context,
}

impl Published {
    /// Makes a bot with this flow.
    async fn publish(owner: &Owner, flow: &Value) -> String {
        let bot = owner.post("/bots", json!({ "name": "Clock" })).await["id"].as_str().unwrap().to_owned();
        draw(owner, &bot, flow).await;
        owner.post(&format!("/bots/{bot}/publish"), json!({})).await;
        bot
    }

    fn load(db: &db::Db, bot: &str) -> Published {
        let bot: BotId = bot.parse().unwrap();
        let (version, definition): (FlowVersionId, String) = db
            .read_blocking(|c| {
                let latest = "select id, definition from flow_version where bot_id = ?1 order by number desc limit 1";
                Ok(c.query_row(latest, [bot], |row| Ok((row.get(0)?, row.get(1)?)))?)
            })
            .unwrap();
        let map = |value: Value| value.as_object().cloned().unwrap();
        let id = RunId::fresh();
        let context = Context {
            contact: map(json!({ "id": id, "name": "Load", "language": "en" })),
            business: map(json!({ "name": "Clock", "description": "", "currency": "ZAR", "language": "en" })),
            conversation: map(json!({ "id": id, "channel": "whatsapp" })),
            words: map(serde_json::to_value(flow::DefaultTexts::default()).unwrap()),
            timezone: "Africa/Johannesburg".into(),
            ..Context::default()
        };
        Published { bot, version, compiled: Compiled::new(Definition::parse(&definition).unwrap()), context }
    }

    fn begin(&self, now: Time) -> (Event, Context) {
        let kind = EventKind::Started { message: Some(Incoming::words(QUESTION)) };
        let seed = u64::from_le_bytes(base::random::bytes());
        (Event { at: now, kind }, Context { seed, ..self.context.clone() })
    }

    /// The reducer and nothing else: steps a second.
    fn bare(&self, runs: usize) -> f64 {
        let watch = Stopwatch::start();
        let mut steps = 0;
        for _ in 0..runs {
            let (event, context) = self.begin(Clock::System.now());
            let advanced = flow::advance(&self.compiled, RunState::default(), &event, &context);
            assert_eq!(advanced.state.status(), Status::Ended);
            steps += entered(&advanced.path);
        }
        steps as f64 / watch.elapsed().as_secs_f64()
    }

    /// One run from its beginning to its end in one transaction: the same rows as `runs/apply.rs` of the bots crate
    /// writes, into the same tables. Gives how many steps it was.
    fn with_journal(&self, tx: &Tx<'_>) -> Result<usize> {
        let (run, now) = (RunId::fresh(), Clock::System.now());
        tx.prepare_cached(
            "insert into run (id, conversation_id, bot_id, flow_version_id, state, status, created_at, updated_at)
             values (?1, null, ?2, ?3, '{}', 'active', ?4, ?4)",
        )?
        .execute((run, self.bot, self.version, now))?;
        let stored: String =
            tx.prepare_cached("select state from run where id = ?1")?.query_row([run], |row| row.get(0))?;
        let state = if stored == "{}" { RunState::default() } else { serde_json::from_str(&stored)? };
        let (event, context) = self.begin(now);
        let advanced = flow::advance(&self.compiled, state, &event, &context);
        if advanced.state.status() != Status::Ended || !advanced.effects.is_empty() {
            return Err(Error::internal("the flow did something else than was measured"));
        }
        let place = advanced.state.place();
        tx.prepare_cached(
            "update run set state = ?2, status = ?3, wake_at = ?4, flow = coalesce(?5, flow), step = coalesce(?6, step),
             problem = null, cost_cents = ?7, updated_at = ?8 where id = ?1",
        )?
        .execute((
            run,
            serde_json::to_string(&advanced.state)?,
            advanced.state.status().as_str(),
            advanced.state.wake_at(),
            place.map(|p| p.0),
            place.map(|p| p.1),
            advanced.state.cost_cents(),
            now,
        ))?;
        tx.prepare_cached(
            "insert into run_event (run_id, seq, at, event, context, entries, path)
             select ?1, coalesce(max(seq), 0) + 1, ?2, ?3, ?4, ?5, ?6 from run_event where run_id = ?1",
        )?
        .execute((
            run,
            now,
            serde_json::to_string(&event)?,
            serde_json::to_string(&context)?,
            serde_json::to_string(&advanced.journal)?,
            serde_json::to_string(&advanced.path)?,
        ))?;
        let mut counts: BTreeMap<(&str, &str, &str), i64> = BTreeMap::new();
        for hop in &advanced.path {
            if hop.entered {
                *counts.entry((&hop.flow, &hop.step, "")).or_default() += 1;
            }
            if let Some(branch) = hop.branch.as_deref() {
                *counts.entry((&hop.flow, &hop.step, branch)).or_default() += 1;
            }
        }
        let day = now.as_ms().div_euclid(DAY_MS.cast_signed());
        for ((flow, step, branch), count) in counts {
            tx.prepare_cached(
                "insert into flow_traffic (bot_id, flow, day, step, branch, count) values (?1, ?2, ?3, ?4, ?5, ?6)
                 on conflict do update set count = count + excluded.count",
            )?
            .execute((self.bot, flow, day, step, branch, count))?;
        }
        tx.publish("runs");
        Ok(entered(&advanced.path))
    }
}

fn entered(path: &[flow::Hop]) -> usize {
    path.iter().filter(|hop| hop.entered).count()
}

/// Many runs at once, each durable before the next of its kind begins: steps a second.
async fn written(db: &db::Db, published: &Arc<Published>, runs: usize) -> f64 {
    let next = AtomicUsize::new(0);
    let watch = Stopwatch::start();
    let writers = (0..WRITERS).map(|_| async {
        let mut steps = 0;
        while next.fetch_add(1, Ordering::Relaxed) < runs {
            let published = published.clone();
            steps += db.write(move |tx| published.with_journal(tx)).await.unwrap();
        }
        steps
    });
    let steps: usize = futures::future::join_all(writers).await.into_iter().sum();
    steps as f64 / watch.elapsed().as_secs_f64()
}

/// How many runs have come to their end, and how many bytes of journal they left.
fn journal_of(db: &db::Db, bot: BotId) -> (u32, f64) {
    let all = "select count(*), sum(length(e.event) + length(e.context) + length(e.entries) + length(e.path))
        from run r join run_event e on e.run_id = r.id where r.bot_id = ?1 and r.status = 'ended'";
    db.read_blocking(|c| Ok(c.query_row(all, [bot], |row| Ok((row.get(0)?, row.get(1)?)))?)).unwrap()
}

async fn journal(out: &mut Figures) {
    let folder = tempfile::tempdir().unwrap();
    let (around, along) = {
        let program = Program::start(folder.path(), &[]);
        let owner = Owner::sign_in(&program.admin).await;
        let around = Published::publish(&owner, &round_and_round(step("end", "end", json!({})))).await;
        (around, Published::publish(&owner, &twenty_steps()).await)
    };
    let path = workspace(folder.path()).join("workspace.db");
    let db = db::Db::open(&path, db::Schema::Workspace, db::Options::default()).unwrap();
    for (name, bot, runs) in [
        ("steps through a loop of 1,000 rounds, with the journal", around, LOOPS),
        ("steps through a flow of 20 steps, with the journal", along, LINES),
    ] {
        let published = Arc::new(Published::load(&db, &bot));
        let warm = runs / 20;
        published.bare(warm);
        written(&db, &published, warm).await;
        let floor = published.bare(runs);
        let ours = written(&db, &published, runs).await;
        let (kept, bytes) = journal_of(&db, published.bot);
        assert_eq!(kept as usize, runs + warm, "every run has its journal");
        let per_run = bytes / f64::from(kept) / 1e3;
        let beside = format!("the bare reducer {floor:.0}; {per_run:.0} kB of journal a run");
        out.judge(name, ours, "a second", STEPS_A_SECOND, &beside);
    }
}

/// The program in front of the stand-in for the Graph API, with one bot on so many numbers. Read receipts are refused by
/// the stand-in, which has not seen the messages go in; the program then sends fewer of them.
struct Stage {
    program: Program,
    owner: Owner,
    graph: FakeGraph,
    bot: String,
    hooks: Vec<String>,
    secret: Secret,
    _folder: TempDir,
}

impl Stage {
    async fn open(numbers: usize) -> Stage {
        let folder = tempfile::tempdir().unwrap();
        let graph = fake_graph(Settings { statuses: false, ..Settings::default() }).await;
        let program = Program::start(folder.path(), &[("graph_url", &graph.base_url())]);
        let owner = Owner::sign_in(&program.admin).await;
        let bot = owner.post("/bots", json!({ "name": "Load" })).await["id"].as_str().unwrap().to_owned();
        let mut hooks = Vec::new();
        for _ in 0..numbers {
            hooks.push(connect_whatsapp(&owner, &graph, &bot, &program.public).await.1);
        }
        let secret = graph.settings().app_secret.clone();
        Stage { program, owner, graph, bot, hooks, secret, _folder: folder }
    }

    async fn close(self) {
        self.graph.stop().await;
    }

    /// Draws and publishes; conversations that begin from now on go this way.
    async fn publish(&self, flow: &Value) {
        draw(&self.owner, &self.bot, flow).await;
        self.owner.post(&format!("/bots/{}/publish", self.bot), json!({})).await;
    }

    /// A message each of so many customers.
    fn deliveries(&self, first: usize, count: usize) -> Arc<Vec<Delivery>> {
        Arc::new((first..first + count).map(|i| delivery(i, QUESTION, &self.secret)).collect())
    }

    /// Waits until so many messages in all have reached customers; when the last of them came.
    async fn until_sent(&self, count: usize) -> Time {
        let watch = Stopwatch::start();
        loop {
            let sent = self.graph.sent();
            if sent.len() >= count {
                assert_eq!(sent.len(), count, "no customer was told something twice");
                return sent.iter().map(|s| s.at).max().unwrap();
            }
            assert!(watch.elapsed() < PATIENCE, "{} of {count} replies came", sent.len());
            // Seldom, so that looking does not take the processor away; the stand-in knows the times.
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
    }

    /// Waits until the program has nothing to do; the processor time it has used by then, in seconds.
    async fn at_rest(&self) -> f64 {
        let watch = Stopwatch::start();
        let mut before = process(self.program.process_id()).1;
        loop {
            tokio::time::sleep(Duration::from_millis(500)).await;
            let now = process(self.program.process_id()).1;
            if now - before < 0.025 {
                return now;
            }
            assert!(watch.elapsed() < PATIENCE, "the program comes to no rest");
            before = now;
        }
    }

    /// What went through the flow: steps entered, and conversations that wait now.
    async fn traffic(&self) -> (f64, f64) {
        let traffic = self.owner.get(&format!("/bots/{}/flows/main/traffic", self.bot)).await;
        let sum = |list: &str, of: &str| traffic[list].as_array().unwrap().iter().filter_map(|s| s[of].as_f64()).sum();
        (sum("steps", "entered"), sum("waiting", "count"))
    }

    /// All at once: how many replies a second reached their customers, and the seconds of processor time.
    async fn rush(&self, first: usize, count: usize) -> (f64, f64) {
        let deliveries = self.deliveries(first, count);
        let before = self.graph.sent().len();
        let used = self.at_rest().await;
        let begun = Clock::System.now();
        flood(&self.hooks, deliveries).await;
        let last = self.until_sent(before + count).await;
        let used = self.at_rest().await - used;
        (count as f64 / last.since(begun).as_secs_f64(), used)
    }
}

/// A customer's message, a choice by its words, a value that is remembered, and a reply.
fn switch_set_reply() -> Value {
    let cases = json!([
        { "id": "price", "title": "Prices", "op": "contains", "value": "price" },
        { "id": "hours", "title": "Hours", "op": "contains", "value": "open" },
    ]);
    let topic = |topic: &str| json!({ "values": [{ "name": "topic", "value": topic }] });
    let steps = [
        step("begin", "message_received", json!({})),
        step("switch", "switch", json!({ "value": "{{ last.text }}", "cases": cases })),
        step("prices", "set", topic("prices")),
        step("hours", "set", topic("opening hours")),
        step(
            "reply",
            "text",
            json!({ "text": "About {{ topic | default('that') }}: we open at 8, {{ contact.name }}." }),
        ),
    ];
    let ways = [
        way("begin", "next", "switch"),
        way("switch", "price", "prices"),
        way("switch", "hours", "hours"),
        way("switch", "other", "reply"),
        way("prices", "next", "reply"),
        way("hours", "next", "reply"),
    ];
    drawing(&steps, &ways)
}

async fn messages(out: &mut Figures, stage: &Stage) {
    stage.publish(&switch_set_reply()).await;
    // The first of everything takes longer.
    stage.rush(0, 200).await;

    // The floor: the same messages to a bot that is silent.
    let pause =
        async |paused: bool| stage.owner.patch(&format!("/bots/{}", stage.bot), json!({ "paused": paused })).await;
    pause(true).await;
    let used = stage.at_rest().await;
    let taken = flood(&stage.hooks, stage.deliveries(100_000, MESSAGES)).await;
    let floor = (stage.at_rest().await - used) * 1e6 / MESSAGES as f64;
    pause(false).await;

    let (rate, used) = stage.rush(200_000, MESSAGES).await;
    let allowed = NUMBERS * 80;
    let beside = format!("taken in alone {taken:.0}; {NUMBERS} numbers may send {allowed}");
    out.note("messages through switch, set and reply, to the reply on the wire", rate, "a second", &beside);
    let beside = format!("taking in alone {floor:.0}");
    let name = "processor time for each message through switch, set and reply";
    out.judge(name, used * 1e6 / MESSAGES as f64, "µs", MICROSECONDS, &beside);
}

/// The same on the only number of a business, one message after the other, none of which shares its commits with another.
async fn one_by_one(out: &mut Figures) {
    let stage = Stage::open(1).await;
    stage.publish(&switch_set_reply()).await;
    stage.rush(0, 100).await;
    let before = stage.graph.sent().len();
    let deliveries = stage.deliveries(100_000, PACED);
    let http = reqwest::Client::new();
    let used = stage.at_rest().await;
    let mut pace = tokio::time::interval(PACE);
    for (body, signed) in deliveries.iter() {
        pace.tick().await;
        let sent = http.post(&stage.hooks[0]).header("x-hub-signature-256", signed).body(body.clone()).send().await;
        assert_eq!(sent.unwrap().status(), 200);
    }
    stage.until_sent(before + PACED).await;
    let used = stage.at_rest().await - used;
    let beside = format!("{:.0} a second; the target is for many, which share their commits", 1.0 / PACE.as_secs_f64());
    out.note("the same on one number, each message in commits of its own", used * 1e6 / PACED as f64, "µs", &beside);
    stage.close().await;
}

/// The loop once more through all of the program, from the webhook to the reply that comes after the rounds.
async fn loop_in_the_program(out: &mut Figures, stage: &Stage) {
    stage.publish(&round_and_round(step("reply", "text", json!({ "text": "The sum is {{ sum }}." })))).await;
    stage.rush(400_000, LOOPS / 20).await;
    let before = stage.traffic().await.0;
    let (rate, _) = stage.rush(500_000, LOOPS).await;
    let steps = (stage.traffic().await.0 - before) / LOOPS as f64;
    let sum = format!("The sum is {}.", ROUNDS * (ROUNDS + 1) / 2);
    assert_eq!(stage.graph.sent().last().map(|s| s.text.clone()), Some(sum));
    let beside = format!("{steps:.0} steps for each of {LOOPS} customers, from webhook to reply");
    out.judge("steps of that loop in the program itself", steps * rate, "a second", STEPS_A_SECOND, &beside);
}

/// Memory while many customers have been asked something and say nothing.
async fn waiting(out: &mut Figures) {
    let mut stage = Stage::open(NUMBERS).await;
    let question = json!({ "text": "What is your name?", "variable": "name", "timeout_ms": DAY_MS });
    let steps = [
        step("begin", "message_received", json!({})),
        step("name", "ask_text", question),
        step("thanks", "text", json!({ "text": "Thank you, {{ name }}!" })),
    ];
    let ways = [way("begin", "next", "name"), way("name", "next", "thanks")];
    stage.publish(&drawing(&steps, &ways)).await;
    stage.at_rest().await;
    let before = process(stage.program.process_id()).0;
    let (rate, _) = stage.rush(0, WAITING).await;
    let after = process(stage.program.process_id()).0;
    assert_eq!(stage.traffic().await.1, WAITING as f64, "all of them wait");
    stage.program.kill();
    stage.program.restart();
    stage.owner = Owner::sign_in(&stage.program.admin).await;
    stage.at_rest().await;
    let again = process(stage.program.process_id()).0;
    assert_eq!(stage.traffic().await.1, WAITING as f64, "all of them wait still");
    let beside = format!("{before:.1} before them, {again:.1} after a restart with them; asked {rate:.0} a second");
    out.note("memory with 10,000 waiting conversations", after, "MB", &beside);
    stage.close().await;
}
