//! Builds every run of a business again from its journal, and compares it with what is stored.

use std::collections::{BTreeMap, BTreeSet};

use base::Time;
use base::id::{FlowVersionId, RunId};
use base::message::Content;
use db::rusqlite::{Connection, ToSql};
use flow::{Compiled, Definition, Effect, EffectKind, Event, KindInfo, RunState};
use serde_json::Value;

use super::live::World;

/// What was built again, for the numbers.
#[derive(Default)]
pub(super) struct Rebuilt {
    runs: usize,
    without_customer: usize,
    moved: usize,
    events: usize,
    steps: usize,
    outside: usize,
    inside: usize,
    messages: usize,
    longest: usize,
    statuses: BTreeMap<String, usize>,
    kinds: BTreeSet<&'static str>,
}

/// A run as it is stored.
struct Stored {
    id: RunId,
    state: String,
    status: String,
    wake_at: Option<Time>,
    problem: Option<String>,
    cost_cents: f64,
    channel: Option<String>,
}

/// One line of a journal.
struct Line {
    version: FlowVersionId,
    event: String,
    context: String,
    entries: String,
    path: String,
}

/// A row of texts, for comparing.
type Row = Vec<String>;

fn rows<T>(
    c: &Connection,
    sql: &str,
    run: impl ToSql,
    read: impl FnMut(&db::rusqlite::Row<'_>) -> db::rusqlite::Result<T>,
) -> Vec<T> {
    let mut statement = c.prepare_cached(sql).unwrap();
    let rows = statement.query_map([run], read).unwrap();
    rows.collect::<db::rusqlite::Result<_>>().unwrap()
}

fn texts(c: &Connection, sql: &str, run: impl ToSql) -> Vec<Row> {
    rows(c, sql, run, |row| {
        let count = row.as_ref().column_count();
        (0..count).map(|i| row.get::<_, Option<String>>(i).map(Option::unwrap_or_default)).collect()
    })
}

/// As much of a notice as is kept.
fn cut(text: &str, chars: usize) -> String {
    text.chars().take(chars).collect()
}

impl Rebuilt {
    pub(super) async fn rebuild(&mut self, world: &World) {
        let found = std::mem::take(self);
        let build = |c: &Connection| {
            let mut this = found;
            this.of(c);
            Ok(this)
        };
        *self = world.ws.db.read(build).await.unwrap();
    }

    fn of(&mut self, c: &Connection) {
        let mut undone =
            c.prepare("select payload || ' ' || problem from inbound where state <> 'done' limit 3").unwrap();
        let undone = undone.query_map([], |row| row.get::<_, String>(0)).unwrap();
        let undone: Vec<String> = undone.collect::<db::rusqlite::Result<_>>().unwrap();
        assert!(undone.is_empty(), "messages that could not be taken in: {undone:#?}");
        let mut compiled: BTreeMap<FlowVersionId, Compiled> = BTreeMap::new();
        let mut statement = c
            .prepare(
                "select r.id, r.state, r.status, r.wake_at, r.problem, r.cost_cents, h.kind from run r
                 left join conversation v on v.id = r.conversation_id left join channel h on h.id = v.channel_id
                 order by r.id",
            )
            .unwrap();
        let runs = statement
            .query_map([], |row| {
                Ok(Stored {
                    id: row.get(0)?,
                    state: row.get(1)?,
                    status: row.get(2)?,
                    wake_at: row.get(3)?,
                    problem: row.get(4)?,
                    cost_cents: row.get(5)?,
                    channel: row.get(6)?,
                })
            })
            .unwrap();
        let mut counted: BTreeMap<String, i64> = BTreeMap::new();
        for run in runs {
            self.run(c, &run.unwrap(), &mut compiled, &mut counted);
        }
        let mut statement = c.prepare("select name, value from flow_counter").unwrap();
        let counters = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        assert_eq!(counted, counters.collect::<db::rusqlite::Result<_>>().unwrap(), "counters of the business");
    }

    fn run(
        &mut self,
        c: &Connection,
        stored: &Stored,
        compiled: &mut BTreeMap<FlowVersionId, Compiled>,
        counted: &mut BTreeMap<String, i64>,
    ) {
        let lines = rows(
            c,
            "select coalesce(e.flow_version_id, r.flow_version_id), e.event, e.context, e.entries, e.path from run_event e
             join run r on r.id = e.run_id where e.run_id = ?1 order by e.seq",
            stored.id,
            |row| {
                let (version, event, context) = (row.get(0)?, row.get(1)?, row.get(2)?);
                Ok(Line { version, event, context, entries: row.get(3)?, path: row.get(4)? })
            },
        );
        let mut state = RunState::default();
        let mut effects: Vec<Effect> = Vec::new();
        let mut last_note = None;
        for (n, line) in lines.iter().enumerate() {
            let flow = compiled.entry(line.version).or_insert_with(|| {
                let json = crate::bots::store::definition(c, line.version).unwrap();
                Compiled::new(Definition::parse(&json).unwrap())
            });
            let event: Event = read(&line.event, "event", stored, &lines, n);
            let context: flow::Context = read(&line.context, "context", stored, &lines, n);
            let advanced = flow::advance(flow, state, &event, &context);
            let same = |what: &str, built: String, was: &str| {
                if built != was {
                    tell(stored, &lines[..=n], flow);
                    panic!("{what} after event {n}:\n built {built}\n   was {was}");
                }
            };
            same("the journal", serde_json::to_string(&advanced.journal).unwrap(), &line.entries);
            same("the way", serde_json::to_string(&advanced.path).unwrap(), &line.path);
            if n + 1 == lines.len() {
                same("the state", serde_json::to_string(&advanced.state).unwrap(), &stored.state);
            }
            self.steps += advanced.path.iter().filter(|h| h.entered).count();
            self.kinds.extend(advanced.path.iter().filter_map(|h| flow.kind_of(&h.flow, &h.step)));
            last_note = advanced.journal.last().map(|e| e.note.clone());
            effects.extend(flow::coalesce(advanced.effects));
            state = advanced.state;
        }
        let problem = last_note.filter(|_| state.status() == flow::Status::Failed);
        assert_eq!((stored.status.as_str(), stored.wake_at), (state.status().as_str(), state.wake_at()));
        assert_eq!(stored.problem, problem, "{}", stored.id);
        assert!((stored.cost_cents - state.cost_cents()).abs() < f64::EPSILON, "{}", stored.id);
        self.effects(c, stored, &effects, counted);

        self.runs += 1;
        self.without_customer += usize::from(stored.channel.is_none());
        self.moved += usize::from(lines.windows(2).any(|w| w[0].version != w[1].version));
        self.events += lines.len();
        self.longest = self.longest.max(lines.len());
        *self.statuses.entry(stored.status.clone()).or_default() += 1;
    }

    /// What the rebuilt run wanted done, against what was done for the one that was lived.
    fn effects(&mut self, c: &Connection, stored: &Stored, effects: &[Effect], counted: &mut BTreeMap<String, i64>) {
        let (mut outside, mut said, mut notices, mut goals) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let mut jobs = Vec::new();
        for effect in effects {
            let seq = effect.seq.to_string();
            let json = |content: &Content| vec![seq.clone(), serde_json::to_string(content).unwrap()];
            match &effect.kind {
                kind if kind.is_external() => {
                    let payload = serde_json::to_string(kind).unwrap();
                    outside.push(vec![seq.clone(), effect.step.clone(), kind.name().to_owned(), payload]);
                    match kind {
                        EffectKind::Approve { title, details } => {
                            notices.push(vec![cut(title, 200), cut(details, 2000)])
                        }
                        _ => jobs.push(vec![seq.clone()]),
                    }
                }
                EffectKind::Send { content, .. } if stored.channel.as_deref() == Some("whatsapp") => {
                    said.extend(channels::whatsapp::limits::fit(content.clone(), "Choose").iter().map(json));
                }
                EffectKind::Send { content, .. } => said.push(json(content)),
                EffectKind::Notify { title, text, .. } => notices.push(vec![cut(title, 200), cut(text, 2000)]),
                EffectKind::Goal { name, value, .. } => goals.push(vec![seq, name.clone(), value.to_string()]),
                EffectKind::Count { name, by } => *counted.entry(name.clone()).or_default() += by,
                _ => {}
            }
        }
        self.outside += outside.len();
        self.inside += effects.len() - outside.len();
        self.messages += said.len();
        let id = stored.id;
        let same = |what: &str, built: Vec<Row>, sql: &str| assert_eq!(built, texts(c, sql, id), "{what} of run {id}");
        same(
            "effects",
            outside,
            "select cast(seq as text), step, kind, payload from effect where run_id = ?1 order by seq",
        );
        let queued =
            "select cast(payload ->> 'seq' as text) from job where kind = 'run.effect' and payload ->> 'run' = ?1
             order by payload ->> 'seq'";
        assert_eq!(jobs, texts(c, queued, id.to_string()), "jobs of run {id}");
        // An edit or a status changes a row, never what a run said; a sign on a message is told apart by its kind.
        same(
            "messages",
            said,
            "select cast(effect_seq as text), content from message where run_id = ?1
             and content ->> 'kind' <> 'reaction' order by seq",
        );
        same("notices", notices, "select title, text from notice where run_id = ?1 order by rowid");
        let stored_goals = texts(
            c,
            "select cast(effect_seq as text), name, cast(value as text) from goal where run_id = ?1 order by effect_seq",
            id,
        );
        assert_eq!(goals.len(), stored_goals.len(), "goals of run {id}");
        assert!(goals.iter().zip(&stored_goals).all(|(a, b)| a[..2] == b[..2]), "goals of run {id}");
        let expected = if stored.channel.as_deref() == Some("whatsapp") { "1" } else { "0" };
        let queued = texts(
            c,
            "select cast((select count(*) from outbox o where o.message_id = m.id) as text) from message m where m.run_id = ?1",
            id,
        );
        assert!(queued.iter().all(|row| row[0] == expected), "each message of run {id} is sent once");
    }

    pub(super) fn tell(&self) {
        println!(
            "{} runs built again ({} without a customer, {} moved to another version): {} events, the longest run {}, \
             {} steps of {} kinds, {} effects outside, {} inside, {} messages; {:?}",
            self.runs,
            self.without_customer,
            self.moved,
            self.events,
            self.longest,
            self.steps,
            self.kinds.len(),
            self.outside,
            self.inside,
            self.messages,
            self.statuses,
        );
    }

    /// Kinds of steps that no run came by. A comment is not on any way.
    pub(super) fn missed(&self, kinds: &[KindInfo]) -> Vec<&'static str> {
        kinds.iter().map(|k| k.name).filter(|name| !self.kinds.contains(name) && !self.unreachable(name)).collect()
    }

    #[expect(clippy::unused_self, reason = "reads better beside missed")]
    fn unreachable(&self, name: &str) -> bool {
        name == "comment"
    }
}

fn read<T: serde::de::DeserializeOwned>(json: &str, what: &str, stored: &Stored, lines: &[Line], n: usize) -> T {
    serde_json::from_str(json).unwrap_or_else(|e| {
        println!("run {} with {} events", stored.id, lines.len());
        panic!("the {what} of event {n} cannot be read again: {e}\n{json}")
    })
}

/// All there is to know for playing a run by hand.
fn tell(stored: &Stored, lines: &[Line], flow: &Compiled) {
    println!("run {} on {}", stored.id, stored.channel.as_deref().unwrap_or("no channel"));
    println!("definition {}", serde_json::to_string(flow.definition()).unwrap());
    for (n, line) in lines.iter().enumerate() {
        let entries: Value = serde_json::from_str(&line.entries).unwrap_or_default();
        println!("{n} event {}\n  context {}\n  entries {entries}", line.event, line.context);
    }
}
