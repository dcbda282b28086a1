//! Many bots and their customers on one file, moved on by the program's own transactions and nothing else.

use std::sync::Arc;
use std::time::Duration;

use base::id::{BotId, ChannelId, ConversationId, FlowVersionId, RunId, WorkspaceId};
use base::message::Content;
use base::net::Reach;
use base::{Clock, Result, Time, Vault};
use flow::{Definition, EffectKind, EventKind, KindInfo, Outcome};
use serde_json::json;

use super::made_up::{self, Dice};
use crate::channels::ChannelKind;
use crate::contacts::{Alias, AliasKind};
use crate::conversations::{self, MessageStatus, service};
use crate::inbound::{Inbound, Item};
use crate::runs::{self, EffectJob, journal};
use crate::versions::service::Move;
use crate::{Machine, Models, SampleBusiness, Timing, Workspace, bots, channels, versions};

/// A bot with a customer on each of its channels.
pub(super) struct Case {
    bot: BotId,
    definition: Definition,
    picks: Vec<(String, String)>,
    customers: Vec<Customer>,
}

struct Customer {
    channel: ChannelId,
    alias: Alias,
    /// What they wrote, by the provider's ids.
    wrote: Vec<String>,
    conversation: Option<ConversationId>,
}

/// One business, nothing of which runs by itself.
pub(super) struct World {
    pub(super) ws: Arc<Workspace>,
    clock: Clock,
    cases: Vec<Case>,
    items: u64,
    _folder: tempfile::TempDir,
}

impl World {
    pub(super) async fn open(dice: &mut Dice, kinds: &[KindInfo], first: usize, count: usize) -> World {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::manual(Time(1_772_000_000_000));
        let machine = Machine {
            data: folder.path().to_owned(),
            clock: clock.clone(),
            vault: Vault::open(&folder.path().join("secret.key")).unwrap(),
            models: Models::new(folder.path().join("models"), None),
            reach: Reach::Public,
            graph_url: String::new(),
            public_url: String::new(),
            timing: Timing::default(),
            tunnels: crate::Tunnels::default(),
            owners: crate::Owners::default(),
            cut_off: None,
            database: db::Options { min_free_bytes: 0, ..db::Options::default() },
            sample: SampleBusiness::default(),
            widget: bytes::Bytes::new(),
        };
        // Opened and not started: whatever happens, the test makes it happen.
        let ws = Workspace::open(&machine, WorkspaceId::fresh()).await.unwrap();
        let mut cases = Vec::new();
        for n in first..first + count {
            let definition = made_up::definition(dice, kinds, n % kinds.len());
            let debounce = *dice.of(&[0, 1200]);
            cases.push(Case::set_up(&ws, n, definition, debounce).await);
        }
        World { ws, clock, cases, items: 0, _folder: folder }
    }

    /// One round: customers, the outside world, the business's people, and time.
    pub(super) async fn round(&mut self, dice: &mut Dice) {
        self.customers_write(dice).await;
        self.settle().await;
        self.outside_answers(dice).await;
        self.people_step_in(dice).await;
        self.settle().await;
        let ms = *dice.of(&[500, 1_300, 20_000, 61_000, 3_600_000, 90_000_000]);
        self.clock.advance(Duration::from_millis(ms));
        self.settle().await;
    }

    /// Lets the worker do all that is due at this moment.
    async fn settle(&self) {
        for _ in 0..60 {
            if crate::inbound::pass(&self.ws).await.unwrap() > Duration::ZERO {
                return;
            }
        }
        let due = self.stuck().await;
        panic!("the worker found no rest: {due:?}");
    }

    async fn stuck(&self) -> Vec<(RunId, String, String)> {
        let now = self.clock.now();
        self.ws
            .db
            .read(move |c| {
                let mut found = Vec::new();
                for run in runs::store::due(c, now, 5)? {
                    let row = runs::store::get(c, run)?.unwrap();
                    found.push((run, row.state, bots::store::definition(c, row.flow_version_id)?));
                }
                Ok(found)
            })
            .await
            .unwrap()
    }

    async fn customers_write(&mut self, dice: &mut Dice) {
        let mut items = Vec::new();
        for case in &mut self.cases {
            for customer in &mut case.customers {
                let more = [1, 1, 1, 1, 2, 3, 0, 0][dice.below(8)];
                for _ in 0..more {
                    self.items += 1;
                    let id = format!("wamid.{}", self.items);
                    let inbound = customer.does(dice, &case.picks, &id, self.clock.now());
                    items.push(Item { channel: customer.channel, dedupe_key: id, inbound });
                }
            }
        }
        let channel = self.cases[0].customers[0].channel;
        crate::inbound::accept(&self.ws, channel, None, items, Vec::new()).await.unwrap();
        self.settle().await;
        for customer in self.cases.iter_mut().flat_map(|c| &mut c.customers).filter(|c| c.conversation.is_none()) {
            let (channel, alias) = (customer.channel, customer.alias.clone());
            let find = move |c: &db::rusqlite::Connection| match crate::contacts::store::find_by_alias(c, &alias)? {
                Some(contact) => Ok(conversations::store::find(c, channel, contact)?.map(|v| v.id)),
                None => Ok(None),
            };
            customer.conversation = self.ws.db.read(find).await.unwrap();
        }
    }

    /// Outcomes of effects, some late, some twice, some for runs that have gone on without them.
    async fn outside_answers(&self, dice: &mut Dice) {
        for _ in 0..2 {
            let pending: Vec<(RunId, i64, String)> = self
                .ws
                .db
                .read(|c| {
                    let mut statement = c.prepare("select run_id, seq, payload from effect where state = 'pending'")?;
                    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
                    Ok(rows.collect::<db::rusqlite::Result<_>>()?)
                })
                .await
                .unwrap();
            let mut given: Vec<(EffectJob, Outcome)> = Vec::new();
            for (run, seq, payload) in pending {
                if dice.one_in(4) {
                    continue;
                }
                let kind: EffectKind = serde_json::from_str(&payload).unwrap();
                let job = EffectJob { run, seq: seq.unsigned_abs() };
                if matches!(kind, EffectKind::Approve { .. }) {
                    given.push((job, Outcome::Decided { yes: dice.one_in(2) }));
                    continue;
                }
                let outcome = made_up::outcome(dice, &kind);
                if dice.one_in(8) {
                    given.push((job.clone(), made_up::outcome(dice, &kind)));
                }
                given.push((job, outcome));
            }
            // Side by side, as jobs end: one commit takes many.
            let each = given.into_iter().map(|(job, outcome)| {
                let ws = self.ws.clone();
                let cost = if job.seq % 3 == 0 { 0.1 + 0.2 } else { 0.0 };
                async move {
                    let inner = ws.clone();
                    ws.db.write(move |tx| runs::finish_effect(tx, &inner, &job, outcome, 1.5, cost)).await
                }
            });
            for done in futures::future::join_all(each).await {
                done.unwrap();
            }
            self.settle().await;
        }
    }

    /// Takes over, gives back, closes, begins, stops, goes on elsewhere, publishes.
    async fn people_step_in(&mut self, dice: &mut Dice) {
        for at in 0..self.cases.len() {
            if dice.one_in(12) {
                self.publish(dice, at).await;
            }
            if dice.one_in(12) {
                self.begin_alone(dice, at).await;
            }
            for customer in 0..self.cases[at].customers.len() {
                let Some(id) = self.cases[at].customers[customer].conversation else { continue };
                let (ws, what, some) = (self.ws.clone(), dice.below(30), dice.below(1000));
                let definition = self.cases[at].definition.clone();
                let act = move |tx: &db::Tx<'_>| step_in(tx, &ws, id, what, some, &definition);
                // Much of it is refused, such as a message after the window has closed; then it changes nothing.
                match self.ws.db.write(act).await {
                    Ok(()) => {}
                    Err(e) => assert_ne!(e.code, base::ErrorCode::Internal, "{e:?}"),
                }
            }
        }
    }

    async fn publish(&mut self, dice: &mut Dice, at: usize) {
        let case = &mut self.cases[at];
        case.definition = made_up::changed(dice, &case.definition);
        let (ws, bot, json) = (self.ws.clone(), case.bot, serde_json::to_string(&case.definition).unwrap());
        let open = *dice.of(&[Move::None, Move::Safe, Move::All]);
        self.ws
            .db
            .write(move |tx| {
                let id = bots::store::publish(tx, ws.clock.now(), bot, &json)?;
                versions::service::put_in_force(tx, &ws, bot, id, open, &[])
            })
            .await
            .unwrap();
    }

    /// A flow that no customer began, as a schedule or another program does.
    async fn begin_alone(&self, dice: &mut Dice, at: usize) {
        let case = &self.cases[at];
        let (flow, step) = made_up::beginning(&case.definition, dice.below(100));
        let kind = EventKind::Triggered { flow, step, data: made_up::value(dice, 4) };
        let (ws, bot) = (self.ws.clone(), case.bot);
        self.ws.db.write(move |tx| runs::begin_alone(tx, &ws, bot, kind)).await.unwrap();
    }
}

fn step_in(
    tx: &db::Tx<'_>,
    ws: &Workspace,
    id: ConversationId,
    what: usize,
    some: usize,
    definition: &Definition,
) -> Result<()> {
    let conversation = conversations::store::get(tx, id)?.unwrap();
    let main = &definition.flows[0];
    let place = (main.id.as_str(), main.steps[some % main.steps.len()].id.as_str());
    match (what, conversation.run_id) {
        (0, _) => {
            let (text, client) = (Content::text("I am here."), format!("hand-{some}"));
            service::reply_by_hand(tx, ws, id, "Sipho", &text, &client).map(drop)
        }
        (1, _) => service::take_over(tx, ws, &conversation),
        (2..9, _) if conversation.mode == conversations::Mode::Person => service::give_back(tx, ws, &conversation),
        (9, _) => service::resolve(tx, ws, &conversation),
        (10 | 11, _) => {
            let (flow, step) = made_up::beginning(definition, some);
            runs::trigger(tx, ws, &conversation, (&flow, &step), json!({ "by": "hand" })).map(drop)
        }
        (12, Some(run)) => journal::stop(tx, ws, run),
        (13, Some(run)) => journal::again(tx, ws, run, None).map(drop),
        (14, Some(run)) => journal::again(tx, ws, run, Some(&format!("{}/{}", place.0, place.1))).map(drop),
        // What the bot said arrives, so that it can be quoted.
        (15..20, _) => {
            let last = conversations::store::messages_before(tx, id, None, 1)?;
            let Some(last) = last.into_iter().find(|m| !m.incoming) else { return Ok(()) };
            let name = format!("out.{}", last.id);
            conversations::store::set_status(tx, last.id, MessageStatus::Sent, Some(&name), None)
        }
        _ => Ok(()),
    }
}

impl Case {
    async fn set_up(ws: &Arc<Workspace>, n: usize, definition: Definition, debounce_ms: u32) -> Case {
        let (json, now) = (serde_json::to_string(&definition).unwrap(), ws.clock.now());
        let inner = ws.clone();
        let (bot, channels) = ws
            .db
            .write(move |tx| {
                let bot = bots::service::create(tx, now, &format!("Bot {n}"), "", bots::Texts::default())?;
                let mut row = bots::store::expect(tx, bot)?;
                row.debounce_ms = debounce_ms;
                bots::store::update(tx, &row)?;
                let version: FlowVersionId = bots::store::publish(tx, now, bot, &json)?;
                versions::service::put_in_force(tx, &inner, bot, version, Move::None, &[])?;
                let mut ids = Vec::new();
                for kind in [ChannelKind::Whatsapp, ChannelKind::Webchat] {
                    let channel = channels::routes::new_channel(now, kind, bot, None);
                    channels::store::insert(tx, &channel)?;
                    ids.push((kind, channel.id));
                }
                Ok((bot, ids))
            })
            .await
            .unwrap();
        let customers = channels.into_iter().map(|(kind, channel)| {
            let alias = match kind {
                ChannelKind::Whatsapp => Alias { kind: AliasKind::Phone, value: format!("2782{n:07}") },
                ChannelKind::Webchat => Alias { kind: AliasKind::Visitor, value: format!("{n:064}") },
            };
            Customer { channel, alias, wrote: Vec::new(), conversation: None }
        });
        Case { bot, picks: made_up::picks(&definition), definition, customers: customers.collect() }
    }
}

impl Customer {
    fn does(&mut self, dice: &mut Dice, picks: &[(String, String)], id: &str, now: Time) -> Inbound {
        let earlier = (!self.wrote.is_empty()).then(|| dice.of(&self.wrote).clone());
        match (dice.below(14), earlier) {
            (0, Some(provider_id)) => {
                Inbound::Edit { provider_id, content: Content::text(made_up::words(dice)), at: now }
            }
            (1, Some(provider_id)) => Inbound::Revoke { provider_id, at: now },
            (_, earlier) => {
                self.wrote.push(id.to_owned());
                Inbound::Message {
                    from: vec![self.alias.clone()],
                    name: Some("Ana".into()),
                    provider_id: Some(id.to_owned()),
                    client_id: None,
                    content: made_up::content(dice, picks),
                    sent_at: now,
                    replied_to: earlier.filter(|_| dice.one_in(10)),
                    free_entry: dice.one_in(15),
                    quiet: dice.one_in(40),
                    extra: json!(null),
                }
            }
        }
    }
}
